#include "clients/cli/local_portfolio.h"

#include <fmt/format.h>

#include "clients/cli/enum_text.h"
#include "common/decimal/decimal.h"

namespace switchyard::clients::cli {
namespace {

using account::v1::AccountEvent;
using position::v1::PositionEvent;

// Nothing, or a number that is zero.
bool IsNothing(const std::string& decimal) {
  const auto value = Decimal::Parse(decimal.empty() ? "0" : decimal);
  return value.ok() && value->is_zero();
}

}  // namespace

template <typename Event>
bool LocalPortfolio::Advance(const Event& event, Topic& topic, bool& usable) {
  usable = false;
  if (event.kind() == common::v1::STATE_EVENT_KIND_STALE) {
    topic.live = false;
    topic.reason = EnumText(event.reason());
    return true;
  }
  const bool continues =
      topic.live && event.epoch() == topic.epoch && event.sequence() == topic.sequence + 1;
  if (event.kind() != common::v1::STATE_EVENT_KIND_SNAPSHOT && !continues) return false;
  topic = {event.epoch(), event.sequence(), true, ""};
  usable = true;
  return true;
}

bool LocalPortfolio::Apply(const router::v1::PrivateEvent& event) {
  if (event.has_account()) return ApplyAccount(event.account());
  if (event.has_position()) return ApplyPositions(event.position());
  return true;
}

bool LocalPortfolio::ApplyAccount(const AccountEvent& event) {
  Holdings& holdings = accounts_[{event.exchange(), event.account()}];
  bool usable = false;
  if (!Advance(event, holdings.account_topic, usable)) return false;
  if (!usable) return true;
  switch (event.payload_case()) {
    case AccountEvent::kSnapshot:
      holdings.figures = event.snapshot().account();
      holdings.balances.clear();
      for (const auto& balance : event.snapshot().balances()) SetBalance(balance, holdings);
      break;
    case AccountEvent::kAccountUpdate:
      holdings.figures = event.account_update();
      break;
    case AccountEvent::kBalanceChange:
      SetBalance(event.balance_change().balance(), holdings);
      break;
    case AccountEvent::kPositionModeChange:
      holdings.figures.set_position_mode(event.position_mode_change().position_mode());
      break;
    default:
      // Leverage and margin calls change nothing that is kept here.
      break;
  }
  return true;
}

bool LocalPortfolio::ApplyPositions(const PositionEvent& event) {
  Holdings& holdings = accounts_[{event.exchange(), event.account()}];
  bool usable = false;
  if (!Advance(event, holdings.positions_topic, usable)) return false;
  if (!usable) return true;
  if (event.kind() == common::v1::STATE_EVENT_KIND_SNAPSHOT) holdings.positions.clear();
  for (const auto& position : event.positions()) SetPosition(position, holdings);
  return true;
}

void LocalPortfolio::SetBalance(const account::v1::Balance& balance, Holdings& holdings) {
  const std::string key = fmt::format("{} {} {}", balance.currency(),
                                      static_cast<int>(balance.wallet()), balance.raw_wallet());
  holdings.balances.erase(key);
  if (IsNothing(balance.total()) && IsNothing(balance.borrowed())) return;
  holdings.balances[key] = balance;
}

void LocalPortfolio::SetPosition(const position::v1::Position& position, Holdings& holdings) {
  const std::string key =
      fmt::format("{} {} {}", position.symbol(), static_cast<int>(position.position_side()),
                  position.exchange_position_id());
  holdings.positions.erase(key);
  if (!IsNothing(position.size().value())) holdings.positions[key] = position;
}

std::vector<router::v1::PortfolioAccount> LocalPortfolio::Accounts() const {
  std::vector<router::v1::PortfolioAccount> accounts;
  for (const auto& [name, holdings] : accounts_) {
    router::v1::PortfolioAccount& account = accounts.emplace_back();
    account.set_exchange(name.first);
    account.set_account(name.second);
    *account.mutable_figures() = holdings.figures;
    for (const auto& [key, balance] : holdings.balances) *account.add_balances() = balance;
    for (const auto& [key, position] : holdings.positions) *account.add_positions() = position;
  }
  return accounts;
}

std::string LocalPortfolio::StateOf(const router::v1::PortfolioAccount& account) const {
  const auto found = accounts_.find({account.exchange(), account.account()});
  if (found == accounts_.end()) return "WAITING";
  const Topic& figures = found->second.account_topic;
  const Topic& positions = found->second.positions_topic;
  if (!figures.live) return figures.reason.empty() ? "WAITING" : "STALE (" + figures.reason + ")";
  // A spot account never has a snapshot of positions.
  if (positions.reason.empty()) return "";
  return "POSITIONS STALE (" + positions.reason + ")";
}

void LocalPortfolio::Lose(std::string_view why) {
  for (auto& [name, holdings] : accounts_) {
    holdings.account_topic.live = false;
    holdings.account_topic.reason = why;
    // A topic that was never told, as positions on spot, is not lost.
    if (holdings.positions_topic.live) holdings.positions_topic.reason = why;
    holdings.positions_topic.live = false;
  }
}

}  // namespace switchyard::clients::cli
