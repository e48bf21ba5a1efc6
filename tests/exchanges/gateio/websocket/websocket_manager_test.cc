#include "exchanges/gateio/websocket/websocket_manager.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/metrics/metrics.h"
#include "exchanges/gateio/connection_policy.h"
#include "tests/common/exchange/board_harness.h"
#include "tests/common/stream/stream_server.h"
#include "tests/exchanges/gateio/instruments.h"
#include "tests/exchanges/gateio/websocket/scripted_exchange.h"

namespace switchyard::exchanges::gateio {
namespace {

using exchange::MarketDataEvent;
using marketdata::v1::EVENT_KIND_SNAPSHOT;
using marketdata::v1::EVENT_KIND_STALE;
using std::chrono::milliseconds;

constexpr std::uint32_t kDepths[] = {10};
constexpr char kTrade[] =
    R"({"channel":"spot.trades","event":"update","result":{"id":1,"create_time":1700000000,)"
    R"("side":"buy","currency_pair":"BTC_USDT","amount":"1","price":"100"}})";

// A client's own thread with what lives on it, against a scripted exchange. What REST answers is
// the test's.
class WebSocketManagerTest : public testing::Test {
 protected:
  ~WebSocketManagerTest() override {
    streams_.Shutdown(milliseconds(0));
    if (manager_ != nullptr) thread_.Stop();
    manager_.reset();
  }

  void Start(BookFeed feed) {
    exchange::LaneOptions lanes = MakeLaneOptions(Product::kSpot, {});
    lanes.connection.socket.endpoint = exchange_.endpoint();
    lanes.connection.reconnect.first = milliseconds(1);
    lanes.tick = milliseconds(5);
    board_ = std::make_unique<exchange::TopicBoard>(
        exchange::TopicBoardOptions{.exchange = "gateio", .book_depths = kDepths}, SystemClock(),
        exchange::TopicBoard::Hooks{
            .post = [this](auto work) { thread_.Post(std::move(work)); },
            .valid_book = [this](auto id) { return manager_->valid_book(id); },
            .wanted = [this](const auto& demand) { manager_->Want(demand); },
            .unwanted = [this](const auto& demand) { manager_->Unwant(demand); }});
    manager_ = std::make_unique<WebSocketManager>(
        WebSocketManager::Parts{thread_, SystemClock(), metrics_, *board_, published_},
        WebSocketManager::Settings{"gateio", Product::kSpot, feed, std::move(lanes)},
        SocketReads{.book =
                        [this](model::InstrumentId, exchange::Reply<BookSnapshot> reply) {
                          thread_.Post([this, reply = std::move(reply)] { reply(rest_book_); });
                        },
                    .trades =
                        [this](model::InstrumentId, exchange::Reply<model::TradesPage> reply) {
                          thread_.Post([reply = std::move(reply)] { reply(model::TradesPage()); });
                        },
                    .ticker =
                        [this](model::InstrumentId, exchange::Reply<model::Ticker> reply) {
                          thread_.Post([reply = std::move(reply)] {
                            model::Ticker ticker;
                            ticker.symbol = "BTC-USDT";
                            ticker.last_price = Decimal::FromInt(7);
                            reply(ticker);
                          });
                        },
                    .candles =
                        [this](model::InstrumentId, const exchange::CandlesQuery& query,
                               exchange::Reply<model::CandlesPage> reply) {
                          thread_.Post([this, query, reply = std::move(reply)] {
                            reply(RestCandles(query));
                          });
                        }},
        ConnectionHandlers{});
    thread_.Start();
    thread_.Run([this] { manager_->SetInstruments(table_); });
  }

  exchange::BoardReader Read(const std::vector<exchange::Channel>& channels) {
    exchange::BoardReader reader;
    reader.stream = streams_.NewStream();
    reader.call = streams_.Call();
    reader.stream->Acknowledge(stream::Acknowledgement());
    thread_.Run([&] {
      for (const exchange::Channel channel : channels) {
        EXPECT_TRUE(
            board_
                ->Attach(table_->at({}),
                         {.symbol = "BTC-USDT",
                          .channel = channel,
                          .interval_seconds = channel == exchange::Channel::kCandles ? 60U : 0U},
                         reader.stream)
                .status.ok());
      }
      board_->Flush();
    });
    return reader;
  }

