#include "services/order/risk/rounding.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/services/order/risk/samples.h"

namespace switchyard::order::risk {
namespace {

using common::v1::SIDE_BUY;
using common::v1::SIDE_SELL;

struct RefusedCase {
  std::string name, value, step, minimum, maximum;
  Rounding rounding;
  ErrorReason reason;
  std::string nearest;
};

Grid MakeGrid(const std::string& step, const std::string& minimum, const std::string& maximum) {
  Grid grid{D(step), {}, {}};
  if (!minimum.empty()) grid.minimum = D(minimum);
  if (!maximum.empty()) grid.maximum = D(maximum);
  return grid;
}

class RefusedTest : public testing::TestWithParam<RefusedCase> {};

TEST_P(RefusedTest, NamesTheFieldAndTheNearestValues) {
  const RefusedCase& row = GetParam();
  const absl::Status status = FitToGrid("quantity", D(row.value),
                                        MakeGrid(row.step, row.minimum, row.maximum), row.rounding)
                                  .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_EQ(ReasonOf(status), row.reason) << status;
  EXPECT_EQ(MetadataOf(status)["field"], "quantity");
  EXPECT_EQ(MetadataOf(status)["nearest"], row.nearest);
}

constexpr ErrorReason kNotRepresentable = common::v1::ERROR_REASON_NOT_REPRESENTABLE;
constexpr ErrorReason kInvalid = common::v1::ERROR_REASON_INVALID_FIELD;

INSTANTIATE_TEST_SUITE_P(
    Values, RefusedTest,
    testing::Values(RefusedCase{"between", "0.00015", "0.0001", "", "", Rounding::kExact,
                                kNotRepresentable, "0.0001,0.0002"},
                    RefusedCase{"one_digit_too_many", "1.0000000000000000001",
                                "0.000000000000000001", "", "", Rounding::kExact, kNotRepresentable,
                                "1.000000000000000000,1.000000000000000001"},
                    RefusedCase{"step_is_no_power_of_ten", "7", "5", "", "", Rounding::kExact,
                                kNotRepresentable, "5,10"},
                    RefusedCase{"below_the_first_step", "0.00005", "0.0001", "", "",
                                Rounding::kExact, kNotRepresentable, "0.0001"},
                    RefusedCase{"nothing_left", "0.00005", "0.0001", "", "", Rounding::kDown,
                                kNotRepresentable, "0.0001"},
                    RefusedCase{"nothing_left_of_a_price", "0.05", "0.1", "", "", Rounding::kFloor,
                                kNotRepresentable, "0.1"},
                    RefusedCase{"between_and_below_the_smallest", "0.0015", "0.001", "0.01", "",
                                Rounding::kExact, kNotRepresentable, "0.010"},
                    RefusedCase{"rounded_below_the_smallest", "0.0155", "0.01", "0.015", "",
                                Rounding::kDown, kInvalid, "0.02"},
                    RefusedCase{"below_the_smallest", "0.001", "0.001", "0.01", "",
                                Rounding::kExact, kInvalid, "0.010"},
                    RefusedCase{"above_the_largest", "101", "1", "", "100.5", Rounding::kExact,
                                kInvalid, "100"},
                    RefusedCase{"between_at_the_largest", "99.5", "1", "", "99.7", Rounding::kExact,
                                kNotRepresentable, "99"},
                    RefusedCase{"rounded_above_the_largest", "99.5", "1", "", "99.7",
                                Rounding::kCeiling, kInvalid, "99"},
                    RefusedCase{"too_many_digits_for_the_step", "100000000000000000000000000000",
                                "0.000000000000000001", "", "", Rounding::kDown, kInvalid, ""}),
    [](const auto& info) { return info.param.name; });

TEST(FitToGridTest, AnInstrumentWithoutAStepIsOurFault) {
  EXPECT_EQ(FitToGrid("price", D("1"), {Decimal(), {}, {}}, Rounding::kExact).status().code(),
            absl::StatusCode::kInternal);
}

struct FitCase {
  std::string name, value, step;
  Rounding rounding;
  std::string want;
};

class FitTest : public testing::TestWithParam<FitCase> {};

TEST_P(FitTest, GivesAMultipleWithTheStepsDecimals) {
  const FitCase& row = GetParam();
  const auto fitted =
      FitToGrid("price", D(row.value), MakeGrid(row.step, "0.0001", "1000000"), row.rounding);
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_EQ(fitted->ToString(), row.want);
}

INSTANTIATE_TEST_SUITE_P(
    Values, FitTest,
    testing::Values(FitCase{"as_it_is", "1.5", "0.01", Rounding::kExact, "1.50"},
                    FitCase{"trailing_zeros", "1.500000", "0.01", Rounding::kExact, "1.50"},
                    FitCase{"smallest", "0.0001", "0.0001", Rounding::kExact, "0.0001"},
                    FitCase{"largest", "1000000", "0.0001", Rounding::kExact, "1000000.0000"},
                    FitCase{"down", "1.559", "0.01", Rounding::kDown, "1.55"},
                    FitCase{"sell_away", "1.551", "0.01", Rounding::kCeiling, "1.56"},
                    FitCase{"buy_away", "1.559", "0.01", Rounding::kFloor, "1.55"},
                    FitCase{"representable_is_not_moved", "1.55", "0.01", Rounding::kCeiling,
                            "1.55"},
                    FitCase{"step_25", "99", "25", Rounding::kDown, "75"}),
    [](const auto& info) { return info.param.name; });

struct DirectionCase {
  std::string name;
  v1::Rounding asked;
  common::v1::Side side;
  Rounding want;
};

class DirectionTest : public testing::TestWithParam<DirectionCase> {};

TEST_P(DirectionTest, IsTheOneAskedFor) {
  EXPECT_EQ(DirectionOf(GetParam().asked, GetParam().side), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Roundings, DirectionTest,
    testing::Values(
        DirectionCase{"none_buy", v1::ROUNDING_UNSPECIFIED, SIDE_BUY, Rounding::kExact},
        DirectionCase{"exact_sell", v1::ROUNDING_EXACT, SIDE_SELL, Rounding::kExact},
        DirectionCase{"down_buy", v1::ROUNDING_DOWN, SIDE_BUY, Rounding::kDown},
        DirectionCase{"down_sell", v1::ROUNDING_DOWN, SIDE_SELL, Rounding::kDown},
        DirectionCase{"away_buy", v1::ROUNDING_AWAY_FROM_MARKET, SIDE_BUY, Rounding::kFloor},
        DirectionCase{"away_sell", v1::ROUNDING_AWAY_FROM_MARKET, SIDE_SELL, Rounding::kCeiling}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard::order::risk
