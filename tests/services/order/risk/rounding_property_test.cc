// Rounding against an independent arithmetic, unbounded integers, over 1e-18 to 1e12.
#include <gtest/gtest.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <random>
#include <string>

#include "services/order/risk/rounding.h"
#include "tests/services/order/risk/samples.h"

namespace switchyard::order::risk {
namespace {

using boost::multiprecision::cpp_int;

constexpr int kRounds = 20'000;
constexpr int kDecimals = 18;

// `units` x 10^-18 as text, written without Decimal.
std::string TextOf(const cpp_int& units) {
  std::string digits = units.str();
  if (digits.size() <= kDecimals) digits.insert(0, kDecimals + 1 - digits.size(), '0');
  digits.insert(digits.size() - kDecimals, ".");
  return digits;
}

// The value of a text of up to 18 decimals in units of 10^-18.
cpp_int UnitsOf(const std::string& text) {
  const std::size_t dot = text.find('.');
  const std::string whole = text.substr(0, dot);
  std::string fraction = dot == std::string::npos ? "" : text.substr(dot + 1);
  fraction.resize(kDecimals, '0');
  // A leading zero would make it octal.
  std::string digits = whole + fraction;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return cpp_int(digits);
}

class RoundingPropertyTest : public testing::Test {
 protected:
  unsigned Below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

  // 1 to `most` digits: every size as likely as any other, in units of 10^-18, above 0.
  cpp_int Units(unsigned most) {
    const unsigned digits = 1 + Below(most);
    cpp_int units = 1 + Below(9);
    for (unsigned i = 1; i < digits; ++i) units = units * 10 + Below(10);
    return units;
  }
  // 1e-18 to 1e12.
  cpp_int Value() { return Units(30); }
  // Powers of ten and others, such as 0.0005 or 25.
  cpp_int Step() {
    cpp_int step = Below(2) == 0 ? cpp_int(1) : cpp_int(1 + Below(99));
    for (unsigned zeros = Below(22); zeros > 0; --zeros) step *= 10;
    return step;
  }

  std::mt19937_64 random_{20261121};
};

struct Direction {
  Rounding rounding;
  bool up;
};

TEST_F(RoundingPropertyTest, GoesTheDirectionAskedByLessThanAStepAndNoFurther) {
  int rounded = 0;
  for (int i = 0; i < kRounds; ++i) {
    const cpp_int value = Value();
    const cpp_int step = Step();
    const Grid grid{D(TextOf(step)), {}, {}};
    for (const Direction& direction :
         {Direction{DirectionOf(v1::ROUNDING_DOWN, common::v1::SIDE_SELL), false},
          Direction{DirectionOf(v1::ROUNDING_AWAY_FROM_MARKET, common::v1::SIDE_BUY), false},
          Direction{DirectionOf(v1::ROUNDING_AWAY_FROM_MARKET, common::v1::SIDE_SELL), true}}) {
      const auto fitted = FitToGrid("price", D(TextOf(value)), grid, direction.rounding);
      if (!direction.up && value < step) {
        EXPECT_EQ(ReasonOf(fitted.status()), common::v1::ERROR_REASON_NOT_REPRESENTABLE)
            << TextOf(value) << " by " << TextOf(step);
        continue;
      }
      ASSERT_TRUE(fitted.ok()) << fitted.status();
      const std::string text = fitted->ToString();
      const cpp_int result = UnitsOf(text);
      SCOPED_TRACE(TextOf(value) + " by " + TextOf(step) + " gave " + text);
      EXPECT_EQ(text.find_first_not_of("0123456789."), std::string::npos);
      EXPECT_EQ(result % step, 0);
      EXPECT_LT(abs(cpp_int(result - value)), step);
      EXPECT_TRUE(direction.up ? result >= value : result <= value);
      if (value % step == 0) {
        EXPECT_EQ(result, value);
      } else {
        ++rounded;
      }
      const auto again = FitToGrid("price", *fitted, grid, direction.rounding);
      ASSERT_TRUE(again.ok()) << again.status();
      EXPECT_EQ(again->ToString(), text);
    }
  }
  EXPECT_GT(rounded, kRounds / 2);
}

TEST_F(RoundingPropertyTest, NothingIsRoundedUnlessAsked) {
  int exact = 0;
  for (int i = 0; i < kRounds; ++i) {
    const cpp_int step = Step();
    const bool multiple = Below(2) == 0;
    const cpp_int value = multiple ? step * (1 + Below(1'000'000)) : Value();
    const auto fitted = FitToGrid("quantity", D(TextOf(value)), {D(TextOf(step)), {}, {}},
                                  DirectionOf(v1::ROUNDING_EXACT, common::v1::SIDE_BUY));
    SCOPED_TRACE(TextOf(value) + " by " + TextOf(step));
    if (value % step == 0) {
      ++exact;
      ASSERT_TRUE(fitted.ok()) << fitted.status();
      EXPECT_EQ(UnitsOf(fitted->ToString()), value);
      continue;
    }
    EXPECT_EQ(ReasonOf(fitted.status()), common::v1::ERROR_REASON_NOT_REPRESENTABLE);
    const cpp_int below = value / step * step;
    const std::string nearest = MetadataOf(fitted.status())["nearest"];
    const std::size_t comma = nearest.find(',');
    EXPECT_EQ(comma != std::string::npos, below > 0) << nearest;
    if (comma != std::string::npos) {
      EXPECT_EQ(UnitsOf(nearest.substr(0, comma)), below);
    }
    EXPECT_EQ(UnitsOf(nearest.substr(comma == std::string::npos ? 0 : comma + 1)), below + step);
  }
  EXPECT_GT(exact, kRounds / 3);
}

}  // namespace
}  // namespace switchyard::order::risk
