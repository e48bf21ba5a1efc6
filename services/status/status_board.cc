#include "services/status/status_board.h"

#include <algorithm>
#include <utility>

namespace switchyard::status {
namespace {

bool SameStates(const exchange::ClientStatus& left, const exchange::ClientStatus& right) {
  return left.ready == right.ready &&
         std::equal(left.connections.begin(), left.connections.end(), right.connections.begin(),
                    right.connections.end(), [](const auto& one, const auto& other) {
                      return one.name == other.name && one.state == other.state &&
                             one.reconnects == other.reconnects;
                    });
}

}  // namespace

void StatusBoard::Add(Subject subject) {
  Entry entry;
  if (!subject.connects()) {
    entry.report.status.ready = true;
    entry.report.version = 1;
  }
  subjects_.push_back(std::move(subject));
  const std::lock_guard lock(mutex_);
  entries_.push_back(std::move(entry));
}

void StatusBoard::Poll() {
  for (std::size_t i = 0; i < subjects_.size(); ++i) {
    if (!subjects_[i].connects()) continue;
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(entries_[i].asked, true)) continue;
    }
    subjects_[i].GetStatus([this, i](auto status) { Update(i, std::move(status)); });
  }
}

Report StatusBoard::Read(std::size_t subject) const {
  const std::lock_guard lock(mutex_);
  return entries_[subject].report;
}

void StatusBoard::Update(std::size_t subject, absl::StatusOr<exchange::ClientStatus> status) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[subject];
  entry.asked = false;
  // A client that cannot tell is not ready.
  exchange::ClientStatus known = status.ok() ? *std::move(status) : exchange::ClientStatus{};
  if (entry.report.version == 0 || !SameStates(entry.report.status, known)) {
    ++entry.report.version;
  }
  entry.report.status = std::move(known);
}

}  // namespace switchyard::status
