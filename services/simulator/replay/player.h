#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace switchyard::simulator::replay {

// Plays records in their order, at a share of their recorded pace. I/O thread only.
class Player {
 public:
  // Record `i` was recorded at times_ns[i]; `play` is called with `i`. `congested` says that
  // readers lag: unpaced playing then waits. `io` must outlive the player.
  Player(boost::asio::io_context& io, std::vector<std::int64_t> times_ns,
         std::function<void(std::size_t)> play, std::function<bool()> congested);

  // Begins from the first record. 100 = as recorded, 0 = as fast as readers take it.
  void Start(std::uint32_t speed_percent);
  void Stop();
  // Records played since the latest start.
  std::size_t played() const { return next_; }
  bool started() const { return started_; }

 private:
  void Run();
  void Schedule();
  // When the next record is due, steady clock.
  std::int64_t DueNs() const;

  boost::asio::steady_timer timer_;
  const std::vector<std::int64_t> times_ns_;
  const std::function<void(std::size_t)> play_;
  const std::function<bool()> congested_;
  std::size_t next_ = 0;
  std::uint32_t speed_percent_ = 100;
  std::int64_t start_ns_ = 0;
  bool started_ = false;
  bool stopped_ = false;
};

}  // namespace switchyard::simulator::replay
