// Every vector of crypto_vectors, and the constants against their files.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "exchanges/lighter/signing/curve/generator_table.h"
#include "exchanges/lighter/signing/curve/point.h"
#include "exchanges/lighter/signing/hash/poseidon2.h"
#include "exchanges/lighter/signing/schnorr/private_key.h"
#include "tests/exchanges/lighter/signing/slow_math.h"
#include "tests/exchanges/lighter/signing/vectors.h"

namespace switchyard::exchanges::lighter::signing {
namespace {

constexpr char kFile[] = "crypto_vectors";

// A suite of one list's entries.
#define SWITCHYARD_VECTOR_SUITE(suite, list)                                            \
  class suite : public testing::TestWithParam<Vector> {};                               \
  GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(suite);                                 \
  INSTANTIATE_TEST_SUITE_P(Vectors, suite, testing::ValuesIn(LoadVectors(kFile, list)), \
                           VectorName())

SWITCHYARD_VECTOR_SUITE(GoldilocksVector, "goldilocks");
SWITCHYARD_VECTOR_SUITE(QuinticVector, "quintic");
SWITCHYARD_VECTOR_SUITE(PermuteVector, "poseidon2_permute");
SWITCHYARD_VECTOR_SUITE(GoPermuteVector, "from_go_tests.permute");
SWITCHYARD_VECTOR_SUITE(GoHash4Vector, "from_go_tests.hash_12_to_4");
SWITCHYARD_VECTOR_SUITE(GoCompressVector, "from_go_tests.two_to_one");
SWITCHYARD_VECTOR_SUITE(GoQuinticHashVector, "from_go_tests.hash_7_to_quintic");
SWITCHYARD_VECTOR_SUITE(GoSchnorrVector, "from_go_tests.schnorr_fixed_nonce");
SWITCHYARD_VECTOR_SUITE(HashVector, "poseidon2_hash");
SWITCHYARD_VECTOR_SUITE(FoldVector, "poseidon2_n_to_one");
SWITCHYARD_VECTOR_SUITE(CurveVector, "curve_mul");
SWITCHYARD_VECTOR_SUITE(DecodeVector, "curve_decode");
SWITCHYARD_VECTOR_SUITE(ScalarVector, "scalar");
SWITCHYARD_VECTOR_SUITE(KeyVector, "keys");
SWITCHYARD_VECTOR_SUITE(SchnorrVector, "schnorr_fixed_nonce");
SWITCHYARD_VECTOR_SUITE(VerifyVector, "schnorr_verify");

Fp Element(const Vector& vector, const char* field) { return ElementOf(vector.fields.at(field)); }

TEST_P(GoldilocksVector, Agrees) {
  const Vector& v = GetParam();
  const Fp a = Element(v, "a"), b = Element(v, "b");
  EXPECT_EQ(a + b, Element(v, "add"));
  EXPECT_EQ(a - b, Element(v, "sub"));
  EXPECT_EQ(a * b, Element(v, "mul"));
  EXPECT_EQ(-a, Element(v, "neg_a"));
  EXPECT_EQ(a.Inverse(), Element(v, "inv_a_or_zero"));
  EXPECT_EQ(a.IsSquare(), v.fields.at("a_is_square").get<bool>());
}

TEST_P(QuinticVector, Agrees) {
  const Vector& v = GetParam();
  const Fp5 a = v.Element5("a"), b = v.Element5("b");
  EXPECT_EQ(a + b, v.Element5("add"));
  EXPECT_EQ(a - b, v.Element5("sub"));
  EXPECT_EQ(a * b, v.Element5("mul"));
  EXPECT_EQ(a.Square(), v.Element5("square_a"));
  EXPECT_EQ(a.Inverse(), v.Element5("inv_a"));
  EXPECT_EQ(a.Frobenius(), v.Element5("frobenius_a"));
  EXPECT_EQ(a.ToBytes(), v.Hex40("bytes_a"));
  const std::string legendre = v.Text("legendre_a");
  EXPECT_EQ(a.IsSquare(), legendre == "1" || legendre == "0");
  EXPECT_EQ(a.Sqrt().has_value(), v.fields.at("sqrt_a_exists").get<bool>());
  if (v.Has("one_sqrt_a")) {
    const Fp5 root = v.Element5("one_sqrt_a");
    EXPECT_TRUE(a.Sqrt() == root || a.Sqrt() == -root);
  }
  const Fp5 root = v.Element5("one_sqrt_of_square_a");
  EXPECT_TRUE(a.Square().Sqrt() == root || a.Square().Sqrt() == -root);
}

void CheckPermute(const Vector& v) {
  poseidon2::State state;
  const std::vector<Fp> in = v.Elements("in"), out = v.Elements("out");
  ASSERT_EQ(in.size(), state.size());
  std::copy(in.begin(), in.end(), state.begin());
  poseidon2::Permute(state);
  EXPECT_TRUE(std::equal(state.begin(), state.end(), out.begin(), out.end()));
}

TEST_P(PermuteVector, Agrees) { CheckPermute(GetParam()); }
TEST_P(GoPermuteVector, Agrees) { CheckPermute(GetParam()); }

std::vector<Fp> Hashed(const std::vector<Fp>& elements, std::size_t size) {
  std::vector<Fp> output(size);
  poseidon2::Hash(elements, output);
  return output;
}

poseidon2::Hash4 Hash4Of(const json::Json& decimals) {
  poseidon2::Hash4 hash;
  for (std::size_t i = 0; i < hash.size(); ++i) hash[i] = ElementOf(decimals.at(i));
  return hash;
}

TEST_P(GoHash4Vector, Agrees) {
  EXPECT_EQ(Hashed(GetParam().Elements("in"), 4), GetParam().Elements("out"));
}
TEST_P(GoQuinticHashVector, Agrees) {
  EXPECT_EQ(poseidon2::HashToFp5(GetParam().Elements("in")), GetParam().Element5("out"));
}

TEST_P(HashVector, Agrees) {
  const Vector& v = GetParam();
  const std::vector<Fp> in = v.Elements("in");
  EXPECT_EQ(in.size(), v.fields.at("n").get<std::size_t>());
  EXPECT_EQ(poseidon2::HashTo4(in), Hash4Of(v.fields.at("hash_no_pad_4")));
  EXPECT_EQ(poseidon2::HashToFp5(in), v.Element5("hash_to_quintic_5"));
  EXPECT_EQ(Hashed(in, 12), v.Elements("hash_n_to_12"));
}

void CheckFold(const Vector& v) {
  const json::Json& in = v.fields.at("in");
  poseidon2::Hash4 folded = Hash4Of(in.at(0));
  for (std::size_t i = 1; i < in.size(); ++i) {
    folded = poseidon2::Compress(folded, Hash4Of(in.at(i)));
  }
  EXPECT_EQ(folded, Hash4Of(v.fields.at("out")));
}

TEST_P(FoldVector, Agrees) { CheckFold(GetParam()); }
TEST_P(GoCompressVector, Agrees) { CheckFold(GetParam()); }

TEST_P(CurveVector, Agrees) {
  const Vector& v = GetParam();
  const Scalar k = Scalar::Reduce(v.Hex40("k_le_hex"));
  for (const Point& point : {MultiplyGenerator(k), MultiplyPublic(Point::Generator(), k)}) {
    EXPECT_EQ(point.Encode(), v.Element5("kG_encoded"));
    EXPECT_EQ(point.Encode().ToBytes(), v.Hex40("kG_bytes"));
    EXPECT_EQ((point + point).Encode(), v.Element5("double_encoded"));
    EXPECT_EQ((point + Point::Generator()).Encode(), v.Element5("plus_G_encoded"));
  }
}

TEST_P(DecodeVector, Agrees) {
  const Vector& v = GetParam();
  const auto point = Point::Decode(v.Element5("w"));
  ASSERT_EQ(point.has_value(), v.fields.at("valid").get<bool>());
  if (!point.has_value()) return;
  EXPECT_EQ(point->Encode(), v.Element5("reencoded"));
  EXPECT_EQ((*point + *point).Encode(), v.Element5("double_encoded"));
  EXPECT_EQ(point->IsNeutral(), v.fields.at("neutral").get<bool>());
}

slow::Integer IntegerOf(const Scalar& scalar) {
  return slow::FromLimbs({scalar.limbs().begin(), scalar.limbs().end()});
}

Scalar ScalarOf(const Vector& v, const char* field) {
  const slow::Integer integer = slow::FromDecimal(v.Text(field).c_str());
  Bytes40 bytes{};
  for (std::size_t i = 0; i < 8 * bytes.size(); ++i) {
    bytes[i / 8] |= static_cast<std::uint8_t>(slow::Bit(integer, i) ? 1 << i % 8 : 0);
  }
  return Scalar::Reduce(bytes);
}

TEST_P(ScalarVector, Agrees) {
  const Vector& v = GetParam();
  const Scalar a = ScalarOf(v, "a"), b = ScalarOf(v, "b");
  EXPECT_EQ(IntegerOf(a), slow::FromDecimal(v.Text("a").c_str()));
  EXPECT_EQ(a + b, ScalarOf(v, "add"));
  EXPECT_EQ(a - b, ScalarOf(v, "sub"));
  EXPECT_EQ(a * b, ScalarOf(v, "mul"));
  EXPECT_EQ(Scalar::FromElement(v.Element5("quintic")), ScalarOf(v, "quintic_as_scalar"));
}

TEST_P(KeyVector, GivesThePublicKey) {
  const Vector& v = GetParam();
  const auto key = PrivateKey::FromHex(v.Text("private_key_hex"));
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->public_key().ToHex(), v.Text("public_key_hex"));
  if (v.Has("reduced_private_key_hex")) {
    const auto reduced = PrivateKey::FromHex("0x" + v.Text("reduced_private_key_hex"));
    ASSERT_TRUE(reduced.ok());
    EXPECT_EQ(reduced->public_key().bytes(), key->public_key().bytes());
  }
}

Bytes40 BytesOfLimbs(const Vector& v, const char* field) {
  Bytes40 bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::string text = v.fields.at(field).at(i / 8).get<std::string>();
    const std::uint64_t limb = std::strtoull(text.c_str(), nullptr, 10);
    bytes[i] = static_cast<std::uint8_t>(limb >> 8 * (i % 8));
  }
  return bytes;
}

