// Keys and signatures beyond the vectors: what is refused, and what never changes.
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <type_traits>
#include <utility>

#include "common/crypto/bytes.h"
#include "exchanges/lighter/signing/curve/generator_table.h"
#include "exchanges/lighter/signing/schnorr/private_key.h"
#include "exchanges/lighter/signing/schnorr/public_key.h"

namespace switchyard::exchanges::lighter::signing {
namespace {

// Any key; made up.
constexpr char kKey[] =
    "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728";
// The group's order, little-endian.
constexpr char kOrder[] =
    "e1ff8b9496d90fe89ca024d7395c88e83906b8cfe6ffff7f16000000f1ffff7f07000080fdffff7f";

PrivateKey Key() { return *PrivateKey::FromHex(kKey); }
Fp5 Message(std::uint64_t number) { return Fp5({Fp(number), Fp(2), Fp(3), Fp(4), Fp(5)}); }

static_assert(!std::is_copy_constructible_v<PrivateKey> && !std::is_copy_assignable_v<PrivateKey>);

struct BadKey {
  std::string name, text;
};
void PrintTo(const BadKey& bad, std::ostream* out) { *out << bad.name; }

class BadPrivateKeyTest : public testing::TestWithParam<BadKey> {};

TEST_P(BadPrivateKeyTest, IsRefusedWithoutBeingShown) {
  const auto key = PrivateKey::FromHex(GetParam().text);
  ASSERT_EQ(key.status().code(), absl::StatusCode::kInvalidArgument);
  const std::string message(key.status().message());
  EXPECT_TRUE(GetParam().text.size() < 4 || message.find(GetParam().text) == std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Keys, BadPrivateKeyTest,
                         testing::Values(BadKey{"empty", ""}, BadKey{"prefix_alone", "0x"},
                                         BadKey{"one_byte_short", std::string(kKey, 78)},
                                         BadKey{"one_byte_long", std::string(kKey) + "29"},
                                         BadKey{"odd_digits", std::string(kKey, 79)},
                                         BadKey{"no_hex", std::string(79, 'a') + "g"},
                                         BadKey{"zero", std::string(80, '0')},
                                         BadKey{"the_order", kOrder}),
                         [](const auto& info) { return info.param.name; });

class BadPublicKeyTest : public testing::TestWithParam<BadKey> {};

TEST_P(BadPublicKeyTest, IsRefused) {
  EXPECT_EQ(PublicKey::FromHex(GetParam().text).status().code(),
            absl::StatusCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(
    Keys, BadPublicKeyTest,
    testing::Values(
        BadKey{"empty", ""}, BadKey{"short", std::string(78, '1')},
        BadKey{"long", std::string(82, '1')}, BadKey{"no_hex", std::string(80, 'x')},
        // The neutral element: no key at all.
        BadKey{"zero", std::string(80, '0')},
        // 4 + p instead of the generator's 4, in the first and in the last limb.
        BadKey{"first_limb_not_below_p", "05000000ffffffff" + std::string(64, '0')},
        BadKey{"last_limb_not_below_p", "04" + std::string(62, '0') + "01000000ffffffff"},
        BadKey{"no_point",
               "d8a3e1d820003e2fa25046f20b0f391650c8ac98d22aeed0fd6047ff6ffb00bd66c30faf00552966"}),
    [](const auto& info) { return info.param.name; });

TEST(PrivateKeyTest, PrintsAsStars) {
  std::ostringstream out;
  out << Key();
  EXPECT_EQ(out.str(), "***");
}

TEST(PrivateKeyTest, MovesWithItsKey) {
  PrivateKey first = Key();
  const Bytes40 public_key = first.public_key().bytes();
  PrivateKey second = std::move(first);
  EXPECT_EQ(second.public_key().bytes(), public_key);
  EXPECT_TRUE(Verify(second.public_key(), Message(1), second.Sign(Message(1))));
}

TEST(PrivateKeyTest, AShortSeedIsRefused) {
  EXPECT_EQ(PrivateKey::FromSeed(crypto::Bytes(31, 7)).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(PrivateKey::FromSeedHex("37e3zz").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(PrivateKey::FromSeed(crypto::Bytes(32, 7)).ok());
}

TEST(SignTest, VerifiesForItsMessageAndKeyAlone) {
  const PrivateKey key = Key();
  const PrivateKey other = *PrivateKey::FromSeed(crypto::Bytes(32, 9));
  for (std::uint64_t number = 0; number < 20; ++number) {
    const Signature signature = key.Sign(Message(number));
    EXPECT_TRUE(Verify(key.public_key(), Message(number), signature));
    EXPECT_FALSE(Verify(key.public_key(), Message(number + 1), signature));
    EXPECT_FALSE(Verify(other.public_key(), Message(number), signature));
    EXPECT_FALSE(Verify(key.public_key(), Message(number), {signature.e, signature.s}));
  }
}

TEST(SignTest, AnyFlippedBitBreaksTheSignature) {
  const PrivateKey key = Key();
  const SignatureBytes bytes = key.Sign(Message(1)).ToBytes();
  for (std::size_t i = 0; i < bytes.size(); i += 7) {
    SignatureBytes flipped = bytes;
    flipped[i] ^= static_cast<std::uint8_t>(1 << i % 8);
    EXPECT_FALSE(Verify(key.public_key(), Message(1), *Signature::FromBytes(flipped))) << i;
  }
}

TEST(SignTest, IsTheSameEveryTimeAndNeverSharesANonce) {
  const PrivateKey key = Key();
  EXPECT_EQ(key.Sign(Message(1)), key.Sign(Message(1)));
  EXPECT_EQ(key.Sign(Message(1)), Key().Sign(Message(1)));
  // k = s + e sk: with one nonce for two messages, k - k would be zero.
  const Signature a = key.Sign(Message(1)), b = key.Sign(Message(2));
  Bytes40 bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i + 1);
  const Scalar secret = Scalar::Reduce(bytes);
  EXPECT_EQ(MultiplyGenerator(secret).Encode().ToBytes(), key.public_key().bytes());
  EXPECT_NE(a.s + a.e * secret, b.s + b.e * secret);
}

TEST(SignatureTest, IsCanonicalWhenWrittenAndReducedWhenRead) {
  const Signature signature = Key().Sign(Message(3));
  const SignatureBytes bytes = signature.ToBytes();
  EXPECT_EQ(*Signature::FromBytes(bytes), signature);
  const crypto::Bytes order = *crypto::FromHex(kOrder);
  SignatureBytes above = bytes;
  int carry = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    carry += above[i] + order[i];
    above[i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  EXPECT_NE(above, bytes);
  EXPECT_EQ(*Signature::FromBytes(above), signature);
}

TEST(SignatureTest, OtherLengthsAreRefused) {
  for (const std::size_t size : {0, 40, 79, 81, 160}) {
    EXPECT_EQ(Signature::FromBytes(crypto::Bytes(size, 1)).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST(SignatureTest, ZerosVerifyNothing) {
  EXPECT_FALSE(Verify(Key().public_key(), Message(1), Signature()));
  EXPECT_FALSE(Verify(Key().public_key(), Fp5(), Signature()));
}

}  // namespace
}  // namespace switchyard::exchanges::lighter::signing
