#include "services/router/funding_comparison.h"

#include <algorithm>
#include <map>
#include <utility>

#include "common/decimal/decimal.h"

namespace switchyard::router {
namespace {

using marketdata::v1::FundingRate;

struct Rate {
  Decimal rate_8h;
  const FundingRate* rate;
};

bool IsPredicted(const FundingRate& rate) {
  return rate.kind() == marketdata::v1::FUNDING_RATE_KIND_PREDICTED;
}

// One rate per instrument.
std::vector<const FundingRate*> PickRates(const std::vector<FundingRate>& rates) {
  std::map<std::pair<std::string, std::string>, const FundingRate*> picked;
  for (const FundingRate& rate : rates) {
    const FundingRate*& kept = picked[{rate.exchange(), rate.symbol()}];
    if (kept == nullptr || (IsPredicted(rate) && !IsPredicted(*kept))) kept = &rate;
  }
  std::vector<const FundingRate*> list;
  for (const auto& [instrument, rate] : picked) list.push_back(rate);
  return list;
}

struct Compared {
  Decimal spread;
  v1::FundingComparison comparison;
};

Compared Compare(const std::string& base, std::vector<Rate> rates) {
  // Stable: equal rates stay ordered by exchange and symbol.
  std::stable_sort(rates.begin(), rates.end(), [](const Rate& left, const Rate& right) {
    return left.rate_8h > right.rate_8h;
  });
  Compared result;
  // Rates are tiny against what a Decimal holds; an overflow would show as no spread.
  result.spread =
      Decimal::Subtract(rates.front().rate_8h, rates.back().rate_8h).value_or(Decimal());
  result.comparison.set_base(base);
  result.comparison.set_spread_8h(result.spread.ToShortString());
  for (const Rate& rate : rates) *result.comparison.add_rates() = *rate.rate;
  return result;
}

}  // namespace

std::string BaseOfSymbol(const std::string& symbol) { return symbol.substr(0, symbol.find('-')); }

std::vector<v1::FundingComparison> CompareFunding(const std::vector<FundingRate>& rates,
                                                  const std::set<std::string>& bases) {
  std::map<std::string, std::vector<Rate>> by_base;
  for (const FundingRate* rate : PickRates(rates)) {
    const std::string base = BaseOfSymbol(rate->symbol());
    const absl::StatusOr<Decimal> rate_8h = Decimal::Parse(rate->rate_8h());
    if (!rate_8h.ok() || (!bases.empty() && !bases.contains(base))) continue;
    by_base[base].push_back({*rate_8h, rate});
  }
  std::vector<Compared> compared;
  for (auto& [base, of_base] : by_base) compared.push_back(Compare(base, std::move(of_base)));
  // Stable: equal spreads stay ordered by base.
  std::stable_sort(
      compared.begin(), compared.end(),
      [](const Compared& left, const Compared& right) { return left.spread > right.spread; });
  std::vector<v1::FundingComparison> comparisons;
  for (Compared& one : compared) comparisons.push_back(std::move(one.comparison));
  return comparisons;
}

}  // namespace switchyard::router
