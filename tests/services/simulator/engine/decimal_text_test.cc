#include "services/simulator/engine/decimal_text.h"

#include <gtest/gtest.h>

namespace switchyard::simulator::engine {
namespace {

struct Case {
  std::string name;
  Int128 mantissa;
  int scale;
  std::string want;
};

class DecimalTextTest : public testing::TestWithParam<Case> {};

TEST_P(DecimalTextTest, PrintsExactlyAndWithoutTrailingZeros) {
  EXPECT_EQ(DecimalText(GetParam().mantissa, GetParam().scale), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Values, DecimalTextTest,
    testing::Values(Case{"zero", 0, 5, "0"}, Case{"integer", 42, 0, "42"},
                    Case{"whole", 1'116'660, 1, "111666"},
                    Case{"fraction", 1'116'653, 1, "111665.3"},
                    Case{"small", 123, 10, "0.0000000123"}, Case{"negative", -25, 3, "-0.025"},
                    Case{"trimmed", 1'500, 3, "1.5"},
                    Case{"wide", static_cast<Int128>(1'000'000'000'000'000'000) * 1'000'000'001, 3,
                         "1000000001000000000000000"},
                    Case{"wide_fraction",
                         static_cast<Int128>(1'000'000'000'000'000'000) * 1'000 + 5, 30,
                         "0.000000001000000000000000000005"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard::simulator::engine
