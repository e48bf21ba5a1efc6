// The laws of the fields, held against arithmetic by division.
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "exchanges/lighter/signing/field/goldilocks.h"
#include "exchanges/lighter/signing/field/quintic.h"
#include "tests/exchanges/lighter/signing/slow_math.h"

namespace switchyard::exchanges::lighter::signing {
namespace {

// Where carries and borrows begin and end, then others by chance.
std::vector<std::uint64_t> Samples() {
  std::vector<std::uint64_t> samples = {0,
                                        1,
                                        2,
                                        0x7fff'ffff,
                                        0xffff'fffe,
                                        0xffff'ffff,
                                        0x1'0000'0000,
                                        0x1'0000'0001,
                                        0x7fff'ffff'ffff'ffff,
                                        0xffff'fffe'ffff'ffff,
                                        0xffff'ffff'0000'0000};
  std::mt19937_64 random(20240917);
  while (samples.size() < 40) samples.push_back(random() % slow::kP);
  return samples;
}

slow::Quintic ValuesOf(const Fp5& element) {
  slow::Quintic values;
  for (std::size_t i = 0; i < 5; ++i) values[i] = element[i].value();
  return values;
}

Fp5 ElementOf(const slow::Quintic& values) {
  return Fp5({Fp(values[0]), Fp(values[1]), Fp(values[2]), Fp(values[3]), Fp(values[4])});
}

std::vector<Fp5> Quintics() {
  const std::uint64_t top = slow::kP - 1;
  std::vector<Fp5> elements = {Fp5(), Fp5(Fp(1)), ElementOf({top, top, top, top, top}),
                               ElementOf({0, 0, 0, 0, top}), ElementOf({0, 263, 0, 0, 0})};
  std::mt19937_64 random(77);
  while (elements.size() < 20) {
    elements.push_back(ElementOf({random() % slow::kP, random() % slow::kP, random() % slow::kP,
                                  random() % slow::kP, random() % slow::kP}));
  }
  return elements;
}

TEST(FpTest, ArithmeticAgreesWithDivision) {
  for (const std::uint64_t a : Samples()) {
    EXPECT_EQ((-Fp(a)).value(), slow::Subtract(0, a));
    for (const std::uint64_t b : Samples()) {
      EXPECT_EQ((Fp(a) + Fp(b)).value(), slow::Add(a, b)) << a << " " << b;
      EXPECT_EQ((Fp(a) - Fp(b)).value(), slow::Subtract(a, b)) << a << " " << b;
      EXPECT_EQ((Fp(a) * Fp(b)).value(), slow::Multiply(a, b)) << a << " " << b;
    }
  }
}

TEST(FpTest, EveryWideNumberIsReduced) {
  std::mt19937_64 random(5);
  std::vector<std::uint64_t> words = {
      0, 1, 0xffff'ffff, 0x1'0000'0000, slow::kP - 1, slow::kP, slow::kP + 1, ~0ull};
  while (words.size() < 30) words.push_back(random());
  for (const std::uint64_t high : words) {
    EXPECT_EQ(Fp(high).value(), high % slow::kP);
    for (const std::uint64_t low : words) {
      const slow::Wide wide = static_cast<slow::Wide>(high) << 64 | low;
      EXPECT_EQ(Fp::FromWide(wide).value(), static_cast<std::uint64_t>(wide % slow::kP))
          << high << " " << low;
    }
  }
}

TEST(FpTest, NegativeNumbersStandForTheirTwosComplement) {
  EXPECT_EQ(Fp::FromInt64(-1).value(), (1ull << 32) - 2);
  EXPECT_EQ(Fp::FromInt64(INT64_MIN).value(), 1ull << 63);
}

TEST(FpTest, OnlyNumbersBelowTheModulusAreCanonical) {
  EXPECT_EQ(Fp::FromCanonical(slow::kP - 1)->value(), slow::kP - 1);
  EXPECT_FALSE(Fp::FromCanonical(slow::kP).has_value());
  EXPECT_FALSE(Fp::FromCanonical(~0ull).has_value());
}

TEST(FpTest, TheInverseTimesTheNumberIsOne) {
  EXPECT_EQ(Fp().Inverse(), Fp());
  for (const std::uint64_t a : Samples()) {
    EXPECT_EQ(Fp(a).Inverse() * Fp(a), Fp(a == 0 ? 0 : 1)) << a;
    EXPECT_EQ(Fp(a).Inverse().value(), slow::Power(a, slow::kP - 2)) << a;
  }
}

TEST(FpTest, SquareRootsAreFoundWhereEulerSaysSo) {
  for (const std::uint64_t a : Samples()) {
    const bool square = a == 0 || slow::Power(a, (slow::kP - 1) / 2) == 1;
    EXPECT_EQ(Fp(a).IsSquare(), square) << a;
    const auto root = Fp(a).Sqrt();
    ASSERT_EQ(root.has_value(), square) << a;
    EXPECT_EQ(root.value_or(Fp()).Square(), square ? Fp(a) : Fp()) << a;
  }
}

TEST(QuinticTest, ArithmeticAgreesWithPolynomials) {
  for (const Fp5& a : Quintics()) {
    for (const Fp5& b : Quintics()) {
      EXPECT_EQ(ValuesOf(a + b), slow::Add(ValuesOf(a), ValuesOf(b)));
      EXPECT_EQ(ValuesOf(a - b), slow::Subtract(ValuesOf(a), ValuesOf(b)));
      EXPECT_EQ(ValuesOf(a * b), slow::Multiply(ValuesOf(a), ValuesOf(b)));
    }
    EXPECT_EQ(ValuesOf(-a), slow::Subtract({}, ValuesOf(a)));
    EXPECT_EQ(a.Square(), a * a);
    EXPECT_EQ(a.Times(Fp(9)), a * Fp5(Fp(9)));
    EXPECT_EQ(ValuesOf(a.TimesCurveB()), slow::Multiply(ValuesOf(a), {0, 263, 0, 0, 0}));
  }
}

TEST(QuinticTest, FrobeniusIsThePowerOfTheModulus) {
  for (const Fp5& a : Quintics()) {
    Fp5 power(Fp(1));
    for (int bit = 63; bit >= 0; --bit) {
      power = power.Square();
      if ((slow::kP >> bit & 1) != 0) power = power * a;
    }
    EXPECT_EQ(a.Frobenius(), power);
  }
}

TEST(QuinticTest, TheInverseIsThatOfFermat) {
  for (const Fp5& a : Quintics()) EXPECT_EQ(ValuesOf(a.Inverse()), slow::Inverse(ValuesOf(a)));
}

TEST(QuinticTest, SquaresHaveRootsAndOthersHaveNone) {
  int squares = 0;
  for (const Fp5& a : Quintics()) {
    EXPECT_TRUE(a.Square().IsSquare());
    const auto root = a.Square().Sqrt();
    ASSERT_TRUE(root.has_value());
    EXPECT_TRUE(*root == a || *root == -a);
    EXPECT_EQ(a.Sqrt().has_value(), a.IsSquare());
    squares += a.IsSquare();
  }
  EXPECT_GT(squares, 2);
  EXPECT_LT(squares, 18);
}

TEST(QuinticTest, BytesAreLittleEndianLimbsBelowTheModulus) {
  for (const Fp5& a : Quintics()) EXPECT_EQ(Fp5::FromCanonicalBytes(a.ToBytes()), a);
  const Bytes40 one_and_x = {1, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  EXPECT_EQ(Fp5::FromCanonicalBytes(one_and_x), ElementOf({1, 256, 0, 0, 0}));
  for (std::size_t limb = 0; limb < 5; ++limb) {
    Bytes40 modulus{};
    modulus[8 * limb] = 1;
    for (std::size_t i = 4; i < 8; ++i) modulus[8 * limb + i] = 0xff;
    EXPECT_FALSE(Fp5::FromCanonicalBytes(modulus).has_value()) << limb;
    modulus[8 * limb] = 0;
    EXPECT_TRUE(Fp5::FromCanonicalBytes(modulus).has_value()) << limb;
  }
}

}  // namespace
}  // namespace switchyard::exchanges::lighter::signing
