#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/time/time.h"
#include "exchanges/lighter/signing/transactions/orders.h"
#include "switchyard/order/v1/fill.pb.h"
#include "switchyard/order/v1/order.pb.h"

// Lighter's words of orders to ours and back: one total function per pair. Pure; any thread.
// Source: protocol reference 3.10, 6.5 and its schema of Order and Trade.
namespace switchyard::exchanges::lighter {

// What an order's status says. UNSPECIFIED finish_reason: it is not finished.
struct StatusMeaning {
  order::v1::OrderState state = order::v1::ORDER_STATE_UNSPECIFIED;
  order::v1::FinishReason finish_reason = order::v1::FINISH_REASON_UNSPECIFIED;
};
// "canceled" does not say by whom: CLIENT_CANCEL, which whoever knows better refines. A word that
// begins with "canceled" and is not known is an end all the same, with reason UNRECOGNISED.
// Errors: Internal, MALFORMED_EXCHANGE_MESSAGE, for any other unknown word.
absl::StatusOr<StatusMeaning> ToStatusMeaning(std::string_view status);
// By the numbers that events of transactions carry instead of words: "" for an unknown one.
std::string_view StatusWord(std::int64_t number);

// UNRECOGNISED for what only the exchange itself makes or what is not offered here (twap).
order::v1::OrderType ToOrderType(std::string_view word);
bool IsConditional(order::v1::OrderType type);
// Ends as a MARKET order, at once or when triggered.
bool IsMarket(order::v1::OrderType type);

struct LifeMeaning {
  order::v1::TimeInForce time_in_force = order::v1::TIME_IN_FORCE_UNRECOGNISED;
  bool post_only = false;
};
// Every resting order has an expiry, so that what rests is GTD.
LifeMeaning ToLife(std::string_view word);

// UNSPECIFIED where the order does not wait for a trigger.
order::v1::TriggerState ToTriggerState(order::v1::OrderType type, std::string_view status,
                                       std::string_view trigger_status);

// UNRECOGNISED for an unknown word.
order::v1::FillKind ToFillKind(std::string_view trade_type);

// The type of an order that is not conditional, or of a conditional one. Undefined for types that
// are not offered.
signing::OrderType ToWire(order::v1::OrderType type);

// Seconds, milliseconds or microseconds, as the magnitude tells: Lighter's answers have had either.
// 0 for 0 and for what is negative.
TimeNs TimeByMagnitude(std::int64_t stamp);

}  // namespace switchyard::exchanges::lighter
