#include "exchanges/lighter/order/client_id.h"

#include <charconv>

#include "common/crypto/sha.h"

namespace switchyard::exchanges::lighter {
namespace {

constexpr int kTagShift = 40;
constexpr std::uint64_t kOrderTag = 0xE7;
constexpr std::uint64_t kCloseTag = 0xE6;
constexpr std::int64_t kFirstOrderIndex = std::int64_t{1} << 48;
constexpr std::int64_t kEndOfOrderIndexes = std::int64_t{1} << 60;

// Nullopt unless `text` is nothing but digits, without leading zeros, that fit.
std::optional<std::int64_t> Number(std::string_view text) {
  if (text.empty() || text.front() == '0' || text.front() == '-') return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string OrderClientIndex(std::uint64_t number) {
  return std::to_string((kOrderTag << kTagShift) + number);
}

std::optional<std::uint64_t> NumberOfClientIndex(std::string_view text) {
  constexpr std::int64_t kFirst = kOrderTag << kTagShift;
  const auto index = ClientIndexOf(text);
  if (!index || *index < kFirst) return std::nullopt;
  return static_cast<std::uint64_t>(*index - kFirst);
}

std::string CloseClientIndex(std::string_view request_id) {
  const crypto::Sha256Digest digest = crypto::Sha256(request_id);
  std::uint64_t value = kCloseTag;
  for (int i = 0; i < kTagShift / 8; ++i) value = value << 8 | digest[i];
  return std::to_string(value);
}

std::optional<std::int64_t> ClientIndexOf(std::string_view text) {
  const auto number = Number(text);
  return number && *number < kFirstOrderIndex ? number : std::nullopt;
}

std::optional<std::int64_t> OrderIndexOf(std::string_view text) {
  const auto number = Number(text);
  return number && *number < kEndOfOrderIndexes ? number : std::nullopt;
}

}  // namespace switchyard::exchanges::lighter
