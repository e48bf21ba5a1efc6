#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/exchange/order_client.h"
#include "common/time/time.h"
#include "exchanges/lighter/order/order_transactions.h"
#include "exchanges/lighter/private/transaction_lane.h"

namespace switchyard::exchanges::lighter {

// Sends commands as transactions, each as a message of its own and all of a list at once: the lane
// keeps their order, and each gets its own answer. A batch would share one, and a refused batch is
// of unknown fate. Code 200 says that a transaction is queued: what becomes of the order is told by
// its channel. Connection thread; replies come there.
class OrderCommands {
 public:
  using Table = std::shared_ptr<const model::InstrumentTable>;
  using Orders = std::vector<model::OrderReport>;
  using Results = exchange::Reply<std::vector<exchange::CommandResult>>;
  // Every open order of a market, or of all where the symbol is empty; replies there too.
  using ListOpen = std::function<void(const std::string& symbol, exchange::Reply<Orders> reply)>;

  // `lane` and `server_clock` outlive it.
  OrderCommands(TransactionLane& lane, const KeyOwner& owner, const Clock& server_clock,
                ListOpen list_open)
      : lane_(lane), owner_(owner), clock_(server_clock), list_open_(std::move(list_open)) {}

  void Place(const Table& table, const std::vector<exchange::PlaceCommand>& commands,
             Results reply);
  void Amend(const Table& table, const exchange::AmendCommand& command,
             const StandingOrder& standing, exchange::Reply<exchange::CommandResult> reply);
  void Cancel(const Table& table, const std::vector<exchange::OrderReference>& orders,
              Results reply);
  // One transaction where it can say what is meant; else what is open is listed and canceled one by
  // one: orders of one side, and of markets of which the exchange's field cannot hold the id.
  // Unknown where not all of those are confirmed.
  void CancelAll(const Table& table, const exchange::CancelAllCommand& command,
                 exchange::Reply<exchange::CommandResult> reply);
  // Schedules the cancel of everything `timeout` from now, in place of an earlier schedule; 0 =
  // aborts it. The reply is the moment by the exchange's clock; 0 = aborted.
  // Errors: InvalidArgument where `timeout` is neither 0 nor 5 minutes to 15 days.
  void Schedule(std::chrono::seconds timeout, exchange::Reply<TimeNs> reply);

 private:
  struct Gathering;

  void Submit(absl::StatusOr<Draft> draft, std::string what,
              std::function<void(exchange::CommandResult)> done);
  void CancelListed(const Table& table, const exchange::CancelAllCommand& command,
                    exchange::Reply<exchange::CommandResult> reply);

  TransactionLane& lane_;
  const KeyOwner owner_;
  const Clock& clock_;
  const ListOpen list_open_;
};

}  // namespace switchyard::exchanges::lighter