TEST_P(GoSchnorrVector, Agrees) {
  const Vector& v = GetParam();
  const auto key = PrivateKey::FromBytes(BytesOfLimbs(v, "sk_limbs"));
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->public_key().ToHex(), v.Text("public_key_hex"));
  const Fp5 message = v.Element5("hashed_message_limbs");
  const Signature signature =
      key->SignWithNonce(message, Scalar::Reduce(BytesOfLimbs(v, "k_limbs")));
  EXPECT_EQ(signature.s.ToBytes(), BytesOfLimbs(v, "expected_s_limbs"));
  EXPECT_EQ(signature.e.ToBytes(), BytesOfLimbs(v, "expected_e_limbs"));
}

TEST_P(SchnorrVector, Agrees) {
  const Vector& v = GetParam();
  const Fp5 message = poseidon2::HashToFp5(v.Elements("message_elements"));
  EXPECT_EQ(message.ToBytes(), v.Hex40("hashed_message_hex"));
  const Scalar k = Scalar::Reduce(v.Hex40("k_hex"));
  const Point r = MultiplyGenerator(k);
  EXPECT_EQ(r.Encode().ToBytes(), v.Hex40("r_encoded_hex"));
  EXPECT_EQ(Challenge(r, message).ToBytes(), v.Hex40("e_hex"));
  const auto key = PrivateKey::FromHex(v.Text("private_key_hex"));
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->public_key().ToHex(), v.Text("public_key_hex"));
  const Signature signature = key->SignWithNonce(message, k);
  EXPECT_EQ(signature.s.ToBytes(), v.Hex40("s_hex"));
  EXPECT_EQ(crypto::ToHex(signature.ToBytes()), v.Text("signature_hex"));
  EXPECT_TRUE(Verify(key->public_key(), message, signature));
  EXPECT_TRUE(Verify(key->public_key(), message, key->Sign(message)));
}

