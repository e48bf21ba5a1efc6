#include "common/log/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "common/time/time.h"

namespace switchyard::log {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::SizeIs;

class LogTest : public testing::Test {
 protected:
  LogTest() : sink_([this](std::string_view line) { lines_.emplace_back(line); }) {
    SetLevel(Level::kInfo);
  }
  ~LogTest() override { SetLevel(Level::kInfo); }

  std::vector<std::string> lines_;
  ScopedSink sink_;
};

TEST_F(LogTest, DisabledLevelWritesNothing) {
  Debug("hidden");
  SetLevel(Level::kOff);
  Error("hidden");
  EXPECT_THAT(lines_, SizeIs(0));
  EXPECT_FALSE(Enabled(Level::kError));
}

TEST_F(LogTest, LineHasTimeLevelEventAndFieldsInOrder) {
  Info("connected", {{"exchange", "gateio"}, {"sockets", 3}});
  ASSERT_THAT(lines_, SizeIs(1));
  EXPECT_THAT(lines_[0],
              MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z "
                           "level=info event=connected exchange=gateio sockets=3"));
}

TEST_F(LogTest, EveryLevelHasItsName) {
  SetLevel(Level::kDebug);
  Debug("e");
  Info("e");
  Warning("e");
  Error("e");
  ASSERT_THAT(lines_, SizeIs(4));
  EXPECT_THAT(lines_[0], HasSubstr(" level=debug "));
  EXPECT_THAT(lines_[1], HasSubstr(" level=info "));
  EXPECT_THAT(lines_[2], HasSubstr(" level=warning "));
  EXPECT_THAT(lines_[3], HasSubstr(" level=error "));
}

struct Text {
  std::string name, value, written;
};
class QuotingTest : public LogTest, public testing::WithParamInterface<Text> {};

TEST_P(QuotingTest, NoValueCanForgeALineOrAField) {
  Info("e", {{"k", GetParam().value}});
  ASSERT_THAT(lines_, SizeIs(1));
  EXPECT_THAT(lines_[0], EndsWith(" event=e k=" + GetParam().written));
}

INSTANTIATE_TEST_SUITE_P(
    Values, QuotingTest,
    testing::Values(Text{"plain", "BTC-USDT", "BTC-USDT"}, Text{"empty", "", "\"\""},
                    Text{"space", "a b", "\"a b\""}, Text{"quote", "a\"b", "\"a\\\"b\""},
                    Text{"backslash", "a\\b", "\"a\\\\b\""}, Text{"equals", "a=b", "\"a=b\""},
                    Text{"newline", "a\nlevel=error", "\"a\\nlevel=error\""},
                    Text{"carriage_return", "a\rb", "\"a\\rb\""}, Text{"tab", "a\tb", "\"a\\tb\""},
                    Text{"escape", "a\x1b[31m", "\"a\\x1b[31m\""},
                    Text{"nul", std::string("a\0b", 3), "\"a\\x00b\""},
                    Text{"delete", "a\x7f", "\"a\\x7f\""},
                    Text{"utf8", "\xe2\x82\xac", "\xe2\x82\xac"}, Text{"braces", "{}", "{}"}),
    [](const auto& info) { return info.param.name; });

TEST_F(LogTest, EventIsQuotedToo) {
  Info("two words");
  EXPECT_THAT(lines_.at(0), EndsWith(" event=\"two words\""));
}

TEST_F(LogTest, ValuesKeepTheirType) {
  const absl::Status status = absl::NotFoundError("no such order");
  Info("e", {{"int64", std::numeric_limits<std::int64_t>::min()},
             {"uint64", std::numeric_limits<std::uint64_t>::max()},
             {"yes", true},
             {"short", static_cast<short>(-1)},
             {"error", status},
             {"fine", absl::OkStatus()}});
  EXPECT_THAT(lines_.at(0),
              EndsWith(" int64=-9223372036854775808 uint64=18446744073709551615 yes=true short=-1"
                       " error=\"NOT_FOUND: no such order\" fine=OK"));
}

TEST_F(LogTest, LinesOfSeveralThreadsStayWhole) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int j = 0; j < 100; ++j) Info("e", {{"k", "value"}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_THAT(lines_, SizeIs(400));
  for (const std::string& line : lines_) EXPECT_THAT(line, EndsWith(" event=e k=value"));
}

TEST(StderrTest, LinesGoToStderrWithANewline) {
  testing::internal::CaptureStderr();
  Warning("careful", {{"k", "{}%v"}});
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              EndsWith(" level=warning event=careful k={}%v\n"));
}

TEST(ParseLevelTest, UnknownNameIsInvalidArgument) {
  for (const char* name : {"", "INFO", "warn", "verbose", "1"}) {
    EXPECT_EQ(ParseLevel(name).status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
}

TEST(ParseLevelTest, ReadsEveryLevel) {
  EXPECT_EQ(*ParseLevel("debug"), Level::kDebug);
  EXPECT_EQ(*ParseLevel("info"), Level::kInfo);
  EXPECT_EQ(*ParseLevel("warning"), Level::kWarning);
  EXPECT_EQ(*ParseLevel("error"), Level::kError);
  EXPECT_EQ(*ParseLevel("off"), Level::kOff);
}

class SampledLogTest : public LogTest {
 protected:
  ManualClock clock_{TimeNs::FromSeconds(1)};
};

TEST_F(SampledLogTest, WritesTheFirstAndCountsTheRest) {
  SampledLog sampled(clock_, seconds(1));
  for (int i = 0; i < 5; ++i) sampled.Log(Level::kInfo, "e");
  EXPECT_THAT(lines_, SizeIs(1));
  EXPECT_EQ(sampled.suppressed(), 4u);
}

TEST_F(SampledLogTest, NextPeriodTellsWhatWasSuppressed) {
  SampledLog sampled(clock_, seconds(1), 2);
  for (int i = 0; i < 5; ++i) sampled.Log(Level::kInfo, "e");
  clock_.Advance(milliseconds(999));
  sampled.Log(Level::kInfo, "e");
  EXPECT_THAT(lines_, SizeIs(2));
  clock_.Advance(milliseconds(1));
  sampled.Log(Level::kInfo, "e");
  sampled.Log(Level::kInfo, "e");
  ASSERT_THAT(lines_, SizeIs(4));
  EXPECT_THAT(lines_[2], EndsWith(" event=e suppressed=4"));
  EXPECT_THAT(lines_[3], EndsWith(" event=e"));
}

TEST_F(SampledLogTest, DisabledLevelUsesNothingUp) {
  SampledLog sampled(clock_, seconds(1));
  sampled.Log(Level::kDebug, "hidden");
  sampled.Log(Level::kInfo, "shown");
  EXPECT_THAT(lines_, SizeIs(1));
  EXPECT_EQ(sampled.suppressed(), 0u);
}

}  // namespace
}  // namespace switchyard::log
