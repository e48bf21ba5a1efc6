#include "common/status/status.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace switchyard {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

absl::Status RateLimited() {
  return WithRetryAfter(
      MakeError(absl::StatusCode::kResourceExhausted, common::v1::ERROR_REASON_RATE_LIMITED,
                "list tickers: 429", {{"exchange", "acme"}, {"exchange_code", "TOO_MANY"}}),
      milliseconds(1'500));
}

TEST(StatusTest, AStatusWithoutDetailsHasNone) {
  const absl::Status plain = absl::NotFoundError("no such order");
  EXPECT_EQ(ReasonOf(plain), common::v1::ERROR_REASON_UNSPECIFIED);
  EXPECT_TRUE(MetadataOf(plain).empty());
  EXPECT_FALSE(RetryAfterOf(plain).has_value());
  EXPECT_EQ(ReasonOf(absl::OkStatus()), common::v1::ERROR_REASON_UNSPECIFIED);
}

TEST(StatusTest, DamagedDetailsAreAsGoodAsNone) {
  absl::Status status = absl::NotFoundError("no such order");
  status.SetPayload("type.googleapis.com/google.rpc.ErrorInfo", absl::Cord("\xFF\xFF"));
  status.SetPayload("type.googleapis.com/google.rpc.RetryInfo", absl::Cord("\xFF\xFF"));
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_UNSPECIFIED);
  EXPECT_FALSE(RetryAfterOf(status).has_value());
}

TEST(StatusTest, ReasonMetadataAndDelayComeBack) {
  const absl::Status status = RateLimited();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(std::string(status.message()), "list tickers: 429");
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_RATE_LIMITED);
  EXPECT_EQ(MetadataOf(status),
            (ErrorMetadata{{"exchange", "acme"}, {"exchange_code", "TOO_MANY"}}));
  EXPECT_EQ(RetryAfterOf(status), nanoseconds(1'500'000'000));
}

TEST(StatusTest, MetadataIsAddedAndReplaced) {
  absl::Status status = WithMetadata(RateLimited(), "client_order_id", "mine-1");
  status = WithMetadata(std::move(status), "exchange", "other");
  EXPECT_EQ(MetadataOf(status), (ErrorMetadata{{"client_order_id", "mine-1"},
                                               {"exchange", "other"},
                                               {"exchange_code", "TOO_MANY"}}));
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_RATE_LIMITED);
  EXPECT_EQ(RetryAfterOf(status), milliseconds(1'500));
}

TEST(StatusTest, MetadataOnAPlainStatusLeavesItsCodeAndText) {
  const absl::Status status = WithMetadata(absl::NotFoundError("no such order"), "field", "symbol");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(std::string(status.message()), "no such order");
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_UNSPECIFIED);
  EXPECT_EQ(MetadataOf(status).at("field"), "symbol");
}

TEST(StatusTest, WhatTheExchangeSaidNeverHidesTheReason) {
  const std::string page = "<html>caf\xE9" + std::string(100'000, 'x');
  const absl::Status status =
      MakeError(absl::StatusCode::kUnknown, common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN,
                "place order: 502", {{"exchange_message", page}});
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
  EXPECT_EQ(MetadataOf(status).at("exchange_message"), "<html>caf?" + std::string(246, 'x'));
  const absl::Status more = WithMetadata(status, "exchange_code", "\xFF");
  EXPECT_EQ(ReasonOf(more), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
  EXPECT_EQ(MetadataOf(more).at("exchange_code"), "?");
}

TEST(StatusTest, FieldErrorsNameTheField) {
  const absl::Status status = InvalidField("price", "not a decimal: 'x'");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(status.message()), "price: not a decimal: 'x'");
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(MetadataOf(status).at("field"), "price");
}

TEST(StatusTest, CapabilityErrorsNameTheExchange) {
  const absl::Status status = NotInCapabilities("acme", "candles");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_NOT_IN_CAPABILITIES);
  EXPECT_EQ(MetadataOf(status).at("exchange"), "acme");
}

TEST(StatusProtoTest, RoundTripKeepsEverything) {
  const common::v1::Status proto = ToProto(RateLimited());
  EXPECT_EQ(proto.code(), 8U);
  EXPECT_EQ(proto.reason(), common::v1::ERROR_REASON_RATE_LIMITED);
  EXPECT_EQ(proto.retry_after_ns(), 1'500'000'000);
  EXPECT_EQ(FromProto(proto), RateLimited());
}

TEST(StatusProtoTest, OkIsEmpty) {
  EXPECT_EQ(ToProto(absl::OkStatus()).ByteSizeLong(), 0U);
  EXPECT_TRUE(FromProto(common::v1::Status()).ok());
}

TEST(StatusProtoTest, CodesAndReasonsOfTheFutureDegrade) {
  common::v1::Status proto;
  proto.set_code(99);
  proto.set_reason(static_cast<ErrorReason>(9'999));
  const absl::Status status = FromProto(proto);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnknown);
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_UNSPECIFIED);
}

TEST(StatusProtoTest, ALongMessageIsCutBetweenCharactersAndParses) {
  // 3 bytes each: 512 falls inside the 171st.
  std::string euros;
  for (int i = 0; i < 400; ++i) euros += "\xE2\x82\xAC";
  const common::v1::Status proto = ToProto(absl::InternalError(euros));
  EXPECT_EQ(proto.message().size(), 510U);
  common::v1::Status back;
  EXPECT_TRUE(back.ParseFromString(proto.SerializeAsString()));
}

TEST(StatusProtoTest, AMessageThatIsNotTextParses) {
  common::v1::Status back;
  ASSERT_TRUE(
      back.ParseFromString(ToProto(absl::InternalError("got \xFF\xFE")).SerializeAsString()));
  EXPECT_EQ(back.message(), "got ??");
}

TEST(ReasonNameTest, IsTheEnumWithoutItsPrefixAndComesBack) {
  const auto* reasons = common::v1::ErrorReason_descriptor();
  for (int i = 0; i < reasons->value_count(); ++i) {
    const auto reason = static_cast<ErrorReason>(reasons->value(i)->number());
    EXPECT_EQ("ERROR_REASON_" + ReasonName(reason), reasons->value(i)->name());
    EXPECT_EQ(ReasonOf(MakeError(absl::StatusCode::kInternal, reason, "")), reason);
  }
  EXPECT_EQ(ReasonName(common::v1::ERROR_REASON_BOOK_NOT_READY), "BOOK_NOT_READY");
}

absl::StatusOr<int> HalfOf(int value) {
  if (value % 2 != 0) return absl::InvalidArgumentError("odd");
  return value / 2;
}

absl::StatusOr<int> QuarterOf(int value) {
  SWITCHYARD_ASSIGN_OR_RETURN(const int half, HalfOf(value));
  SWITCHYARD_ASSIGN_OR_RETURN(const int quarter, HalfOf(half));
  SWITCHYARD_RETURN_IF_ERROR(quarter == 0 ? absl::OutOfRangeError("zero") : absl::OkStatus());
  return quarter;
}

TEST(StatusMacroTest, ErrorsReturnAndValuesPass) {
  EXPECT_TRUE(absl::IsInvalidArgument(QuarterOf(7).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(QuarterOf(6).status()));
  EXPECT_TRUE(absl::IsOutOfRange(QuarterOf(0).status()));
  EXPECT_EQ(QuarterOf(8).value(), 2);
}

}  // namespace
}  // namespace switchyard
