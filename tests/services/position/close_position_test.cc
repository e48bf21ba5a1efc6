// ClosePosition and AdjustPositionMargin: what is sent, what is not, and what a repetition does.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "services/position/close_position.h"
#include "tests/services/position/position_harness.h"

namespace switchyard {
namespace {

namespace v1 = position::v1;
using exchange::CommandFate;
using Stub = v1::PositionService::Stub;

v1::ClosePositionRequest CloseRequest(const std::string& id) {
  v1::ClosePositionRequest request;
  request.set_exchange("alpha");
  request.set_account("main");
  request.set_symbol("BTC-USDT-PERP");
  request.set_request_id(id);
  return request;
}

class ClosePositionTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::ClosePositionResponse> Close(const v1::ClosePositionRequest& request) {
    return testing::Ask<v1::ClosePositionResponse>(*harness_.stub, &Stub::ClosePosition, request);
  }
  void ExpectRefused(const v1::ClosePositionRequest& request, absl::StatusCode code,
                     ErrorReason reason) {
    const auto answer = Close(request);
    EXPECT_EQ(answer.status().code(), code) << answer.status();
    EXPECT_EQ(ReasonOf(answer.status()), reason) << answer.status();
    EXPECT_TRUE(main_.closes.empty()) << "something was sent";
  }

