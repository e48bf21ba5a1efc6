#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "common/exchange/capabilities.h"

// What Lighter can do, over which path.
namespace switchyard::exchanges::lighter {

inline constexpr std::string_view kId = "lighter";

namespace tables {

inline constexpr std::array<std::uint32_t, 3> kBookDepths = {10, 20, 50};
// What the socket tells as well: weeks are REST's alone. Source: lighter.md, section 2.2.
inline constexpr std::array<std::uint32_t, 8> kCandleIntervals = {60,    300,    900,    1'800,
                                                                  3'600, 14'400, 43'200, 86'400};

// The lower ones where editions differ. Source: lighter.md, sections 1.4 and 2.1.
inline constexpr exchange::LimitText kLimits[] = {
    {"REST", "60 per minute of a standard account and of an address, not weighted"},
    {"WebSocket", "200 messages per minute of an address, 50 unanswered"},
    {"connections", "100 per address, 100 subscriptions each"},
};

// Market data. Mark prices and funding are of perpetuals alone.
constexpr void AddMarketData(exchange::Capabilities& table) {
  using exchange::Path;
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
  table.list_funding_rates = Path::kRest;
  table.list_funding_rate_history = Path::kRest;
  table.stream_market_data = Path::kWebSocket;
  table.order_book = Path::kWebSocket;
  table.best_bid_offer = Path::kWebSocket;
  table.trades = Path::kWebSocket;
  table.ticker = Path::kWebSocket;
  table.candles = Path::kWebSocket;
  table.mark_price = Path::kWebSocket;
  table.funding_rate = Path::kWebSocket;
  table.book_depths = kBookDepths;
  table.candle_interval_seconds = kCandleIntervals;
}

inline constexpr std::string_view kOrderTypes[] = {
    "LIMIT", "MARKET", "STOP_MARKET", "STOP_LIMIT", "TAKE_PROFIT_MARKET", "TAKE_PROFIT_LIMIT"};
inline constexpr std::string_view kTimesInForce[] = {"GTC", "IOC", "GTD"};
inline constexpr std::string_view kClientIdForm =
    "sent as a number of 48 bits that is made here: there is no room for the client's own";

// Orders: signed transactions over the socket, or over REST where none is open. What becomes of
// them is told by the socket.
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
  table.cancel_all_scope = exchange::Scope::kAccount;
  table.client_id_form = kClientIdForm;
}

// Accounts: figures and balances.
constexpr void AddAccounts(exchange::Capabilities& table) {
  using exchange::Path;
  table.get_account = Path::kRest;
  table.list_balances = Path::kRest;
  table.stream_account = Path::kWebSocket;
}

constexpr exchange::Capabilities Lighter() {
  exchange::Capabilities table;
  table.exchange = kId;
  table.api_version = "v1";
  AddMarketData(table);
  AddOrders(table);
  AddAccounts(table);
  table.limits = kLimits;
  return table;
}

}  // namespace tables

inline constexpr exchange::Capabilities kCapabilities = tables::Lighter();

}  // namespace switchyard::exchanges::lighter
