#pragma once

#include <optional>

#include "services/order/desk/desk_context.h"
#include "services/order/reads/answer.h"
#include "services/order/reads/past_position.h"
#include "services/order/recovery/reconciler.h"
#include "switchyard/order/v1/order_service.pb.h"

namespace switchyard::order {

// The part of ListOrders and ListFills that is older than the journal: pages of the exchange's own,
// without what the journal has. The owner's thread alone; requests have been checked.
class OrderHistory {
 public:
  // All outlive this object.
  OrderHistory(DeskContext& desk, const Reconciler& reconciler)
      : desk_(desk), reconciler_(reconciler) {}

  // How far back the answer to this request is whole, and whether pages of the exchange's follow.
  v1::HistoryCoverage CoverageOf(const v1::ListOrdersRequest& request) const;
  v1::HistoryCoverage CoverageOf(const v1::ListFillsRequest& request) const;

  // `position` is behind the journal. Errors: those of the exchange's client.
  void ListOrders(const v1::ListOrdersRequest& request, const PastPosition& position,
                  Answer<v1::ListOrdersResponse> answer);
  // `order`: of this one alone. Errors: as above.
  void ListFills(const v1::ListFillsRequest& request, const PastPosition& position,
                 std::optional<exchange::OrderReference> order,
                 Answer<v1::ListFillsResponse> answer);

 private:
  // Before this the journal does not know everything.
  TimeNs CompleteSince() const;
  template <typename Request>
  v1::HistoryCoverage Coverage(const Request& request, bool wants_older) const;
  template <typename Request>
  exchange::HistoryQuery QueryOf(const Request& request, const PastPosition& position) const;

  DeskContext& desk_;
  const Reconciler& reconciler_;
};

}  // namespace switchyard::order
