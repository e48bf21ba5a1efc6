#include "common/crypto/ed25519.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace switchyard::crypto {
namespace {

using testing::HasSubstr;
using testing::Not;

// RFC 8032 section 7.1, TEST 1: its seed as base64 and as PKCS #8 (`openssl pkey` reads it).
constexpr std::string_view kSeedBase64 = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
constexpr std::string_view kSeedPem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";
constexpr std::string_view kPublicKey =
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
// The same key, encrypted with a passphrase by `openssl pkcs8 -topk8`.
constexpr std::string_view kEncryptedPem =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIGaMFYGCSqGSIb3DQEFDTBJMCgGCSqGSIb3DQEFDDAbBAh0uwNesLvREAIBATAM\n"
    "BggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQijpGuc0k9gF8xwIX4iLXeQRAayrd\n"
    "zgA6o82VBCMsnAeZvuVAXkzOhjWlJHqLari7yrEEvTH45sFLf4wg9KGXRcIa9HlG\n"
    "RusR6XR2rL/hd3C0DQ==\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";
// A valid key of another algorithm, by `openssl genpkey -algorithm X25519`.
constexpr std::string_view kX25519Pem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VuBCIEILi+K/mBseM+v/fWsTWC3QFcFRSXGgfI7eoHEUHdN1pD\n"
    "-----END PRIVATE KEY-----\n";

Bytes Hex(std::string_view text) {
  absl::StatusOr<Bytes> bytes = FromHex(text);
  EXPECT_TRUE(bytes.ok()) << text;
  return bytes.value_or(Bytes());
}

std::string Text(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

TEST(Ed25519KeyTest, SeedOfWrongLengthIsRefused) {
  for (const std::size_t size : {0u, 31u, 33u, 64u}) {
    EXPECT_EQ(Ed25519Key::FromSeed(Bytes(size)).status().code(), absl::StatusCode::kInvalidArgument)
        << size;
  }
}

TEST(Ed25519KeyTest, BadBase64IsRefusedWithoutShowingIt) {
  const absl::Status status = Ed25519Key::FromBase64("hunter2!").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hunter2")));
}

struct BadPem {
  std::string name, pem;
};
class BadPemTest : public testing::TestWithParam<BadPem> {};

TEST_P(BadPemTest, IsInvalidArgument) {
  EXPECT_EQ(Ed25519Key::FromPem(GetParam().pem).status().code(),
            absl::StatusCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(Pems, BadPemTest,
                         testing::Values(BadPem{"empty", ""}, BadPem{"text", "not a key"},
                                         BadPem{"cut", std::string(kSeedPem.substr(0, 60))},
                                         BadPem{"encrypted", std::string(kEncryptedPem)},
                                         BadPem{"other_algorithm", std::string(kX25519Pem)},
                                         BadPem{"too_long", std::string(1 << 20, 'A')}),
                         [](const auto& info) { return info.param.name; });

struct Vector {
  std::string name, seed, public_key, message, signature;
};
class Rfc8032Test : public testing::TestWithParam<Vector> {};

TEST_P(Rfc8032Test, SignsAndVerifiesAsPublished) {
  const Vector& vector = GetParam();
  const absl::StatusOr<Ed25519Key> key = Ed25519Key::FromSeed(Hex(vector.seed));
  ASSERT_TRUE(key.ok()) << key.status();
  const std::string message = Text(Hex(vector.message));
  EXPECT_EQ(ToHex(key->public_key()), vector.public_key);
  EXPECT_EQ(ToHex(key->Sign(message)), vector.signature);
  EXPECT_TRUE(VerifyEd25519(Hex(vector.public_key), message, Hex(vector.signature)));
}

TEST_P(Rfc8032Test, RefusesAnyChange) {
  const Vector& vector = GetParam();
  const Bytes public_key = Hex(vector.public_key);
  const std::string message = Text(Hex(vector.message));
  Bytes signature = Hex(vector.signature);
  EXPECT_FALSE(VerifyEd25519(public_key, message + "x", signature));
  signature[40] ^= 1;
  EXPECT_FALSE(VerifyEd25519(public_key, message, signature));
  signature[40] ^= 1;
  signature.pop_back();
  EXPECT_FALSE(VerifyEd25519(public_key, message, signature));
  EXPECT_FALSE(VerifyEd25519(Bytes(31), message, Hex(vector.signature)));
}

// Source: RFC 8032 section 7.1, TEST 1 to 3.
INSTANTIATE_TEST_SUITE_P(
    Vectors, Rfc8032Test,
    testing::Values(
        Vector{"test_1", "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
               "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
               "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
               "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
        Vector{"test_2", "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
               "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
               "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
               "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
        Vector{"test_3", "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
               "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
               "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
               "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"}),
    [](const auto& info) { return info.param.name; });

TEST(Ed25519KeyTest, AllFormsGiveTheSameKey) {
  const absl::StatusOr<Ed25519Key> from_base64 = Ed25519Key::FromBase64(kSeedBase64);
  const absl::StatusOr<Ed25519Key> from_pem = Ed25519Key::FromPem(kSeedPem);
  ASSERT_TRUE(from_base64.ok()) << from_base64.status();
  ASSERT_TRUE(from_pem.ok()) << from_pem.status();
  EXPECT_EQ(ToHex(from_base64->public_key()), kPublicKey);
  EXPECT_EQ(ToHex(from_pem->public_key()), kPublicKey);
}

TEST(Ed25519KeyTest, MovesWithItsState) {
  absl::StatusOr<Ed25519Key> first = Ed25519Key::FromBase64(kSeedBase64);
  ASSERT_TRUE(first.ok());
  const Ed25519Signature want = first->Sign("x");
  const Ed25519Key second = *std::move(first);
  EXPECT_EQ(second.Sign("x"), want);
}

}  // namespace
}  // namespace switchyard::crypto
