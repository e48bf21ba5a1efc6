#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "common/metrics/metrics.h"

namespace switchyard::exchange {

// What every handler of frames counts, for one exchange and one side ("public", "private").
// References live as long as the Metrics.
class MessageCounters {
 public:
  // `kinds`: one counter a kind of message, in the order of the handler's enumeration.
  MessageCounters(metrics::Metrics& metrics, std::string_view exchange, std::string_view side,
                  std::span<const std::string_view> kinds);

  void Received(std::size_t kind, std::size_t bytes) {
    kinds_[kind]->Increment();
    bytes_.Increment(bytes);
  }
  // From frame to what it led to: parsed, applied, encoded, queued.
  void Took(std::chrono::nanoseconds span) { handling_.Observe(span); }
  void ParseError() { parse_errors_.Increment(); }

 private:
  std::vector<metrics::Counter*> kinds_;
  metrics::Counter& bytes_;
  metrics::Counter& parse_errors_;
  metrics::Histogram& handling_;
};

}  // namespace switchyard::exchange
