#include "common/status/text.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace switchyard {
namespace {

struct TextCase {
  std::string name, text;
  std::size_t limit;
  std::string want;
};

void PrintTo(const TextCase& text, std::ostream* out) { *out << text.name; }

class SafeTextTest : public testing::TestWithParam<TextCase> {};

TEST_P(SafeTextTest, IsValidAndBounded) {
  EXPECT_EQ(SafeText(GetParam().text, GetParam().limit), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, SafeTextTest,
    testing::Values(TextCase{"stray_continuation", "a\x80z", 9, "a?z"},
                    TextCase{"latin1", "caf\xE9!", 9, "caf?!"},
                    TextCase{"truncated_character", "a\xE2\x82", 9, "a??"},
                    TextCase{"overlong_slash", "\xC0\xAF", 9, "??"},
                    TextCase{"overlong_three_bytes", "\xE0\x80\xAF", 9, "???"},
                    TextCase{"overlong_four_bytes", "\xF0\x80\x80\xAF", 9, "????"},
                    TextCase{"surrogate", "\xED\xA0\x80", 9, "???"},
                    TextCase{"beyond_unicode", "\xF4\x90\x80\x80", 9, "????"},
                    TextCase{"no_such_lead", "\xFF", 9, "?"},
                    TextCase{"cut_inside_two_bytes", "ab\xC3\xA9", 3, "ab"},
                    TextCase{"cut_inside_three_bytes", "\xE2\x82\xAC\xE2\x82\xAC", 5,
                             "\xE2\x82\xAC"},
                    TextCase{"cut_inside_four_bytes", "\xF0\x9F\x98\x80", 3, ""},
                    TextCase{"cut_between_characters", "\xC3\xA9\xC3\xA9", 2, "\xC3\xA9"},
                    TextCase{"limit_0", "abc", 0, ""}, TextCase{"empty", "", 9, ""},
                    TextCase{"ascii", "plain text", 99, "plain text"},
                    TextCase{"mixed", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 9,
                             "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"},
                    TextCase{"zero_byte", std::string("a\0b", 3), 9, std::string("a\0b", 3)}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard
