#include "tests/integration/contract_client/book_checker.h"

#include <fmt/format.h>

#include <utility>

namespace switchyard::contract_client {
namespace {

using marketdata::v1::MarketDataEvent;

// Enough to see what is going on; a broken stream has thousands.
constexpr std::size_t kMostExamples = 10;

std::string ReasonText(common::v1::StaleReason reason) {
  return common::v1::StaleReason_Name(reason);
}

}  // namespace

void TopicStatistics::Merge(const TopicStatistics& other) {
  snapshots += other.snapshots;
  rest_snapshots += other.rest_snapshots;
  deltas += other.deltas;
  stales += other.stales;
  unknown_removals += other.unknown_removals;
  for (const auto& [reason, count] : other.stale_reasons) stale_reasons[reason] += count;
  for (const auto& [name, count] : other.violations) violations[name] += count;
  for (const std::string& example : other.examples) {
    if (examples.size() < kMostExamples) examples.push_back(example);
  }
  stale_ns.Merge(other.stale_ns);
  latency_ns.Merge(other.latency_ns);
}

std::uint64_t TopicStatistics::violation_count() const {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : violations) sum += count;
  return sum;
}

BookChecker::BookChecker(std::string topic, std::uint32_t granted_depth)
    : topic_(std::move(topic)), granted_depth_(granted_depth) {}

void BookChecker::OnEvent(const MarketDataEvent& event, const Clock& clock) {
  const std::uint64_t unknown_before = book_.unknown_removals();
  for (const auto& violation : book_.Apply(event)) {
    Report(std::string(clients::cli::ViolationName(violation.kind)), violation.what);
  }
  statistics_.unknown_removals += book_.unknown_removals() - unknown_before;
  if (event.depth() != granted_depth_) {
    Report("depth",
           fmt::format("an event of depth {} where {} is granted", event.depth(), granted_depth_));
  }
  switch (event.kind()) {
    case marketdata::v1::EVENT_KIND_STALE:
      ++statistics_.stales;
      ++statistics_.stale_reasons[ReasonText(event.reason())];
      if (!stale_since_) stale_since_ = clock.Steady();
      return;
    case marketdata::v1::EVENT_KIND_SNAPSHOT:
      ++statistics_.snapshots;
      if (event.source() == common::v1::SOURCE_REST) ++statistics_.rest_snapshots;
      if (stale_since_) statistics_.stale_ns.Add((clock.Steady() - *stale_since_).count());
      stale_since_.reset();
      break;
    default:
      ++statistics_.deltas;
  }
  // A snapshot may repeat what was received long ago; a delta is news.
  if (event.kind() == marketdata::v1::EVENT_KIND_DELTA && event.receive_time_ns() != 0) {
    statistics_.latency_ns.Add(clock.Now().value - event.receive_time_ns());
  }
}

void BookChecker::OnNewStream() {
  book_ = clients::cli::LocalBook();
  stale_since_.reset();
}

void BookChecker::Report(const std::string& name, const std::string& what) {
  ++statistics_.violations[name];
  if (statistics_.examples.size() < kMostExamples) {
    statistics_.examples.push_back(fmt::format("{}: {}: {}", topic_, name, what));
  }
}

}  // namespace switchyard::contract_client
