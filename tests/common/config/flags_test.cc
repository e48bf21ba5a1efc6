#include "common/config/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace switchyard::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Values {
  std::string text = "default";
  std::vector<std::string> list = {"a", "b"};
  std::int64_t number = 7;
  bool on = true;
  bool off = false;
};

absl::StatusOr<FlagsOutcome> ParseInto(Values& values, std::vector<const char*> arguments) {
  FlagParser parser("program", "does something");
  parser.AddString("text", "a text", &values.text);
  parser.AddStringList("list", "a list", &values.list);
  parser.AddInt64("number", "a number", &values.number);
  parser.AddBool("on", "a switch", &values.on);
  parser.AddBool("off", "a switch", &values.off);
  arguments.insert(arguments.begin(), "program");
  return parser.Parse(static_cast<int>(arguments.size()), arguments.data());
}

struct Bad {
  std::string name;
  std::vector<const char*> arguments;
  std::string named;
};
class BadFlagTest : public testing::TestWithParam<Bad> {};

TEST_P(BadFlagTest, IsInvalidArgumentAndNamed) {
  Values values;
  const absl::Status status = ParseInto(values, GetParam().arguments).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().named));
}

INSTANTIATE_TEST_SUITE_P(
    Flags, BadFlagTest,
    testing::Values(Bad{"unknown", {"--nonsense=1"}, "--nonsense"},
                    Bad{"unknown_no", {"--nothing"}, "--nothing"},
                    Bad{"no_of_a_text", {"--notext"}, "--notext"},
                    Bad{"no_with_value", {"--noon=true"}, "--noon"},
                    Bad{"prefix_of_a_flag", {"--tex=1"}, "--tex"},
                    Bad{"twice", {"--text=1", "--text=2"}, "--text"},
                    Bad{"no_value", {"--text"}, "--text"},
                    Bad{"flag_as_value", {"--text", "--on"}, "--text"},
                    Bad{"not_a_number", {"--number=7x"}, "--number"},
                    Bad{"number_out_of_range", {"--number=9223372036854775808"}, "--number"},
                    Bad{"not_a_bool", {"--on=yes"}, "--on"}, Bad{"positional", {"file"}, "file"},
                    Bad{"one_dash", {"-text"}, "-text"},
                    Bad{"after_dashes", {"--", "--on"}, "--on"}),
    [](const auto& info) { return info.param.name; });

TEST(FlagParserTest, DefaultsStay) {
  Values values;
  ASSERT_TRUE(ParseInto(values, {}).ok());
  EXPECT_EQ(values.text, "default");
  EXPECT_THAT(values.list, ElementsAre("a", "b"));
  EXPECT_EQ(values.number, 7);
  EXPECT_TRUE(values.on);
  EXPECT_FALSE(values.off);
}

TEST(FlagParserTest, ReadsBothForms) {
  Values values;
  const auto outcome = ParseInto(values, {"--text=x=y", "--number", "-12", "--noon", "--off"});
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(*outcome, FlagsOutcome::kRun);
  EXPECT_EQ(values.text, "x=y");
  EXPECT_EQ(values.number, -12);
  EXPECT_FALSE(values.on);
  EXPECT_TRUE(values.off);
}

TEST(FlagParserTest, ListReplacesItsDefaultAndGrows) {
  Values values;
  ASSERT_TRUE(ParseInto(values, {"--list=x,y", "--list", "z"}).ok());
  EXPECT_THAT(values.list, ElementsAre("x", "y", "z"));
}

TEST(FlagParserTest, HelpComesBeforeLaterErrors) {
  Values values;
  const auto outcome = ParseInto(values, {"--help", "--nonsense"});
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(*outcome, FlagsOutcome::kHelp);
}

TEST(FlagParserTest, PositionalArgumentsOnlyWhereAllowed) {
  std::vector<std::string> files;
  bool flag = false;
  FlagParser parser("program", "does something");
  parser.AddBool("flag", "a switch", &flag);
  parser.AllowPositional("FILE...", &files);
  const std::vector<const char*> arguments = {"program", "a", "--flag", "--", "--b"};
  ASSERT_TRUE(parser.Parse(static_cast<int>(arguments.size()), arguments.data()).ok());
  EXPECT_THAT(files, ElementsAre("a", "--b"));
  EXPECT_TRUE(flag);
}

TEST(FlagParserTest, HelpTellsEveryFlagAndDefault) {
  CommonFlags common;
  FlagParser parser("market_data", "serves books");
  common.AddTo(parser);
  std::int64_t number = 42;
  parser.AddInt64("number", "a number", &number);
  const std::string help = parser.Help();
  for (const char* part : {"market_data: serves books", "--config", "--listen", "--health_listen",
                           "--metrics_listen", "--log_level", "--help", "(default 42)"}) {
    EXPECT_THAT(help, HasSubstr(part));
  }
}

}  // namespace
}  // namespace switchyard::config
