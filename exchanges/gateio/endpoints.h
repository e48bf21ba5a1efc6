#pragma once

#include <string>
#include <string_view>

#include "exchanges/gateio/channels.h"
#include "switchyard/config/v1/config.pb.h"

// Every URL and path of Gate.io, so that a configuration can point the whole exchange elsewhere.
// Source: API v4 (2026-03), "Access URL"; Futures WebSocket v4, "Server URL".
namespace switchyard::exchanges::gateio {

inline constexpr std::string_view kRestUrl = "https://api.gateio.ws";
inline constexpr std::string_view kSpotWebSocketUrl = "wss://api.gateio.ws";
inline constexpr std::string_view kFuturesWebSocketUrl = "wss://fx-ws.gateio.ws";

// Part of every REST path, and of what is signed.
inline constexpr std::string_view kApiPath = "/api/v4";
inline constexpr std::string_view kSpotWebSocketPath = "/ws/v4/";
inline constexpr std::string_view kFuturesWebSocketPath = "/v4/ws/usdt";

// With this header, on REST and on the WebSocket handshake, futures sizes come whole, as text;
// without it those of contracts with `enable_decimal` are truncated to integers.
// Source: announcement of 2025-12-09.
inline constexpr std::string_view kSizeDecimalHeader = "X-Gate-Size-Decimal";
inline constexpr std::string_view kSizeDecimalValue = "1";

namespace paths {
inline constexpr std::string_view kSpotTime = "/spot/time";
inline constexpr std::string_view kSpotCurrencyPairs = "/spot/currency_pairs";
inline constexpr std::string_view kSpotTickers = "/spot/tickers";
inline constexpr std::string_view kSpotOrderBook = "/spot/order_book";
inline constexpr std::string_view kSpotTrades = "/spot/trades";
inline constexpr std::string_view kSpotCandles = "/spot/candlesticks";
inline constexpr std::string_view kFuturesContracts = "/futures/usdt/contracts";
inline constexpr std::string_view kFuturesTickers = "/futures/usdt/tickers";
inline constexpr std::string_view kFuturesOrderBook = "/futures/usdt/order_book";
inline constexpr std::string_view kFuturesTrades = "/futures/usdt/trades";
inline constexpr std::string_view kFuturesCandles = "/futures/usdt/candlesticks";
inline constexpr std::string_view kFuturesFundingRate = "/futures/usdt/funding_rate";
// Private: who the key belongs to.
inline constexpr std::string_view kAccountDetail = "/account/detail";
inline constexpr std::string_view kFuturesAccounts = "/futures/usdt/accounts";
// Private: orders. One order is at `<orders>/<id>`.
inline constexpr std::string_view kSpotOrders = "/spot/orders";
inline constexpr std::string_view kSpotBatchOrders = "/spot/batch_orders";
inline constexpr std::string_view kSpotCancelBatch = "/spot/cancel_batch_orders";
inline constexpr std::string_view kSpotOpenOrders = "/spot/open_orders";
inline constexpr std::string_view kSpotMyTrades = "/spot/my_trades";
inline constexpr std::string_view kSpotPriceOrders = "/spot/price_orders";
inline constexpr std::string_view kSpotCountdown = "/spot/countdown_cancel_all";
inline constexpr std::string_view kFuturesOrders = "/futures/usdt/orders";
inline constexpr std::string_view kFuturesOrdersTimeRange = "/futures/usdt/orders_timerange";
inline constexpr std::string_view kFuturesBatchOrders = "/futures/usdt/batch_orders";
inline constexpr std::string_view kFuturesCancelBatch = "/futures/usdt/batch_cancel_orders";
inline constexpr std::string_view kFuturesMyTrades = "/futures/usdt/my_trades";
inline constexpr std::string_view kFuturesMyTradesTimeRange = "/futures/usdt/my_trades_timerange";
inline constexpr std::string_view kFuturesPositions = "/futures/usdt/positions";
inline constexpr std::string_view kFuturesPriceOrders = "/futures/usdt/price_orders";
inline constexpr std::string_view kFuturesAmendPriceOrder = "/futures/usdt/price_orders/amend";
inline constexpr std::string_view kFuturesCountdown = "/futures/usdt/countdown_cancel_all";
// Private: positions and accounts. One position is at `<positions>/<contract>`.
inline constexpr std::string_view kFuturesDualPositions = "/futures/usdt/dual_comp/positions";
inline constexpr std::string_view kFuturesDualCrossMode =
    "/futures/usdt/dual_comp/positions/cross_mode";
inline constexpr std::string_view kFuturesCrossMode = "/futures/usdt/positions/cross_mode";
inline constexpr std::string_view kFuturesPositionMode = "/futures/usdt/set_position_mode";
inline constexpr std::string_view kFuturesAccountBook = "/futures/usdt/account_book";
inline constexpr std::string_view kFuturesLiquidates = "/futures/usdt/liquidates";
inline constexpr std::string_view kFuturesAutoDeleverages = "/futures/usdt/auto_deleverages";
inline constexpr std::string_view kFuturesRiskLimitTiers = "/futures/usdt/risk_limit_tiers";
inline constexpr std::string_view kFuturesFee = "/futures/usdt/fee";
inline constexpr std::string_view kSpotAccounts = "/spot/accounts";
inline constexpr std::string_view kWalletFee = "/wallet/fee";
inline constexpr std::string_view kSpotBatchFee = "/spot/batch_fee";
inline constexpr std::string_view kWithdrawals = "/withdrawals";
inline constexpr std::string_view kWalletWithdrawals = "/wallet/withdrawals";
inline constexpr std::string_view kWalletWithdrawStatus = "/wallet/withdraw_status";
inline constexpr std::string_view kWalletTransfers = "/wallet/transfers";
inline constexpr std::string_view kWalletSubTransfers = "/wallet/sub_account_transfers";
inline constexpr std::string_view kWalletOrderStatus = "/wallet/order_status";
}  // namespace paths

// Where one product of the exchange is.
struct Endpoints {
  std::string rest_url;       // scheme, host and port; no path
  std::string websocket_url;  // whole
};

// The configured bases (scheme, host, port) with Gate.io's paths behind them; Gate.io's own where
// nothing is configured. A WebSocket URL that already has a path is taken as it is.
inline Endpoints MakeEndpoints(Product product, const config::v1::ExchangeConfig& config) {
  const bool spot = product == Product::kSpot;
  std::string rest = config.rest_url().empty() ? std::string(kRestUrl) : config.rest_url();
  while (rest.ends_with('/')) rest.pop_back();
  if (rest.ends_with(kApiPath)) rest.resize(rest.size() - kApiPath.size());

  std::string socket = config.websocket_url();
  if (socket.empty()) socket = spot ? kSpotWebSocketUrl : kFuturesWebSocketUrl;
  const std::size_t scheme = socket.find("://");
  const std::size_t path = socket.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  if (path == std::string::npos || path + 1 == socket.size()) {
    socket.resize(path == std::string::npos ? socket.size() : path);
    socket += spot ? kSpotWebSocketPath : kFuturesWebSocketPath;
  }
  return {std::move(rest), std::move(socket)};
}

}  // namespace switchyard::exchanges::gateio
