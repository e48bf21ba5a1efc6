// The fate of commands over REST, by what the transport gave back.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "common/status/status.h"
#include "exchanges/gateio/private/rest_command.h"
#include "exchanges/gateio/private/signed_rest.h"

namespace switchyard::exchanges::gateio {
namespace {

using exchange::CommandFate;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr TimeNs kNow = TimeNs::FromSeconds(1'700'000'000);

CommandOutcome Settle(absl::StatusOr<net::HttpResponse> response) {
  return SettleCommand("place order", std::move(response), kNow, seconds(100));
}

struct Case {
  std::string name;
  absl::StatusOr<net::HttpResponse> response;
  CommandFate fate;
  absl::StatusCode code;
  ErrorReason reason;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class FateTest : public testing::TestWithParam<Case> {};

TEST_P(FateTest, IsToldByTheAnswer) {
  const CommandOutcome outcome = Settle(GetParam().response);
  EXPECT_EQ(outcome.fate, GetParam().fate);
  EXPECT_EQ(outcome.status.code(), GetParam().code) << outcome.status;
  EXPECT_EQ(ReasonOf(outcome.status), GetParam().reason) << outcome.status;
}

net::HttpResponse Answer(int status, std::string body) { return {status, {}, std::move(body)}; }
std::string Label(const std::string& label) {
  return R"({"label":")" + label + R"(","message":"because"})";
}

constexpr auto kNone = common::v1::ERROR_REASON_UNSPECIFIED;
constexpr auto kOutcomeUnknown = common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN;
constexpr auto kUnreachable = common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE;

INSTANTIATE_TEST_SUITE_P(
    Answers, FateTest,
    testing::Values(
        Case{"created", Answer(201, "{}"), CommandFate::kConfirmed, absl::StatusCode::kOk, kNone},
        Case{"not_connected", absl::UnavailableError("refused"), CommandFate::kNotSent,
             absl::StatusCode::kUnavailable, kUnreachable},
        Case{"queue_full", absl::ResourceExhaustedError("queue"), CommandFate::kNotSent,
             absl::StatusCode::kUnavailable, kUnreachable},
        Case{"not_sendable", absl::InvalidArgumentError("line break"), CommandFate::kNotSent,
             absl::StatusCode::kUnavailable, kUnreachable},
        Case{"timeout_after_writing", absl::DeadlineExceededError("late"), CommandFate::kUnknown,
             absl::StatusCode::kUnknown, kOutcomeUnknown},
        Case{"cut_after_writing", absl::UnknownError("reset"), CommandFate::kUnknown,
             absl::StatusCode::kUnknown, kOutcomeUnknown},
        Case{"closed_meanwhile", absl::CancelledError("closed"), CommandFate::kUnknown,
             absl::StatusCode::kUnknown, kOutcomeUnknown},
        Case{"http_500", Answer(500, Label("INTERNAL")), CommandFate::kUnknown,
             absl::StatusCode::kUnknown, kOutcomeUnknown},
        Case{"http_502_page", Answer(502, "<html>"), CommandFate::kUnknown,
             absl::StatusCode::kUnknown, kOutcomeUnknown},
        Case{"http_503_without_body", Answer(503, ""), CommandFate::kUnknown,
             absl::StatusCode::kUnknown, kOutcomeUnknown},
        Case{"fault_with_400", Answer(400, Label("SERVER_ERROR")), CommandFate::kUnknown,
             absl::StatusCode::kUnknown, kOutcomeUnknown},
        Case{"page_with_403", Answer(403, "<html>"), CommandFate::kUnknown,
             absl::StatusCode::kUnknown, kOutcomeUnknown},
        Case{"redirect", Answer(302, ""), CommandFate::kUnknown, absl::StatusCode::kUnknown,
             kOutcomeUnknown},
        Case{"post_only", Answer(400, Label("POC_FILL_IMMEDIATELY")), CommandFate::kRefused,
             absl::StatusCode::kFailedPrecondition, common::v1::ERROR_REASON_POST_ONLY_WOULD_CROSS},
        Case{"no_balance", Answer(400, Label("BALANCE_NOT_ENOUGH")), CommandFate::kRefused,
             absl::StatusCode::kFailedPrecondition, common::v1::ERROR_REASON_INSUFFICIENT_FUNDS},
        Case{"no_such_order", Answer(404, Label("ORDER_NOT_FOUND")), CommandFate::kRefused,
             absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_ORDER},
        Case{"expired", Answer(400, Label("REQUEST_EXPIRED")), CommandFate::kRefused,
             absl::StatusCode::kUnauthenticated, common::v1::ERROR_REASON_BAD_TIMESTAMP},
        Case{"rate", Answer(429, Label("TOO_MANY_REQUESTS")), CommandFate::kRefused,
             absl::StatusCode::kResourceExhausted, common::v1::ERROR_REASON_RATE_LIMITED}),
    [](const auto& info) { return info.param.name; });

TEST(SettleCommandTest, ARateLimitSaysWhenAndTheHeadersHowMuchIsLeft) {
  const CommandOutcome outcome =
      Settle(net::HttpResponse{429,
                               {{"X-Gate-RateLimit-Limit", "10"},
                                {"X-Gate-RateLimit-Requests-Remain", "0"},
                                {"X-Gate-RateLimit-Reset-Timestamp", "1700000003"}},
                               Label("TOO_MANY_REQUESTS")});
  EXPECT_EQ(outcome.retry_after, nanoseconds(seconds(3)));
  EXPECT_EQ(outcome.limit.remaining, 0);
  EXPECT_EQ(outcome.limit.limit, 10);
  EXPECT_EQ(outcome.limit.reset_at, nanoseconds(seconds(103)));
}

TEST(ExpiringRequestTest, CarriesItsExpiryInMilliseconds) {
  const net::HttpRequest request = ToExpiringRequest(RestRequest{}, kNow + seconds(5));
  const auto found = std::find_if(request.headers.begin(), request.headers.end(),
                                  [](const auto& h) { return h.first == "x-gate-exptime"; });
  ASSERT_NE(found, request.headers.end());
  EXPECT_EQ(found->second, "1700000005000");
}

class SignedRestTest : public testing::Test {
 protected:
  SignedRestTest()
      : rest_(
            auth_, clock_,
            [this](net::HttpRequest request, nanoseconds, SignedRest::Done done) {
              sent_.push_back(request);
              done(answers_.at(sent_.size() - 1));
            },
            [this](std::function<void()> measured) {
              clock_.SetOffset(seconds(-120));
              measured();
            }) {}

  std::string HeaderOf(std::size_t request, std::string_view name) {
    for (const auto& [key, value] : sent_.at(request).headers) {
      if (key == name) return value;
    }
    return "";
  }
  void Send(const char* method) {
    rest_.Send({method, "/api/v4/spot/orders", {}, ""}, seconds(1),
               [this](absl::StatusOr<net::HttpResponse> response) {
                 ++replies_;
                 last_ = std::move(response);
               });
  }

  ManualClock wall_{kNow};
  ServerClock clock_{wall_};
  Auth auth_{"key", "secret"};
  std::vector<net::HttpRequest> sent_;
  std::vector<absl::StatusOr<net::HttpResponse>> answers_;
  SignedRest rest_;
  absl::StatusOr<net::HttpResponse> last_;
  int replies_ = 0;
};

// R-62: clock skew, and requests that had waited in a queue.
TEST_F(SignedRestTest, R62AReadThatIsTooOldIsSentOnceMoreWithTheRightTime) {
  answers_ = {Answer(401, Label("REQUEST_EXPIRED")), Answer(200, "[]")};
  Send("GET");
  ASSERT_EQ(sent_.size(), 2u);
  EXPECT_EQ(HeaderOf(0, "Timestamp"), "1700000000");
  EXPECT_EQ(HeaderOf(1, "Timestamp"), "1699999880");
  EXPECT_NE(HeaderOf(0, "SIGN"), HeaderOf(1, "SIGN"));
  EXPECT_EQ(replies_, 1);
  EXPECT_EQ(last_->status, 200);
}

TEST_F(SignedRestTest, R62TheSecondRefusalStands) {
  answers_ = {Answer(401, Label("REQUEST_EXPIRED")), Answer(401, Label("REQUEST_EXPIRED"))};
  Send("GET");
  EXPECT_EQ(sent_.size(), 2u);
  EXPECT_EQ(replies_, 1);
  EXPECT_EQ(last_->status, 401);
}

TEST_F(SignedRestTest, R62ACommandIsNeverRepeatedButTheClockIsMeasured) {
  answers_ = {Answer(401, Label("REQUEST_EXPIRED"))};
  Send("POST");
  EXPECT_EQ(sent_.size(), 1u);
  EXPECT_EQ(replies_, 1);
  EXPECT_EQ(clock_.offset(), nanoseconds(seconds(-120)));
}

TEST_F(SignedRestTest, R62TheTimeIsThatOfTheSendingByTheExchangesClock) {
  answers_ = {Answer(200, "{}"), Answer(200, "{}")};
  Send("POST");
  wall_.Advance(seconds(6));
  clock_.SetOffset(seconds(10));
  Send("POST");
  EXPECT_EQ(HeaderOf(0, "Timestamp"), "1700000000");
  EXPECT_EQ(HeaderOf(1, "Timestamp"), "1700000016");
}

TEST_F(SignedRestTest, OtherRefusalsAreNotRepeated) {
  answers_ = {Answer(401, Label("INVALID_KEY"))};
  Send("GET");
  EXPECT_EQ(sent_.size(), 1u);
  EXPECT_EQ(clock_.offset(), nanoseconds(0));
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
