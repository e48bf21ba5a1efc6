#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "tests/clients/cli/run_yard.h"
#include "tests/clients/fake/fake_switchyard.h"

namespace switchyard::clients::cli {
namespace {

using fake::Answers;
using fake::FakeSwitchyard;
using fake::LiveAnswers;
using order::v1::PlaceOrderRequest;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr int kUpdatesPerSecond = 200;

grpc::Status Refusal(absl::StatusCode code, ErrorReason reason, const std::string& message) {
  return ToGrpcStatus(MakeError(code, reason, message));
}

grpc::Status OutcomeUnknown() {
  return Refusal(absl::StatusCode::kUnknown, common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN,
                 "sent and not answered");
}

// The tickets that reached the fake, in order.
class Received {
 public:
  // Records PlaceOrder and answers what `answer` says for the nth of them, from 0.
  fake::CommandHook Recording(std::function<grpc::Status(std::size_t)> answer) {
    return [this, answer = std::move(answer)](std::string_view rpc, const auto& request) {
      if (rpc != "PlaceOrder") return grpc::Status::OK;
      const std::lock_guard lock(mutex_);
      tickets_.push_back(dynamic_cast<const PlaceOrderRequest&>(request).ticket());
      return answer(tickets_.size() - 1);
    };
  }
  std::vector<order::v1::OrderTicket> tickets() const {
    const std::lock_guard lock(mutex_);
    return tickets_;
  }
  std::vector<std::string> ids() const {
    std::vector<std::string> ids;
    for (const auto& ticket : tickets()) ids.push_back(ticket.client_order_id());
    return ids;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<order::v1::OrderTicket> tickets_;
};

grpc::Status Taken(std::size_t) { return grpc::Status::OK; }

Answers Before(fake::CommandHook hook) {
  Answers answers = LiveAnswers(kUpdatesPerSecond);
  answers.before_command = std::move(hook);
  return answers;
}

Answers After(fake::CommandHook hook) {
  Answers answers = LiveAnswers(kUpdatesPerSecond);
  answers.after_command = std::move(hook);
  return answers;
}

const std::vector<std::string> kRestingBuy{"order", "place", "gateio",     "BTC-USDT",
                                           "buy",   "0.25",  "--price=99", "--post_only"};
const std::vector<std::string> kMarketBuy{"order", "place", "gateio_futures", "BTC-USDT-PERP",
                                          "buy",   "0.25",  "--type=market"};

std::vector<std::string> With(std::vector<std::string> arguments, const std::string& more) {
  arguments.push_back(more);
  return arguments;
}

TEST(OrderUsageTest, WrongUseExitsWithTwoAndSendsNothing) {
  Received received;
  const FakeSwitchyard fake(Before(received.Recording(Taken)));
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"order"},
           {"order", "plaze", "gateio"},
           {"order", "place", "gateio", "BTC-USDT", "hold", "1", "--price=1"},
           {"order", "place", "gateio", "BTC-USDT", "buy", "1"},
           {"order", "place", "gateio", "BTC-USDT", "buy", "--price=1"},
           {"order", "place", "gateio", "BTC-USDT", "buy", "1e-5", "--price=1"},
           {"order", "place", "gateio", "BTC-USDT", "buy", "0", "--price=1"},
           {"order", "place", "gateio", "BTC-USDT", "buy", "1", "--price=-1"},
           {"order", "place", "gateio", "BTC-USDT", "buy", "1", "--price=1", "--type=iceberg"},
           {"order", "place", "gateio", "BTC-USDT", "buy", "1", "--price=1",
            "--client_order_id=0123456789012345678901234567890123456"},
           {"order", "place", "gateio", "BTC-USDT", "buy", "1", "--price=1",
            "--client_order_id=a.b"},
           {"order", "amend", "gateio", "mine", "--yes"},
           {"order", "show", "gateio", "x1", "--by_exchange_id"},
           {"order", "list", "gateio", "--watch", "--resume_from=7"},
           {"order", "list", "gateio", "--states=sleeping"},
           {"order", "cancel-all", "--symbol=BTC-USDT", "--yes"},
           {"kill", "engage", "gateio", "--yes"},
           {"leverage", "gateio_futures", "BTC-USDT-PERP", "--set=0.5", "--yes"},
           {"leverage", "gateio_futures"},
           {"portfolio", "--account=main"}}) {
    const Outcome outcome = RunAt(arguments, fake.address());
    EXPECT_EQ(outcome.code, 2) << testing::PrintToString(arguments);
    EXPECT_THAT(LinesOf(outcome.err), SizeIs(1)) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
  EXPECT_THAT(received.tickets(), IsEmpty());
}

TEST(OrderUsageTest, HelpNamesTheWordsOfTwoWordCommands) {
  EXPECT_THAT(RunAt({"order", "--help"}, "").out,
              AllOf(HasSubstr("order cancel-all"), HasSubstr("kill release")));
  EXPECT_THAT(RunAt({"order", "place", "--help"}, "").out,
              AllOf(HasSubstr("--worst_price"), HasSubstr("--yes"), HasSubstr("--account")));
}

TEST(ConfirmationTest, WithoutATerminalAndWithoutYesNothingIsSent) {
  Received received;
  int commands = 0;
  const FakeSwitchyard fake(Before([&](auto, const auto&) {
    ++commands;
    return grpc::Status::OK;
  }));
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           kMarketBuy,
           {"order", "place", "gateio", "BTC-USDT", "buy", "1", "--price=99"},
           {"order", "amend", "gateio", "mine", "--price=98"},
           {"order", "cancel-all", "gateio"},
           {"order", "cancel-all"},
           {"kill", "engage", "gateio", "--reason=test"},
           {"kill", "release", "gateio", "--reason=test"},
           {"leverage", "gateio_futures", "BTC-USDT-PERP", "--set=5"}}) {
    const Outcome outcome = RunAt(arguments, fake.address());
    EXPECT_EQ(outcome.code, 2) << testing::PrintToString(arguments);
    EXPECT_THAT(outcome.err, AllOf(StartsWith("yard: would "), HasSubstr("give --yes")));
    EXPECT_THAT(LinesOf(outcome.err), SizeIs(1));
  }
  EXPECT_EQ(commands, 0);
}

