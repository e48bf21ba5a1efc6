#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "common/decimal/decimal.h"
#include "common/time/time.h"
#include "switchyard/order/v1/order.pb.h"

namespace switchyard::order {

// What is known of an order's fills, each counted once by its identity.
struct FillSums {
  Decimal quantity;
  std::optional<Decimal> quote = Decimal();  // absent: does not fit a Decimal
  std::map<std::string, Decimal> fees;       // by currency
  bool fees_known = true;                    // false: a fill came without its fee
};

// One order of an account with what only its owner needs to know. A plain value; the journal keeps
// all of it, `fills` by way of the fills themselves.
struct OrderRecord {
  // Unique in the account and rising; exchange-side ids are made of it.
  std::uint64_t number = 0;
  v1::Order order;
  // Digest of the ticket as it was placed. Empty: not placed here.
  std::string body_hash;
  // See model::OrderReport. 0 = none yet.
  std::uint64_t exchange_version = 0;
  // Why the cancellation that is on its way was sent; the finish reason once it is confirmed.
  v1::FinishReason cancel_cause = v1::FINISH_REASON_UNSPECIFIED;
  // When the pending command was given to the exchange's client. 0 = nothing is pending, or what is
  // pending waits for room within the exchange's limits: the client provably does not have it.
  TimeNs command_time;
  FillSums fills;
};

inline bool IsTerminal(v1::OrderState state) {
  return state == v1::ORDER_STATE_FILLED || state == v1::ORDER_STATE_CANCELED ||
         state == v1::ORDER_STATE_REJECTED || state == v1::ORDER_STATE_EXPIRED;
}
inline bool IsTerminal(const OrderRecord& record) { return IsTerminal(record.order.state()); }

}  // namespace switchyard::order
