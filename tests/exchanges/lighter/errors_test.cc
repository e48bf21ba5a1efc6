#include "exchanges/lighter/errors.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace switchyard::exchanges::lighter {
namespace {

using absl::StatusCode;
using std::chrono::seconds;
namespace reason = common::v1;

constexpr TimeNs kNow = TimeNs::FromSeconds(1'700'000'000);

net::HttpResponse Answer(int status, std::string body, net::HttpHeaders headers = {}) {
  return {status, std::move(headers), std::move(body)};
}

struct Row {
  std::int64_t exchange_code;
  StatusCode code;
  ErrorReason reason;
};

const std::vector<Row>& Rows() {
  static const std::vector<Row> kRows = {
      {20001, StatusCode::kUnauthenticated, reason::ERROR_REASON_BAD_KEY},
      {21100, StatusCode::kNotFound, reason::ERROR_REASON_UNKNOWN_ACCOUNT},
      {21101, StatusCode::kUnauthenticated, reason::ERROR_REASON_BAD_KEY},
      {21102, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21103, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21104, StatusCode::kFailedPrecondition, reason::ERROR_REASON_COMMAND_REFUSED},
      {21105, StatusCode::kFailedPrecondition, reason::ERROR_REASON_COMMAND_REFUSED},
      {21106, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21107, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21108, StatusCode::kUnauthenticated, reason::ERROR_REASON_BAD_KEY},
      {21109, StatusCode::kUnauthenticated, reason::ERROR_REASON_BAD_KEY},
      {21110, StatusCode::kUnauthenticated, reason::ERROR_REASON_BAD_KEY},
      {21111, StatusCode::kFailedPrecondition, reason::ERROR_REASON_INSUFFICIENT_FUNDS},
      {21112, StatusCode::kFailedPrecondition, reason::ERROR_REASON_COMMAND_REFUSED},
      {21113, StatusCode::kInvalidArgument, reason::ERROR_REASON_LEVERAGE_NOT_ALLOWED},
      {21116, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21117, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21118, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21119, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21120, StatusCode::kUnauthenticated, reason::ERROR_REASON_BAD_SIGNATURE},
      {21121, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21122, StatusCode::kFailedPrecondition, reason::ERROR_REASON_COMMAND_REFUSED},
      {21123, StatusCode::kPermissionDenied, reason::ERROR_REASON_KEY_PERMISSION},
      {21124, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21126, StatusCode::kFailedPrecondition, reason::ERROR_REASON_INSUFFICIENT_FUNDS},
      {21128, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21131, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21132, StatusCode::kFailedPrecondition, reason::ERROR_REASON_SETTING_LOCKED},
      {21133, StatusCode::kFailedPrecondition, reason::ERROR_REASON_INSUFFICIENT_FUNDS},
      {21134, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21136, StatusCode::kUnauthenticated, reason::ERROR_REASON_BAD_KEY},
      {21137, StatusCode::kFailedPrecondition, reason::ERROR_REASON_COMMAND_REFUSED},
      {21146, StatusCode::kPermissionDenied, reason::ERROR_REASON_KEY_PERMISSION},
      {21149, StatusCode::kPermissionDenied, reason::ERROR_REASON_KEY_PERMISSION},
      {21300, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21301, StatusCode::kFailedPrecondition, reason::ERROR_REASON_INSUFFICIENT_FUNDS},
      {21302, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21303, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21304, StatusCode::kFailedPrecondition, reason::ERROR_REASON_INSUFFICIENT_FUNDS},
      {21305, StatusCode::kFailedPrecondition, reason::ERROR_REASON_INSUFFICIENT_FUNDS},
      {21500, StatusCode::kNotFound, reason::ERROR_REASON_UNSPECIFIED},
      {21501, StatusCode::kInvalidArgument, reason::ERROR_REASON_UNSPECIFIED},
      {21502, StatusCode::kUnavailable, reason::ERROR_REASON_EXCHANGE_FAULT},
      {21503, StatusCode::kUnavailable, reason::ERROR_REASON_EXCHANGE_FAULT},
      {21504, StatusCode::kUnauthenticated, reason::ERROR_REASON_BAD_SIGNATURE},
      {21505, StatusCode::kInvalidArgument, reason::ERROR_REASON_UNSPECIFIED},
      {21506, StatusCode::kResourceExhausted, reason::ERROR_REASON_RATE_LIMITED},
      {21507, StatusCode::kFailedPrecondition, reason::ERROR_REASON_INSUFFICIENT_FUNDS},
      {21508, StatusCode::kFailedPrecondition, reason::ERROR_REASON_INSUFFICIENT_FUNDS},
      {21511, StatusCode::kPermissionDenied, reason::ERROR_REASON_KEY_PERMISSION},
      {21513, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21514, StatusCode::kInvalidArgument, reason::ERROR_REASON_REQUEST_TOO_LARGE},
      {21515, StatusCode::kFailedPrecondition, reason::ERROR_REASON_COMMAND_REFUSED},
      {21600, StatusCode::kNotFound, reason::ERROR_REASON_UNKNOWN_ORDER},
      {21601, StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_REJECTED},
      {21602, StatusCode::kNotFound, reason::ERROR_REASON_UNKNOWN_INSTRUMENT},
      {21603, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21605, StatusCode::kFailedPrecondition, reason::ERROR_REASON_MARKET_CLOSED},
      {21613, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21614, StatusCode::kNotFound, reason::ERROR_REASON_UNKNOWN_POSITION},
      {21615, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21616, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21618, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21619, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21621, StatusCode::kNotFound, reason::ERROR_REASON_UNKNOWN_INSTRUMENT},
      {21700, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21701, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21702, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21703, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21704, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21705, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21706, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21707, StatusCode::kNotFound, reason::ERROR_REASON_UNKNOWN_ORDER},
      {21708, StatusCode::kNotFound, reason::ERROR_REASON_UNKNOWN_ORDER},
      {21709, StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_FINISHED},
      {21710, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21711, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21712, StatusCode::kFailedPrecondition, reason::ERROR_REASON_COMMAND_REFUSED},
      {21713, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21714, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21715, StatusCode::kNotFound, reason::ERROR_REASON_UNKNOWN_ORDER},
      {21717, StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_REJECTED},
      {21718, StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_REJECTED},
      {21719, StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_REJECTED},
      {21720, StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_REJECTED},
      {21721, StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_REJECTED},
      {21722, StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_REJECTED},
      {21723, StatusCode::kFailedPrecondition, reason::ERROR_REASON_INSUFFICIENT_FUNDS},
      {21727, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21728, StatusCode::kAlreadyExists, reason::ERROR_REASON_CLIENT_ORDER_ID_REUSED},
      {21729, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21730, StatusCode::kFailedPrecondition, reason::ERROR_REASON_COMMAND_REFUSED},
      {21731, StatusCode::kFailedPrecondition, reason::ERROR_REASON_COMMAND_REFUSED},
      {21732, StatusCode::kFailedPrecondition, reason::ERROR_REASON_REDUCE_ONLY_WOULD_INCREASE},
      {21733, StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_REJECTED},
      {21734, StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_REJECTED},
      {21735, StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_REJECTED},
      {21736, StatusCode::kFailedPrecondition, reason::ERROR_REASON_COMMAND_REFUSED},
      {21737, StatusCode::kFailedPrecondition, reason::ERROR_REASON_COMMAND_REFUSED},
      {21738, StatusCode::kFailedPrecondition, reason::ERROR_REASON_REDUCE_ONLY_WOULD_INCREASE},
      {21739, StatusCode::kFailedPrecondition, reason::ERROR_REASON_INSUFFICIENT_FUNDS},
      {21740, StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_REJECTED},
      {21741, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21742, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21743, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21744, StatusCode::kFailedPrecondition, reason::ERROR_REASON_ORDER_REJECTED},
      {21745, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21801, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21802, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21804, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21805, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21807, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21808, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {21809, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {22400, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {22401, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {22402, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {22403, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {23000, StatusCode::kResourceExhausted, reason::ERROR_REASON_RATE_LIMITED},
      {23001, StatusCode::kResourceExhausted, reason::ERROR_REASON_SUBSCRIPTION_LIMIT},
      {23002, StatusCode::kResourceExhausted, reason::ERROR_REASON_SUBSCRIPTION_LIMIT},
      {23003, StatusCode::kResourceExhausted, reason::ERROR_REASON_RATE_LIMITED},
      {23004, StatusCode::kResourceExhausted, reason::ERROR_REASON_RATE_LIMITED},
      {29404, StatusCode::kNotFound, reason::ERROR_REASON_UNSPECIFIED},
      {29500, StatusCode::kUnavailable, reason::ERROR_REASON_EXCHANGE_FAULT},
      {29501, StatusCode::kUnavailable, reason::ERROR_REASON_EXCHANGE_FAULT},
      {30000, StatusCode::kInvalidArgument, reason::ERROR_REASON_UNSPECIFIED},
      {30001, StatusCode::kInvalidArgument, reason::ERROR_REASON_UNSPECIFIED},
      {30002, StatusCode::kNotFound, reason::ERROR_REASON_UNSPECIFIED},
      {30003, StatusCode::kAlreadyExists, reason::ERROR_REASON_UNSPECIFIED},
      {30004, StatusCode::kUnavailable, reason::ERROR_REASON_EXCHANGE_FAULT},
      {30005, StatusCode::kInvalidArgument, reason::ERROR_REASON_INVALID_FIELD},
      {30006, StatusCode::kInvalidArgument, reason::ERROR_REASON_UNSPECIFIED},
      {30007, StatusCode::kInvalidArgument, reason::ERROR_REASON_UNSPECIFIED},
      {30008, StatusCode::kPermissionDenied, reason::ERROR_REASON_KEY_PERMISSION},
      {30009, StatusCode::kResourceExhausted, reason::ERROR_REASON_RATE_LIMITED},
      {30010, StatusCode::kResourceExhausted, reason::ERROR_REASON_RATE_LIMITED},
      {30011, StatusCode::kUnavailable, reason::ERROR_REASON_EXCHANGE_FAULT},
      {30012, StatusCode::kUnavailable, reason::ERROR_REASON_EXCHANGE_FAULT},
  };
  return kRows;
}

class CodeTest : public testing::TestWithParam<Row> {};

TEST_P(CodeTest, HasItsStatusAndReasonOnBothPaths) {
  const Row& row = GetParam();
  const std::string text = std::to_string(row.exchange_code);
  const std::string body = R"({"code":)" + text + R"(,"message":"because"})";
  for (const absl::Status& status : {FromRest("read", Answer(400, body), kNow),
                                     FromCode("subscribe", row.exchange_code, "because")}) {
    EXPECT_EQ(status.code(), row.code) << status;
    EXPECT_EQ(ReasonOf(status), row.reason);
    EXPECT_EQ(MetadataOf(status).at("exchange_code"), text);
    EXPECT_EQ(MetadataOf(status).at("exchange_message"), "because");
    EXPECT_EQ(ExchangeCodeOf(status), row.exchange_code);
    EXPECT_EQ(RetryAfterOf(status).has_value(), row.code == StatusCode::kResourceExhausted);
  }
}

INSTANTIATE_TEST_SUITE_P(Table, CodeTest, testing::ValuesIn(Rows()), [](const auto& info) {
  return "code_" + std::to_string(info.param.exchange_code);
});

TEST(ErrorTableTest, HasATestRowForEachOfItsRows) {
  std::set<std::int64_t> tested;
  for (const Row& row : Rows()) tested.insert(row.exchange_code);
  for (const ErrorRow& row : ErrorTable()) {
    EXPECT_TRUE(tested.contains(row.exchange_code)) << row.exchange_code;
    EXPECT_FALSE(row.section.empty()) << row.exchange_code;
  }
  EXPECT_EQ(tested.size(), ErrorTable().size());
}

struct Case {
  std::string name;
  int status;
  std::string body;
  StatusCode code;
  ErrorReason reason;
};

class AnswerTest : public testing::TestWithParam<Case> {};

TEST_P(AnswerTest, IsOfItsClass) {
  const Case& answer = GetParam();
  const absl::Status status = FromRest("read", Answer(answer.status, answer.body), kNow);
  EXPECT_EQ(status.code(), answer.code) << status;
  EXPECT_EQ(ReasonOf(status), answer.reason);
}

INSTANTIATE_TEST_SUITE_P(
    Answers, AnswerTest,
    testing::Values(Case{"an_html_page", 502, "<html>bad gateway</html>", StatusCode::kUnavailable,
                         reason::ERROR_REASON_EXCHANGE_FAULT},
                    Case{"a_page_with_4xx", 403, "<html>blocked</html>", StatusCode::kUnavailable,
                         reason::ERROR_REASON_EXCHANGE_FAULT},
                    Case{"an_empty_5xx", 500, "", StatusCode::kUnavailable,
                         reason::ERROR_REASON_EXCHANGE_FAULT},
                    Case{"a_limit_without_json", 429, "slow down", StatusCode::kResourceExhausted,
                         reason::ERROR_REASON_RATE_LIMITED},
                    Case{"a_limit_as_405", 405, R"({"code":23000,"message":"Too Many Requests!"})",
                         StatusCode::kResourceExhausted, reason::ERROR_REASON_RATE_LIMITED},
                    Case{"a_nonce_of_2025", 400, R"({"code":400,"message":"invalid nonce"})",
                         StatusCode::kFailedPrecondition, reason::ERROR_REASON_COMMAND_REFUSED},
                    Case{"an_unknown_code", 400, R"({"code":29999,"message":"new"})",
                         StatusCode::kInvalidArgument, reason::ERROR_REASON_UNSPECIFIED},
                    Case{"a_code_as_text", 400,
                         R"({"code":"21602","message":"invalid market index"})",
                         StatusCode::kNotFound, reason::ERROR_REASON_UNKNOWN_INSTRUMENT},
                    Case{"no_message", 400, R"({"code":21602})", StatusCode::kNotFound,
                         reason::ERROR_REASON_UNKNOWN_INSTRUMENT},
                    Case{"an_object_without_a_code", 401, R"({"message":"who are you"})",
                         StatusCode::kUnavailable, reason::ERROR_REASON_EXCHANGE_FAULT}),
    [](const auto& info) { return info.param.name; });

TEST(ErrorsTest, ALimitSaysHowLongToWait) {
  const std::string body = R"({"code":23000,"message":"Too Many Requests!"})";
  EXPECT_EQ(RetryAfterOf(FromRest("read", Answer(429, body, {{"Retry-After", "3"}}), kNow)),
            seconds(3));
  EXPECT_EQ(RetryAfterOf(FromRest("read", Answer(429, body), kNow)), seconds(10));
  EXPECT_EQ(RetryAfterOf(FromCode("subscribe", 30009, "Too Many Websocket Messages!")),
            seconds(10));
}

TEST(ErrorsTest, AnUnknownCodeOnTheSocketIsARefusal) {
  const absl::Status status = FromCode("subscribe", 39999, "new");
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(status), reason::ERROR_REASON_COMMAND_REFUSED);
}

TEST(ErrorsTest, ALongMessageIsCut) {
  const absl::Status status = FromCode("subscribe", 30005, std::string(5'000, 'x'));
  EXPECT_LT(status.message().size(), 400U);
  EXPECT_LE(MetadataOf(status).at("exchange_message").size(), 256U);
}

TEST(ErrorsTest, AStatusOfOursHasNoExchangeCode) {
  EXPECT_EQ(ExchangeCodeOf(absl::InternalError("ours")), std::nullopt);
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
