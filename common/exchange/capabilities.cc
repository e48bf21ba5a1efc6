#include "common/exchange/capabilities.h"

namespace switchyard::exchange {
namespace {

constexpr RpcEntry kRpcs[] = {
    {"MarketDataService/ListInstruments", &Capabilities::list_instruments},
    {"MarketDataService/GetInstrument", &Capabilities::get_instrument},
    {"MarketDataService/GetOrderBook", &Capabilities::get_order_book},
    {"MarketDataService/GetBestBidOffer", &Capabilities::get_best_bid_offer},
    {"MarketDataService/GetOrderPrice", &Capabilities::get_order_price},
    {"MarketDataService/ListTrades", &Capabilities::list_trades},
    {"MarketDataService/ListCandles", &Capabilities::list_candles},
    {"MarketDataService/GetTicker", &Capabilities::get_ticker},
    {"MarketDataService/ListTickers", &Capabilities::list_tickers},
    {"MarketDataService/ListFundingRates", &Capabilities::list_funding_rates},
    {"MarketDataService/ListFundingRateHistory", &Capabilities::list_funding_rate_history},
    {"MarketDataService/StreamMarketData", &Capabilities::stream_market_data},
    {"OrderService/PlaceOrder", &Capabilities::place_order},
    {"OrderService/PlaceOrders", &Capabilities::place_orders},
    {"OrderService/AmendOrder", &Capabilities::amend_order},
    {"OrderService/CancelOrder", &Capabilities::cancel_order},
    {"OrderService/CancelOrders", &Capabilities::cancel_orders},
    {"OrderService/CancelAllOrders", &Capabilities::cancel_all_orders},
    {"OrderService/GetOrder", &Capabilities::get_order},
    {"OrderService/WaitForOrder", &Capabilities::wait_for_order},
    {"OrderService/ListOpenOrders", &Capabilities::list_open_orders},
    {"OrderService/ListOrders", &Capabilities::list_orders},
    {"OrderService/ListFills", &Capabilities::list_fills},
    {"OrderService/StreamOrderEvents", &Capabilities::stream_order_events},
    {"OrderService/GetRiskLimits", &Capabilities::get_risk_limits},
    {"OrderService/SetKillSwitch", &Capabilities::set_kill_switch},
    {"PositionService/ListPositions", &Capabilities::list_positions},
    {"PositionService/GetPosition", &Capabilities::get_position},
    {"PositionService/ClosePosition", &Capabilities::close_position},
    {"PositionService/AdjustPositionMargin", &Capabilities::adjust_position_margin},
    {"PositionService/ListFundingPayments", &Capabilities::list_funding_payments},
    {"PositionService/ListLiquidations", &Capabilities::list_liquidations},
    {"PositionService/StreamPositions", &Capabilities::stream_positions},
    {"AccountService/GetAccount", &Capabilities::get_account},
    {"AccountService/ListBalances", &Capabilities::list_balances},
    {"AccountService/GetLeverage", &Capabilities::get_leverage},
    {"AccountService/SetLeverage", &Capabilities::set_leverage},
    {"AccountService/SetMarginMode", &Capabilities::set_margin_mode},
    {"AccountService/SetPositionMode", &Capabilities::set_position_mode},
    {"AccountService/GetFees", &Capabilities::get_fees},
    {"AccountService/StreamAccount", &Capabilities::stream_account},
    {"AccountService/Withdraw", &Capabilities::withdraw},
    {"AccountService/ListWithdrawals", &Capabilities::list_withdrawals},
    {"AccountService/Transfer", &Capabilities::transfer},
    {"AccountService/ListTransfers", &Capabilities::list_transfers},
};

constexpr ChannelEntry kChannels[] = {
    {"MarketDataService/ORDER_BOOK", &Capabilities::order_book},
    {"MarketDataService/BEST_BID_OFFER", &Capabilities::best_bid_offer},
    {"MarketDataService/TRADES", &Capabilities::trades},
    {"MarketDataService/TICKER", &Capabilities::ticker},
    {"MarketDataService/CANDLES", &Capabilities::candles},
    {"MarketDataService/MARK_PRICE", &Capabilities::mark_price},
    {"MarketDataService/FUNDING_RATE", &Capabilities::funding_rate},
};

}  // namespace

std::span<const RpcEntry> RpcEntries() { return kRpcs; }
std::span<const ChannelEntry> ChannelEntries() { return kChannels; }

Capabilities WithoutWebSocket(const Capabilities& table, std::chrono::nanoseconds poll_interval) {
  Capabilities without = table;
  const auto replace = [&without](Path Capabilities::*path, Path by) {
    if (without.*path == Path::kWebSocket) without.*path = by;
  };
  replace(&Capabilities::stream_market_data, Path::kPolled);
  for (const ChannelEntry& entry : kChannels) replace(entry.path, Path::kPolled);
  for (const RpcEntry& entry : kRpcs) {
    if (entry.rpc.starts_with("MarketDataService/")) replace(entry.path, Path::kRest);
  }
  without.poll_interval_ms = static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(poll_interval).count());
  return without;
}

}  // namespace switchyard::exchange
