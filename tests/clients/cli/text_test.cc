#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <sstream>
#include <string>

#include "clients/cli/command_id.h"
#include "clients/cli/duration.h"
#include "clients/cli/enum_text.h"
#include "clients/cli/rate_meter.h"
#include "clients/cli/screen.h"
#include "clients/cli/time_text.h"
#include "switchyard/marketdata/v1/events.pb.h"

namespace switchyard::clients::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

struct DurationCase {
  std::string name;
  std::string text;
  std::int64_t want_ms;  // -1 = refused
};

class ParseDurationTest : public testing::TestWithParam<DurationCase> {};

TEST_P(ParseDurationTest, Parses) {
  const auto got = ParseDuration(GetParam().text);
  if (GetParam().want_ms < 0) {
    EXPECT_EQ(got.status().code(), absl::StatusCode::kInvalidArgument);
  } else {
    ASSERT_TRUE(got.ok());
    EXPECT_EQ(got->count(), GetParam().want_ms);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Forms, ParseDurationTest,
    testing::Values(DurationCase{"bare", "5", 5'000}, DurationCase{"millis", "250ms", 250},
                    DurationCase{"seconds", "2s", 2'000}, DurationCase{"minutes", "15m", 900'000},
                    DurationCase{"hours", "4h", 14'400'000}, DurationCase{"days", "1d", 86'400'000},
                    DurationCase{"weeks", "1w", 604'800'000}, DurationCase{"empty", "", -1},
                    DurationCase{"negative", "-1s", -1}, DurationCase{"fraction", "1.5s", -1},
                    DurationCase{"unit", "5y", -1}, DurationCase{"huge", "99999999999w", -1}),
    [](const auto& info) { return info.param.name; });

TEST(FormatDurationTest, HasAboutThreeDigits) {
  EXPECT_EQ(FormatDuration(850), "850 ns");
  EXPECT_EQ(FormatDuration(1'250'000), "1.25 ms");
  EXPECT_EQ(FormatDuration(12'340'000'000), "12.3 s");
  EXPECT_EQ(FormatDuration(61'000'000'000), "1 min 01 s");
  EXPECT_EQ(FormatDuration(14'700'000'000'000), "4 h 05 min");
  EXPECT_EQ(FormatDuration(90'000'000'000'000), "1 d 01 h");
  EXPECT_EQ(FormatDuration(-2'000), "-2.00 us");
}

TEST(ParseEnumTest, TakesEitherCaseAndNamesTheChoices) {
  const auto side = ParseEnum<common::v1::Side>("side", "Buy");
  ASSERT_TRUE(side.ok());
  EXPECT_EQ(*side, common::v1::SIDE_BUY);
  const auto wrong = ParseEnum<common::v1::Side>("side", "unspecified");
  EXPECT_EQ(std::string(wrong.status().message()), "side: one of buy, sell; not \"unspecified\"");
}

TEST(TimeTextTest, AMomentIsReadExactlyOrNotAtAll) {
  const auto time = ParseUtc("2026-01-02T03:04:05Z");
  ASSERT_TRUE(time.ok());
  EXPECT_EQ(time->value, 1'767'323'045'000'000'000);
  EXPECT_EQ(DateAndTime(time->value), "2026-01-02 03:04:05");
  EXPECT_EQ(DateAndTime(0), "");
  for (const char* text : {"", "2026-01-02", "2026-01-02 03:04:05Z", "2026-02-30T03:04:05Z",
                           "2026-01-02T24:00:00Z", "2026-01-02T03:04:60Z", "2026-01-02T-3:04:05Z",
                           "1969-12-31T23:59:59Z", "2262-01-01T00:00:00Z"}) {
    EXPECT_FALSE(ParseUtc(text).ok()) << text;
  }
}

TEST(CommandIdTest, IsOfTheContractsForm) {
  const std::string id = MakeCommandId(TimeNs::FromMillis(1'767'323'045'123), 0xabcdef);
  EXPECT_EQ(id, "yard-19b7ca98d03-0000000000abcdef");
  EXPECT_TRUE(IsCommandId(id));
  EXPECT_TRUE(IsCommandId(MakeCommandId(TimeNs(INT64_MAX), UINT64_MAX)));
  EXPECT_TRUE(IsCommandId(std::string(36, 'z')));
  for (const std::string& wrong : {std::string(), std::string(37, 'z'), std::string("a b"),
                                   std::string("a.b"), std::string("\xc3\xa9")}) {
    EXPECT_FALSE(IsCommandId(wrong)) << wrong;
  }
}

TEST(CommandIdTest, TheMachinesRandomnessIsNotConstant) {
  EXPECT_NE(MachineRandom(), MachineRandom());
}

TEST(EnumTextTest, DropsThePrefixAndKeepsUnknownNumbers) {
  EXPECT_EQ(EnumText(marketdata::v1::EVENT_KIND_SNAPSHOT), "SNAPSHOT");
  EXPECT_EQ(EnumText(marketdata::v1::CHANNEL_BEST_BID_OFFER), "BEST_BID_OFFER");
  EXPECT_EQ(EnumText(static_cast<marketdata::v1::EventKind>(77)), "77");
}

TEST(ScreenTest, DrawsOverTheLastFrameWithoutErasingItFirst) {
  std::ostringstream out;
  {
    Screen screen(out, 80, 24);
    screen.Draw({{"one", LineStyle::kPlain}, {"two", LineStyle::kBid}});
    out.str("");
    screen.Draw({{"three", LineStyle::kPlain}});
    // Two lines up, the new line, then whatever is left of the old frame goes.
    EXPECT_EQ(out.str(), "\x1b[2A\rthree\x1b[K\n\x1b[J");
    out.str("");
  }
  EXPECT_EQ(out.str(), "\x1b[?25h");
}

TEST(ScreenTest, CutsWhatWouldWrapOrScroll) {
  std::ostringstream out;
  Screen screen(out, 4, 3);
  screen.Draw(
      {{"ab██ef", LineStyle::kPlain}, {"two", LineStyle::kPlain}, {"never", LineStyle::kPlain}});
  EXPECT_THAT(out.str(), HasSubstr("\rab██\x1b[K"));
  EXPECT_THAT(out.str(), Not(HasSubstr("never")));
}

TEST(TableTest, AlignsByWhatIsShown) {
  Table table({"name", ">size"});
  table.AddRow({"██", "5"});
  table.AddRow({"x"});
  EXPECT_THAT(table.Lines(), ElementsAre("name  size", "██       5", "x"));
}

TEST(TableTest, HasNoHeadingLineWithoutHeadings) {
  Table table({"", ">"});
  table.AddRow({"last", "100"});
  EXPECT_THAT(table.Lines(), ElementsAre("last  100"));
}

TEST(RateMeterTest, CountsTheLastFullSecond) {
  ManualClock clock(TimeNs::FromSeconds(1));
  RateMeter meter(clock);
  for (int event = 0; event < 30; ++event) meter.Count();
  EXPECT_EQ(meter.PerSecond(), 0);
  clock.Advance(std::chrono::seconds(2));
  EXPECT_EQ(meter.PerSecond(), 15);
  clock.Advance(std::chrono::milliseconds(500));
  EXPECT_EQ(meter.PerSecond(), 15);
}

}  // namespace
}  // namespace switchyard::clients::cli
