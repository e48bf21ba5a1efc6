#include "exchanges/lighter/websocket/websocket_manager.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/metrics/metrics.h"
#include "exchanges/lighter/connection_policy.h"
#include "tests/common/exchange/board_harness.h"
#include "tests/common/stream/stream_server.h"
#include "tests/exchanges/lighter/markets.h"
#include "tests/exchanges/lighter/websocket/scripted_exchange.h"

namespace switchyard::exchanges::lighter {
namespace {

using exchange::Channel;
using exchange::MarketDataEvent;
using marketdata::v1::EVENT_KIND_DELTA;
using marketdata::v1::EVENT_KIND_GAP;
using marketdata::v1::EVENT_KIND_SNAPSHOT;
using marketdata::v1::EVENT_KIND_STALE;
using std::chrono::milliseconds;

constexpr std::uint32_t kDepths[] = {10};
constexpr char kEth[] = "ETH-USDC-PERP";
constexpr char kBtc[] = "BTC-USDC-PERP";

// Frames. ETH's book: one bid at `bid`, one ask at 3000, in whole dollars.
std::string Whole(std::uint64_t nonce, int bid) {
  return fmt::format(
      R"({{"channel":"order_book:0","order_book":{{"asks":[{{"price":"3000.00","size":"1"}}],)"
      R"("bids":[{{"price":"{}.00","size":"2"}}],"nonce":{},"begin_nonce":0}},"timestamp":5,)"
      R"("type":"subscribed/order_book"}})",
      bid, nonce);
}
std::string Update(std::uint64_t begin, std::uint64_t nonce, int bid, const char* size = "3") {
  return fmt::format(
      R"({{"channel":"order_book:0","order_book":{{"bids":[{{"price":"{}.00","size":"{}"}}],)"
      R"("asks":[],"nonce":{},"begin_nonce":{}}},"timestamp":6,"type":"update/order_book"}})",
      bid, size, nonce, begin);
}
std::string Ticker(const char* type, std::uint64_t nonce, int bid) {
  return fmt::format(
      R"({{"channel":"ticker:0","nonce":{},"ticker":{{"s":"ETH","a":{{"price":"3000","size":"1"}},)"
      R"("b":{{"price":"{}","size":"2"}}}},"timestamp":{},"type":"{}/ticker"}})",
      nonce, bid, nonce, type);
}
std::string Trades(const char* type, const std::vector<int>& ids) {
  std::string rows;
  for (const int id : ids) {
    rows += fmt::format(
        R"({}{{"trade_id":{},"price":"2500","size":"1","timestamp":{},"is_maker_ask":true}})",
        rows.empty() ? "" : ",", id, 1'700'000'000'000 + id);
  }
  return fmt::format(R"({{"channel":"trade:0","trades":[{}],"liquidation_trades":null,)"
                     R"("type":"{}/trade"}})",
                     rows, type);
}

// A client's own thread with what lives on it, against a scripted exchange. REST is down.
class WebSocketManagerTest : public testing::Test {
 protected:
  WebSocketManagerTest() {
    exchange::LaneOptions lanes = MakeLaneOptions({});
    lanes.connection.socket.endpoint = exchange_.endpoint();
    lanes.connection.socket.target = "/stream";
    lanes.connection.reconnect.first = milliseconds(1);
    lanes.refusal_pause = milliseconds(50);
    lanes.tick = milliseconds(5);
    board_ = std::make_unique<exchange::TopicBoard>(
        exchange::TopicBoardOptions{.exchange = "lighter", .book_depths = kDepths}, SystemClock(),
        exchange::TopicBoard::Hooks{
            .post = [this](auto work) { thread_.Post(std::move(work)); },
            .valid_book = [this](auto id) { return manager_->valid_book(id); },
            .wanted = [this](const auto& demand) { manager_->Want(demand); },
            .unwanted = [this](const auto& demand) { manager_->Unwant(demand); }});
    manager_ = std::make_unique<WebSocketManager>(
        WebSocketManager::Parts{thread_, SystemClock(), metrics_, *board_, published_}, "lighter",
        std::move(lanes),
        SocketReads{.book = [this](auto, auto reply) { Down(std::move(reply)); },
                    .trades = [this](auto, auto reply) { Down(std::move(reply)); },
                    .ticker = [this](auto, auto reply) { Down(std::move(reply)); },
                    .candles = [this](auto, auto, auto reply) { Down(std::move(reply)); }},
        ConnectionHandlers{});
    thread_.Start();
    thread_.Run([this] { manager_->SetInstruments(table_); });
  }
  ~WebSocketManagerTest() override {
    streams_.Shutdown(milliseconds(0));
    thread_.Stop();
    manager_.reset();
  }

