#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "common/retry/rate_limiter.h"
#include "common/status/status.h"
#include "exchanges/lighter/rest/answer.h"
#include "exchanges/lighter/rest/rest_reader.h"
#include "exchanges/lighter/rest/rest_request.h"
#include "tests/common/exchange/manual_thread.h"
#include "tests/exchanges/lighter/fake_rest.h"

namespace switchyard::exchanges::lighter {
namespace {

using absl::StatusCode;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kTimeout{5};

class ReaderTest : public testing::Test {
 protected:
  ReaderTest() { EXPECT_TRUE(DefineRestLimit(limiter_, 60, 100).ok()); }

  void Read(retry::Priority priority = retry::Priority::kNormal) {
    RestRequest request = GetRequest("/api/v1/orderBooks", {{"filter", "all"}});
    request.priority = priority;
    reader_.Read<std::string>(
        request,
        [](const std::string& body) -> absl::StatusOr<std::string> {
          if (const auto answer = ParseAnswer("orderBooks", body); !answer.ok()) {
            return answer.status();
          }
          return body;
        },
        [this](absl::StatusOr<std::string> result) {
          ++replies_;
          last_ = std::move(result);
        });
  }
  StatusCode LastCode() const { return last_.status().code(); }

  exchange::ManualThread thread_;
  retry::RateLimiter limiter_;
  FakeRest rest_;
  RestReader<FakeRest, exchange::ManualTimer> reader_{rest_, limiter_, thread_.clock(), thread_,
                                                      kTimeout};
  int replies_ = 0;
  absl::StatusOr<std::string> last_ = absl::UnknownError("no reply yet");
};

net::HttpResponse Status(int status, std::string body = "") { return {status, {}, body}; }

TEST_F(ReaderTest, ARefusalIsNotAskedTwice) {
  rest_.Answer(Status(400, R"({"code":21602,"message":"invalid market index"})"));
  Read();
  EXPECT_EQ(replies_, 1);
  EXPECT_EQ(LastCode(), StatusCode::kNotFound);
  thread_.Advance(kTimeout);
  EXPECT_EQ(rest_.targets().size(), 1U);
}

TEST_F(ReaderTest, AFailureOnTheWayIsTriedAgainAfterAPause) {
  rest_.Answer(Status(502, "<html></html>"));
  rest_.Answer(absl::UnavailableError("connection reset"));
  rest_.Answer(Ok(R"({"code":200})"));
  Read();
  EXPECT_EQ(replies_, 0);
  EXPECT_EQ(rest_.targets().size(), 1U);
  thread_.Advance(milliseconds(200));
  EXPECT_EQ(rest_.targets().size(), 2U);
  EXPECT_EQ(rest_.last_timeout(), kTimeout - milliseconds(200));
  thread_.Advance(milliseconds(399));
  EXPECT_EQ(rest_.targets().size(), 2U);
  thread_.Advance(milliseconds(1));
  EXPECT_EQ(replies_, 1);
  EXPECT_TRUE(last_.ok()) << last_.status();
}

TEST_F(ReaderTest, ThreeFailuresAreEnough) {
  for (int i = 0; i < 5; ++i) rest_.Answer(Status(500));
  Read();
  thread_.Advance(kTimeout);
  EXPECT_EQ(rest_.targets().size(), 3U);
  EXPECT_EQ(replies_, 1);
  EXPECT_EQ(LastCode(), StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(last_.status()), common::v1::ERROR_REASON_EXCHANGE_FAULT);
}

TEST_F(ReaderTest, AnInternalErrorBehindA200IsTriedAgainToo) {
  rest_.Answer(Ok(R"({"code":29500,"message":"internal server error"})"));
  rest_.Answer(Ok(R"({"code":200})"));
  Read();
  thread_.Advance(seconds(1));
  EXPECT_EQ(replies_, 1);
  EXPECT_TRUE(last_.ok()) << last_.status();
}

TEST_F(ReaderTest, ATimeoutEndsTheRead) {
  rest_.Answer(absl::DeadlineExceededError("late"));
  Read();
  EXPECT_EQ(replies_, 1);
  EXPECT_EQ(LastCode(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(ReasonOf(last_.status()), common::v1::ERROR_REASON_EXCHANGE_TIMEOUT);
}

TEST_F(ReaderTest, ClosingAnswersWhatWaitsForItsNextAttempt) {
  rest_.Answer(Status(500));
  Read();
  ASSERT_EQ(replies_, 0);
  reader_.Close();
  EXPECT_EQ(replies_, 1);
  EXPECT_EQ(LastCode(), StatusCode::kUnavailable);
  thread_.Advance(kTimeout);
  EXPECT_EQ(rest_.targets().size(), 1U);
  EXPECT_EQ(replies_, 1);
}

TEST_F(ReaderTest, A429StopsEverythingUntilItsTimeIsOver) {
  rest_.Answer(net::HttpResponse{429, {{"Retry-After", "7"}}, R"({"code":23000,"message":""})"});
  Read();
  EXPECT_EQ(LastCode(), StatusCode::kResourceExhausted);
  EXPECT_EQ(RetryAfterOf(last_.status()), seconds(7));
  Read(retry::Priority::kUrgent);
  EXPECT_EQ(LastCode(), StatusCode::kResourceExhausted);
  EXPECT_EQ(rest_.targets().size(), 1U);
  thread_.Advance(seconds(7));
  rest_.Answer(Ok(R"({"code":200})"));
  Read();
  EXPECT_TRUE(last_.ok()) << last_.status();
}

TEST_F(ReaderTest, NeitherKindOfReadTakesAllOfTheLimit) {
  for (int i = 0; i < 60; ++i) {
    rest_.Answer(Ok(R"({"code":200})"));
    Read();
  }
  EXPECT_EQ(LastCode(), StatusCode::kResourceExhausted);
  EXPECT_EQ(rest_.targets().size(), 45U);
  for (int i = 0; i < 15; ++i) Read(retry::Priority::kUrgent);
  EXPECT_TRUE(last_.ok()) << last_.status();
  Read(retry::Priority::kUrgent);
  EXPECT_EQ(LastCode(), StatusCode::kResourceExhausted);
  EXPECT_EQ(rest_.targets().size(), 60U);
}

TEST(RestRequestTest, AShareOfTheLimitIsAtLeastOneRequest) {
  retry::RateLimiter limiter;
  EXPECT_TRUE(DefineRestLimit(limiter, 1, 50).ok());
  EXPECT_TRUE(limiter.Acquire(kRestLimit, retry::Priority::kNormal, seconds(1)).granted);
}

TEST(RestRequestTest, TheQueryIsEncoded) {
  const net::HttpRequest http =
      ToHttpRequest(GetRequest("/api/v1/x", {{"a", "b c"}, {"d", "[1,\"2\"]"}}));
  EXPECT_EQ(http.method, "GET");
  EXPECT_EQ(http.target, "/api/v1/x?a=b%20c&d=%5B1%2C%222%22%5D");
}

struct BadAnswer {
  std::string name, body;
  StatusCode code;
};

class BadAnswerTest : public testing::TestWithParam<BadAnswer> {};

TEST_P(BadAnswerTest, IsAnError) {
  EXPECT_EQ(ParseAnswer("x", GetParam().body).status().code(), GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    Answers, BadAnswerTest,
    testing::Values(BadAnswer{"not_json", "<html>", StatusCode::kInternal},
                    BadAnswer{"empty", "", StatusCode::kInternal},
                    BadAnswer{"a_list", "[]", StatusCode::kInternal},
                    BadAnswer{"no_number", R"({"code":"ok"})", StatusCode::kInternal},
                    BadAnswer{"a_refusal", R"({"code":21100,"message":"account not found"})",
                              StatusCode::kNotFound}),
    [](const auto& info) { return info.param.name; });

TEST(AnswerTest, ACodeMayBeTextOrMissing) {
  EXPECT_TRUE(ParseAnswer("x", R"({"code":"200"})").ok());
  EXPECT_TRUE(ParseAnswer("x", R"({"status":1})").ok());
}

TEST(AnswerTest, APageHasAUsualAndALargestSize) {
  EXPECT_EQ(PageSize(0, 500), 100U);
  EXPECT_EQ(PageSize(0, 50), 50U);
  EXPECT_EQ(PageSize(20, 500), 20U);
  EXPECT_EQ(PageSize(9'999, 500), 500U);
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
