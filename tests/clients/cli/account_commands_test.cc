#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "tests/clients/cli/run_yard.h"
#include "tests/clients/fake/fake_switchyard.h"
#include "tests/clients/fake/router_answers.h"

namespace switchyard::clients::cli {
namespace {

using fake::AccountSnapshot;
using fake::AcknowledgeAll;
using fake::Answers;
using fake::BalanceDelta;
using fake::FakeSwitchyard;
using fake::LiveAnswers;
using fake::OneEvent;
using fake::OrderEventsScript;
using fake::PrivateEventsScript;
using order::v1::OrderEvent;
using order::v1::StreamOrderEventsRequest;
using order::v1::StreamOrderEventsResponse;
using router::v1::StreamPrivateEventsResponse;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr int kUpdatesPerSecond = 200;
constexpr std::uint64_t kEpoch = 77;  // of the fake's journal

// Row `sequence`: an order of its own, open.
StreamOrderEventsResponse Row(std::uint64_t sequence) {
  OrderEvent event;
  event.set_exchange("gateio");
  event.set_account("main");
  event.set_epoch(kEpoch);
  event.set_sequence(sequence);
  event.mutable_order()->mutable_ticket()->set_client_order_id("row" + std::to_string(sequence));
  event.mutable_order()->set_state(order::v1::ORDER_STATE_OPEN);
  return OneEvent<StreamOrderEventsResponse>(event);
}

using OrderStream =
    std::function<grpc::Status(const StreamOrderEventsRequest&, OrderEventsScript&)>;

Answers WithOrders(OrderStream stream) {
  Answers answers = LiveAnswers(kUpdatesPerSecond);
  answers.stream_order_events = [stream = std::move(stream)](const auto& request,
                                                             OrderEventsScript& script) {
    script.Write(AcknowledgeAll<StreamOrderEventsResponse>(1, 5000));
    return stream(request, script);
  };
  return answers;
}

TEST(OrderWatchTest, AGapIsToldWithWhatIsOpenNow) {
  const FakeSwitchyard fake(LiveAnswers(kUpdatesPerSecond));
  for (const std::string id : {"a1", "a2"}) {
    ASSERT_EQ(RunAt({"order", "place", "gateio", "BTC-USDT", "buy", "1", "--price=99",
                     "--post_only", "--client_order_id=" + id},
                    fake.address())
                  .code,
              0);
  }
  // Rows of a journal that is not there any more.
  const Outcome outcome = RunAt(
      {"order", "list", "gateio", "--watch", "--resume_from=5:1", "--count=1"}, fake.address());
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("GAP (JOURNAL_CHANGED)"), HasSubstr("a1"), HasSubstr("a2")));
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("events are missing"), HasSubstr("yard fills gateio"),
                                 HasSubstr("--resume_from=77:2")));
}

TEST(OrderWatchTest, ALostStreamGoesOnAfterItsLastRowAndRepeatsNone) {
  std::atomic<std::uint64_t> resumed{0};
  const FakeSwitchyard fake(WithOrders([&](const auto& request, OrderEventsScript& script) {
    if (script.attempt() == 0) {
      script.Write(Row(1));
      script.Write(Row(2));
      return grpc::Status(grpc::StatusCode::UNAVAILABLE, "restarting");
    }
    resumed = request.resume_from().sequence();
    script.Write(Row(2));  // at least once
    script.Write(Row(3));
    script.HoldOpen();
    return grpc::Status::OK;
  }));
  const Outcome outcome =
      RunAt({"order", "list", "gateio", "--watch", "--count=3"}, fake.address());
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(resumed, 2u);
  EXPECT_THAT(LinesOf(outcome.out), ElementsAre("no open orders", HasSubstr("row1"),
                                                HasSubstr("row2"), HasSubstr("row3")));
  EXPECT_THAT(outcome.err, HasSubstr("stream lost (restarting), resuming it after 77:2"));
}

TEST(OrderWatchTest, ASlowReaderResumes) {
  const FakeSwitchyard fake(WithOrders([](const auto&, OrderEventsScript& script) {
    if (script.attempt() == 0) {
      script.Write(Row(1));
      return ToGrpcStatus(MakeError(absl::StatusCode::kResourceExhausted,
                                    common::v1::ERROR_REASON_SLOW_READER, "too slow"));
    }
    script.Write(Row(2));
    script.HoldOpen();
    return grpc::Status::OK;
  }));
  const Outcome outcome =
      RunAt({"order", "list", "gateio", "--watch", "--count=2"}, fake.address());
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(fake.order_streams(), 2);
}

TEST(OrderWatchTest, AnotherMarketsOrdersAreNotShown) {
  const FakeSwitchyard fake(WithOrders([](const auto&, OrderEventsScript& script) {
    auto other = Row(1);
    other.mutable_events(0)->mutable_order()->mutable_ticket()->set_symbol("ETH-USDT");
    auto wanted = Row(2);
    wanted.mutable_events(0)->mutable_order()->mutable_ticket()->set_symbol("BTC-USDT");
    script.Write(other);
    script.Write(wanted);
    script.HoldOpen();
    return grpc::Status::OK;
  }));
  const Outcome outcome = RunAt(
      {"order", "list", "gateio", "--symbol=BTC-USDT", "--watch", "--count=1"}, fake.address());
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("row2"), Not(HasSubstr("row1"))));
}

