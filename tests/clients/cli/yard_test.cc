#include "clients/cli/yard.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <utility>
#include <vector>

#include "clients/cli/session.h"
#include "tests/clients/cli/run_yard.h"
#include "tests/clients/fake/fake_switchyard.h"

namespace switchyard::clients::cli {
namespace {

using fake::Acknowledge;
using fake::AddAsk;
using fake::AddBid;
using fake::Answers;
using fake::BookEvent;
using fake::FakeSwitchyard;
using fake::LiveAnswers;
using fake::MarketDataScript;
using fake::Message;
using marketdata::v1::EVENT_KIND_DELTA;
using marketdata::v1::EVENT_KIND_SNAPSHOT;
using marketdata::v1::EVENT_KIND_STALE;
using marketdata::v1::MarketDataEvent;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// Updates a second of the fake's live streams: fast enough that no test waits for them.
constexpr int kUpdatesPerSecond = 200;

MarketDataEvent Snapshot(std::uint64_t epoch, std::uint64_t sequence) {
  MarketDataEvent event = BookEvent(EVENT_KIND_SNAPSHOT, epoch, sequence);
  AddBid(event, 1000, 150);
  AddAsk(event, 1001, 350);
  return event;
}

MarketDataEvent Delta(std::uint64_t epoch, std::uint64_t sequence, std::int64_t quantity) {
  MarketDataEvent event = BookEvent(EVENT_KIND_DELTA, epoch, sequence);
  AddBid(event, 1000, quantity);
  return event;
}

// Plays `script` on every stream.
Answers Scripted(std::function<grpc::Status(MarketDataScript&)> script) {
  Answers answers = LiveAnswers(kUpdatesPerSecond);
  answers.stream_market_data = [script = std::move(script)](const auto&, MarketDataScript& stream) {
    return script(stream);
  };
  return answers;
}

TEST(YardUsageTest, WrongUseExitsWithTwoAndOneLine) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"bok", "gateio", "BTC-USDT"},
                                             {"book", "gateio"},
                                             {"book", "gateio", "BTC-USDT", "--deph", "5"},
                                             {"book", "gateio", "BTC-USDT", "--depth", "0"},
                                             {"book", "gateio", "BTC-USDT", "--count", "5"},
                                             {"candles", "gateio", "X", "--interval", "5y"},
                                             {"consolidated", "BTC", "--kind", "future"},
                                             {"status", "--timeout=0"}}) {
    const Outcome outcome = RunAt(arguments, "127.0.0.1:1");
    EXPECT_EQ(outcome.code, 2) << testing::PrintToString(arguments);
    EXPECT_THAT(LinesOf(outcome.err), SizeIs(1)) << testing::PrintToString(arguments);
    EXPECT_EQ(outcome.out, "");
  }
}

TEST(YardUsageTest, HelpNamesCommandsAndTheirFlags) {
  const Outcome general = RunAt({"--help"}, "");
  EXPECT_EQ(general.code, 0);
  EXPECT_THAT(general.out, AllOf(HasSubstr("consolidated BASE"), HasSubstr("--router")));
  const Outcome book = RunAt({"book", "--help"}, "");
  EXPECT_EQ(book.code, 0);
  EXPECT_THAT(book.out, AllOf(HasSubstr("EXCHANGE SYMBOL"), HasSubstr("--depth"),
                              HasSubstr("--count"), HasSubstr("127.0.0.1:50050")));
}

TEST(YardUsageTest, FlagsMayComeBeforeTheCommandAndBeatTheEnvironment) {
  const FakeSwitchyard fake(LiveAnswers(kUpdatesPerSecond));
  const Outcome outcome =
      RunAt({"--router", fake.address(), "ticker", "gateio", "BTC-USDT"}, "127.0.0.1:1");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("last"), HasSubstr("100.1"), HasSubstr("REST")));
}

class YardTest : public testing::Test {
 protected:
  Outcome Yard(std::vector<std::string> arguments, Options options = {}) {
    return RunAt(std::move(arguments), fake_.address(), options);
  }

  const FakeSwitchyard fake_{LiveAnswers(kUpdatesPerSecond)};
};

