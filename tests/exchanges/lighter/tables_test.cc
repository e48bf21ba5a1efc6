// The constant tables: channels and capabilities.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <set>
#include <string_view>

#include "common/exchange/capabilities.h"
#include "exchanges/lighter/capabilities.h"
#include "exchanges/lighter/channels.h"
#include "exchanges/lighter/utils/converters.h"

namespace switchyard::exchanges::lighter {
namespace {

using exchange::Path;

TEST(ChannelTableTest, NamesAreUniqueAndGoBothWays) {
  std::set<std::string_view> wire, house;
  for (const ChannelName& name : kChannelNames) {
    EXPECT_TRUE(wire.insert(name.wire).second) << name.wire;
    EXPECT_EQ(FromWireName(name.wire), name.channel) << name.wire;
    EXPECT_EQ(WireName(name.channel), name.wire);
    EXPECT_TRUE(house.insert(name.house).second) << name.house;
    EXPECT_EQ(FromHouseName(name.house), name.channel) << name.house;
    // Whether an account is needed, as the house name says it.
    EXPECT_EQ(IsPublic(name.channel), !name.house.starts_with("account.")) << name.house;
  }
  EXPECT_FALSE(IsPublic(Channel::kUnknown));
  EXPECT_EQ(FromHouseName("spot.orderbok"), Channel::kUnknown);
  EXPECT_EQ(FromWireName("height"), Channel::kUnknown);
}

// What is offered, over which path. RPCs and channels of the contract that are not here: kNone.
struct PathRow {
  std::string_view name;
  Path path;
};
constexpr PathRow kPaths[] = {
    {"MarketDataService/ListInstruments", Path::kRest},
    {"MarketDataService/GetInstrument", Path::kRest},
    {"MarketDataService/GetOrderBook", Path::kWebSocket},
    {"MarketDataService/GetBestBidOffer", Path::kWebSocket},
    {"MarketDataService/GetOrderPrice", Path::kEmulated},
    {"MarketDataService/ListTrades", Path::kRest},
    {"MarketDataService/ListCandles", Path::kRest},
    {"MarketDataService/GetTicker", Path::kRest},
    {"MarketDataService/ListTickers", Path::kRest},
    {"MarketDataService/ListFundingRates", Path::kRest},
    {"MarketDataService/ListFundingRateHistory", Path::kRest},
    {"MarketDataService/StreamMarketData", Path::kWebSocket},
    {"OrderService/PlaceOrder", Path::kWebSocket},
    {"OrderService/PlaceOrders", Path::kWebSocket},
    {"OrderService/AmendOrder", Path::kWebSocket},
    {"OrderService/CancelOrder", Path::kWebSocket},
    {"OrderService/CancelOrders", Path::kWebSocket},
    {"OrderService/CancelAllOrders", Path::kWebSocket},
    {"OrderService/WaitForOrder", Path::kWebSocket},
    {"OrderService/StreamOrderEvents", Path::kWebSocket},
    {"OrderService/GetOrder", Path::kRest},
    {"OrderService/ListOpenOrders", Path::kRest},
    {"OrderService/ListOrders", Path::kRest},
    {"OrderService/ListFills", Path::kRest},
    {"OrderService/GetRiskLimits", Path::kEmulated},
    {"OrderService/SetKillSwitch", Path::kEmulated},
    {"AccountService/GetAccount", Path::kRest},
    {"AccountService/ListBalances", Path::kRest},
    {"AccountService/StreamAccount", Path::kWebSocket},
    {"MarketDataService/ORDER_BOOK", Path::kWebSocket},
    {"MarketDataService/BEST_BID_OFFER", Path::kWebSocket},
    {"MarketDataService/TRADES", Path::kWebSocket},
    {"MarketDataService/TICKER", Path::kWebSocket},
    {"MarketDataService/CANDLES", Path::kWebSocket},
    {"MarketDataService/MARK_PRICE", Path::kWebSocket},
    {"MarketDataService/FUNDING_RATE", Path::kWebSocket},
};

TEST(CapabilitiesTest, EveryRpcAndChannelTakesItsPath) {
  std::size_t looked_at = 0;
  const auto look = [&](std::string_view name, Path exchange::Capabilities::*path) {
    const auto* const row = std::ranges::find(kPaths, name, &PathRow::name);
    const bool is_offered = row != std::end(kPaths);
    EXPECT_EQ(kCapabilities.*path, is_offered ? row->path : Path::kNone) << name;
    if (is_offered) ++looked_at;
  };
  for (const exchange::RpcEntry& entry : exchange::RpcEntries()) look(entry.rpc, entry.path);
  for (const exchange::ChannelEntry& each : exchange::ChannelEntries()) {
    look(each.channel, each.path);
  }
  EXPECT_EQ(looked_at, std::size(kPaths));
}

TEST(CapabilitiesTest, IdVersionDepthsAndLimitsAreThere) {
  EXPECT_EQ(kCapabilities.exchange, "lighter");
  EXPECT_EQ(kCapabilities.api_version, "v1");
  EXPECT_TRUE(std::ranges::equal(kCapabilities.book_depths, std::array{10U, 20U, 50U}));
  EXPECT_EQ(kCapabilities.limits.size(), 3U);
}

TEST(CapabilitiesTest, CandlesAreThoseOfTheSocket) {
  constexpr std::string_view kOfSocket[] = {"1m", "5m", "15m", "30m", "1h", "4h", "12h", "1d"};
  ASSERT_EQ(kCapabilities.candle_interval_seconds.size(), std::size(kOfSocket));
  for (std::size_t i = 0; i < std::size(kOfSocket); ++i) {
    EXPECT_EQ(ResolutionText(kCapabilities.candle_interval_seconds[i]), kOfSocket[i]);
  }
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
