#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "common/time/time.h"

namespace switchyard::exchanges::lighter {

// What is known of the nonces of one API key, of which this process is the only user. It counts
// locally, because `nextNonce` lags behind accepted transactions, and asks for a reading where
// answers leave the count in doubt. Knows no socket and signs nothing; one thread.
//
// Why a wrong count is harmless: of all transactions signed under one nonce the exchange executes
// at most one, so a nonce may be used again at any time. What must never happen is the same order
// under two nonces: that is for the caller, who hears here whether a refusal proves that nothing
// was executed.
//
// Source: protocol reference 4: a refusal by the API server does not consume the nonce; what was
// accepted consumes it, even where the sequencer then rejects it, unless it expires unexecuted.
class NonceManager {
 public:
  // The nonce to sign with. Nullopt: nothing may be signed before answers to what was written have
  // come, or before a reading (needs_reading).
  std::optional<std::int64_t> Next() const;
  // `nextNonce` has to be asked, now: nothing is under way that would change it.
  bool needs_reading() const { return in_doubt() && open_.empty(); }

  // Next() and the `count - 1` nonces after it were written.
  void OnWritten(std::int64_t count);

  // What became of a transaction, or of a batch, that begins at `nonce`. Each that was written is
  // settled once; OnAccepted may come after OnLost.
  //
  // Accepted (code 200): the nonces are used up, unless the sequencer lets the transactions expire.
  void OnAccepted(std::int64_t nonce, std::int64_t count, TimeNs expires_at);
  // Refused for another reason than its nonce, or provably never written: not used up. What was
  // written behind it will be refused for its nonce.
  void OnRefused(std::int64_t nonce);
  // Refused for its nonce. True where it must have been, because something before it was refused
  // and is not used up; false: something before it never arrived, somebody else uses the key, or
  // the count was wrong.
  bool OnBadNonce(std::int64_t nonce);
  // No answer: perhaps used up.
  void OnLost(std::int64_t nonce);

  // The answer of `nextNonce`, which may be older than what was accepted: until that can have
  // expired, the count does not fall behind it, except when the exchange has just refused so.
  void OnRead(std::int64_t told, TimeNs now);
  // The connection was new: what is known may be old.
  void OnReconnected() { unread_ = true; }

 private:
  struct Accepted {
    std::int64_t last = 0;
    TimeNs expires_at;  // of the exchange's clock
  };

  bool in_doubt() const { return unread_ || lost_.has_value(); }
  void Close(std::int64_t nonce);

  std::optional<std::int64_t> next_;
  std::set<std::int64_t> open_;          // first nonces of what has no answer yet
  std::optional<std::int64_t> refused_;  // the lowest, as long as others are open
  std::optional<std::int64_t> lost_;     // the highest that nothing has settled
  std::optional<Accepted> accepted_;     // the highest
  // The count that was kept although the last reading was lower.
  std::optional<std::int64_t> guessed_;
  bool guess_failed_ = false;
  bool unread_ = true;
};

}  // namespace switchyard::exchanges::lighter
