#include "services/simulator/delivery.h"

#include <algorithm>
#include <memory>

#include "services/simulator/clock.h"

namespace switchyard::simulator {
namespace {

// The first third: never valid JSON, yet valid UTF-8, or clients would fail at the WebSocket.
std::string Truncated(const std::string& frame) {
  std::size_t end = frame.size() / 3;
  while (end > 0 && (static_cast<unsigned char>(frame[end]) & 0xc0) == 0x80) --end;
  return frame.substr(0, end);
}

}  // namespace

Delivery::Delivery(std::string exchange, faults::FaultTable& faults, FrameForger& forger)
    : exchange_(std::move(exchange)), faults_(faults), forger_(forger) {}

void Delivery::DeliverStruck(Subscription& subscription, transport::Frame frame) {
  if (subscription.silent) return;
  const faults::FrameFate fate = faults_.JudgeFrame(exchange_, subscription.channel,
                                                    subscription.symbol, subscription.is_book);
  if (fate.drop) return;
  if (fate.cross) {
    frame = std::make_shared<const std::string>(forger_.Crossed(subscription, *frame));
  }
  if (fate.malformed) frame = std::make_shared<const std::string>(Truncated(*frame));
  if (fate.hold && subscription.held == nullptr) {
    subscription.held = std::move(frame);
    subscription.held_ns = SteadyNowNs();
    waiting_.insert(&subscription);
    return;
  }
  Queue(subscription, frame, fate.delay_ms);
  if (fate.duplicate) Queue(subscription, std::move(frame), fate.delay_ms);
  if (fate.accompany) {
    Queue(subscription, std::make_shared<const std::string>(forger_.Unknown()), fate.delay_ms);
  }
  if (subscription.held != nullptr) Queue(subscription, std::move(subscription.held), 0);
}

void Delivery::Queue(Subscription& subscription, transport::Frame frame, std::int64_t delay_ms) {
  auto& delayed = subscription.delayed;
  if (delay_ms == 0 && delayed.empty()) {
    Send(subscription, std::move(frame));
    return;
  }
  // In order: never before the one ahead.
  std::int64_t due_ns = SteadyNowNs() + delay_ms * 1'000'000;
  if (!delayed.empty()) due_ns = std::max(due_ns, delayed.back().due_ns);
  delayed.push_back({due_ns, std::move(frame)});
  waiting_.insert(&subscription);
}

void Delivery::OnTick(std::int64_t steady_now_ns) {
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    Subscription& subscription = **it;
    if (subscription.held != nullptr && steady_now_ns - subscription.held_ns >= kMaximumHoldNs) {
      Send(subscription, std::move(subscription.held));
    }
    auto& delayed = subscription.delayed;
    while (!delayed.empty() && delayed.front().due_ns <= steady_now_ns) {
      Send(subscription, std::move(delayed.front().frame));
      delayed.pop_front();
    }
    it = subscription.held == nullptr && delayed.empty() ? waiting_.erase(it) : std::next(it);
  }
}

void Delivery::ReleaseHeld() {
  for (Subscription* subscription : waiting_) {
    if (subscription->held != nullptr) Queue(*subscription, std::move(subscription->held), 0);
  }
}

}  // namespace switchyard::simulator
