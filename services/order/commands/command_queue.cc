#include "services/order/commands/command_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "common/status/status.h"

namespace switchyard::order {
namespace {

using retry::Priority;
using std::chrono::nanoseconds;

// Of one lane at a time: the first refusal says when to go on, and comes within `kStep`.
constexpr std::size_t kAtOnce = 16;
constexpr std::chrono::milliseconds kStep{10};
constexpr std::chrono::milliseconds kShortestRetry{1};

}  // namespace

bool CommandQueue::HasCancels() const {
  return std::any_of(lanes_.begin(), lanes_.end(),
                     [](const auto& lane) { return lane.first.first == Priority::kUrgent; });
}

nanoseconds CommandQueue::HeldUntil(const Key& key) const {
  const auto& [priority, market] = key;
  nanoseconds until{0};
  if (priority == Priority::kNormal) {
    for (const auto& [lane, may_come_back] : handed_out_) {
      const bool before_it = lane == key || lane.first == Priority::kUrgent;
      if (before_it) until = std::max(until, may_come_back);
    }
  } else if (market.empty()) {
    for (const auto& [other, lane] : lanes_) {
      if (other.first == Priority::kUrgent) until = std::max(until, lane.not_before);
    }
  }
  return until;
}

bool CommandQueue::MustWait(Priority priority, const std::string& market, nanoseconds now) const {
  const Key key(priority, market);
  if (lanes_.contains(key)) return true;
  const bool behind_cancels = priority == Priority::kNormal || market.empty();
  return (behind_cancels && HasCancels()) || now < HeldUntil(key);
}

absl::Status CommandQueue::OutOfTime(nanoseconds retry_after) const {
  const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(bounds_.wait);
  return WithRetryAfter(
      MakeError(
          absl::StatusCode::kResourceExhausted, common::v1::ERROR_REASON_RATE_LIMITED,
          fmt::format("not sent: the exchange's limit leaves no room within {} ms", wait.count())),
      std::max<nanoseconds>(retry_after, kShortestRetry));
}

absl::Status CommandQueue::Full(nanoseconds retry_after) const {
  return WithRetryAfter(
      MakeError(absl::StatusCode::kResourceExhausted, common::v1::ERROR_REASON_RATE_LIMITED,
                fmt::format("not sent: {} commands wait for the exchange's limit already", size_)),
      std::max<nanoseconds>(retry_after, kShortestRetry));
}

CommandQueue::Command CommandQueue::TakeOut(Lanes::iterator lane,
                                            std::map<std::uint64_t, Command>::iterator command) {
  Command out = std::move(command->second);
  lane->second.commands.erase(command);
  if (lane->second.commands.empty()) lanes_.erase(lane);
  --size_;
  return out;
}

std::optional<CommandQueue::Command> CommandQueue::TakeYoungest(std::uint64_t arrival) {
  auto youngest = lanes_.end();
  for (auto lane = lanes_.begin(); lane != lanes_.end(); ++lane) {
    if (lane->first.first == Priority::kUrgent) continue;
    const bool younger = youngest == lanes_.end() || lane->second.commands.rbegin()->first >
                                                         youngest->second.commands.rbegin()->first;
    if (younger) youngest = lane;
  }
  if (youngest == lanes_.end() || youngest->second.commands.rbegin()->first <= arrival) {
    return std::nullopt;
  }
  return TakeOut(youngest, std::prev(youngest->second.commands.end()));
}

void CommandQueue::Wait(Command command, nanoseconds delay, nanoseconds now) {
  if (!refusal_.ok() && (refuses_cancels_ || command.priority == Priority::kNormal)) {
    return command.give_up(refusal_);
  }
  const Key key(command.priority, command.market);
  const auto found = lanes_.find(key);
  const nanoseconds not_before =
      std::max({now + delay, HeldUntil(key),
                found == lanes_.end() ? nanoseconds(0) : found->second.not_before});
  if (not_before >= DeadlineOf(command)) {
    return command.give_up(OutOfTime(not_before - now));
  }
  std::optional<Command> put_out;
  if (size_ >= bounds_.limit) {
    put_out = TakeYoungest(command.priority == Priority::kUrgent ? 0 : command.slot.arrival);
    if (!put_out.has_value()) return command.give_up(Full(not_before - now));
  }
  Lane& lane = lanes_[key];
  lane.not_before = not_before;
  const std::uint64_t arrival = command.slot.arrival;
  lane.commands.emplace(arrival, std::move(command));
  ++size_;
  if (put_out.has_value()) put_out->give_up(Full(not_before - now));
}

std::optional<CommandQueue::Command> CommandQueue::Withdraw(std::uint64_t order) {
  for (auto lane = lanes_.begin(); lane != lanes_.end(); ++lane) {
    if (lane->first.first == Priority::kUrgent) continue;
    auto& commands = lane->second.commands;
    for (auto command = commands.begin(); command != commands.end(); ++command) {
      if (command->second.order == order) return TakeOut(lane, command);
    }
  }
  return std::nullopt;
}

void CommandQueue::GiveUpLate(nanoseconds now) {
  std::vector<std::pair<Command, nanoseconds>> late;
  for (auto lane = lanes_.begin(); lane != lanes_.end();) {
    const auto here = lane++;  // an empty one goes
    const nanoseconds not_before = here->second.not_before;
    // Within a lane who came first is late first.
    for (auto left = here->second.commands.size(); left > 0; --left) {
      const auto oldest = here->second.commands.begin();
      if (now < DeadlineOf(oldest->second)) break;
      late.emplace_back(TakeOut(here, oldest), not_before);
    }
  }
  for (const auto& [command, not_before] : late) command.give_up(OutOfTime(not_before - now));
}

void CommandQueue::Run(nanoseconds now) {
  GiveUpLate(now);
  std::erase_if(handed_out_, [now](const auto& lane) { return lane.second <= now; });
  const Priority turn = HasCancels() ? Priority::kUrgent : Priority::kNormal;
  std::vector<Command> due;
  for (auto lane = lanes_.begin(); lane != lanes_.end();) {
    const auto here = lane++;
    if (here->first.first != turn || now < here->second.not_before) continue;
    here->second.not_before = now + kStep;
    handed_out_[here->first] = now + kStep;
    for (auto left = std::min(kAtOnce, here->second.commands.size()); left > 0; --left) {
      due.push_back(TakeOut(here, here->second.commands.begin()));
    }
  }
  // Nothing overtakes cancellations whose refusal is still to come.
  if (turn == Priority::kUrgent && !due.empty()) {
    for (auto& [key, lane] : lanes_) lane.not_before = std::max(lane.not_before, now + kStep);
  }
  std::sort(due.begin(), due.end(), [](const Command& one, const Command& other) {
    return one.slot.arrival < other.slot.arrival;
  });
  for (const Command& command : due) command.send();
}

void CommandQueue::Refuse(const absl::Status& why, bool cancels_too) {
  refusal_ = why;
  refuses_cancels_ = cancels_too;
  std::vector<Command> refused;
  for (auto lane = lanes_.begin(); lane != lanes_.end();) {
    const auto here = lane++;
    if (here->first.first == Priority::kUrgent && !cancels_too) continue;
    for (auto left = here->second.commands.size(); left > 0; --left) {
      refused.push_back(TakeOut(here, here->second.commands.begin()));
    }
  }
  for (const Command& command : refused) command.give_up(why);
}

std::optional<nanoseconds> CommandQueue::NextAt() const {
  std::optional<nanoseconds> next;
  const auto sooner = [&next](nanoseconds at) { next = next ? std::min(*next, at) : at; };
  const Priority turn = HasCancels() ? Priority::kUrgent : Priority::kNormal;
  for (const auto& [key, lane] : lanes_) {
    if (key.first == turn) sooner(lane.not_before);
    sooner(DeadlineOf(lane.commands.begin()->second));
  }
  return next;
}

}  // namespace switchyard::order
