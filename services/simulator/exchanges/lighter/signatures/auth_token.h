#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/time/time.h"
#include "services/simulator/exchanges/lighter/signatures/transaction.h"

// Lighter's auth tokens: those that clients sign, and the read-only ones that the exchange gives.
// Source: lighter.md section 3.9.
namespace switchyard::simulator::lighter::signatures {

enum class TokenScope {
  // All that the account may see, as the API key's owner.
  kOwner,
  // Reads of the one account, or of it and its sub-accounts.
  kReadOne,
  kReadAll,
};

struct AuthToken {
  std::int64_t account_index = 0;
  // Of kOwner; else -1.
  std::int64_t api_key_index = -1;
  TokenScope scope = TokenScope::kOwner;
  // It is good until then, that second excluded.
  TimeNs deadline;
};

struct TokenContext {
  // The exchange's clock.
  TimeNs now;
  // As in VerificationContext: the key as it is now, so that a key change kills its tokens.
  KeyLookup keys;
  // Whether the exchange gave this read-only token (its whole text) and has not revoked it.
  std::function<bool(std::string_view)> is_issued;
};

// Reads either form and verifies it:
//   {deadline}:{account index}:{api key index}:{signature, 160 hex digits}
//   ro:{account index}:{single|all}:{deadline}:{hex digits}
// Deadlines are seconds since 1970 UTC (of the second form: inferred). A signed token is good from
// 8 hours before its deadline on.
// Errors: InvalidArgument, malformed; Unauthenticated, expired, not yet good, not issued or of
// another key; those of `context.keys`. The exchange's codes for them are not established.
absl::StatusOr<AuthToken> VerifyAuthToken(std::string_view text, const TokenContext& context);

}  // namespace switchyard::simulator::lighter::signatures
