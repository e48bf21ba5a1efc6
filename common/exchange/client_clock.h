#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>

#include "common/exchange/io_thread.h"
#include "common/exchange/market_data_client.h"
#include "common/time/time.h"

namespace switchyard::exchange {

// How far the exchange's clock is ahead of ours, from its own server time: measured on a timer, and
// at once when the exchange refuses a timestamp. Of the samples of one measurement the one with the
// shortest round trip counts: it leaves the least room for error. Lives on the thread of its reads.
class ClientClock {
 public:
  struct Options {
    std::chrono::nanoseconds interval = std::chrono::seconds(60);
    // Taken one after another.
    int samples = 5;
  };
  // Asks the exchange for its time; the reply comes on the same thread.
  using ReadServerTime = std::function<void(Reply<TimeNs>)>;

  ClientClock(IoThread& thread, const Clock& clock, ReadServerTime read, Options options);

  // Measures now, and again every interval.
  void Start();
  // Hears what became of a request. BAD_TIMESTAMP: measures at once, unless it does so already.
  void Observe(const absl::Status& status);

  // Exchange's minus ours; 0 before the first measurement. The earlier one stays if one fails. Any
  // thread.
  std::chrono::nanoseconds offset() const { return std::chrono::nanoseconds(offset_.load()); }

 private:
  struct Sample {
    std::chrono::nanoseconds offset{0};
    std::chrono::nanoseconds round_trip{0};
  };

  void Measure();
  void TakeSample(int left);

  const Clock& clock_;
  const ReadServerTime read_;
  const Options options_;
  Timer timer_;
  bool measuring_ = false;
  std::optional<Sample> best_;  // of the measurement under way
  std::atomic<std::chrono::nanoseconds::rep> offset_{0};
};

}  // namespace switchyard::exchange
