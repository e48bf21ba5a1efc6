#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/config/secret.h"
#include "exchanges/lighter/signing/field/quintic.h"
#include "exchanges/lighter/signing/schnorr/private_key.h"

// Tokens that authenticate private reads and channels: a deadline that the API key has signed.
// Pure; any thread. Source: reference 3.9.
namespace switchyard::exchanges::lighter::signing {

// The exchange refuses a token until at most this long before its deadline.
inline constexpr std::int64_t kMaxTokenSeconds = 8 * 3600;

// Whose key signs.
struct TokenOwner {
  std::int64_t account_index = 0;
  std::int64_t api_key_index = 0;
};

// The token that is good until `deadline`, in seconds since 1970. Whoever has it can read the
// account; it ends with the key.
// Errors: InvalidArgument (a deadline that is not positive, an index out of range).
absl::StatusOr<config::Secret> MakeAuthToken(const PrivateKey& key, const TokenOwner& owner,
                                             std::int64_t deadline);

// The hash of a token's text up to its signature. ASCII.
Fp5 HashTokenMessage(std::string_view message);

}  // namespace switchyard::exchanges::lighter::signing
