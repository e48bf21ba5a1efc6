#include "services/order/risk/command_pacer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/status/status.h"

namespace switchyard::order::risk {

using retry::Permission;
using retry::Priority;

std::chrono::nanoseconds CommandPacer::GoesAt(const PacedCommand& command,
                                              std::chrono::nanoseconds now) {
  return limiter_.NextAt(command.limit, command.cost,
                         command.cancel ? Priority::kUrgent : Priority::kNormal, now);
}

absl::Status CommandPacer::Push(const PacedCommand& command, std::chrono::nanoseconds now) {
  const std::chrono::nanoseconds goes_at = GoesAt(command, now);
  if (goes_at == Permission::kNever) {
    return absl::InvalidArgumentError(
        fmt::format("rate limit {}: a command of cost {} never fits", command.limit, command.cost));
  }
  const std::size_t waiting =
      command.cancel ? waiting_cancels_ : waiting_.size() - waiting_cancels_;
  const std::size_t most = command.cancel ? options_.max_waiting_cancels : options_.max_waiting;
  const bool too_late = !command.cancel && goes_at - now > options_.max_wait;
  if (waiting >= most || too_late) {
    const std::chrono::nanoseconds delay = too_late ? goes_at - now : options_.max_wait;
    return WithRetryAfter(
        MakeError(absl::StatusCode::kResourceExhausted, common::v1::ERROR_REASON_RATE_LIMITED,
                  fmt::format("rate limit {}: {} commands wait, and the next may go in {} ms",
                              command.limit, waiting,
                              std::chrono::ceil<std::chrono::milliseconds>(goes_at - now).count())),
        delay);
  }
  const std::uint64_t arrival = next_arrival_++;
  waiting_[arrival] = {command, now};
  if (command.cancel) ++waiting_cancels_;
  std::set<std::uint64_t>& of_order = by_order_[command.order_key];
  of_order.insert(arrival);
  if (of_order.size() == 1) MakeReady(arrival);
  return absl::OkStatus();
}

void CommandPacer::MakeReady(std::uint64_t arrival) {
  const PacedCommand& command = waiting_.at(arrival).command;
  Lane& lane = lanes_[command.limit];
  (command.cancel ? lane.cancels : lane.others).insert(arrival);
}

PacedCommand CommandPacer::Remove(std::uint64_t arrival) {
  const auto at = waiting_.find(arrival);
  PacedCommand command = std::move(at->second.command);
  waiting_.erase(at);
  if (command.cancel) --waiting_cancels_;
  if (const auto lane = lanes_.find(command.limit); lane != lanes_.end()) {
    lane->second.cancels.erase(arrival);
    lane->second.others.erase(arrival);
    if (lane->second.cancels.empty() && lane->second.others.empty()) lanes_.erase(lane);
  }
  const auto of_order = by_order_.find(command.order_key);
  const bool was_first = *of_order->second.begin() == arrival;
  of_order->second.erase(arrival);
  if (of_order->second.empty()) {
    by_order_.erase(of_order);
  } else if (was_first) {
    MakeReady(*of_order->second.begin());
  }
  return command;
}

std::optional<std::uint64_t> CommandPacer::Next(bool cancels, std::chrono::nanoseconds now) {
  std::optional<std::uint64_t> next;
  for (const auto& [limit, lane] : lanes_) {
    const std::set<std::uint64_t>& ready = cancels ? lane.cancels : lane.others;
    if (ready.empty() || (next && *next < *ready.begin())) continue;
    if (GoesAt(waiting_.at(*ready.begin()).command, now) <= now) next = *ready.begin();
  }
  return next;
}

std::optional<PacedCommand> CommandPacer::Pop(std::chrono::nanoseconds now) {
  for (const bool cancels : {true, false}) {
    const std::optional<std::uint64_t> arrival = Next(cancels, now);
    if (!arrival) continue;
    PacedCommand command = Remove(*arrival);
    const retry::Charge charge{command.limit, command.cost};
    limiter_.Acquire(std::span(&charge, 1), cancels ? Priority::kUrgent : Priority::kNormal, now);
    return command;
  }
  return std::nullopt;
}

std::vector<PacedCommand> CommandPacer::TakeOverdue(std::chrono::nanoseconds now) {
  std::vector<PacedCommand> overdue;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    const auto& [arrival, waiting] = *at++;
    if (waiting.command.cancel) continue;
    // Later arrivals waited less.
    if (now - waiting.since < options_.max_wait) break;
    overdue.push_back(Remove(arrival));
  }
  return overdue;
}

std::vector<PacedCommand> CommandPacer::Withdraw(std::string_view order_key) {
  std::vector<PacedCommand> withdrawn;
  for (auto found = by_order_.find(order_key); found != by_order_.end();
       found = by_order_.find(order_key)) {
    withdrawn.push_back(Remove(*found->second.begin()));
  }
  return withdrawn;
}

std::optional<std::chrono::nanoseconds> CommandPacer::NextAt(std::chrono::nanoseconds now) {
  std::optional<std::chrono::nanoseconds> next;
  const auto consider = [&next](std::chrono::nanoseconds at) {
    next = next ? std::min(*next, at) : at;
  };
  for (const auto& [limit, lane] : lanes_) {
    for (const std::set<std::uint64_t>* ready : {&lane.cancels, &lane.others}) {
      if (!ready->empty()) consider(GoesAt(waiting_.at(*ready->begin()).command, now));
    }
  }
  for (const auto& [arrival, waiting] : waiting_) {
    if (waiting.command.cancel) continue;
    consider(waiting.since + options_.max_wait);
    break;
  }
  return next;
}

}  // namespace switchyard::order::risk
