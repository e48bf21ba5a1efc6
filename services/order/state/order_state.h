#pragma once

#include <optional>
#include <string>

#include "common/exchange/order_client.h"
#include "common/model/order.h"
#include "services/order/state/order_record.h"
#include "switchyard/order/v1/fill.pb.h"

// How an order changes: what the exchange tells, by whichever path and in whichever order, merged
// into what is known. Monotonic: terminal stays terminal, what is filled never shrinks, older
// reports change nothing, and whatever confirms an order settles the question of its outcome. Pure.
//
// Each function returns whether the order changed as clients see it; its version then grew by 1,
// and update_time_ns, change_origin and freshness tell of this change. The position is set by
// whoever journals the change.
namespace switchyard::order {

struct Cause {
  v1::ChangeOrigin origin = v1::CHANGE_ORIGIN_EXCHANGE;
  TimeNs now;
  model::Source source = model::Source::kWebSocket;  // by which it was learnt
  int tick_scale = 8;  // decimals of the instrument's tick: average prices have 8 more
};

// The values of an amendment, once it is confirmed.
struct AmendedValues {
  std::optional<Decimal> quantity{}, price{}, trigger_price{};
};

bool ApplyReport(const model::OrderReport& report, const Cause& cause, OrderRecord& record);

// `fill` is of this order and was not counted before.
bool ApplyFill(const v1::Fill& fill, const Cause& cause, OrderRecord& record);

// A command is about to be given to the exchange's client. `cancel_cause` with CANCEL alone.
bool BeginCommand(v1::PendingCommand command, v1::FinishReason cancel_cause, const Cause& cause,
                  OrderRecord& record);

bool ApplyPlaceResult(const exchange::CommandResult& result, const Cause& cause,
                      OrderRecord& record);
bool ApplyAmendResult(const exchange::CommandResult& result, const AmendedValues& values,
                      const Cause& cause, OrderRecord& record);
bool ApplyCancelResult(const exchange::CommandResult& result, const Cause& cause,
                       OrderRecord& record);

// The command on its way provably never reached the exchange: a new order is REJECTED, any other
// command leaves the order as it is.
bool ConcludeNotReceived(const Cause& cause, OrderRecord& record);
// The order was never given to the exchange's client, and shall not be any more: it is CANCELED.
bool ConcludeWithdrawn(v1::FinishReason cancel_cause, const Cause& cause, OrderRecord& record);
// The exchange has answered for the order after every command of ours must have arrived: none is on
// its way any more.
bool ConcludeSettled(const Cause& cause, OrderRecord& record);
// An order that was confirmed once is provably no longer among those that the exchange knows: it is
// FILLED where its fills say so, else CANCELED.
bool ConcludeGone(const Cause& cause, OrderRecord& record);

// An order that is not ours, as first told. `record.number` is set.
void AdoptReport(const model::OrderReport& report, const Cause& cause, OrderRecord& record);

// More is filled than the known fills explain.
bool LacksFills(const OrderRecord& record);

}  // namespace switchyard::order