  template <typename Reply>
  void Down(Reply reply) {
    thread_.Post([reply = std::move(reply)] { reply(absl::UnavailableError("down")); });
  }

  exchange::BoardReader Read(Channel channel, const char* symbol = kEth) {
    exchange::BoardReader reader;
    reader.stream = streams_.NewStream();
    reader.call = streams_.Call();
    reader.stream->Acknowledge(stream::Acknowledgement());
    thread_.Run([&] {
      EXPECT_TRUE(board_
                      ->Attach(*table_->Find(symbol),
                               {.symbol = symbol,
                                .channel = channel,
                                .interval_seconds = channel == Channel::kCandles ? 60U : 0U},
                               reader.stream)
                      .status.ok());
      board_->Flush();
    });
    return reader;
  }
  // The next event is of that kind, and the book then stands at `nonce` with these bids.
  void ExpectBook(exchange::BoardReader& reader, marketdata::v1::EventKind kind,
                  std::uint64_t nonce, const exchange::Levels& bids) {
    const MarketDataEvent event = reader.Next();
    ASSERT_EQ(event.kind(), kind) << event.ShortDebugString();
    ASSERT_TRUE(book_.Apply(event)) << book_.broken();
    EXPECT_EQ(event.order_book().exchange_sequence(), nonce);
    EXPECT_EQ(book_.bids(), bids);
  }
  void ExpectStale(exchange::BoardReader& reader, common::v1::StaleReason reason) {
    const MarketDataEvent event = reader.Next();
    ASSERT_EQ(event.kind(), EVENT_KIND_STALE) << event.ShortDebugString();
    EXPECT_EQ(event.reason(), reason);
    book_.Apply(event);
  }

