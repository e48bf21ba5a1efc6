#include "services/simulator/engine/ledger.h"

namespace switchyard::simulator::engine {

void Ledger::Apply(BalanceChange change) {
  Balance& balance = balances_[change.user][change.currency];
  balance.available += change.available_change;
  balance.locked += change.locked_change;
  ++balance.update_id;
  change.after = balance;
  change.id = ++last_id_;
  if (!change.total_change().is_zero()) history_[change.user].push_back(change);
  listener_.OnBalance(change);
}

Balance Ledger::Of(UserId user, std::string_view currency) const {
  const auto& all = AllOf(user);
  const auto found = all.find(currency);
  return found == all.end() ? Balance{} : found->second;
}

const std::map<std::string, Balance, std::less<>>& Ledger::AllOf(UserId user) const {
  static const std::map<std::string, Balance, std::less<>> kNone;
  const auto found = balances_.find(user);
  return found == balances_.end() ? kNone : found->second;
}

const std::vector<BalanceChange>& Ledger::HistoryOf(UserId user) const {
  static const std::vector<BalanceChange> kNone;
  const auto found = history_.find(user);
  return found == history_.end() ? kNone : found->second;
}

}  // namespace switchyard::simulator::engine