  // A frame of obu: the whole book, or a change of the best bid's size to `last`.
  static std::string Stream(std::uint64_t first, std::uint64_t last) {
    if (first == 0) {
      return fmt::format(
          R"({{"channel":"spot.obu","result":{{"t":1,"full":true,"s":"ob.BTC_USDT.50","u":{},)"
          R"("b":[["100","{}"]],"a":[["101","1"]]}}}})",
          last, last);
    }
    return fmt::format(
        R"({{"channel":"spot.obu","result":{{"t":1,"s":"ob.BTC_USDT.50","U":{},"u":{},)"
        R"("b":[["100","{}"]]}}}})",
        first, last, last);
  }
  static std::string Update(std::uint64_t first, std::uint64_t last) {
    return fmt::format(R"({{"channel":"spot.order_book_update","event":"update","result":{{"t":1,)"
                       R"("s":"BTC_USDT","U":{},"u":{},"b":[["100","{}"]],"a":[]}}}})",
                       first, last, last);
  }
  static std::string Quote(std::uint64_t id) {
    return fmt::format(R"({{"channel":"spot.book_ticker","event":"update","result":{{"t":{},)"
                       R"("u":{},"s":"BTC_USDT","b":"100","B":"{}","a":"101","A":"1"}}}})",
                       1'700'000'000'000 + id, id, id);
  }
  // The candle of a minute since the epoch.
  static std::string Candle(int minute) {
    return fmt::format(R"({{"channel":"spot.candlesticks","event":"update","result":{{"t":"{}",)"
                       R"("v":"1","c":"2","h":"3","l":"1","o":"2","n":"1m_BTC_USDT","a":"1"}}}})",
                       60 * minute);
  }
  // What REST tells of candles: the minutes up to rest_minute_.
  absl::StatusOr<model::CandlesPage> RestCandles(const exchange::CandlesQuery& query) const {
    if (rest_minute_ == 0) return absl::UnavailableError("down");
    model::CandlesPage page;
    const int first =
        query.start.given() ? static_cast<int>(query.start.Seconds() / 60) : rest_minute_;
    for (int minute = first; minute <= rest_minute_; ++minute) {
      model::Candle candle;
      candle.open_time = TimeNs::FromSeconds(60 * minute);
      candle.interval_seconds = query.interval_seconds;
      candle.closed = minute < rest_minute_;
      page.candles.push_back(candle);
    }
    return page;
  }
  // Reads until the book stands at `number`. An event that breaks it on the way is a failure.
  void ExpectUnbrokenTo(exchange::BoardReader& reader, std::uint64_t number) {
    for (;;) {
      const MarketDataEvent event = reader.Next();
      ASSERT_NE(event.kind(), marketdata::v1::EVENT_KIND_UNSPECIFIED) << "the stream has ended";
      if (event.channel() != marketdata::v1::CHANNEL_ORDER_BOOK) continue;
      ASSERT_NE(event.kind(), EVENT_KIND_STALE) << event.ShortDebugString();
      ASSERT_TRUE(book_.Apply(event)) << book_.broken();
      if (event.order_book().exchange_sequence() < number) continue;
      EXPECT_EQ(event.order_book().exchange_sequence(), number);
      // Sizes are the number that they came with, at 10 decimals.
      EXPECT_EQ(book_.bids(),
                (exchange::Levels{{100'000, static_cast<std::int64_t>(number) * 10'000'000'000}}));
      return;
    }
  }
  // Asks for a new socket, as the exchange does before it goes.
  void Upgrade(const std::string& channel) {
    exchange_.Send(0, fmt::format(R"({{"channel":"{}","event":"upgrade"}})", channel));
  }