TEST(ConfirmationTest, OnlyAClearYesIsTakenForOne) {
  Received received;
  const FakeSwitchyard fake(Before(received.Recording(Taken)));
  for (const std::string answer : {"", "n", "yess", "Yes please"}) {
    const Outcome outcome = RunAt(kMarketBuy, fake.address(), {.answer = answer});
    EXPECT_EQ(outcome.code, 1) << answer;
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("place BUY 0.25 BTC-USDT-PERP MARKET on "
                                             "gateio_futures? [y/N] "),
                                   HasSubstr("not done")));
  }
  EXPECT_THAT(received.tickets(), IsEmpty());
  EXPECT_EQ(RunAt(kMarketBuy, fake.address(), {.answer = "y"}).code, 0);
  EXPECT_THAT(received.tickets(), SizeIs(1));
}

TEST(ConfirmationTest, WhatRestsAndWhatCancelsIsNotAskedAbout) {
  const FakeSwitchyard fake(LiveAnswers(kUpdatesPerSecond));
  EXPECT_EQ(RunAt(With(kRestingBuy, "--client_order_id=mine"), fake.address()).code, 0);
  const Outcome canceled = RunAt({"order", "cancel", "gateio", "mine"}, fake.address());
  EXPECT_EQ(canceled.code, 0) << canceled.err;
  EXPECT_THAT(canceled.out, HasSubstr("CANCELED (CLIENT_CANCEL)"));
}

