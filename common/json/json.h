#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"

// JSON for REST answers and other text off the hot path, with numbers kept exact: a number that is
// not an integer of 64 bits is stored as a string of its raw text, never as a double. Any thread;
// nothing throws.
//
// A `path` names a field of `json`: keys and array indices joined by dots ("data.0.price"). A key
// that contains dots itself is found when the whole rest of the path is that key. The empty path is
// `json` itself. Errors are Internal (a message that we cannot parse) and name the path.
namespace switchyard::json {

using Json = nlohmann::json;

struct ParseLimits {
  std::size_t max_bytes = 64u << 20;
  // Arrays and objects inside one another.
  int max_depth = 64;
};

// Errors: Internal (not JSON, or outside the limits), with the position.
absl::StatusOr<Json> Parse(std::string_view text, const ParseLimits& limits = {});

// Null where there is no such field. A field that holds JSON null is found.
const Json* Find(const Json& json, std::string_view path);

absl::StatusOr<std::string> RequireString(const Json& json, std::string_view path);
absl::StatusOr<bool> RequireBool(const Json& json, std::string_view path);
// An integer, or a string that is exactly one: exchanges write ids and times either way.
absl::StatusOr<std::int64_t> RequireInt64(const Json& json, std::string_view path);
// A number or a string that holds one, exactly. Exponents are accepted.
absl::StatusOr<Decimal> RequireDecimal(const Json& json, std::string_view path);
// A string, or a number as its raw text: for ids that are one or the other.
absl::StatusOr<std::string> RequireText(const Json& json, std::string_view path);
// Never null; lives as long as `json`.
absl::StatusOr<const Json*> RequireArray(const Json& json, std::string_view path);
absl::StatusOr<const Json*> RequireObject(const Json& json, std::string_view path);

// As above, but a missing field or null is nullopt; a wrong type is still an error.
absl::StatusOr<std::optional<std::string>> OptionalString(const Json& json, std::string_view path);
absl::StatusOr<std::optional<bool>> OptionalBool(const Json& json, std::string_view path);
// The empty string is nullopt too: many exchanges write it for "none".
absl::StatusOr<std::optional<std::int64_t>> OptionalInt64(const Json& json, std::string_view path);
absl::StatusOr<std::optional<Decimal>> OptionalDecimal(const Json& json, std::string_view path);
absl::StatusOr<std::optional<std::string>> OptionalText(const Json& json, std::string_view path);
// Null where missing.
absl::StatusOr<const Json*> OptionalArray(const Json& json, std::string_view path);
absl::StatusOr<const Json*> OptionalObject(const Json& json, std::string_view path);

// Compact text; bytes that are not UTF-8 are replaced. Numbers that Parse kept as text come out as
// strings.
std::string Serialise(const Json& json);

}  // namespace switchyard::json
