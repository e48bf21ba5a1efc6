#include "common/config/yaml.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "common/config/secret_field.h"
#include "common/status/status.h"

namespace switchyard::config {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::TextFormat;

// Configuration messages are not recursive; a YAML alias can be.
constexpr int kMaxDepth = 32;
constexpr std::string_view kUnspecified = "UNSPECIFIED";
constexpr std::array<std::string_view, 5> kSecretNames = {"password", "passphrase", "token",
                                                          "private_key", "secret"};
// Secret fields that may be written out.
constexpr std::array<std::string_view, 2> kIdentifierNames = {"api_key", "sha256"};

enum class Secrecy {
  kNone,
  kIdentifier,  // a reference, or written out
  kSecret,      // a reference
};

Secrecy SecrecyOf(const FieldDescriptor& field) {
  const FieldDescriptor& value = field.is_map() ? *field.message_type()->map_value() : field;
  if (value.type() != FieldDescriptor::TYPE_STRING) return Secrecy::kNone;
  const auto is_named = [&field](std::string_view name) {
    return field.name() == name || field.name().ends_with("_" + std::string(name));
  };
  if (std::any_of(kSecretNames.begin(), kSecretNames.end(), is_named)) return Secrecy::kSecret;
  return std::any_of(kIdentifierNames.begin(), kIdentifierNames.end(), is_named)
             ? Secrecy::kIdentifier
             : Secrecy::kNone;
}

absl::Status ErrorAt(const YAML::Node& node, std::string_view path, std::string_view why) {
  // A node that is not in the text (an empty document) has no mark.
  const int line = std::max(0, node.Mark().line) + 1;
  return InvalidField(path, fmt::format("{} (line {})", why, line));
}

std::string Join(std::string_view path, std::string_view name) {
  return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return upper;
}

std::string_view KindName(const YAML::Node& node) {
  if (node.IsMap()) return "a mapping";
  if (node.IsSequence()) return "a sequence";
  return node.IsScalar() ? "a scalar" : "nothing";
}

// yaml-cpp tags quoted scalars "!"; a quoted number is text.
bool IsQuoted(const YAML::Node& node) { return node.Tag() == "!"; }

// Where a scalar goes: a singular field, the next element of a repeated one, or a map key or value
// (both are singular fields of the map's entry).
class ScalarSetter {
 public:
  ScalarSetter(Message& message, const FieldDescriptor& field, Secrecy secrecy)
      : message_(message),
        reflection_(*message.GetReflection()),
        field_(field),
        secrecy_(secrecy) {}

  absl::Status Set(const YAML::Node& node, const std::string& path) {
    if (!node.IsScalar()) {
      return ErrorAt(node, path, fmt::format("expected {}, got {}", TypeName(), KindName(node)));
    }
    switch (field_.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        return SetString(node, path);
      case FieldDescriptor::CPPTYPE_BOOL:
        return SetBool(node, path);
      case FieldDescriptor::CPPTYPE_ENUM:
        return SetEnum(node, path);
      case FieldDescriptor::CPPTYPE_INT32:
        return SetInteger<std::int32_t>(node, path, &Reflection::SetInt32, &Reflection::AddInt32);
      case FieldDescriptor::CPPTYPE_INT64:
        return SetInteger<std::int64_t>(node, path, &Reflection::SetInt64, &Reflection::AddInt64);
      case FieldDescriptor::CPPTYPE_UINT32:
        return SetInteger<std::uint32_t>(node, path, &Reflection::SetUInt32,
                                         &Reflection::AddUInt32);
      case FieldDescriptor::CPPTYPE_UINT64:
        return SetInteger<std::uint64_t>(node, path, &Reflection::SetUInt64,
                                         &Reflection::AddUInt64);
      default:
        return ErrorAt(node, path,
                       fmt::format("a field of type {} cannot be configured", field_.type_name()));
    }
  }

 private:
  std::string_view TypeName() const {
    switch (field_.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        return "text";
      case FieldDescriptor::CPPTYPE_BOOL:
        return "true or false";
      case FieldDescriptor::CPPTYPE_ENUM:
        return "a name";
      default:
        return "an integer";
    }
  }

  template <typename T, typename SetMethod, typename AddMethod>
  void Store(T value, SetMethod set, AddMethod add) {
    if (field_.is_repeated()) {
      (reflection_.*add)(&message_, &field_, std::move(value));
    } else {
      (reflection_.*set)(&message_, &field_, std::move(value));
    }
  }

  absl::Status SetString(const YAML::Node& node, const std::string& path) {
    if (field_.type() != FieldDescriptor::TYPE_STRING) {
      return ErrorAt(node, path, "a field of type bytes cannot be configured");
    }
    std::string text = node.Scalar();
    const bool is_reference = LooksLikeReference(text);
    if (secrecy_ == Secrecy::kNone && is_reference) {
      return ErrorAt(node, path, "references are for secret fields only");
    }
    if (secrecy_ == Secrecy::kSecret || (secrecy_ == Secrecy::kIdentifier && is_reference)) {
      absl::StatusOr<std::string> resolved = ResolveReference(text);
      if (!resolved.ok()) return ErrorAt(node, path, std::string(resolved.status().message()));
      text = *std::move(resolved);
    }
    Store(std::move(text), &Reflection::SetString, &Reflection::AddString);
    return absl::OkStatus();
  }