  ScriptedExchange exchange_;
  const MarketIndex::Table table_ = SampleMarkets();
  metrics::Metrics metrics_;
  exchange::PublishedBooks published_{10};
  exchange::IoThread thread_{"manager"};
  stream::StreamServer streams_;
  std::unique_ptr<exchange::TopicBoard> board_;
  std::unique_ptr<WebSocketManager> manager_;
  exchange::TopicReader book_;  // what the client knows
};

// Prices have 2 decimals, quantities 4.
exchange::Levels Bid(std::int64_t price, std::int64_t quantity) {
  return {{price * 100, quantity * 10'000}};
}

TEST_F(WebSocketManagerTest, AGapResubscribesThatMarketAloneAndTheSnapshotReplaces) {
  exchange_.Answer("order_book/0", Whole(100, 2500));
  exchange_.Answer("ticker/0", Ticker("subscribed", 100, 2500));
  exchange::BoardReader quotes = Read(Channel::kBestBidOffer);
  EXPECT_EQ(quotes.Next().kind(), EVENT_KIND_SNAPSHOT);
  exchange::BoardReader reader = Read(Channel::kOrderBook);
  ExpectBook(reader, EVENT_KIND_SNAPSHOT, 100, Bid(2500, 2));
  exchange_.Send(0, Update(100, 110, 2500));
  ExpectBook(reader, EVENT_KIND_DELTA, 110, Bid(2500, 3));
  exchange_.Answer("order_book/0", Whole(400, 2400));
  exchange_.Send(0, Update(120, 130, 2500));
  ExpectStale(reader, common::v1::STALE_REASON_SEQUENCE_GAP);
  ASSERT_TRUE(exchange_.AwaitUnsubscribes(0, "order_book/0", 1));
  ASSERT_TRUE(exchange_.AwaitSubscribes(0, "order_book/0", 2));
  ExpectBook(reader, EVENT_KIND_SNAPSHOT, 400, Bid(2400, 2));
  EXPECT_EQ(exchange_.Subscribes(0, "ticker/0"), 1U);
  exchange_.Send(0, Ticker("update", 105, 2501));
  EXPECT_EQ(quotes.Next().kind(), EVENT_KIND_SNAPSHOT);
  thread_.Run([this] {
    EXPECT_EQ(manager_->desk().gaps(), 1U);
    EXPECT_EQ(manager_->desk().resyncs(), 1U);
  });
}

TEST_F(WebSocketManagerTest, ACrossedBookIsNeverToldAndMended) {
  exchange_.Answer("order_book/0", Whole(100, 2500));
  exchange::BoardReader reader = Read(Channel::kOrderBook);
  ExpectBook(reader, EVENT_KIND_SNAPSHOT, 100, Bid(2500, 2));
  exchange_.Send(0, Update(100, 110, 3000));
  ExpectStale(reader, common::v1::STALE_REASON_CROSSED_BOOK);
  ASSERT_TRUE(exchange_.AwaitSubscribes(0, "order_book/0", 2));
  ExpectBook(reader, EVENT_KIND_SNAPSHOT, 100, Bid(2500, 2));
}

TEST_F(WebSocketManagerTest, AFrameTwiceChangesNothing) {
  exchange_.Answer("order_book/0", Whole(100, 2500));
  exchange::BoardReader reader = Read(Channel::kOrderBook);
  ExpectBook(reader, EVENT_KIND_SNAPSHOT, 100, Bid(2500, 2));
  exchange_.Send(0, Update(100, 110, 2500, "3"));
  exchange_.Send(0, Update(100, 110, 2500, "9"));
  exchange_.Send(0, Update(110, 120, 2500, "4"));
  ExpectBook(reader, EVENT_KIND_DELTA, 110, Bid(2500, 3));
  ExpectBook(reader, EVENT_KIND_DELTA, 120, Bid(2500, 4));
}

TEST_F(WebSocketManagerTest, AfterAReconnectTheSnapshotReplacesTheBook) {
  exchange_.Answer("order_book/0", Whole(100, 2500));
  exchange::BoardReader reader = Read(Channel::kOrderBook);
  ExpectBook(reader, EVENT_KIND_SNAPSHOT, 100, Bid(2500, 2));
  // The price has moved, and the count has begun anew.
  exchange_.Answer("order_book/0", Whole(7, 2450));
  exchange_.Cut(0);
  ExpectStale(reader, common::v1::STALE_REASON_DISCONNECTED);
  ASSERT_TRUE(exchange_.AwaitSubscribes(1, "order_book/0", 1));
  ExpectBook(reader, EVENT_KIND_SNAPSHOT, 7, Bid(2450, 2));
  exchange_.Send(1, Update(7, 8, 2450));
  ExpectBook(reader, EVENT_KIND_DELTA, 8, Bid(2450, 3));
}

TEST_F(WebSocketManagerTest, ARefusalThatNamesNothingIsTheOldestRequestsAndOthersGoOn) {
  exchange_.Answer("order_book/1", R"({"error":{"code":30012,"message":"Failed to subscribe"}})");
  exchange::BoardReader refused = Read(Channel::kOrderBook, kBtc);
  ASSERT_TRUE(exchange_.AwaitSubscribes(0, "order_book/1", 1));
  exchange_.Answer("order_book/0", Whole(100, 2500));
  exchange::BoardReader reader = Read(Channel::kOrderBook);
  ExpectBook(reader, EVENT_KIND_SNAPSHOT, 100, Bid(2500, 2));
  // It is asked for again after a pause.
  ASSERT_TRUE(exchange_.AwaitSubscribes(0, "order_book/1", 2));
  EXPECT_EQ(exchange_.Subscribes(0, "order_book/0"), 1U);
}

TEST_F(WebSocketManagerTest, WhatIsSubscribedAlreadyIsLeftAndAskedForAnew) {
  exchange_.Answer("order_book/0",
                   R"({"error":{"code":30003,"message":"Already Subscribed to order_book:0"}})");
  exchange::BoardReader reader = Read(Channel::kOrderBook);
  ASSERT_TRUE(exchange_.AwaitSubscribes(0, "order_book/0", 1));
  exchange_.Answer("order_book/0", Whole(100, 2500));
  ASSERT_TRUE(exchange_.AwaitUnsubscribes(0, "order_book/0", 1));
  ExpectBook(reader, EVENT_KIND_SNAPSHOT, 100, Bid(2500, 2));
}

TEST_F(WebSocketManagerTest, ThePingOfTheServerIsAnswered) {
  exchange_.Answer("ticker/0", Ticker("subscribed", 1, 2500));
  exchange::BoardReader reader = Read(Channel::kBestBidOffer);
  EXPECT_EQ(reader.Next().kind(), EVENT_KIND_SNAPSHOT);
  exchange_.Send(0, R"({"type":"ping"})");
  EXPECT_TRUE(exchange_.AwaitFrame(0, R"({"type":"pong"})"));
}

TEST_F(WebSocketManagerTest, UnknownAndBrokenFramesCostNothingElse) {
  exchange_.Answer("order_book/0", Whole(100, 2500));
  exchange::BoardReader reader = Read(Channel::kOrderBook);
  ExpectBook(reader, EVENT_KIND_SNAPSHOT, 100, Bid(2500, 2));
  exchange_.Send(0, R"({"type":"update/whales","channel":"whales:0"})");
  exchange_.Send(0, R"({"type":"update/order_book","channel":"order_book:77","order_book":{}})");
  exchange_.Send(0, "not json");
  exchange_.Send(0, Update(100, 110, 2500));
  ExpectBook(reader, EVENT_KIND_DELTA, 110, Bid(2500, 3));
}

TEST_F(WebSocketManagerTest, AMalformedLevelBreaksItsBookAlone) {
  exchange_.Answer("order_book/0", Whole(100, 2500));
  exchange::BoardReader reader = Read(Channel::kOrderBook);
  ExpectBook(reader, EVENT_KIND_SNAPSHOT, 100, Bid(2500, 2));
  exchange_.Answer("order_book/0", Whole(200, 2501));
  exchange_.Send(0, Update(100, 110, 2500, "0.00001"));
  ExpectStale(reader, common::v1::STALE_REASON_MALFORMED_UPDATE);
  ExpectBook(reader, EVENT_KIND_SNAPSHOT, 200, Bid(2501, 2));
}

TEST_F(WebSocketManagerTest, TradesBeginBehindTheBacklogAndALossIsAGap) {
  exchange_.Answer("trade/0", Trades("subscribed", {3, 2, 1}));
  exchange::BoardReader reader = Read(Channel::kTrades);
  ASSERT_TRUE(exchange_.AwaitSubscribes(0, "trade/0", 1));
  exchange_.Send(0, Trades("update", {4}));
  MarketDataEvent event = reader.Next();
  ASSERT_EQ(event.kind(), EVENT_KIND_DELTA) << event.ShortDebugString();
  ASSERT_EQ(event.trades().trades_size(), 1);
  EXPECT_EQ(event.trades().trades(0).trade_id(), "4");
  exchange_.Answer("trade/0", Trades("subscribed", {6, 5, 4, 3}));
  exchange_.Cut(0);
  event = reader.Next();
  ASSERT_EQ(event.kind(), EVENT_KIND_GAP) << event.ShortDebugString();
  event = reader.Next();
  ASSERT_EQ(event.trades().trades_size(), 2);
  EXPECT_EQ(event.trades().trades(0).trade_id(), "5");
  EXPECT_EQ(event.trades().trades(1).trade_id(), "6");
}

TEST_F(WebSocketManagerTest, StatisticsFeedThreeTopicsOverOneSubscription) {
  exchange_.Answer(
      "market_stats/0",
      R"({"channel":"market_stats:0","market_stats":{"market_id":0,"index_price":"3015.56",)"
      R"("mark_price":"3013.91","last_trade_price":"3013.13","current_funding_rate":"0.0012",)"
      R"("funding_timestamp":1763532000004},"timestamp":5,"type":"subscribed/market_stats"})");
  exchange::BoardReader tickers = Read(Channel::kTicker);
  MarketDataEvent event = tickers.Next();
  EXPECT_EQ(event.ticker().last_price(), "3013.13");
  exchange::BoardReader marks = Read(Channel::kMarkPrice);
  exchange::BoardReader rates = Read(Channel::kFundingRate);
  exchange_.Send(
      0, R"({"channel":"market_stats:0","market_stats":{"market_id":0,"index_price":"3016",)"
         R"("mark_price":"3014","last_trade_price":"3015","current_funding_rate":"-0.0010",)"
         R"("funding_timestamp":1763532000004},"timestamp":6,"type":"update/market_stats"})");
  EXPECT_EQ(marks.Next().mark_price().mark_price(), "3014");
  event = rates.Next();
  EXPECT_EQ(event.funding_rate().rate(), "-0.00001");
  EXPECT_EQ(event.funding_rate().interval_seconds(), 3'600U);
  EXPECT_EQ(exchange_.Subscribes(0, "market_stats/0"), 1U);
}

TEST_F(WebSocketManagerTest, ASpotMarketsStatisticsHaveTheirOwnChannel) {
  exchange_.Answer(
      "spot_market_stats/2048",
      R"({"channel":"spot_market_stats:2048","spot_market_stats":{"market_id":2048,)"
      R"("last_trade_price":"3027.91","mid_price":""},"type":"subscribed/spot_market_stats"})");
  exchange::BoardReader reader = Read(Channel::kTicker, "ETH-USDC");
  EXPECT_EQ(reader.Next().ticker().last_price(), "3027.91");
}

TEST_F(WebSocketManagerTest, CandlesAreToldAsTheyCome) {
  exchange_.Answer("candle/0/1m",
                   R"({"channel":"candle:0:1m","candles":[{"t":1778821440000,"o":1,"h":2,"l":1,)"
                   R"("c":1.5}],"timestamp":5,"type":"subscribed/candle"})");
  exchange::BoardReader reader = Read(Channel::kCandles);
  const MarketDataEvent event = reader.Next();
  EXPECT_EQ(event.candle().close(), "1.5");
  EXPECT_EQ(event.candle().open_time_ns(), 1'778'821'440'000'000'000);
}

TEST_F(WebSocketManagerTest, SwitchingMarketsLeavesTheOldOne) {
  exchange_.Answer("ticker/0", Ticker("subscribed", 1, 2500));
  exchange::BoardReader reader = Read(Channel::kBestBidOffer);
  EXPECT_EQ(reader.Next().kind(), EVENT_KIND_SNAPSHOT);
  const exchange::DemandKey demand{table_->Find(kEth)->id, Channel::kBestBidOffer, 0};
  thread_.Run([&] { manager_->Unwant(demand); });
  EXPECT_TRUE(exchange_.AwaitUnsubscribes(0, "ticker/0", 1));
  thread_.Run([&] { EXPECT_FALSE(manager_->carries(demand)); });
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
