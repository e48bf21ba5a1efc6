#include "common/json/json.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <utility>
#include <vector>

#include "common/status/status.h"

namespace switchyard::json {
namespace {

// Longest part of a bad value that an error shows.
constexpr std::size_t kShownBytes = 32;

absl::Status Malformed(std::string_view message) {
  return MakeError(absl::StatusCode::kInternal, common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE,
                   message);
}

absl::Status Missing(std::string_view path) {
  return Malformed(fmt::format("field \"{}\" is missing", path));
}

absl::Status WrongType(std::string_view path, std::string_view wanted, const Json& found) {
  return Malformed(
      fmt::format("field \"{}\": expected {}, got {}", path, wanted, found.type_name()));
}

absl::Status WrongValue(std::string_view path, std::string_view wanted, std::string_view found) {
  return Malformed(fmt::format("field \"{}\": expected {}, got \"{}\"{}", path, wanted,
                               found.substr(0, kShownBytes),
                               found.size() > kShownBytes ? "..." : ""));
}

// Builds the tree and replaces every number that int64 and uint64 do not hold by its text.
class ExactBuilder final : public nlohmann::json_sax<Json> {
 public:
  ExactBuilder(const ParseLimits& limits, Json& root) : limits_(limits), root_(root) {}

  bool null() override { return Add(nullptr); }
  bool boolean(bool value) override { return Add(value); }
  bool number_integer(number_integer_t value) override { return Add(value); }
  bool number_unsigned(number_unsigned_t value) override { return Add(value); }
  bool number_float(number_float_t, const string_t& raw) override { return Add(raw); }
  bool string(string_t& value) override { return Add(std::move(value)); }
  bool binary(binary_t&) override { return false; }  // JSON text has none
  bool start_object(std::size_t) override { return Open(Json::object()); }
  bool start_array(std::size_t) override { return Open(Json::array()); }
  bool key(string_t& value) override {
    key_ = std::move(value);
    return true;
  }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    // The library's own text quotes the input, which may hold a secret.
    error_ = fmt::format("not JSON: syntax error at byte {}", position);
    return false;
  }

  const std::string& error() const { return error_; }

 private:
  Json* Place(Json&& value) {
    if (open_.empty()) return &(root_ = std::move(value));
    Json& parent = *open_.back();
    if (parent.is_array()) return &parent.emplace_back(std::move(value));
    return &(parent[std::move(key_)] = std::move(value));
  }
  bool Add(Json&& value) {
    Place(std::move(value));
    return true;
  }
  bool Open(Json&& container) {
    if (open_.size() >= static_cast<std::size_t>(limits_.max_depth)) {
      error_ = fmt::format("JSON nested deeper than {} levels", limits_.max_depth);
      return false;
    }
    open_.push_back(Place(std::move(container)));
    return true;
  }
  bool Close() {
    open_.pop_back();
    return true;
  }

  const ParseLimits& limits_;
  Json& root_;
  // Pointers stay valid: a container grows only while it is the innermost one.
  std::vector<Json*> open_;
  std::string key_;
  std::string error_;
};

const Json* Element(const Json& array, std::string_view index_text) {
  std::size_t index = 0;
  const char* const end = index_text.data() + index_text.size();
  const auto [stop, error] = std::from_chars(index_text.data(), end, index);
  if (error != std::errc() || stop != end || index >= array.size()) return nullptr;
  return &array[index];
}

const Json* Member(const Json& object, std::string_view key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

absl::StatusOr<const Json*> Require(const Json& json, std::string_view path) {
  const Json* const field = Find(json, path);
  if (field == nullptr) return Missing(path);
  return field;
}

absl::StatusOr<std::int64_t> ToInt64(const Json& field, std::string_view path) {
  if (field.is_number_unsigned()) {
    const auto value = field.get<std::uint64_t>();
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return WrongValue(path, "an integer of 64 bits", fmt::to_string(value));
    }
    return static_cast<std::int64_t>(value);
  }
  if (field.is_number_integer()) return field.get<std::int64_t>();
  if (!field.is_string()) return WrongType(path, "an integer", field);
  const auto& text = field.get_ref<const std::string&>();
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return WrongValue(path, "an integer", text);
  return value;
}

absl::StatusOr<std::string> ToText(const Json& field, std::string_view path) {
  if (field.is_string()) return field.get_ref<const std::string&>();
  if (field.is_number_unsigned()) return fmt::to_string(field.get<std::uint64_t>());
  if (field.is_number_integer()) return fmt::to_string(field.get<std::int64_t>());
  return WrongType(path, "a string or a number", field);
}

absl::StatusOr<Decimal> ToDecimal(const Json& field, std::string_view path) {
  absl::StatusOr<std::string> text = ToText(field, path);
  if (!text.ok()) return WrongType(path, "a decimal", field);
  absl::StatusOr<Decimal> value = Decimal::ParseLenient(*text);
  if (!value.ok()) return WrongValue(path, "a decimal", *text);
  return value;
}

absl::StatusOr<std::string> ToString(const Json& field, std::string_view path) {
  if (!field.is_string()) return WrongType(path, "a string", field);
  return field.get_ref<const std::string&>();
}

absl::StatusOr<bool> ToBool(const Json& field, std::string_view path) {
  if (!field.is_boolean()) return WrongType(path, "a boolean", field);
  return field.get<bool>();
}

absl::StatusOr<const Json*> ToArray(const Json& field, std::string_view path) {
  if (!field.is_array()) return WrongType(path, "an array", field);
  return &field;
}

absl::StatusOr<const Json*> ToObject(const Json& field, std::string_view path) {
  if (!field.is_object()) return WrongType(path, "an object", field);
  return &field;
}

enum class EmptyString { kIsValue, kIsMissing };

// Null where the field counts as missing.
const Json* FindGiven(const Json& json, std::string_view path, EmptyString empty) {
  const Json* const field = Find(json, path);
  if (field == nullptr || field->is_null()) return nullptr;
  const bool is_empty = field->is_string() && field->get_ref<const std::string&>().empty();
  return is_empty && empty == EmptyString::kIsMissing ? nullptr : field;
}

template <typename T>
absl::StatusOr<std::optional<T>> ConvertGiven(const Json* field, std::string_view path,
                                              absl::StatusOr<T> (*convert)(const Json&,
                                                                           std::string_view)) {
  if (field == nullptr) return std::optional<T>();
  absl::StatusOr<T> value = convert(*field, path);
  if (!value.ok()) return std::move(value).status();
  return std::optional<T>(*std::move(value));
}

}  // namespace

