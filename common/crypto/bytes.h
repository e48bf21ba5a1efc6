#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// Bytes as text and back, and care with secret ones. Pure; any thread.
namespace switchyard::crypto {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

// The bytes of a text, without copying.
inline ByteView AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Lower case, no prefix.
std::string ToHex(ByteView bytes);
// Either case, no prefix. Errors: InvalidArgument (never shows the text: it may be a key).
absl::StatusOr<Bytes> FromHex(std::string_view text);

// RFC 4648 section 4, with padding.
std::string ToBase64(ByteView bytes);
// RFC 4648 section 5, without padding.
std::string ToBase64Url(ByteView bytes);
// Strict: the right alphabet, right padding (url: padding optional), no spaces, unused bits zero.
// Errors: InvalidArgument (never shows the text).
absl::StatusOr<Bytes> FromBase64(std::string_view text);
absl::StatusOr<Bytes> FromBase64Url(std::string_view text);

// Takes the same time whatever the content; unequal lengths return at once.
bool ConstantTimeEquals(std::string_view left, std::string_view right);

// Overwrites in a way that the optimiser keeps.
void Wipe(void* data, std::size_t size);

}  // namespace switchyard::crypto
