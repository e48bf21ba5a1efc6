#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/json/json.h"
#include "common/model/order.h"
#include "exchanges/gateio/order/order_protocol.h"

// What readers of orders and fills of both products share. Pure; any thread.
namespace switchyard::exchanges::gateio {

// Internal, MALFORMED_EXCHANGE_MESSAGE: a message that cannot be read, and why.
absl::Status MalformedReport(std::string_view what, const absl::Status& why);

// The instrument of a report. Errors: NotFound, UNKNOWN_INSTRUMENT.
absl::StatusOr<const model::Instrument*> InstrumentOf(const json::Json& report, const char* field,
                                                      const Origin& origin);

// The owner's `text`; empty where it is Gate.io's own.
std::string ClientIdOf(const json::Json& report);

void ReadSelfTradePrevention(const json::Json& report, model::OrderReport& out);
void ReadTimeInForce(std::string_view word, model::OrderReport& out);

// What "filled" says where the message leaves the quantity out.
void CompleteFilled(model::OrderReport& out);

// Adds `amount` of `field` in `currency` to `fees`; zeros only where `keep_zero`, because a zero
// fee is known too. With `rebate`, what Gate.io gives back.
absl::Status AddFee(const json::Json& report, std::string_view field, std::string_view currency,
                    bool keep_zero, bool rebate, std::vector<model::Fee>& fees);

// Names of what Gate.io charges besides currencies.
inline constexpr std::string_view kGateToken = "GT";
inline constexpr std::string_view kPoints = "POINT";

}  // namespace switchyard::exchanges::gateio
