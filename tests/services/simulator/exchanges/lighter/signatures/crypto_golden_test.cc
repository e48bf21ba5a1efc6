#include <gtest/gtest.h>

#include "common/crypto/bytes.h"
#include "services/simulator/exchanges/lighter/signatures/curve.h"
#include "services/simulator/exchanges/lighter/signatures/field.h"
#include "services/simulator/exchanges/lighter/signatures/poseidon2.h"
#include "services/simulator/exchanges/lighter/signatures/schnorr.h"
#include "tests/services/simulator/exchanges/lighter/signatures/golden.h"

namespace switchyard::simulator::lighter::signatures {
namespace {

constexpr char kFile[] = "crypto_vectors";

std::uint64_t Number(const Json& text) {
  return std::strtoull(text.get<std::string>().c_str(), nullptr, 10);
}

crypto::Bytes BytesOf(const std::string& hex) {
  const auto bytes = crypto::FromHex(hex);
  EXPECT_TRUE(bytes.ok()) << hex;
  return bytes.ok() ? *bytes : crypto::Bytes();
}

std::string HexOf(const Quintic& element) { return crypto::ToHex(ToBytes(element)); }

class Goldilocks : public testing::TestWithParam<Vector> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Goldilocks);
INSTANTIATE_TEST_SUITE_P(Golden, Goldilocks, testing::ValuesIn(LoadVectors(kFile, "/goldilocks")),
                         VectorName());

TEST_P(Goldilocks, ComputesAsTheVectorSays) {
  const Json& fields = GetParam().fields;
  const Element a(Number(fields["a"]));
  const Element b(Number(fields["b"]));
  EXPECT_EQ((a + b).value(), Number(fields["add"]));
  EXPECT_EQ((a - b).value(), Number(fields["sub"]));
  EXPECT_EQ((a * b).value(), Number(fields["mul"]));
  EXPECT_EQ((Element() - a).value(), Number(fields["neg_a"]));
  EXPECT_EQ(Inverse(a).value(), Number(fields["inv_a_or_zero"]));
  const auto root = SquareRoot(a);
  ASSERT_EQ(root.has_value(), fields["a_is_square"].get<bool>());
  if (root.has_value()) {
    EXPECT_EQ(*root * *root, a);
  }
}

class QuinticField : public testing::TestWithParam<Vector> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(QuinticField);
INSTANTIATE_TEST_SUITE_P(Golden, QuinticField, testing::ValuesIn(LoadVectors(kFile, "/quintic")),
                         VectorName());

TEST_P(QuinticField, ComputesAsTheVectorSays) {
  const Json& fields = GetParam().fields;
  const Quintic a = ReadQuintic(fields["a"]);
  const Quintic b = ReadQuintic(fields["b"]);
  EXPECT_EQ(a + b, ReadQuintic(fields["add"]));
  EXPECT_EQ(a - b, ReadQuintic(fields["sub"]));
  EXPECT_EQ(a * b, ReadQuintic(fields["mul"]));
  EXPECT_EQ(a * a, ReadQuintic(fields["square_a"]));
  EXPECT_EQ(Inverse(a), ReadQuintic(fields["inv_a"]));
  EXPECT_EQ(Frobenius(a), ReadQuintic(fields["frobenius_a"]));
  EXPECT_EQ(HexOf(a), fields["bytes_a"].get<std::string>());
  EXPECT_EQ(QuinticOfHex(fields["bytes_a"].get<std::string>()), a);
  EXPECT_EQ(IsSquare(a), fields["sqrt_a_exists"].get<bool>());
  const auto root = SquareRoot(a);
  ASSERT_EQ(root.has_value(), fields["sqrt_a_exists"].get<bool>());
  if (root.has_value()) {
    EXPECT_EQ(*root * *root, a);
  }
  const Quintic listed = ReadQuintic(fields["one_sqrt_of_square_a"]);
  const auto root_of_square = SquareRoot(a * a);
  ASSERT_TRUE(root_of_square.has_value());
  EXPECT_TRUE(*root_of_square == listed || *root_of_square == Quintic() - listed);
}

class Permutation : public testing::TestWithParam<Vector> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Permutation);
INSTANTIATE_TEST_SUITE_P(Golden, Permutation,
                         testing::ValuesIn(LoadVectors(kFile, "/poseidon2_permute")), VectorName());

