#include "services/router/account_targets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "common/status/status.h"
#include "services/router/forwarded_methods.h"

namespace switchyard::router {
namespace {

constexpr int kMaxAccounts = 100;
// Tables and names are asked for so long; mostly they are known.
constexpr std::chrono::milliseconds kLongestPlan{1'000};

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

// Which components serve the RPCs ("AccountService/GetAccount").
std::set<std::string> ComponentsOf(const std::vector<std::string>& rpcs) {
  std::set<std::string> components;
  for (const ForwardedService& service : ForwardedServices()) {
    for (const std::string& rpc : rpcs) {
      if (rpc.starts_with(service.descriptor->name() + "/")) components.emplace(service.component);
    }
  }
  return components;
}

// The highest that any of the RPCs needs.
common::v1::Role RoleOf(const std::vector<std::string>& rpcs) {
  common::v1::Role role = common::v1::ROLE_READ;
  for (const ForwardedService& service : ForwardedServices()) {
    for (int i = 0; i < service.descriptor->method_count(); ++i) {
      const ForwardedMethod method(*service.descriptor->method(i));
      if (std::find(rpcs.begin(), rpcs.end(), method.short_name) == rpcs.end()) continue;
      role = std::max(role, method.role);
    }
  }
  return role;
}

// A third of what is left, at most kLongestPlan.
BackendQueries::Deadline PlanDeadline(BackendQueries::Deadline deadline) {
  const auto now = std::chrono::system_clock::now();
  return now + std::min<BackendQueries::Deadline::duration>(kLongestPlan, (deadline - now) / 3);
}

status::v1::ExchangeError ErrorOf(const AccountTarget& target, const absl::Status& status) {
  status::v1::ExchangeError error;
  error.set_exchange(target.exchange);
  error.set_account(target.account);
  *error.mutable_status() = ToProto(status);
  return error;
}

// What is to be found out, and what is known of it.
struct Question {
  std::set<AccountTarget> selected;
  bool named;  // the request names exchanges
  std::vector<std::string> rpcs;
  access::Caller caller;
  common::v1::Role role;  // that the RPCs need
  AccountNames::ByExchange names;
};

// The accounts that one selector stands for.
std::vector<std::string> AccountsOf(const AccountTarget& selector,
                                    const AccountNames::ByExchange& names) {
  if (!selector.account.empty()) return {selector.account};
  const std::optional<AccountNames::Names>& known = names.at(selector.exchange);
  return known ? *known : std::vector<std::string>{""};
}

absl::StatusOr<OfferedTargets> Filter(const Question& question,
                                      const CapabilityCache::Answers& answers) {
  const std::string what = fmt::format("{}", fmt::join(question.rpcs, " or "));
  // Ordered; an account that two selectors mean is one target.
  std::map<AccountTarget, std::optional<status::v1::ExchangeCapabilities>> targets;
  OfferedTargets offered;
  bool any_offered = false;
  absl::Status denied;
  for (const AccountTarget& selector : question.selected) {
    const auto answer = std::find_if(answers.begin(), answers.end(), [&](const auto& candidate) {
      return candidate.first == selector.exchange;
    });
    const absl::StatusOr<status::v1::ExchangeCapabilities>& table = answer->second;
    if (table.ok() && std::none_of(question.rpcs.begin(), question.rpcs.end(),
                                   [&](const auto& rpc) { return Offers(*table, rpc); })) {
      const absl::Status why = NotInCapabilities(selector.exchange, what);
      if (question.named) offered.errors.push_back(ErrorOf(selector, why));
      continue;
    }
    any_offered = true;
    const std::vector<std::string> accounts = AccountsOf(selector, question.names);
    if (accounts.empty() && question.named) {
      offered.errors.push_back(ErrorOf(selector, NoAccount(selector.exchange)));
    }
    bool any_granted = false;
    for (const std::string& account : accounts) {
      if (!question.caller.MayOnAccount(question.role, selector.exchange, account)) continue;
      any_granted = true;
      targets.try_emplace({selector.exchange, account},
                          table.ok() ? std::optional(*table) : std::nullopt);
    }
    if (any_granted || accounts.empty()) continue;
    denied = question.caller.Denied(question.role, selector.exchange, selector.account, what);
    if (question.named) offered.errors.push_back(ErrorOf(selector, denied));
  }
  if (!any_offered) {
    return MakeError(absl::StatusCode::kUnimplemented, common::v1::ERROR_REASON_NOT_IN_CAPABILITIES,
                     fmt::format("no exchange of this router offers {}", what));
  }
  if (targets.empty() && !denied.ok()) return denied;
  if (targets.empty()) return NoAccount("any exchange that was asked for");
  for (auto& [target, capabilities] : targets) {
    offered.targets.push_back({target, std::move(capabilities)});
  }
  return offered;
}

}  // namespace

void FindOfferedTargets(const ServiceContext& context, const AccountSelectors& selectors,
                        std::vector<std::string> rpcs, const BackendQueries::Asking& asking,
                        std::function<void(absl::StatusOr<OfferedTargets> targets)> done) {
  absl::StatusOr<std::set<AccountTarget>> selected = SelectTargets(context.backends, selectors);
  if (!selected.ok()) {
    done(selected.status());
    return;
  }
  std::set<std::string> open;  // exchanges of which all accounts are meant
  for (const AccountTarget& selector : *selected) {
    if (selector.account.empty()) open.insert(selector.exchange);
  }
  const std::set<std::string> components = ComponentsOf(rpcs);
  const common::v1::Role role = RoleOf(rpcs);
  Question question{
      *std::move(selected), !selectors.empty(), std::move(rpcs), asking.caller, role, {}};
  const BackendQueries::Deadline plan_deadline = PlanDeadline(asking.deadline);
  context.accounts.Get(
      open, components, plan_deadline,
      [&context, question = std::move(question), plan_deadline,
       done = std::move(done)](AccountNames::ByExchange names) mutable {
        question.names = std::move(names);
        context.capabilities.Get(
            "", plan_deadline,
            [question = std::move(question), done = std::move(done)](
                const CapabilityCache::Answers& answers) { done(Filter(question, answers)); });
      });
}

}  // namespace switchyard::router
