#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/exchange/order_client.h"
#include "common/time/time.h"

// Pages of lists that Gate.io gives by page number, and by spans of bounded length. Pure.
namespace switchyard::exchanges::gateio {

// What one request asks for: a page of a span. `end` 0 = not bounded.
struct HistoryPage {
  exchange::HistoryQuery query;  // with the span and size of this request
  int number = 1;
  TimeNs first_start;  // where the spans end, going back
};

// The page that a query asks for. A span longer than `longest` (0 = any) is asked for piece by
// piece, the newest first; one without a start has that length.
// Errors: InvalidArgument, INVALID_PAGE_TOKEN.
absl::StatusOr<HistoryPage> PageOf(const exchange::HistoryQuery& query, TimeNs now,
                                   std::chrono::seconds longest);

// The token of what follows; empty = nothing. `full`: this page may not be the span's last.
std::string NextToken(const HistoryPage& page, bool full);

}  // namespace switchyard::exchanges::gateio
