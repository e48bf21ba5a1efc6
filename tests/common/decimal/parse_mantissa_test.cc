// The book path's own parser.
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <ostream>
#include <random>
#include <string>

#include "common/decimal/decimal.h"

namespace switchyard {
namespace {

constexpr std::int64_t kUntouched = 4711;

struct RefusedCase {
  std::string name, text;
  int scale;
};

void PrintTo(const RefusedCase& refused, std::ostream* out) { *out << refused.name; }

class ParseMantissaRefusesTest : public testing::TestWithParam<RefusedCase> {};

TEST_P(ParseMantissaRefusesTest, AndWritesNothing) {
  std::int64_t mantissa = kUntouched;
  EXPECT_FALSE(ParseMantissa(GetParam().text, GetParam().scale, &mantissa));
  EXPECT_EQ(mantissa, kUntouched);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, ParseMantissaRefusesTest,
    testing::Values(RefusedCase{"empty", "", 2}, RefusedCase{"minus", "-", 2},
                    RefusedCase{"dot", ".", 2}, RefusedCase{"no_integer", ".5", 2},
                    RefusedCase{"no_fraction", "5.", 2}, RefusedCase{"plus", "+5", 2},
                    RefusedCase{"two_signs", "--5", 2}, RefusedCase{"two_dots", "1.2.3", 2},
                    RefusedCase{"exponent", "1e5", 2}, RefusedCase{"letters_behind", "12x", 2},
                    RefusedCase{"letters_in_the_fraction", "1.2x", 2},
                    RefusedCase{"letters_behind_the_scale", "1.20x", 2},
                    RefusedCase{"space", " 1", 2}, RefusedCase{"quote", "\"1\"", 2},
                    RefusedCase{"one_decimal_too_many", "1.234", 2},
                    RefusedCase{"a_digit_behind_zeros", "1.230001", 2},
                    RefusedCase{"a_decimal_at_scale_0", "1.5", 0},
                    RefusedCase{"beyond_64_bits", "9223372036854775808", 0},
                    RefusedCase{"far_beyond_64_bits", "99999999999999999999999", 0},
                    RefusedCase{"beyond_64_bits_by_scale", "92233720368547758.08", 2},
                    RefusedCase{"beyond_64_bits_by_padding", "92233720368547759", 2},
                    RefusedCase{"beyond_at_scale_18", "9.223372036854775808", 18}),
    [](const auto& info) { return info.param.name; });

struct TakenCase {
  std::string name, text;
  int scale;
  std::int64_t want;
};

void PrintTo(const TakenCase& taken, std::ostream* out) { *out << taken.name; }

class ParseMantissaTakesTest : public testing::TestWithParam<TakenCase> {};

TEST_P(ParseMantissaTakesTest, TheExactValue) {
  std::int64_t mantissa = kUntouched;
  ASSERT_TRUE(ParseMantissa(GetParam().text, GetParam().scale, &mantissa));
  EXPECT_EQ(mantissa, GetParam().want);
}

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

INSTANTIATE_TEST_SUITE_P(
    Texts, ParseMantissaTakesTest,
    testing::Values(TakenCase{"zero", "0", 8, 0}, TakenCase{"minus_zero", "-0.0", 8, 0},
                    TakenCase{"integer", "42", 0, 42}, TakenCase{"padded", "42", 3, 42'000},
                    TakenCase{"fraction", "0.00012", 5, 12}, TakenCase{"negative", "-1.5", 2, -150},
                    TakenCase{"leading_zeros", "0001.5", 1, 15},
                    TakenCase{"trailing_zeros_beyond_the_scale", "1.25000000", 2, 125},
                    TakenCase{"decimals_at_scale_0", "7.000", 0, 7},
                    TakenCase{"zero_with_more_zeros_than_digits", "0." + std::string(40, '0'), 2,
                              0},
                    TakenCase{"largest", "9223372036854775807", 0, kLargest},
                    TakenCase{"least", "-9223372036854775807", 0, -kLargest},
                    TakenCase{"largest_at_scale_18", "9.223372036854775807", 18, kLargest}),
    [](const auto& info) { return info.param.name; });

TEST(ParseMantissaTest, AgreesWithDecimalOnRandomTexts) {
  std::mt19937_64 random(20260101);
  const std::string alphabet = "0123456789.-";
  int taken = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text;
    const std::size_t length = 1 + random() % 21;
    for (std::size_t i = 0; i < length; ++i) {
      // Mostly digits, so that many texts are numbers.
      text += random() % 10 < 8 ? alphabet[random() % 10] : alphabet[random() % alphabet.size()];
    }
    const int scale = static_cast<int>(random() % 19);
    std::int64_t mantissa = kUntouched;
    const bool parsed = ParseMantissa(text, scale, &mantissa);
    const auto decimal = Decimal::Parse(text);
    const auto want = decimal.ok() ? decimal->MantissaAt(scale) : decimal.status();
    ASSERT_EQ(parsed, want.ok()) << text << " at " << scale;
    if (!parsed) continue;
    ASSERT_EQ(mantissa, *want) << text << " at " << scale;
    ++taken;
  }
  EXPECT_GT(taken, 10'000);
}

TEST(ScaleOfTextTest, CountsWrittenDecimals) {
  EXPECT_EQ(ScaleOfText(""), 0);
  EXPECT_EQ(ScaleOfText("5"), 0);
  EXPECT_EQ(ScaleOfText("0.0100"), 4);
  EXPECT_EQ(ScaleOfText("-1.5"), 1);
}

}  // namespace
}  // namespace switchyard
