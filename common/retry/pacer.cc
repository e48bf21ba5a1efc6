#include "common/retry/pacer.h"

#include <algorithm>

namespace switchyard::retry {
namespace {

constexpr std::string_view kRate = "rate";

}  // namespace

Pacer::Pacer(const Pace& pace) : pace_(pace) {
  // An undefined limit does not limit; Define can fail only for a rate that is not wanted.
  if (pace_.per_window > 0) rate_.Define(kRate, {pace_.per_window, pace_.window, 0}).IgnoreError();
}

bool Pacer::TryStart(std::chrono::nanoseconds now) {
  if (in_flight_ >= pace_.max_in_flight) return false;
  if (!rate_.Acquire(kRate, Priority::kNormal, now).granted) return false;
  ++in_flight_;
  return true;
}

void Pacer::Finished() { in_flight_ = std::max(0, in_flight_ - 1); }

void Pacer::Reset() { in_flight_ = 0; }

std::chrono::nanoseconds Pacer::NextAt(std::chrono::nanoseconds now) {
  if (in_flight_ >= pace_.max_in_flight) return kNever;
  return rate_.NextAt(kRate, 1, Priority::kNormal, now);
}

}  // namespace switchyard::retry
