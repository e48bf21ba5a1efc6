#include "common/exchange/client_clock.h"

#include <utility>

#include "common/status/status.h"

namespace switchyard::exchange {

ClientClock::ClientClock(IoThread& thread, const Clock& clock, ReadServerTime read, Options options)
    : clock_(clock), read_(std::move(read)), options_(options), timer_(thread) {}

void ClientClock::Start() {
  timer_.Start(options_.interval, [this] { Start(); });
  Measure();
}

void ClientClock::Observe(const absl::Status& status) {
  if (!status.ok() && ReasonOf(status) == common::v1::ERROR_REASON_BAD_TIMESTAMP) Measure();
}

void ClientClock::Measure() {
  if (std::exchange(measuring_, true)) return;
  best_.reset();
  TakeSample(options_.samples);
}

void ClientClock::TakeSample(int left) {
  if (left == 0) {
    measuring_ = false;
    if (best_) offset_.store(best_->offset.count());
    return;
  }
  const TimeNs asked = clock_.Now();
  const std::chrono::nanoseconds begin = clock_.Steady();
  read_([this, left, asked, begin](absl::StatusOr<TimeNs> server) {
    // One that fails is not repeated: the exchange may be out of reach, or its limit used up.
    if (!server.ok()) return TakeSample(0);
    const std::chrono::nanoseconds round_trip = clock_.Steady() - begin;
    // Both ways are taken to last equally long.
    const Sample sample{*server - asked - round_trip / 2, round_trip};
    if (!best_ || sample.round_trip < best_->round_trip) best_ = sample;
    TakeSample(left - 1);
  });
}

}  // namespace switchyard::exchange
