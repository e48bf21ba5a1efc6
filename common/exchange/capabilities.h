#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

namespace switchyard::exchange {

// Over which path something is offered. kNone: UNIMPLEMENTED, from this table and nowhere else.
enum class Path : std::uint8_t { kNone, kWebSocket, kPolled, kRest, kEmulated };

enum class Scope : std::uint8_t { kNone, kMarket, kAccount };

// A documented limit of the exchange, for reading.
struct LimitText {
  std::string_view name, text;
};

// What one exchange can do: a constexpr table in its folder. Data, never code.
struct Capabilities {
  std::string_view exchange;
  std::string_view api_version;

  // MarketDataService.
  Path list_instruments = Path::kNone;
  Path get_instrument = Path::kNone;
  Path get_order_book = Path::kNone;
  Path get_best_bid_offer = Path::kNone;
  Path get_order_price = Path::kNone;
  Path list_trades = Path::kNone;
  Path list_candles = Path::kNone;
  Path get_ticker = Path::kNone;
  Path list_tickers = Path::kNone;
  Path list_funding_rates = Path::kNone;
  Path list_funding_rate_history = Path::kNone;
  Path stream_market_data = Path::kNone;
  // Its channels.
  Path order_book = Path::kNone;
  Path best_bid_offer = Path::kNone;
  Path trades = Path::kNone;
  Path ticker = Path::kNone;
  Path candles = Path::kNone;
  Path mark_price = Path::kNone;
  Path funding_rate = Path::kNone;

  // OrderService.
  Path place_order = Path::kNone;
  Path place_orders = Path::kNone;
  Path amend_order = Path::kNone;
  Path cancel_order = Path::kNone;
  Path cancel_orders = Path::kNone;
  Path cancel_all_orders = Path::kNone;
  Path get_order = Path::kNone;
  Path wait_for_order = Path::kNone;
  Path list_open_orders = Path::kNone;
  Path list_orders = Path::kNone;
  Path list_fills = Path::kNone;
  Path stream_order_events = Path::kNone;
  Path get_risk_limits = Path::kNone;
  Path set_kill_switch = Path::kNone;

  // PositionService.
  Path list_positions = Path::kNone;
  Path get_position = Path::kNone;
  Path close_position = Path::kNone;
  Path adjust_position_margin = Path::kNone;
  Path list_funding_payments = Path::kNone;
  Path list_liquidations = Path::kNone;
  Path stream_positions = Path::kNone;

  // AccountService.
  Path get_account = Path::kNone;
  Path list_balances = Path::kNone;
  Path get_leverage = Path::kNone;
  Path set_leverage = Path::kNone;
  Path set_margin_mode = Path::kNone;
  Path set_position_mode = Path::kNone;
  Path get_fees = Path::kNone;
  Path stream_account = Path::kNone;
  Path withdraw = Path::kNone;
  Path list_withdrawals = Path::kNone;
  Path transfer = Path::kNone;
  Path list_transfers = Path::kNone;

  std::uint32_t poll_interval_ms = 0;  // of channels whose path is kPolled

  std::span<const std::uint32_t> book_depths;              // rising, at most three
  std::span<const std::uint32_t> candle_interval_seconds;  // rising
  std::span<const std::string_view> order_types;
  std::span<const std::string_view> times_in_force;
  Scope leverage_scope = Scope::kNone;
  Scope cancel_all_scope = Scope::kNone;
  std::string_view client_id_form;
  std::span<const LimitText> limits;
};

// Joins the table with the contract's names: "MarketDataService/GetOrderBook".
struct RpcEntry {
  std::string_view rpc;
  Path Capabilities::*path;
};
// "MarketDataService/ORDER_BOOK".
struct ChannelEntry {
  std::string_view channel;
  Path Capabilities::*path;
};

// Every unary RPC and stream of the four services, and every stream channel. A test compares them
// with the descriptors.
std::span<const RpcEntry> RpcEntries();
std::span<const ChannelEntry> ChannelEntries();

// The table of a client whose configuration allows no WebSocket: its market data streams are polled
// this often, its reads go by REST.
Capabilities WithoutWebSocket(const Capabilities& table, std::chrono::nanoseconds poll_interval);

}  // namespace switchyard::exchange
