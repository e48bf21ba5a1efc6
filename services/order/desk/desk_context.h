#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/exchange/io_thread.h"
#include "common/exchange/market_data_client.h"
#include "common/exchange/order_client.h"
#include "common/metrics/metrics.h"
#include "services/order/desk/queue_bounds.h"
#include "services/order/ledger/order_ledger.h"
#include "services/order/risk/position_audit.h"
#include "services/order/risk/pre_trade_limits.h"
#include "services/order/risk/session_registry.h"
#include "services/order/state/order_state.h"

namespace switchyard::order {

// Times of an account's desk. Defaults are those of config.v1.OrderConfig.
struct DeskOptions {
  std::chrono::nanoseconds reconcile_interval = std::chrono::seconds(30);
  std::chrono::nanoseconds command_timeout = std::chrono::seconds(5);
  std::chrono::nanoseconds drain = std::chrono::seconds(5);
  std::chrono::seconds dead_man_switch{0};  // 0 = off
  // An unknown outcome is asked for after `resolve_first`, then after ever twice that, at most
  // every `resolve_cap`.
  std::chrono::nanoseconds resolve_first = std::chrono::milliseconds(200);
  std::chrono::nanoseconds resolve_cap = std::chrono::seconds(30);
  // How long the fills of an order that ended may be on their way before they are asked for.
  std::chrono::nanoseconds fills_grace = std::chrono::milliseconds(500);
  // How long a message may wait for the answer that tells whose order it is about.
  std::chrono::nanoseconds orphan_wait = std::chrono::seconds(2);
  // How long a cancellation that was only acknowledged may take to end its order before its caller
  // is answered.
  std::chrono::nanoseconds cancel_end_wait = std::chrono::seconds(1);
  std::chrono::nanoseconds tick = std::chrono::milliseconds(50);
  QueueBounds queue;
};

struct DeskMetrics {
  DeskMetrics(metrics::Metrics& metrics, const std::string& exchange, const std::string& account);

  metrics::Histogram& place_seconds;  // from when the command came to its last answer
  metrics::Histogram& amend_seconds;
  metrics::Histogram& cancel_seconds;
  metrics::Gauge& queued_commands;
  metrics::Gauge& owed_cancels;
  metrics::Gauge& unknown_orders;
  metrics::Counter& resolved;
  metrics::Counter& unresolved_alarms;
  metrics::Counter& reconciliations;
  metrics::Counter& reconciliation_failures;
  metrics::Counter& reconciled_fills;     // that no stream had told
  metrics::Counter& contradictory_fills;  // of another market or side than their order
  metrics::Gauge& accepting;
};

// The owner's thread in turns: what a turn changes is committed together when it ends, and what it
// answers is told after that commit. Post and Reply from any thread; the rest in a turn.
class Turns {
 public:
  Turns(exchange::IoThread& owner, OrderLedger& ledger) : owner_(owner), ledger_(ledger) {}

  void SetAtEnd(std::function<void()> at_end) { at_end_ = std::move(at_end); }

  void Post(std::function<void()> work) {
    owner_.Post([this, work = std::move(work)] { Run(work); });
  }
  // A reply that is taken in a turn of its own.
  template <typename T>
  exchange::Reply<T> Reply(std::function<void(absl::StatusOr<T>)> take) {
    return [this, take = std::move(take)](absl::StatusOr<T> reply) {
      Post([take, reply = std::move(reply)]() mutable { take(std::move(reply)); });
    };
  }
  // Runs when everything that this turn changed is committed, or the journal has failed.
  void Answer(std::function<void()> answer) { answers_.push_back(std::move(answer)); }
  // As Answer, but only what has been changed by now; `done` learns whether it is committed.
  void Commit(OrderLedger::Done done) {
    ledger_.Flush(
        [this, done = std::move(done)](const absl::Status& status) { Run([&] { done(status); }); });
  }

 private:
  void Run(const std::function<void()>& work) {
    work();
    if (at_end_) at_end_();
    ledger_.Flush();
    for (std::function<void()>& answer : std::exchange(answers_, {})) {
      ledger_.AfterCommit(std::move(answer));
    }
  }

  exchange::IoThread& owner_;
  OrderLedger& ledger_;
  std::function<void()> at_end_;
  std::vector<std::function<void()>> answers_;
};

// What the parts of an account's desk share; outlives them. The owner's thread alone, but for the
// clients.
struct DeskContext {
  std::string exchange, account;
  exchange::OrderClient& client;
  exchange::MarketDataClient& market_data;
  OrderLedger& ledger;
  Turns& turns;
  risk::PreTradeLimits& limits;
  risk::SessionRegistry& sessions;
  risk::PositionAudit& audit;
  DeskMetrics& metrics;
  const Clock& clock;
  const DeskOptions options;

  // Why something changes now.
  Cause MakeCause(v1::ChangeOrigin origin, std::string_view symbol,
                  model::Source source = model::Source::kWebSocket) const;
  // Errors: NotFound, UNKNOWN_INSTRUMENT; Unavailable, instruments are not loaded yet.
  absl::StatusOr<const model::Instrument*> FindInstrument(
      std::string_view symbol, std::shared_ptr<const model::InstrumentTable>& table) const;
};

// How the exchange knows an order.
exchange::OrderReference ReferenceTo(const v1::Order& order);

// Under which it is known to limits and sessions.
inline std::string KeyOf(const OrderRecord& record) { return std::to_string(record.number); }

}  // namespace switchyard::order
