#include "services/router/portfolio.h"

#include <map>
#include <optional>
#include <string>

#include "common/decimal/decimal.h"

namespace switchyard::router {
namespace {

// A sum of decimal texts; empty texts ("not known") add nothing.
class Sum {
 public:
  void Add(const std::string& text) {
    if (text.empty()) return;
    const absl::StatusOr<Decimal> value = Decimal::Parse(text);
    const absl::StatusOr<Decimal> sum =
        value.ok() ? Decimal::Add(sum_.value_or(Decimal()), *value) : value;
    failed_ = failed_ || !sum.ok();
    if (sum.ok()) sum_ = *sum;
  }
  // Empty where nothing was added, or where it did not fit.
  std::string ToText() const { return failed_ || !sum_ ? "" : sum_->ToShortString(); }

 private:
  std::optional<Decimal> sum_;
  bool failed_ = false;
};

struct Sums {
  Sum total, available, locked, equity, unrealised_profit;
};

}  // namespace

std::vector<v1::CurrencyTotal> SumByCurrency(
    const google::protobuf::RepeatedPtrField<v1::PortfolioAccount>& accounts) {
  std::map<std::string, Sums> by_currency;
  for (const v1::PortfolioAccount& account : accounts) {
    for (const account::v1::Balance& balance : account.balances()) {
      Sums& sums = by_currency[balance.currency()];
      sums.total.Add(balance.total());
      sums.available.Add(balance.available());
      sums.locked.Add(balance.locked());
    }
    if (account.has_figures() && !account.figures().currency().empty()) {
      by_currency[account.figures().currency()].equity.Add(
          account.figures().total().equity().value());
    }
    for (const position::v1::Position& position : account.positions()) {
      by_currency[position.settle_currency()].unrealised_profit.Add(
          position.unrealised_profit().value());
    }
  }
  std::vector<v1::CurrencyTotal> totals;
  for (const auto& [currency, sums] : by_currency) {
    v1::CurrencyTotal& total = totals.emplace_back();
    total.set_currency(currency);
    total.set_total(sums.total.ToText());
    total.set_available(sums.available.ToText());
    total.set_locked(sums.locked.ToText());
    total.set_equity(sums.equity.ToText());
    total.set_unrealised_profit(sums.unrealised_profit.ToText());
  }
  return totals;
}

}  // namespace switchyard::router
