#include "clients/cli/command_call.h"

#include <gtest/gtest.h>

#include <string>

#include "common/status/grpc_status.h"
#include "common/status/status.h"

namespace switchyard::clients::cli {
namespace {

struct Case {
  std::string name;
  absl::StatusCode code;
  ErrorReason reason;
  Effect want;
};

class EffectTest : public testing::TestWithParam<Case> {};

TEST_P(EffectTest, IsWhatTheStatusProves) {
  const Case& row = GetParam();
  const grpc::Status status =
      row.reason == common::v1::ERROR_REASON_UNSPECIFIED
          ? grpc::Status(static_cast<grpc::StatusCode>(row.code), "from the client's own library")
          : ToGrpcStatus(MakeError(row.code, row.reason, "from the service"));
  EXPECT_EQ(EffectOf(status), row.want);
}

INSTANTIATE_TEST_SUITE_P(
    Statuses, EffectTest,
    testing::Values(Case{"ok", absl::StatusCode::kOk, common::v1::ERROR_REASON_UNSPECIFIED,
                         Effect::kDone},
                    Case{"the_service_does_not_know", absl::StatusCode::kUnknown,
                         common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN, Effect::kUnknown},
                    Case{"unknown_without_reason", absl::StatusCode::kUnknown,
                         common::v1::ERROR_REASON_UNSPECIFIED, Effect::kUnknown},
                    Case{"own_deadline", absl::StatusCode::kDeadlineExceeded,
                         common::v1::ERROR_REASON_UNSPECIFIED, Effect::kUnknown},
                    Case{"stopped_by_the_user", absl::StatusCode::kCancelled,
                         common::v1::ERROR_REASON_UNSPECIFIED, Effect::kUnknown},
                    Case{"broken_stream", absl::StatusCode::kInternal,
                         common::v1::ERROR_REASON_UNSPECIFIED, Effect::kUnknown},
                    Case{"unreadable_answer_of_the_exchange", absl::StatusCode::kInternal,
                         common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE, Effect::kUnknown},
                    Case{"broken_connection", absl::StatusCode::kUnavailable,
                         common::v1::ERROR_REASON_UNSPECIFIED, Effect::kUnknown},
                    Case{"answer_too_large", absl::StatusCode::kResourceExhausted,
                         common::v1::ERROR_REASON_UNSPECIFIED, Effect::kUnknown},
                    Case{"exchange_not_connected", absl::StatusCode::kUnavailable,
                         common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE, Effect::kNone},
                    Case{"no_backend", absl::StatusCode::kUnavailable,
                         common::v1::ERROR_REASON_BACKEND_UNAVAILABLE, Effect::kNone},
                    Case{"rate_limited", absl::StatusCode::kResourceExhausted,
                         common::v1::ERROR_REASON_RATE_LIMITED, Effect::kNone},
                    Case{"refused", absl::StatusCode::kFailedPrecondition,
                         common::v1::ERROR_REASON_RISK_LIMIT, Effect::kNone},
                    Case{"no_such_method", absl::StatusCode::kUnimplemented,
                         common::v1::ERROR_REASON_UNSPECIFIED, Effect::kNone},
                    Case{"malformed", absl::StatusCode::kInvalidArgument,
                         common::v1::ERROR_REASON_INVALID_FIELD, Effect::kNone}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard::clients::cli
