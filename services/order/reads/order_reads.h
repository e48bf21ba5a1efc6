#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "services/order/desk/desk_context.h"
#include "services/order/reads/answer.h"
#include "services/order/reads/order_history.h"
#include "services/order/reads/past_position.h"
#include "services/order/recovery/reconciler.h"
#include "services/order/recovery/report_intake.h"
#include "switchyard/order/v1/order_service.pb.h"

namespace switchyard::order {

// The reads of OrderService on one account: from memory and journal where what is known is young
// enough, else after asking the exchange. All in a turn; replies come when everything that they
// tell is committed. Requests have been checked.
class OrderReads {
 public:
  // All outlive this object.
  OrderReads(DeskContext& desk, Reconciler& reconciler, ReportIntake& intake)
      : desk_(desk), reconciler_(reconciler), intake_(intake), history_(desk, reconciler) {}

  // Finds the order that a key names; one that is known to the exchange alone is asked for there.
  // Errors: NotFound, UNKNOWN_ORDER; those of the exchange's client.
  void WithOrder(const v1::OrderKey& key, Answer<std::uint64_t> found);

  void GetOrder(const v1::GetOrderRequest& request, Answer<v1::GetOrderResponse> answer);
  void ListOpenOrders(const v1::ListOpenOrdersRequest& request, std::uint64_t before,
                      Answer<v1::ListOpenOrdersResponse> answer);
  // Orders of any state: those of the journal (placed here, or seen), then older ones that the
  // exchange still knows. Likewise fills.
  void ListOrders(const v1::ListOrdersRequest& request, const PastPosition& position,
                  Answer<v1::ListOrdersResponse> answer);
  void ListFills(const v1::ListFillsRequest& request, const PastPosition& position,
                 Answer<v1::ListFillsResponse> answer);

 private:
  // Runs `read` once what is known of the account is younger than `max_age_ns` (0 = asked for now).
  template <typename T>
  void WhenFresh(std::int64_t max_age_ns, const Answer<T>& answer,
                 std::function<void(model::Source source, std::chrono::nanoseconds age)> read);
  // How old what is known of the account may be.
  std::chrono::nanoseconds AgeOfKnowledge() const;
  void AnswerOrder(std::uint64_t number, bool include_fills, model::Source source,
                   std::chrono::nanoseconds age, const Answer<v1::GetOrderResponse>& answer);
  void AddFillsOf(std::uint64_t number, v1::GetOrderResponse& response);
  // Runs in the desk's thread when what this turn changed is committed.
  template <typename T, typename Make>
  void AnswerWith(const Answer<T>& answer, Make make);

  DeskContext& desk_;
  Reconciler& reconciler_;
  ReportIntake& intake_;
  OrderHistory history_;
};

// NotFound, UNKNOWN_ORDER.
absl::Status UnknownOrder(const std::string& exchange, const v1::OrderKey& key);

}  // namespace switchyard::order
