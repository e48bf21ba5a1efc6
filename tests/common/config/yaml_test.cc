#include "common/config/yaml.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>

#include "common/status/status.h"

namespace switchyard::config {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::DescriptorProto;
using google::protobuf::DynamicMessageFactory;
using google::protobuf::FileDescriptorProto;
using google::protobuf::Message;
using google::protobuf::TextFormat;
using testing::HasSubstr;
using testing::Not;

using FieldType = google::protobuf::FieldDescriptorProto;

FieldType& AddField(DescriptorProto& message, const char* name, FieldType::Type type,
                    const char* type_name = "") {
  FieldType& field = *message.add_field();
  field.set_name(name);
  field.set_number(message.field_size());
  field.set_type(type);
  field.set_label(FieldType::LABEL_OPTIONAL);
  if (*type_name != '\0') field.set_type_name(type_name);
  return field;
}

void AddRepeated(DescriptorProto& message, const char* name, FieldType::Type type,
                 const char* type_name = "") {
  AddField(message, name, type, type_name).set_label(FieldType::LABEL_REPEATED);
}

// `entry` is the name that protoc would give: `by_number` has entries ByNumberEntry.
void AddMap(DescriptorProto& message, const char* name, const std::string& entry,
            FieldType::Type key, FieldType::Type value, const char* value_type_name = "") {
  DescriptorProto& pair = *message.add_nested_type();
  pair.set_name(entry);
  pair.mutable_options()->set_map_entry(true);
  AddField(pair, "key", key);
  AddField(pair, "value", value, value_type_name);
  AddRepeated(message, name, FieldType::TYPE_MESSAGE, (".Config." + entry).c_str());
}

void AddAccount(FileDescriptorProto& file) {
  DescriptorProto& account = *file.add_message_type();
  account.set_name("Account");
  for (const char* name : {"name", "api_key", "secret"}) {
    AddField(account, name, FieldType::TYPE_STRING);
  }
}

void AddLevel(FileDescriptorProto& file) {
  auto& level = *file.add_enum_type();
  level.set_name("Level");
  for (const char* name : {"LEVEL_UNSPECIFIED", "LEVEL_INFO", "LEVEL_VERY_LOUD"}) {
    auto& value = *level.add_value();
    value.set_name(name);
    value.set_number(level.value_size() - 1);
  }
}

// A configuration with one field of each kind; a real one would not have them all.
FileDescriptorProto ConfigFile() {
  FileDescriptorProto file;
  file.set_name("config.proto");
  file.set_syntax("proto3");
  AddLevel(file);
  AddAccount(file);
  DescriptorProto& config = *file.add_message_type();
  config.set_name("Config");
  AddField(config, "name", FieldType::TYPE_STRING);
  AddField(config, "timeout_ms", FieldType::TYPE_UINT32);
  AddField(config, "big", FieldType::TYPE_INT64);
  AddField(config, "small", FieldType::TYPE_INT32);
  AddField(config, "large", FieldType::TYPE_UINT64);
  AddField(config, "on", FieldType::TYPE_BOOL);
  AddField(config, "level", FieldType::TYPE_ENUM, ".Level");
  AddRepeated(config, "symbols", FieldType::TYPE_STRING);
  AddRepeated(config, "accounts", FieldType::TYPE_MESSAGE, ".Account");
  AddMap(config, "labels", "LabelsEntry", FieldType::TYPE_STRING, FieldType::TYPE_STRING);
  AddMap(config, "by_number", "ByNumberEntry", FieldType::TYPE_INT32, FieldType::TYPE_MESSAGE,
         ".Account");
  AddField(config, "account", FieldType::TYPE_MESSAGE, ".Account");
  config.add_oneof_decl()->set_name("transport");
  AddField(config, "host", FieldType::TYPE_STRING).set_oneof_index(0);
  AddField(config, "path", FieldType::TYPE_STRING).set_oneof_index(0);
  AddField(config, "ratio", FieldType::TYPE_DOUBLE);
  AddField(config, "raw", FieldType::TYPE_BYTES);
  config.add_oneof_decl()->set_name("_maybe");
  FieldType& maybe = AddField(config, "maybe", FieldType::TYPE_BOOL);
  maybe.set_oneof_index(1);
  maybe.set_proto3_optional(true);
  AddRepeated(config, "token", FieldType::TYPE_STRING);
  AddMap(config, "user_password", "UserPasswordEntry", FieldType::TYPE_STRING,
         FieldType::TYPE_STRING);
  AddField(config, "child", FieldType::TYPE_MESSAGE, ".Config");
  AddRepeated(config, "depths", FieldType::TYPE_UINT32);
  AddField(config, "token_file", FieldType::TYPE_STRING);
  return file;
}

class YamlTest : public testing::Test {
 protected:
  YamlTest() {
    const auto* const built = pool_.BuildFile(ConfigFile());
    message_.reset(factory_.GetPrototype(built->FindMessageTypeByName("Config"))->New());
  }

