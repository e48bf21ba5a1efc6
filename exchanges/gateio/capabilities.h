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
    {"private REST", "200 per 10 s per endpoint"},
    {"place and amend", "10 per s per market; each order of a batch counts"},
    {"cancel", "200 per s"},
    {"connections", "300 per address"},
};
inline constexpr exchange::LimitText kFuturesLimits[] = {
    {"public REST", "200 per 10 s per endpoint and address"},
    {"private REST", "200 per 10 s per endpoint"},
    {"place and amend", "100 per s; each order of a batch counts"},
    {"cancel", "200 per s"},
    {"WebSocket orders", "100 per s: place, amend and cancel together"},
    {"connections", "300 per address"},
};

inline constexpr std::string_view kOrderTypes[] = {
    "LIMIT", "MARKET", "STOP_MARKET", "STOP_LIMIT", "TAKE_PROFIT_MARKET", "TAKE_PROFIT_LIMIT"};
inline constexpr std::string_view kTimesInForce[] = {"GTC", "IOC", "FOK"};

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
  table.stream_market_data = Path::kWebSocket;
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

// Orders: over the WebSocket API, or over REST where nothing was written to that.
constexpr void AddOrders(exchange::Capabilities& table) {
  using exchange::Path;
  table.place_order = Path::kWebSocket;
  table.place_orders = Path::kWebSocket;
  table.amend_order = Path::kWebSocket;
  table.cancel_order = Path::kWebSocket;
  table.cancel_orders = Path::kWebSocket;
  table.cancel_all_orders = Path::kWebSocket;
  table.get_order = Path::kRest;
  table.wait_for_order = Path::kWebSocket;
  table.list_open_orders = Path::kRest;
  table.list_orders = Path::kRest;
  table.list_fills = Path::kRest;
  table.stream_order_events = Path::kWebSocket;
  // Switchyard's own.
  table.get_risk_limits = Path::kEmulated;
  table.set_kill_switch = Path::kEmulated;
  table.order_types = kOrderTypes;
  table.times_in_force = kTimesInForce;
}

// Accounts: what both products have.
constexpr void AddAccounts(exchange::Capabilities& table) {
  using exchange::Path;
  table.get_account = Path::kRest;
  table.get_fees = Path::kRest;
  table.stream_account = Path::kWebSocket;
}

constexpr void AddFunds(exchange::Capabilities& table) {
  using exchange::Path;
  table.withdraw = Path::kRest;
  table.list_withdrawals = Path::kRest;
  table.transfer = Path::kRest;
  table.list_transfers = Path::kRest;
}

constexpr void AddPositions(exchange::Capabilities& table) {
  using exchange::Path;
  table.list_positions = Path::kWebSocket;
  table.get_position = Path::kWebSocket;
  table.close_position = Path::kRest;
  table.adjust_position_margin = Path::kRest;
  table.list_funding_payments = Path::kRest;
  table.list_liquidations = Path::kRest;
  table.stream_positions = Path::kWebSocket;
  table.get_leverage = Path::kRest;
  table.set_leverage = Path::kRest;
  table.set_margin_mode = Path::kRest;
  table.set_position_mode = Path::kRest;
  table.leverage_scope = exchange::Scope::kMarket;
}

constexpr exchange::Capabilities Spot() {
  exchange::Capabilities table = Common();
  AddOrders(table);
  AddAccounts(table);
  AddFunds(table);
  table.list_balances = exchange::Path::kWebSocket;
  table.exchange = kSpotId;
  table.cancel_all_scope = exchange::Scope::kAccount;
  table.limits = kSpotLimits;
  return table;
}

constexpr exchange::Capabilities Futures() {
  using exchange::Path;
  exchange::Capabilities table = Common();
  AddOrders(table);
  AddAccounts(table);
  AddPositions(table);
  // Pushes tell totals alone.
  table.list_balances = Path::kRest;
  table.exchange = kFuturesId;
  table.cancel_all_scope = exchange::Scope::kMarket;
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
