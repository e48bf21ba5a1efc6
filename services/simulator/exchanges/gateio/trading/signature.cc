#include "services/simulator/exchanges/gateio/trading/signature.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "fmt/format.h"

namespace switchyard::simulator::gateio {
namespace {

std::string Hex(const unsigned char* bytes, unsigned size) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * size);
  for (unsigned i = 0; i < size; ++i) {
    text.push_back(kDigits[bytes[i] >> 4]);
    text.push_back(kDigits[bytes[i] & 15]);
  }
  return text;
}

std::string HmacSha512Hex(std::string_view secret, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  HMAC(EVP_sha512(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return Hex(digest.data(), size);
}

std::string Sha512Hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha512(), nullptr);
  return Hex(digest.data(), size);
}

// Reads JSON only as far as finding members needs. The text is valid.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  // The value of a member of the object that begins at the position; empty = none.
  std::string_view Member(std::string_view name) {
    Space();
    if (Take() != '{') return {};
    for (Space(); Peek() != '}'; Space()) {
      if (Peek() == ',') {
        ++at_;
        Space();
      }
      const std::string_view key = Value();
      Space();
      ++at_;  // ':'
      Space();
      const std::string_view value = Value();
      if (key.size() == name.size() + 2 && key.substr(1, name.size()) == name) return value;
    }
    return {};
  }

 private:
  char Peek() const { return at_ < text_.size() ? text_[at_] : '}'; }
  char Take() { return at_ < text_.size() ? text_[at_++] : '\0'; }
  void Space() {
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[at_]) != std::string::npos) {
      ++at_;
    }
  }
  // Skips one value and returns its text.
  std::string_view Value() {
    const std::size_t start = at_;
    int depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
          if (text_[at_] == '\\') ++at_;
        }
        ++at_;
        if (depth == 0) break;
        continue;
      }
      if (depth == 0 && (c == ',' || c == '}' || c == ']')) break;
      if (depth == 0 && std::string_view(" \t\r\n").find(c) != std::string::npos) break;
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at_;
      if (depth == 0 && (c == '}' || c == ']')) break;
    }
    return text_.substr(start, at_ - start);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string SignRest(std::string_view secret, const RestText& text) {
  return HmacSha512Hex(secret, fmt::format("{}\n{}\n{}\n{}\n{}", text.method, text.path, text.query,
                                           Sha512Hex(text.body), text.timestamp));
}

std::string SignSubscribe(std::string_view secret, std::string_view channel, std::string_view event,
                          std::int64_t time_s) {
  return HmacSha512Hex(secret, fmt::format("channel={}&event={}&time={}", channel, event, time_s));
}

std::string SignApi(std::string_view secret, std::string_view channel, std::string_view parameters,
                    std::string_view timestamp) {
  return HmacSha512Hex(secret, fmt::format("api\n{}\n{}\n{}", channel, parameters, timestamp));
}

bool SignaturesMatch(std::string_view one, std::string_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

std::string_view RawMember(std::string_view json, std::string_view outer, std::string_view inner) {
  const std::string_view object = Scanner(json).Member(outer);
  return object.empty() ? object : Scanner(object).Member(inner);
}

}  // namespace switchyard::simulator::gateio