  ScriptedExchange exchange_;
  InstrumentIndex::Table table_ = TableOf({SpotInstrument("BTC_USDT")});
  metrics::Metrics metrics_;
  exchange::PublishedBooks published_{10};
  exchange::IoThread thread_{"manager"};
  stream::StreamServer streams_;
  absl::StatusOr<BookSnapshot> rest_book_ =
      BookSnapshot{100, TimeNs(1), {{100'000, 1'000'000'000'000}}, {{101'000, 10'000'000'000}}};
  int rest_minute_ = 0;  // 0: REST is down
  std::unique_ptr<exchange::TopicBoard> board_;
  std::unique_ptr<WebSocketManager> manager_;
  exchange::TopicReader book_;  // what the client knows
};

// One feed's channel and frames, in both of which the second socket's numbers are cut elsewhere.
struct FeedCase {
  std::string name;
  BookFeed feed;
  std::string channel;
  std::string (*frame)(std::uint64_t first, std::uint64_t last);
};

class RolloverTest : public WebSocketManagerTest, public testing::WithParamInterface<FeedCase> {
 public:
  static std::string StreamFrame(std::uint64_t first, std::uint64_t last) {
    return Stream(first, last);
  }
  static std::string UpdateFrame(std::uint64_t first, std::uint64_t last) {
    return Update(first, last);
  }

 protected:
  void Old(std::uint64_t first, std::uint64_t last) {
    exchange_.Send(0, GetParam().frame(first, last));
  }
  void New(std::uint64_t first, std::uint64_t last) {
    exchange_.Send(1, GetParam().frame(first, last));
  }
};

TEST_P(RolloverTest, APlannedChangeOfSocketsBreaksNoBook) {
  const bool is_stream = GetParam().feed == BookFeed::kStream50;
  Start(GetParam().feed);
  exchange::BoardReader reader = Read({exchange::Channel::kOrderBook, exchange::Channel::kTrades});
  ASSERT_TRUE(exchange_.AwaitSubscribed(0, GetParam().channel));
  ASSERT_TRUE(exchange_.AwaitSubscribed(0, "spot.trades"));
  if (is_stream) Old(0, 100);
  Old(101, 103);
  // While one subscription waits for its answer both sockets carry the book.
  exchange_.Hold("spot.trades");
  Upgrade(GetParam().channel);
  ASSERT_TRUE(exchange_.AwaitSubscribed(1, GetParam().channel));
  ASSERT_TRUE(exchange_.AwaitSubscribed(1, "spot.trades"));
  if (is_stream) New(0, 104);
  for (std::uint64_t id = 104; id < 150; id += 3) {
    Old(id, id + 2);
    New(id + 1, id + 3);
  }
  ASSERT_NO_FATAL_FAILURE(ExpectUnbrokenTo(reader, 151));
  exchange_.Release("spot.trades");
  ASSERT_TRUE(exchange_.AwaitClosed(0));
  New(153, 155);
  New(156, 160);
  ASSERT_NO_FATAL_FAILURE(ExpectUnbrokenTo(reader, 160));
  std::promise<std::uint64_t> resyncs;
  thread_.Run([&] { resyncs.set_value(manager_->desk().resyncs()); });
  EXPECT_EQ(resyncs.get_future().get(), 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Feeds, RolloverTest,
    testing::Values(FeedCase{"obu", BookFeed::kStream50, "spot.obu", &RolloverTest::StreamFrame},
                    FeedCase{"updates", BookFeed::kUpdates100ms, "spot.order_book_update",
                             &RolloverTest::UpdateFrame}),
    [](const auto& info) { return info.param.name; });

// Nothing is told of a best bid and offer until it changes, and of a ticker until it trades.
TEST_F(WebSocketManagerTest, AQuietMarketIsFreshAgainAfterAReconnect) {
  Start(BookFeed::kUpdates100ms);
  for (const auto& [channel, wire] :
       {std::pair{exchange::Channel::kBestBidOffer, "spot.book_ticker"},
        std::pair{exchange::Channel::kTicker, "spot.tickers"}}) {
    exchange::BoardReader reader = Read({channel});
    const std::size_t socket = channel == exchange::Channel::kBestBidOffer ? 0 : 1;
    ASSERT_TRUE(exchange_.AwaitSubscribed(socket, wire));
    const MarketDataEvent first = reader.Next();
    EXPECT_EQ(first.kind(), EVENT_KIND_SNAPSHOT);
    EXPECT_EQ(first.source(), common::v1::SOURCE_REST);
    exchange_.Cut(socket);
    EXPECT_EQ(reader.Next().kind(), EVENT_KIND_STALE);
    ASSERT_TRUE(exchange_.AwaitSubscribed(socket + 1, wire));
    const MarketDataEvent fresh = reader.Next();
    EXPECT_EQ(fresh.kind(), EVENT_KIND_SNAPSHOT);
    EXPECT_GT(fresh.epoch(), first.epoch());
    if (channel == exchange::Channel::kBestBidOffer) {
      EXPECT_EQ(fresh.best_bid_offer().bid_price_mantissa(), 100'000);
      EXPECT_EQ(fresh.best_bid_offer().ask_price_mantissa(), 101'000);
      EXPECT_EQ(fresh.best_bid_offer().exchange_sequence(), 100U);
    } else {
      EXPECT_EQ(fresh.ticker().last_price(), "7");
    }
  }
}

// A candle counts as final when its successor appears: none may be left out, nor come late.
TEST_F(WebSocketManagerTest, CandlesThatClosedDuringAnOutageComeBeforeLaterOnes) {
  rest_minute_ = 10;
  Start(BookFeed::kUpdates100ms);
  exchange::BoardReader reader = Read({exchange::Channel::kCandles, exchange::Channel::kTrades});
  ASSERT_TRUE(exchange_.AwaitSubscribed(0, "spot.candlesticks"));
  ASSERT_TRUE(exchange_.AwaitSubscribed(0, "spot.trades"));
  const auto next = [&reader](marketdata::v1::Channel channel) {
    MarketDataEvent event = reader.Next();
    while (event.channel() != channel && event.publish_time_ns() != 0) event = reader.Next();
    return event;
  };
  const auto expect = [&next](int minute, common::v1::Source source) {
    const MarketDataEvent event = next(marketdata::v1::CHANNEL_CANDLES);
    ASSERT_EQ(event.kind(), EVENT_KIND_SNAPSHOT) << event.ShortDebugString();
    EXPECT_EQ(event.candle().open_time_ns(), minute * 60'000'000'000);
    EXPECT_EQ(event.source(), source) << minute;
    EXPECT_EQ(event.candle().closed(), source == common::v1::SOURCE_REST && minute < 13) << minute;
  };
  const MarketDataEvent first = next(marketdata::v1::CHANNEL_CANDLES);
  EXPECT_EQ(first.candle().open_time_ns(), 600'000'000'000);
  EXPECT_EQ(first.source(), common::v1::SOURCE_REST);
  exchange_.Send(0, Candle(10));
  expect(10, common::v1::SOURCE_WEBSOCKET);
  // REST is down when the socket returns.
  thread_.Run([this] { rest_minute_ = 0; });
  exchange_.Cut(0);
  EXPECT_EQ(next(marketdata::v1::CHANNEL_CANDLES).kind(), EVENT_KIND_STALE);
  ASSERT_TRUE(exchange_.AwaitSubscribed(1, "spot.candlesticks"));
  ASSERT_TRUE(exchange_.AwaitSubscribed(1, "spot.trades"));
  exchange_.Send(1, Candle(13));
  exchange_.Send(1, kTrade);
  // The trade is told, so the candle before it has come as well, and waits.
  MarketDataEvent trade;
  do trade = reader.Next();
  while (trade.kind() == marketdata::v1::EVENT_KIND_GAP);
  ASSERT_EQ(trade.channel(), marketdata::v1::CHANNEL_TRADES) << trade.ShortDebugString();
  thread_.Run([this] { rest_minute_ = 13; });
  for (const int minute : {10, 11, 12}) expect(minute, common::v1::SOURCE_REST);
  expect(13, common::v1::SOURCE_WEBSOCKET);
  exchange_.Send(1, Candle(14));
  expect(14, common::v1::SOURCE_WEBSOCKET);
}

// Both sockets of a rollover carry quotes, either of which may be the quicker one.
TEST_F(WebSocketManagerTest, AQuoteOlderThanTheLastIsNeverToldWhicheverSocketIsBehind) {
  Start(BookFeed::kUpdates100ms);
  exchange::BoardReader reader =
      Read({exchange::Channel::kBestBidOffer, exchange::Channel::kTrades});
  ASSERT_TRUE(exchange_.AwaitSubscribed(0, "spot.book_ticker"));
  ASSERT_TRUE(exchange_.AwaitSubscribed(0, "spot.trades"));
  const auto expect = [&reader](std::uint64_t id) {
    MarketDataEvent event = reader.Next();
    while (event.kind() == marketdata::v1::EVENT_KIND_GAP) event = reader.Next();
    ASSERT_EQ(event.kind(), EVENT_KIND_SNAPSHOT) << event.ShortDebugString();
    EXPECT_EQ(event.best_bid_offer().exchange_sequence(), id);
  };
  expect(100);  // read when the subscription was confirmed
  // While one subscription waits for its answer both sockets carry the other.
  exchange_.Hold("spot.trades");
  Upgrade("spot.trades");
  ASSERT_TRUE(exchange_.AwaitSubscribed(1, "spot.book_ticker"));
  // Each socket's frames keep their order; behind a quote that was told, what was sent before it on
  // the other socket is old.
  exchange_.Send(0, Quote(105));
  expect(105);
  exchange_.Send(1, Quote(104));
  exchange_.Send(1, Quote(106));
  expect(106);
  exchange_.Send(0, Quote(103));
  exchange_.Send(0, Quote(107));
  expect(107);
  exchange_.Send(1, Quote(107));
  expect(107);
  exchange_.Release("spot.trades");
  ASSERT_TRUE(exchange_.AwaitClosed(0));
  exchange_.Send(1, Quote(99));
  exchange_.Send(1, Quote(108));
  expect(108);
}

// Only the socket that carries the topic counts, and only while it is confirmed.
TEST_F(WebSocketManagerTest, ATopicIsCarriedByItsOwnConfirmedSubscription) {
  Start(BookFeed::kUpdates100ms);
  const exchange::DemandKey quotes{{}, exchange::Channel::kBestBidOffer, 0};
  const exchange::DemandKey trades{{}, exchange::Channel::kTrades, 0};
  exchange_.Hold("spot.trades");
  exchange::BoardReader reader =
      Read({exchange::Channel::kBestBidOffer, exchange::Channel::kTrades});
  ASSERT_TRUE(exchange_.AwaitSubscribed(0, "spot.trades"));
  ASSERT_EQ(reader.Next().kind(), EVENT_KIND_SNAPSHOT);
  thread_.Run([&] {
    EXPECT_TRUE(manager_->carries(quotes));
    EXPECT_FALSE(manager_->carries(trades));
  });
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
