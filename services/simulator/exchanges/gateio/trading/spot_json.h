#pragma once

#include <cstdint>
#include <string_view>

#include "services/simulator/engine/order_desk.h"
#include "services/simulator/engine/spot_desk.h"
#include "services/simulator/engine/triggers.h"
#include "services/simulator/json_writer.h"

namespace switchyard::simulator::gateio {

// How many of an order's fields an answer has (`action_mode`).
enum class OrderDetail { kAck, kResult, kFull };

// Fields of a spot order as REST and the WebSocket API tell it; the caller opens and closes the
// object.
void AppendSpotOrder(JsonWriter& json, const engine::SpotTerms& terms,
                     const engine::ClientOrder& order, OrderDetail detail);
// The object that spot.orders pushes.
void AppendSpotOrderPush(JsonWriter& json, const engine::SpotTerms& terms,
                         const engine::ClientOrder& order, engine::OrderEvent event);
// A row of my_trades, and one of spot.usertrades.
void AppendSpotFill(JsonWriter& json, const engine::ClientOrder& order,
                    const engine::ClientFill& fill);
void AppendSpotFillPush(JsonWriter& json, const engine::ClientOrder& order,
                        const engine::ClientFill& fill);
// A row of spot.balances.
void AppendBalancePush(JsonWriter& json, const engine::BalanceChange& change);
// A price order, and the object that spot.priceorders pushes.
void AppendSpotTrigger(JsonWriter& json, const engine::Trigger& trigger);
void AppendSpotTriggerPush(JsonWriter& json, const engine::SpotTerms& terms,
                           const engine::Trigger& trigger);

// Words shared with futures.
std::string_view TimeInForceText(engine::TimeInForce time_in_force);
std::string_view SelfTradeText(engine::SelfTrade self_trade);

}  // namespace switchyard::simulator::gateio
