#include "common/status/grpc_status.h"

#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <ostream>
#include <string>

#include "common/status/status.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace switchyard {
namespace {

constexpr std::size_t kMaxMessageBytes = 512;
constexpr std::size_t kMaxDetailBytes = 2048;

google::rpc::Status Details(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  return details;
}

template <typename Message>
Message Detail(const grpc::Status& status) {
  const google::rpc::Status details = Details(status);
  for (const auto& any : details.details()) {
    if (!any.Is<Message>()) continue;
    Message message;
    EXPECT_TRUE(any.UnpackTo(&message));
    return message;
  }
  ADD_FAILURE() << "no " << Message::descriptor()->full_name();
  return {};
}

struct CodeCase {
  std::string name;
  absl::StatusCode code;
  int number;
};

void PrintTo(const CodeCase& code, std::ostream* out) { *out << code.name; }

class GrpcCodeTest : public testing::TestWithParam<CodeCase> {};

TEST_P(GrpcCodeTest, HasThePublicNumberBothWays) {
  const absl::Status status(GetParam().code, "why");
  const grpc::Status sent = ToGrpcStatus(status);
  EXPECT_EQ(static_cast<int>(sent.error_code()), GetParam().number);
  EXPECT_EQ(FromGrpcStatus(sent).code(), GetParam().code);
  if (status.ok()) return;
  EXPECT_EQ(Details(sent).code(), GetParam().number);
  EXPECT_EQ(sent.error_message(), "why");
}

// Source: grpc.io, "Status codes and their use in gRPC".
INSTANTIATE_TEST_SUITE_P(
    Codes, GrpcCodeTest,
    testing::Values(CodeCase{"ok", absl::StatusCode::kOk, 0},
                    CodeCase{"cancelled", absl::StatusCode::kCancelled, 1},
                    CodeCase{"unknown", absl::StatusCode::kUnknown, 2},
                    CodeCase{"invalid_argument", absl::StatusCode::kInvalidArgument, 3},
                    CodeCase{"deadline_exceeded", absl::StatusCode::kDeadlineExceeded, 4},
                    CodeCase{"not_found", absl::StatusCode::kNotFound, 5},
                    CodeCase{"already_exists", absl::StatusCode::kAlreadyExists, 6},
                    CodeCase{"permission_denied", absl::StatusCode::kPermissionDenied, 7},
                    CodeCase{"resource_exhausted", absl::StatusCode::kResourceExhausted, 8},
                    CodeCase{"failed_precondition", absl::StatusCode::kFailedPrecondition, 9},
                    CodeCase{"aborted", absl::StatusCode::kAborted, 10},
                    CodeCase{"out_of_range", absl::StatusCode::kOutOfRange, 11},
                    CodeCase{"unimplemented", absl::StatusCode::kUnimplemented, 12},
                    CodeCase{"internal", absl::StatusCode::kInternal, 13},
                    CodeCase{"unavailable", absl::StatusCode::kUnavailable, 14},
                    CodeCase{"data_loss", absl::StatusCode::kDataLoss, 15},
                    CodeCase{"unauthenticated", absl::StatusCode::kUnauthenticated, 16}),
    [](const auto& info) { return info.param.name; });

absl::Status Unknown(const ErrorMetadata& metadata) {
  return MakeError(absl::StatusCode::kUnknown, common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN,
                   "place order on acme: no answer", metadata);
}

TEST(GrpcStatusTest, DetailsAreThoseThatStockLibrariesDecode) {
  const grpc::Status sent = ToGrpcStatus(
      WithRetryAfter(Unknown({{"client_order_id", "mine-1"}}), std::chrono::milliseconds(2'500)));
  EXPECT_EQ(Details(sent).message(), sent.error_message());
  const auto info = Detail<google::rpc::ErrorInfo>(sent);
  EXPECT_EQ(info.reason(), "ORDER_OUTCOME_UNKNOWN");
  EXPECT_EQ(info.domain(), "switchyard");
  EXPECT_EQ(info.metadata().at("client_order_id"), "mine-1");
  const auto retry = Detail<google::rpc::RetryInfo>(sent);
  EXPECT_EQ(retry.retry_delay().seconds(), 2);
  EXPECT_EQ(retry.retry_delay().nanos(), 500'000'000);
}

TEST(GrpcStatusTest, TheWayBackKeepsReasonMetadataAndDelay) {
  const absl::Status status =
      WithRetryAfter(Unknown({{"exchange", "acme"}}), std::chrono::seconds(3));
  EXPECT_EQ(FromGrpcStatus(ToGrpcStatus(status)), status);
}

TEST(GrpcStatusTest, AStatusWithoutDetailsComesBackPlain) {
  const grpc::Status plain(grpc::StatusCode::UNAVAILABLE, "connection refused");
  EXPECT_EQ(FromGrpcStatus(plain), absl::UnavailableError("connection refused"));
  const grpc::Status damaged(grpc::StatusCode::UNAVAILABLE, "connection refused", "\xFF\xFF");
  EXPECT_EQ(FromGrpcStatus(damaged), absl::UnavailableError("connection refused"));
}

TEST(GrpcStatusTest, ALongMessageIsCutBetweenCharacters) {
  std::string euros;
  for (int i = 0; i < 400; ++i) euros += "\xE2\x82\xAC";  // 512 falls inside the 171st
  const grpc::Status sent = ToGrpcStatus(absl::InternalError(euros));
  EXPECT_EQ(sent.error_message().size(), 510U);
  EXPECT_EQ(sent.error_message(), euros.substr(0, 510));
  EXPECT_EQ(ToGrpcStatus(absl::InternalError(std::string(512, 'x'))).error_message().size(), 512U);
  EXPECT_EQ(ToGrpcStatus(absl::InternalError(std::string(513, 'x'))).error_message().size(), 512U);
}

TEST(GrpcStatusTest, WhatIsNotTextIsMadeText) {
  const grpc::Status sent = ToGrpcStatus(absl::InternalError("got \xFF\xFE"));
  EXPECT_EQ(sent.error_message(), "got ??");
  EXPECT_EQ(Details(sent).message(), "got ??");
}

TEST(GrpcStatusTest, HugeMetadataNeverCostsTheReasonNorTheDelay) {
  ErrorMetadata metadata{{"client_order_id", "mine-1"}, {"exchange", "acme"}};
  for (int i = 0; i < 100; ++i) {
    metadata["noise_" + std::to_string(i)] = std::string(10'000, 'n');
  }
  const grpc::Status sent =
      ToGrpcStatus(WithRetryAfter(Unknown(metadata), std::chrono::seconds(1)));
  EXPECT_LE(sent.error_details().size(), kMaxDetailBytes);
  EXPECT_GT(sent.error_details().size(), kMaxDetailBytes / 2);
  const auto info = Detail<google::rpc::ErrorInfo>(sent);
  EXPECT_EQ(info.reason(), "ORDER_OUTCOME_UNKNOWN");
  EXPECT_EQ(info.metadata().at("client_order_id"), "mine-1");
  EXPECT_EQ(info.metadata().at("exchange"), "acme");
  EXPECT_EQ(Detail<google::rpc::RetryInfo>(sent).retry_delay().seconds(), 1);
}

TEST(GrpcStatusTest, DetailsOfOthersGoBeforeTheReason) {
  absl::Status status = Unknown({});
  for (int i = 0; i < 4; ++i) {
    status.SetPayload("type.googleapis.com/other." + std::to_string(i),
                      absl::Cord(std::string(1'000, 'o')));
  }
  const grpc::Status sent = ToGrpcStatus(status);
  EXPECT_LE(sent.error_details().size(), kMaxDetailBytes);
  EXPECT_EQ(Detail<google::rpc::ErrorInfo>(sent).reason(), "ORDER_OUTCOME_UNKNOWN");
  EXPECT_EQ(sent.error_message(), "place order on acme: no answer");
}

TEST(GrpcStatusTest, OneDetailThatIsTooLargeGoesAlone) {
  absl::Status status = absl::InternalError(std::string(kMaxMessageBytes, 'm'));
  status.SetPayload("type.googleapis.com/other", absl::Cord(std::string(5'000, 'o')));
  const grpc::Status sent = ToGrpcStatus(status);
  EXPECT_EQ(Details(sent).details_size(), 0);
  EXPECT_EQ(sent.error_message().size(), kMaxMessageBytes);
}

}  // namespace
}  // namespace switchyard
