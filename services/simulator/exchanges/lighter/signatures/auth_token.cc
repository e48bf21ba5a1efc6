#include "services/simulator/exchanges/lighter/signatures/auth_token.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "common/crypto/bytes.h"
#include "services/simulator/exchanges/lighter/signatures/poseidon2.h"
#include "services/simulator/exchanges/lighter/signatures/ranges.h"

namespace switchyard::simulator::lighter::signatures {
namespace {

constexpr std::chrono::nanoseconds kLongestLife = std::chrono::hours(8);
// Later ones are no nanoseconds of 64 bits.
constexpr std::int64_t kMaxDeadlineS = INT64_MAX / 1'000'000'000;

std::vector<std::string_view> Split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t colon; (colon = text.find(':')) != std::string_view::npos;) {
    parts.push_back(text.substr(0, colon));
    text.remove_prefix(colon + 1);
  }
  parts.push_back(text);
  return parts;
}

// Digits alone.
std::optional<std::int64_t> ParseNumber(std::string_view text, std::int64_t max) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || text.front() == '-' || number > max) return std::nullopt;
  return number;
}

absl::Status Malformed() { return absl::InvalidArgumentError("malformed auth token"); }

// Eight bytes an element, the last filled up with zeros.
Quintic HashText(std::string_view text) {
  std::vector<Element> elements;
  for (std::size_t start = 0; start < text.size(); start += 8) {
    std::uint64_t chunk = 0;
    for (std::size_t i = std::min(start + 8, text.size()); i-- > start;) {
      chunk = chunk << 8 | static_cast<std::uint8_t>(text[i]);
    }
    elements.push_back(Element(chunk));
  }
  return HashToQuintic(elements);
}

absl::StatusOr<AuthToken> VerifySigned(std::string_view text,
                                       const std::vector<std::string_view>& parts,
                                       const TokenContext& context) {
  const auto deadline = ParseNumber(parts[0], kMaxDeadlineS);
  const auto account = ParseNumber(parts[1], ranges::kAccount.max);
  const auto api_key = ParseNumber(parts[2], ranges::kApiKey.max);
  const auto signature = crypto::FromHex(parts[3]);
  if (!deadline.has_value() || !account.has_value() || !api_key.has_value() || !signature.ok() ||
      signature->size() != kSignatureSize) {
    return Malformed();
  }
  const AuthToken token = {.account_index = *account,
                           .api_key_index = *api_key,
                           .scope = TokenScope::kOwner,
                           .deadline = TimeNs::FromSeconds(*deadline)};
  if (context.now >= token.deadline) return absl::UnauthenticatedError("auth token has expired");
  if (token.deadline - context.now > kLongestLife) {
    return absl::UnauthenticatedError("auth token ends more than 8 hours ahead");
  }
  const absl::StatusOr<PublicKey> key = context.keys(*account, *api_key);
  if (!key.ok()) return key.status();
  const std::string_view message = text.substr(0, text.rfind(':'));
  if (!VerifySignature(*key, HashText(message), SignatureView(*signature))) {
    return absl::UnauthenticatedError("auth token is not signed with the API key");
  }
  return token;
}

absl::StatusOr<AuthToken> VerifyReadOnly(std::string_view text,
                                         const std::vector<std::string_view>& parts,
                                         const TokenContext& context) {
  const auto account = ParseNumber(parts[1], ranges::kAccount.max);
  const auto deadline = ParseNumber(parts[3], kMaxDeadlineS);
  const bool all = parts[2] == "all";
  if (!account.has_value() || !deadline.has_value() || (!all && parts[2] != "single") ||
      parts[4].empty() || !crypto::FromHex(parts[4]).ok()) {
    return Malformed();
  }
  const AuthToken token = {.account_index = *account,
                           .api_key_index = -1,
                           .scope = all ? TokenScope::kReadAll : TokenScope::kReadOne,
                           .deadline = TimeNs::FromSeconds(*deadline)};
  if (context.now >= token.deadline) return absl::UnauthenticatedError("auth token has expired");
  if (!context.is_issued(text)) return absl::UnauthenticatedError("auth token was not issued");
  return token;
}

}  // namespace

absl::StatusOr<AuthToken> VerifyAuthToken(std::string_view text, const TokenContext& context) {
  const std::vector<std::string_view> parts = Split(text);
  if (parts.size() == 5 && parts[0] == "ro") return VerifyReadOnly(text, parts, context);
  if (parts.size() == 4) return VerifySigned(text, parts, context);
  return Malformed();
}

}  // namespace switchyard::simulator::lighter::signatures