TEST(OutcomeTest, AnUnknownOneIsExplainedHasItsOwnCodeAndIsNotRetried) {
  Received received;
  const FakeSwitchyard fake(After(received.Recording([](auto) { return OutcomeUnknown(); })));
  const Outcome outcome =
      RunAt(With(With(kRestingBuy, "--retries=5"), "--account=main"), fake.address());
  EXPECT_EQ(outcome.code, 3);
  ASSERT_THAT(received.ids(), SizeIs(1));
  const std::string id = received.ids()[0];
  EXPECT_THAT(LinesOf(outcome.err),
              ElementsAre("yard: client_order_id " + id,
                          "yard: UNKNOWN ORDER_OUTCOME_UNKNOWN: sent and not answered",
                          "yard: it was sent, and nobody knows whether it was done; ask: yard "
                          "order show gateio " +
                              id + " --account=main --wait",
                          AllOf(HasSubstr("do not send it again as a new command"),
                                HasSubstr("--client_order_id=" + id))));
}

TEST(OutcomeTest, WhatTheAdviceSaysTellsTheTruth) {
  Received received;
  const FakeSwitchyard fake(After(received.Recording(
      [](std::size_t index) { return index == 0 ? OutcomeUnknown() : grpc::Status::OK; })));
  ASSERT_EQ(RunAt(kRestingBuy, fake.address()).code, 3);
  const std::string id = received.ids()[0];
  const Outcome shown = RunAt({"order", "show", "gateio", id, "--wait"}, fake.address());
  EXPECT_EQ(shown.code, 0) << shown.err;
  EXPECT_THAT(shown.out, AllOf(HasSubstr("OPEN"), HasSubstr(id)));
  const Outcome again = RunAt(With(kRestingBuy, "--client_order_id=" + id), fake.address());
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("nothing was sent now"));
  EXPECT_THAT(RunAt({"order", "list", "gateio", "--all", "--json"}, fake.address()).out,
              HasSubstr(id));
}

TEST(OutcomeTest, AConnectionThatBreaksAfterSendingIsUnknownToo) {
  Received received;
  // As gRPC's own library says it: a code and no reason.
  const FakeSwitchyard fake(Before(received.Recording(
      [](auto) { return grpc::Status(grpc::StatusCode::UNAVAILABLE, "Socket closed"); })));
  EXPECT_EQ(RunAt(With(kRestingBuy, "--retries=5"), fake.address()).code, 3);
  EXPECT_THAT(received.ids(), SizeIs(1));
}

TEST(OutcomeTest, NobodyListeningIsAFailureInWhichNothingWasSent) {
  const Outcome outcome = RunAt(kRestingBuy, "127.0.0.1:1");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("nothing was sent"));
}

TEST(OutcomeTest, WhatHadNoEffectIsRepeatedWithTheSameIdWhenAsked) {
  Received received;
  const FakeSwitchyard fake(Before(received.Recording([](std::size_t index) {
    return index < 2 ? Refusal(absl::StatusCode::kUnavailable,
                               common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE, "not connected")
                     : grpc::Status::OK;
  })));
  const Outcome outcome = RunAt(With(kRestingBuy, "--retries=2"), fake.address());
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const auto ids = received.ids();
  ASSERT_THAT(ids, SizeIs(3));
  EXPECT_THAT(ids, testing::Each(ids[0]));
  EXPECT_THAT(outcome.err, HasSubstr("the same command again (2 of 2)"));
}

TEST(OutcomeTest, WithoutRetriesItIsSentOnce) {
  Received received;
  const FakeSwitchyard fake(Before(received.Recording([](auto) {
    return Refusal(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE,
                   "not connected");
  })));
  EXPECT_EQ(RunAt(kRestingBuy, fake.address()).code, 1);
  EXPECT_THAT(received.ids(), SizeIs(1));
}

TEST(OutcomeTest, EveryCommandHasAnIdOfItsOwn) {
  Received received;
  const FakeSwitchyard fake(Before(received.Recording(Taken)));
  ASSERT_EQ(RunAt(kRestingBuy, fake.address()).code, 0);
  ASSERT_EQ(RunAt(kRestingBuy, fake.address()).code, 0);
  const auto ids = received.ids();
  ASSERT_THAT(ids, SizeIs(2));
  EXPECT_NE(ids[0], ids[1]);
  for (const std::string& id : ids) EXPECT_THAT(id, MatchesRegex("[A-Za-z0-9_-]{1,36}"));
}

