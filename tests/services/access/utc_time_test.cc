#include "services/access/utc_time.h"

#include <gtest/gtest.h>

#include <string>

namespace switchyard::access {
namespace {

struct Case {
  std::string name;
  std::string text;
  std::int64_t seconds;  // -1 = refused
};

class ParseUtcTest : public testing::TestWithParam<Case> {};

TEST_P(ParseUtcTest, TakesWhatRfc3339Writes) {
  const auto time = ParseUtc(GetParam().text);
  EXPECT_EQ(time.ok() ? time->Seconds() : -1, GetParam().seconds);
}

// By date -u -d TEXT +%s.
INSTANTIATE_TEST_SUITE_P(Texts, ParseUtcTest,
                         testing::Values(Case{"utc", "2027-01-31T00:00:00Z", 1'801'353'600},
                                         Case{"east", "2027-01-31T02:00:00+02:00", 1'801'353'600},
                                         Case{"west", "2027-01-30T18:30:00-05:30", 1'801'353'600},
                                         Case{"leap", "2028-02-29T12:00:00Z", 1'835'438'400},
                                         Case{"no_such_day", "2027-02-29T12:00:00Z", -1},
                                         Case{"no_such_hour", "2027-01-31T24:00:00Z", -1},
                                         Case{"no_zone", "2027-01-31T00:00:00", -1},
                                         Case{"date", "2027-01-31", -1},
                                         Case{"more", "2027-01-31T00:00:00Zx", -1},
                                         Case{"bad_zone", "2027-01-31T00:00:00+2:00", -1},
                                         Case{"empty", "", -1}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard::access
