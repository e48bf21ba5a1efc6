#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/json/json.h"
#include "common/status/status.h"
#include "exchanges/lighter/market_data/market_index.h"
#include "exchanges/lighter/utils/converters.h"
#include "exchanges/lighter/websocket/order_book.h"
#include "exchanges/lighter/websocket/public_message_handler.h"
#include "tests/exchanges/lighter/describe.h"
#include "tests/exchanges/lighter/markets.h"
#include "tests/exchanges/lighter/samples.h"

namespace switchyard::exchanges::lighter {
namespace {

using json::Json;

constexpr TimeNs kReceived = TimeNs::FromSeconds(1'780'000'000);

// A parser with the frame that it reads.
class Frame {
 public:
  explicit Frame(const std::string& text) : text_(text) {
    text_.reserve(text.size() + PublicParser::kSpareBytes);
    status_ = parser_.Parse(text_, push_);
  }
  const absl::Status& status() const { return status_; }
  const wire::Push& push() const { return push_; }

 private:
  std::string text_;
  PublicParser parser_;
  wire::Push push_;
  absl::Status status_;
};

// Faults first.

class BadFrameTest : public testing::TestWithParam<const char*> {};

TEST_P(BadFrameTest, IsAnErrorWithItsReason) {
  const Frame frame(GetParam());
  EXPECT_EQ(frame.status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(ReasonOf(frame.status()), common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE);
}

INSTANTIATE_TEST_SUITE_P(
    Frames, BadFrameTest,
    testing::Values(
        "", "null", "[]", "{", R"({"type":)", R"({"type":{}})",
        // Data without its payload, or with another channel's.
        R"({"type":"update/order_book","channel":"order_book:0"})",
        R"({"type":"update/ticker","channel":"ticker:0","nonce":1,"timestamp":1})",
        R"({"type":"update/trade","channel":"trade:0","candles":[]})",
        // Books.
        R"({"type":"update/order_book","channel":"order_book:0","order_book":{"asks":[],"bids":[]}})",
        R"({"type":"update/order_book","channel":"order_book:0","order_book":{"nonce":-1}})",
        R"({"type":"update/order_book","channel":"order_book:0","order_book":{"nonce":1.5}})",
        R"({"type":"update/order_book","channel":"order_book:0","order_book":{"nonce":1,"asks":{}}})",
        R"({"type":"update/order_book","channel":"order_book:0",)"
        R"("order_book":{"nonce":1,"asks":[{"price":"1"}]}})",
        R"({"type":"update/order_book","channel":"order_book:0",)"
        R"("order_book":{"nonce":1,"asks":[["1","2"]]}})",
        // Others.
        R"({"type":"update/trade","channel":"trade:0","trades":[{"price":"1","size":"1"}]})",
        R"({"type":"update/trade","channel":"trade:0","trades":{}})",
        R"({"type":"update/candle","channel":"candle:0:1m","candles":[{"o":1}]})",
        R"({"type":"update/market_stats","channel":"market_stats:0","market_stats":{}})",
        R"({"type":"update/market_stats","channel":"market_stats:0","market_stats":)"
        R"({"market_id":0,"mark_price":[1]}})",
        R"({"type":"update/ticker","channel":"ticker:0","timestamp":"soon","ticker":{}})",
        R"({"error":"no object"})"));

struct Kind {
  std::string name, frame;
  wire::Event event;
};

class KindTest : public testing::TestWithParam<Kind> {};

TEST_P(KindTest, IsKnownOrCountedAsUnknown) {
  const Frame frame(GetParam().frame);
  EXPECT_TRUE(frame.status().ok()) << frame.status();
  EXPECT_EQ(frame.push().event, GetParam().event);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, KindTest,
    testing::Values(
        Kind{"pong", R"({"type":"pong"})", wire::Event::kPong},
        Kind{"no_type", R"({"channel":"order_book:0"})", wire::Event::kUnknown},
        Kind{"new_type", R"({"type":"maintenance","in":60})", wire::Event::kUnknown},
        Kind{"new_channel", R"({"type":"update/whales","channel":"whales:0","whales":[]})",
             wire::Event::kUnknown},
        Kind{"a_private_channel",
             R"({"type":"update/account_all_orders","channel":"account_all_orders:7","orders":{}})",
             wire::Event::kUnknown}),
    [](const auto& info) { return info.param.name; });

TEST(PublicFramesTest, FieldsMayComeInAnyOrder) {
  const Frame frame(
      R"({"order_book":{"begin_nonce":7,"bids":[{"size":"2","price":"1"}],"nonce":9},)"
      R"("timestamp":1000,"type":"update/order_book","extra":{"a":[1]},"channel":"order_book:12"})");
  ASSERT_TRUE(frame.status().ok()) << frame.status();
  EXPECT_EQ(frame.push().market, 12);
  EXPECT_EQ(frame.push().order_book.begin_nonce, 7U);
  ASSERT_EQ(frame.push().order_book.bids.size(), 1U);
  EXPECT_EQ(frame.push().order_book.bids[0].price, "1");
}

TEST(PublicFramesTest, ARefusalMayBeNestedOrFlat) {
  const Frame nested(R"({"error":{"code":30009,"message":"Too Many Websocket Messages!"}})");
  EXPECT_EQ(nested.push().event, wire::Event::kError);
  EXPECT_EQ(nested.push().error_code, 30'009);
  const Frame flat(
      R"({"type":"error","code":30012,"channel":"ticker:3","message":"failed to subscribe"})");
  EXPECT_EQ(flat.push().event, wire::Event::kError);
  EXPECT_EQ(flat.push().error_code, 30'012);
  EXPECT_EQ(flat.push().channel, Channel::kTicker);
  EXPECT_EQ(flat.push().market, 3);
}

TEST(PublicFramesTest, NothingIsLeftOverFromTheFrameBefore) {
  PublicParser parser;
  wire::Push push;
  std::string first =
      R"({"type":"update/ticker","channel":"ticker:0","nonce":5,"ticker":{"a":{"price":"2","size":"1"}}})";
  std::string second = R"({"type":"update/ticker","channel":"ticker:0","ticker":{"b":{}}})";
  first.reserve(first.size() + PublicParser::kSpareBytes);
  second.reserve(second.size() + PublicParser::kSpareBytes);
  ASSERT_TRUE(parser.Parse(first, push).ok());
  EXPECT_EQ(push.ticker.ask.price, "2");
  ASSERT_TRUE(parser.Parse(second, push).ok());
  EXPECT_EQ(push.ticker.ask.price, "");
  EXPECT_EQ(push.ticker.nonce, 0U);
}

TEST(ParseChannelTest, ReadsNamesOfBothDirections) {
  EXPECT_EQ(ParseChannel("order_book/4095").market, 4'095);
  EXPECT_EQ(ParseChannel("candle:1:15m").resolution, "15m");
  EXPECT_EQ(ParseChannel("market_stats:all").market, -1);
  EXPECT_EQ(ParseChannel("market_stats:all").channel, Channel::kMarketStats);
  EXPECT_EQ(ParseChannel("order_book:-1").market, -1);
  EXPECT_EQ(ParseChannel("order_book:1x").market, -1);
  EXPECT_EQ(ParseChannel("height").channel, Channel::kUnknown);
  EXPECT_EQ(ParseChannel("").channel, Channel::kUnknown);
}

// Samples.

// What a frame means, in house words.
Json Understand(const std::string& body) {
  const auto table = SampleMarkets();
  MarketIndex markets;
  markets.Update(table);
  const Frame frame(body);
  if (!frame.status().ok()) return "malformed";
  const wire::Push& push = frame.push();
  Json out;
  static constexpr const char* kEvents[] = {"unknown",    "connected", "ping",         "pong",
                                            "subscribed", "update",    "unsubscribed", "error"};
  out["event"] = kEvents[static_cast<int>(push.event)];
  if (push.event == wire::Event::kError) {
    out["code"] = push.error_code;
    out["message"] = push.error_message;
  }
  if (push.channel == Channel::kUnknown) return out;
  out["channel"] = WireName(push.channel);
  if (push.event != wire::Event::kSubscribed && push.event != wire::Event::kUpdate) return out;
  if (push.time.given()) out["time_ns"] = push.time.value;
  if (push.channel == Channel::kMarketStats || push.channel == Channel::kSpotMarketStats) {
    for (const wire::Stats& stats : push.stats) {
      const model::Instrument& instrument = markets.at(*markets.Find(stats.market));
      const auto ticker = ToTicker(stats, instrument, push.time, kReceived);
      const auto funding = ToFundingRate(stats, instrument, kReceived);
      if (!ticker.ok() || !funding.ok()) return "malformed";
      out["tickers"].push_back(Describe(*ticker));
      if (funding->has_value()) out["funding"].push_back(Describe(**funding));
    }
    return out;
  }
  const model::Instrument& instrument = markets.at(*markets.Find(push.market));
  out["symbol"] = instrument.symbol;
  const int price_scale = instrument.price_scale, quantity_scale = instrument.quantity_scale;
  if (push.channel == Channel::kOrderBook) {
    exchange::BookChange change;
    out["nonce"] = push.order_book.nonce;
    if (!ToChange(push.order_book, push.event == wire::Event::kSubscribed, UnitsOf(instrument),
                  push.time, kReceived, change)) {
      out["book"] = "malformed";
      return out;
    }
    out["first"] = change.range.first;
    out["full"] = change.full;
    out["bids"] = Describe(change.bids, price_scale, quantity_scale);
    out["asks"] = Describe(change.asks, price_scale, quantity_scale);
  } else if (push.channel == Channel::kTicker) {
    const auto quote = ToQuote(push.ticker, instrument, push.time);
    if (!quote.ok()) return "malformed";
    out["nonce"] = quote->exchange_sequence;
    out["bid"] = Describe(quote->bid, price_scale, quantity_scale);
    out["ask"] = Describe(quote->ask, price_scale, quantity_scale);
  } else if (push.channel == Channel::kTrades) {
    out["trades"] = Json::array();
    for (const wire::Trade& trade : push.trades) {
      const auto read = ToTrade(trade, UnitsOf(instrument));
      if (!read.ok()) return "malformed";
      out["trades"].push_back(Describe(*read, price_scale, quantity_scale));
    }
  } else {
    for (const wire::Candle& candle : push.candles) {
      const auto read = ToCandle(candle, instrument, *IntervalSeconds(push.resolution));
      if (!read.ok() || !read->has_value()) return "malformed";
      out["candles"].push_back(Describe(**read));
    }
  }
  return out;
}

class FrameSampleTest : public testing::TestWithParam<Sample> {};

TEST_P(FrameSampleTest, MeansWhatIsExpected) {
  std::string body = GetParam().body;
  // One row, not a frame.
  if (GetParam().name == "ws_trade_liquidation_row") {
    body = R"({"type":"update/trade","channel":"trade:0","liquidation_trades":[)" + body + "]}";
  }
  CheckAgainstExpected(GetParam(), Understand(body));
}

INSTANTIATE_TEST_SUITE_P(Samples, FrameSampleTest, testing::ValuesIn(LoadSamples("ws_")),
                         SampleName());
INSTANTIATE_TEST_SUITE_P(Peers, FrameSampleTest,
                         testing::ValuesIn(LoadEntries("peers_tardis", "input")), SampleName());
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(FrameSampleTest);

TEST(FrameSampleFilesTest, AreAllThere) { ExpectSamples("ws_", 16); }

}  // namespace
}  // namespace switchyard::exchanges::lighter
