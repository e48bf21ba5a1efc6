#include "common/crypto/bytes.h"

#include <openssl/crypto.h>

#include <algorithm>

namespace switchyard::crypto {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";
constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kBase64Url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

int Base64Value(char c, const char* alphabet) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == alphabet[62]) return 62;
  if (c == alphabet[63]) return 63;
  return -1;
}

std::string EncodeBase64(ByteView bytes, const char* alphabet, bool pad) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t start = 0; start < bytes.size(); start += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - start);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (i < count ? bytes[start + i] : 0);
    for (std::size_t i = 0; i < 4; ++i) {
      if (i <= count) {
        text.push_back(alphabet[group >> (18 - 6 * i) & 63]);
      } else if (pad) {
        text.push_back('=');
      }
    }
  }
  return text;
}

// `text` without its padding.
absl::StatusOr<Bytes> DecodeBase64(std::string_view text, const char* alphabet) {
  // One digit holds six bits: less than a byte.
  if (text.size() % 4 == 1) return absl::InvalidArgumentError("base64: wrong length");
  Bytes bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const char c : text) {
    const int value = Base64Value(c, alphabet);
    if (value < 0) return absl::InvalidArgumentError("base64: character outside the alphabet");
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      bytes.push_back(static_cast<std::uint8_t>(bits >> bit_count));
    }
    bits &= (1u << bit_count) - 1;
  }
  if (bits != 0) return absl::InvalidArgumentError("base64: unused bits are not zero");
  return bytes;
}

std::string_view WithoutPadding(std::string_view text) {
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string ToHex(ByteView bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text.push_back(kHexDigits[byte >> 4]);
    text.push_back(kHexDigits[byte & 15]);
  }
  return text;
}

absl::StatusOr<Bytes> FromHex(std::string_view text) {
  if (text.size() % 2 != 0) return absl::InvalidArgumentError("hex: odd number of digits");
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = HexValue(text[i]);
    const int low = HexValue(text[i + 1]);
    if (high < 0 || low < 0) return absl::InvalidArgumentError("hex: not a hexadecimal digit");
    bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return bytes;
}

std::string ToBase64(ByteView bytes) { return EncodeBase64(bytes, kBase64, true); }

std::string ToBase64Url(ByteView bytes) { return EncodeBase64(bytes, kBase64Url, false); }

absl::StatusOr<Bytes> FromBase64(std::string_view text) {
  if (text.size() % 4 != 0) return absl::InvalidArgumentError("base64: wrong padding");
  return DecodeBase64(WithoutPadding(text), kBase64);
}

absl::StatusOr<Bytes> FromBase64Url(std::string_view text) {
  const std::string_view digits = WithoutPadding(text);
  if (digits.size() != text.size() && text.size() % 4 != 0) {
    return absl::InvalidArgumentError("base64: wrong padding");
  }
  return DecodeBase64(digits, kBase64Url);
}

bool ConstantTimeEquals(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

void Wipe(void* data, std::size_t size) { OPENSSL_cleanse(data, size); }

}  // namespace switchyard::crypto
