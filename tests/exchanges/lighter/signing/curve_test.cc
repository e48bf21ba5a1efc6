// Scalars held against long integers, the group against the textbook law of another curve model.
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "exchanges/lighter/signing/curve/generator_table.h"
#include "exchanges/lighter/signing/curve/point.h"
#include "exchanges/lighter/signing/curve/scalar.h"
#include "tests/exchanges/lighter/signing/slow_math.h"

namespace switchyard::exchanges::lighter::signing {
namespace {

slow::Integer IntegerOf(const Scalar& scalar) {
  return slow::FromLimbs({scalar.limbs().begin(), scalar.limbs().end()});
}

Bytes40 BytesOf(const std::array<std::uint64_t, 5>& limbs) {
  Bytes40 bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(limbs[i / 8] >> 8 * (i % 8));
  }
  return bytes;
}

slow::Quintic Encoded(const Point& point) {
  slow::Quintic values;
  for (std::size_t i = 0; i < 5; ++i) values[i] = point.Encode()[i].value();
  return values;
}

Scalar MinusOne() { return Scalar() - Scalar(1); }

Scalar PowerOfTwo(int exponent) {
  Scalar power(1);
  for (int i = 0; i < exponent; ++i) power = power + power;
  return power;
}

// The ends, the borders of the table's digits, carries that run through all of them, then others.
std::vector<Scalar> Scalars() {
  std::vector<Scalar> scalars = {Scalar(), MinusOne(), MinusOne() - Scalar(1)};
  for (const std::uint64_t small : {1, 2, 15, 16, 17, 18, 31, 32, 33, 47, 48, 49, 512, 1023}) {
    scalars.push_back(Scalar(small));
  }
  for (const int exponent : {5, 59, 63, 64, 65, 127, 160, 315, 318}) {
    scalars.push_back(PowerOfTwo(exponent));
    scalars.push_back(PowerOfTwo(exponent) - Scalar(1));
  }
  // Sixteens and seventeens in every digit: no carry, and a carry everywhere.
  Scalar sixteens, seventeens;
  for (int i = 0; i < 63; ++i) {
    sixteens = sixteens * Scalar(32) + Scalar(16);
    seventeens = seventeens * Scalar(32) + Scalar(17);
  }
  scalars.push_back(sixteens);
  scalars.push_back(seventeens);
  std::mt19937_64 random(319);
  for (int i = 0; i < 12; ++i) {
    scalars.push_back(Scalar::Reduce(BytesOf({random(), random(), random(), random(), random()})));
  }
  return scalars;
}

TEST(ScalarTest, ArithmeticAgreesWithLongIntegers) {
  const slow::Integer& order = slow::GroupOrder();
  for (const Scalar& a : Scalars()) {
    for (const Scalar& b : Scalars()) {
      EXPECT_EQ(IntegerOf(a + b), slow::Remainder(slow::Sum(IntegerOf(a), IntegerOf(b)), order));
      EXPECT_EQ((a - b) + b, a);
      EXPECT_EQ(IntegerOf(a * b),
                slow::Remainder(slow::Product(IntegerOf(a), IntegerOf(b)), order));
    }
  }
}

TEST(ScalarTest, AnyBytesAreReduced) {
  std::mt19937_64 random(40);
  std::vector<std::array<std::uint64_t, 5>> samples = {{0, 0, 0, 0, 0},
                                                       {~0ull, ~0ull, ~0ull, ~0ull, ~0ull}};
  for (int i = 0; i < 50; ++i)
    samples.push_back({random(), random(), random(), random(), random()});
  // n - 1, n, n + 1, 2n - 1, 2n: one has to know where the order is.
  const Scalar last = MinusOne();
  const auto& limbs = last.limbs();
  for (std::uint64_t above = 0; above < 3; ++above) {
    samples.push_back({limbs[0] + above, limbs[1], limbs[2], limbs[3], limbs[4]});
  }
  for (const auto& sample : samples) {
    const slow::Integer integer = slow::FromLimbs({sample.begin(), sample.end()});
    EXPECT_EQ(IntegerOf(Scalar::Reduce(BytesOf(sample))),
              slow::Remainder(integer, slow::GroupOrder()));
  }
}

TEST(ScalarTest, WideBytesAreReduced) {
  std::mt19937_64 random(64);
  for (int round = 0; round < 50; ++round) {
    std::array<std::uint8_t, 64> bytes;
    std::vector<std::uint64_t> limbs(8);
    for (auto& limb : limbs) limb = round == 0 ? ~0ull : random();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = static_cast<std::uint8_t>(limbs[i / 8] >> 8 * (i % 8));
    }
    EXPECT_EQ(IntegerOf(Scalar::ReduceWide(bytes)),
              slow::Remainder(slow::FromLimbs(limbs), slow::GroupOrder()));
  }
}

