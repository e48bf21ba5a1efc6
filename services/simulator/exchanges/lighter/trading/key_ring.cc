#include "services/simulator/exchanges/lighter/trading/key_ring.h"

#include <algorithm>
#include <array>

#include "fmt/format.h"
#include "services/simulator/exchanges/lighter/signatures/refusal.h"

namespace switchyard::simulator::lighter {
namespace {

constexpr std::int64_t kMain = 10'000'001;
constexpr std::int64_t kSecond = 10'000'002;

constexpr std::array kKeys = std::to_array<SeededKey>({
    {"main", kMain, 4,
     "319429b99c7d29cf600eff12799712cc58288d303f96fe634a11ffb2a9ac2af4703ec7eccd1edd3e"},
    {"main_5", kMain, 5,
     "0f0d615b89a3d56cf4aae7557bfe54b788c4b68b7915a07b1a4485a57e8d66e5dd94d6dc037cf001"},
    {"main_6", kMain, 6,
     "613755a820771515093171a57b6ca7e9412cdd72a6e8f53a1cf5b8e5465eb508a613a356e8a6e200"},
    {"main_7", kMain, 7,
     "c0dcf257eb29792e6e69019e21975b497c2f2b33a09e088edcc61908aff9920eee8363bcd3dad40a"},
    {"second", kSecond, 4,
     "e564c634292838ebd35b60bedf8bfe271d0f34c22f9649d41f177fde6f017add28eb6c9332656e26"},
});

}  // namespace

std::span<const SeededKey> SeededKeys() { return kKeys; }

std::vector<std::int64_t> SeededAccounts() { return {kMain, kSecond}; }

std::string OwnerOf(std::int64_t account) { return fmt::format("0x{:040x}", account); }

KeyRing::KeyRing() {
  for (const SeededKey& row : kKeys) {
    const auto key = signatures::DerivePublicKey(row.private_key);
    if (key.ok()) keys_.emplace(std::pair(row.account_index, row.api_key_index), Key{*key, 0});
  }
}

absl::StatusOr<signatures::PublicKey> KeyRing::Find(std::int64_t account,
                                                    std::int64_t api_key) const {
  const auto found = keys_.find({account, api_key});
  if (found != keys_.end()) return found->second.key;
  return signatures::Refuse(signatures::Refusal::kApiKeyNotFound, "");
}

KeyRing::Key* KeyRing::FindKey(std::int64_t account, std::int64_t api_key) {
  const auto found = keys_.find({account, api_key});
  return found == keys_.end() ? nullptr : &found->second;
}

std::map<std::int64_t, KeyRing::Key> KeyRing::KeysOf(std::int64_t account) const {
  std::map<std::int64_t, Key> keys;
  for (const auto& [owner, key] : keys_) {
    if (owner.first == account) keys.emplace(owner.second, key);
  }
  return keys;
}

absl::StatusOr<std::int64_t> KeyRing::AccountOfToken(std::string_view token, std::int64_t now_ns) {
  if (token.empty()) return absl::UnauthenticatedError("auth field is required");
  if (expired_.contains(token)) return absl::UnauthenticatedError("auth token has expired");
  const auto known = shown_.find(token);
  if (known != shown_.end() && TimeNs{now_ns} < known->second.deadline) {
    return known->second.account;
  }
  const auto verified = signatures::VerifyAuthToken(
      token, {TimeNs{now_ns},
              [this](std::int64_t account, std::int64_t key) { return Find(account, key); },
              // None was ever given.
              [](std::string_view) { return false; }});
  if (!verified.ok()) return verified.status();
  shown_.insert_or_assign(std::string(token), Shown{verified->account_index, verified->deadline});
  return verified->account_index;
}

std::uint64_t KeyRing::ExpireTokens() {
  const std::uint64_t count = shown_.size();
  for (const auto& [token, shown] : shown_) expired_.insert(token);
  shown_.clear();
  return count;
}

}  // namespace switchyard::simulator::lighter
