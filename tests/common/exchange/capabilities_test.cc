#include "common/exchange/capabilities.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>

#include "common/exchange/market_data_client.h"
#include "switchyard/account/v1/account_service.pb.h"
#include "switchyard/marketdata/v1/market_data_service.pb.h"
#include "switchyard/order/v1/order_service.pb.h"
#include "switchyard/position/v1/position_service.pb.h"

namespace switchyard::exchange {
namespace {

constexpr std::string_view kChannelPrefix = "CHANNEL_";

std::set<std::string> ContractRpcs() {
  std::set<std::string> rpcs;
  for (const auto* file : {marketdata::v1::GetOrderBookRequest::descriptor()->file(),
                           order::v1::PlaceOrderRequest::descriptor()->file(),
                           position::v1::GetPositionRequest::descriptor()->file(),
                           account::v1::GetAccountRequest::descriptor()->file()}) {
    const auto* service = file->service(0);
    for (int i = 0; i < service->method_count(); ++i) {
      rpcs.insert(service->name() + "/" + service->method(i)->name());
    }
  }
  return rpcs;
}

TEST(CapabilitiesTest, NameExactlyTheRpcsOfTheContract) {
  std::multiset<std::string> entries;
  for (const RpcEntry& entry : RpcEntries()) entries.emplace(entry.rpc);
  const std::set<std::string> rpcs = ContractRpcs();
  EXPECT_EQ(rpcs.size(), 45U);
  EXPECT_EQ(entries, std::multiset<std::string>(rpcs.begin(), rpcs.end()));
}

TEST(CapabilitiesTest, NameExactlyTheChannelsOfTheContract) {
  std::multiset<std::string> entries;
  for (const ChannelEntry& entry : ChannelEntries()) entries.emplace(entry.channel);
  std::multiset<std::string> channels;
  const auto* descriptor = marketdata::v1::Channel_descriptor();
  for (int i = 0; i < descriptor->value_count(); ++i) {
    if (descriptor->value(i)->number() == 0) continue;
    channels.insert("MarketDataService/" +
                    descriptor->value(i)->name().substr(kChannelPrefix.size()));
  }
  EXPECT_EQ(entries, channels);
}

TEST(CapabilitiesTest, EveryNameHasAMemberOfItsOwn) {
  // Marks one member after the other: no two entries may see the same mark.
  Capabilities table;
  int members = 0;
  for (const RpcEntry& entry : RpcEntries()) {
    EXPECT_EQ(table.*entry.path, Path::kNone) << entry.rpc;
    table.*entry.path = Path::kRest;
    ++members;
  }
  for (const ChannelEntry& entry : ChannelEntries()) {
    EXPECT_EQ(table.*entry.path, Path::kNone) << entry.channel;
    table.*entry.path = Path::kWebSocket;
    ++members;
  }
  EXPECT_EQ(members, 52);
}

TEST(CapabilitiesTest, WithoutAWebSocketStreamsArePolledAndReadsGoByRest) {
  Capabilities table;
  table.order_book = table.trades = table.stream_market_data = Path::kWebSocket;
  table.get_order_book = table.place_order = Path::kWebSocket;
  table.get_order_price = Path::kEmulated;
  const Capabilities polled = WithoutWebSocket(table, std::chrono::milliseconds(1'500));
  EXPECT_EQ(polled.order_book, Path::kPolled);
  EXPECT_EQ(polled.trades, Path::kPolled);
  EXPECT_EQ(polled.stream_market_data, Path::kPolled);
  EXPECT_EQ(polled.get_order_book, Path::kRest);
  EXPECT_EQ(polled.get_order_price, Path::kEmulated);
  EXPECT_EQ(polled.ticker, Path::kNone);
  EXPECT_EQ(polled.poll_interval_ms, 1'500U);
  // Other services have their own connections.
  EXPECT_EQ(polled.place_order, Path::kWebSocket);
}

struct ChannelCase {
  Channel ours;
  marketdata::v1::Channel theirs;
};

constexpr ChannelCase kChannels[] = {
    {Channel::kOrderBook, marketdata::v1::CHANNEL_ORDER_BOOK},
    {Channel::kBestBidOffer, marketdata::v1::CHANNEL_BEST_BID_OFFER},
    {Channel::kTrades, marketdata::v1::CHANNEL_TRADES},
    {Channel::kTicker, marketdata::v1::CHANNEL_TICKER},
    {Channel::kCandles, marketdata::v1::CHANNEL_CANDLES},
    {Channel::kMarkPrice, marketdata::v1::CHANNEL_MARK_PRICE},
    {Channel::kFundingRate, marketdata::v1::CHANNEL_FUNDING_RATE},
};

TEST(ChannelTest, HasTheNumbersOfTheContract) {
  std::set<int> covered;
  for (const auto& [ours, theirs] : kChannels) {
    EXPECT_EQ(static_cast<int>(ours), theirs) << marketdata::v1::Channel_Name(theirs);
    covered.insert(theirs);
  }
  // All but UNSPECIFIED.
  EXPECT_EQ(covered.size() + 1,
            static_cast<std::size_t>(marketdata::v1::Channel_descriptor()->value_count()));
}

}  // namespace
}  // namespace switchyard::exchange
