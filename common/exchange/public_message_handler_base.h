#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/exchange/message_counters.h"
#include "common/log/log.h"
#include "common/time/time.h"

namespace switchyard::exchange {

// What a public frame is, as far as routing goes.
enum class PublicMessage : std::uint8_t {
  kOrderBook,
  kTrade,
  kTicker,  // also best bid and offer, candles, mark prices: whatever replaces its predecessor
  kPing,    // an exchange's own ping or pong
  kSubscribe,
  kUnknown,
};

inline constexpr std::string_view kPublicMessageNames[] = {"order_book", "trade",     "ticker",
                                                           "ping",       "subscribe", "unknown"};

// Detects, routes, counts, times and reports the public frames of an exchange; written once.
// Derived says what a parsed frame is (Detect) and has a handler per kind: OnData (books, trades,
// tickers), OnAnswer (subscriptions), OnPong. Every kind is routed; an unknown one is counted and
// sampled to the log. Connection thread.
template <typename Derived>
class PublicMessageHandlerBase {
 public:
  PublicMessageHandlerBase(metrics::Metrics& metrics, const Clock& clock, std::string_view exchange)
      : counters_(metrics, exchange, "public", kPublicMessageNames),
        clock_(clock),
        exchange_(exchange),
        samples_(clock, std::chrono::seconds(10)) {}

  // `parse` fills the parsed form; `delivery` holds it with what came along.
  template <typename Parse, typename Push, typename Delivery>
  void Handle(Derived& derived, std::string_view frame, Parse parse, const Push& push,
              const Delivery& delivery) {
    const std::chrono::nanoseconds begin = clock_.Steady();
    if (absl::Status parsed = parse(); !parsed.ok()) {
      counters_.ParseError();
      samples_.Log(log::Level::kWarning, "frame_not_understood",
                   {{"exchange", exchange_}, {"error", parsed}, {"frame", frame.substr(0, 200)}});
      return;
    }
    const PublicMessage kind = derived.Detect(push);
    counters_.Received(static_cast<std::size_t>(kind), frame.size());
    switch (kind) {
      case PublicMessage::kOrderBook:
      case PublicMessage::kTrade:
      case PublicMessage::kTicker:
        derived.OnData(delivery);
        break;
      case PublicMessage::kSubscribe:
        derived.OnAnswer(delivery);
        break;
      case PublicMessage::kPing:
        derived.OnPong(delivery);
        break;
      case PublicMessage::kUnknown:
        samples_.Log(log::Level::kInfo, "frame_of_unknown_kind",
                     {{"exchange", exchange_}, {"frame", frame.substr(0, 200)}});
        break;
    }
    counters_.Took(clock_.Steady() - begin);
  }

 private:
  MessageCounters counters_;
  const Clock& clock_;
  const std::string exchange_;
  log::SampledLog samples_;
};

}  // namespace switchyard::exchange
