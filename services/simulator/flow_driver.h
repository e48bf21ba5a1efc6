#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "services/simulator/clock.h"
#include "services/simulator/engine/market.h"

namespace switchyard::simulator {

// Steps markets at their rates. Steps are evenly spaced; what a busy thread cannot make is made up
// for within kMaximumDebtNs and dropped beyond. I/O thread only.
class FlowDriver {
 public:
  // As fast as the thread, and those who read, allow.
  static constexpr std::uint32_t kUnpaced = std::numeric_limits<std::uint32_t>::max();

  // What the driver asks about those who read.
  struct Readers {
    std::function<bool()> present;
    // Some lag: unpaced markets then wait.
    std::function<bool()> congested;
  };

  // All must outlive the driver.
  FlowDriver(boost::asio::io_context& io, const ExchangeClock& clock, Readers readers);

  // The market must outlive the driver.
  void Add(engine::Market& market, std::uint32_t steps_per_second);
  // 0 = stop.
  void SetRate(const engine::Market& market, std::uint32_t steps_per_second);
  void Stop();

 private:
  static constexpr std::int64_t kMaximumDebtNs = 100'000'000;
  // How long steps may hold up the thread's other work.
  static constexpr std::int64_t kMaximumRunNs = 2'000'000;

  struct Flow {
    engine::Market* market;
    std::uint32_t rate;
    std::int64_t next_ns;  // steady clock
  };

  void Run();
  void Schedule();
  bool UnpacedWaits() const { return !readers_.present() || readers_.congested(); }

  const ExchangeClock& clock_;
  const Readers readers_;
  boost::asio::steady_timer timer_;
  std::vector<Flow> flows_;
  bool stopped_ = false;
};

}  // namespace switchyard::simulator
