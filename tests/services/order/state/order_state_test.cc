#include "services/order/state/order_state.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/status/status.h"

namespace switchyard::order {
namespace {

using exchange::CommandFate;
using exchange::CommandResult;
using model::OrderReport;

Decimal D(std::string_view text) { return *Decimal::Parse(text); }

constexpr TimeNs kNow = 1'000;
Cause Now(TimeNs now = kNow) { return {.now = now, .tick_scale = 1}; }

// A limit order to buy 3 at 100.5, journaled, on its way.
OrderRecord Submitted(const std::string& quantity = "3") {
  OrderRecord record;
  record.number = 1;
  record.body_hash = "h";
  v1::Order& order = record.order;
  order.mutable_ticket()->set_client_order_id("mine");
  order.mutable_ticket()->set_symbol("BTC-USDT");
  order.mutable_ticket()->set_side(common::v1::SIDE_BUY);
  order.mutable_ticket()->set_type(v1::ORDER_TYPE_LIMIT);
  order.mutable_ticket()->set_quantity(quantity);
  order.mutable_ticket()->set_price("100.5");
  order.mutable_sent()->set_quantity(quantity);
  order.mutable_sent()->set_price("100.5");
  order.set_state(v1::ORDER_STATE_PENDING_NEW);
  order.set_pending(v1::PENDING_COMMAND_SUBMIT);
  order.set_version(1);
  record.command_time = 900;
  return record;
}

OrderReport Report(v1::OrderState state, const std::string& filled = "0") {
  OrderReport report;
  report.symbol = "BTC-USDT";
  report.exchange_order_id = "x1";
  report.state = state;
  report.filled_quantity = D(filled);
  return report;
}

v1::Fill MakeFill(const std::string& trade_id, const std::string& quantity,
                  const std::string& price = "100.5") {
  v1::Fill fill;
  fill.set_symbol("BTC-USDT");
  fill.set_trade_id(trade_id);
  fill.set_exchange_order_id("x1");
  fill.set_side(common::v1::SIDE_BUY);
  fill.set_price(price);
  fill.set_quantity(quantity);
  fill.set_fee("0.1");
  fill.set_fee_currency("USDT");
  return fill;
}

CommandResult Result(CommandFate fate, absl::Status status = absl::OkStatus()) {
  CommandResult result;
  result.fate = fate;
  result.status = std::move(status);
  result.submit_time = 950;
  return result;
}

OrderRecord Opened() {
  OrderRecord record = Submitted();
  EXPECT_TRUE(ApplyPlaceResult(Result(CommandFate::kConfirmed), Now(), record));
  return record;
}

absl::Status Refusal() {
  return MakeError(absl::StatusCode::kFailedPrecondition,
                   common::v1::ERROR_REASON_POST_ONLY_WOULD_CROSS, "it would cross");
}

TEST(PlaceResultTest, AConfirmationOpensTheOrder) {
  const OrderRecord record = Opened();
  EXPECT_EQ(record.order.state(), v1::ORDER_STATE_OPEN);
  EXPECT_EQ(record.order.pending(), v1::PENDING_COMMAND_NONE);
  EXPECT_EQ(record.order.version(), 2u);
  EXPECT_EQ(record.order.submit_time_ns(), 950);
  EXPECT_EQ(record.order.acknowledge_time_ns(), kNow.value);
  EXPECT_EQ(record.order.remaining_quantity(), "3");
  EXPECT_EQ(record.order.filled_quantity(), "");
}

TEST(PlaceResultTest, ARefusalRejectsItWithTheReason) {
  OrderRecord record = Submitted();
  EXPECT_TRUE(ApplyPlaceResult(Result(CommandFate::kRefused, Refusal()), Now(), record));
  EXPECT_EQ(record.order.state(), v1::ORDER_STATE_REJECTED);
  EXPECT_EQ(record.order.finish_reason(), v1::FINISH_REASON_REJECTED);
  EXPECT_EQ(record.order.rejection().reason(), common::v1::ERROR_REASON_POST_ONLY_WOULD_CROSS);
  EXPECT_EQ(record.order.remaining_quantity(), "0");
  EXPECT_EQ(record.order.finish_time_ns(), kNow.value);
}

TEST(PlaceResultTest, WhatWasNotSentIsRejectedAsNotSent) {
  OrderRecord record = Submitted();
  EXPECT_TRUE(ApplyPlaceResult(Result(CommandFate::kNotSent, absl::UnavailableError("down")), Now(),
                               record));
  EXPECT_EQ(record.order.state(), v1::ORDER_STATE_REJECTED);
  EXPECT_EQ(record.order.finish_reason(), v1::FINISH_REASON_NOT_SENT);
}

// no answer is neither a yes nor a no.
TEST(PlaceResultTest, R40NoAnswerIsAnUnknownOutcomeAndNoTerminalState) {
  OrderRecord record = Submitted();
  EXPECT_TRUE(ApplyPlaceResult(Result(CommandFate::kUnknown), Now(), record));
  EXPECT_EQ(record.order.state(), v1::ORDER_STATE_PENDING_NEW);
  EXPECT_EQ(record.order.pending(), v1::PENDING_COMMAND_SUBMIT);
  EXPECT_TRUE(record.order.outcome_unknown());
}

TEST(PlaceResultTest, AnyConfirmationSettlesAnUnknownOutcome) {
  for (const bool by_fill : {false, true}) {
    OrderRecord record = Submitted();
    ApplyPlaceResult(Result(CommandFate::kUnknown), Now(), record);
    by_fill ? ApplyFill(MakeFill("t1", "1"), Now(), record)
            : ApplyReport(Report(v1::ORDER_STATE_OPEN), Now(), record);
    EXPECT_FALSE(record.order.outcome_unknown());
    EXPECT_EQ(record.order.pending(), v1::PENDING_COMMAND_NONE);
    EXPECT_FALSE(record.command_time.given());
  }
}

TEST(PlaceResultTest, ALostAnswerAfterTheStreamConfirmedIsNoUnknownOutcome) {
  OrderRecord record = Submitted();
  ApplyReport(Report(v1::ORDER_STATE_OPEN), Now(), record);
  ApplyPlaceResult(Result(CommandFate::kUnknown), Now(), record);
  EXPECT_FALSE(record.order.outcome_unknown());
  EXPECT_EQ(record.order.state(), v1::ORDER_STATE_OPEN);
}

TEST(PlaceResultTest, ARefusalOfWhatTheStreamConfirmedIsAQuestion) {
  OrderRecord record = Submitted();
  ApplyReport(Report(v1::ORDER_STATE_OPEN), Now(), record);
  ApplyPlaceResult(Result(CommandFate::kRefused, Refusal()), Now(), record);
  EXPECT_EQ(record.order.state(), v1::ORDER_STATE_OPEN);
  EXPECT_TRUE(record.order.outcome_unknown());
}

TEST(PlaceResultTest, AFillBeforeTheAcknowledgementStays) {
  OrderRecord record = Submitted();
  EXPECT_TRUE(ApplyFill(MakeFill("t1", "1"), Now(), record));
  EXPECT_EQ(record.order.state(), v1::ORDER_STATE_PARTIALLY_FILLED);
  EXPECT_EQ(record.order.exchange_order_id(), "x1");
  CommandResult late = Result(CommandFate::kConfirmed);
  late.report = Report(v1::ORDER_STATE_OPEN, "0");
  ApplyPlaceResult(late, Now(), record);
  EXPECT_EQ(record.order.state(), v1::ORDER_STATE_PARTIALLY_FILLED);
  EXPECT_EQ(record.order.filled_quantity(), "1");
  EXPECT_EQ(record.order.remaining_quantity(), "2");
}

TEST(ReportTest, ALateAcknowledgementReopensNothing) {
  for (const auto state : {v1::ORDER_STATE_FILLED, v1::ORDER_STATE_CANCELED,
                           v1::ORDER_STATE_EXPIRED, v1::ORDER_STATE_REJECTED}) {
    OrderRecord record = Submitted();
    ApplyReport(Report(state, state == v1::ORDER_STATE_FILLED ? "3" : "0"), Now(), record);
    ASSERT_EQ(record.order.state(), state);
    const v1::FinishReason reason = record.order.finish_reason();
    ApplyPlaceResult(Result(CommandFate::kConfirmed), Now(2'000), record);
    ApplyReport(Report(v1::ORDER_STATE_OPEN), Now(2'000), record);
    ApplyReport(Report(v1::ORDER_STATE_EXPIRED), Now(2'000), record);
    EXPECT_EQ(record.order.state(), state);
    EXPECT_EQ(record.order.finish_reason(), reason);
    EXPECT_EQ(record.order.finish_time_ns(), kNow.value);
    EXPECT_EQ(record.order.remaining_quantity(), "0");
  }
}

TEST(ReportTest, AnOlderVersionIsIgnored) {
  OrderRecord record = Opened();
  OrderReport newer = Report(v1::ORDER_STATE_PARTIALLY_FILLED, "2");
  newer.exchange_version = 5;
  ApplyReport(newer, Now(), record);
  const std::string before = record.order.SerializeAsString();
  OrderReport older = Report(v1::ORDER_STATE_CANCELED, "1");
  older.exchange_version = 4;
  EXPECT_FALSE(ApplyReport(older, Now(), record));
  EXPECT_EQ(record.order.SerializeAsString(), before);
}

TEST(ReportTest, WhatIsFilledNeverShrinks) {
  OrderRecord record = Opened();
  ApplyReport(Report(v1::ORDER_STATE_PARTIALLY_FILLED, "2"), Now(), record);
  ApplyReport(Report(v1::ORDER_STATE_OPEN, "0"), Now(), record);
  EXPECT_EQ(record.order.filled_quantity(), "2");
  EXPECT_EQ(record.order.state(), v1::ORDER_STATE_PARTIALLY_FILLED);
}

TEST(ReportTest, TheVersionGrowsWithEveryChangeAndNeverOtherwise) {
  OrderRecord record = Opened();
  const OrderReport report = Report(v1::ORDER_STATE_PARTIALLY_FILLED, "1");
  EXPECT_TRUE(ApplyReport(report, Now(), record));
  EXPECT_EQ(record.order.version(), 3u);
  EXPECT_EQ(record.order.update_time_ns(), kNow.value);
  EXPECT_FALSE(ApplyReport(report, Now(5'000), record));
  EXPECT_EQ(record.order.version(), 3u);
  EXPECT_EQ(record.order.update_time_ns(), kNow.value);
}

struct EndCase {
  std::string name;
  v1::OrderState state;
  v1::FinishReason told, cancel_cause, want;
};

class EndTest : public ::testing::TestWithParam<EndCase> {};

TEST_P(EndTest, HasItsReason) {
  const EndCase& c = GetParam();
  OrderRecord record = Opened();
  record.cancel_cause = c.cancel_cause;
  OrderReport report = Report(c.state, c.state == v1::ORDER_STATE_FILLED ? "3" : "1");
  report.finish_reason = c.told;
  ApplyReport(report, Now(), record);
  EXPECT_EQ(record.order.state(), c.state);
  EXPECT_EQ(record.order.finish_reason(), c.want);
}

constexpr auto kNone = v1::FINISH_REASON_UNSPECIFIED;
INSTANTIATE_TEST_SUITE_P(
    Reasons, EndTest,
    ::testing::Values(EndCase{"ours", v1::ORDER_STATE_CANCELED, v1::FINISH_REASON_CLIENT_CANCEL,
                              v1::FINISH_REASON_CLIENT_CANCEL, v1::FINISH_REASON_CLIENT_CANCEL},
                      EndCase{"kill_switch", v1::ORDER_STATE_CANCELED, kNone,
                              v1::FINISH_REASON_KILL_SWITCH, v1::FINISH_REASON_KILL_SWITCH},
                      EndCase{"somebody_elses", v1::ORDER_STATE_CANCELED,
                              v1::FINISH_REASON_CLIENT_CANCEL, kNone,
                              v1::FINISH_REASON_EXTERNAL_CANCEL},
                      EndCase{"the_exchanges_own_word", v1::ORDER_STATE_CANCELED,
                              v1::FINISH_REASON_IOC_REMAINDER, v1::FINISH_REASON_CLIENT_CANCEL,
                              v1::FINISH_REASON_IOC_REMAINDER},
                      EndCase{"filled", v1::ORDER_STATE_FILLED, kNone,
                              v1::FINISH_REASON_CLIENT_CANCEL, v1::FINISH_REASON_FILLED},
                      EndCase{"expired", v1::ORDER_STATE_EXPIRED, v1::FINISH_REASON_TIME_EXPIRED,
                              kNone, v1::FINISH_REASON_TIME_EXPIRED}),
    [](const auto& info) { return info.param.name; });

TEST(FillTest, FillsSumUpExactlyAndFinishTheOrder) {
  OrderRecord record = Opened();
  EXPECT_TRUE(ApplyFill(MakeFill("t1", "1", "100.1"), Now(), record));
  EXPECT_TRUE(ApplyFill(MakeFill("t2", "0.5", "100.2"), Now(), record));
  EXPECT_EQ(record.order.state(), v1::ORDER_STATE_PARTIALLY_FILLED);
  EXPECT_EQ(record.order.filled_quantity(), "1.5");
  EXPECT_EQ(record.order.filled_quote_quantity(), "150.20");
  EXPECT_EQ(record.order.average_price(), "100.133333333");  // the tick's 1 decimal + 8
  EXPECT_TRUE(ApplyFill(MakeFill("t3", "1.5", "100"), Now(), record));
  EXPECT_EQ(record.order.state(), v1::ORDER_STATE_FILLED);
  EXPECT_EQ(record.order.finish_reason(), v1::FINISH_REASON_FILLED);
  EXPECT_EQ(record.order.remaining_quantity(), "0");
  ASSERT_EQ(record.order.fees_size(), 1);
  EXPECT_EQ(record.order.fees(0).amount(), "0.3");
  EXPECT_FALSE(LacksFills(record));
}

TEST(FillTest, TheAverageIsRoundedHalfToEven) {
  // 0.00000000005 per unit more than a multiple of 1e-9: ties go to the even digit.
  OrderRecord record = Submitted("2");
  ApplyFill(MakeFill("t1", "1", "1.000000000"), Now(), record);
  ApplyFill(MakeFill("t2", "1", "1.000000001"), Now(), record);
  EXPECT_EQ(record.order.average_price(), "1.000000000");
  OrderRecord other = Submitted("2");
  ApplyFill(MakeFill("t1", "1", "1.000000001"), Now(), other);
  ApplyFill(MakeFill("t2", "1", "1.000000002"), Now(), other);
  EXPECT_EQ(other.order.average_price(), "1.000000002");
}

TEST(FillTest, AFilledReportAheadOfItsFillsIsFlagged) {
  OrderRecord record = Opened();
  ApplyReport(Report(v1::ORDER_STATE_FILLED, "3"), Now(), record);
  EXPECT_EQ(record.order.state(), v1::ORDER_STATE_FILLED);
  EXPECT_TRUE(LacksFills(record));
  EXPECT_TRUE(ApplyFill(MakeFill("t1", "3"), Now(), record));
  EXPECT_FALSE(LacksFills(record));
  EXPECT_EQ(record.order.filled_quantity(), "3");
  EXPECT_EQ(record.order.filled_quote_quantity(), "301.5");
}

// the cancel raced a fill.
TEST(FillTest, R54ACanceledOrderThatItsFillsExplainWholeIsFilled) {
  OrderRecord record = Opened();
  record.cancel_cause = v1::FINISH_REASON_CLIENT_CANCEL;
  ApplyReport(Report(v1::ORDER_STATE_CANCELED, "0"), Now(), record);
  ApplyFill(MakeFill("t1", "1"), Now(), record);
  EXPECT_EQ(record.order.state(), v1::ORDER_STATE_CANCELED) << "a part does not reopen it";
  EXPECT_EQ(record.order.filled_quantity(), "1");
  EXPECT_EQ(record.order.remaining_quantity(), "0");
  ApplyFill(MakeFill("t2", "2"), Now(), record);
  EXPECT_EQ(record.order.state(), v1::ORDER_STATE_FILLED);
  EXPECT_EQ(record.order.finish_reason(), v1::FINISH_REASON_FILLED);
}

TEST(FillTest, WhileAnAmendmentIsOnItsWayFillsDoNotFinishTheOrder) {
  OrderRecord record = Opened();
  BeginCommand(v1::PENDING_COMMAND_AMEND, kNone, Now(), record);
  ApplyFill(MakeFill("t1", "3"), Now(), record);
  EXPECT_EQ(record.order.state(), v1::ORDER_STATE_PARTIALLY_FILLED);
  OrderRecord refused = record;
  ApplyAmendResult(Result(CommandFate::kConfirmed), {.quantity = D("5")}, Now(), record);
  EXPECT_EQ(record.order.state(), v1::ORDER_STATE_PARTIALLY_FILLED);
  EXPECT_EQ(record.order.remaining_quantity(), "2");
  ApplyAmendResult(Result(CommandFate::kConfirmed), {.quantity = D("3")}, Now(), refused);
  EXPECT_EQ(refused.order.state(), v1::ORDER_STATE_FILLED);
}

TEST(AmendTest, AConfirmedAmendmentChangesWhatWasAsked) {
  OrderRecord record = Opened();
  BeginCommand(v1::PENDING_COMMAND_AMEND, kNone, Now(), record);
  EXPECT_EQ(record.order.pending(), v1::PENDING_COMMAND_AMEND);
  ApplyAmendResult(Result(CommandFate::kConfirmed), {.quantity = D("4"), .price = D("99.5")}, Now(),
                   record);
  EXPECT_EQ(record.order.pending(), v1::PENDING_COMMAND_NONE);
  EXPECT_EQ(record.order.ticket().quantity(), "4");
  EXPECT_EQ(record.order.sent().price(), "99.5");
  EXPECT_EQ(record.order.remaining_quantity(), "4");
}

TEST(AmendTest, ARefusedOneLeavesTheOrderOpenAndSaysWhy) {
  OrderRecord record = Opened();
  BeginCommand(v1::PENDING_COMMAND_AMEND, kNone, Now(), record);
  ApplyAmendResult(Result(CommandFate::kRefused, Refusal()), {.price = D("1")}, Now(), record);
  EXPECT_EQ(record.order.state(), v1::ORDER_STATE_OPEN);
  EXPECT_EQ(record.order.pending(), v1::PENDING_COMMAND_NONE);
  EXPECT_EQ(record.order.ticket().price(), "100.5");
  EXPECT_EQ(record.order.rejection().reason(), common::v1::ERROR_REASON_POST_ONLY_WOULD_CROSS);
}

// the same ambiguity rule.
TEST(AmendTest, R53WithoutAnAnswerItsOutcomeIsUnknownUntilTheExchangeTellsTheOrder) {
  OrderRecord record = Opened();
  BeginCommand(v1::PENDING_COMMAND_AMEND, kNone, Now(), record);
  ApplyAmendResult(Result(CommandFate::kUnknown), {.price = D("99")}, Now(), record);
  EXPECT_TRUE(record.order.outcome_unknown());
  EXPECT_EQ(record.order.pending(), v1::PENDING_COMMAND_AMEND);
  OrderReport report = Report(v1::ORDER_STATE_OPEN);
  report.terms.price = D("99.0");
  ApplyReport(report, Now(), record);
  EXPECT_EQ(record.order.ticket().price(), "99.0");
  EXPECT_TRUE(record.order.outcome_unknown()) << "an older report may say the same";
  EXPECT_TRUE(ConcludeSettled(Now(), record));
  EXPECT_FALSE(record.order.outcome_unknown());
}

TEST(AmendTest, AReportFromBeforeTheAmendmentDoesNotUndoIt) {
  OrderRecord record = Opened();
  OrderReport amended = Report(v1::ORDER_STATE_OPEN);
  amended.terms.price = D("99");
  amended.exchange_update_time = 200;
  ApplyReport(amended, Now(), record);
  OrderReport late = Report(v1::ORDER_STATE_OPEN);
  late.terms.price = D("100.5");
  late.exchange_update_time = 100;
  ApplyReport(late, Now(), record);
  EXPECT_EQ(record.order.ticket().price(), "99");
}

TEST(AmendTest, AnotherSpellingIsNoAmendment) {
  OrderRecord record = Opened();
  OrderReport report = Report(v1::ORDER_STATE_OPEN);
  report.terms.price = D("100.50");
  report.terms.quantity = D("3.000");
  ApplyReport(report, Now(), record);
  EXPECT_EQ(record.order.ticket().price(), "100.5");
  EXPECT_EQ(record.order.ticket().quantity(), "3");
}

TEST(CancelTest, AMereAcknowledgementKeepsItPending) {
  OrderRecord record = Opened();
  BeginCommand(v1::PENDING_COMMAND_CANCEL, v1::FINISH_REASON_CLIENT_CANCEL, Now(), record);
  ApplyCancelResult(Result(CommandFate::kConfirmed), Now(), record);
  EXPECT_EQ(record.order.pending(), v1::PENDING_COMMAND_CANCEL);
  EXPECT_EQ(record.order.state(), v1::ORDER_STATE_OPEN);
  ApplyReport(Report(v1::ORDER_STATE_CANCELED), Now(), record);
  EXPECT_EQ(record.order.finish_reason(), v1::FINISH_REASON_CLIENT_CANCEL);
  EXPECT_EQ(record.order.pending(), v1::PENDING_COMMAND_NONE);
}

TEST(CancelTest, ARefusalForgetsTheCause) {
  OrderRecord record = Opened();
  BeginCommand(v1::PENDING_COMMAND_CANCEL, v1::FINISH_REASON_CLIENT_CANCEL, Now(), record);
  ApplyCancelResult(Result(CommandFate::kRefused, Refusal()), Now(), record);
  ApplyReport(Report(v1::ORDER_STATE_CANCELED), Now(), record);
  EXPECT_EQ(record.order.finish_reason(), v1::FINISH_REASON_EXTERNAL_CANCEL);
}

TEST(ConcludeTest, ANewOrderThatNeverArrivedIsRejected) {
  OrderRecord record = Submitted();
  ApplyPlaceResult(Result(CommandFate::kUnknown), Now(), record);
  EXPECT_TRUE(ConcludeNotReceived(Now(), record));
  EXPECT_EQ(record.order.state(), v1::ORDER_STATE_REJECTED);
  EXPECT_EQ(record.order.finish_reason(), v1::FINISH_REASON_NOT_RECEIVED);
  EXPECT_EQ(record.order.rejection().reason(), common::v1::ERROR_REASON_NOT_RECEIVED);
  EXPECT_FALSE(record.order.outcome_unknown());
}

TEST(ConcludeTest, ACancelThatNeverArrivedLeavesTheOrderOpen) {
  OrderRecord record = Opened();
  BeginCommand(v1::PENDING_COMMAND_CANCEL, v1::FINISH_REASON_CLIENT_CANCEL, Now(), record);
  ApplyCancelResult(Result(CommandFate::kUnknown), Now(), record);
  EXPECT_TRUE(ConcludeNotReceived(Now(), record));
  EXPECT_EQ(record.order.state(), v1::ORDER_STATE_OPEN);
  EXPECT_EQ(record.order.pending(), v1::PENDING_COMMAND_NONE);
  EXPECT_FALSE(record.order.outcome_unknown());
}

TEST(ConcludeTest, AnOrderThatIsGoneIsFilledIfItsFillsSaySoElseCanceled) {
  OrderRecord filled = Opened();
  filled.fills.quantity = D("3");
  EXPECT_TRUE(ConcludeGone(Now(), filled));
  EXPECT_EQ(filled.order.state(), v1::ORDER_STATE_FILLED);
  OrderRecord canceled = Opened();
  EXPECT_TRUE(ConcludeGone(Now(), canceled));
  EXPECT_EQ(canceled.order.state(), v1::ORDER_STATE_CANCELED);
  EXPECT_EQ(canceled.order.finish_reason(), v1::FINISH_REASON_UNRECOGNISED);
}

TEST(AdoptTest, AnOrderThatIsNotOursIsShownAsTold) {
  OrderReport report = Report(v1::ORDER_STATE_OPEN, "1");
  report.terms.side = common::v1::SIDE_SELL;
  report.terms.type = v1::ORDER_TYPE_LIMIT;
  report.terms.quantity = D("2");
  report.terms.price = D("7.5");
  report.filled_quote_quantity = D("7.5");
  OrderRecord record;
  record.number = 9;
  AdoptReport(report, Now(), record);
  const v1::Order& order = record.order;
  EXPECT_EQ(order.origin(), v1::ORDER_ORIGIN_EXTERNAL);
  EXPECT_EQ(order.state(), v1::ORDER_STATE_PARTIALLY_FILLED);
  EXPECT_EQ(order.ticket().client_order_id(), "");
  EXPECT_EQ(order.ticket().price(), "7.5");
  EXPECT_FALSE(order.has_sent());
  EXPECT_EQ(order.remaining_quantity(), "1");
  EXPECT_EQ(order.average_price(), "7.500000000");
  EXPECT_EQ(order.version(), 1u);
}

// nothing is lost when updates come fast, whatever their order.
TEST(InterleavingTest, R37EveryOrderOfTheSameMessagesEndsInTheSameState) {
  std::vector<int> order = {0, 1, 2, 3, 4};
  do {
    OrderRecord record = Submitted();
    for (const int step : order) {
      switch (step) {
        case 0:
          ApplyPlaceResult(Result(CommandFate::kConfirmed), Now(), record);
          break;
        case 1:
          ApplyFill(MakeFill("t1", "1"), Now(), record);
          break;
        case 2:
          ApplyFill(MakeFill("t2", "2"), Now(), record);
          break;
        case 3:
          ApplyReport(Report(v1::ORDER_STATE_OPEN, "1"), Now(), record);
          break;
        case 4:
          ApplyReport(Report(v1::ORDER_STATE_FILLED, "3"), Now(), record);
          break;
      }
    }
    EXPECT_EQ(record.order.state(), v1::ORDER_STATE_FILLED);
    EXPECT_EQ(record.order.filled_quantity(), "3");
    EXPECT_EQ(record.order.filled_quote_quantity(), "301.5");
    EXPECT_EQ(record.order.fees(0).amount(), "0.2");
    EXPECT_EQ(record.order.pending(), v1::PENDING_COMMAND_NONE);
    EXPECT_FALSE(record.order.outcome_unknown());
  } while (std::next_permutation(order.begin(), order.end()));
}

}  // namespace
}  // namespace switchyard::order
