// Decimal against an independent arithmetic: unbounded integers.
#include <gtest/gtest.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <cstdint>
#include <random>
#include <string>

#include "common/decimal/decimal.h"

namespace switchyard {
namespace {

using boost::multiprecision::cpp_int;

constexpr int kRounds = 20'000;

cpp_int Power(int exponent) {
  return boost::multiprecision::pow(cpp_int(10), static_cast<unsigned>(exponent));
}

const cpp_int& Limit() {
  static const cpp_int limit = Power(Decimal::kMaxDigits);
  return limit;
}

// What no intermediate value may exceed.
const cpp_int& Word() {
  static const cpp_int word = cpp_int(1) << 127;
  return word;
}

cpp_int Big(const Decimal& value) {
  Decimal::Mantissa mantissa = value.mantissa();
  const bool negative = mantissa < 0;
  if (negative) mantissa = -mantissa;
  cpp_int big = static_cast<std::uint64_t>(mantissa >> 64);
  big = (big << 64) + static_cast<std::uint64_t>(mantissa);
  return negative ? cpp_int(-big) : big;
}

// The value times 10^38, an integer for every Decimal.
cpp_int Scaled(const Decimal& value) {
  return Big(value) * Power(Decimal::kMaxDigits - value.scale());
}

// The text of mantissa x 10^-scale, written without Decimal.
std::string TextOf(const cpp_int& mantissa, int scale) {
  std::string digits = cpp_int(abs(mantissa)).str();
  if (digits.size() <= static_cast<std::size_t>(scale)) {
    digits.insert(0, static_cast<std::size_t>(scale) + 1 - digits.size(), '0');
  }
  if (scale > 0) digits.insert(digits.size() - static_cast<std::size_t>(scale), ".");
  return mantissa < 0 ? "-" + digits : digits;
}

class DecimalPropertyTest : public testing::Test {
 protected:
  int Below(int bound) { return static_cast<int>(random_() % static_cast<unsigned>(bound)); }

  // 1 to `max_digits` digits at a scale up to `max_scale`, every size as likely as any other;
  // trailing zeros are common.
  Decimal Random(int max_digits, int max_scale) {
    Decimal::Mantissa mantissa = 0;
    const int digits = 1 + Below(max_digits);
    const int zeros = Below(3) == 0 ? Below(digits) : 0;
    for (int i = 0; i < digits; ++i)
      mantissa = mantissa * 10 + (i < digits - zeros ? Below(10) : 0);
    return Decimal::FromMantissa(Below(2) == 0 ? mantissa : -mantissa, Below(max_scale + 1))
        .value();
  }
  Decimal Any() { return Random(38, 38); }
  // What markets use: 1e-18 to 1e12.
  Decimal Market() { return Random(12 + 1 + Below(6), 18); }