  absl::Status SetBool(const YAML::Node& node, const std::string& path) {
    const std::string& text = node.Scalar();
    if (IsQuoted(node) || (text != "true" && text != "false")) {
      return ErrorAt(node, path, fmt::format("expected true or false, got \"{}\"", text));
    }
    Store(text == "true", &Reflection::SetBool, &Reflection::AddBool);
    return absl::OkStatus();
  }

  template <typename T, typename SetMethod, typename AddMethod>
  absl::Status SetInteger(const YAML::Node& node, const std::string& path, SetMethod set,
                          AddMethod add) {
    const std::string& text = node.Scalar();
    const char* const end = text.data() + text.size();
    T value = 0;
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    // from_chars stops at the minus of an unsigned type.
    const bool negative = std::is_unsigned_v<T> && text.starts_with('-');
    if (error == std::errc::result_out_of_range || negative) {
      return ErrorAt(node, path,
                     fmt::format("{} is out of range [{}, {}]", text, std::numeric_limits<T>::min(),
                                 std::numeric_limits<T>::max()));
    }
    if (IsQuoted(node) || error != std::errc() || stop != end) {
      return ErrorAt(node, path, fmt::format("expected an integer, got \"{}\"", text));
    }
    Store(value, set, add);
    return absl::OkStatus();
  }

  absl::Status SetEnum(const YAML::Node& node, const std::string& path) {
    const EnumDescriptor& type = *field_.enum_type();
    // The house's enums begin with <PREFIX>_UNSPECIFIED = 0; the prefix is left out in YAML.
    const std::string& first = type.value(0)->name();
    const bool has_prefix = first.ends_with(kUnspecified);
    const std::string prefix =
        has_prefix ? first.substr(0, first.size() - kUnspecified.size()) : "";
    const std::string wanted = prefix + Upper(node.Scalar());
    std::vector<std::string> names;
    for (int i = has_prefix ? 1 : 0; i < type.value_count(); ++i) {
      const EnumValueDescriptor* const value = type.value(i);
      if (value->name() == wanted) {
        Store(value, &Reflection::SetEnum, &Reflection::AddEnum);
        return absl::OkStatus();
      }
      names.push_back(value->name().substr(prefix.size()));
    }
    return ErrorAt(node, path,
                   fmt::format("\"{}\" is none of {}", node.Scalar(), fmt::join(names, ", ")));
  }

