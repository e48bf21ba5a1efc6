#include "services/order/ledger/order_ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "common/log/log.h"
#include "common/status/status.h"

namespace switchyard::order {
namespace {

// What stays in memory after its end: late messages about it are the rule just after, and rare
// later.
constexpr std::size_t kEndedKept = 10'000;
// How many numbers the journal gives away at a time: a row of it for so many orders, and as many
// unused numbers after a restart at most.
constexpr std::uint64_t kReservedAtOnce = 64;
// More than can wait for a commit: of these the journal need not be asked.
constexpr std::size_t kRecentFills = 50'000;

std::string FillKey(std::string_view symbol, std::string_view trade_id, common::v1::Side side) {
  return fmt::format("{}\n{}\n{}", symbol, trade_id, static_cast<int>(side));
}

// Ids of different kinds share a filter.
std::string ClientKey(std::string_view id) { return fmt::format("c{}", id); }
std::string ExchangeClientKey(std::string_view id) { return fmt::format("e{}", id); }
std::string ExchangeKey(std::string_view symbol, std::string_view id) {
  return fmt::format("x{}\n{}", symbol, id);
}

void Archive(const journal::OrderIds& ids, IdFilter& filter) {
  if (!ids.client_order_id.empty()) filter.Add(ClientKey(ids.client_order_id));
  if (!ids.exchange_client_id.empty()) filter.Add(ExchangeClientKey(ids.exchange_client_id));
  if (!ids.exchange_order_id.empty()) filter.Add(ExchangeKey(ids.symbol, ids.exchange_order_id));
}

journal::OrderIds IdsOf(const OrderRecord& record) {
  const v1::Order& order = record.order;
  return {.symbol = order.ticket().symbol(),
          .client_order_id = order.ticket().client_order_id(),
          .exchange_client_id = record.body_hash.empty() ? "" : order.exchange_client_id(),
          .exchange_order_id = order.exchange_order_id()};
}

std::optional<std::uint64_t> NumberIn(const journal::Opening& opening, std::string_view key) {
  const auto found = opening.values.find(key);
  if (found == opening.values.end()) return std::nullopt;
  const std::string& text = found->second;
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

OrderLedger::OrderLedger(std::string exchange, std::string account, journal::Journal& journal,
                         OrderLog& log, exchange::IoThread& owner, const Clock& clock)
    : exchange_(std::move(exchange)),
      account_(std::move(account)),
      journal_(journal),
      log_(log),
      owner_(owner),
      clock_(clock) {
  journal_.SetListener(
      {.failed =
           [this](const absl::Status& why) {
             const absl::Status failure = MakeError(
                 absl::StatusCode::kFailedPrecondition, common::v1::ERROR_REASON_FAIL_CLOSED,
                 fmt::format("the journal cannot be written: {}", std::string(why.message())),
                 {{"exchange", exchange_}});
             log_.Fail(failure);
             owner_.Post([this, failure] { failure_ = failure; });
           },
       .recovered =
           [this](std::vector<journal::EventRow> rows) {
             log_.Publish(std::move(rows));
             log_.Recovered();
             owner_.Post([this] { failure_ = absl::OkStatus(); });
           }});
}

absl::Status OrderLedger::Load(const journal::Opening& opening) {
  last_sequence_ = opening.last_sequence;
  next_number_ = NumberIn(opening, journal::kNextNumber).value_or(next_number_);
  restored_below_ = NumberIn(opening, journal::kRestoredBelow).value_or(0);
  for (const OrderRecord& record : opening.orders) {
    next_number_ = std::max(next_number_, record.number + 1);
    Index(orders_.emplace(record.number, record).first->second);
    open_.insert(record.number);
  }
  reserved_ = next_number_;
  return journal_.WithStore([this](journal::Store& store) -> absl::Status {
    SWITCHYARD_RETURN_IF_ERROR(
        store.VisitEnded([this](const journal::OrderIds& ids) { Archive(ids, archived_); }));
    return store.VisitFills([this](const v1::Fill& fill) {
      older_fills_.Add(FillKey(fill.symbol(), fill.trade_id(), fill.side()));
    });
  });
}

OrderRecord* OrderLedger::Find(std::uint64_t number) {
  const auto found = orders_.find(number);
  return found == orders_.end() ? nullptr : &found->second;
}

OrderRecord* OrderLedger::Recall(journal::Store::MaybeOrder found) {
  if (!found.ok()) {
    log::Error("journal_read_failed",
               {{"exchange", exchange_}, {"account", account_}, {"error", found.status()}});
    return nullptr;
  }
  if (!found->has_value()) return nullptr;
  OrderRecord& record = orders_.try_emplace((*found)->number, **found).first->second;
  Index(record);
  Retire(record);
  return &record;
}

OrderRecord* OrderLedger::FindByClientId(std::string_view client_order_id) {
  const auto found = by_client_id_.find(client_order_id);
  if (found != by_client_id_.end()) return Find(found->second);
  if (!archived_.MayContain(ClientKey(client_order_id))) return nullptr;
  return Recall(journal_.WithStore(
      [&](journal::Store& store) { return store.FindByClientId(client_order_id); }));
}

OrderRecord* OrderLedger::FindByExchangeIds(std::string_view symbol,
                                            std::string_view exchange_order_id,
                                            std::string_view exchange_client_id) {
  if (!exchange_client_id.empty()) {
    const auto found = by_exchange_client_id_.find(exchange_client_id);
    if (found != by_exchange_client_id_.end()) return Find(found->second);
    if (archived_.MayContain(ExchangeClientKey(exchange_client_id))) {
      OrderRecord* const record = Recall(journal_.WithStore(
          [&](journal::Store& store) { return store.FindByExchangeClientId(exchange_client_id); }));
      if (record != nullptr) return record;
    }
  }
  if (exchange_order_id.empty()) return nullptr;
  const auto found = by_exchange_id_.find(Key(symbol, exchange_order_id));
  if (found != by_exchange_id_.end()) return Find(found->second);
  if (!archived_.MayContain(ExchangeKey(symbol, exchange_order_id))) return nullptr;
  return Recall(journal_.WithStore(
      [&](journal::Store& store) { return store.FindByExchangeId(symbol, exchange_order_id); }));
}

std::uint32_t OrderLedger::unknown_orders() const {
  std::uint32_t unknown = 0;
  for (const std::uint64_t number : open_) {
    unknown += orders_.at(number).order.outcome_unknown() ? 1 : 0;
  }
  return unknown;
}

OrderRecord& OrderLedger::Add(OrderRecord record) {
  const std::uint64_t number = record.number;
  record.order.set_exchange(exchange_);
  record.order.set_account(account_);
  OrderRecord& added = orders_.emplace(number, std::move(record)).first->second;
  Index(added);
  ReserveNumbers();
  return added;
}

void OrderLedger::ReserveNumbers() {
  if (next_number_ <= reserved_) return;
  reserved_ = next_number_ + kReservedAtOnce;
  SetValue(journal::kNextNumber, std::to_string(reserved_));
}

void OrderLedger::SkipNumber(std::uint64_t number) {
  next_number_ = std::max(next_number_, number + 1);
  ReserveNumbers();
}

OrderRecord& OrderLedger::BeginAnew(OrderRecord record) {
  record.order.set_exchange(exchange_);
  record.order.set_account(account_);
  retired_.erase(record.number);
  OrderRecord& begun = orders_[record.number];
  begun = std::move(record);
  return begun;
}

void OrderLedger::Index(const OrderRecord& record) {
  const journal::OrderIds ids = IdsOf(record);
  if (!ids.client_order_id.empty()) by_client_id_[ids.client_order_id] = record.number;
  if (!ids.exchange_client_id.empty()) {
    by_exchange_client_id_[ids.exchange_client_id] = record.number;
  }
  IndexExchangeId(record);
}

void OrderLedger::IndexExchangeId(const OrderRecord& record) {
  const v1::Order& order = record.order;
  if (order.exchange_order_id().empty()) return;
  by_exchange_id_[Key(order.ticket().symbol(), order.exchange_order_id())] = record.number;
}

void OrderLedger::Retire(const OrderRecord& record) {
  if (!retired_.insert(record.number).second) return;
  ended_.push_back(record.number);
  while (ended_.size() > kEndedKept) {
    const std::uint64_t oldest = ended_.front();
    ended_.pop_front();
    // One that has begun anew since then is not over.
    const OrderRecord* const gone = Find(oldest);
    if (gone == nullptr || !IsTerminal(*gone)) continue;
    retired_.erase(oldest);
    Forget(*gone);
  }
}

void OrderLedger::Forget(const OrderRecord& record) {
  const journal::OrderIds ids = IdsOf(record);
  Archive(ids, archived_);
  by_client_id_.erase(ids.client_order_id);
  by_exchange_client_id_.erase(ids.exchange_client_id);
  by_exchange_id_.erase(Key(ids.symbol, ids.exchange_order_id));
  orders_.erase(record.number);
}

v1::OrderEvent OrderLedger::MakeEvent(TimeNs exchange_time, TimeNs receive_time) {
  v1::OrderEvent event;
  event.set_exchange(exchange_);
  event.set_account(account_);
  event.set_epoch(journal_.epoch());
  event.set_sequence(++last_sequence_);
  event.set_exchange_time_ns(exchange_time.value);
  event.set_receive_time_ns(receive_time.value);
  return event;
}

void OrderLedger::AddEvent(const v1::OrderEvent& event) {
  batch_.events.push_back({.sequence = event.sequence(), .event = event.SerializeAsString()});
}

void OrderLedger::Changed(OrderRecord& record, TimeNs exchange_time, TimeNs receive_time) {
  v1::OrderEvent event = MakeEvent(exchange_time, receive_time);
  common::v1::JournalPosition& position = *record.order.mutable_position();
  position.set_epoch(event.epoch());
  position.set_sequence(event.sequence());
  // Lent for the time of serialising: an order is large.
  event.unsafe_arena_set_allocated_order(&record.order);
  AddEvent(event);
  event.unsafe_arena_release_order();
  ChangedInside(record);
  IndexExchangeId(record);  // the other ids are there from the beginning
  if (IsTerminal(record)) {
    open_.erase(record.number);
  } else {
    open_.insert(record.number);
  }
  if (observer_) observer_(record);
  if (IsTerminal(record)) Retire(record);
}

void OrderLedger::ChangedInside(const OrderRecord& record) {
  for (OrderRecord& row : batch_.orders) {
    if (row.number == record.number) {
      row = record;
      return;
    }
  }
  batch_.orders.push_back(record);
}

bool OrderLedger::AddFill(std::uint64_t number, v1::Fill& fill) {
  const std::string key = FillKey(fill.symbol(), fill.trade_id(), fill.side());
  if (recent_fills_.contains(key)) return false;
  if (older_fills_.MayContain(key)) {
    const auto known = journal_.WithStore([&](journal::Store& store) {
      return store.HasFill(fill.symbol(), fill.trade_id(), fill.side());
    });
    // Counting twice is worse than counting late: reconciliation asks again.
    if (!known.ok() || *known) return false;
  }
  const common::v1::Side other =
      fill.side() == common::v1::SIDE_BUY ? common::v1::SIDE_SELL : common::v1::SIDE_BUY;
  if (recent_fills_.contains(FillKey(fill.symbol(), fill.trade_id(), other))) {
    fill.set_self_trade(true);
  }
  recent_fills_.insert(key);
  recent_fills_order_.push_back(key);
  if (recent_fills_order_.size() > kRecentFills) {
    older_fills_.Add(recent_fills_order_.front());
    recent_fills_.erase(recent_fills_order_.front());
    recent_fills_order_.pop_front();
  }
  v1::OrderEvent event = MakeEvent(fill.exchange_time_ns(), fill.receive_time_ns());
  fill.mutable_position()->set_epoch(event.epoch());
  fill.mutable_position()->set_sequence(event.sequence());
  *event.mutable_fill() = fill;
  AddEvent(event);
  batch_.fills.push_back({.number = number, .fill = fill});
  return true;
}

void OrderLedger::AddLiquidation(const position::v1::Liquidation& liquidation) {
  const std::string key = fmt::format("liquidation\n{}", liquidation.liquidation_id());
  if (!recent_fills_.insert(key).second) return;  // told by two paths
  recent_fills_order_.push_back(key);
  v1::OrderEvent event = MakeEvent(liquidation.exchange_time_ns(), liquidation.receive_time_ns());
  *event.mutable_liquidation() = liquidation;
  AddEvent(event);
}

void OrderLedger::SetKillSwitch(const v1::KillSwitch& kill_switch) {
  v1::OrderEvent event = MakeEvent({}, kill_switch.change_time_ns());
  *event.mutable_kill_switch() = kill_switch;
  AddEvent(event);
  SetValue(journal::kKillSwitch, kill_switch.SerializeAsString());
}

void OrderLedger::AddPositionMismatch(const v1::PositionMismatch& mismatch, TimeNs receive_time) {
  v1::OrderEvent event = MakeEvent({}, receive_time);
  *event.mutable_position_mismatch() = mismatch;
  AddEvent(event);
}

void OrderLedger::SetCommand(journal::CommandRow command) {
  batch_.commands.push_back(std::move(command));
}

void OrderLedger::SetValue(std::string_view key, std::string value) {
  batch_.values.insert_or_assign(std::string(key), std::move(value));
}

void OrderLedger::Flush(Done done) {
  if (batch_.empty()) {
    if (done) AfterCommit([this, done = std::move(done)] { done(failure_); });
    return;
  }
  journal::Batch batch = std::exchange(batch_, {});
  ++flushed_;
  // The journal keeps its own copy; this one is for the streams.
  std::vector<journal::EventRow> rows = batch.events;
  journal_.Append(std::move(batch), [this, rows = std::move(rows), done = std::move(done)](
                                        const absl::Status& status, TimeNs commit_time) mutable {
    if (status.ok()) {
      for (journal::EventRow& row : rows) row.commit_time = commit_time;
      log_.Publish(std::move(rows));
    }
    owner_.Post([this, status, done = std::move(done)] {
      OnCommitted();
      if (done) done(status);
    });
  });
}

void OrderLedger::OnCommitted() {
  ++committed_;
  while (!waiting_.empty() && (waiting_.front().first <= committed_ || !failure_.ok())) {
    const auto then = std::move(waiting_.front().second);
    waiting_.pop_front();
    then();
  }
}

void OrderLedger::AfterCommit(std::function<void()> then) {
  if (committed_ == flushed_ || !failure_.ok()) {
    then();
  } else {
    waiting_.emplace_back(flushed_, std::move(then));
  }
}

}  // namespace switchyard::order
