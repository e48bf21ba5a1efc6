#include "common/json/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/status/status.h"

namespace switchyard::json {
namespace {

using testing::HasSubstr;
using testing::Not;

Json MustParse(std::string_view text) {
  absl::StatusOr<Json> json = Parse(text);
  EXPECT_TRUE(json.ok()) << json.status();
  return json.value_or(Json());
}

std::string MessageOf(const absl::Status& status) { return std::string(status.message()); }

struct BadText {
  std::string name, text;
};
class ParseErrorTest : public testing::TestWithParam<BadText> {};

TEST_P(ParseErrorTest, IsInternalAndNothingThrows) {
  const absl::Status status = Parse(GetParam().text).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, ParseErrorTest,
    testing::Values(BadText{"empty", ""}, BadText{"space", "  "},
                    BadText{"cut_object", R"({"a":1)"}, BadText{"cut_string", R"({"a":"b)"},
                    BadText{"two_values", "1 2"}, BadText{"trailing_comma", "[1,]"},
                    BadText{"single_quotes", "{'a':1}"}, BadText{"not_a_number", "[NaN]"},
                    BadText{"leading_zero", "[01]"},
                    BadText{"html", "<html><body>502</body></html>"},
                    BadText{"bad_utf8", "[\"\xff\xfe\"]"},
                    BadText{"nul_byte", std::string("[\0]", 3)}),
    [](const auto& info) { return info.param.name; });

TEST(ParseTest, ErrorDoesNotQuoteTheText) {
  const absl::Status status = Parse(R"({"listenKey":"hunter2)").status();
  EXPECT_THAT(MessageOf(status), Not(HasSubstr("hunter2")));
}

TEST(ParseTest, RefusesWhatIsTooDeep) {
  const std::string deep = std::string(65, '[') + std::string(65, ']');
  EXPECT_THAT(MessageOf(Parse(deep).status()), HasSubstr("deeper than 64"));
  EXPECT_TRUE(Parse(deep, {.max_depth = 65}).ok());
}

TEST(ParseTest, RefusesWhatIsTooLarge) {
  EXPECT_THAT(MessageOf(Parse("[1,2,3]", {.max_bytes = 6}).status()), HasSubstr("larger than 6"));
  EXPECT_TRUE(Parse("[1,2,3]", {.max_bytes = 7}).ok());
}

TEST(ParseTest, VeryDeepTextDoesNotOverflowTheStack) {
  EXPECT_FALSE(Parse(std::string(10'000'000, '[')).ok());
}

struct NumberText {
  std::string name, text;
};
class ExactNumberTest : public testing::TestWithParam<NumberText> {};

TEST_P(ExactNumberTest, KeepsTheRawText) {
  const Json json = MustParse("{\"n\":" + GetParam().text + "}");
  EXPECT_FALSE(json["n"].is_number_float());
  const absl::StatusOr<std::string> text = RequireText(json, "n");
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(*text, GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Numbers, ExactNumberTest,
    testing::Values(NumberText{"zero", "0"}, NumberText{"negative", "-7"},
                    NumberText{"tenth", "0.1"}, NumberText{"trailing_zeros", "64000.500"},
                    NumberText{"exponent", "1.25e-08"}, NumberText{"capital_exponent", "1E5"},
                    NumberText{"many_digits", "0.123456789012345678901234567890"},
                    NumberText{"int64_min", "-9223372036854775808"},
                    NumberText{"uint64_max", "18446744073709551615"},
                    NumberText{"over_uint64", "18446744073709551616"},
                    NumberText{"under_int64", "-9223372036854775809"}),
    [](const auto& info) { return info.param.name; });

TEST(FindTest, WalksKeysAndIndices) {
  const Json json = MustParse(R"({"a":{"b":[{"c":1},{"c":2}]},"x.y":3,"null":null})");
  EXPECT_EQ(Find(json, "a.b.1.c")->get<int>(), 2);
  EXPECT_EQ(Find(json, "x.y")->get<int>(), 3);
  EXPECT_EQ(Find(json, ""), &json);
  ASSERT_NE(Find(json, "null"), nullptr);
  for (const char* path : {"b", "a.c", "a.b.2", "a.b.-1", "a.b.x", "a.b.0.c.d", "x", "a..b"}) {
    EXPECT_EQ(Find(json, path), nullptr) << path;
  }
}

// One document, one path, and what each accessor makes of it.
struct Access {
  std::string name, path;
  bool is_string, is_bool, is_int64, is_decimal, is_text, is_array, is_object;
};
class RequireTest : public testing::TestWithParam<Access> {};

TEST_P(RequireTest, AcceptsItsTypesAndNamesThePathOtherwise) {
  const Json json = MustParse(
      R"({"o":{"text":"abc","empty":"","int":5,"int_text":"-12","price":64000.5,
          "price_text":"1.5e-3","flag":true,"null":null,"list":[],"object":{},
          "big":18446744073709551615}})");
  const Access& access = GetParam();
  const auto check = [&](const char* accessor, const absl::Status& status, bool wanted) {
    EXPECT_EQ(status.ok(), wanted) << accessor << ": " << status;
    if (status.ok()) return;
    EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
    EXPECT_THAT(MessageOf(status), HasSubstr('"' + access.path + '"')) << accessor;
  };
  check("string", RequireString(json, access.path).status(), access.is_string);
  check("bool", RequireBool(json, access.path).status(), access.is_bool);
  check("int64", RequireInt64(json, access.path).status(), access.is_int64);
  check("decimal", RequireDecimal(json, access.path).status(), access.is_decimal);
  check("text", RequireText(json, access.path).status(), access.is_text);
  check("array", RequireArray(json, access.path).status(), access.is_array);
  check("object", RequireObject(json, access.path).status(), access.is_object);
}

INSTANTIATE_TEST_SUITE_P(
    Fields, RequireTest,
    testing::Values(
        Access{"missing", "o.nothing", false, false, false, false, false, false, false},
        Access{"null", "o.null", false, false, false, false, false, false, false},
        Access{"text", "o.text", true, false, false, false, true, false, false},
        Access{"empty", "o.empty", true, false, false, false, true, false, false},
        Access{"integer", "o.int", false, false, true, true, true, false, false},
        Access{"integer_text", "o.int_text", true, false, true, true, true, false, false},
        Access{"price", "o.price", true, false, false, true, true, false, false},
        Access{"price_text", "o.price_text", true, false, false, true, true, false, false},
        Access{"flag", "o.flag", false, true, false, false, false, false, false},
        Access{"list", "o.list", false, false, false, false, false, true, false},
        Access{"object", "o.object", false, false, false, false, false, false, true},
        Access{"above_int64", "o.big", false, false, false, true, true, false, false}),
    [](const auto& info) { return info.param.name; });

TEST(RequireDecimalTest, IsExactForNumberAndString) {
  const Json json = MustParse(R"({"a":0.1,"b":"0.1","c":18446744073709551615,"d":1e-8})");
  EXPECT_EQ(RequireDecimal(json, "a")->ToString(), "0.1");
  EXPECT_EQ(RequireDecimal(json, "b")->ToString(), "0.1");
  EXPECT_EQ(RequireDecimal(json, "c")->ToString(), "18446744073709551615");
  EXPECT_EQ(RequireDecimal(json, "d")->ToString(), "0.00000001");
}

TEST(RequireInt64Test, ReadsTextOfTheFullRange) {
  const Json json = MustParse(R"({"low":"-9223372036854775808","high":9223372036854775807})");
  EXPECT_EQ(*RequireInt64(json, "low"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(*RequireInt64(json, "high"), std::numeric_limits<std::int64_t>::max());
}

TEST(RequireTest, CutsLongValuesInErrors) {
  const Json json = MustParse("{\"n\":\"" + std::string(500, 'x') + "\"}");
  EXPECT_LT(RequireInt64(json, "n").status().message().size(), 100u);
}

TEST(OptionalTest, MissingAndNullAreNothing) {
  const Json json = MustParse(R"({"null":null})");
  for (const char* path : {"null", "missing"}) {
    EXPECT_EQ(*OptionalString(json, path), std::nullopt) << path;
    EXPECT_EQ(*OptionalBool(json, path), std::nullopt) << path;
    EXPECT_EQ(*OptionalInt64(json, path), std::nullopt) << path;
    EXPECT_EQ(*OptionalDecimal(json, path), std::nullopt) << path;
    EXPECT_EQ(*OptionalText(json, path), std::nullopt) << path;
    EXPECT_EQ(*OptionalArray(json, path), nullptr) << path;
    EXPECT_EQ(*OptionalObject(json, path), nullptr) << path;
  }
}

TEST(OptionalTest, EmptyStringIsNothingButForStrings) {
  const Json json = MustParse(R"({"e":""})");
  EXPECT_EQ(*OptionalDecimal(json, "e"), std::nullopt);
  EXPECT_EQ(*OptionalInt64(json, "e"), std::nullopt);
  EXPECT_EQ(*OptionalText(json, "e"), std::nullopt);
  EXPECT_EQ(*OptionalString(json, "e"), "");
  EXPECT_FALSE(OptionalBool(json, "e").ok());
}

TEST(OptionalTest, WrongTypeIsAnError) {
  const Json json = MustParse(R"({"list":[],"text":"x"})");
  EXPECT_FALSE(OptionalString(json, "list").ok());
  EXPECT_FALSE(OptionalBool(json, "list").ok());
  EXPECT_FALSE(OptionalInt64(json, "text").ok());
  EXPECT_FALSE(OptionalDecimal(json, "text").ok());
  EXPECT_FALSE(OptionalText(json, "list").ok());
  EXPECT_FALSE(OptionalArray(json, "text").ok());
  EXPECT_FALSE(OptionalObject(json, "list").ok());
}

TEST(OptionalTest, GivenValuesComeThrough) {
  const Json json = MustParse(R"({"s":"x","b":false,"i":"7","d":2.50,"a":[1],"o":{"k":1}})");
  EXPECT_EQ(*OptionalString(json, "s"), "x");
  EXPECT_EQ(*OptionalBool(json, "b"), false);
  EXPECT_EQ(*OptionalInt64(json, "i"), 7);
  EXPECT_EQ((*OptionalDecimal(json, "d"))->ToString(), "2.50");
  EXPECT_EQ((*OptionalArray(json, "a"))->size(), 1u);
  EXPECT_EQ((*OptionalObject(json, "o"))->size(), 1u);
}

TEST(SerialiseTest, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(Serialise(Json{{"k", "a\xff"}}), "{\"k\":\"a\xef\xbf\xbd\"}");
}

TEST(SerialiseTest, IsCompact) {
  EXPECT_EQ(Serialise(MustParse("[ 1, {\"a\": null} ]")), "[1,{\"a\":null}]");
}

}  // namespace
}  // namespace switchyard::json
