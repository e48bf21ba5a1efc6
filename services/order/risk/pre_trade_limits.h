#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"
#include "common/model/market_data.h"
#include "common/model/order.h"
#include "common/retry/rate_limiter.h"
#include "common/time/time.h"
#include "services/order/risk/collar.h"
#include "services/order/risk/exposure.h"
#include "services/order/risk/limit_table.h"
#include "services/order/risk/market_input.h"
#include "switchyard/order/v1/risk.pb.h"

namespace switchyard::order::risk {

// What an order of these terms can do to its position while `remaining` base units of it are open:
// for Exposure::Put, of orders that the journal or the exchange knows.
OpenOrder OpenOrderOf(std::string_view symbol, const model::OrderTerms& terms,
                      const Decimal& remaining);

// Checks every order of one account against its limits before the exchange sees it. It asks only
// for inputs that a configured limit needs, and refuses where one is missing or too old.
//
// An order of unknown price is valued at the worst for the limit: a buy at its worst price, a sell
// at the best bid or its own price, whichever is more. Conditional orders are held against their
// trigger in place of the best bid and offer, for that is where the market will be; a TRAILING_STOP
// has no such price, so the collar does not bind it. Orders that only reduce a position are exempt
// from position limits.
//
// Errors of all checks: FailedPrecondition, RISK_LIMIT with metadata `limit` (name of the
// RiskLimitKind without prefix), or RISK_INPUT_STALE with `input` (best_bid_offer, position) and
// `age_ns`; InvalidArgument, INVALID_FIELD, where an order is too large to be valued.
// One thread.
class PreTradeLimits {
 public:
  // `clock` outlives this.
  PreTradeLimits(LimitTable table, const Clock& clock);

  // The collar's worst price for an order that ends as MARKET and gives none: on a tick, and never
  // more aggressive than the collar. Absent where the collar has nothing to say: other orders,
  // TRAILING_STOP, and a quote_quantity, which bounds what is spent and cannot be had at a price
  // (an exchange holds orders at a price in base units). The last is refused all the same while
  // best bid and offer are stale.
  absl::StatusOr<std::optional<Decimal>> CollarPrice(
      const model::Instrument& instrument, const model::OrderTerms& terms,
      const std::optional<MarketInput>& market) const;

  // Lets a new order pass, or says why not. From then on it counts as open, under `key` (unique in
  // the account), until exposure().Remove(key); and it counts as placed. `terms` have their worst
  // price.
  absl::Status Admit(std::string_view key, const model::Instrument& instrument,
                     const model::OrderTerms& terms, const std::optional<MarketInput>& market);

  // Likewise an amendment of the order `key` from `current` to `amended` terms. What only reduces
  // risk (a smaller quantity, a less aggressive price, the same trigger) always passes. From then
  // on the larger of both quantities counts, until exposure().SetQuantity tells the outcome.
  absl::Status AdmitAmendment(std::string_view key, const model::Instrument& instrument,
                              const model::OrderTerms& current, const model::OrderTerms& amended,
                              const std::optional<MarketInput>& market);

  // Open orders and positions, to be kept up to date.
  Exposure& exposure() { return exposure_; }
  const Exposure& exposure() const { return exposure_; }

  // See ReportLimits.
  std::vector<v1::RiskLimit> Report(std::string_view symbol, const MarketLookup& market);

 private:
  // An order on its way through the checks.
  struct Candidate {
    const model::Instrument& instrument;
    const model::OrderTerms& terms;
    const std::optional<MarketInput>& market;
    // Amendments: base units that come on top of what counts already. Absent: the whole order.
    std::optional<Decimal> added = std::nullopt;
  };

  // Bid and offer to hold the order against. Errors: RISK_INPUT_STALE.
  absl::StatusOr<PriceRange> BestOf(const Candidate& candidate) const;
  // The highest price that it can be filled at, as far as the book and its own price tell.
  absl::StatusOr<Decimal> PriceOf(const Candidate& candidate) const;
  // Base units of the whole order.
  absl::StatusOr<Decimal> QuantityOf(const Candidate& candidate) const;
  absl::StatusOr<Decimal> NotionalOf(const Candidate& candidate) const;

  absl::Status CheckOrder(const Candidate& candidate) const;
  absl::Status CheckCollar(const Candidate& candidate) const;
  absl::Status CheckOrderSize(const Candidate& candidate) const;
  absl::Status CheckPosition(const Candidate& candidate) const;
  absl::Status CheckPositionInput(const model::Instrument& instrument) const;
  absl::Status CheckOpenOrders(const model::OrderTerms& terms) const;
  absl::Status CheckRate();

  const LimitTable table_;
  const Clock& clock_;
  const std::chrono::nanoseconds created_at_;
  Exposure exposure_;
  retry::RateLimiter rate_;
};

}  // namespace switchyard::order::risk
