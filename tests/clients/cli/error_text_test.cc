#include "clients/cli/error_text.h"

#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include <chrono>

#include "common/status/grpc_status.h"
#include "common/status/status.h"

namespace switchyard::clients::cli {
namespace {

absl::Status RateLimited() {
  return WithRetryAfter(
      MakeError(absl::StatusCode::kResourceExhausted, common::v1::ERROR_REASON_RATE_LIMITED,
                "too\nmany requests", {{"exchange", "gateio"}, {"exchange_code", "429"}}),
      std::chrono::milliseconds(1'500));
}

constexpr char kRateLimitedText[] =
    "RESOURCE_EXHAUSTED RATE_LIMITED: too many requests (exchange=gateio, exchange_code=429); "
    "retry after 1500 ms";

TEST(ErrorTextTest, HasCodeReasonMessageFactsAndDelayOnOneLine) {
  EXPECT_EQ(ErrorText(ToGrpcStatus(RateLimited())), kRateLimitedText);
}

TEST(ErrorTextTest, IsTheSameForAnItemOfAnAnswer) {
  EXPECT_EQ(ErrorText(ToProto(RateLimited())), kRateLimitedText);
}

TEST(ErrorTextTest, AStatusWithoutDetailsHasNoReason) {
  EXPECT_EQ(ErrorText(grpc::Status(grpc::StatusCode::INTERNAL, "broken")), "INTERNAL: broken");
}

}  // namespace
}  // namespace switchyard::clients::cli
