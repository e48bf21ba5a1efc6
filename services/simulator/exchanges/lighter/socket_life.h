#pragma once

#include <cstdint>

namespace switchyard::simulator::lighter {

// When a socket is to be pinged and when it is cut. Times are the steady clock's.
class SocketLife {
 public:
  // Documented: a client that sends no frame for so long is cut, and every client after a day.
  static constexpr std::int64_t kSilenceNs = 120'000'000'000;
  static constexpr std::int64_t kMaximumAgeNs = 86'400'000'000'000;
  // Not documented; often enough that a client which answers pings is never silent.
  static constexpr std::int64_t kPingIntervalNs = 30'000'000'000;

  enum class Duty { kNone, kPing, kCut };

  explicit SocketLife(std::int64_t now_ns)
      : opened_ns_(now_ns), heard_ns_(now_ns), pinged_ns_(now_ns) {}

  void OnFrame(std::int64_t now_ns) { heard_ns_ = now_ns; }
  // What is due now; a ping is due once.
  Duty Look(std::int64_t now_ns) {
    if (now_ns - heard_ns_ >= kSilenceNs || now_ns - opened_ns_ >= kMaximumAgeNs) {
      return Duty::kCut;
    }
    if (now_ns - pinged_ns_ < kPingIntervalNs) return Duty::kNone;
    pinged_ns_ = now_ns;
    return Duty::kPing;
  }

 private:
  std::int64_t opened_ns_;
  std::int64_t heard_ns_;
  std::int64_t pinged_ns_;
};

}  // namespace switchyard::simulator::lighter
