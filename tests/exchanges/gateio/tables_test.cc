// The constant tables: channels and capabilities.
#include <gtest/gtest.h>

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

TEST(CapabilitiesTest, BothProductsOfferTheMarketDataOfSpot) {
  for (const exchange::Capabilities* const table : {&kSpotCapabilities, &kFuturesCapabilities}) {
    EXPECT_EQ(table->get_order_book, Path::kWebSocket);
    EXPECT_EQ(table->order_book, Path::kWebSocket);
    EXPECT_EQ(table->trades, Path::kWebSocket);
    EXPECT_EQ(table->list_instruments, Path::kRest);
    EXPECT_EQ(table->get_order_price, Path::kEmulated);
    ASSERT_EQ(table->book_depths.size(), 3u);
    EXPECT_EQ(table->book_depths[2], 50u);
    EXPECT_FALSE(table->limits.empty());
  }
  EXPECT_EQ(kSpotCapabilities.exchange, "gateio");
  EXPECT_EQ(kFuturesCapabilities.exchange, "gateio_futures");
}

TEST(CapabilitiesTest, OnlyFuturesHaveMarkPricesAndFunding) {
  EXPECT_EQ(kSpotCapabilities.mark_price, Path::kNone);
  EXPECT_EQ(kSpotCapabilities.funding_rate, Path::kNone);
  EXPECT_EQ(kSpotCapabilities.list_funding_rates, Path::kNone);
  EXPECT_EQ(kSpotCapabilities.list_funding_rate_history, Path::kNone);
  EXPECT_EQ(kFuturesCapabilities.mark_price, Path::kWebSocket);
  EXPECT_EQ(kFuturesCapabilities.funding_rate, Path::kWebSocket);
  EXPECT_EQ(kFuturesCapabilities.list_funding_rates, Path::kRest);
  EXPECT_EQ(kFuturesCapabilities.list_funding_rate_history, Path::kRest);
}

TEST(CapabilitiesTest, EveryOrderRpcIsOffered) {
  for (const exchange::RpcEntry& entry : exchange::RpcEntries()) {
    if (!entry.rpc.starts_with("OrderService/")) continue;
    EXPECT_NE(kSpotCapabilities.*entry.path, Path::kNone) << entry.rpc;
    EXPECT_NE(kFuturesCapabilities.*entry.path, Path::kNone) << entry.rpc;
  }
  EXPECT_EQ(kSpotCapabilities.place_order, Path::kWebSocket);
  EXPECT_EQ(kFuturesCapabilities.get_order, Path::kRest);
  EXPECT_EQ(kSpotCapabilities.cancel_all_scope, exchange::Scope::kAccount);
  EXPECT_EQ(kFuturesCapabilities.cancel_all_scope, exchange::Scope::kMarket);
  EXPECT_EQ(kSpotCapabilities.times_in_force.size(), 3u);
  EXPECT_EQ(kFuturesCapabilities.order_types.size(), 6u);
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
