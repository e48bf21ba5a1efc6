#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/simulator/delivery.h"
#include "services/simulator/exchanges/gateio/book_view.h"
#include "services/simulator/exchanges/gateio/channels.h"
#include "services/simulator/exchanges/gateio/listing.h"

namespace switchyard::simulator::gateio {

// What makes two subscriptions receive the same frames.
struct TopicKey {
  Channel channel;
  std::string symbol;
  int depth = 0;          // levels a side; 0 = all
  int interval_ms = 0;    // between pushes; 0 = at each event
  std::string parameter;  // candle interval; level text of futures.order_book_update
  bool decimal_sizes = false;

  friend auto operator<=>(const TopicKey&, const TopicKey&) = default;
};

// One stream of frames and who gets it.
struct Topic {
  TopicKey key;
  Listing* listing = nullptr;
  std::vector<Subscription*> subscriptions;
  bool changed = true;  // since the last push
  // Books: what subscribers have, and its id.
  ShownBook shown;
  std::uint64_t shown_id = 0;
  // Book ticker: best levels last pushed. Candles: start of the candle last pushed.
  ShownLevel best_bid{};
  ShownLevel best_ask{};
  std::int64_t candle_start_s = 0;
  // Wall clock of the last push.
  std::int64_t pushed_ns = 0;
};

// Length of a candle interval, "1m"; 0 = the exchange has no such one.
std::int64_t IntervalSeconds(std::string_view interval);

// What a subscribe payload asks for.
// Errors: InvalidArgument with the exchange's message.
absl::StatusOr<std::vector<TopicKey>> ParsePayload(const Symbols& symbols, Channel channel,
                                                   const std::vector<std::string>& payload,
                                                   bool decimal_sizes);

}  // namespace switchyard::simulator::gateio