TEST(ScalarTest, OnlyBytesBelowTheOrderAreCanonical) {
  const Scalar last = MinusOne();
  EXPECT_EQ(Scalar::FromCanonicalBytes(last.ToBytes()), last);
  Bytes40 order = last.ToBytes();
  ++order[0];  // does not carry: the order is odd
  EXPECT_FALSE(Scalar::FromCanonicalBytes(order).has_value());
  EXPECT_TRUE(Scalar::Reduce(order).IsZero());
}

TEST(PointTest, SumsAgreeWithTheTextbookLaw) {
  const slow::MaybeAffine generator = slow::GeneratorPoint();
  Point point;
  slow::MaybeAffine slow_point;
  // Neutral plus G, G plus G (a doubling), then ordinary sums.
  for (int i = 0; i < 6; ++i) {
    point = point + Point::Generator();
    slow_point = slow::Add(slow_point, generator);
    EXPECT_EQ(Encoded(point), slow::Encode(slow_point)) << i;
  }
  EXPECT_EQ(Encoded(point + point), slow::Encode(slow::Add(slow_point, slow_point)));
}

TEST(PointTest, MultiplesAgreeWithTheTextbookLaw) {
  std::mt19937_64 random(8);
  for (const Scalar& factor :
       {MinusOne(), Scalar::Reduce(BytesOf({random(), random(), random(), random(), random()}))}) {
    EXPECT_EQ(Encoded(MultiplyGenerator(factor)),
              slow::Encode(slow::Multiply(slow::GeneratorPoint(), IntegerOf(factor))));
  }
}

TEST(PointTest, TheTableAgreesWithDoublingAndAdding) {
  for (const Scalar& factor : Scalars()) {
    Point slow_multiple;
    const slow::Integer bits = IntegerOf(factor);
    for (std::size_t bit = slow::BitLength(bits); bit-- > 0;) {
      slow_multiple = slow_multiple + slow_multiple;
      if (slow::Bit(bits, bit)) slow_multiple = slow_multiple + Point::Generator();
    }
    EXPECT_EQ(MultiplyGenerator(factor), slow_multiple);
    EXPECT_EQ(MultiplyGenerator(factor).Encode(), slow_multiple.Encode());
    EXPECT_EQ(MultiplyPublic(Point::Generator(), factor), slow_multiple);
  }
}

TEST(PointTest, MultiplesAddUpAsTheirFactors) {
  const std::vector<Scalar> scalars = Scalars();
  for (std::size_t i = 1; i < scalars.size(); ++i) {
    const Scalar &a = scalars[i - 1], &b = scalars[i];
    EXPECT_EQ(MultiplyGenerator(a) + MultiplyGenerator(b), MultiplyGenerator(a + b));
    EXPECT_EQ(MultiplyPublic(MultiplyGenerator(a), b), MultiplyGenerator(a * b));
    const Point point = MultiplyGenerator(b);
    EXPECT_EQ(MultiplyGenerator(a) + point, MultiplyGenerator(a) + point.ToAffine());
    EXPECT_TRUE((point + -point).IsNeutral());
    EXPECT_EQ(point + Point(), point);
  }
}

TEST(PointTest, TheOrderTimesAnythingIsNeutral) {
  const Point point = MultiplyGenerator(Scalar(12345));
  EXPECT_TRUE((MultiplyPublic(point, MinusOne()) + point).IsNeutral());
}

TEST(PointTest, EncodingsDecodeToTheirPoint) {
  for (const Scalar& factor : Scalars()) {
    const Point point = MultiplyGenerator(factor);
    const auto decoded = Point::Decode(point.Encode());
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(*decoded, point);
    // The same element, and not one outside of the group: it takes part in sums.
    EXPECT_EQ(*decoded + Point::Generator(), point + Point::Generator());
  }
}

TEST(PointTest, HalfOfAllElementsEncodeNothing) {
  int valid = 0;
  for (std::uint64_t i = 1; i <= 64; ++i) {
    const Fp5 w({Fp(i), Fp(i * i), Fp(3), Fp(), Fp()});
    const auto point = Point::Decode(w);
    if (!point.has_value()) continue;
    ++valid;
    EXPECT_EQ(point->Encode(), w);
    EXPECT_TRUE((MultiplyPublic(*point, MinusOne()) + *point).IsNeutral());
  }
  EXPECT_GT(valid, 16);
  EXPECT_LT(valid, 48);
}

}  // namespace
}  // namespace switchyard::exchanges::lighter::signing
