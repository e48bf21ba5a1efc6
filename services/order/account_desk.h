#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/exchange/io_thread.h"
#include "common/exchange/order_client.h"
#include "services/order/commands/order_commands.h"
#include "services/order/commands/request_log.h"
#include "services/order/desk/desk_context.h"
#include "services/order/journal/journal.h"
#include "services/order/ledger/order_log.h"
#include "services/order/reads/order_reads.h"
#include "services/order/reads/order_waits.h"
#include "services/order/recovery/outcome_resolver.h"
#include "services/order/recovery/reconciler.h"
#include "services/order/recovery/report_intake.h"
#include "services/order/risk/limit_table.h"
#include "switchyard/order/v1/risk.pb.h"

namespace switchyard::order {

// What an account's desk is made from.
struct DeskSpec {
  std::string exchange, account;
  risk::LimitTable limits;
  DeskOptions options;
  journal::Options journal;
};

// One account on one exchange: its journal, its thread, and everything that lives on it. Made and
// stopped by one thread; what the parts do happens in turns of the owner's thread.
class AccountDesk final : public exchange::OrderListener {
 public:
  // What is given outlives the desk. Opens the journal; nothing is connected yet. Errors: as
  // Journal::Open.
  static absl::StatusOr<std::unique_ptr<AccountDesk>> Create(
      DeskSpec spec, std::unique_ptr<exchange::OrderClient> client,
      exchange::MarketDataClient& market_data, metrics::Metrics& metrics, const Clock& clock);
  ~AccountDesk() override;

  // Starts the exchange's client and reconciles. Once.
  void Start();
  // From now on nothing new is taken; waits, at most the drain time, for what is under way.
  void BeginDrain();
  // Ends the client, then the threads. Open orders are listed in the log. Once, after BeginDrain.
  void Stop();

  // Any thread: `work` runs in a turn.
  void Post(std::function<void()> work) { turns_.Post(std::move(work)); }
  // Any thread: runs `work` in a turn with the quotes of these markets, as far as they are needed
  // and can be had. Errors of a quote are not: a limit that needs it refuses.
  void WithMarkets(std::vector<std::string> symbols,
                   std::function<void(const OrderCommands::Markets& markets)> work);
  bool NeedsMarket(v1::OrderType type) const;

  // In a turn.
  DeskContext& context() { return context_; }
  OrderCommands& commands() { return commands_; }
  Reconciler& reconciler() { return reconciler_; }
  RequestLog& requests() { return requests_; }
  OrderReads& reads() { return reads_; }
  OrderWaits& waits() { return waits_; }
  const v1::KillSwitch& kill_switch() const { return kill_switch_; }
  void SetKillSwitch(const v1::KillSwitch& kill_switch);
  // Why new orders and amendments are refused; OK = they are not.
  absl::Status CheckAccepting() const;
  TimeNs dead_man_time() const { return dead_man_time_; }

  // Any thread. The account is known, its private stream is there, and new orders are taken.
  bool is_ready() const { return ready_.load(std::memory_order_relaxed); }
  OrderLog& log() { return log_; }
  exchange::IoThread& reader() { return reader_; }
  const exchange::OrderClient& client() const { return *client_; }
  exchange::OrderClient& client() { return *client_; }

 private:
  struct OpenJournal {
    std::unique_ptr<journal::Journal> journal;
    journal::Opening opening;
  };

  AccountDesk(DeskSpec spec, OpenJournal opened, std::unique_ptr<exchange::OrderClient> client,
              exchange::MarketDataClient& market_data, metrics::Metrics& metrics,
              const Clock& clock);
  absl::Status Load();
  // Commands that an earlier life began: nobody knows their outcome.
  void DoubtPendingCommands();
  void ObserveOrder(const OrderRecord& record);
  absl::Status ShuttingDown() const;
  void EndTurn();
  // Has queued commands sent as soon as they are due.
  void ArmQueue();
  void Tick();
  void ArmTick();
  void CheckLimitNames();
  void CancelForAbsentClients();
  void RenewDeadManSwitch();
  // Keeps best bid and offer of this market subscribed, so that limits need not ask for them.
  void KeepQuoted(const std::string& symbol);
  void CheckDrained();
  void OnPositionMismatch(const risk::PositionAudit::Mismatch& mismatch);
  // Runs `work` in a turn and returns when what it changed is committed. Not from the owner.
  void RunAndWait(std::function<void()> work);

  // OrderListener: the client's connection thread.
  void OnOrder(const model::OrderReport& report) override;
  void OnFill(const model::FillReport& fill) override;
  void OnLiquidation(const position::v1::Liquidation& liquidation) override;
  void OnPosition(std::string_view symbol, common::v1::PositionSide side,
                  const Decimal& size) override;
  void OnPrivateStreamReady() override;
  void OnPrivateStreamLost(const absl::Status& why) override;

  const DeskSpec spec_;
  const std::unique_ptr<exchange::OrderClient> client_;
  const Clock& clock_;
  exchange::IoThread owner_, reader_;
  const journal::Opening opening_;
  const std::unique_ptr<journal::Journal> journal_;
  OrderLog log_;
  OrderLedger ledger_;
  Turns turns_;
  risk::PreTradeLimits limits_;
  risk::SessionRegistry sessions_;
  risk::PositionAudit audit_;
  DeskMetrics metrics_;
  DeskContext context_;
  OutcomeResolver resolver_;
  ReportIntake intake_;
  OrderCommands commands_;
  Reconciler reconciler_;
  RequestLog requests_;
  OrderReads reads_;
  OrderWaits waits_;
  exchange::Timer timer_, queue_timer_;
  std::optional<std::chrono::nanoseconds> queue_due_;  // when queue_timer_ ends

  std::vector<std::uint64_t> changed_;  // in this turn
  stream::StreamCounters counters_;     // of the next, which nobody reads
  std::map<std::string, std::shared_ptr<stream::EventStream>> quoted_;  // by symbol
  v1::KillSwitch kill_switch_;
  bool stream_ready_ = false;
  std::atomic<bool> ready_{false};
  bool draining_ = false;
  std::chrono::nanoseconds drain_until_{0};
  std::function<void()> drained_;  // set while somebody waits for it
  TimeNs dead_man_time_;
  std::chrono::nanoseconds dead_man_due_{0};
  bool dead_man_failed_ = false;
  bool limit_names_checked_ = false;
  bool started_ = false;
  bool stopped_ = false;
};

}  // namespace switchyard::order
