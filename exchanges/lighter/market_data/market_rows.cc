#include "exchanges/lighter/market_data/market_rows.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"
#include "exchanges/lighter/endpoints.h"
#include "exchanges/lighter/rest/answer.h"
#include "exchanges/lighter/utils/converters.h"

namespace switchyard::exchanges::lighter {
namespace {

using json::Json;

// The lists of `orderBookDetails` and of `orderBooks`.
constexpr const char* kLists[] = {"order_book_details", "spot_order_book_details", "order_books"};

absl::StatusOr<std::int64_t> Fraction(const Json& row, std::string_view field) {
  SWITCHYARD_ASSIGN_OR_RETURN(const std::optional<std::int64_t> value,
                              json::OptionalInt64(row, field));
  return value.value_or(0);
}

// Under either name: `orderBooks` has the second one alone.
absl::StatusOr<int> Decimals(const Json& row, std::string_view field, std::string_view supported) {
  SWITCHYARD_ASSIGN_OR_RETURN(const std::optional<std::int64_t> own,
                              json::OptionalInt64(row, field));
  std::int64_t decimals = 0;
  if (own) {
    decimals = *own;
  } else {
    SWITCHYARD_ASSIGN_OR_RETURN(decimals, json::RequireInt64(row, supported));
  }
  if (decimals < 0 || decimals > 18) {
    return absl::InternalError(std::string(field) + " is " + std::to_string(decimals));
  }
  return static_cast<int>(decimals);
}

void LogLeftOut(std::string_view symbol, const absl::Status& why) {
  log::Warning("market_left_out", {{"exchange", "lighter"}, {"symbol", symbol}, {"error", why}});
}

}  // namespace

RestRequest MarketsRequest() { return GetRequest(paths::kOrderBookDetails, {{"filter", "all"}}); }

absl::StatusOr<wire::Market> ReadMarket(const Json& row) {
  wire::Market out;
  SWITCHYARD_ASSIGN_OR_RETURN(out.id, json::RequireInt64(row, "market_id"));
  SWITCHYARD_ASSIGN_OR_RETURN(out.symbol, json::RequireString(row, "symbol"));
  SWITCHYARD_ASSIGN_OR_RETURN(out.type, json::RequireString(row, "market_type"));
  SWITCHYARD_ASSIGN_OR_RETURN(out.status, json::RequireString(row, "status"));
  SWITCHYARD_ASSIGN_OR_RETURN(out.price_decimals,
                              Decimals(row, "price_decimals", "supported_price_decimals"));
  SWITCHYARD_ASSIGN_OR_RETURN(out.size_decimals,
                              Decimals(row, "size_decimals", "supported_size_decimals"));
  out.min_base_amount = TextOf(row, "min_base_amount");
  out.min_quote_amount = TextOf(row, "min_quote_amount");
  SWITCHYARD_ASSIGN_OR_RETURN(out.base_asset_id, Fraction(row, "base_asset_id"));
  SWITCHYARD_ASSIGN_OR_RETURN(out.quote_asset_id, Fraction(row, "quote_asset_id"));
  SWITCHYARD_ASSIGN_OR_RETURN(out.default_initial_margin_fraction,
                              Fraction(row, "default_initial_margin_fraction"));
  SWITCHYARD_ASSIGN_OR_RETURN(out.min_initial_margin_fraction,
                              Fraction(row, "min_initial_margin_fraction"));
  SWITCHYARD_ASSIGN_OR_RETURN(out.maintenance_margin_fraction,
                              Fraction(row, "maintenance_margin_fraction"));
  SWITCHYARD_ASSIGN_OR_RETURN(out.closeout_margin_fraction,
                              Fraction(row, "closeout_margin_fraction"));
  return out;
}

absl::StatusOr<std::vector<wire::Market>> DecodeMarkets(const std::string& body) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json answer, ParseAnswer(paths::kOrderBookDetails, body));
  std::vector<wire::Market> markets;
  absl::Status first_problem = absl::InternalError("no markets");
  for (const char* const list : kLists) {
    const auto rows = json::OptionalArray(answer, list);
    if (!rows.ok()) return Unreadable(paths::kOrderBookDetails, rows.status());
    if (*rows == nullptr) continue;
    for (const Json& row : **rows) {
      absl::StatusOr<wire::Market> market = ReadMarket(row);
      if (market.ok()) {
        markets.push_back(*std::move(market));
      } else {
        first_problem = market.status();
        LogLeftOut(TextOf(row, "symbol"), market.status());
      }
    }
  }
  if (markets.empty()) return Unreadable(paths::kOrderBookDetails, first_problem);
  return markets;
}

absl::StatusOr<std::vector<model::Instrument>> ToInstruments(
    const std::vector<wire::Market>& markets, std::string_view exchange,
    std::string_view collateral) {
  std::vector<model::Instrument> all;
  absl::Status first_problem = absl::InternalError("no markets");
  for (const wire::Market& market : markets) {
    absl::StatusOr<model::Instrument> instrument = ToInstrument(market, exchange, collateral);
    if (instrument.ok()) {
      all.push_back(*std::move(instrument));
    } else {
      first_problem = instrument.status();
      LogLeftOut(market.symbol, instrument.status());
    }
  }
  if (all.empty()) return Unreadable(paths::kOrderBookDetails, first_problem);
  std::ranges::sort(all, [](const model::Instrument& a, const model::Instrument& b) {
    const auto rank = [](const model::Instrument& one) {
      return std::tuple(one.status != model::InstrumentStatus::kTrading, one.multiplier,
                        -MarketIdOf(one));
    };
    if (a.symbol != b.symbol) return a.symbol < b.symbol;
    return rank(a) < rank(b);
  });
  const auto again = std::ranges::unique(all, {}, &model::Instrument::symbol);
  for (const model::Instrument& instrument : again) {
    LogLeftOut(instrument.exchange_symbol, absl::AlreadyExistsError("another market's symbol"));
  }
  all.erase(again.begin(), again.end());
  return all;
}

}  // namespace switchyard::exchanges::lighter
