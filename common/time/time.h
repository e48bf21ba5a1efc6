#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>

namespace switchyard {

// A moment: nanoseconds since 1970-01-01 00:00 UTC. 0 = not given.
struct TimeNs {
  std::int64_t value = 0;

  constexpr TimeNs() = default;
  constexpr TimeNs(std::int64_t nanoseconds) : value(nanoseconds) {}  // NOLINT: a unit, not a cast

  static constexpr TimeNs FromSeconds(std::int64_t seconds) { return {seconds * 1'000'000'000}; }
  static constexpr TimeNs FromMillis(std::int64_t millis) { return {millis * 1'000'000}; }
  static constexpr TimeNs FromMicros(std::int64_t micros) { return {micros * 1'000}; }

  // Whole units, rounded towards the past.
  constexpr std::int64_t Seconds() const { return FloorDivide(1'000'000'000); }
  constexpr std::int64_t Millis() const { return FloorDivide(1'000'000); }
  constexpr bool given() const { return value != 0; }

  friend constexpr auto operator<=>(TimeNs, TimeNs) = default;
  friend constexpr TimeNs operator+(TimeNs time, std::chrono::nanoseconds span) {
    return {time.value + span.count()};
  }
  friend constexpr TimeNs operator-(TimeNs time, std::chrono::nanoseconds span) {
    return {time.value - span.count()};
  }
  friend constexpr std::chrono::nanoseconds operator-(TimeNs left, TimeNs right) {
    return std::chrono::nanoseconds(left.value - right.value);
  }

 private:
  constexpr std::int64_t FloorDivide(std::int64_t unit) const {
    return value / unit - (value % unit < 0 ? 1 : 0);
  }
};

// Where time comes from; injected so that tests own it. Any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  // Wall clock.
  virtual TimeNs Now() const = 0;
  // Monotonic, from an arbitrary origin: for ages and timeouts.
  virtual std::chrono::nanoseconds Steady() const = 0;
};

// The machine's clocks; lives for the whole process.
const Clock& SystemClock();

// A clock that moves only when told. One thread.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimeNs start) : now_(start) {}
  TimeNs Now() const override { return now_; }
  std::chrono::nanoseconds Steady() const override { return steady_; }
  // Moves both clocks forward.
  void Advance(std::chrono::nanoseconds span) {
    now_ = now_ + span;
    steady_ += span;
  }

 private:
  TimeNs now_;
  std::chrono::nanoseconds steady_{0};
};

// "2026-01-02T03:04:05.123456Z", for logs and people.
std::string FormatUtc(TimeNs time);

}  // namespace switchyard
