// The constant tables: channels and capabilities.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <set>
#include <string_view>

#include "common/exchange/capabilities.h"
#include "exchanges/gateio/capabilities.h"
#include "exchanges/gateio/channels.h"

namespace switchyard::exchanges::gateio {
namespace {

using exchange::Path;

TEST(ChannelTableTest, NamesAreUniqueAndGoBothWays) {
  std::set<std::string_view> wire, house;
  for (const ChannelName& name : kChannelNames) {
    EXPECT_TRUE(wire.insert(name.wire).second) << name.wire;
    EXPECT_EQ(FromWireName(name.product, name.wire), name.channel) << name.wire;
    EXPECT_EQ(WireName(name.product, name.channel), name.wire);
    EXPECT_TRUE(name.wire.starts_with(ProductName(name.product))) << name.wire;
    if (name.house.empty()) continue;
    EXPECT_TRUE(house.insert(name.house).second) << name.house;
    EXPECT_EQ(FromHouseName(name.product, name.house), name.channel) << name.house;
    EXPECT_TRUE(name.house.starts_with(ProductName(name.product))) << name.house;
  }
}

TEST(ChannelTableTest, TheNamesOfTheContractAreThere) {
  EXPECT_EQ(FromHouseName(Product::kSpot, "spot.orderbook"), Channel::kBookUpdate);
  EXPECT_EQ(FromHouseName(Product::kSpot, "spot.trades"), Channel::kTrades);
  EXPECT_EQ(FromHouseName(Product::kSpot, "spot.ticker"), Channel::kTickers);
  EXPECT_EQ(FromHouseName(Product::kSpot, "spot.orders"), Channel::kOrders);
  EXPECT_EQ(FromHouseName(Product::kSpot, "spot.balances"), Channel::kBalances);
  EXPECT_EQ(FromHouseName(Product::kFutures, "futures.orderbook"), Channel::kBookUpdate);
  EXPECT_EQ(FromHouseName(Product::kFutures, "futures.positions"), Channel::kPositions);
}

TEST(ChannelTableTest, OtherNamesAreUnknown) {
  EXPECT_EQ(FromHouseName(Product::kSpot, ""), Channel::kUnknown);
  EXPECT_EQ(FromHouseName(Product::kSpot, "futures.orderbook"), Channel::kUnknown);
  EXPECT_EQ(FromHouseName(Product::kSpot, "spot.orderbok"), Channel::kUnknown);
  EXPECT_EQ(FromWireName(Product::kFutures, "spot.trades"), Channel::kUnknown);
  EXPECT_EQ(WireName(Product::kSpot, Channel::kPositions), "");
}

// What each product offers, over which path: one row for each RPC and channel of the contract.
struct PathRow {
  std::string_view name;
  Path spot, futures;
};
constexpr PathRow kPaths[] = {
    {"MarketDataService/ListInstruments", Path::kRest, Path::kRest},
    {"MarketDataService/GetInstrument", Path::kRest, Path::kRest},
    {"MarketDataService/GetOrderBook", Path::kWebSocket, Path::kWebSocket},
    {"MarketDataService/GetBestBidOffer", Path::kWebSocket, Path::kWebSocket},
    {"MarketDataService/GetOrderPrice", Path::kEmulated, Path::kEmulated},
    {"MarketDataService/ListTrades", Path::kRest, Path::kRest},
    {"MarketDataService/ListCandles", Path::kRest, Path::kRest},
    {"MarketDataService/GetTicker", Path::kRest, Path::kRest},
    {"MarketDataService/ListTickers", Path::kRest, Path::kRest},
    {"MarketDataService/ListFundingRates", Path::kNone, Path::kRest},
    {"MarketDataService/ListFundingRateHistory", Path::kNone, Path::kRest},
    {"MarketDataService/StreamMarketData", Path::kWebSocket, Path::kWebSocket},
    {"OrderService/PlaceOrder", Path::kWebSocket, Path::kWebSocket},
    {"OrderService/PlaceOrders", Path::kWebSocket, Path::kWebSocket},
    {"OrderService/AmendOrder", Path::kWebSocket, Path::kWebSocket},
    {"OrderService/CancelOrder", Path::kWebSocket, Path::kWebSocket},
    {"OrderService/CancelOrders", Path::kWebSocket, Path::kWebSocket},
    {"OrderService/CancelAllOrders", Path::kWebSocket, Path::kWebSocket},
    {"OrderService/WaitForOrder", Path::kWebSocket, Path::kWebSocket},
    {"OrderService/StreamOrderEvents", Path::kWebSocket, Path::kWebSocket},
    {"OrderService/GetOrder", Path::kRest, Path::kRest},
    {"OrderService/ListOpenOrders", Path::kRest, Path::kRest},
    {"OrderService/ListOrders", Path::kRest, Path::kRest},
    {"OrderService/ListFills", Path::kRest, Path::kRest},
    {"OrderService/GetRiskLimits", Path::kEmulated, Path::kEmulated},
    {"OrderService/SetKillSwitch", Path::kEmulated, Path::kEmulated},
    {"PositionService/ListPositions", Path::kNone, Path::kWebSocket},
    {"PositionService/GetPosition", Path::kNone, Path::kWebSocket},
    {"PositionService/StreamPositions", Path::kNone, Path::kWebSocket},
    {"PositionService/ClosePosition", Path::kNone, Path::kRest},
    {"PositionService/AdjustPositionMargin", Path::kNone, Path::kRest},
    {"PositionService/ListFundingPayments", Path::kNone, Path::kRest},
    {"PositionService/ListLiquidations", Path::kNone, Path::kRest},
    {"AccountService/GetAccount", Path::kRest, Path::kRest},
    {"AccountService/GetFees", Path::kRest, Path::kRest},
    {"AccountService/StreamAccount", Path::kWebSocket, Path::kWebSocket},
    {"AccountService/ListBalances", Path::kWebSocket, Path::kRest},
    {"AccountService/GetLeverage", Path::kNone, Path::kRest},
    {"AccountService/SetLeverage", Path::kNone, Path::kRest},
    {"AccountService/SetMarginMode", Path::kNone, Path::kRest},
    {"AccountService/SetPositionMode", Path::kNone, Path::kRest},
    {"AccountService/Withdraw", Path::kRest, Path::kNone},
    {"AccountService/ListWithdrawals", Path::kRest, Path::kNone},
    {"AccountService/Transfer", Path::kRest, Path::kNone},
    {"AccountService/ListTransfers", Path::kRest, Path::kNone},
    {"MarketDataService/ORDER_BOOK", Path::kWebSocket, Path::kWebSocket},
    {"MarketDataService/BEST_BID_OFFER", Path::kWebSocket, Path::kWebSocket},
    {"MarketDataService/TRADES", Path::kWebSocket, Path::kWebSocket},
    {"MarketDataService/TICKER", Path::kWebSocket, Path::kWebSocket},
    {"MarketDataService/CANDLES", Path::kWebSocket, Path::kWebSocket},
    {"MarketDataService/MARK_PRICE", Path::kNone, Path::kWebSocket},
    {"MarketDataService/FUNDING_RATE", Path::kNone, Path::kWebSocket},
};

const PathRow* RowOf(std::string_view name) {
  const auto* const row = std::ranges::find(kPaths, name, &PathRow::name);
  return row == std::end(kPaths) ? nullptr : row;
}

TEST(CapabilitiesTest, EveryRpcAndChannelTakesItsPath) {
  std::size_t looked_at = 0;
  const auto look = [&looked_at](std::string_view name, Path exchange::Capabilities::*path) {
    const PathRow* const row = RowOf(name);
    ASSERT_NE(row, nullptr) << name;
    EXPECT_EQ(kSpotCapabilities.*path, row->spot) << name;
    EXPECT_EQ(kFuturesCapabilities.*path, row->futures) << name;
    ++looked_at;
  };
  for (const exchange::RpcEntry& entry : exchange::RpcEntries()) look(entry.rpc, entry.path);
  for (const exchange::ChannelEntry& each : exchange::ChannelEntries()) {
    look(each.channel, each.path);
  }
  EXPECT_EQ(looked_at, std::size(kPaths));
}

TEST(CapabilitiesTest, BothProductsHaveTheirIdVersionDepthsAndLimits) {
  for (const exchange::Capabilities* const table : {&kSpotCapabilities, &kFuturesCapabilities}) {
    EXPECT_EQ(table->api_version, "v4");
    ASSERT_EQ(table->book_depths.size(), 3u);
    EXPECT_EQ(table->book_depths[2], 50u);
    EXPECT_FALSE(table->limits.empty());
  }
  EXPECT_EQ(kSpotCapabilities.exchange, "gateio");
  EXPECT_EQ(kFuturesCapabilities.exchange, "gateio_futures");
}

TEST(CapabilitiesTest, ScopesAndWordsAreThoseOfEachProduct) {
  EXPECT_EQ(kSpotCapabilities.cancel_all_scope, exchange::Scope::kAccount);
  EXPECT_EQ(kFuturesCapabilities.cancel_all_scope, exchange::Scope::kMarket);
  EXPECT_EQ(kSpotCapabilities.leverage_scope, exchange::Scope::kNone);
  EXPECT_EQ(kFuturesCapabilities.leverage_scope, exchange::Scope::kMarket);
  EXPECT_EQ(kSpotCapabilities.times_in_force.size(), 3u);
  EXPECT_EQ(kFuturesCapabilities.order_types.size(), 6u);
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