  testing::PositionHarness harness_;
  testing::FakePositionClient& main_ = harness_.main;
};

TEST_F(ClosePositionTest, ClosesAllByTheCollar) {
  const auto answer = Close(CloseRequest("r1"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(main_.closes.size(), 1u);
  EXPECT_EQ(main_.closes[0].quantity, Decimal::FromInt(2));
  EXPECT_EQ(main_.closes[0].exchange_client_id, "id-of-r1");
  // The best bid of 100.0 less 5 %, on the tick of 0.1.
  EXPECT_EQ(main_.closes[0].worst_price->ToShortString(), "95");
  EXPECT_EQ(answer->exchange_order_id(), "x-1");
  EXPECT_EQ(answer->exchange_client_id(), "id-of-r1");
  EXPECT_EQ(answer->sent_quantity(), "2");
  EXPECT_EQ(answer->sent_worst_price(), "95");
  EXPECT_EQ(answer->position().size().value(), "2");
  EXPECT_FALSE(answer->replayed());
  // The size was asked from the exchange.
  EXPECT_EQ(main_.max_ages.back().count(), 0);
}

TEST_F(ClosePositionTest, MoreThanTheSizeClosesNoMoreThanTheSize) {
  auto request = CloseRequest("r1");
  request.set_quantity("5.0001");
  ASSERT_TRUE(Close(request).ok());
  EXPECT_EQ(main_.closes.at(0).quantity, Decimal::FromInt(2));
}

TEST_F(ClosePositionTest, APartIsClosedAtTheGivenPrice) {
  auto request = CloseRequest("r1");
  request.set_quantity("0.5");
  request.set_worst_price("90.1");
  ASSERT_TRUE(Close(request).ok());
  EXPECT_EQ(main_.closes.at(0).quantity.ToShortString(), "0.5");
  EXPECT_EQ(main_.closes.at(0).worst_price->ToShortString(), "90.1");
}

TEST_F(ClosePositionTest, AShortIsBoughtBackByTheAsk) {
  main_.positions->positions = {
      testing::MakePosition("BTC-USDT-PERP", "-2", common::v1::POSITION_SIDE_NET)};
  ASSERT_TRUE(Close(CloseRequest("r1")).ok());
  // 100.2 and 5 % = 105.21, rounded to the tick below: never worse than the collar.
  EXPECT_EQ(main_.closes.at(0).worst_price->ToShortString(), "105.2");
}

TEST_F(ClosePositionTest, NothingIsSentForAFlatPosition) {
  main_.positions->positions.clear();
  ExpectRefused(CloseRequest("r1"), absl::StatusCode::kNotFound,
                common::v1::ERROR_REASON_UNKNOWN_POSITION);
}

TEST_F(ClosePositionTest, AQuantityBetweenStepsIsRefusedWithItsNeighbours) {
  auto request = CloseRequest("r1");
  request.set_quantity("0.0015");
  const auto answer = Close(request);
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(answer.status()), common::v1::ERROR_REASON_NOT_REPRESENTABLE);
  EXPECT_EQ(MetadataOf(answer.status())["nearest"], "0.001,0.002");
  EXPECT_TRUE(main_.closes.empty());
  // It was never sent, so the same id may say it rightly.
  request.set_quantity("0.001");
  EXPECT_TRUE(Close(request).ok());
}

TEST_F(ClosePositionTest, APriceBetweenTicksIsRefused) {
  auto request = CloseRequest("r1");
  request.set_worst_price("90.15");
  ExpectRefused(request, absl::StatusCode::kInvalidArgument,
                common::v1::ERROR_REASON_NOT_REPRESENTABLE);
}

TEST_F(ClosePositionTest, AnOldQuoteIsNotTraded) {
  harness_.host.alpha.quote->age = std::chrono::milliseconds(5'001);
  ExpectRefused(CloseRequest("r1"), absl::StatusCode::kFailedPrecondition,
                common::v1::ERROR_REASON_RISK_INPUT_STALE);
}

TEST_F(ClosePositionTest, AnEmptyBookSideIsNotTraded) {
  harness_.host.alpha.quote->bid = {};
  ExpectRefused(CloseRequest("r1"), absl::StatusCode::kFailedPrecondition,
                common::v1::ERROR_REASON_RISK_INPUT_STALE);
}

TEST_F(ClosePositionTest, InHedgeModeASideIsRequired) {
  main_.positions->positions = {
      testing::MakePosition("BTC-USDT-PERP", "2", common::v1::POSITION_SIDE_LONG),
      testing::MakePosition("BTC-USDT-PERP", "-3", common::v1::POSITION_SIDE_SHORT)};
  ExpectRefused(CloseRequest("r1"), absl::StatusCode::kInvalidArgument,
                common::v1::ERROR_REASON_INVALID_FIELD);
  auto request = CloseRequest("r2");
  request.set_position_side(common::v1::POSITION_SIDE_SHORT);
  ASSERT_TRUE(Close(request).ok());
  EXPECT_EQ(main_.closes.at(0).position.position_side(), common::v1::POSITION_SIDE_SHORT);
  EXPECT_EQ(main_.closes.at(0).quantity, Decimal::FromInt(3));
}

TEST_F(ClosePositionTest, ARepetitionSendsNothing) {
  ASSERT_TRUE(Close(CloseRequest("r1")).ok());
  const auto again = Close(CloseRequest("r1"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->exchange_order_id(), "x-1");
  EXPECT_EQ(main_.closes.size(), 1u);
}

TEST_F(ClosePositionTest, AnotherBodyUnderTheSameIdIsRefused) {
  ASSERT_TRUE(Close(CloseRequest("r1")).ok());
  auto request = CloseRequest("r1");
  request.set_quantity("1");
  const auto answer = Close(request);
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReasonOf(answer.status()), common::v1::ERROR_REASON_REQUEST_ID_REUSED);
  EXPECT_EQ(main_.closes.size(), 1u);
}

TEST_F(ClosePositionTest, AnOrderOfThisRequestFromBeforeARestartIsReplayed) {
  main_.find_result =
      exchange::CommandResult{.fate = CommandFate::kConfirmed,
                              .status = absl::OkStatus(),
                              .report = testing::FakePositionClient::ReportOf("x-before"),
                              .submit_time = {}};
  const auto answer = Close(CloseRequest("r1"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->replayed());
  EXPECT_EQ(answer->exchange_order_id(), "x-before");
  EXPECT_TRUE(main_.closes.empty());
  EXPECT_EQ(main_.finds, std::vector<std::string>{"BTC-USDT-PERP id-of-r1"});
}

TEST_F(ClosePositionTest, WithoutKnowingThatItIsNewNothingIsSent) {
  main_.find_result = MakeError(absl::StatusCode::kUnavailable,
                                common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE, "down");
  ExpectRefused(CloseRequest("r1"), absl::StatusCode::kUnavailable,
                common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE);
}

TEST_F(ClosePositionTest, AnUnknownOutcomeIsToldAsSuchAndNeverSentAgain) {
  main_.close_result = exchange::CommandResult{.fate = CommandFate::kUnknown,
                                               .status = absl::UnavailableError("cut"),
                                               .report = std::nullopt,
                                               .submit_time = {}};
  for (int attempt = 0; attempt < 3; ++attempt) {
    const auto answer = Close(CloseRequest("r1"));
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnknown);
    EXPECT_EQ(ReasonOf(answer.status()), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
  }
  EXPECT_EQ(main_.closes.size(), 1u);
  // It turns up.
  main_.find_result =
      exchange::CommandResult{.fate = CommandFate::kConfirmed,
                              .status = absl::OkStatus(),
                              .report = testing::FakePositionClient::ReportOf("x-2"),
                              .submit_time = {}};
  const auto answer = Close(CloseRequest("r1"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->exchange_order_id(), "x-2");
  EXPECT_TRUE(answer->replayed());
  EXPECT_EQ(main_.closes.size(), 1u);
}

TEST_F(ClosePositionTest, WhatWasProvablyNotSentMayBeTriedAgain) {
  main_.close_result = exchange::CommandResult{.fate = CommandFate::kNotSent,
                                               .status = absl::UnavailableError("no socket"),
                                               .report = std::nullopt,
                                               .submit_time = {}};
  EXPECT_EQ(Close(CloseRequest("r1")).status().code(), absl::StatusCode::kUnavailable);
  main_.close_result = exchange::CommandResult{.fate = CommandFate::kConfirmed,
                                               .status = absl::OkStatus(),
                                               .report = testing::FakePositionClient::ReportOf("x"),
                                               .submit_time = {}};
  const auto answer = Close(CloseRequest("r1"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_FALSE(answer->replayed());
  EXPECT_EQ(main_.closes.size(), 2u);
}

TEST_F(ClosePositionTest, ARefusalOfTheExchangeIsPassedOn) {
  main_.close_result = exchange::CommandResult{
      .fate = CommandFate::kRefused,
      .status = MakeError(absl::StatusCode::kFailedPrecondition,
                          common::v1::ERROR_REASON_MARKET_CLOSED, "in delisting"),
      .report = std::nullopt,
      .submit_time = {}};
  const auto answer = Close(CloseRequest("r1"));
  EXPECT_EQ(ReasonOf(answer.status()), common::v1::ERROR_REASON_MARKET_CLOSED);
}

struct BadClose {
  std::string name;
  std::function<void(v1::ClosePositionRequest&)> spoil;
  absl::StatusCode code;
  ErrorReason reason;
};

class BadCloseTest : public ClosePositionTest, public ::testing::WithParamInterface<BadClose> {};

TEST_P(BadCloseTest, IsRefused) {
  auto request = CloseRequest("r1");
  GetParam().spoil(request);
  ExpectRefused(request, GetParam().code, GetParam().reason);
}

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kField = common::v1::ERROR_REASON_INVALID_FIELD;

INSTANTIATE_TEST_SUITE_P(
    Requests, BadCloseTest,
    ::testing::Values(
        BadClose{"no_exchange", [](auto& r) { r.clear_exchange(); }, kInvalid, kField},
        BadClose{"another_exchange", [](auto& r) { r.set_exchange("gamma"); }, kInvalid,
                 common::v1::ERROR_REASON_UNKNOWN_EXCHANGE},
        BadClose{"not_offered", [](auto& r) { r.set_exchange("beta"); },
                 absl::StatusCode::kUnimplemented, common::v1::ERROR_REASON_NOT_IN_CAPABILITIES},
        BadClose{"no_account_of_two", [](auto& r) { r.clear_account(); }, kInvalid,
                 common::v1::ERROR_REASON_UNKNOWN_ACCOUNT},
        BadClose{"another_account", [](auto& r) { r.set_account("x"); }, kInvalid,
                 common::v1::ERROR_REASON_UNKNOWN_ACCOUNT},
        BadClose{"no_symbol", [](auto& r) { r.clear_symbol(); }, kInvalid, kField},
        BadClose{"unknown_symbol", [](auto& r) { r.set_symbol("NO-SUCH"); },
                 absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT},
        BadClose{"no_request_id", [](auto& r) { r.clear_request_id(); }, kInvalid, kField},
        BadClose{"zero_quantity", [](auto& r) { r.set_quantity("0"); }, kInvalid, kField},
        BadClose{"negative_quantity", [](auto& r) { r.set_quantity("-1"); }, kInvalid, kField},
        BadClose{"exponent", [](auto& r) { r.set_quantity("1e3"); }, kInvalid, kField},
        BadClose{"bad_price", [](auto& r) { r.set_worst_price("x"); }, kInvalid, kField},
        BadClose{"a_side_in_one_way_mode",
                 [](auto& r) { r.set_position_side(common::v1::POSITION_SIDE_LONG); }, kInvalid,
                 kField}),
    [](const auto& info) { return info.param.name; });

class AdjustMarginTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::AdjustPositionMarginResponse> Adjust(const std::string& id,
                                                          const std::string& amount) {
    v1::AdjustPositionMarginRequest request;
    request.set_exchange("alpha");
    request.set_account("main");
    request.set_symbol("BTC-USDT-PERP");
    request.set_request_id(id);
    request.set_amount(amount);
    return testing::Ask<v1::AdjustPositionMarginResponse>(*harness_.stub,
                                                          &Stub::AdjustPositionMargin, request);
  }

  testing::PositionHarness harness_;
  testing::FakePositionClient& main_ = harness_.main;
};

TEST_F(AdjustMarginTest, TakesAwayOnce) {
  main_.margin_result->margin = *Decimal::Parse("12.5");
  for (const bool replayed : {false, true}) {
    const auto answer = Adjust("m1", "-3.5");
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->margin().value(), "12.5");
    EXPECT_EQ(answer->replayed(), replayed);
  }
  ASSERT_EQ(main_.margins.size(), 1u);
  EXPECT_EQ(main_.margins[0].amount.ToString(), "-3.5");
}

TEST_F(AdjustMarginTest, AnUnknownOutcomeStaysUnknownAndIsNotSentAgain) {
  main_.margin_result = exchange::MarginResult{
      .fate = CommandFate::kUnknown, .status = absl::UnavailableError("cut"), .margin = {}};
  for (int attempt = 0; attempt < 2; ++attempt) {
    EXPECT_EQ(ReasonOf(Adjust("m1", "1").status()), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
  }
  EXPECT_EQ(main_.margins.size(), 1u);
}

TEST_F(AdjustMarginTest, NothingIsNoAmount) {
  EXPECT_EQ(ReasonOf(Adjust("m1", "0").status()), kField);
  EXPECT_EQ(ReasonOf(Adjust("m1", "").status()), kField);
  EXPECT_TRUE(main_.margins.empty());
}

TEST(CollarTest, ConfiguredValuesCount) {
  config::v1::RiskConfig config;
  config.set_price_collar("0.1");
  config.set_max_input_age_ms(10);
  const auto collar = position::Collar::From(config);
  ASSERT_TRUE(collar.ok()) << collar.status();
  EXPECT_EQ(collar->fraction.ToString(), "0.1");
  EXPECT_EQ(collar->max_input_age, std::chrono::milliseconds(10));
  for (const char* bad : {"1", "-0.1", "x"}) {
    config.set_price_collar(bad);
    EXPECT_FALSE(position::Collar::From(config).ok()) << bad;
  }
}

}  // namespace
}  // namespace switchyard