  absl::Status Load(std::string_view yaml) { return LoadYaml(yaml, message_.get()); }
  // In one line, as text format.
  std::string Loaded() const { return message_->ShortDebugString(); }

  DescriptorPool pool_;
  DynamicMessageFactory factory_;
  std::unique_ptr<Message> message_;
};

struct Bad {
  std::string name, yaml, path, line;
};
class BadYamlTest : public YamlTest, public testing::WithParamInterface<Bad> {};

TEST_P(BadYamlTest, NamesPathAndLineAndLeavesNothing) {
  const absl::Status status = Load(GetParam().yaml);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const std::string message(status.message());
  EXPECT_THAT(message, HasSubstr(GetParam().path));
  EXPECT_THAT(message, HasSubstr("(line " + GetParam().line + ")"));
  EXPECT_EQ(Loaded(), "");
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadYamlTest,
    testing::Values(
        Bad{"not_yaml", "name: [", "not YAML", "1"},
        Bad{"tab", "name: x\n\tbig: 1", "not YAML", "2"},
        Bad{"unknown_field", "name: x\nnmae: y", "nmae: unknown field", "2"},
        Bad{"unknown_nested", "account:\n  name: x\n  key: y", "account.key: unknown field", "3"},
        Bad{"unknown_in_list", "accounts:\n  - name: x\n  - nam: y",
            "accounts[1].nam: unknown field", "3"},
        Bad{"unknown_in_map", "by_number:\n  7:\n    nam: y", "by_number[7].nam", "3"},
        Bad{"camel_case", "timeoutMs: 5", "timeoutMs: unknown field", "1"},
        Bad{"duplicate", "name: x\nbig: 1\nname: y", "name: duplicate key", "3"},
        Bad{"duplicate_map_key", "labels:\n  a: 1\n  a: 2", "labels[a]: duplicate key", "3"},
        Bad{"top_is_list", "- name: x", "expected a mapping", "1"},
        Bad{"top_is_text", "hello", "expected a mapping", "1"},
        Bad{"text_is_list", "name: [a]", "name: expected text, got a sequence", "1"},
        Bad{"text_is_nothing", "name:", "name: expected text, got nothing", "1"},
        Bad{"message_is_text", "account: x", "account: expected a mapping", "1"},
        Bad{"list_is_text", "symbols: BTC", "symbols: expected a sequence", "1"},
        Bad{"map_is_list", "labels: [a]", "labels: expected a mapping", "1"},
        Bad{"integer_is_text", "timeout_ms: soon", "timeout_ms: expected an integer", "1"},
        Bad{"integer_is_quoted", "timeout_ms: \"5\"", "timeout_ms: expected an integer", "1"},
        Bad{"integer_with_unit", "timeout_ms: 5s", "timeout_ms: expected an integer", "1"},
        Bad{"integer_is_decimal", "timeout_ms: 1.5", "timeout_ms: expected an integer", "1"},
        Bad{"integer_is_hex", "timeout_ms: 0x10", "timeout_ms: expected an integer", "1"},
        Bad{"uint32_over", "timeout_ms: 4294967296", "timeout_ms: 4294967296 is out of range", "1"},
        Bad{"uint32_negative", "timeout_ms: -1", "timeout_ms: -1 is out of range", "1"},
        Bad{"int32_under", "small: -2147483649", "small: -2147483649 is out of range", "1"},
        Bad{"int64_over", "big: 9223372036854775808", "is out of range", "1"},
        Bad{"uint64_over", "large: 18446744073709551616", "is out of range", "1"},
        Bad{"integer_in_list", "depths: [1, x]", "depths[1]: expected an integer", "1"},
        Bad{"bool_is_yes", "on: yes", "on: expected true or false", "1"},
        Bad{"bool_is_quoted", "on: \"true\"", "on: expected true or false", "1"},
        Bad{"enum_unknown", "level: loud", "level: \"loud\" is none of INFO, VERY_LOUD", "1"},
        Bad{"enum_number", "level: 1", "level: \"1\" is none of", "1"},
        Bad{"enum_unspecified", "level: unspecified", "is none of", "1"},
        Bad{"enum_full_name", "level: LEVEL_INFO", "is none of", "1"},
        Bad{"both_of_oneof", "host: x\npath: y", "path: only one of transport", "2"},
        Bad{"double", "ratio: 0.5", "ratio: a field of type double", "1"},
        Bad{"bytes", "raw: abc", "raw: a field of type bytes", "1"},
        Bad{"map_key_type", "by_number: {x: {}}", "by_number[x]: expected an integer", "1"},
        Bad{"complex_key", "? [a]\n: b", "a key must be a name", "1"},
        Bad{"endless_alias", "child: &a\n  child: *a", "nested too deeply", "1"}),
    [](const auto& info) { return info.param.name; });

TEST_F(YamlTest, SecondDocumentIsRefused) {
  EXPECT_EQ(Load("name: x\n---\nname: y\n").code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(YamlTest, ErrorCarriesTheFieldAsMetadata) {
  const absl::Status status = Load("account: {key: 1}");
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(MetadataOf(status)["field"], "account.key");
}

TEST_F(YamlTest, EmptyTextIsAnEmptyMessage) {
  for (const char* text : {"", "# nothing", "---", "{}"}) {
    EXPECT_TRUE(Load(text).ok()) << text;
    EXPECT_EQ(Loaded(), "") << text;
  }
}

TEST_F(YamlTest, FillsEveryKindOfField) {
  const absl::Status status = Load(R"(
name: 0.10
timeout_ms: 4294967295
big: -9223372036854775808
small: -5
large: 18446744073709551615
on: true
level: very_loud
symbols: [BTC-USDT, "ETH-USDT"]
accounts:
  - name: first
  - name: second
labels: {a: 1, b: two}
by_number: {7: {name: seven}}
account:
path: /run/x
maybe: false
depths:
)");
  ASSERT_TRUE(status.ok()) << status;
  std::unique_ptr<Message> want(message_->New());
  ASSERT_TRUE(TextFormat::ParseFromString(
      R"(name: "0.10" timeout_ms: 4294967295 big: -9223372036854775808 small: -5
         large: 18446744073709551615 on: true level: LEVEL_VERY_LOUD
         symbols: "BTC-USDT" symbols: "ETH-USDT" accounts { name: "first" }
         accounts { name: "second" } labels { key: "a" value: "1" }
         labels { key: "b" value: "two" } by_number { key: 7 value { name: "seven" } }
         account {} path: "/run/x" maybe: false)",
      want.get()));
  EXPECT_EQ(Loaded(), want->ShortDebugString());
}

TEST_F(YamlTest, EnumsAreReadInAnyCase) {
  for (const char* text : {"level: INFO", "level: info", "level: Info"}) {
    ASSERT_TRUE(Load(text).ok()) << text;
    EXPECT_EQ(Loaded(), "level: LEVEL_INFO");
  }
}

TEST_F(YamlTest, AnchorsShareValues) {
  ASSERT_TRUE(Load("accounts:\n  - &a {name: x}\n  - *a\n").ok());
  EXPECT_EQ(Loaded(), R"(accounts { name: "x" } accounts { name: "x" })");
}

TEST_F(YamlTest, LoadingReplacesTheMessage) {
  ASSERT_TRUE(Load("name: x").ok());
  ASSERT_TRUE(Load("big: 1").ok());
  EXPECT_EQ(Loaded(), "big: 1");
}

class SecretFieldTest : public YamlTest {
 protected:
  SecretFieldTest() {
    char path[] = "/tmp/switchyard_secret_XXXXXX";
    close(mkstemp(path));
    path_ = path;
    setenv("SWITCHYARD_TEST_SECRET", "from-environment", 1);
    unsetenv("SWITCHYARD_TEST_UNSET");
  }
  ~SecretFieldTest() override {
    unlink(path_.c_str());
    unsetenv("SWITCHYARD_TEST_SECRET");
  }
  void Write(std::string_view content) { std::ofstream(path_) << content; }

  std::string path_;
};

TEST_F(SecretFieldTest, ReferenceElsewhereIsRefused) {
  for (const char* yaml : {"name: ${SWITCHYARD_TEST_SECRET}", "name: file:/etc/passwd",
                           "token_file: ${HOME}", "labels: {a: \"${HOME}\"}"}) {
    EXPECT_THAT(std::string(Load(yaml).message()), HasSubstr("secret fields only")) << yaml;
  }
}

TEST_F(SecretFieldTest, UnsetVariableIsNamed) {
  const absl::Status status = Load("account:\n  api_key: ${SWITCHYARD_TEST_UNSET}");
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("account.api_key: environment variable SWITCHYARD_TEST_UNSET"));
}

TEST_F(SecretFieldTest, MissingFileIsNamed) {
  EXPECT_THAT(std::string(Load("account: {secret: \"file:/nonexistent/key\"}").message()),
              HasSubstr("account.secret: cannot read secret file /nonexistent/key"));
}

TEST_F(SecretFieldTest, ARelativeFileIsNotTakenForTheSecret) {
  for (const char* const text : {"file:run/key", "file:", "file:./key"}) {
    const absl::Status status = Load("account: {secret: \"" + std::string(text) + "\"}");
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr("account.secret: a secret file is given"));
  }
}