TEST_F(YardTest, BookShowsTheBestAskNextToTheBestBid) {
  const Outcome outcome = Yard({"book", "gateio", "BTC-USDT", "--depth=3"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto lines = LinesOf(outcome.out);
  ASSERT_THAT(lines, SizeIs(10));
  EXPECT_THAT(lines[0], AllOf(HasSubstr("gateio BTC-USDT"), HasSubstr("WEBSOCKET")));
  EXPECT_THAT(lines[1], HasSubstr("age 1.50 ms"));
  EXPECT_THAT(lines[3], StartsWith("ask  100.4  2.02  6.03"));
  EXPECT_THAT(lines[5], StartsWith("ask  100.2  2.00  2.00"));
  EXPECT_THAT(lines[6], HasSubstr("spread 0.2 (19.96 bp)"));
  EXPECT_THAT(lines[7], StartsWith("bid  100.0  1.00  1.00"));
}

TEST_F(YardTest, JsonIsOneObjectALine) {
  const Outcome outcome = Yard({"book", "gateio", "BTC-USDT", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto lines = LinesOf(outcome.out);
  ASSERT_THAT(lines, SizeIs(1));
  marketdata::v1::GetOrderBookResponse response;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(lines[0], &response).ok());
  EXPECT_EQ(response.order_book().bid_price_mantissas(0), 1000);
  EXPECT_EQ(response.depth(), 10u);
}

TEST_F(YardTest, AFailedCallIsOneLineWithCodeReasonMessageAndFacts) {
  const Outcome outcome = Yard({"book", "gateio", "NOSUCH"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err,
            "yard: NOT_FOUND UNKNOWN_INSTRUMENT: no instrument NOSUCH (exchange=gateio)\n");
}

TEST_F(YardTest, InstrumentsFollowsThePages) {
  const Outcome outcome = Yard({"instruments", "gateio"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("BTC-USDT"), HasSubstr("ETH-USDT")));
  EXPECT_THAT(LinesOf(outcome.out), SizeIs(3));
}

TEST_F(YardTest, TradesPrintsTheTimeOfDay) {
  const Outcome outcome = Yard({"trades", "gateio", "BTC-USDT"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("03:04:05.123  SELL   100.1  0.25  t-1"));
}

TEST_F(YardTest, CandlesAsksForTheInterval) {
  const Outcome outcome = Yard({"candles", "gateio", "BTC-USDT", "--interval", "5m"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  // The fake answers the interval as volume.
  EXPECT_THAT(outcome.out,
              HasSubstr("2026-01-02 03:04:00   100   102   99    101     300  forming"));
}

TEST_F(YardTest, FundingOfAnExchangeAndAcrossExchanges) {
  const Outcome one = Yard({"funding", "gateio_futures", "BTC-USDT-PERP"});
  ASSERT_EQ(one.code, 0) << one.err;
  EXPECT_THAT(one.out, AllOf(HasSubstr("BTC-USDT-PERP  0.0001  4 h 00 min   0.0002  PREDICTED")));
  const Outcome across = Yard({"funding"});
  ASSERT_EQ(across.code, 0) << across.err;
  EXPECT_THAT(across.out, AllOf(HasSubstr("0.0003"), HasSubstr("aster")));
}

TEST_F(YardTest, ExchangesShowsWhatAnsweredAndWarnsOfWhatDidNot) {
  const Outcome outcome = Yard({"exchanges"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("gateio    market_data  ready"));
  EXPECT_EQ(outcome.err, "yard: mexc: UNAVAILABLE BACKEND_UNAVAILABLE: no live backend of mexc\n");
}

TEST_F(YardTest, CapabilitiesAndStatus) {
  const Outcome capabilities = Yard({"capabilities", "gateio"});
  ASSERT_EQ(capabilities.code, 0) << capabilities.err;
  EXPECT_THAT(capabilities.out, HasSubstr("MarketDataService/GetOrderBook  WEBSOCKET"));
  const Outcome status = Yard({"status"});
  ASSERT_EQ(status.code, 0) << status.err;
  EXPECT_THAT(status.out, AllOf(HasSubstr("version 1.2.3"), HasSubstr("ws-0"), HasSubstr("READY")));
  const Outcome watch = Yard({"status", "--watch", "--count=2", "--json"});
  ASSERT_EQ(watch.code, 0) << watch.err;
  EXPECT_THAT(LinesOf(watch.out), SizeIs(2));
}

TEST_F(YardTest, ConsolidatedNamesTheExchangeOfEachLevel) {
  const Outcome outcome = Yard({"consolidated", "BTC"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("ask  100.3  2.50  2.50  mexc"),
                                 HasSubstr("bid  100.0  1.50  1.50  gateio"),
                                 HasSubstr("mexc BTC-USDT  USDT  LIVE (WEBSOCKET")));
  const Outcome watch = Yard({"consolidated", "BTC", "--watch", "--count=3"});
  ASSERT_EQ(watch.code, 0) << watch.err;
  EXPECT_THAT(LinesOf(watch.out), SizeIs(3));
}

TEST_F(YardTest, WatchedBookEndsAfterCountEvents) {
  const Outcome outcome = Yard({"book", "gateio", "BTC-USDT", "--watch", "--count=4"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto lines = LinesOf(outcome.out);
  ASSERT_THAT(lines, SizeIs(4));
  for (const std::string& line : lines) {
    EXPECT_THAT(line, AllOf(HasSubstr("LIVE"), HasSubstr("spread 0.1"), Not(HasSubstr("\x1b"))));
  }
}

TEST_F(YardTest, OnATerminalTheLadderIsDrawnInPlace) {
  const Outcome outcome = Yard({"book", "gateio", "BTC-USDT", "--watch", "--count=40", "--depth=2"},
                               {.terminal = true});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  // Hides the cursor, goes back over what it drew, and shows the cursor again.
  EXPECT_THAT(outcome.out, AllOf(StartsWith("\x1b[?25l"), HasSubstr("\x1b[8A"), HasSubstr("LIVE")));
  EXPECT_TRUE(outcome.out.ends_with("\x1b[?25h"));
}

TEST_F(YardTest, AWatchThatTheUserStopsEndsWithSuccess) {
  Cancellation cancellation;
  auto outcome = std::async(std::launch::async, [&] {
    return Yard({"book", "gateio", "BTC-USDT", "--watch"}, {.cancellation = &cancellation});
  });
  cancellation.Stop();
  EXPECT_EQ(outcome.get().code, 0);
}

TEST(YardWatchTest, AServiceWithoutRouterListsItsOwnExchanges) {
  Answers answers = LiveAnswers(kUpdatesPerSecond);
  answers.router = false;
  const FakeSwitchyard fake(std::move(answers));
  const Outcome exchanges = RunAt({"exchanges"}, fake.address());
  EXPECT_EQ(exchanges.code, 0) << exchanges.err;
  // Its statuses are ordered by component; the list is ordered by exchange.
  EXPECT_THAT(exchanges.out,
              HasSubstr("gateio    market_data  ready\n          order        ready\n"
                        "mexc      market_data  ready"));
  const Outcome funding = RunAt({"funding"}, fake.address());
  EXPECT_EQ(funding.code, 1);
  EXPECT_THAT(funding.err, AllOf(StartsWith("yard: UNIMPLEMENTED"), HasSubstr("a router has")));
}

TEST(YardWatchTest, ARefusedSubscriptionFails) {
  const FakeSwitchyard fake(LiveAnswers(kUpdatesPerSecond));
  const Outcome outcome = RunAt({"book", "gateio", "NOSUCH", "--watch"}, fake.address());
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err,
            "yard: NOT_FOUND UNKNOWN_INSTRUMENT: no instrument NOSUCH (exchange=gateio)\n");
}

TEST(YardWatchTest, StaleIsShownWithItsReason) {
  const FakeSwitchyard fake(Scripted([](MarketDataScript& stream) {
    stream.Write(Acknowledge(1, 5000));
    stream.Write(Message(Snapshot(1, 1)));
    stream.Write(Message(BookEvent(EVENT_KIND_STALE, 1, 2)));
    stream.Write(Message(Snapshot(2, 1)));
    stream.HoldOpen();
    return grpc::Status::OK;
  }));
  const Outcome outcome =
      RunAt({"book", "gateio", "BTC-USDT", "--watch", "--count=3"}, fake.address());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto lines = LinesOf(outcome.out);
  ASSERT_THAT(lines, SizeIs(3));
  EXPECT_THAT(lines[0], HasSubstr("  LIVE  "));
  EXPECT_THAT(lines[1], HasSubstr("  STALE (SEQUENCE_GAP)  "));
  EXPECT_THAT(lines[2], HasSubstr("  LIVE  "));
}

TEST(YardWatchTest, ABrokenContractIsReportedAndTheStreamOpenedAgain) {
  const FakeSwitchyard fake(Scripted([](MarketDataScript& stream) {
    stream.Write(Acknowledge(1, 5000));
    stream.Write(Message(Snapshot(1, 1)));
    stream.Write(Message(Delta(1, stream.attempt() == 0 ? 3 : 2, 160)));
    stream.HoldOpen();
    return grpc::Status::OK;
  }));
  const Outcome outcome =
      RunAt({"book", "gateio", "BTC-USDT", "--watch", "--count=4"}, fake.address());
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("contract broken, sequence_gap: delta 3 after 1"));
  EXPECT_EQ(fake.market_data_streams(), 2);
  EXPECT_THAT(LinesOf(outcome.out).back(), HasSubstr("LIVE  bid 100.0 x 1.60"));
}

TEST(YardWatchTest, AStreamLostToUnavailableIsOpenedAgain) {
  const FakeSwitchyard fake(Scripted([](MarketDataScript& stream) {
    stream.Write(Acknowledge(1, 5000));
    stream.Write(Message(Snapshot(static_cast<std::uint64_t>(stream.attempt()) + 1, 1)));
    if (stream.attempt() == 0) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "restarting");
    stream.HoldOpen();
    return grpc::Status::OK;
  }));
  const Outcome outcome =
      RunAt({"book", "gateio", "BTC-USDT", "--watch", "--count=2"}, fake.address());
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("stream lost (restarting)"));
  EXPECT_EQ(fake.market_data_streams(), 2);
}

TEST(YardWatchTest, ASilentStreamIsGivenUpAfterThreeHeartbeats) {
  const FakeSwitchyard fake(Scripted([](MarketDataScript& stream) {
    stream.Write(Acknowledge(1, 100));
    stream.Write(Message(Snapshot(1, 1)));
    if (stream.attempt() > 0) stream.Write(Message(Delta(1, 2, 170)));
    stream.HoldOpen();
    return grpc::Status::OK;
  }));
  const Outcome outcome =
      RunAt({"book", "gateio", "BTC-USDT", "--watch", "--count=3"}, fake.address());
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("three heartbeats missed"));
  EXPECT_EQ(fake.market_data_streams(), 2);
}

TEST(YardWatchTest, AStreamThatFailsWithAnotherCodeFails) {
  const FakeSwitchyard fake(Scripted([](MarketDataScript& stream) {
    stream.Write(Acknowledge(1, 5000));
    return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "too slow");
  }));
  const Outcome outcome = RunAt({"trades", "gateio", "BTC-USDT", "--watch"}, fake.address());
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err, "yard: RESOURCE_EXHAUSTED: too slow\n");
}

TEST(YardWatchTest, NoServerIsAnErrorAtOnce) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"exchanges"}, {"book", "gateio", "BTC-USDT", "--watch"}}) {
    const Outcome outcome = RunAt(arguments, "127.0.0.1:1");
    EXPECT_EQ(outcome.code, 1);
    EXPECT_THAT(outcome.err, StartsWith("yard: UNAVAILABLE"));
    EXPECT_THAT(LinesOf(outcome.err), SizeIs(1));
  }
}

TEST(YardWatchTest, AServerThatNeverAcknowledgesTimesOut) {
  const FakeSwitchyard fake(Scripted([](MarketDataScript& stream) {
    stream.HoldOpen();
    return grpc::Status::OK;
  }));
  const Outcome outcome =
      RunAt({"ticker", "gateio", "BTC-USDT", "--watch", "--timeout=200ms"}, fake.address());
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("DEADLINE_EXCEEDED: no sign of life"));
}

}  // namespace
}  // namespace switchyard::clients::cli
