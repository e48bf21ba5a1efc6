#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include "tests/bench/chain/testbed.h"
#include "tests/bench/orders/order_side.h"
#include "tests/bench/orders/tickets.h"

// What is measured of orders. Each case writes one JSON object a line; report.py makes medians of
// them.
namespace switchyard::bench {

// One PlaceOrder after the other, paced: from the call to the first byte at the exchange, and to
// the answer; CPU time of the service.
struct Pace {
  int orders = 300;
  std::int64_t interval_ns = 4'000'000;
};
void MeasurePlace(OrderSide& side, Tickets& tickets, const Pace& pace, int round, std::FILE* out);

// Orders a second with `callers` calls always under way.
struct Throng {
  int callers = 64;
  std::int64_t duration_ns = 1'000'000'000;
};
void MeasureSustained(OrderSide& side, Tickets& tickets, const Throng& throng, int round,
                      std::FILE* out);

// From a fill's frame, when it goes to the service, to the event at two clients of
// StreamOrderEvents: one of the service, one of its router.
void MeasureFills(Testbed& bed, OrderSide& side, Tickets& tickets, int fills, int round,
                  std::FILE* out);

// An append and its sync for each order, in the file system of the journals; the directory exists.
void MeasureSync(const std::string& directory, const Pace& pace, int round, std::FILE* out);

}  // namespace switchyard::bench
