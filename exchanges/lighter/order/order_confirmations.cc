#include "exchanges/lighter/order/order_confirmations.h"

#include <utility>
#include <vector>

#include "exchanges/lighter/private/transaction_lane.h"

namespace switchyard::exchanges::lighter {

using exchange::CommandFate;
using exchange::CommandResult;

namespace {

constexpr std::string_view kStopped = "the client was stopped";

}  // namespace

OrderConfirmations::Done OrderConfirmations::Expect(std::string what, Shows shows, Done done) {
  const std::uint64_t id = ++last_id_;
  Awaited& awaited = awaited_[id];
  awaited.what = std::move(what);
  awaited.shows = std::move(shows);
  awaited.done = std::move(done);
  return [this, id](CommandResult result) { Settle(id, std::move(result)); };
}

void OrderConfirmations::Settle(std::uint64_t id, CommandResult result) {
  const auto found = awaited_.find(id);
  if (found == awaited_.end()) return;
  const bool confirmed = result.fate == CommandFate::kConfirmed;
  found->second.result = std::move(result);
  found->second.deadline = clock_.Steady() + wait_;
  if (!confirmed) found->second.shown.reset();  // the listener has had it
  const bool may_show = confirmed && subscribed_ && !found->second.shown;
  if (may_show && !closed_) return;
  Entry entry = awaited_.extract(found);
  may_show ? GiveUp(std::move(entry), kStopped) : Finish(std::move(entry));
}

void OrderConfirmations::Finish(Entry entry) {
  Awaited& awaited = entry.mapped();
  CommandResult result = *std::move(awaited.result);
  result.report = std::move(awaited.shown);
  awaited.done(std::move(result));
}

void OrderConfirmations::GiveUp(Entry entry, std::string_view why) {
  CommandResult& result = *entry.mapped().result;
  result.fate = CommandFate::kUnknown;
  result.status = OutcomeUnknown(entry.mapped().what, why);
  Finish(std::move(entry));
}

void OrderConfirmations::OnOrder(const model::OrderReport& report) {
  listener_->OnOrder(report);
  std::vector<std::uint64_t> shown;
  for (auto& [id, awaited] : awaited_) {
    if (!awaited.shows(report)) continue;
    awaited.shown = report;
    if (awaited.result) shown.push_back(id);
  }
  // Whoever hears of it may give the next command.
  for (const std::uint64_t id : shown) {
    if (Entry entry = awaited_.extract(id)) Finish(std::move(entry));
  }
}

void OrderConfirmations::OnPrivateStreamReady() {
  subscribed_ = true;
  listener_->OnPrivateStreamReady();
}

void OrderConfirmations::OnPrivateStreamLost(const absl::Status& why) {
  subscribed_ = false;
  listener_->OnPrivateStreamLost(why);
}

void OrderConfirmations::Tick() {
  const std::chrono::nanoseconds now = clock_.Steady();
  std::vector<std::uint64_t> late;
  for (const auto& [id, awaited] : awaited_) {
    if (awaited.result && awaited.deadline <= now) late.push_back(id);
  }
  for (const std::uint64_t id : late) {
    if (Entry entry = awaited_.extract(id)) {
      GiveUp(std::move(entry), "it was queued, and its order does not show it");
    }
  }
}

void OrderConfirmations::Close() {
  closed_ = true;
  std::vector<std::uint64_t> waiting;
  for (const auto& [id, awaited] : awaited_) {
    if (awaited.result) waiting.push_back(id);
  }
  for (const std::uint64_t id : waiting) {
    if (Entry entry = awaited_.extract(id)) GiveUp(std::move(entry), kStopped);
  }
}

}  // namespace switchyard::exchanges::lighter
