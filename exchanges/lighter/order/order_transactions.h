#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/exchange/order_client.h"
#include "common/model/market_data.h"
#include "common/model/order.h"
#include "exchanges/lighter/private/transaction_lane.h"

// The house's orders and commands as Lighter's transactions: integers in the market's steps and
// ticks, exact. Pure; any thread. Source: protocol reference 3.10 and 6.
//
// Errors, where not said otherwise: Unimplemented, NOT_IN_CAPABILITIES; InvalidArgument,
// INVALID_FIELD or, with the nearest valid values, NOT_REPRESENTABLE.
namespace switchyard::exchanges::lighter {

// Whose key signs.
struct KeyOwner {
  std::int64_t account_index = 0;
  std::int64_t api_key_index = 0;
};

// How long an order rests that names no end of its own: what the exchange's SDK takes. The exchange
// itself allows 5 minutes to 30 days.
inline constexpr std::chrono::hours kDefaultRest{28 * 24};
inline constexpr std::chrono::minutes kShortestRest{5};
inline constexpr std::chrono::hours kLongestRest{30 * 24};
// Of a scheduled cancel of everything.
inline constexpr std::chrono::minutes kShortestSchedule{5};
inline constexpr std::chrono::hours kLongestSchedule{15 * 24};

// `value` in units of `unit`, which is above 0; `field` goes into errors. `most` is the largest
// integer that the exchange takes, the smallest is 1.
absl::StatusOr<std::int64_t> ToUnits(std::string_view field, const Decimal& value,
                                     const Decimal& unit, std::int64_t most);

// As exchange::OrderClient::Check, `now` by the exchange's clock. Notional and quantity minimums
// are not looked at: the service does.
absl::Status CheckTerms(const model::Instrument& instrument, const model::OrderTerms& terms,
                        TimeNs now);

// A new order; with attached take-profit or stop-loss, or both, the group of them. The order's own
// checks are made again. A market order is sent with its worst price.
absl::StatusOr<Draft> PlaceDraft(const KeyOwner& owner, const model::Instrument& instrument,
                                 const exchange::PlaceCommand& command, TimeNs now);

// A stop-loss and a take-profit of which one cancels the other. Both conditional, reduce-only, of
// the same side, quantity and end. Errors also: InvalidArgument where they are not.
absl::StatusOr<Draft> OneCancelsOtherDraft(const KeyOwner& owner,
                                           const model::Instrument& instrument,
                                           const exchange::PlaceCommand& first,
                                           const exchange::PlaceCommand& second, TimeNs now);

// An order as it is: what an amendment leaves alone.
struct StandingOrder {
  model::OrderTerms terms;
  Decimal filled_quantity;
};

// Lighter takes all values of an order anew, so what does not change comes from `standing`. An
// order that is filled in part is refused: no source says whether the new amount counts what is
// filled.
absl::StatusOr<Draft> AmendDraft(const KeyOwner& owner, const model::Instrument& instrument,
                                 const exchange::AmendCommand& command,
                                 const StandingOrder& standing);

// By the exchange's id where it is known, else by ours.
absl::StatusOr<Draft> CancelDraft(const KeyOwner& owner, const model::Instrument& instrument,
                                  const exchange::OrderReference& order);

// Everything of the account, or of one market; null = all markets.
// Errors: Unimplemented, NOT_IN_CAPABILITIES, for a market of which the attribute cannot hold the
// id, which ends at 254: its orders have to be canceled one by one.
absl::StatusOr<Draft> CancelAllDraft(const KeyOwner& owner, const model::Instrument* instrument);
// Cancels everything at `at`, a moment of the exchange's clock, unless it is sent again before.
// Errors: InvalidArgument where `at` is nearer than 5 minutes or farther than 15 days.
absl::StatusOr<Draft> ScheduledCancelAllDraft(const KeyOwner& owner, TimeNs at, TimeNs now);
Draft AbortScheduledCancelAllDraft(const KeyOwner& owner);

}  // namespace switchyard::exchanges::lighter