INSTANTIATE_TEST_SUITE_P(GoTest, Permutation,
                         testing::ValuesIn(LoadVectors(kFile, "/from_go_tests/permute")),
                         VectorName());

TEST_P(Permutation, ComputesAsTheVectorSays) {
  const std::vector<Element> in = ReadElements(GetParam().fields["in"]);
  const std::vector<Element> want = ReadElements(GetParam().fields["out"]);
  HashState state;
  ASSERT_EQ(in.size(), state.size());
  std::copy(in.begin(), in.end(), state.begin());
  const HashState out = Permute(state);
  EXPECT_EQ(std::vector<Element>(out.begin(), out.end()), want);
}

class Hashing : public testing::TestWithParam<Vector> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Hashing);
INSTANTIATE_TEST_SUITE_P(Golden, Hashing, testing::ValuesIn(LoadVectors(kFile, "/poseidon2_hash")),
                         VectorName());

TEST_P(Hashing, ComputesAsTheVectorSays) {
  const Json& fields = GetParam().fields;
  const std::vector<Element> in = ReadElements(fields["in"]);
  const Hash4 hash = HashTo4(in);
  EXPECT_EQ(std::vector<Element>(hash.begin(), hash.end()), ReadElements(fields["hash_no_pad_4"]));
  EXPECT_EQ(HashToQuintic(in), ReadQuintic(fields["hash_to_quintic_5"]));
}

class GoTestHashing : public testing::TestWithParam<Vector> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(GoTestHashing);
INSTANTIATE_TEST_SUITE_P(Four, GoTestHashing,
                         testing::ValuesIn(LoadVectors(kFile, "/from_go_tests/hash_12_to_4")),
                         VectorName());
INSTANTIATE_TEST_SUITE_P(Five, GoTestHashing,
                         testing::ValuesIn(LoadVectors(kFile, "/from_go_tests/hash_7_to_quintic")),
                         VectorName());

TEST_P(GoTestHashing, ComputesAsTheVectorSays) {
  const HashState state = Absorb(ReadElements(GetParam().fields["in"]));
  const std::vector<Element> want = ReadElements(GetParam().fields["out"]);
  ASSERT_GE(want.size(), 4u);
  EXPECT_EQ(std::vector<Element>(state.begin(), state.begin() + want.size()), want);
}

class Folding : public testing::TestWithParam<Vector> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Folding);
INSTANTIATE_TEST_SUITE_P(Golden, Folding,
                         testing::ValuesIn(LoadVectors(kFile, "/poseidon2_n_to_one")),
                         VectorName());

INSTANTIATE_TEST_SUITE_P(GoTest, Folding,
                         testing::ValuesIn(LoadVectors(kFile, "/from_go_tests/two_to_one")),
                         VectorName());

TEST_P(Folding, ComputesAsTheVectorSays) {
  Hash4 folded{};
  bool first = true;
  for (const Json& limbs : GetParam().fields["in"]) {
    const std::vector<Element> in = ReadElements(limbs);
    ASSERT_EQ(in.size(), folded.size());
    Hash4 hash;
    std::copy(in.begin(), in.end(), hash.begin());
    folded = first ? hash : HashPair(folded, hash);
    first = false;
  }
  EXPECT_EQ(std::vector<Element>(folded.begin(), folded.end()),
            ReadElements(GetParam().fields["out"]));
}

class CurveMultiples : public testing::TestWithParam<Vector> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(CurveMultiples);
INSTANTIATE_TEST_SUITE_P(Golden, CurveMultiples,
                         testing::ValuesIn(LoadVectors(kFile, "/curve_mul")), VectorName());

TEST_P(CurveMultiples, ComputesAsTheVectorSays) {
  const Json& fields = GetParam().fields;
  const crypto::Bytes k = BytesOf(GetParam().Text("k_le_hex"));
  const Point point = Combine(Scalar::FromBytes(EncodedView(k)), Generator(), Scalar(), Point());
  EXPECT_EQ(Encode(point), ReadQuintic(fields["kG_encoded"]));
  EXPECT_EQ(HexOf(Encode(point)), GetParam().Text("kG_bytes"));
  EXPECT_EQ(Encode(Add(point, point)), ReadQuintic(fields["double_encoded"]));
  EXPECT_EQ(Encode(Add(point, Generator())), ReadQuintic(fields["plus_G_encoded"]));
  EXPECT_EQ(Decode(Encode(point)), point);
}

