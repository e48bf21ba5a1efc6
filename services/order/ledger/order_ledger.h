#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/exchange/io_thread.h"
#include "common/model/order.h"
#include "services/order/journal/journal.h"
#include "services/order/ledger/id_filter.h"
#include "services/order/ledger/order_log.h"
#include "services/order/state/order_record.h"
#include "switchyard/order/v1/order_events.pb.h"

namespace switchyard::order {

// The one owner of an account's orders: keeps those that live (and the latest that ended) by all
// their ids, and writes every change to the journal, from where it reaches the streams. Changes
// gather until Flush, which commits them together. The owner's thread alone.
class OrderLedger {
 public:
  using Done = std::function<void(const absl::Status& status)>;
  // Told of every order that changed, before it is journaled.
  using Observer = std::function<void(const OrderRecord& record)>;

  // All outlive this object. `owner` is the thread on which it lives.
  OrderLedger(std::string exchange, std::string account, journal::Journal& journal, OrderLog& log,
              exchange::IoThread& owner, const Clock& clock);

  // Takes over what the journal knows. Once, first of all.
  absl::Status Load(const journal::Opening& opening);
  void SetObserver(Observer observer) { observer_ = std::move(observer); }

  // Of orders with numbers below, more may have happened than the journal tells: it was restored
  // from a backup since. 0 = it never was.
  std::uint64_t restored_below() const { return restored_below_; }

  // Null = there is none. Pointers live until the next turn of the thread.
  OrderRecord* Find(std::uint64_t number);
  // These also ask the journal, for orders that ended long ago.
  OrderRecord* FindByClientId(std::string_view client_order_id);
  OrderRecord* FindByExchangeIds(std::string_view symbol, std::string_view exchange_order_id,
                                 std::string_view exchange_client_id);
  // The orders that have not ended, by rising number; the set changes as they do.
  std::vector<std::uint64_t> OpenNumbers() const { return {open_.begin(), open_.end()}; }
  const std::set<std::uint64_t>& open() const { return open_; }
  std::uint32_t unknown_orders() const;

  // Never given before, in this life or an earlier one, to an order that was journaled.
  std::uint64_t TakeNumber() { return next_number_++; }
  // Nor is this one, which an order at the exchange has that the journal does not know.
  void SkipNumber(std::uint64_t number);
  // A new order, which is to be journaled with Changed. Its number was taken.
  OrderRecord& Add(OrderRecord record);

  // The same for an order that was never sent and begins anew, under its number.
  OrderRecord& BeginAnew(OrderRecord record);

  // The order changed: an event of it is journaled. `exchange_time` 0 = none.
  void Changed(OrderRecord& record, TimeNs exchange_time, TimeNs receive_time);
  // What is not visible changed (who cancels, since when a command is on its way).
  void ChangedInside(const OrderRecord& record);
  // False: this fill is known. Else an event of it is journaled, and `fill` has its position.
  bool AddFill(std::uint64_t number, v1::Fill& fill);
  void AddLiquidation(const position::v1::Liquidation& liquidation);
  void SetKillSwitch(const v1::KillSwitch& kill_switch);
  void AddPositionMismatch(const v1::PositionMismatch& mismatch, TimeNs receive_time);
  void SetCommand(journal::CommandRow command);
  void SetValue(std::string_view key, std::string value);

  // Commits what changed since the last time. `done` runs on this thread.
  void Flush(Done done = {});
  // Runs when all that was flushed so far is committed, or the journal has failed; at once if so.
  void AfterCommit(std::function<void()> then);

  // Why nothing can be journaled now; OK = it can.
  absl::Status failure() const { return failure_; }
  const std::string& exchange() const { return exchange_; }
  const std::string& account() const { return account_; }
  journal::Journal& journal() { return journal_; }
  OrderLog& log() { return log_; }

 private:
  using Key = std::pair<std::string, std::string>;  // symbol, id

  v1::OrderEvent MakeEvent(TimeNs exchange_time, TimeNs receive_time);
  void AddEvent(const v1::OrderEvent& event);
  void Index(const OrderRecord& record);
  void IndexExchangeId(const OrderRecord& record);
  // Of the orders that ended, only the latest stay in memory.
  void Retire(const OrderRecord& record);
  void Forget(const OrderRecord& record);
  OrderRecord* Recall(journal::Store::MaybeOrder found);
  // The journal gives away the numbers up to the next, and some more at once.
  void ReserveNumbers();
  void OnCommitted();

  const std::string exchange_, account_;
  journal::Journal& journal_;
  OrderLog& log_;
  exchange::IoThread& owner_;
  const Clock& clock_;
  Observer observer_;

  std::map<std::uint64_t, OrderRecord> orders_;
  std::set<std::uint64_t> open_;  // of these; the few that every tick looks at
  std::map<std::string, std::uint64_t, std::less<>> by_client_id_;
  std::map<std::string, std::uint64_t, std::less<>> by_exchange_client_id_;
  std::map<Key, std::uint64_t> by_exchange_id_;
  std::deque<std::uint64_t> ended_;  // oldest first
  std::set<std::uint64_t> retired_;  // the same
  IdFilter archived_;                // every id of an order that is not in memory
  std::set<std::string> recent_fills_;
  std::deque<std::string> recent_fills_order_;
  IdFilter older_fills_;

  std::uint64_t next_number_ = 1;
  std::uint64_t restored_below_ = 0;
  std::uint64_t reserved_ = 1;  // numbers below it are taken, as the journal knows
  std::uint64_t last_sequence_ = 0;
  journal::Batch batch_;
  std::uint64_t flushed_ = 0, committed_ = 0;  // batches
  std::deque<std::pair<std::uint64_t, std::function<void()>>> waiting_;
  absl::Status failure_;
};

}  // namespace switchyard::order
