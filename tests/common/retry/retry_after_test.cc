#include "common/retry/retry_after.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

namespace switchyard::retry {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

// 1994-11-06 08:49:07 UTC, half a minute before the example of the RFC.
constexpr TimeNs kNow = TimeNs::FromSeconds(784'111'747);

struct Row {
  std::string name, text;
  std::optional<nanoseconds> wait;
};
class RetryAfterTest : public testing::TestWithParam<Row> {};

TEST_P(RetryAfterTest, IsReadAsTheRfcSays) {
  EXPECT_EQ(ParseRetryAfter(GetParam().text, kNow), GetParam().wait);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, RetryAfterTest,
    testing::Values(Row{"seconds", "120", seconds(120)}, Row{"at_once", "0", seconds(0)},
                    Row{"blanks_around", "  7 ", seconds(7)},
                    Row{"more_than_an_hour", "86400", seconds(3'600)},
                    Row{"more_than_a_number", "99999999999999999999", seconds(3'600)},
                    Row{"date", "Sun, 06 Nov 1994 08:49:37 GMT", seconds(30)},
                    Row{"date_of_rfc_850", "Sunday, 06-Nov-94 08:49:37 GMT", seconds(30)},
                    Row{"date_of_asctime", "Sun Nov  6 08:49:37 1994", seconds(30)},
                    Row{"past_date", "Sun, 06 Nov 1994 08:49:00 GMT", seconds(0)},
                    Row{"far_date", "Mon, 07 Nov 1994 08:49:37 GMT", seconds(3'600)},
                    Row{"empty", "", std::nullopt}, Row{"negative", "-1", std::nullopt},
                    Row{"fraction", "1.5", std::nullopt}, Row{"word", "soon", std::nullopt},
                    Row{"cut_date", "Sun, 06 Nov 1994 08:49", std::nullopt},
                    Row{"date_and_more", "Sun, 06 Nov 1994 08:49:37 GMT x", std::nullopt}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard::retry
