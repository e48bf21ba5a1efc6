#pragma once

#include "absl/status/status.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "switchyard/order/v1/order.pb.h"
#include "switchyard/order/v1/order_service.pb.h"

// Every rule of order.v1.OrderTicket that needs no instrument: forms of ids and decimals, and which
// fields go with which type. Pure; any thread. Errors: InvalidArgument, INVALID_FIELD with the
// field's name ("take_profit.trigger.price"), unless stated.
namespace switchyard::order::risk {

inline constexpr int kMaxTickets = 50;

// A MARKET order at once, or once it is triggered.
bool EndsAsMarket(v1::OrderType type);
// STOP_*, TAKE_PROFIT_* and TRAILING_STOP.
bool IsConditional(v1::OrderType type);
// What UNSPECIFIED stands for: IOC for orders that end as MARKET, else GTC.
v1::TimeInForce EffectiveTimeInForce(const v1::OrderTicket& ticket);

// One ticket on its own. A ticket that passes has a usable client_order_id, so the journal can be
// asked for it; whether GTD has expired by now is left to TermsOf, for an order placed before
// is answered all the same.
absl::Status CheckTicket(const v1::OrderTicket& ticket);

// For PlaceOrder: also refuses a one-cancels-other group, which is placed whole.
absl::Status CheckSingleTicket(const v1::OrderTicket& ticket);

// For PlaceOrders, what concerns the list: 1 to 50 tickets, no client_order_id twice (attached ones
// included), no group of one. Nothing may be placed when it fails. Single tickets are not checked.
// Errors: also InvalidArgument, REQUEST_TOO_LARGE.
absl::Status CheckTicketList(const google::protobuf::RepeatedPtrField<v1::OrderTicket>& tickets);

}  // namespace switchyard::order::risk