class Decoding : public testing::TestWithParam<Vector> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Decoding);
INSTANTIATE_TEST_SUITE_P(Golden, Decoding, testing::ValuesIn(LoadVectors(kFile, "/curve_decode")),
                         VectorName());

TEST_P(Decoding, KnowsWhichElementsArePoints) {
  const Json& fields = GetParam().fields;
  const auto point = Decode(ReadQuintic(fields["w"]));
  ASSERT_EQ(point.has_value(), fields["valid"].get<bool>());
  if (!point.has_value()) return;
  EXPECT_EQ(point->neutral, fields["neutral"].get<bool>());
  EXPECT_EQ(Encode(*point), ReadQuintic(fields["reencoded"]));
  EXPECT_EQ(Encode(Add(*point, *point)), ReadQuintic(fields["double_encoded"]));
}

class Scalars : public testing::TestWithParam<Vector> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Scalars);
INSTANTIATE_TEST_SUITE_P(Golden, Scalars, testing::ValuesIn(LoadVectors(kFile, "/scalar")),
                         VectorName());

// Little-endian limbs of a decimal number.
std::array<std::uint64_t, 5> LimbsOfDecimal(const std::string& digits) {
  std::array<std::uint64_t, 5> limbs{};
  for (const char digit : digits) {
    std::uint64_t carry = static_cast<std::uint64_t>(digit - '0');
    for (std::uint64_t& limb : limbs) {
      const std::uint64_t low = (limb & 0xffff'ffff) * 10 + carry;
      const std::uint64_t high = (limb >> 32) * 10 + (low >> 32);
      limb = high << 32 | (low & 0xffff'ffff);
      carry = high >> 32;
    }
  }
  return limbs;
}

TEST_P(Scalars, ReducesLimbsAsTheVectorSays) {
  const Json& fields = GetParam().fields;
  EXPECT_EQ(Scalar::FromQuintic(ReadQuintic(fields["quintic"])).limbs(),
            LimbsOfDecimal(GetParam().Text("quintic_as_scalar")));
}

TEST_P(Scalars, AddInTheExponentAsTheVectorSays) {
  const Scalar a = Scalar::FromLimbs(LimbsOfDecimal(GetParam().Text("a")));
  const Scalar b = Scalar::FromLimbs(LimbsOfDecimal(GetParam().Text("b")));
  const Scalar sum = Scalar::FromLimbs(LimbsOfDecimal(GetParam().Text("add")));
  const Scalar product = Scalar::FromLimbs(LimbsOfDecimal(GetParam().Text("mul")));
  const Scalar difference = Scalar::FromLimbs(LimbsOfDecimal(GetParam().Text("sub")));
  const Point a_times = Combine(a, Generator(), Scalar(), Point());
  EXPECT_EQ(Combine(a, Generator(), b, Generator()), Combine(sum, Generator(), Scalar(), Point()));
  EXPECT_EQ(Combine(difference, Generator(), b, Generator()), a_times);
  EXPECT_EQ(Combine(b, a_times, Scalar(), Point()),
            Combine(product, Generator(), Scalar(), Point()));
}

class Keys : public testing::TestWithParam<Vector> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Keys);
INSTANTIATE_TEST_SUITE_P(Golden, Keys, testing::ValuesIn(LoadVectors(kFile, "/keys")),
                         VectorName());

INSTANTIATE_TEST_SUITE_P(Seeds, Keys, testing::ValuesIn(LoadVectors("seed_key_vectors")),
                         VectorName());

TEST_P(Keys, ArePaired) {
  const std::string want = GetParam().Text("public_key_hex");
  const auto derived = DerivePublicKey(GetParam().Text("private_key_hex"));
  ASSERT_TRUE(derived.ok()) << derived.status();
  EXPECT_EQ(derived->Hex(), want);
  const auto parsed = PublicKey::FromHex("0x" + want);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->Hex(), want);
}

class Signatures : public testing::TestWithParam<Vector> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Signatures);
INSTANTIATE_TEST_SUITE_P(Verify, Signatures,
                         testing::ValuesIn(LoadVectors(kFile, "/schnorr_verify")), VectorName());