TEST(OrderWatchTest, OfTwoAccountsOneMustBeNamed) {
  const FakeSwitchyard fake(LiveAnswers(kUpdatesPerSecond));
  const Outcome outcome = RunAt({"order", "list", "lighter", "--watch"}, fake.address());
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("UNKNOWN_ACCOUNT"));
}

TEST(AccountTest, BalancesAreShownToTheLastDigit) {
  const FakeSwitchyard fake(LiveAnswers(kUpdatesPerSecond));
  const Outcome outcome = RunAt({"balances", "gateio"}, fake.address());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("1000.500000000000000001"));
}

TEST(AccountTest, LeverageIsShownAndSet) {
  const FakeSwitchyard fake(LiveAnswers(kUpdatesPerSecond));
  const Outcome shown = RunAt({"leverage", "gateio_futures", "BTC-USDT-PERP"}, fake.address());
  ASSERT_EQ(shown.code, 0) << shown.err;
  EXPECT_THAT(shown.out, AllOf(HasSubstr("leverage 10, CROSS"), HasSubstr("tier")));
  const Outcome set =
      RunAt({"leverage", "gateio_futures", "BTC-USDT-PERP", "--set=5", "--yes"}, fake.address());
  EXPECT_EQ(set.code, 0) << set.err;
  EXPECT_THAT(set.out, HasSubstr("leverage 5"));
  const Outcome refused =
      RunAt({"leverage", "gateio_futures", "BTC-USDT-PERP", "--set=500", "--yes"}, fake.address());
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("INVALID_ARGUMENT LEVERAGE_NOT_ALLOWED"));
}

TEST(AccountTest, WithoutASymbolEveryMarketIsNamedBeforeItIsSet) {
  const FakeSwitchyard fake(LiveAnswers(kUpdatesPerSecond));
  const Outcome outcome =
      RunAt({"leverage", "gateio_futures", "--set=5"}, fake.address(), {.answer = "n"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("EVERY market"));
}

TEST(PortfolioTest, ShowsWhatAnsweredAndWarnsOfWhatDidNot) {
  const FakeSwitchyard fake(LiveAnswers(kUpdatesPerSecond));
  const Outcome outcome = RunAt({"portfolio"}, fake.address());
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("1000.5*"), HasSubstr("lighter"),
                                 HasSubstr("1000.500000000000000001"), HasSubstr("4002")));
  EXPECT_EQ(outcome.err, "yard: mexc: UNAVAILABLE BACKEND_UNAVAILABLE: no live backend of mexc\n");
}

TEST(PortfolioTest, WatchFollowsTheAccountsAndTakesSpotForWhatItIs) {
  const FakeSwitchyard fake(LiveAnswers(kUpdatesPerSecond));
  const Outcome outcome =
      RunAt({"portfolio", "gateio", "gateio_futures", "--watch", "--count=3"}, fake.address());
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(LinesOf(outcome.out), ElementsAre("gateio main SNAPSHOT equity 1000.5* USDT",
                                                "gateio_futures main SNAPSHOT equity 1000.5* USDT",
                                                StartsWith("gateio_futures main SNAPSHOT")));
  // Positions are refused on spot; that is no news.
  EXPECT_THAT(outcome.err, Not(HasSubstr("NOT_IN_CAPABILITIES")));
}

TEST(PortfolioTest, OnATerminalItIsDrawnInPlace) {
  const FakeSwitchyard fake(LiveAnswers(kUpdatesPerSecond));
  const Outcome outcome =
      RunAt({"portfolio", "gateio", "--watch", "--count=1"}, fake.address(), {.terminal = true});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(StartsWith("\x1b[?25l"), HasSubstr("1000.5*")));
}

TEST(PortfolioTest, AnEventThatDoesNotContinueOpensTheStreamAgain) {
  Answers answers = LiveAnswers(kUpdatesPerSecond);
  answers.stream_private_events = [](const auto& request, PrivateEventsScript& script) {
    script.Write(AcknowledgeAll<StreamPrivateEventsResponse>(request.subscriptions_size(), 5000));
    script.Write(AccountSnapshot(9, 4));
    script.Write(BalanceDelta(9, script.attempt() == 0 ? 6 : 5, "999.5"));
    script.HoldOpen();
    return grpc::Status::OK;
  };
  const FakeSwitchyard fake(std::move(answers));
  const Outcome outcome = RunAt({"portfolio", "gateio", "--watch", "--count=3"}, fake.address());
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(fake.private_streams(), 2);
  EXPECT_THAT(outcome.err, HasSubstr("does not continue"));
  EXPECT_THAT(LinesOf(outcome.out).back(), HasSubstr("999.5 USDT (-1 by FILL)"));
}

}  // namespace
}  // namespace switchyard::clients::cli
