#include "common/time/time.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <ostream>
#include <string>

namespace switchyard {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

TEST(TimeNsTest, ConvertsOnEntry) {
  EXPECT_EQ(TimeNs::FromSeconds(3).value, 3'000'000'000);
  EXPECT_EQ(TimeNs::FromMillis(3).value, 3'000'000);
  EXPECT_EQ(TimeNs::FromMicros(3).value, 3'000);
  EXPECT_EQ(TimeNs::FromMillis(-1).value, -1'000'000);
}

TEST(TimeNsTest, WholeUnitsAreRoundedTowardsThePast) {
  EXPECT_EQ(TimeNs(1'999'999'999).Seconds(), 1);
  EXPECT_EQ(TimeNs(1'999'999).Millis(), 1);
  EXPECT_EQ(TimeNs(0).Seconds(), 0);
  EXPECT_EQ(TimeNs(-1).Seconds(), -1);
  EXPECT_EQ(TimeNs(-1).Millis(), -1);
  EXPECT_EQ(TimeNs(-1'000'000'000).Seconds(), -1);
  EXPECT_EQ(TimeNs(-1'000'000'001).Seconds(), -2);
  EXPECT_EQ(TimeNs(-1'000'001).Millis(), -2);
}

TEST(TimeNsTest, ZeroMeansNotGiven) {
  EXPECT_FALSE(TimeNs().given());
  EXPECT_TRUE(TimeNs(-1).given());
  EXPECT_TRUE(TimeNs(1).given());
}

TEST(TimeNsTest, SpansAreAddedAndTakenExactly) {
  const TimeNs start = TimeNs::FromSeconds(10);
  EXPECT_EQ(start + milliseconds(1), TimeNs(10'001'000'000));
  EXPECT_EQ(start - nanoseconds(1), TimeNs(9'999'999'999));
  EXPECT_EQ(start - TimeNs(1), nanoseconds(9'999'999'999));
  EXPECT_LT(TimeNs(1), TimeNs(2));
}

struct FormatCase {
  std::string name;
  std::int64_t value;
  std::string want;
};

void PrintTo(const FormatCase& format, std::ostream* out) { *out << format.name; }

class FormatUtcTest : public testing::TestWithParam<FormatCase> {};

TEST_P(FormatUtcTest, IsTheKnownText) { EXPECT_EQ(FormatUtc(GetParam().value), GetParam().want); }

// Seconds from `date -u -d @SECONDS`.
INSTANTIATE_TEST_SUITE_P(
    Moments, FormatUtcTest,
    testing::Values(
        FormatCase{"epoch", 0, "1970-01-01T00:00:00.000000Z"},
        FormatCase{"one_nanosecond", 1, "1970-01-01T00:00:00.000000Z"},
        FormatCase{"billennium", 1'000'000'000'123'456'789, "2001-09-09T01:46:40.123456Z"},
        FormatCase{"leap_day", 1'709'164'800'000'000'000, "2024-02-29T00:00:00.000000Z"},
        FormatCase{"last_microsecond_of_2025", 1'767'225'599'999'999'999,
                   "2025-12-31T23:59:59.999999Z"},
        FormatCase{"before_epoch", -1, "1969-12-31T23:59:59.999999Z"},
        FormatCase{"latest", std::numeric_limits<std::int64_t>::max(),
                   "2262-04-11T23:47:16.854775Z"},
        FormatCase{"earliest", std::numeric_limits<std::int64_t>::min(),
                   "1677-09-21T00:12:43.145224Z"}),
    [](const auto& info) { return info.param.name; });

TEST(ManualClockTest, MovesOnlyWhenTold) {
  ManualClock clock(TimeNs::FromSeconds(100));
  EXPECT_EQ(clock.Now(), TimeNs::FromSeconds(100));
  EXPECT_EQ(clock.Steady(), nanoseconds(0));
  EXPECT_EQ(clock.Now(), TimeNs::FromSeconds(100));
  clock.Advance(milliseconds(1'500));
  EXPECT_EQ(clock.Now(), TimeNs::FromMillis(101'500));
  EXPECT_EQ(clock.Steady(), milliseconds(1'500));
}

TEST(SystemClockTest, IsThisCenturyAndSteadyNeverGoesBack) {
  const Clock& clock = SystemClock();
  EXPECT_GT(clock.Now(), TimeNs::FromSeconds(1'600'000'000));
  nanoseconds last = clock.Steady();
  for (int i = 0; i < 1'000; ++i) {
    const nanoseconds now = clock.Steady();
    ASSERT_GE(now, last);
    last = now;
  }
}

}  // namespace
}  // namespace switchyard
