#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "common/exchange/capabilities.h"

// What Gate.io can do, over which path, for each of its two ids.
namespace switchyard::exchanges::gateio {

inline constexpr std::string_view kSpotId = "gateio";
inline constexpr std::string_view kFuturesId = "gateio_futures";

namespace tables {

inline constexpr std::array<std::uint32_t, 3> kBookDepths = {10, 20, 50};
inline constexpr std::array<std::uint32_t, 11> kCandleIntervals = {
    10, 60, 300, 900, 1'800, 3'600, 14'400, 28'800, 86'400, 604'800, 2'592'000};

// Source: API v4, "Rate limits".
inline constexpr exchange::LimitText kSpotLimits[] = {
    {"public REST", "200 per 10 s per endpoint and address"},
    {"connections", "300 per address"},
};
inline constexpr exchange::LimitText kFuturesLimits[] = {
    {"public REST", "200 per 10 s per endpoint and address"},
    {"connections", "300 per address"},
};

inline constexpr std::string_view kClientIdForm =
    "sent as `t-` and at most 28 bytes of [0-9A-Za-z_.-]; usable as an id while the order is open";

// What both products offer alike.
constexpr exchange::Capabilities Common() {
  using exchange::Path;
  exchange::Capabilities table;
  table.api_version = "v4";
  table.list_instruments = Path::kRest;
  table.get_instrument = Path::kRest;
  table.get_order_book = Path::kWebSocket;
  table.get_best_bid_offer = Path::kWebSocket;
  // From the book: the best resting post-only price, and the cost of crossing.
  table.get_order_price = Path::kEmulated;
  table.list_trades = Path::kRest;
  table.list_candles = Path::kRest;
  table.get_ticker = Path::kRest;
  table.list_tickers = Path::kRest;
  table.order_book = Path::kWebSocket;
  table.best_bid_offer = Path::kWebSocket;
  table.trades = Path::kWebSocket;
  table.ticker = Path::kWebSocket;
  table.candles = Path::kWebSocket;
  table.book_depths = kBookDepths;
  table.candle_interval_seconds = kCandleIntervals;
  table.client_id_form = kClientIdForm;
  return table;
}

constexpr exchange::Capabilities Spot() {
  exchange::Capabilities table = Common();
  table.exchange = kSpotId;
  table.limits = kSpotLimits;
  return table;
}

constexpr exchange::Capabilities Futures() {
  using exchange::Path;
  exchange::Capabilities table = Common();
  table.exchange = kFuturesId;
  table.limits = kFuturesLimits;
  table.list_funding_rates = Path::kRest;
  table.list_funding_rate_history = Path::kRest;
  // Both from futures.tickers.
  table.mark_price = Path::kWebSocket;
  table.funding_rate = Path::kWebSocket;
  return table;
}

}  // namespace tables

inline constexpr exchange::Capabilities kSpotCapabilities = tables::Spot();
inline constexpr exchange::Capabilities kFuturesCapabilities = tables::Futures();

}  // namespace switchyard::exchanges::gateio