absl::StatusOr<Json> Parse(std::string_view text, const ParseLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return Malformed(
        fmt::format("JSON of {} bytes is larger than {}", text.size(), limits.max_bytes));
  }
  Json root;
  ExactBuilder builder(limits, root);
  if (!Json::sax_parse(text, &builder)) return Malformed(builder.error());
  return root;
}

const Json* Find(const Json& json, std::string_view path) {
  const Json* node = &json;
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    const std::string_view head = path.substr(0, dot);
    if (node->is_object()) {
      if (const Json* whole = Member(*node, path)) return whole;
      node = Member(*node, head);
    } else {
      node = node->is_array() ? Element(*node, head) : nullptr;
    }
    if (node == nullptr || dot == std::string_view::npos) return node;
    path.remove_prefix(dot + 1);
  }
  return node;
}

absl::StatusOr<std::string> RequireString(const Json& json, std::string_view path) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json* field, Require(json, path));
  return ToString(*field, path);
}

absl::StatusOr<bool> RequireBool(const Json& json, std::string_view path) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json* field, Require(json, path));
  return ToBool(*field, path);
}

absl::StatusOr<std::int64_t> RequireInt64(const Json& json, std::string_view path) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json* field, Require(json, path));
  return ToInt64(*field, path);
}

absl::StatusOr<Decimal> RequireDecimal(const Json& json, std::string_view path) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json* field, Require(json, path));
  return ToDecimal(*field, path);
}

absl::StatusOr<std::string> RequireText(const Json& json, std::string_view path) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json* field, Require(json, path));
  return ToText(*field, path);
}

absl::StatusOr<const Json*> RequireArray(const Json& json, std::string_view path) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json* field, Require(json, path));
  return ToArray(*field, path);
}

absl::StatusOr<const Json*> RequireObject(const Json& json, std::string_view path) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json* field, Require(json, path));
  return ToObject(*field, path);
}

absl::StatusOr<std::optional<std::string>> OptionalString(const Json& json, std::string_view path) {
  return ConvertGiven(FindGiven(json, path, EmptyString::kIsValue), path, ToString);
}

absl::StatusOr<std::optional<bool>> OptionalBool(const Json& json, std::string_view path) {
  return ConvertGiven(FindGiven(json, path, EmptyString::kIsValue), path, ToBool);
}

absl::StatusOr<std::optional<std::int64_t>> OptionalInt64(const Json& json, std::string_view path) {
  return ConvertGiven(FindGiven(json, path, EmptyString::kIsMissing), path, ToInt64);
}

absl::StatusOr<std::optional<Decimal>> OptionalDecimal(const Json& json, std::string_view path) {
  return ConvertGiven(FindGiven(json, path, EmptyString::kIsMissing), path, ToDecimal);
}

absl::StatusOr<std::optional<std::string>> OptionalText(const Json& json, std::string_view path) {
  return ConvertGiven(FindGiven(json, path, EmptyString::kIsMissing), path, ToText);
}

absl::StatusOr<const Json*> OptionalArray(const Json& json, std::string_view path) {
  const Json* const field = FindGiven(json, path, EmptyString::kIsValue);
  if (field == nullptr) return nullptr;
  return ToArray(*field, path);
}

absl::StatusOr<const Json*> OptionalObject(const Json& json, std::string_view path) {
  const Json* const field = FindGiven(json, path, EmptyString::kIsValue);
  if (field == nullptr) return nullptr;
  return ToObject(*field, path);
}

std::string Serialise(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace switchyard::json
