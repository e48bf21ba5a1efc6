#include "exchanges/gateio/errors.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status.h"

namespace switchyard::exchanges::gateio {
namespace {

using absl::StatusCode;
namespace reason = common::v1;

constexpr TimeNs kNow = TimeNs::FromSeconds(1'700'000'000);

net::HttpResponse Answer(int status, std::string body, net::HttpHeaders headers = {}) {
  return {status, std::move(headers), std::move(body)};
}

std::string Body(std::string_view label) {
  return R"({"label":")" + std::string(label) + R"(","message":"because"})";
}

struct Row {
  std::string label;
  StatusCode code;
  ErrorReason reason;
};

class LabelTest : public testing::TestWithParam<Row> {};

TEST_P(LabelTest, HasItsCodeAndReason) {
  const Row& row = GetParam();
  // The status of no class, so that the label alone decides.
  const absl::Status status = FromRest("read", Answer(400, Body(row.label)), kNow);
  EXPECT_EQ(status.code(), row.code);
  EXPECT_EQ(ReasonOf(status), row.reason);
  EXPECT_EQ(MetadataOf(status).at("exchange_code"), row.label);
  EXPECT_EQ(MetadataOf(status).at("exchange_message"), "because");
}

const std::vector<Row>& Rows() {
  static const std::vector<Row> kRows = {
      {"INVALID_PARAM_VALUE", StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {"INVALID_PROTOCOL", StatusCode::kInvalidArgument, reason::ERROR_REASON_UNSPECIFIED},
      {"INVALID_ARGUMENT", StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {"INVALID_REQUEST_BODY", StatusCode::kInvalidArgument, reason::ERROR_REASON_UNSPECIFIED},
      {"MISSING_REQUIRED_PARAM", StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {"AUTHENTICATION_FAILED", StatusCode::kUnauthenticated, reason::ERROR_REASON_BAD_KEY},
      {"BAD_REQUEST", StatusCode::kInvalidArgument, reason::ERROR_REASON_UNSPECIFIED},
      {"INVALID_CONTENT_TYPE", StatusCode::kInvalidArgument, reason::ERROR_REASON_UNSPECIFIED},
      {"NOT_ACCEPTABLE", StatusCode::kInvalidArgument, reason::ERROR_REASON_UNSPECIFIED},
      {"METHOD_NOT_ALLOWED", StatusCode::kInvalidArgument, reason::ERROR_REASON_UNSPECIFIED},
      {"NOT_FOUND", StatusCode::kNotFound, reason::ERROR_REASON_UNSPECIFIED},
      {"INVALID_CREDENTIALS", StatusCode::kUnauthenticated, reason::ERROR_REASON_BAD_KEY},
      {"INVALID_KEY", StatusCode::kUnauthenticated, reason::ERROR_REASON_BAD_KEY},
      {"IP_FORBIDDEN", StatusCode::kPermissionDenied, reason::ERROR_REASON_KEY_PERMISSION},
      {"READ_ONLY", StatusCode::kPermissionDenied, reason::ERROR_REASON_KEY_PERMISSION},
      {"INVALID_SIGNATURE", StatusCode::kUnauthenticated, reason::ERROR_REASON_BAD_SIGNATURE},
      {"MISSING_REQUIRED_HEADER", StatusCode::kUnauthenticated, reason::ERROR_REASON_BAD_KEY},
      {"REQUEST_EXPIRED", StatusCode::kUnauthenticated, reason::ERROR_REASON_BAD_TIMESTAMP},
      {"ACCOUNT_LOCKED", StatusCode::kPermissionDenied, reason::ERROR_REASON_KEY_PERMISSION},
      {"FORBIDDEN", StatusCode::kPermissionDenied, reason::ERROR_REASON_KEY_PERMISSION},
      {"TOO_MANY_REQUESTS", StatusCode::kResourceExhausted, reason::ERROR_REASON_RATE_LIMITED},
      {"TOO_FAST", StatusCode::kResourceExhausted, reason::ERROR_REASON_RATE_LIMITED},
      {"INVALID_PRECISION", StatusCode::kInvalidArgument, reason::ERROR_REASON_NOT_REPRESENTABLE},
      {"INVALID_CURRENCY", StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {"INVALID_CURRENCY_PAIR", StatusCode::kNotFound, reason::ERROR_REASON_UNKNOWN_INSTRUMENT},
      {"POC_FILL_IMMEDIATELY", StatusCode::kFailedPrecondition,
       reason::ERROR_REASON_POST_ONLY_WOULD_CROSS},
      {"ORDER_NOT_FOUND", StatusCode::kNotFound, reason::ERROR_REASON_UNKNOWN_ORDER},
      {"CLIENT_ID_NOT_FOUND", StatusCode::kNotFound, reason::ERROR_REASON_UNKNOWN_ORDER},
      {"ORDER_CLOSED", StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_FINISHED},
      {"ORDER_CANCELLED", StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_FINISHED},
      {"QUANTITY_NOT_ENOUGH", StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_REJECTED},
      {"BALANCE_NOT_ENOUGH", StatusCode::kFailedPrecondition,
       reason::ERROR_REASON_INSUFFICIENT_FUNDS},
      {"AMOUNT_TOO_LITTLE", StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {"AMOUNT_TOO_MUCH", StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {"REPEATED_CREATION", StatusCode::kAlreadyExists,
       reason::ERROR_REASON_CLIENT_ORDER_ID_REUSED},
      {"TOO_MANY_ORDERS", StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_REJECTED},
      {"MIXED_ACCOUNT_TYPE", StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_REJECTED},
      {"PRICE_THRESHOLD_EXCEEDED", StatusCode::kFailedPrecondition,
       reason::ERROR_REASON_ORDER_REJECTED},
      {"NO_CHANGE", StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_REJECTED},
      {"USER_NOT_FOUND", StatusCode::kFailedPrecondition, reason::ERROR_REASON_COMMAND_REFUSED},
      {"INSUFFICIENT_AVAILABLE", StatusCode::kFailedPrecondition,
       reason::ERROR_REASON_INSUFFICIENT_FUNDS},
      {"MARGIN_BALANCE_NOT_ENOUGH", StatusCode::kFailedPrecondition,
       reason::ERROR_REASON_INSUFFICIENT_FUNDS},
      {"CONTRACT_NOT_FOUND", StatusCode::kNotFound, reason::ERROR_REASON_UNKNOWN_INSTRUMENT},
      {"CONTRACT_NO_COUNTER", StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_REJECTED},
      {"CONTRACT_IN_DELISTING", StatusCode::kFailedPrecondition,
       reason::ERROR_REASON_MARKET_CLOSED},
      {"ORDER_NOT_OWNED", StatusCode::kNotFound, reason::ERROR_REASON_UNKNOWN_ORDER},
      {"ORDER_FINISHED", StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_FINISHED},
      {"ORDER_POC_IMMEDIATE", StatusCode::kFailedPrecondition,
       reason::ERROR_REASON_POST_ONLY_WOULD_CROSS},
      {"ORDER_FOK", StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_REJECTED},
      {"REDUCE_EXCEEDED", StatusCode::kFailedPrecondition,
       reason::ERROR_REASON_REDUCE_ONLY_WOULD_INCREASE},
      {"PRICE_TOO_DEVIATED", StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_REJECTED},
      {"SIZE_TOO_LARGE", StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {"SIZE_TOO_SMALL", StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {"PRICE_OVER_LIQUIDATION", StatusCode::kFailedPrecondition,
       reason::ERROR_REASON_ORDER_REJECTED},
      {"PRICE_OVER_BANKRUPT", StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_REJECTED},
      {"INCREASE_POSITION", StatusCode::kFailedPrecondition,
       reason::ERROR_REASON_REDUCE_ONLY_WOULD_INCREASE},
      {"AMEND_WITH_STOP", StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_REJECTED},
      {"POSITION_EMPTY", StatusCode::kNotFound, reason::ERROR_REASON_UNKNOWN_POSITION},
      {"POSITION_NOT_FOUND", StatusCode::kNotFound, reason::ERROR_REASON_UNKNOWN_POSITION},
      {"POSITION_IN_LIQUIDATION", StatusCode::kFailedPrecondition,
       reason::ERROR_REASON_COMMAND_REFUSED},
      {"POSITION_IN_CLOSE", StatusCode::kFailedPrecondition, reason::ERROR_REASON_COMMAND_REFUSED},
      {"POSITION_CROSS_MARGIN", StatusCode::kFailedPrecondition,
       reason::ERROR_REASON_COMMAND_REFUSED},
      {"POSITION_DUAL_MODE", StatusCode::kFailedPrecondition, reason::ERROR_REASON_COMMAND_REFUSED},
      {"POSITION_HOLDING", StatusCode::kFailedPrecondition, reason::ERROR_REASON_SETTING_LOCKED},
      {"ORDER_PENDING", StatusCode::kFailedPrecondition, reason::ERROR_REASON_SETTING_LOCKED},
      {"LIQUIDATE_IMMEDIATELY", StatusCode::kFailedPrecondition,
       reason::ERROR_REASON_COMMAND_REFUSED},
      {"LEVERAGE_TOO_HIGH", StatusCode::kInvalidArgument,
       reason::ERROR_REASON_LEVERAGE_NOT_ALLOWED},
      {"LEVERAGE_TOO_LOW", StatusCode::kInvalidArgument, reason::ERROR_REASON_LEVERAGE_NOT_ALLOWED},
      {"REMOVE_TOO_MUCH", StatusCode::kFailedPrecondition, reason::ERROR_REASON_INSUFFICIENT_FUNDS},
      {"RISK_LIMIT_EXCEEDED", StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_REJECTED},
      {"RISK_LIMIT_TOO_HIGH", StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {"RISK_LIMIT_TOO_LOW", StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {"RISK_LIMIT_NOT_MULTIPLE", StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {"INTERNAL", StatusCode::kUnavailable, reason::ERROR_REASON_EXCHANGE_FAULT},
      {"SERVER_ERROR", StatusCode::kUnavailable, reason::ERROR_REASON_EXCHANGE_FAULT},
      {"TOO_BUSY", StatusCode::kUnavailable, reason::ERROR_REASON_EXCHANGE_FAULT},
      {"ADDRESS_NOT_USED", StatusCode::kFailedPrecondition,
       reason::ERROR_REASON_ADDRESS_NOT_ALLOWED},
      {"WITHDRAWAL_OVER_LIMIT", StatusCode::kFailedPrecondition,
       reason::ERROR_REASON_COMMAND_REFUSED},
      {"API_WITHDRAW_DISABLED", StatusCode::kPermissionDenied, reason::ERROR_REASON_KEY_PERMISSION},
      {"INVALID_WITHDRAW_ID", StatusCode::kNotFound, reason::ERROR_REASON_UNSPECIFIED},
      {"INVALID_WITHDRAW_CANCEL_STATUS", StatusCode::kFailedPrecondition,
       reason::ERROR_REASON_COMMAND_REFUSED},
      {"DUPLICATE_REQUEST", StatusCode::kAlreadyExists, reason::ERROR_REASON_REQUEST_ID_REUSED},
      {"ORDER_EXISTS", StatusCode::kAlreadyExists, reason::ERROR_REASON_CLIENT_ORDER_ID_REUSED},
      {"INVALID_CLIENT_ORDER_ID", StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {"SUB_ACCOUNT_NOT_FOUND", StatusCode::kNotFound, reason::ERROR_REASON_UNSPECIFIED},
      {"SUB_ACCOUNT_LOCKED", StatusCode::kFailedPrecondition, reason::ERROR_REASON_COMMAND_REFUSED},
      {"SUB_ACCOUNT_TRANSFER_FAILED", StatusCode::kFailedPrecondition,
       reason::ERROR_REASON_COMMAND_REFUSED},
      {"MARGIN_TRANSFER_FAILED", StatusCode::kFailedPrecondition,
       reason::ERROR_REASON_COMMAND_REFUSED},
      {"MARGIN_BALANCE_EXCEPTION", StatusCode::kFailedPrecondition,
       reason::ERROR_REASON_COMMAND_REFUSED},
      {"FUTURES_BALANCE_NOT_ENOUGH", StatusCode::kFailedPrecondition,
       reason::ERROR_REASON_INSUFFICIENT_FUNDS},
      {"TOO_MUCH_FUTURES_AVAILABLE", StatusCode::kFailedPrecondition,
       reason::ERROR_REASON_COMMAND_REFUSED},
      {"ACCOUNT_EXCEPTION", StatusCode::kFailedPrecondition, reason::ERROR_REASON_COMMAND_REFUSED},
  };
  return kRows;
}

INSTANTIATE_TEST_SUITE_P(Labels, LabelTest, testing::ValuesIn(Rows()),
                         [](const auto& info) { return info.param.label; });

TEST(ErrorTableTest, EveryRowHasATestAndASection) {
  std::set<std::string_view> tested;
  for (const Row& row : Rows()) tested.insert(row.label);
  for (const ErrorRow& row : ErrorTable()) {
    EXPECT_TRUE(tested.contains(row.label)) << row.label;
    EXPECT_FALSE(row.section.empty()) << row.label;
  }
  EXPECT_EQ(tested.size(), ErrorTable().size());
}

struct ClassRow {
  std::string name;
  int http_status;
  StatusCode code;
  ErrorReason reason;
};

class UnknownLabelTest : public testing::TestWithParam<ClassRow> {};

TEST_P(UnknownLabelTest, CountsByItsHttpStatus) {
  const absl::Status status =
      FromRest("read", Answer(GetParam().http_status, Body("INVENTED_SINCE")), kNow);
  EXPECT_EQ(status.code(), GetParam().code);
  EXPECT_EQ(ReasonOf(status), GetParam().reason);
  EXPECT_EQ(MetadataOf(status).at("exchange_code"), "INVENTED_SINCE");
}

INSTANTIATE_TEST_SUITE_P(
    Classes, UnknownLabelTest,
    testing::Values(
        ClassRow{"bad_request", 400, StatusCode::kInvalidArgument,
                 reason::ERROR_REASON_UNSPECIFIED},
        ClassRow{"unauthenticated", 401, StatusCode::kUnauthenticated,
                 reason::ERROR_REASON_BAD_KEY},
        ClassRow{"forbidden", 403, StatusCode::kPermissionDenied,
                 reason::ERROR_REASON_KEY_PERMISSION},
        ClassRow{"not_found", 404, StatusCode::kNotFound, reason::ERROR_REASON_UNSPECIFIED},
        ClassRow{"other_4xx", 409, StatusCode::kInvalidArgument, reason::ERROR_REASON_UNSPECIFIED},
        ClassRow{"rate", 429, StatusCode::kResourceExhausted, reason::ERROR_REASON_RATE_LIMITED},
        ClassRow{"address", 418, StatusCode::kResourceExhausted, reason::ERROR_REASON_RATE_LIMITED},
        ClassRow{"server", 500, StatusCode::kUnavailable, reason::ERROR_REASON_EXCHANGE_FAULT},
        ClassRow{"gateway", 502, StatusCode::kUnavailable, reason::ERROR_REASON_EXCHANGE_FAULT},
        ClassRow{"redirect", 302, StatusCode::kUnavailable, reason::ERROR_REASON_EXCHANGE_FAULT}),
    [](const auto& info) { return info.param.name; });

TEST(FromRestTest, ADetailStandsForAMissingMessage) {
  const absl::Status status =
      FromRest("read", Answer(400, R"({"label":"SIZE_TOO_LARGE","detail":"limit 10"})"), kNow);
  EXPECT_EQ(MetadataOf(status).at("exchange_message"), "limit 10");
}

TEST(FromRestTest, APageIsNeverEchoedAndIsAFaultOfTheExchange) {
  const std::string page = "<html><script>secret()</script>" + std::string(5'000, 'x') + "</html>";
  for (const int http_status : {403, 404, 500, 502, 503}) {
    const absl::Status status = FromRest("GET x", Answer(http_status, page), kNow);
    EXPECT_EQ(status.code(), StatusCode::kUnavailable) << http_status;
    EXPECT_EQ(ReasonOf(status), reason::ERROR_REASON_EXCHANGE_FAULT);
    EXPECT_LT(status.message().size(), 200u);
    EXPECT_EQ(std::string(status.message()).find("secret"), std::string::npos);
  }
}

TEST(FromRestTest, TextsOfAnyLengthAreCut) {
  const std::string body =
      R"({"label":"BAD_REQUEST","message":")" + std::string(9'000, 'm') + R"("})";
  const absl::Status status = FromRest("read", Answer(400, body), kNow);
  EXPECT_LE(MetadataOf(status).at("exchange_message").size(), 256u);
  EXPECT_LT(status.message().size(), 400u);
}

TEST(FromRestTest, ARateLimitWaitsForItsReset) {
  const net::HttpHeaders seconds = {{"X-Gate-RateLimit-Reset-Timestamp", "1700000007"}};
  EXPECT_EQ(RetryAfterOf(FromRest("read", Answer(429, Body("TOO_MANY_REQUESTS"), seconds), kNow)),
            std::chrono::seconds(7));
  const net::HttpHeaders millis = {{"x-gate-ratelimit-reset-timestamp", "1700000000250"}};
  EXPECT_EQ(RetryAfterOf(FromRest("read", Answer(429, "busy", millis), kNow)),
            std::chrono::milliseconds(250));
}

TEST(FromRestTest, AResetInThePastOrFarFutureIsBounded) {
  const net::HttpHeaders past = {{"X-Gate-RateLimit-Reset-Timestamp", "1600000000"}};
  EXPECT_EQ(RetryAfterOf(FromRest("read", Answer(429, "", past), kNow)), std::chrono::seconds(1));
  const net::HttpHeaders future = {{"X-Gate-RateLimit-Reset-Timestamp", "1800000000"}};
  EXPECT_EQ(RetryAfterOf(FromRest("read", Answer(429, "", future), kNow)),
            std::chrono::seconds(60));
}

struct PauseRow {
  std::string name;
  int http_status;
  std::string body;
  net::HttpHeaders headers;
  std::chrono::nanoseconds pause;
};

class PauseTest : public testing::TestWithParam<PauseRow> {};

TEST_P(PauseTest, IsTheLongestThatTheAnswerAsksFor) {
  const PauseRow& row = GetParam();
  const absl::Status status =
      FromRest("read", Answer(row.http_status, row.body, row.headers), kNow);
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), reason::ERROR_REASON_RATE_LIMITED);
  EXPECT_EQ(RetryAfterOf(status), row.pause);
}

// kNow is Tue, 14 Nov 2023 22:13:20 GMT.
INSTANTIATE_TEST_SUITE_P(
    Answers, PauseTest,
    testing::Values(
        PauseRow{"seconds",
                 429,
                 Body("TOO_MANY_REQUESTS"),
                 {{"Retry-After", "17"}},
                 std::chrono::seconds(17)},
        PauseRow{"date",
                 429,
                 Body("TOO_MANY_REQUESTS"),
                 {{"retry-after", "Tue, 14 Nov 2023 22:13:45 GMT"}},
                 std::chrono::seconds(25)},
        PauseRow{"past_date",
                 429,
                 Body("TOO_MANY_REQUESTS"),
                 {{"Retry-After", "Tue, 14 Nov 2023 22:13:00 GMT"}},
                 std::chrono::seconds(1)},
        PauseRow{"nonsense",
                 429,
                 Body("TOO_MANY_REQUESTS"),
                 {{"Retry-After", "later"}},
                 std::chrono::seconds(1)},
        PauseRow{"none", 429, Body("TOO_MANY_REQUESTS"), {}, std::chrono::seconds(1)},
        PauseRow{"longer_than_the_reset",
                 429,
                 Body("TOO_MANY_REQUESTS"),
                 {{"X-Gate-RateLimit-Reset-Timestamp", "1700000007"}, {"Retry-After", "30"}},
                 std::chrono::seconds(30)},
        PauseRow{"shorter_than_the_reset",
                 429,
                 Body("TOO_MANY_REQUESTS"),
                 {{"X-Gate-RateLimit-Reset-Timestamp", "1700000007"}, {"Retry-After", "3"}},
                 std::chrono::seconds(7)},
        PauseRow{"too_fast_with_a_time",
                 400,
                 Body("TOO_FAST"),
                 {{"Retry-After", "3"}},
                 std::chrono::seconds(3)},
        PauseRow{
            "page", 429, "<html>slow down</html>", {{"Retry-After", "5"}}, std::chrono::seconds(5)},
        PauseRow{"address", 418, "", {{"Retry-After", "120"}}, std::chrono::seconds(120)},
        PauseRow{
            "address_without_a_time", 418, "<html>teapot</html>", {}, std::chrono::seconds(1)}),
    [](const auto& info) { return info.param.name; });

TEST(FromRestTest, TooFastWaitsTenSeconds) {
  EXPECT_EQ(RetryAfterOf(FromRest("read", Answer(400, Body("TOO_FAST")), kNow)),
            std::chrono::seconds(10));
}

struct SocketRow {
  std::string name;
  std::int64_t error;
  std::string message;
  StatusCode code;
  ErrorReason reason;
  std::string exchange_code;
};

class SocketErrorTest : public testing::TestWithParam<SocketRow> {};

TEST_P(SocketErrorTest, HasItsCodeAndReason) {
  const SocketRow& row = GetParam();
  const absl::Status status = FromWebSocketError("subscribe", row.error, row.message);
  EXPECT_EQ(status.code(), row.code);
  EXPECT_EQ(ReasonOf(status), row.reason);
  EXPECT_EQ(MetadataOf(status).at("exchange_code"), row.exchange_code);
}

INSTANTIATE_TEST_SUITE_P(
    Codes, SocketErrorTest,
    testing::Values(
        SocketRow{"body", 1, "invalid body", StatusCode::kInvalidArgument,
                  reason::ERROR_REASON_UNSPECIFIED, "1"},
        SocketRow{"argument", 2, "invalid argument", StatusCode::kInvalidArgument,
                  reason::ERROR_REASON_INVALID_FIELD, "2"},
        SocketRow{"unknown_pair", 2, "unknown currency pair: A_B", StatusCode::kNotFound,
                  reason::ERROR_REASON_UNKNOWN_INSTRUMENT, "2"},
        SocketRow{"twice", 2, "Alert sub ob.BTC_USDT.50", StatusCode::kAlreadyExists,
                  reason::ERROR_REASON_UNSPECIFIED, "2"},
        SocketRow{"server", 3, "oops", StatusCode::kUnavailable,
                  reason::ERROR_REASON_EXCHANGE_FAULT, "3"},
        SocketRow{"authentication_4", 4, "no", StatusCode::kUnauthenticated,
                  reason::ERROR_REASON_BAD_KEY, "4"},
        SocketRow{"authentication_6", 6, "no", StatusCode::kUnauthenticated,
                  reason::ERROR_REASON_BAD_KEY, "6"},
        SocketRow{"authentication_11", 11, "no", StatusCode::kUnauthenticated,
                  reason::ERROR_REASON_BAD_KEY, "11"},
        SocketRow{"json_text", 4,
                  "{\"label\":\"INVALID_SIGNATURE\",\"message\":\"Signature mismatch\"}\n",
                  StatusCode::kUnauthenticated, reason::ERROR_REASON_BAD_SIGNATURE,
                  "INVALID_SIGNATURE"},
        SocketRow{"json_text_of_unknown_label", 4, R"({"label":"NEW_ONE","message":"x"})",
                  StatusCode::kUnauthenticated, reason::ERROR_REASON_BAD_KEY, "NEW_ONE"},
        SocketRow{"rate_spot", 211, "slow", StatusCode::kResourceExhausted,
                  reason::ERROR_REASON_RATE_LIMITED, "211"},
        SocketRow{"rate_spot_2", 212, "slow", StatusCode::kResourceExhausted,
                  reason::ERROR_REASON_RATE_LIMITED, "212"},
        SocketRow{"rate_futures", 311, "slow", StatusCode::kResourceExhausted,
                  reason::ERROR_REASON_RATE_LIMITED, "311"},
        SocketRow{"other", 99, "?", StatusCode::kFailedPrecondition,
                  reason::ERROR_REASON_COMMAND_REFUSED, "99"}),
    [](const auto& info) { return info.param.name; });

TEST(FromWebSocketErrorTest, ARateLimitSaysWhen) {
  EXPECT_TRUE(RetryAfterOf(FromWebSocketError("subscribe", 211, "slow")).has_value());
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
