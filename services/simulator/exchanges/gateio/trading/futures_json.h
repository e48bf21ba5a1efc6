#pragma once

#include <string>
#include <string_view>

#include "services/simulator/engine/futures_desk.h"
#include "services/simulator/engine/triggers.h"
#include "services/simulator/exchanges/gateio/trading/api.h"
#include "services/simulator/json_writer.h"

namespace switchyard::simulator::gateio {

// A futures size as a client wants it: an integer number of contracts, truncated, or a decimal
// text.
std::string SizeJson(const engine::Market& market, engine::Int128 lots, bool decimal_sizes);

// Fields of an order as REST and the WebSocket API tell it; the caller opens and closes the object.
void AppendFuturesOrder(JsonWriter& json, const engine::ContractTerms& terms,
                        const engine::ClientOrder& order, bool decimal_sizes);
// The object that futures.orders pushes: prices are numbers.
void AppendFuturesOrderPush(JsonWriter& json, const engine::ContractTerms& terms,
                            const engine::ClientOrder& order, engine::OrderEvent event,
                            bool decimal_sizes);
// A row of my_trades (or of my_trades_timerange), and one of futures.usertrades.
void AppendFuturesFill(JsonWriter& json, const engine::ContractTerms& terms,
                       const engine::ClientFill& fill, bool decimal_sizes, bool timerange);
void AppendFuturesFillPush(JsonWriter& json, const engine::ClientFill& fill, bool decimal_sizes);

// What a position's answer needs besides the position.
struct PositionView {
  const engine::Position& position;
  const engine::ContractTerms& terms;
  engine::Amount mark_value;
  engine::Amount margin_behind;
  std::int64_t mark;
  std::int64_t pending_orders;
};
void AppendPosition(JsonWriter& json, const PositionView& view, bool decimal_sizes);
void AppendPositionPush(JsonWriter& json, const PositionView& view, bool decimal_sizes);

// A row of account_book, and one of futures.balances.
void AppendEntry(JsonWriter& json, const engine::FuturesEntry& entry);
void AppendEntryPush(JsonWriter& json, const engine::FuturesEntry& entry);
std::string_view EntryType(engine::EntryKind kind);

void AppendClose(JsonWriter& json, const engine::ContractTerms& terms,
                 const engine::PositionClose& close);
void AppendClosePush(JsonWriter& json, const engine::PositionClose& close);
// How a row is written: in a push, numbers in place of texts, and the user.
struct RowForm {
  bool push = false;
  bool decimal_sizes = false;
};
void AppendLiquidation(JsonWriter& json, const engine::ContractTerms& terms,
                       const engine::ForcedClose& liquidation, RowForm form);
void AppendDeleverage(JsonWriter& json, const engine::ContractTerms& terms,
                      const engine::ForcedClose& deleverage, RowForm form);
// A price order, on REST and in futures.autoorders.
void AppendFuturesTrigger(JsonWriter& json, const engine::Trigger& trigger, RowForm form);

}  // namespace switchyard::simulator::gateio
