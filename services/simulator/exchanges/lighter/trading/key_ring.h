#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/time.h"
#include "services/simulator/exchanges/lighter/signatures/auth_token.h"
#include "services/simulator/exchanges/lighter/signatures/schnorr.h"

namespace switchyard::simulator::lighter {

// The chain that transactions are signed for: mainnet's.
inline constexpr std::int64_t kChainId = 304;

// A key of a seeded account. Fixed and worthless; the same in every run, so that examples can name
// them.
struct SeededKey {
  std::string_view name;  // in the endpoints file
  std::int64_t account_index;
  std::int64_t api_key_index;
  std::string_view private_key;  // 80 hex digits, little-endian
};

// The first one is what the endpoints file gives as `credentials`.
std::span<const SeededKey> SeededKeys();
// Each account once.
std::vector<std::int64_t> SeededAccounts();
// The Ethereum address that owns an account; nobody has its key.
std::string OwnerOf(std::int64_t account);

// Public keys and nonces of the accounts, and the tokens that were shown. I/O thread only.
class KeyRing {
 public:
  struct Key {
    signatures::PublicKey key;
    std::int64_t nonce;  // the next one
  };

  // Errors: none that a test of the seeded keys would not show.
  KeyRing();

  // Errors: of signatures::Refuse, with kApiKeyNotFound.
  absl::StatusOr<signatures::PublicKey> Find(std::int64_t account, std::int64_t api_key) const;
  // Null: no such key.
  Key* FindKey(std::int64_t account, std::int64_t api_key);
  // By API key index.
  std::map<std::int64_t, Key> KeysOf(std::int64_t account) const;

  // The account that a token is for, of its owner. Errors: Unauthenticated or InvalidArgument.
  absl::StatusOr<std::int64_t> AccountOfToken(std::string_view token, std::int64_t now_ns);
  // Every token that was shown until now is worth nothing from now on. How many.
  std::uint64_t ExpireTokens();

 private:
  std::map<std::pair<std::int64_t, std::int64_t>, Key> keys_;
  // What a good token was found to be; verifying takes milliseconds.
  struct Shown {
    std::int64_t account;
    TimeNs deadline;
  };
  std::map<std::string, Shown, std::less<>> shown_;
  std::set<std::string, std::less<>> expired_;
};

}  // namespace switchyard::simulator::lighter
