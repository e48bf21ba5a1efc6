// Requests of the WebSocket API: what settles them, and that nothing settles them twice.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "exchanges/gateio/private/api_requests.h"

namespace switchyard::exchanges::gateio {
namespace {

using exchange::CommandFate;
using std::chrono::seconds;

class ApiRequestsTest : public testing::Test {
 protected:
  std::string Add(std::uint64_t socket = 1) {
    std::string id = requests_.NextId();
    requests_.Add(id, socket, "place order " + id,
                  [this](ApiOutcome outcome) { outcomes_.push_back(std::move(outcome)); });
    return id;
  }
  static wire::ApiAnswer Answer(std::string id, int status, std::string label = "") {
    wire::ApiAnswer answer;
    answer.request_id = std::move(id);
    answer.status = status;
    answer.label = std::move(label);
    return answer;
  }

  ManualClock wall_{TimeNs::FromSeconds(1'700'000'000)};
  ServerClock clock_{wall_};
  ApiRequests requests_{clock_, seconds(5)};
  std::vector<ApiOutcome> outcomes_;
};

TEST_F(ApiRequestsTest, TheEchoSettlesNothing) {
  const std::string id = Add();
  wire::ApiAnswer echo = Answer(id, 200);
  echo.is_echo = true;
  EXPECT_TRUE(requests_.OnAnswer(echo, {{"req_id", id}}));
  EXPECT_TRUE(outcomes_.empty());
  EXPECT_TRUE(requests_.OnAnswer(Answer(id, 200), {{"id", "7"}}));
  ASSERT_EQ(outcomes_.size(), 1u);
  EXPECT_EQ(outcomes_[0].fate, CommandFate::kConfirmed);
  EXPECT_EQ(outcomes_[0].result["id"], "7");
  EXPECT_EQ(outcomes_[0].submit_time, wall_.Now());
}

TEST_F(ApiRequestsTest, ARefusalSettlesAlsoInPlaceOfTheEcho) {
  const std::string id = Add();
  wire::ApiAnswer refusal = Answer(id, 400, "BALANCE_NOT_ENOUGH");
  refusal.is_echo = true;
  EXPECT_TRUE(requests_.OnAnswer(refusal, nullptr));
  ASSERT_EQ(outcomes_.size(), 1u);
  EXPECT_EQ(outcomes_[0].fate, CommandFate::kRefused);
  EXPECT_EQ(ReasonOf(outcomes_[0].status), common::v1::ERROR_REASON_INSUFFICIENT_FUNDS);
}

TEST_F(ApiRequestsTest, RateLimitsAreRefusalsWithTheirDelay) {
  for (const char* const label : {"TOO_MANY_REQUESTS", "211", "212", "311"}) {
    outcomes_.clear();
    const bool is_code = std::isdigit(static_cast<unsigned char>(label[0])) != 0;
    wire::ApiAnswer refusal = Answer(Add(), is_code ? 400 : 429, label);
    refusal.limit_reset = wall_.Now() + seconds(2);
    requests_.OnAnswer(refusal, nullptr);
    ASSERT_EQ(outcomes_.size(), 1u) << label;
    EXPECT_EQ(outcomes_[0].fate, CommandFate::kRefused) << label;
    EXPECT_EQ(ReasonOf(outcomes_[0].status), common::v1::ERROR_REASON_RATE_LIMITED) << label;
    EXPECT_EQ(outcomes_[0].retry_after, std::chrono::nanoseconds(seconds(2))) << label;
  }
}

TEST_F(ApiRequestsTest, FaultsOfTheExchangeLeaveTheOutcomeUnknown) {
  for (const char* const label : {"INTERNAL", "SERVER_ERROR", "TOO_BUSY"}) {
    outcomes_.clear();
    requests_.OnAnswer(Answer(Add(), 500, label), nullptr);
    ASSERT_EQ(outcomes_.size(), 1u) << label;
    EXPECT_EQ(outcomes_[0].fate, CommandFate::kUnknown) << label;
    EXPECT_EQ(outcomes_[0].status.code(), absl::StatusCode::kUnknown);
    EXPECT_EQ(ReasonOf(outcomes_[0].status), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
  }
}

TEST_F(ApiRequestsTest, ACutSocketLeavesWhatItCarriedUnknown) {
  Add(1);
  const std::string other = Add(2);
  requests_.OnSocketClosed(1, absl::UnavailableError("reset"));
  ASSERT_EQ(outcomes_.size(), 1u);
  EXPECT_EQ(outcomes_[0].fate, CommandFate::kUnknown);
  EXPECT_FALSE(requests_.IsCarriedBy(1));
  EXPECT_TRUE(requests_.IsCarriedBy(2));
  EXPECT_TRUE(requests_.OnAnswer(Answer(other, 200), {{"id", "1"}}));
  EXPECT_EQ(outcomes_[1].fate, CommandFate::kConfirmed);
}

TEST_F(ApiRequestsTest, SilenceLeavesTheOutcomeUnknownAndALateAnswerIsNobodys) {
  const std::string id = Add();
  wall_.Advance(seconds(4));
  requests_.Sweep();
  EXPECT_TRUE(outcomes_.empty());
  wall_.Advance(seconds(1));
  requests_.Sweep();
  ASSERT_EQ(outcomes_.size(), 1u);
  EXPECT_EQ(outcomes_[0].fate, CommandFate::kUnknown);
  EXPECT_FALSE(requests_.OnAnswer(Answer(id, 200), {{"id", "1"}}));
  EXPECT_EQ(outcomes_.size(), 1u);
}

TEST_F(ApiRequestsTest, ClosingSettlesAll) {
  Add(1);
  Add(2);
  requests_.Close();
  EXPECT_EQ(outcomes_.size(), 2u);
  EXPECT_TRUE(requests_.empty());
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
