#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/json/json.h"
#include "common/model/order.h"
#include "exchanges/gateio/order/order_reports.h"

// What readers of orders and fills of both products share. Pure; any thread.
namespace switchyard::exchanges::gateio {

// Internal, MALFORMED_EXCHANGE_MESSAGE: a message that cannot be read, and why.
absl::Status MalformedReport(std::string_view what, const absl::Status& why);

// The instrument of a report. Errors: NotFound, UNKNOWN_INSTRUMENT.
absl::StatusOr<const model::Instrument*> InstrumentOf(const json::Json& report, const char* field,
                                                      const Origin& origin);

// What every report of an order begins with: its market, where it came from, its id. `what` names
// it in errors.
absl::Status BeginReport(std::string_view what, const json::Json& order,
                         const model::Instrument& instrument, const Origin& origin,
                         model::OrderReport& out);
// The same for a fill, with what both products tell of one in the same words.
absl::Status BeginFill(std::string_view what, const json::Json& fill,
                       const model::Instrument& instrument, const Origin& origin,
                       model::FillReport& out);

// Milliseconds where they are told, else seconds.
TimeNs TimeOf(const json::Json& object, const char* millis, const char* seconds);

// The id in `field`, which says "0" for none.
std::string IdIn(const json::Json& object, const char* field);

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
