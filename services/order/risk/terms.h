#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"
#include "common/model/market_data.h"
#include "common/model/order.h"
#include "common/time/time.h"
#include "switchyard/order/v1/order.pb.h"
#include "switchyard/order/v1/order_service.pb.h"

// From what a client asks to what an instrument can represent. Quantities in base units, prices in
// quote units, exact; rounded only as the client asked. Pure; any thread.
namespace switchyard::order::risk {

// What is to be sent for a ticket that passed CheckTicket. Defaults are resolved: time_in_force is
// never UNSPECIFIED, a trigger's reference neither, position_side NET becomes UNSPECIFIED. On
// TRAILING_STOP `trigger` holds the reference alone (price 0). The ids of attached orders at the
// exchange stay empty, and so does a worst_price that was not given.
// The smallest notional is checked where the value is known before the trade, and not for orders
// that only reduce: whether a small rest may be closed is for the exchange to say. An instrument's
// step for quote_quantity is not known: it is passed on as it is.
// Errors: InvalidArgument, INVALID_FIELD with the field's name (also: not possible on spot, below
// or above the instrument's bounds, GTD expired by `now`) or NOT_REPRESENTABLE, see FitToGrid.
absl::StatusOr<model::OrderTerms> TermsOf(const v1::OrderTicket& ticket,
                                          const model::Instrument& instrument, TimeNs now);

// The contract's account of what is sent. A decimal keeps the digits that it has in `terms`.
v1::SentValues SentOf(const model::OrderTerms& terms);

// The rules of the request that need no order.
// Errors: InvalidArgument, INVALID_FIELD with the field's name.
absl::Status CheckAmend(const v1::AmendOrderRequest& request);

struct Amendment {
  model::OrderTerms terms;  // of the whole order, once amended
  // What changes, after rounding; as in the request, present where it is present there.
  std::optional<Decimal> quantity, price, trigger_price;
};

// What a request that passed CheckAmend makes of an order of which `filled` base units are filled.
// Errors: as TermsOf; also INVALID_FIELD for a value that the order does not have (price of a
// market order) and for a quantity that is not above what is filled.
absl::StatusOr<Amendment> AmendmentOf(const v1::AmendOrderRequest& request,
                                      const model::OrderTerms& current, const Decimal& filled,
                                      const model::Instrument& instrument);

}  // namespace switchyard::order::risk