TEST_F(SecretFieldTest, EmptyAndHugeFilesAreRefused) {
  const std::string yaml = "account: {secret: \"file:" + path_ + "\"}";
  Write("\n");
  EXPECT_THAT(std::string(Load(yaml).message()), HasSubstr("is empty"));
  Write(std::string(100'000, 'x'));
  EXPECT_THAT(std::string(Load(yaml).message()), HasSubstr("larger than"));
}

TEST_F(SecretFieldTest, LaterErrorsDoNotShowIt) {
  Write("hunter2");
  const absl::Status status = Load("account: {secret: \"file:" + path_ + "\"}\nname: [x]");
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hunter2")));
}

TEST_F(SecretFieldTest, OneThatIsWrittenOutIsRefusedAndNotShown) {
  for (const char* const yaml :
       {"account: {secret: hunter2}", "token: [hunter2]", "user_password: {alice: hunter2}"}) {
    const absl::Status status = Load(yaml);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << yaml;
    EXPECT_THAT(std::string(status.message()), HasSubstr("by reference")) << yaml;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hunter2")));
  }
}

TEST_F(SecretFieldTest, AnIdentifierMayBeWrittenOut) {
  ASSERT_TRUE(Load("account: {api_key: hunter2}").ok());
  EXPECT_EQ(Loaded(), R"(account { api_key: "hunter2" })");
}

TEST_F(SecretFieldTest, AVariablesLastNewlineIsNoPartOfIt) {
  setenv("SWITCHYARD_TEST_SECRET", "line 1\nline 2\r\n", 1);
  ASSERT_TRUE(Load("account: {secret: \"${SWITCHYARD_TEST_SECRET}\"}").ok());
  EXPECT_EQ(Loaded(), R"(account { secret: "line 1\nline 2" })");
  setenv("SWITCHYARD_TEST_SECRET", "\n", 1);
  EXPECT_THAT(std::string(Load("account: {secret: \"${SWITCHYARD_TEST_SECRET}\"}").message()),
              HasSubstr("not set or empty"));
}

TEST_F(SecretFieldTest, ReferencesAreResolved) {
  Write("from-file\n");
  const absl::Status status =
      Load("account: {api_key: \"${SWITCHYARD_TEST_SECRET}\", secret: \"file:" + path_ +
           "\"}\ntoken: [\"file:" + path_ +
           "\", \"${SWITCHYARD_TEST_SECRET}\"]\n"
           "user_password: {alice: \"${SWITCHYARD_TEST_SECRET}\"}");
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(Loaded(), R"(account { api_key: "from-environment" secret: "from-file" } )"
                      R"(token: "from-file" token: "from-environment" )"
                      R"(user_password { key: "alice" value: "from-environment" })");
}

TEST_F(SecretFieldTest, PrivateKeyKeepsItsInnerNewlines) {
  Write("line 1\nline 2\n");
  ASSERT_TRUE(Load("account: {secret: \"file:" + path_ + "\"}").ok());
  EXPECT_EQ(Loaded(), R"(account { secret: "line 1\nline 2" })");
}

TEST_F(SecretFieldTest, RedactedTextShowsStars) {
  setenv("SWITCHYARD_TEST_SECRET", "hunter2", 1);
  const std::string secret = "\"${SWITCHYARD_TEST_SECRET}\"";
  ASSERT_TRUE(Load("name: visible\naccount: {name: me, api_key: hunter2, secret: " + secret +
                   "}\ntoken: [" + secret + "]\nuser_password: {alice: " + secret +
                   "}\nby_number: {1: {secret: " + secret + "}}")
                  .ok());
  const std::string text = RedactedText(*message_);
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
  EXPECT_THAT(text, HasSubstr("name: \"visible\""));
  EXPECT_THAT(text, HasSubstr("api_key: ***"));
  EXPECT_THAT(text, HasSubstr("token: ***"));
  EXPECT_THAT(text, HasSubstr("alice"));
}

TEST_F(YamlTest, FileErrorsNameTheFile) {
  EXPECT_EQ(LoadYamlFile("/nonexistent/a.yaml", message_.get()).code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(LoadYamlFile("/tmp", message_.get()).code(), absl::StatusCode::kUnavailable);
}

TEST_F(YamlTest, FileIsLoadedAndNamedInErrors) {
  char path[] = "/tmp/switchyard_yaml_XXXXXX";
  close(mkstemp(path));
  std::ofstream(path) << "name: x\n";
  EXPECT_TRUE(LoadYamlFile(path, message_.get()).ok());
  EXPECT_EQ(Loaded(), R"(name: "x")");
  std::ofstream(path) << "nmae: x\n";
  const absl::Status status = LoadYamlFile(path, message_.get());
  EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(path) + ": nmae"));
  EXPECT_EQ(MetadataOf(status)["field"], "nmae");
  std::ofstream(path, std::ios::trunc).close();
  EXPECT_TRUE(LoadYamlFile(path, message_.get()).ok());
  unlink(path);
}

}  // namespace
}  // namespace switchyard::config