class OrderTest : public testing::Test {
 protected:
  Outcome Yard(const std::vector<std::string>& arguments) {
    return RunAt(arguments, fake_.address());
  }

  Received received_;
  FakeSwitchyard fake_{Before(received_.Recording(Taken))};
};

TEST_F(OrderTest, ARiskLimitSaysThatNothingWasSentAndWhereTheLimitsAre) {
  const Outcome outcome = Yard({"order", "place", "gateio", "BTC-USDT", "buy", "5000", "--price=99",
                                "--post_only", "--client_order_id=mine"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(LinesOf(outcome.err),
              ElementsAre("yard: FAILED_PRECONDITION RISK_LIMIT: quantity 5000 is above 1000 "
                          "(limit=ORDER_QUANTITY)",
                          "yard: nothing was sent to the exchange; yard limits gateio shows what "
                          "is allowed"));
  const Outcome limits = Yard({"limits", "gateio"});
  EXPECT_THAT(limits.out, AllOf(HasSubstr("new orders are taken"), HasSubstr("ORDER_QUANTITY"),
                                HasSubstr("1000")));
}

TEST_F(OrderTest, AnEngagedKillSwitchRefusesOrdersAndLetsCancellationsPass) {
  ASSERT_EQ(Yard(With(kRestingBuy, "--client_order_id=mine")).code, 0);
  const Outcome engaged = Yard({"kill", "engage", "gateio", "--reason=fat finger", "--yes"});
  ASSERT_EQ(engaged.code, 0) << engaged.err;
  EXPECT_THAT(engaged.out, AllOf(HasSubstr("ENGAGED by tester"), HasSubstr("fat finger")));
  const Outcome refused = Yard(kRestingBuy);
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("FAILED_PRECONDITION KILL_SWITCH"),
                                 HasSubstr("yard kill release gateio")));
  EXPECT_THAT(Yard({"limits", "gateio"}).out, HasSubstr("NEW ORDERS ARE REFUSED"));
  EXPECT_EQ(Yard({"order", "cancel", "gateio", "mine"}).code, 0);
  ASSERT_EQ(Yard({"kill", "release", "gateio", "--reason=over", "--yes"}).code, 0);
  EXPECT_EQ(Yard(kRestingBuy).code, 0);
}

