#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "services/simulator/exchanges/lighter/listing.h"

namespace switchyard::simulator::lighter {

enum class Channel : std::uint8_t {
  kOrderBook,
  kTicker,
  kMarketStats,
  kSpotMarketStats,
  kTrade,
  kCandle,
  kHeight,
};

struct ChannelName {
  Channel channel;
  std::string_view name;
};

// Public channels by the name that subscriptions and faults use.
inline constexpr std::array kChannels = std::to_array<ChannelName>({
    {Channel::kOrderBook, "order_book"},
    {Channel::kTicker, "ticker"},
    {Channel::kMarketStats, "market_stats"},
    {Channel::kSpotMarketStats, "spot_market_stats"},
    {Channel::kTrade, "trade"},
    {Channel::kCandle, "candle"},
    {Channel::kHeight, "height"},
});

constexpr std::string_view NameOf(Channel channel) {
  for (const ChannelName& row : kChannels) {
    if (row.channel == channel) return row.name;
  }
  return {};
}

constexpr bool IsBook(Channel channel) {
  return channel == Channel::kOrderBook || channel == Channel::kTicker;
}

// One stream of frames that clients share.
struct TopicKey {
  Channel channel = Channel::kOrderBook;
  std::int64_t market_id = -1;  // -1 = of all, or of none
  std::string resolution;       // candles

  friend auto operator<=>(const TopicKey&, const TopicKey&) = default;
};

// The topic that a subscription names: "order_book/0", "market_stats/all", "candle/0/1m", "height".
// Empty: no such channel or market; `why` is then the exchange's message.
std::optional<TopicKey> ParseTopic(std::string_view text, const Listings& listings,
                                   std::string& why);

// Length of a candle in seconds; 0 = no such resolution.
std::int64_t ResolutionSeconds(std::string_view resolution);

}  // namespace switchyard::simulator::lighter
