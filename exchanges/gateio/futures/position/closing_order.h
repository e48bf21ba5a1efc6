#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/exchange/position_client.h"
#include "common/model/market_data.h"
#include "exchanges/gateio/rest/rest_request.h"

// Commands about positions as Gate.io takes them. Pure; any thread.
namespace switchyard::exchanges::gateio::futures {

// The `text` by which Gate.io knows the closing order of a request: "t-swc-" and 24 hex digits of a
// hash of the request's id, so that any id fits and equal ones give equal texts.
std::string ClosingText(std::string_view request_id);

// A reduce-only order that acts at once: in both position modes its sign says which side it
// reduces, and it opens nothing whatever the position is by then.
// Errors: InvalidArgument, NOT_REPRESENTABLE (not a whole number of steps).
// Source: API v4, "Futures", create an order; dual mode.
absl::StatusOr<RestRequest> ClosingRequest(const exchange::CloseCommand& command,
                                           const model::Instrument& instrument);
// The order that was made, as far as a position's owner needs it.
// Errors: Internal, MALFORMED_EXCHANGE_MESSAGE.
absl::StatusOr<model::OrderReport> DecodeClosingOrder(const std::string& body,
                                                      const model::Instrument& instrument);
// Asks for the order with this text.
RestRequest FindClosingRequest(std::string_view text);

// Errors: InvalidArgument, INVALID_FIELD.
// Source: API v4, "Futures", update position margin; in dual mode with `dual_side`.
RestRequest MarginRequest(const exchange::MarginCommand& command,
                          const model::Instrument& instrument);

}  // namespace switchyard::exchanges::gateio::futures
