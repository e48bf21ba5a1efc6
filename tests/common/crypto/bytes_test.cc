#include "common/crypto/bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace switchyard::crypto {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Refused {
  std::string name, text;
};

class BadBase64Test : public testing::TestWithParam<Refused> {};

TEST_P(BadBase64Test, IsInvalidArgumentAndNotShown) {
  const absl::Status status = FromBase64(GetParam().text).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr(GetParam().text)));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadBase64Test,
    testing::Values(Refused{"one_digit", "Z"}, Refused{"no_padding", "Zg"},
                    Refused{"half_padding", "Zg="}, Refused{"only_padding", "===="},
                    Refused{"padding_inside", "Zg==Zg=="}, Refused{"space", "Zm9 "},
                    Refused{"newline", "Zm9v\nZm9"}, Refused{"url_alphabet", "-_-_"},
                    Refused{"unused_bits", "Zh=="}, Refused{"unused_bits_two", "Zm9="},
                    Refused{"high_byte", "\xc3\xa9\xc3\xa9"}),
    [](const auto& info) { return info.param.name; });

class BadBase64UrlTest : public testing::TestWithParam<Refused> {};

TEST_P(BadBase64UrlTest, IsInvalidArgument) {
  EXPECT_EQ(FromBase64Url(GetParam().text).status().code(), absl::StatusCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(Texts, BadBase64UrlTest,
                         testing::Values(Refused{"one_digit", "Z"}, Refused{"half_padding", "Zg="},
                                         Refused{"plain_alphabet", "+/+/"},
                                         Refused{"unused_bits", "Zh"}),
                         [](const auto& info) { return info.param.name; });

class BadHexTest : public testing::TestWithParam<Refused> {};

TEST_P(BadHexTest, IsInvalidArgument) {
  EXPECT_EQ(FromHex(GetParam().text).status().code(), absl::StatusCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(Texts, BadHexTest,
                         testing::Values(Refused{"odd", "abc"}, Refused{"prefix", "0xab"},
                                         Refused{"letter", "ag"}, Refused{"space", "a "}),
                         [](const auto& info) { return info.param.name; });

// RFC 4648 section 10, and bytes that need both special digits of each alphabet.
struct Encoding {
  std::string name, bytes, base64, base64_url, hex;
};
class EncodingTest : public testing::TestWithParam<Encoding> {};

TEST_P(EncodingTest, EncodesAndDecodes) {
  const Encoding& want = GetParam();
  const ByteView bytes = AsBytes(want.bytes);
  EXPECT_EQ(ToBase64(bytes), want.base64);
  EXPECT_EQ(ToBase64Url(bytes), want.base64_url);
  EXPECT_EQ(ToHex(bytes), want.hex);
  const auto is_same = [&](const absl::StatusOr<Bytes>& decoded) {
    return decoded.ok() && std::equal(decoded->begin(), decoded->end(), bytes.begin(), bytes.end());
  };
  EXPECT_TRUE(is_same(FromBase64(want.base64)));
  EXPECT_TRUE(is_same(FromBase64Url(want.base64_url)));
  EXPECT_TRUE(is_same(FromHex(want.hex)));
}

INSTANTIATE_TEST_SUITE_P(
    Rfc4648, EncodingTest,
    testing::Values(Encoding{"empty", "", "", "", ""}, Encoding{"f", "f", "Zg==", "Zg", "66"},
                    Encoding{"fo", "fo", "Zm8=", "Zm8", "666f"},
                    Encoding{"foo", "foo", "Zm9v", "Zm9v", "666f6f"},
                    Encoding{"foob", "foob", "Zm9vYg==", "Zm9vYg", "666f6f62"},
                    Encoding{"fooba", "fooba", "Zm9vYmE=", "Zm9vYmE", "666f6f6261"},
                    Encoding{"foobar", "foobar", "Zm9vYmFy", "Zm9vYmFy", "666f6f626172"},
                    Encoding{"special_digits", "\xfb\xff\xbf", "+/+/", "-_-_", "fbffbf"}),
    [](const auto& info) { return info.param.name; });

TEST(Base64UrlTest, AcceptsPadding) { EXPECT_EQ(FromBase64Url("Zg==")->size(), 1u); }

TEST(HexTest, ReadsBothCases) { EXPECT_EQ(*FromHex("aBcD"), (Bytes{0xab, 0xcd})); }

TEST(ConstantTimeEqualsTest, ComparesContentAndLength) {
  EXPECT_TRUE(ConstantTimeEquals("", ""));
  EXPECT_TRUE(ConstantTimeEquals("token", "token"));
  EXPECT_FALSE(ConstantTimeEquals("token", "tokem"));
  EXPECT_FALSE(ConstantTimeEquals("token", "token1"));
  EXPECT_FALSE(ConstantTimeEquals("token", ""));
}

TEST(WipeTest, OverwritesEveryByte) {
  std::string secret = "hunter2";
  Wipe(secret.data(), secret.size());
  EXPECT_EQ(secret, std::string(7, '\0'));
}

}  // namespace
}  // namespace switchyard::crypto
