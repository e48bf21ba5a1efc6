#pragma once

#include <string>
#include <string_view>

#include "common/model/order.h"
#include "switchyard/common/v1/values.pb.h"
#include "switchyard/order/v1/fill.pb.h"
#include "switchyard/order/v1/order.pb.h"

// House words of orders to the contract's messages and back. Total functions, pure.
namespace switchyard::order {

// As far as the exchange tells it; without a client_order_id. For orders that are not ours.
v1::OrderTicket TicketOf(const model::OrderReport& report);

// The terms that a journaled order has at the exchange: its ticket with the values that were sent.
model::OrderTerms TermsOf(const v1::Order& order);

// Everything but the order's client id and the journal's position.
v1::Fill FillOf(std::string_view exchange, std::string_view account,
                const model::FillReport& report);

// Empty text = absent. The text is a decimal of the contract's form: it was checked or made here.
std::optional<Decimal> DecimalOf(const std::string& text);

}  // namespace switchyard::order
