#include "services/access/client_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/status/status.h"

namespace switchyard::access {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr Limits kLimits = {
    .max_streams = 2, .max_requests_per_second = 10, .max_request_bytes = 100};

class ClientCountsTest : public testing::Test {
 protected:
  absl::Status Begin(nanoseconds now, bool is_stream = false,
                     const std::string& key = "principal a", std::size_t bytes = 10) {
    return counts_.Begin({key, "a", kLimits}, bytes, is_stream, now);
  }

  metrics::Metrics metrics_;
  ClientCounts counts_{metrics_};
};

TEST_F(ClientCountsTest, AsManyCallsAsASecondAllowsMayComeAtOnce) {
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(Begin(seconds(5)).ok()) << i;
  const absl::Status refused = Begin(seconds(5));
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused), common::v1::ERROR_REASON_RATE_LIMITED);
  EXPECT_EQ(RetryAfterOf(refused), milliseconds(100));
}

TEST_F(ClientCountsTest, ThenTheyComeAtTheRate) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(Begin(seconds(5)).ok());
  EXPECT_FALSE(Begin(seconds(5) + milliseconds(99)).ok());
  EXPECT_TRUE(Begin(seconds(5) + milliseconds(100)).ok());
  EXPECT_FALSE(Begin(seconds(5) + milliseconds(100)).ok());
}

TEST_F(ClientCountsTest, ClientsDoNotShareTheirLimits) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(Begin(seconds(5)).ok());
  EXPECT_TRUE(Begin(seconds(5), false, "principal b").ok());
}

TEST_F(ClientCountsTest, StreamsAreGivenBack) {
  EXPECT_TRUE(Begin(seconds(5), true).ok());
  EXPECT_TRUE(Begin(seconds(5), true).ok());
  const absl::Status refused = Begin(seconds(5), true);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused), common::v1::ERROR_REASON_SUBSCRIPTION_LIMIT);
  EXPECT_TRUE(RetryAfterOf(refused).has_value());
  EXPECT_TRUE(Begin(seconds(5)).ok()) << "no stream";
  EXPECT_THAT(metrics_.Expose(), HasSubstr("switchyard_client_streams{principal=\"a\"} 2"));
  counts_.EndStream("principal a");
  EXPECT_TRUE(Begin(seconds(5), true).ok());
}

TEST_F(ClientCountsTest, LargeRequestsAreRefusedForGood) {
  const absl::Status refused = Begin(seconds(5), false, "principal a", 101);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused), common::v1::ERROR_REASON_REQUEST_TOO_LARGE);
  EXPECT_FALSE(RetryAfterOf(refused).has_value());
  EXPECT_TRUE(Begin(seconds(5), false, "principal a", 100).ok());
}

TEST_F(ClientCountsTest, RefusalsAreCounted) {
  EXPECT_FALSE(Begin(seconds(5), false, "principal a", 101).ok());
  for (int i = 0; i < 12; ++i) (void)Begin(seconds(5));
  EXPECT_THAT(metrics_.Expose(),
              HasSubstr("switchyard_client_refused_total{limit=\"requests\",principal=\"a\"} 2"));
  EXPECT_THAT(metrics_.Expose(),
              HasSubstr("switchyard_client_refused_total{limit=\"bytes\",principal=\"a\"} 1"));
}

TEST_F(ClientCountsTest, StrangersDoNotFillTheMemory) {
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(
        counts_.Begin({"address " + std::to_string(i), "", kLimits}, 1, false, seconds(5)).ok());
  }
  EXPECT_EQ(counts_.Begin({"address x", "", kLimits}, 1, false, seconds(5)).code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(Begin(seconds(5)).ok()) << "principals are never too many";
  EXPECT_TRUE(counts_.Begin({"address x", "", kLimits}, 1, false, seconds(7)).ok())
      << "the idle ones are forgotten";
}

TEST(ToLimits, TakesWhatIsGivenOverTheDefaults) {
  config::v1::ClientLimitsConfig config;
  config.set_max_streams(7);
  config.set_max_request_bytes(0);
  const auto limits = ToLimits(config, "process.client_limits", Limits{});
  ASSERT_TRUE(limits.ok());
  EXPECT_EQ(limits->max_streams, 7u);
  EXPECT_EQ(limits->max_requests_per_second, 1'000u);
  EXPECT_EQ(limits->max_request_bytes, 1'048'576u);
}

}  // namespace
}  // namespace switchyard::access
