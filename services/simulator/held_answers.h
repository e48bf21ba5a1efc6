#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <utility>

namespace switchyard::simulator {

// Answers that wait: what a fault holds back for a while, or for good. I/O thread only.
class HeldAnswers {
 public:
  // `io` must outlive it.
  explicit HeldAnswers(boost::asio::io_context& io) : io_(io) {}

  // Calls `answer` after a while, unless Clear comes first.
  void After(std::int64_t delay_ms, std::function<void()> answer) {
    const auto timer = std::make_shared<boost::asio::steady_timer>(io_);
    timers_.insert(timer);
    timer->expires_after(std::chrono::milliseconds(delay_ms));
    timer->async_wait([this, timer, answer = std::move(answer)](boost::system::error_code error) {
      if (error) return;
      timers_.erase(timer);
      answer();
    });
  }
  // Drops all, so that the io_context runs out of work.
  void Clear() {
    for (const auto& timer : timers_) timer->cancel();
    timers_.clear();
  }

 private:
  boost::asio::io_context& io_;
  std::set<std::shared_ptr<boost::asio::steady_timer>> timers_;
};

}  // namespace switchyard::simulator
