#include "common/decimal/decimal.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <ostream>
#include <string>

namespace switchyard {

// A failure says the number, not its bytes.
void PrintTo(const Decimal& value, std::ostream* out) { *out << value.ToString(); }

namespace {

const std::string kNines38(38, '9');

Decimal Number(std::string_view text) { return Decimal::ParseLenient(text).value(); }

struct ParseCase {
  std::string name, text;
  absl::StatusCode strict, lenient;
  std::string value;  // of the lenient form
};

void PrintTo(const ParseCase& parse, std::ostream* out) { *out << parse.name; }

constexpr auto kOk = absl::StatusCode::kOk;
constexpr auto kForm = absl::StatusCode::kInvalidArgument;
constexpr auto kRange = absl::StatusCode::kOutOfRange;

class DecimalParseTest : public testing::TestWithParam<ParseCase> {};

TEST_P(DecimalParseTest, StrictTakesTheContractsFormOnly) {
  const auto parsed = Decimal::Parse(GetParam().text);
  EXPECT_EQ(parsed.status().code(), GetParam().strict) << parsed.status();
  if (parsed.ok()) {
    EXPECT_EQ(parsed->ToString(), GetParam().value);
  }
}

TEST_P(DecimalParseTest, LenientTakesWhatExchangesSend) {
  const auto parsed = Decimal::ParseLenient(GetParam().text);
  EXPECT_EQ(parsed.status().code(), GetParam().lenient) << parsed.status();
  if (parsed.ok()) {
    EXPECT_EQ(parsed->ToString(), GetParam().value);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Forms, DecimalParseTest,
    testing::Values(
        ParseCase{"empty", "", kForm, kForm, ""}, ParseCase{"minus_alone", "-", kForm, kForm, ""},
        ParseCase{"plus_alone", "+", kForm, kForm, ""}, ParseCase{"dot", ".", kForm, kForm, ""},
        ParseCase{"minus_dot", "-.", kForm, kForm, ""},
        ParseCase{"two_dots", "1.2.3", kForm, kForm, ""},
        ParseCase{"two_signs", "--1", kForm, kForm, ""},
        ParseCase{"mixed_signs", "-+1", kForm, kForm, ""},
        ParseCase{"sign_inside", "1-2", kForm, kForm, ""},
        ParseCase{"space_before", " 1", kForm, kForm, ""},
        ParseCase{"space_after", "1 ", kForm, kForm, ""},
        ParseCase{"thousands", "1,000", kForm, kForm, ""},
        ParseCase{"letters", "abc", kForm, kForm, ""}, ParseCase{"nan", "NaN", kForm, kForm, ""},
        ParseCase{"infinity", "Infinity", kForm, kForm, ""},
        ParseCase{"hex", "0x10", kForm, kForm, ""},
        ParseCase{"zero_byte", std::string("1\0", 2), kForm, kForm, ""},
        ParseCase{"arabic_digit", "\xD9\xA1", kForm, kForm, ""},
        ParseCase{"exponent_without_digits", "1e", kForm, kForm, ""},
        ParseCase{"exponent_sign_alone", "1e+", kForm, kForm, ""},
        ParseCase{"exponent_with_two_signs", "1e+-5", kForm, kForm, ""},
        ParseCase{"exponent_with_a_fraction", "1e1.5", kForm, kForm, ""},
        ParseCase{"two_exponents", "1e5e5", kForm, kForm, ""},
        ParseCase{"exponent_alone", "e5", kForm, kForm, ""},
        ParseCase{"digits_39", kNines38 + "9", kRange, kRange, ""},
        ParseCase{"fraction_39", "0." + std::string(38, '0') + "1", kRange, kRange, ""},
        ParseCase{"integer_and_fraction_39", kNines38 + ".5", kRange, kRange, ""},
        ParseCase{"exponent_too_large", "1e38", kForm, kRange, ""},
        ParseCase{"exponent_too_small", "1e-39", kForm, kRange, ""},
        ParseCase{"plus", "+1.5", kForm, kOk, "1.5"},
        ParseCase{"no_integer", ".5", kForm, kOk, "0.5"},
        ParseCase{"negative_without_integer", "-.5", kForm, kOk, "-0.5"},
        ParseCase{"no_fraction", "5.", kForm, kOk, "5"},
        ParseCase{"exponent", "-1.25e-08", kForm, kOk, "-0.0000000125"},
        ParseCase{"exponent_plus", "1.5E+3", kForm, kOk, "1500"},
        ParseCase{"exponent_within_fraction", "1.2345e2", kForm, kOk, "123.45"},
        ParseCase{"exponent_zero", "1.50e0", kForm, kOk, "1.50"},
        ParseCase{"exponent_of_zero", "0e500", kForm, kOk, "0"},
        ParseCase{"exponent_37", "1e37", kForm, kOk, "1" + std::string(37, '0')},
        ParseCase{"exponent_minus_38", "1e-38", kForm, kOk, "0." + std::string(37, '0') + "1"},
        ParseCase{"trailing_zeros_beyond_38_decimals", "10e-39", kForm, kOk,
                  "0." + std::string(37, '0') + "1"},
        ParseCase{"zero", "0", kOk, kOk, "0"}, ParseCase{"minus_zero", "-0", kOk, kOk, "0"},
        ParseCase{"minus_zero_with_decimals", "-0.00", kOk, kOk, "0.00"},
        ParseCase{"integer", "42", kOk, kOk, "42"},
        ParseCase{"negative", "-42.10", kOk, kOk, "-42.10"},
        ParseCase{"leading_zeros", "007.50", kOk, kOk, "7.50"},
        ParseCase{"wei", "0.000000000000000001", kOk, kOk, "0.000000000000000001"},
        ParseCase{"largest", kNines38, kOk, kOk, kNines38},
        ParseCase{"smallest", "-" + kNines38, kOk, kOk, "-" + kNines38},
        ParseCase{"all_decimals", "-0." + kNines38, kOk, kOk, "-0." + kNines38},
        ParseCase{"long_zero", "0." + std::string(60, '0'), kOk, kOk, "0"}),
    [](const auto& info) { return info.param.name; });

TEST(DecimalParseErrorTest, LongGarbageIsNotRepeatedInTheMessage) {
  const auto parsed = Decimal::Parse(std::string(10'000, 'x'));
  EXPECT_LT(parsed.status().message().size(), 100U);
}

TEST(DecimalTest, FromMantissaRefusesWhatExceeds38Digits) {
  Decimal::Mantissa limit = 1;
  for (int i = 0; i < Decimal::kMaxDigits; ++i) limit *= 10;
  EXPECT_TRUE(absl::IsOutOfRange(Decimal::FromMantissa(limit, 0).status()));
  EXPECT_TRUE(absl::IsOutOfRange(Decimal::FromMantissa(-limit, 0).status()));
  EXPECT_TRUE(absl::IsOutOfRange(Decimal::FromMantissa(1, 39).status()));
  EXPECT_TRUE(absl::IsOutOfRange(Decimal::FromMantissa(1, -1).status()));
  EXPECT_EQ(Decimal::FromMantissa(limit - 1, 0)->ToString(), kNines38);
  EXPECT_EQ(Decimal::FromMantissa(1 - limit, 38)->ToString(), "-0." + kNines38);
}

TEST(DecimalTest, FromMantissaExponentIsExactOrRefused) {
  constexpr auto kLargest = std::numeric_limits<std::int64_t>::max();
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  EXPECT_TRUE(absl::IsOutOfRange(Decimal::FromMantissaExponent(kLargest, 20).status()));
  EXPECT_TRUE(absl::IsOutOfRange(
      Decimal::FromMantissaExponent(1, std::numeric_limits<int>::max()).status()));
  EXPECT_TRUE(absl::IsOutOfRange(
      Decimal::FromMantissaExponent(1, std::numeric_limits<int>::min()).status()));
  EXPECT_TRUE(absl::IsOutOfRange(Decimal::FromMantissaExponent(1, -39).status()));
  EXPECT_EQ(Decimal::FromMantissaExponent(0, std::numeric_limits<int>::min())->ToString(), "0");
  EXPECT_EQ(Decimal::FromMantissaExponent(15, -1)->ToString(), "1.5");
  EXPECT_EQ(Decimal::FromMantissaExponent(-15, 2)->ToString(), "-1500");
  EXPECT_EQ(Decimal::FromMantissaExponent(1, 37)->ToString(), "1" + std::string(37, '0'));
  EXPECT_EQ(Decimal::FromMantissaExponent(kLeast, -18)->ToString(), "-9.223372036854775808");
}

TEST(DecimalTest, ShortTextLosesTrailingZerosOfTheFractionOnly) {
  EXPECT_EQ(Number("1500").ToShortString(), "1500");
  EXPECT_EQ(Number("1.500").ToShortString(), "1.5");
  EXPECT_EQ(Number("-2.000").ToShortString(), "-2");
  EXPECT_EQ(Number("0.000").ToShortString(), "0");
}

TEST(DecimalTest, NormalisedHasTheSmallestScaleAndTheSameValue) {
  const Decimal normalised = Number("12.3400").Normalised();
  EXPECT_EQ(normalised.scale(), 2);
  EXPECT_EQ(normalised, Number("12.34"));
  EXPECT_EQ(Number("0.00").Normalised().scale(), 0);
}

struct RoundCase {
  std::string name, value;
  // At scale 1, by kDown, kUp, kFloor, kCeiling, kHalfEven.
  std::string down, up, floor, ceiling, half_even;
};

void PrintTo(const RoundCase& round, std::ostream* out) { *out << round.name; }

class DecimalRoundingTest : public testing::TestWithParam<RoundCase> {
 protected:
  static std::string Rounded(Rounding rounding) {
    return Number(GetParam().value).Rescaled(1, rounding).value().ToString();
  }
  // The same directions, by way of a step and of a division.
  static std::string Stepped(Rounding rounding) {
    return Number(GetParam().value).RoundedToStep(Number("0.1"), rounding).value().ToString();
  }
  static std::string Divided(Rounding rounding) {
    return Decimal::Divide(Number(GetParam().value), Number("1.0"), 1, rounding).value().ToString();
  }
};

TEST_P(DecimalRoundingTest, EveryDirectionHoldsOnBothSidesOfZero) {
  const RoundCase& want = GetParam();
  EXPECT_EQ(Rounded(Rounding::kDown), want.down);
  EXPECT_EQ(Rounded(Rounding::kUp), want.up);
  EXPECT_EQ(Rounded(Rounding::kFloor), want.floor);
  EXPECT_EQ(Rounded(Rounding::kCeiling), want.ceiling);
  EXPECT_EQ(Rounded(Rounding::kHalfEven), want.half_even);
}

TEST_P(DecimalRoundingTest, StepsAndDivisionRoundAlike) {
  for (const Rounding rounding : {Rounding::kDown, Rounding::kUp, Rounding::kFloor,
                                  Rounding::kCeiling, Rounding::kHalfEven}) {
    EXPECT_EQ(Stepped(rounding), Rounded(rounding)) << static_cast<int>(rounding);
    EXPECT_EQ(Divided(rounding), Rounded(rounding)) << static_cast<int>(rounding);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Directions, DecimalRoundingTest,
    testing::Values(
        RoundCase{"below_half", "1.24", "1.2", "1.3", "1.2", "1.3", "1.2"},
        RoundCase{"half_to_even_down", "1.25", "1.2", "1.3", "1.2", "1.3", "1.2"},
        RoundCase{"half_to_even_up", "1.35", "1.3", "1.4", "1.3", "1.4", "1.4"},
        RoundCase{"just_above_half", "1.2500001", "1.2", "1.3", "1.2", "1.3", "1.3"},
        RoundCase{"negative_below_half", "-1.24", "-1.2", "-1.3", "-1.3", "-1.2", "-1.2"},
        RoundCase{"negative_half_to_even_down", "-1.25", "-1.2", "-1.3", "-1.3", "-1.2", "-1.2"},
        RoundCase{"negative_half_to_even_up", "-1.35", "-1.3", "-1.4", "-1.4", "-1.3", "-1.4"},
        RoundCase{"tiny", "0.000000000000000001", "0.0", "0.1", "0.0", "0.1", "0.0"},
        RoundCase{"negative_tiny", "-0.000000000000000001", "0.0", "-0.1", "-0.1", "0.0", "0.0"},
        RoundCase{"carries", "9.96", "9.9", "10.0", "9.9", "10.0", "10.0"},
        RoundCase{"exact", "-7.5", "-7.5", "-7.5", "-7.5", "-7.5", "-7.5"}),
    [](const auto& info) { return info.param.name; });

TEST(DecimalTest, AnInexactResultIsRefusedWhereExactIsAsked) {
  EXPECT_TRUE(absl::IsInvalidArgument(Number("1.25").Rescaled(1, Rounding::kExact).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      Number("1.25").RoundedToStep(Number("0.1"), Rounding::kExact).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      Decimal::Divide(Number("1"), Number("3"), 18, Rounding::kExact).status()));
  EXPECT_EQ(Number("1.50").Rescaled(1, Rounding::kExact)->ToString(), "1.5");
}

TEST(DecimalTest, RescalingBeyondTheLimitsIsRefused) {
  EXPECT_TRUE(absl::IsOutOfRange(Number(kNines38).Rescaled(1, Rounding::kDown).status()));
  EXPECT_TRUE(absl::IsOutOfRange(Number("1").Rescaled(38, Rounding::kDown).status()));
  EXPECT_TRUE(absl::IsOutOfRange(Number("1").Rescaled(39, Rounding::kDown).status()));
  EXPECT_TRUE(absl::IsOutOfRange(Number("1").Rescaled(-1, Rounding::kDown).status()));
  // Rounding up may need a 39th digit.
  EXPECT_EQ(Number("0." + kNines38).Rescaled(0, Rounding::kUp)->ToString(), "1");
}

TEST(DecimalTest, AStepThatIsNotAPowerOfTenIsHonoured) {
  EXPECT_EQ(Number("101.37").RoundedToStep(Number("0.25"), Rounding::kDown)->ToString(), "101.25");
  EXPECT_EQ(Number("101.37").RoundedToStep(Number("0.25"), Rounding::kUp)->ToString(), "101.50");
  EXPECT_EQ(Number("-101.37").RoundedToStep(Number("0.25"), Rounding::kFloor)->ToString(),
            "-101.50");
  EXPECT_EQ(Number("1499").RoundedToStep(Number("1000"), Rounding::kHalfEven)->ToString(), "1000");
}

TEST(DecimalTest, AStepMustBePositive) {
  EXPECT_TRUE(
      absl::IsInvalidArgument(Number("1").RoundedToStep(Number("0"), Rounding::kDown).status()));
  EXPECT_TRUE(
      absl::IsInvalidArgument(Number("1").RoundedToStep(Number("-1"), Rounding::kDown).status()));
}

TEST(DecimalTest, DivisionByZeroAndImpossibleScalesAreRefused) {
  const Decimal one = Decimal::FromInt(1);
  EXPECT_TRUE(
      absl::IsInvalidArgument(Decimal::Divide(one, Decimal(), 2, Rounding::kDown).status()));
  EXPECT_TRUE(absl::IsOutOfRange(Decimal::Divide(one, one, 39, Rounding::kDown).status()));
  EXPECT_TRUE(absl::IsOutOfRange(Decimal::Divide(one, one, -1, Rounding::kDown).status()));
  EXPECT_TRUE(
      absl::IsOutOfRange(Decimal::Divide(Number(kNines38), one, 2, Rounding::kDown).status()));
  EXPECT_EQ(Decimal::Divide(Number("10"), Number("-3"), 4, Rounding::kFloor)->ToString(),
            "-3.3334");
}

TEST(DecimalTest, SumsAndProductsThatDoNotFitAreRefused) {
  const Decimal largest = Number(kNines38);
  EXPECT_TRUE(absl::IsOutOfRange(Decimal::Add(largest, largest).status()));
  EXPECT_TRUE(absl::IsOutOfRange(Decimal::Add(largest, Number("0.1")).status()));
  EXPECT_TRUE(absl::IsOutOfRange(Decimal::Subtract(largest.Negated(), largest).status()));
  EXPECT_TRUE(absl::IsOutOfRange(Decimal::Multiply(largest, Number("2")).status()));
  EXPECT_TRUE(absl::IsOutOfRange(Decimal::Multiply(Number("1e-20"), Number("1e-20")).status()));
  // -2^127 itself, which has no absolute value in 128 bits.
  EXPECT_TRUE(absl::IsOutOfRange(
      Decimal::Multiply(Number("18446744073709551616"), Number("-9223372036854775808")).status()));
  EXPECT_EQ(Decimal::Subtract(largest, largest)->ToString(), "0");
}

TEST(DecimalTest, TrailingZerosNeverMakeAResultTooLarge) {
  const Decimal padded = Decimal::FromMantissa(Number("1e37").mantissa(), 37).value();  // 1.000...
  EXPECT_EQ(Decimal::Add(padded, Number("12345678"))->ToString(), "12345679");
  EXPECT_EQ(Decimal::Add(padded, Number("9")).value(), Decimal::FromInt(10));
  EXPECT_EQ(Decimal::Multiply(padded, padded).value(), Decimal::FromInt(1));
}

TEST(DecimalTest, ComparesByValueAcrossScales) {
  EXPECT_EQ(Number("1.50"), Number("1.5"));
  EXPECT_EQ(Number("0.000"), Decimal());
  EXPECT_LT(Number("-1.5"), Number("-1.49"));
  EXPECT_LT(Number("-0.1"), Decimal());
  EXPECT_GT(Number("1.0000000000000000001"), Number("1"));
}

TEST(DecimalTest, ComparesExtremesWithoutOverflow) {
  const Decimal largest = Number(kNines38);
  const Decimal smallest_positive = Number("1e-38");
  EXPECT_GT(largest, smallest_positive);
  EXPECT_LT(largest.Negated(), smallest_positive.Negated());
  EXPECT_GT(Number("0." + kNines38), Number("0." + std::string(37, '9') + "8"));
  EXPECT_LT(Number("0." + kNines38), Number("1"));
  EXPECT_GT(Number("9." + std::string(37, '9')), Number("9." + std::string(36, '9')));
}

TEST(DecimalTest, MantissaAtIsExactAndFits64BitsOrRefused) {
  EXPECT_TRUE(absl::IsOutOfRange(Number("1.25").MantissaAt(1).status()));
  EXPECT_TRUE(absl::IsOutOfRange(Number("9223372036854775808").MantissaAt(0).status()));
  EXPECT_TRUE(absl::IsOutOfRange(Number("-9223372036854775809").MantissaAt(0).status()));
  EXPECT_TRUE(absl::IsOutOfRange(Number("10").MantissaAt(18).status()));
  EXPECT_TRUE(absl::IsOutOfRange(Number("1").MantissaAt(-1).status()));
  EXPECT_EQ(Number("1.2500").MantissaAt(2).value(), 125);
  EXPECT_EQ(Number("-1.5").MantissaAt(8).value(), -150'000'000);
  EXPECT_EQ(Number("9223372036854775807").MantissaAt(0).value(),
            std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(Number("-9223372036854775808").MantissaAt(0).value(),
            std::numeric_limits<std::int64_t>::min());
}

TEST(DecimalTest, SignsAreTurnedExactly) {
  EXPECT_EQ(Number("1.50").Negated().ToString(), "-1.50");
  EXPECT_EQ(Number("-1.50").Absolute().ToString(), "1.50");
  EXPECT_EQ(Number("1.50").Absolute().ToString(), "1.50");
  EXPECT_TRUE(Number("-0.1").is_negative());
  EXPECT_FALSE(Number("-0").is_negative());
  EXPECT_TRUE(Number("0.00").is_zero());
}

}  // namespace
}  // namespace switchyard
