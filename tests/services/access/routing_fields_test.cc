#include "services/access/routing_fields.h"

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/status/status.h"

namespace switchyard::access {
namespace {

std::string Field(char tag, const std::string& value) {
  return std::string(1, tag) + static_cast<char>(value.size()) + value;
}
constexpr char kExchange = 0x0A;
constexpr char kAccount = 0x12;

// `slices` pieces, as large messages arrive.
grpc::ByteBuffer Bytes(const std::string& text, std::size_t piece = 1'000'000) {
  std::vector<grpc::Slice> slices;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    slices.emplace_back(text.substr(at, piece));
  }
  return grpc::ByteBuffer(slices.data(), slices.size());
}

TEST(ScanRoutingFields, ReadsBothFieldsInAnyOrderAndWhateverIsAround) {
  const std::string request = Field(0x1A, "other") + Field(kAccount, "main") + "\x20\x96\x01" +
                              Field(kExchange, "gateio") + Field(0x1A, "more");
  const auto fields = ScanRoutingFields(Bytes(request), RoutedBy::kExchangeAndAccount);
  ASSERT_TRUE(fields.ok()) << fields.status();
  EXPECT_EQ(fields->exchange, "gateio");
  EXPECT_EQ(fields->account, "main");
}

TEST(ScanRoutingFields, ReadsAcrossSlices) {
  const std::string request = Field(kExchange, "gateio_futures") + Field(kAccount, "main");
  for (std::size_t piece = 1; piece < request.size(); ++piece) {
    const auto fields = ScanRoutingFields(Bytes(request, piece), RoutedBy::kExchangeAndAccount);
    ASSERT_TRUE(fields.ok()) << piece << ": " << fields.status();
    EXPECT_EQ(fields->exchange, "gateio_futures");
    EXPECT_EQ(fields->account, "main");
  }
}

TEST(ScanRoutingFields, LeavesFieldTwoAloneWhereItIsNoAccount) {
  // Field 2 as a number, and twice: the market data requests' own business.
  const auto fields =
      ScanRoutingFields(Bytes(Field(kExchange, "mexc") + "\x10\x01\x10\x02"), RoutedBy::kExchange);
  ASSERT_TRUE(fields.ok()) << fields.status();
  EXPECT_EQ(fields->exchange, "mexc");
  EXPECT_EQ(fields->account, "");
}

TEST(ScanRoutingFields, DoesNotLookInsideOtherFields) {
  const auto fields =
      ScanRoutingFields(Bytes(Field(0x1A, Field(kExchange, "inner")) + Field(kExchange, "outer")),
                        RoutedBy::kExchange);
  ASSERT_TRUE(fields.ok()) << fields.status();
  EXPECT_EQ(fields->exchange, "outer");
}

struct Case {
  std::string name;
  std::string request;
  ErrorReason want;
  std::string field;
};

class RefusalTest : public testing::TestWithParam<Case> {};

TEST_P(RefusalTest, NamesWhatIsWrong) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1'000}}) {
    const auto fields =
        ScanRoutingFields(Bytes(GetParam().request, piece), RoutedBy::kExchangeAndAccount);
    EXPECT_EQ(fields.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(ReasonOf(fields.status()), GetParam().want) << fields.status();
    const ErrorMetadata metadata = MetadataOf(fields.status());
    EXPECT_EQ(metadata.at("field"), GetParam().field) << fields.status();
  }
}

constexpr auto kInvalid = common::v1::ERROR_REASON_INVALID_FIELD;
constexpr auto kDuplicate = common::v1::ERROR_REASON_DUPLICATE_ROUTING_FIELD;

INSTANTIATE_TEST_SUITE_P(
    Requests, RefusalTest,
    testing::Values(
        Case{"no_exchange", Field(kAccount, "main"), kInvalid, "exchange"},
        Case{"empty_exchange", Field(kExchange, ""), kInvalid, "exchange"},
        Case{"exchange_twice", Field(kExchange, "a") + Field(kExchange, "a"), kDuplicate,
             "exchange"},
        Case{"account_twice", Field(kExchange, "a") + Field(kAccount, "x") + Field(kAccount, "y"),
             kDuplicate, "account"},
        Case{"exchange_cut_off", std::string("\x0a\x06") + "gat", kInvalid, "request"},
        Case{"length_cut_off", std::string("\x0a"), kInvalid, "request"},
        Case{"endless_varint", std::string("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
             kInvalid, "request"},
        Case{"tag_cut_off", Field(kExchange, "a") + "\x80", kInvalid, "request"},
        Case{"tag_zero", Field(kExchange, "a") + std::string(1, '\0'), kInvalid, "request"},
        Case{"field_zero", Field(kExchange, "a") + "\x02\x01x", kInvalid, "request"},
        Case{"other_field_cut_off", Field(kExchange, "a") + "\x1a\x05xy", kInvalid, "request"},
        Case{"number_instead_of_text", std::string("\x08\x01"), kInvalid, "request"},
        Case{"unknown_wire_type", Field(kExchange, "a") + "\x1f", kInvalid, "request"},
        Case{"unclosed_group", Field(kExchange, "a") + "\x1b\x08\x01", kInvalid, "request"},
        Case{"not_utf8", Field(kExchange, "\xff\xfe"), kInvalid, "exchange"},
        Case{"far_too_long", "\x0a\x80\x04" + std::string(512, 'x'), kInvalid, "exchange"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard::access
