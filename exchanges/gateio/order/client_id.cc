#include "exchanges/gateio/order/client_id.h"

#include <algorithm>
#include <charconv>

namespace switchyard::exchanges::gateio {
namespace {

constexpr std::string_view kOwners = "t-";
constexpr std::string_view kOurs = "t-so";
constexpr std::size_t kLongest = 2 + 28;
constexpr int kBase = 36;
constexpr std::size_t kLongestNumber = 13;  // of 64 bits in base 36

// What a client_order_id may hold that Gate.io does not take. There is nothing in the contract's
// form; other text must not get an order refused for its label alone.
bool IsTaken(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         c == '.' || c == '-';
}

}  // namespace

std::string ToExchangeClientId(std::uint64_t number, std::string_view client_order_id) {
  char digits[kLongestNumber];
  const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), number, kBase);
  std::string out(kOurs);
  out.append(digits, end);
  out += '-';
  for (const char c : client_order_id.substr(0, kLongest - out.size())) out += IsTaken(c) ? c : '_';
  return out;
}

std::optional<std::uint64_t> NumberOfExchangeClientId(std::string_view text) {
  if (!text.starts_with(kOurs) || text.size() > kLongest) return std::nullopt;
  text.remove_prefix(kOurs.size());
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos || dash == 0) return std::nullopt;
  const std::string_view digits = text.substr(0, dash);
  // One number, one spelling: no leading zeros, no upper case.
  const bool other_spelling =
      std::ranges::any_of(digits, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (other_spelling || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, kBase);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

bool IsOwnersText(std::string_view text) { return text.starts_with(kOwners); }

}  // namespace switchyard::exchanges::gateio
