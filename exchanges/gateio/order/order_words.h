#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/model/order.h"
#include "common/time/time.h"
#include "exchanges/gateio/channels.h"

// Gate.io's words of orders to ours and back: one total function per pair. Pure; any thread.
// Errors, where a function has any, are Internal, MALFORMED_EXCHANGE_MESSAGE: what cannot be shown
// as "unrecognised" is an error, never a default.
namespace switchyard::exchanges::gateio {

// Both products. `poc` is post-only: GTC that never takes.
struct TimeInForceWord {
  order::v1::TimeInForce time_in_force = order::v1::TIME_IN_FORCE_UNRECOGNISED;
  bool post_only = false;
};
TimeInForceWord ToTimeInForce(std::string_view word);
// "" where Gate.io has no such word: GTD, and post-only with anything but GTC.
std::string_view TimeInForceText(order::v1::TimeInForce time_in_force, bool post_only);

// cn, co, cb; "-" and "" are none. "" for what Gate.io does not offer.
order::v1::SelfTradePrevention ToSelfTradePrevention(std::string_view word);
std::string_view SelfTradePreventionText(order::v1::SelfTradePrevention rule);

absl::StatusOr<common::v1::Side> ToOrderSide(std::string_view word);
std::string_view SideText(common::v1::Side side);
common::v1::Side OppositeOf(common::v1::Side side);

order::v1::OrderType ToSpotOrderType(std::string_view word);
order::v1::LiquidityRole ToRole(std::string_view word);

// Whether a trigger waits for the price to rise to it. Total over the conditional types and sides.
bool WaitsForRise(order::v1::OrderType type, common::v1::Side side);
// The conditional type of an order that waits for a rise or fall and then is a LIMIT or MARKET one.
// Gate.io does not tell stops and take-profits apart: a buy that waits for a rise, and a sell that
// waits for a fall, are stops.
order::v1::OrderType ConditionalType(bool waits_for_rise, common::v1::Side side, bool has_price);

// trigger.price_type of futures: 0 last, 1 mark, 2 index.
order::v1::TriggerReference ToTriggerReference(std::string_view price_type);
std::optional<int> PriceTypeOf(order::v1::TriggerReference reference);

// Why an order is finished; UNRECOGNISED for a word that is not in the documentation, UNSPECIFIED
// for the words of open orders. "cancelled" does not say by whom: CLIENT_CANCEL, which whoever
// knows better refines.
order::v1::FinishReason ToFinishReason(Product product, std::string_view finish_as);
// The state of an order that is finished for this reason.
order::v1::OrderState FinishedState(order::v1::FinishReason reason);

// What Gate.io itself puts into `text` when it makes an order or a fill.
order::v1::FillKind FillKindOfText(std::string_view text);

// Seconds, milliseconds or microseconds, as the magnitude tells; whole or with a fraction. 0 for no
// text and for the year 1, by which Gate.io says "not yet". Source: API v4, "Futures", trigger
// orders, whose unit changed between editions.
TimeNs TimeByMagnitude(std::string_view text);

}  // namespace switchyard::exchanges::gateio
