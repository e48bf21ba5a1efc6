#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/json/json.h"

// What the decoders of REST answers share. Pure; any thread.
namespace switchyard::exchanges::lighter {

// `cause` as an error about the answer to `what`: Internal, MALFORMED_EXCHANGE_MESSAGE.
absl::Status Unreadable(std::string_view what, const absl::Status& cause);

// An answer, which is an object. Errors: Unreadable; FromCode, where it has a code other than 200.
absl::StatusOr<json::Json> ParseAnswer(std::string_view what, const std::string& body);

// The text of a number or string; "" where the field is missing, null or something else.
std::string TextOf(const json::Json& object, const char* field);

// A page of at most `most` of what is wanted: 0 = 100.
std::uint32_t PageSize(std::uint32_t asked, std::uint32_t most);

}  // namespace switchyard::exchanges::lighter
