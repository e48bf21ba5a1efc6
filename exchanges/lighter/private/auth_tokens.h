#pragma once

#include <chrono>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/config/secret.h"
#include "common/time/time.h"
#include "exchanges/lighter/signing/schnorr/private_key.h"
#include "exchanges/lighter/signing/tokens/auth_token.h"

namespace switchyard::exchanges::lighter {

// The token of one API key for private reads and channels: minted here, asked of nobody, replaced
// before it ends. One thread; each thread that needs tokens has its own, for any number of them is
// good at a time.
//
// Deadlines are moments of the exchange's clock. The exchange takes a token from 8 h before its
// deadline: one whose deadline is farther away is not good yet. So tokens are minted for less than
// that, and anew when the clock's offset turns out to be another.
// Source: protocol reference 3.9.
class AuthTokens {
 public:
  // How long a token is minted for, which leaves room for a clock that is ahead.
  static constexpr std::chrono::seconds kLife = std::chrono::hours(7);
  // So long before its end it is replaced; channels are subscribed again with the next one.
  static constexpr std::chrono::seconds kRenewBefore = std::chrono::minutes(30);

  // `key` outlives it. `server_clock` tells the exchange's time, and outlives it too.
  AuthTokens(const signing::PrivateKey& key, const signing::TokenOwner& owner,
             const Clock& server_clock)
      : key_(key), owner_(owner), clock_(server_clock) {}

  // The token, minted or replaced where that is due; valid until the next call.
  // Errors: InvalidArgument, an index out of range.
  absl::StatusOr<std::string_view> Current();
  // Changes with each token. Who has used an older one has to begin anew. 0 = none yet.
  std::uint64_t generation() const { return generation_; }
  // Whether Current would mint a new one.
  bool IsDue() const;
  // The exchange has refused this token: the next one is another, even at the same second. A later
  // generation than `generation` is left alone: many requests may have carried the refused one.
  void OnRefused(std::uint64_t generation);

 private:
  const signing::PrivateKey& key_;
  const signing::TokenOwner owner_;
  const Clock& clock_;
  config::Secret token_;
  std::int64_t deadline_ = 0;  // seconds since 1970, the exchange's clock
  std::uint64_t generation_ = 0;
  bool refused_ = false;
};

}  // namespace switchyard::exchanges::lighter
