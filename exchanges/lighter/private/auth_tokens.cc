#include "exchanges/lighter/private/auth_tokens.h"

#include <utility>

#include "common/status/status.h"

namespace switchyard::exchanges::lighter {
namespace {

constexpr std::int64_t kMostInOneSecond = 60;

}  // namespace

bool AuthTokens::IsDue() const {
  if (generation_ == 0 || refused_) return true;
  const std::int64_t left = deadline_ - clock_.Now().Seconds();
  // More than all of it: the exchange's clock is not where it was believed to be.
  return left <= kRenewBefore.count() || left > signing::kMaxTokenSeconds;
}

absl::StatusOr<std::string_view> AuthTokens::Current() {
  if (!IsDue()) return token_.Reveal();
  std::int64_t deadline = clock_.Now().Seconds() + kLife.count();
  // The same deadline would be the same token.
  const std::int64_t ahead = deadline_ - deadline;
  if (refused_ && ahead >= 0 && ahead < kMostInOneSecond) deadline = deadline_ + 1;
  SWITCHYARD_ASSIGN_OR_RETURN(token_, signing::MakeAuthToken(key_, owner_, deadline));
  deadline_ = deadline;
  refused_ = false;
  ++generation_;
  return token_.Reveal();
}

void AuthTokens::OnRefused(std::uint64_t generation) {
  if (generation == generation_) refused_ = true;
}

}  // namespace switchyard::exchanges::lighter
