#pragma once

#include <string>

#include "clients/cli/screen.h"
#include "switchyard/order/v1/fill.pb.h"
#include "switchyard/order/v1/order.pb.h"
#include "switchyard/order/v1/order_events.pb.h"
#include "switchyard/order/v1/order_service.pb.h"

// Orders, fills and what happens to them, for people. Decimals are shown as they came.
namespace switchyard::clients::cli {

// "BUY 0.25 BTC-USDT LIMIT at 100.1 POST_ONLY".
std::string TicketText(const order::v1::OrderTicket& ticket);
// "OPEN", and beside it what is pending, unknown, waiting for its trigger, or why it ended.
std::string StateText(const order::v1::Order& order);

Table MakeOrderTable();
void AddOrder(const order::v1::Order& order, Table& table);
// Everything of one order that is known, a row each.
Table OrderDetails(const order::v1::Order& order);

Table MakeFillTable();
void AddFill(const order::v1::Fill& fill, Table& table);

// One line for one row of the journal.
std::string EventText(const order::v1::OrderEvent& event);
// Canonical symbol of what it is about; empty when it is about the account.
std::string SymbolOf(const order::v1::OrderEvent& event);

// "engaged by ops at 2026-01-02 03:04:05: reason", or "released ...".
std::string KillSwitchText(const order::v1::KillSwitch& kill_switch);

}  // namespace switchyard::clients::cli
