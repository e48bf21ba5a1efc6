#include "services/simulator/flow_driver.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace switchyard::simulator {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
// An unpaced flow looks again after this when readers lag.
constexpr std::int64_t kCongestedWaitNs = 200'000;
constexpr std::int64_t kUnreadPeriodNs = 10'000'000;

}  // namespace

FlowDriver::FlowDriver(boost::asio::io_context& io, const ExchangeClock& clock, Readers readers)
    : clock_(clock), readers_(std::move(readers)), timer_(io) {}

void FlowDriver::Add(engine::Market& market, std::uint32_t steps_per_second) {
  flows_.push_back({&market, 0, 0});
  SetRate(market, steps_per_second);
}

void FlowDriver::SetRate(const engine::Market& market, std::uint32_t steps_per_second) {
  const std::int64_t now = SteadyNowNs();
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    Flow& flow = flows_[i];
    if (flow.market != &market) continue;
    flow.rate = steps_per_second;
    // Flows of one rate do not all fire together.
    const std::int64_t period = steps_per_second == 0 ? 0 : kSecondNs / steps_per_second;
    flow.next_ns = now + period * static_cast<std::int64_t>(i % 16) / 16;
  }
  Schedule();
}

void FlowDriver::Stop() {
  stopped_ = true;
  timer_.cancel();
}

void FlowDriver::Run() {
  const std::int64_t start = SteadyNowNs();
  std::int64_t now = start;
  for (Flow& flow : flows_) {
    if (flow.rate == 0) continue;
    if (flow.rate == kUnpaced) {
      while (now - start < kMaximumRunNs && !UnpacedWaits()) {
        flow.market->Step(clock_.NowNs());
        now = SteadyNowNs();
      }
      flow.next_ns = now + (UnpacedWaits() ? kCongestedWaitNs : 0);
      continue;
    }
    const std::int64_t period = std::max<std::int64_t>(1, kSecondNs / flow.rate);
    flow.next_ns = std::max(flow.next_ns, now - kMaximumDebtNs);
    while (flow.next_ns <= now && SteadyNowNs() - start < kMaximumRunNs) {
      flow.market->Step(clock_.NowNs());
      flow.next_ns += period;
    }
  }
  // Another market is first the next time, so that a full run starves none.
  if (flows_.size() > 1) std::rotate(flows_.begin(), flows_.begin() + 1, flows_.end());
  Schedule();
}

void FlowDriver::Schedule() {
  std::int64_t next = std::numeric_limits<std::int64_t>::max();
  for (const Flow& flow : flows_) {
    if (flow.rate != 0) next = std::min(next, flow.next_ns);
  }
  const bool flowing = next != std::numeric_limits<std::int64_t>::max();
  // Even steps are for readers; without any, a few wake-ups make them all.
  if (!readers_.present()) next = std::max(next, SteadyNowNs() + kUnreadPeriodNs);
  timer_.cancel();
  if (stopped_ || !flowing) return;
  timer_.expires_at(std::chrono::steady_clock::time_point(std::chrono::nanoseconds(next)));
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error && !stopped_) Run();
  });
}

}  // namespace switchyard::simulator
