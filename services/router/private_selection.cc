#include "services/router/private_selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/status/status.h"
#include "services/router/account_names.h"

namespace switchyard::router {
namespace {

constexpr int kMaxSubscriptions = 100;

}  // namespace

absl::StatusOr<PrivateSelection> PrivateSelection::Create(
    const v1::StreamPrivateEventsRequest& request, const Backends& backends,
    const access::Caller& caller) {
  if (request.subscriptions().empty()) {
    return InvalidField("subscriptions", "at least one is needed");
  }
  if (request.subscriptions_size() > kMaxSubscriptions) {
    return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_REQUEST_TOO_LARGE,
                     fmt::format("{} subscriptions; at most {}", request.subscriptions_size(),
                                 kMaxSubscriptions),
                     {{"field", "subscriptions"}});
  }
  PrivateSelection selection(request);
  std::set<Key> seen;
  for (int i = 0; i < request.subscriptions_size(); ++i) {
    const v1::PrivateSubscription& subscription = request.subscriptions(i);
    SWITCHYARD_ASSIGN_OR_RETURN(const PrivateChannelTraits* traits,
                                TraitsOf(subscription.channel()));
    if (!seen.emplace(subscription.exchange(), subscription.account(), traits).second) {
      return InvalidField("subscriptions", "the same exchange, account and channel twice");
    }
    SWITCHYARD_RETURN_IF_ERROR(selection.Add(static_cast<std::size_t>(i), backends, caller));
  }
  return selection;
}

absl::Status PrivateSelection::Add(std::size_t asked, const Backends& backends,
                                   const access::Caller& caller) {
  const v1::PrivateSubscription& subscription = request_.subscriptions(static_cast<int>(asked));
  const PrivateChannelTraits* const traits = *TraitsOf(subscription.channel());
  const std::string& exchange = subscription.exchange();
  if (exchange.empty()) {
    if (!subscription.account().empty())
      return InvalidField("exchange", "required with an account");
    if (subscription.has_resume_from()) return InvalidField("resume_from", "needs an account");
    for (const std::string& each : backends.exchanges()) {
      if (backends.FindOrNull(each, traits->component) == nullptr) continue;
      if (!caller.MayOnExchange(common::v1::ROLE_READ, each)) continue;
      scopes_.push_back({.asked = asked, .exchange = each, .named = false, .traits = traits});
    }
    return absl::OkStatus();
  }
  SWITCHYARD_RETURN_IF_ERROR(backends.CheckExchange(exchange));
  const std::string& account = subscription.account();
  const bool granted = account.empty()
                           ? caller.MayOnExchange(common::v1::ROLE_READ, exchange)
                           : caller.MayOnAccount(common::v1::ROLE_READ, exchange, account);
  if (!granted) {
    denied_.push_back({asked, exchange, account,
                       caller.Denied(common::v1::ROLE_READ, exchange, account, traits->rpc)});
    return absl::OkStatus();
  }
  if (!account.empty()) {
    taken_.emplace(exchange, subscription.account(), traits);
    new_.push_back({subscription, traits, asked});
    return absl::OkStatus();
  }
  scopes_.push_back({.asked = asked, .exchange = exchange, .named = true, .traits = traits});
  scopes_.back().offered = backends.FindOrNull(exchange, traits->component) != nullptr;
  return absl::OkStatus();
}

void PrivateSelection::Offer(const CapabilityCache::Answers& answers) {
  for (Scope& scope : scopes_) {
    for (const auto& [exchange, table] : answers) {
      if (exchange != scope.exchange || !table.ok()) continue;
      scope.offered = scope.offered && Offers(*table, scope.traits->rpc);
    }
  }
}

std::vector<PrivateSelection::Topic> PrivateSelection::TakeNew(const NamesOf& names) {
  std::vector<Topic> topics = std::exchange(new_, {});
  for (Scope& scope : scopes_) {
    if (!scope.offered || !scope.refusal.ok()) continue;
    const auto known = names(scope.exchange, scope.traits->component);
    if (!known) continue;
    v1::PrivateSubscription wanted = request_.subscriptions(static_cast<int>(scope.asked));
    wanted.set_exchange(scope.exchange);
    if (scope.has_topics) {
      // The position was that of the only account there was.
      wanted.clear_resume_from();
    } else if (wanted.has_resume_from() && known->size() > 1) {
      scope.refusal = InvalidField("resume_from", fmt::format("{} has {} accounts: name one",
                                                              scope.exchange, known->size()));
      continue;
    }
    for (const std::string& account : *known) {
      if (!taken_.emplace(scope.exchange, account, scope.traits).second) continue;
      scope.has_topics = true;
      wanted.set_account(account);
      topics.push_back({wanted, scope.traits, scope.asked});
    }
  }
  return topics;
}

bool PrivateSelection::IsKnown(const NamesOf& names) const {
  return std::all_of(scopes_.begin(), scopes_.end(), [&](const Scope& scope) {
    return !scope.offered || names(scope.exchange, scope.traits->component);
  });
}

bool PrivateSelection::is_closed() const {
  return std::none_of(scopes_.begin(), scopes_.end(),
                      [](const Scope& scope) { return scope.offered && scope.refusal.ok(); });
}

// Nullopt: nothing is to be said. OK: other subscriptions name all of its accounts.
std::optional<absl::Status> PrivateSelection::MissingOf(const Scope& scope,
                                                        const NamesOf& names) const {
  if (!scope.refusal.ok()) return scope.refusal;
  if (scope.has_topics) return std::nullopt;
  if (!scope.offered) {
    if (!scope.named) return std::nullopt;
    return NotInCapabilities(scope.exchange, scope.traits->rpc);
  }
  const auto known = names(scope.exchange, scope.traits->component);
  if (!known) {
    return MakeError(
        absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_BACKEND_UNAVAILABLE,
        fmt::format("the accounts of {} are not known yet: no {} backend has told them",
                    scope.exchange, scope.traits->component),
        {{"exchange", scope.exchange}});
  }
  if (!known->empty()) return absl::OkStatus();
  if (!scope.named) return std::nullopt;
  return NoAccount(scope.exchange);
}

std::vector<PrivateSelection::Result> PrivateSelection::Missing(const NamesOf& names) const {
  std::vector<Result> results = denied_;
  for (std::size_t asked = 0; asked < static_cast<std::size_t>(request_.subscriptions_size());
       ++asked) {
    const v1::PrivateSubscription& subscription = request_.subscriptions(static_cast<int>(asked));
    bool offered = false;  // by any exchange
    bool has_any = false;  // topic or result
    for (const Scope& scope : scopes_) {
      if (scope.asked != asked) continue;
      offered = offered || scope.offered;
      has_any = has_any || scope.has_topics;
      const std::optional<absl::Status> missing = MissingOf(scope, names);
      if (!missing) continue;
      has_any = true;
      results.push_back({asked, scope.exchange, "", *missing});
    }
    if (!subscription.exchange().empty() || has_any) continue;
    const absl::Status why =
        offered ? NoAccount("any exchange")
                : NotInCapabilities("every exchange", (*TraitsOf(subscription.channel()))->rpc);
    results.push_back({asked, "", "", why});
  }
  return results;
}

}  // namespace switchyard::router