 private:
  std::mt19937_64 random_{4242};
};

// Quotient of two integers by a direction, from floor division alone.
cpp_int Quotient(const cpp_int& numerator, const cpp_int& denominator, Rounding rounding) {
  const bool negative = (numerator < 0) != (denominator < 0) && numerator != 0;
  const cpp_int n = abs(numerator);
  const cpp_int d = abs(denominator);
  const cpp_int whole = n / d;
  const cpp_int rest = n % d;
  bool away = false;
  if (rest != 0) {
    away = rounding == Rounding::kUp || (rounding == Rounding::kFloor && negative) ||
           (rounding == Rounding::kCeiling && !negative) ||
           (rounding == Rounding::kHalfEven && (2 * rest > d || (2 * rest == d && whole % 2 == 1)));
  }
  const cpp_int magnitude = whole + (away ? 1 : 0);
  return negative ? cpp_int(-magnitude) : magnitude;
}

constexpr Rounding kDirections[] = {Rounding::kDown, Rounding::kUp, Rounding::kFloor,
                                    Rounding::kCeiling, Rounding::kHalfEven};

// small prices were sent as 1e-07 or 9.99999. From 1e-18 to 1e12, and far beyond.
TEST_F(DecimalPropertyTest, TextIsExactHasNoExponentAndComesBack) {
  for (int i = 0; i < kRounds; ++i) {
    const Decimal value = i % 2 == 0 ? Any() : Market();
    const std::string text = value.ToString();
    ASSERT_EQ(text, TextOf(Big(value), value.scale()));
    ASSERT_EQ(text.find_first_of("eE+"), std::string::npos);
    const auto back = Decimal::Parse(text);
    ASSERT_TRUE(back.ok()) << back.status();
    ASSERT_TRUE(back->mantissa() == value.mantissa() && back->scale() == value.scale()) << text;
    ASSERT_EQ(Decimal::Parse(value.ToShortString()).value(), value) << text;
  }
}

TEST_F(DecimalPropertyTest, AnExponentOnlyMovesThePoint) {
  for (int i = 0; i < kRounds; ++i) {
    const Decimal value = Market();
    const int exponent = Below(31) - 18;
    const std::string text = value.ToString() + "e" + std::to_string(exponent);
    const auto parsed = Decimal::ParseLenient(text);
    if (!parsed.ok()) {
      ASSERT_TRUE(absl::IsOutOfRange(parsed.status())) << text;
      const int scale = value.Normalised().scale() - exponent;
      const bool fits =
          scale <= Decimal::kMaxDigits && abs(Big(value)) * Power(scale < 0 ? -scale : 0) < Limit();
      ASSERT_FALSE(fits) << text;
      continue;
    }
    ASSERT_EQ(Scaled(*parsed) * Power(18), Scaled(value) * Power(18 + exponent)) << text;
  }
}

TEST_F(DecimalPropertyTest, OrderIsThatOfTheValues) {
  for (int i = 0; i < kRounds; ++i) {
    const Decimal a = Any();
    const Decimal b = i % 3 == 0 ? a.Normalised() : Any();
    ASSERT_EQ(a < b, Scaled(a) < Scaled(b)) << a.ToString() << " " << b.ToString();
    ASSERT_EQ(a == b, Scaled(a) == Scaled(b)) << a.ToString() << " " << b.ToString();
  }
}

TEST_F(DecimalPropertyTest, MarketSumsAndDifferencesAreExact) {
  for (int i = 0; i < kRounds; ++i) {
    const Decimal a = Market();
    const Decimal b = Market();
    const auto sum = Decimal::Add(a, b);
    const auto difference = Decimal::Subtract(a, b);
    ASSERT_TRUE(sum.ok() && difference.ok()) << a.ToString() << " " << b.ToString();
    ASSERT_EQ(Scaled(*sum), Scaled(a) + Scaled(b));
    ASSERT_EQ(Scaled(*difference), Scaled(a) - Scaled(b));
  }
}

TEST_F(DecimalPropertyTest, SumsAreExactOrRefusedForCause) {
  int exact = 0;
  for (int i = 0; i < kRounds; ++i) {
    const Decimal a = Any();
    const Decimal b = Any();
    const auto sum = Decimal::Add(a, b);
    if (sum.ok()) {
      ASSERT_EQ(Scaled(*sum), Scaled(a) + Scaled(b)) << a.ToString() << " " << b.ToString();
      ++exact;
      continue;
    }
    ASSERT_TRUE(absl::IsOutOfRange(sum.status()));
    const Decimal x = a.Normalised();
    const Decimal y = b.Normalised();
    const int scale = std::max(x.scale(), y.scale());
    const cpp_int left = Big(x) * Power(scale - x.scale());
    const cpp_int right = Big(y) * Power(scale - y.scale());
    ASSERT_TRUE(abs(left) >= Limit() || abs(right) >= Limit() || abs(left + right) >= Limit())
        << a.ToString() << " " << b.ToString();
  }
  EXPECT_GT(exact, kRounds / 10);
}

TEST_F(DecimalPropertyTest, ProductsAreExactOrRefusedForCause) {
  int exact = 0;
  for (int i = 0; i < kRounds; ++i) {
    const Decimal a = i % 2 == 0 ? Any() : Market();
    const Decimal b = Market();
    const auto product = Decimal::Multiply(a, b);
    const Decimal x = a.Normalised();
    const Decimal y = b.Normalised();
    const bool fits =
        x.scale() + y.scale() <= Decimal::kMaxDigits && abs(Big(x) * Big(y)) < Limit();
    ASSERT_EQ(product.ok(), fits) << a.ToString() << " " << b.ToString();
    if (!product.ok()) continue;
    ASSERT_EQ(Scaled(*product) * Limit(), Scaled(a) * Scaled(b));
    ++exact;
  }
  EXPECT_GT(exact, kRounds / 10);
}

TEST_F(DecimalPropertyTest, QuotientsRoundAsUnboundedArithmeticDoes) {
  int exact = 0;
  for (int i = 0; i < kRounds; ++i) {
    const Decimal a = i % 2 == 0 ? Any() : Market();
    const Decimal b = Market();
    if (b.is_zero()) continue;
    const int scale = Below(39);
    const Rounding rounding = kDirections[i % 5];
    const auto quotient = Decimal::Divide(a, b, scale, rounding);
    const cpp_int want = Quotient(Scaled(a) * Power(scale), Scaled(b), rounding);
    if (quotient.ok()) {
      ASSERT_EQ(Big(*quotient), want) << a.ToString() << " / " << b.ToString();
      ASSERT_EQ(quotient->scale(), scale);
      ++exact;
      continue;
    }
    const Decimal x = a.Normalised();
    const Decimal y = b.Normalised();
    const int shift = scale + y.scale() - x.scale();
    const cpp_int widest = shift >= 0 ? abs(Big(x)) * Power(shift) : abs(Big(y)) * Power(-shift);
    ASSERT_TRUE(absl::IsOutOfRange(quotient.status()));
    ASSERT_TRUE(abs(want) >= Limit() || widest >= Word() || shift > Decimal::kMaxDigits)
        << a.ToString() << " / " << b.ToString();
  }
  EXPECT_GT(exact, kRounds / 10);
}

TEST_F(DecimalPropertyTest, RescalingRoundsAsUnboundedArithmeticDoes) {
  for (int i = 0; i < kRounds; ++i) {
    const Decimal value = Any();
    const int scale = Below(39);
    const Rounding rounding = kDirections[i % 5];
    const auto rescaled = value.Rescaled(scale, rounding);
    const cpp_int want = Quotient(Scaled(value) * Power(scale), Limit(), rounding);
    ASSERT_EQ(rescaled.ok(), abs(want) < Limit()) << value.ToString() << " to " << scale;
    if (rescaled.ok()) {
      ASSERT_EQ(Big(*rescaled), want) << value.ToString() << " to " << scale;
    }
  }
}

TEST_F(DecimalPropertyTest, AMultipleOfAStepIsNearAndOnTheRightSide) {
  for (int i = 0; i < kRounds; ++i) {
    const Decimal value = Random(16, 10);
    const Decimal step = Random(4, 8).Absolute();
    if (step.is_zero()) continue;
    const Rounding rounding = kDirections[i % 5];
    const auto rounded = value.RoundedToStep(step, rounding);
    ASSERT_TRUE(rounded.ok()) << rounded.status();
    ASSERT_EQ(Scaled(*rounded), Quotient(Scaled(value), Scaled(step), rounding) * Scaled(step))
        << value.ToString() << " by " << step.ToString();
  }
}

}  // namespace
}  // namespace switchyard
