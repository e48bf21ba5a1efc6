#include "exchanges/lighter/private/nonce_manager.h"

#include <algorithm>

namespace switchyard::exchanges::lighter {

std::optional<std::int64_t> NonceManager::Next() const {
  if (in_doubt() || refused_) return std::nullopt;
  return next_;
}

void NonceManager::OnWritten(std::int64_t count) {
  open_.insert(*next_);
  *next_ += count;
}

void NonceManager::Close(std::int64_t nonce) {
  open_.erase(nonce);
  if (!open_.empty() || !refused_) return;
  // Back to the first that was not used up. Something behind it was accepted only where the refusal
  // has used it up after all.
  next_ = *refused_;
  if (accepted_) next_ = std::max(*next_, accepted_->last + 1);
  refused_.reset();
}

void NonceManager::OnAccepted(std::int64_t nonce, std::int64_t count, TimeNs expires_at) {
  const std::int64_t last = nonce + count - 1;
  if (!accepted_ || last > accepted_->last) accepted_ = {last, expires_at};
  // One nonce is used up only after all before it.
  if (lost_ && *lost_ <= last) lost_.reset();
  if (next_) next_ = std::max(*next_, last + 1);
  Close(nonce);
}

void NonceManager::OnRefused(std::int64_t nonce) {
  refused_ = refused_ ? std::min(*refused_, nonce) : nonce;
  Close(nonce);
}

bool NonceManager::OnBadNonce(std::int64_t nonce) {
  const bool explained = refused_ && *refused_ < nonce;
  if (!explained) {
    unread_ = true;
    guess_failed_ = guessed_ == nonce;
  }
  OnRefused(nonce);
  return explained;
}

void NonceManager::OnLost(std::int64_t nonce) {
  lost_ = lost_ ? std::max(*lost_, nonce) : nonce;
  Close(nonce);
}

void NonceManager::OnRead(std::int64_t told, TimeNs now) {
  guessed_.reset();
  next_ = told;
  const bool may_lag = accepted_ && now < accepted_->expires_at && !guess_failed_;
  if (may_lag && accepted_->last >= told) next_ = guessed_ = accepted_->last + 1;
  // Accepted, and expired unexecuted.
  if (accepted_ && accepted_->last >= *next_) accepted_.reset();
  lost_.reset();
  refused_.reset();
  guess_failed_ = false;
  unread_ = false;
}

}  // namespace switchyard::exchanges::lighter