  Message& message_;
  const Reflection& reflection_;
  const FieldDescriptor& field_;
  const Secrecy secrecy_;
};

absl::Status FillMessage(const YAML::Node& node, const std::string& path, int depth,
                         Message& message);

absl::Status FillMap(const YAML::Node& node, const FieldDescriptor& field, const std::string& path,
                     int depth, Message& message) {
  if (!node.IsMap()) {
    return ErrorAt(node, path, fmt::format("expected a mapping, got {}", KindName(node)));
  }
  const FieldDescriptor& key_field = *field.message_type()->map_key();
  const FieldDescriptor& value_field = *field.message_type()->map_value();
  std::set<std::string> seen;
  for (const auto& entry : node) {
    const std::string entry_path =
        fmt::format("{}[{}]", path, entry.first.IsScalar() ? entry.first.Scalar() : "?");
    Message& pair = *message.GetReflection()->AddMessage(&message, &field);
    SWITCHYARD_RETURN_IF_ERROR(
        ScalarSetter(pair, key_field, Secrecy::kNone).Set(entry.first, entry_path));
    if (!seen.insert(entry.first.Scalar()).second) {
      return ErrorAt(entry.first, entry_path, "duplicate key");
    }
    if (value_field.message_type() != nullptr) {
      Message& value = *pair.GetReflection()->MutableMessage(&pair, &value_field);
      SWITCHYARD_RETURN_IF_ERROR(FillMessage(entry.second, entry_path, depth + 1, value));
    } else {
      SWITCHYARD_RETURN_IF_ERROR(
          ScalarSetter(pair, value_field, SecrecyOf(field)).Set(entry.second, entry_path));
    }
  }
  return absl::OkStatus();
}

absl::Status FillRepeated(const YAML::Node& node, const FieldDescriptor& field,
                          const std::string& path, int depth, Message& message) {
  if (!node.IsSequence()) {
    return ErrorAt(node, path, fmt::format("expected a sequence, got {}", KindName(node)));
  }
  for (std::size_t i = 0; i < node.size(); ++i) {
    const std::string element_path = fmt::format("{}[{}]", path, i);
    if (field.message_type() != nullptr) {
      Message& element = *message.GetReflection()->AddMessage(&message, &field);
      SWITCHYARD_RETURN_IF_ERROR(FillMessage(node[i], element_path, depth + 1, element));
    } else {
      SWITCHYARD_RETURN_IF_ERROR(
          ScalarSetter(message, field, SecrecyOf(field)).Set(node[i], element_path));
    }
  }
  return absl::OkStatus();
}

absl::Status FillField(const YAML::Node& node, const FieldDescriptor& field,
                       const std::string& path, int depth, Message& message) {
  const auto* const group = field.real_containing_oneof();
  if (group != nullptr && message.GetReflection()->HasOneof(message, group)) {
    return ErrorAt(node, path, fmt::format("only one of {} can be given", group->name()));
  }
  const bool is_container = field.is_repeated() || field.message_type() != nullptr;
  // `limits:` with nothing behind it is an empty list, map or message.
  if (field.is_repeated() && node.IsNull()) return absl::OkStatus();
  if (field.is_map()) return FillMap(node, field, path, depth, message);
  if (field.is_repeated()) return FillRepeated(node, field, path, depth, message);
  if (is_container) {
    Message& nested = *message.GetReflection()->MutableMessage(&message, &field);
    return FillMessage(node, path, depth + 1, nested);
  }
  return ScalarSetter(message, field, SecrecyOf(field)).Set(node, path);
}

absl::Status FillMessage(const YAML::Node& node, const std::string& path, int depth,
                         Message& message) {
  if (depth > kMaxDepth) return ErrorAt(node, path, "nested too deeply");
  if (node.IsNull()) return absl::OkStatus();
  if (!node.IsMap()) {
    return ErrorAt(node, path, fmt::format("expected a mapping, got {}", KindName(node)));
  }
  std::set<std::string> seen;
  for (const auto& entry : node) {
    if (!entry.first.IsScalar()) return ErrorAt(entry.first, path, "a key must be a name");
    const std::string& name = entry.first.Scalar();
    const std::string field_path = Join(path, name);
    const FieldDescriptor* const field = message.GetDescriptor()->FindFieldByName(name);
    if (field == nullptr) return ErrorAt(entry.first, field_path, "unknown field");
    if (!seen.insert(name).second) return ErrorAt(entry.first, field_path, "duplicate key");
    SWITCHYARD_RETURN_IF_ERROR(FillField(entry.second, *field, field_path, depth, message));
  }
  return absl::OkStatus();
}

absl::Status ParseInto(std::string_view text, Message& message) {
  // yaml-cpp reports by exception: malformed text, and a second document, which Load ignores.
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.empty()) return absl::OkStatus();
    if (documents.size() > 1) return absl::InvalidArgumentError("more than one YAML document");
    return FillMessage(documents.front(), "", 0, message);
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(
        fmt::format("not YAML: {} (line {})", error.msg, std::max(0, error.mark.line) + 1));
  }
}

class StarsPrinter final : public TextFormat::FastFieldValuePrinter {
 public:
  void PrintString(const std::string&, TextFormat::BaseTextGenerator* generator) const override {
    generator->PrintLiteral("***");
  }
};

void RegisterStars(const Descriptor& type, std::set<const Descriptor*>& seen,
                   TextFormat::Printer& printer) {
  if (!seen.insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (IsSecretField(field)) {
      const FieldDescriptor& shown = field.is_map() ? *field.message_type()->map_value() : field;
      printer.RegisterFieldValuePrinter(&shown, new StarsPrinter);  // the printer owns it
    } else if (field.message_type() != nullptr) {
      RegisterStars(*field.message_type(), seen, printer);
    }
  }
}

}  // namespace

bool IsSecretField(const FieldDescriptor& field) { return SecrecyOf(field) != Secrecy::kNone; }

absl::Status LoadYaml(std::string_view text, Message* message) {
  message->Clear();
  absl::Status status = ParseInto(text, *message);
  if (!status.ok()) message->Clear();
  return status;
}

absl::Status LoadYamlFile(const std::string& path, Message* message) {
  message->Clear();
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return absl::UnavailableError(
        fmt::format("cannot read configuration {}: it is a folder", path));
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file.is_open() || file.bad() || content.bad()) {
    const bool is_missing = errno == ENOENT;
    const std::string why =
        fmt::format("cannot read configuration {}: {}", path, std::strerror(errno));
    return is_missing ? absl::NotFoundError(why) : absl::UnavailableError(why);
  }
  const absl::Status status = LoadYaml(content.str(), message);
  if (status.ok()) return status;
  absl::Status named(status.code(),
                     fmt::format("configuration {}: {}", path, std::string(status.message())));
  status.ForEachPayload([&named](absl::string_view url, const absl::Cord& payload) {
    named.SetPayload(url, absl::Cord(std::string(payload)));
  });
  return named;
}

std::string RedactedText(const Message& message) {
  TextFormat::Printer printer;
  std::set<const Descriptor*> seen;
  RegisterStars(*message.GetDescriptor(), seen, printer);
  std::string text;
  printer.PrintToString(message, &text);
  return text;
}

}  // namespace switchyard::config