TEST_P(VerifyVector, IsAcceptedOrRefused) {
  const Vector& v = GetParam();
  const auto key = PublicKey::FromHex(v.Text("public_key_hex"));
  const auto message = Fp5::FromCanonicalBytes(v.Hex40("hashed_message_hex"));
  const auto signature = Signature::FromBytes(v.Hex("signature_hex"));
  const bool accepted =
      key.ok() && message.has_value() && signature.ok() && Verify(*key, *message, *signature);
  EXPECT_EQ(accepted, v.fields.at("valid").get<bool>()) << v.Text("note");
}

TEST(ConstantsTest, AreThoseOfTheFiles) {
  const json::Json hash = LoadFile("poseidon2_constants");
  const json::Json curve = LoadFile("curve_constants");
  if (hash.is_null() || curve.is_null()) GTEST_SKIP() << "the directory has other files";
  for (std::size_t round = 0; round < poseidon2::kFullRounds; ++round) {
    for (std::size_t i = 0; i < poseidon2::kWidth; ++i) {
      EXPECT_EQ(Fp(poseidon2::kExternalConstants[round][i]),
                ElementOf(hash.at("external_round_constants").at(round).at(i)));
    }
  }
  ASSERT_EQ(hash.at("internal_round_constants").size(), poseidon2::kPartialRounds);
  for (std::size_t round = 0; round < poseidon2::kPartialRounds; ++round) {
    EXPECT_EQ(Fp(poseidon2::kInternalConstants[round]),
              ElementOf(hash.at("internal_round_constants").at(round)));
  }
  for (std::size_t i = 0; i < poseidon2::kWidth; ++i) {
    EXPECT_EQ(Fp(poseidon2::kInternalDiagonal[i]),
              ElementOf(hash.at("internal_matrix_diagonal").at(i)));
  }
  const json::Json& generator = curve.at("generator");
  EXPECT_EQ(Point::Generator().Encode(), Element5Of(generator.at("w_encoded")));
  EXPECT_EQ(Point::Generator().ToAffine().x, Element5Of(generator.at("x")));
  // The order itself is no canonical scalar, and reduces to zero.
  Bytes40 order{};
  const json::Json& limbs = curve.at("group_order_n_limbs_le_hex");
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::uint64_t limb =
        std::strtoull(limbs.at(i / 8).get<std::string>().c_str(), nullptr, 16);
    order[i] = static_cast<std::uint8_t>(limb >> 8 * (i % 8));
  }
  EXPECT_TRUE(Scalar::Reduce(order).IsZero());
}

TEST(GoldenFilesTest, AreThere) {
  ExpectVectors(kFile, {"goldilocks", "quintic", "poseidon2_permute", "from_go_tests.permute",
                        "from_go_tests.hash_12_to_4", "from_go_tests.two_to_one",
                        "from_go_tests.hash_7_to_quintic", "from_go_tests.schnorr_fixed_nonce",
                        "poseidon2_hash", "poseidon2_n_to_one", "curve_mul", "curve_decode",
                        "scalar", "keys", "schnorr_fixed_nonce", "schnorr_verify"});
}

}  // namespace
}  // namespace switchyard::exchanges::lighter::signing
