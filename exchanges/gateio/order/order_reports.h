#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/json/json.h"
#include "common/model/market_data.h"
#include "common/model/order.h"
#include "common/time/time.h"

namespace switchyard::exchanges::gateio {

// Where a message was read from.
struct Origin {
  const model::InstrumentTable& instruments;
  TimeNs receive_time;
  model::Source source = model::Source::kRest;
};

// What one product's orders and fills tell, on any path. Pure and stateless: any thread. Errors:
// Internal, MALFORMED_EXCHANGE_MESSAGE; NotFound, UNKNOWN_INSTRUMENT where a symbol is not listed.
class OrderReports {
 public:
  using Json = json::Json;

  virtual ~OrderReports() = default;

  virtual absl::StatusOr<model::OrderReport> ReadOrder(const Json& order,
                                                       const Origin& origin) const = 0;
  virtual absl::StatusOr<model::OrderReport> ReadConditional(const Json& order,
                                                             const Origin& origin) const = 0;
  // The id of the order that a triggered conditional order has become; empty = none yet.
  virtual std::string FiredOrderId(const Json& conditional) const = 0;
  virtual absl::StatusOr<model::FillReport> ReadFill(const Json& fill,
                                                     const Origin& origin) const = 0;
  // The orders in a page of open ones; `full` where another page may follow.
  virtual absl::StatusOr<std::vector<model::OrderReport>> ReadOpenOrders(const Json& page,
                                                                         const Origin& origin,
                                                                         int number,
                                                                         bool* full) const = 0;
};

}  // namespace switchyard::exchanges::gateio