TEST_F(OrderTest, KillMayAlsoCancelWhatIsOpen) {
  ASSERT_EQ(Yard(kRestingBuy).code, 0);
  const Outcome outcome =
      Yard({"kill", "engage", "gateio", "--reason=stop", "--cancel_open_orders", "--yes"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("1 orders; 0 still open or unknown"));
  EXPECT_THAT(Yard({"order", "list", "gateio"}).out, HasSubstr("no open orders"));
}

TEST_F(OrderTest, OfTwoAccountsOneMustBeNamed) {
  const Outcome none = Yard({"order", "list", "lighter"});
  EXPECT_EQ(none.code, 1);
  EXPECT_THAT(LinesOf(none.err), ElementsAre(StartsWith("yard: INVALID_ARGUMENT UNKNOWN_ACCOUNT: "),
                                             HasSubstr("name the account with --account")));
  EXPECT_EQ(Yard({"order", "list", "lighter", "--account=two"}).code, 0);
}

TEST_F(OrderTest, ANumberReachesTheServerAsItWasTyped) {
  const Outcome outcome = Yard({"order", "place", "gateio", "BTC-USDT", "buy",
                                "0.100000000000000001", "--price", "99.90", "--post-only"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  ASSERT_THAT(received_.tickets(), SizeIs(1));
  EXPECT_EQ(received_.tickets()[0].quantity(), "0.100000000000000001");
  EXPECT_EQ(received_.tickets()[0].price(), "99.90");
  EXPECT_TRUE(received_.tickets()[0].post_only());
}

TEST_F(OrderTest, AnotherOrderUnderTheSameIdIsRefusedWithTheWayToTheFirst) {
  ASSERT_EQ(Yard(With(kRestingBuy, "--client_order_id=mine")).code, 0);
  const Outcome outcome = Yard({"order", "place", "gateio", "BTC-USDT", "buy", "0.5", "--price=99",
                                "--post_only", "--client_order_id=mine"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("ALREADY_EXISTS CLIENT_ORDER_ID_REUSED"),
                                 HasSubstr("yard order show gateio mine")));
}

TEST_F(OrderTest, AmendChangesWhatIsNamedAlone) {
  ASSERT_EQ(Yard(With(kRestingBuy, "--client_order_id=mine")).code, 0);
  const Outcome outcome = Yard({"order", "amend", "gateio", "mine", "--price=98.5", "--yes"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("BUY 0.25 BTC-USDT LIMIT at 98.5 POST_ONLY"));
  EXPECT_THAT(outcome.err, HasSubstr("request_id yard-"));
}

TEST_F(OrderTest, AMarketOrderShowsItsFillsAndItsPosition) {
  ASSERT_EQ(Yard(With(With(kMarketBuy, "--yes"), "--client_order_id=mine")).code, 0);
  const Outcome shown = Yard({"order", "show", "gateio_futures", "mine"});
  EXPECT_THAT(shown.out, AllOf(HasSubstr("state              FILLED\n"), HasSubstr("TAKER")));
  const Outcome fills = Yard({"fills", "gateio_futures"});
  EXPECT_THAT(fills.out, AllOf(HasSubstr("0.25"), HasSubstr("100.1"), HasSubstr("mine")));
  const Outcome positions = Yard({"positions", "gateio_futures"});
  // "*": computed by Switchyard.
  EXPECT_THAT(positions.out, AllOf(HasSubstr("LONG"), HasSubstr("0.25"), HasSubstr("-0.1*")));
  const Outcome spot = Yard({"positions", "gateio"});
  EXPECT_EQ(spot.code, 1);
  EXPECT_THAT(spot.err, HasSubstr("UNIMPLEMENTED NOT_IN_CAPABILITIES"));
}

TEST_F(OrderTest, TheListOfOpenOrdersIsWhole) {
  // The fake gives one order a page.
  for (const std::string id : {"a1", "a2", "a3"}) {
    ASSERT_EQ(Yard(With(kRestingBuy, "--client_order_id=" + id)).code, 0);
  }
  const Outcome outcome = Yard({"order", "list", "gateio"});
  EXPECT_THAT(LinesOf(outcome.out), SizeIs(4));
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("a1"), HasSubstr("a2"), HasSubstr("a3")));
  const Outcome all = Yard({"order", "cancel-all", "gateio", "--yes"});
  EXPECT_EQ(all.code, 0) << all.err;
  EXPECT_THAT(all.out, HasSubstr("3 orders; 0 still open or unknown"));
  const Outcome history = Yard({"order", "list", "gateio", "--states=canceled"});
  EXPECT_THAT(LinesOf(history.out), SizeIs(4));
}

TEST_F(OrderTest, CancellingEverywhereTellsWhatIsUnknown) {
  const Outcome outcome = Yard({"order", "cancel-all", "--yes"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("gateio_futures  main"), HasSubstr("ORDER_OUTCOME_UNKNOWN")));
}

TEST_F(OrderTest, JsonIsOnStandardOutputAndNothingElseIs) {
  const Outcome outcome = Yard(With(kRestingBuy, "--json"));
  ASSERT_EQ(outcome.code, 0);
  ASSERT_THAT(LinesOf(outcome.out), SizeIs(1));
  order::v1::PlaceOrderResponse response;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(outcome.out, &response).ok());
  EXPECT_EQ(response.order().state(), order::v1::ORDER_STATE_OPEN);
  EXPECT_THAT(outcome.err, HasSubstr("client_order_id yard-"));
  EXPECT_THAT(outcome.err, Not(HasSubstr("BTC-USDT")));
}

}  // namespace
}  // namespace switchyard::clients::cli