INSTANTIATE_TEST_SUITE_P(Made, Signatures,
                         testing::ValuesIn(LoadVectors(kFile, "/schnorr_fixed_nonce")),
                         VectorName());

TEST_P(Signatures, AreJudgedAsTheVectorSays) {
  const bool want = GetParam().fields.value("valid", true);
  const auto key = PublicKey::FromHex(GetParam().Text("public_key_hex"));
  if (!key.ok()) {
    EXPECT_FALSE(want) << key.status();
    return;
  }
  const Quintic message = QuinticOfHex(GetParam().Text("hashed_message_hex"));
  const crypto::Bytes signature = BytesOf(GetParam().Text("signature_hex"));
  ASSERT_EQ(signature.size(), kSignatureSize);
  EXPECT_EQ(VerifySignature(*key, message, SignatureView(signature)), want);
}

TEST_P(Keys, AreReducedAsTheVectorSays) {
  const std::string want = GetParam().Text("reduced_private_key_hex");
  if (want.empty()) GTEST_SKIP() << "below the order";
  const crypto::Bytes given = BytesOf(GetParam().Text("private_key_hex"));
  const crypto::Bytes reduced = BytesOf(want);
  std::array<std::uint64_t, 5> limbs{};
  for (std::size_t i = 0; i < reduced.size(); ++i) {
    limbs[i / 8] |= std::uint64_t{reduced[i]} << (8 * (i % 8));
  }
  EXPECT_EQ(Scalar::FromBytes(EncodedView(given)).limbs(), limbs);
}

class GoTestSignatures : public testing::TestWithParam<Vector> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(GoTestSignatures);
INSTANTIATE_TEST_SUITE_P(Golden, GoTestSignatures,
                         testing::ValuesIn(LoadVectors(kFile,
                                                       "/from_go_tests/schnorr_fixed_nonce")),
                         VectorName());

crypto::Bytes BytesOfLimbs(const Json& limbs) {
  crypto::Bytes bytes;
  for (const Json& limb : limbs) {
    for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<std::uint8_t>(Number(limb) >> (8 * i)));
  }
  return bytes;
}

TEST_P(GoTestSignatures, Verify) {
  const Json& fields = GetParam().fields;
  const auto key = DerivePublicKey(crypto::ToHex(BytesOfLimbs(fields["sk_limbs"])));
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->Hex(), GetParam().Text("public_key_hex"));
  crypto::Bytes signature = BytesOfLimbs(fields["expected_s_limbs"]);
  const crypto::Bytes e = BytesOfLimbs(fields["expected_e_limbs"]);
  signature.insert(signature.end(), e.begin(), e.end());
  const Quintic message = ReadQuintic(fields["hashed_message_limbs"]);
  EXPECT_TRUE(VerifySignature(*key, message, SignatureView(signature)));
}

TEST(GoldenFiles, HaveTheirVectors) {
  ExpectCount(LoadVectors(kFile, "/goldilocks"), 12);
  ExpectCount(LoadVectors(kFile, "/quintic"), 7);
  ExpectCount(LoadVectors(kFile, "/poseidon2_permute"), 3);
  ExpectCount(LoadVectors(kFile, "/poseidon2_hash"), 12);
  ExpectCount(LoadVectors(kFile, "/poseidon2_n_to_one"), 3);
  ExpectCount(LoadVectors(kFile, "/curve_mul"), 7);
  ExpectCount(LoadVectors(kFile, "/curve_decode"), 9);
  ExpectCount(LoadVectors(kFile, "/scalar"), 5);
  ExpectCount(LoadVectors(kFile, "/keys"), 8);
  ExpectCount(LoadVectors(kFile, "/schnorr_verify"), 6);
  ExpectCount(LoadVectors(kFile, "/schnorr_fixed_nonce"), 6);
  ExpectCount(LoadVectors(kFile, "/from_go_tests/schnorr_fixed_nonce"), 2);
  ExpectCount(LoadVectors(kFile, "/from_go_tests/permute"), 1);
  ExpectCount(LoadVectors("seed_key_vectors"), 4);
}

}  // namespace
}  // namespace switchyard::simulator::lighter::signatures
