#include "services/simulator/replay/player.h"

#include <chrono>
#include <utility>

#include "services/simulator/clock.h"

namespace switchyard::simulator::replay {
namespace {

// An unpaced player looks again after this, so that the thread's other work has its turn.
constexpr std::int64_t kBreathNs = 200'000;
constexpr int kUnpacedBatch = 64;

}  // namespace

Player::Player(boost::asio::io_context& io, std::vector<std::int64_t> times_ns,
               std::function<void(std::size_t)> play, std::function<bool()> congested)
    : timer_(io),
      times_ns_(std::move(times_ns)),
      play_(std::move(play)),
      congested_(std::move(congested)) {}

void Player::Start(std::uint32_t speed_percent) {
  speed_percent_ = speed_percent;
  next_ = 0;
  started_ = true;
  start_ns_ = SteadyNowNs();
  Schedule();
}

void Player::Stop() {
  stopped_ = true;
  timer_.cancel();
}

std::int64_t Player::DueNs() const {
  if (speed_percent_ == 0) return SteadyNowNs() + (next_ == 0 ? 0 : kBreathNs);
  return start_ns_ + (times_ns_[next_] - times_ns_.front()) / speed_percent_ * 100;
}

void Player::Run() {
  int batch = 0;
  while (next_ < times_ns_.size()) {
    const bool due =
        speed_percent_ == 0 ? batch++ < kUnpacedBatch && !congested_() : DueNs() <= SteadyNowNs();
    if (!due) break;
    play_(next_++);
  }
  Schedule();
}

void Player::Schedule() {
  timer_.cancel();
  if (stopped_ || next_ >= times_ns_.size()) return;
  timer_.expires_at(std::chrono::steady_clock::time_point(std::chrono::nanoseconds(DueNs())));
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error && !stopped_) Run();
  });
}

}  // namespace switchyard::simulator::replay
