#include "services/router/account_targets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "common/status/status.h"

namespace switchyard::router {
namespace {

constexpr int kMaxAccounts = 100;

absl::StatusOr<std::set<AccountTarget>> SelectTargets(const Backends& backends,
                                                      const AccountSelectors& selectors) {
  if (selectors.size() > kMaxAccounts) {
    return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_REQUEST_TOO_LARGE,
                     fmt::format("{} accounts; at most {}", selectors.size(), kMaxAccounts),
                     {{"field", "accounts"}});
  }
  std::set<AccountTarget> targets;
  for (const v1::AccountSelector& selector : selectors) {
    if (selector.exchange().empty()) return InvalidField("exchange", "required");
    SWITCHYARD_RETURN_IF_ERROR(backends.CheckExchange(selector.exchange()));
    targets.insert({selector.exchange(), selector.account()});
  }
  if (selectors.empty()) {
    for (const std::string& exchange : backends.exchanges()) targets.insert({exchange, ""});
  }
  return targets;
}

status::v1::ExchangeError ErrorOf(const AccountTarget& target, const absl::Status& status) {
  status::v1::ExchangeError error;
  error.set_exchange(target.exchange);
  error.set_account(target.account);
  *error.mutable_status() = ToProto(status);
  return error;
}

absl::StatusOr<OfferedTargets> Filter(const std::set<AccountTarget>& targets, bool named,
                                      const std::vector<std::string>& rpcs,
                                      const CapabilityCache::Answers& answers) {
  OfferedTargets offered;
  bool all_known = true;
  const std::string what = fmt::format("{}", fmt::join(rpcs, " or "));
  for (const AccountTarget& target : targets) {
    const auto answer = std::find_if(answers.begin(), answers.end(), [&](const auto& candidate) {
      return candidate.first == target.exchange;
    });
    if (!answer->second.ok()) {
      all_known = false;
      offered.errors.push_back(ErrorOf(target, answer->second.status()));
    } else if (std::any_of(rpcs.begin(), rpcs.end(),
                           [&](const std::string& rpc) { return Offers(*answer->second, rpc); })) {
      offered.targets.push_back({target, *answer->second});
    } else if (named) {
      offered.errors.push_back(ErrorOf(target, NotInCapabilities(target.exchange, what)));
    }
  }
  if (offered.targets.empty() && all_known) {
    return MakeError(absl::StatusCode::kUnimplemented, common::v1::ERROR_REASON_NOT_IN_CAPABILITIES,
                     fmt::format("no exchange of this router offers {}", what));
  }
  return offered;
}

}  // namespace

void FindOfferedTargets(const ServiceContext& context, const AccountSelectors& selectors,
                        std::vector<std::string> rpcs,
                        std::chrono::system_clock::time_point deadline,
                        std::function<void(absl::StatusOr<OfferedTargets> targets)> done) {
  absl::StatusOr<std::set<AccountTarget>> targets = SelectTargets(context.backends, selectors);
  if (!targets.ok()) {
    done(targets.status());
    return;
  }
  context.capabilities.Get(
      "", deadline,
      [targets = *std::move(targets), named = !selectors.empty(), rpcs = std::move(rpcs),
       done = std::move(done)](CapabilityCache::Answers answers) {
        done(Filter(targets, named, rpcs, answers));
      });
}

}  // namespace switchyard::router
