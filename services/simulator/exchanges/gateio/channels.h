#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "services/simulator/exchanges/gateio/instruments.h"

namespace switchyard::simulator::gateio {

// Public channels. Their names are "spot." or "futures." and the name below.
enum class Channel {
  kTickers,
  kTrades,
  kCandlesticks,
  kBookTicker,
  kBookUpdate,
  kBook,
  kObu,
  kContractStats,
  kPublicLiquidates,
};

struct ChannelName {
  Channel channel;
  std::string_view name;
  bool futures_only;
};

inline constexpr std::array kChannels = {
    ChannelName{Channel::kTickers, "tickers", false},
    ChannelName{Channel::kTrades, "trades", false},
    ChannelName{Channel::kCandlesticks, "candlesticks", false},
    ChannelName{Channel::kBookTicker, "book_ticker", false},
    ChannelName{Channel::kBookUpdate, "order_book_update", false},
    ChannelName{Channel::kBook, "order_book", false},
    ChannelName{Channel::kObu, "obu", false},
    ChannelName{Channel::kContractStats, "contract_stats", true},
    ChannelName{Channel::kPublicLiquidates, "public_liquidates", true},
};

// True for channels whose frames show bids and asks.
inline constexpr bool IsBook(Channel channel) {
  return channel == Channel::kBookUpdate || channel == Channel::kBook || channel == Channel::kObu ||
         channel == Channel::kBookTicker;
}

// Channels that need a signature.
inline constexpr std::array<std::string_view, 18> kPrivateChannels = {
    "orders",           "orders_v2",         "usertrades",
    "usertrades_v2",    "balances",          "priceorders",
    "margin_balances",  "funding_balances",  "cross_balances",
    "cross_loan",       "positions",         "liquidates",
    "auto_deleverages", "position_closes",   "reduce_risk_limits",
    "autoorders",       "position_adl_rank", "cross_priceorders",
};

inline constexpr std::string_view Prefix(Product product) {
  return product == Product::kSpot ? "spot." : "futures.";
}

// The channel of a full name such as "spot.trades"; empty if the product has no such public one.
inline std::optional<Channel> FindChannel(Product product, std::string_view full_name) {
  if (!full_name.starts_with(Prefix(product))) return std::nullopt;
  full_name.remove_prefix(Prefix(product).size());
  for (const ChannelName& row : kChannels) {
    if (row.name == full_name && (product == Product::kFutures || !row.futures_only)) {
      return row.channel;
    }
  }
  return std::nullopt;
}

inline bool IsPrivateChannel(Product product, std::string_view full_name) {
  if (!full_name.starts_with(Prefix(product))) return false;
  full_name.remove_prefix(Prefix(product).size());
  for (const std::string_view name : kPrivateChannels) {
    if (name == full_name) return true;
  }
  return false;
}

inline std::string FullName(Product product, Channel channel) {
  for (const ChannelName& row : kChannels) {
    if (row.channel == channel) return std::string(Prefix(product)) + std::string(row.name);
  }
  return {};
}

}  // namespace switchyard::simulator::gateio
