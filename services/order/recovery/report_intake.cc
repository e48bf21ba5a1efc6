#include "services/order/recovery/report_intake.h"

#include "common/log/log.h"
#include "services/order/state/converters.h"

namespace switchyard::order {
namespace {

bool Contradicts(const model::FillReport& fill, const v1::OrderTicket& ticket) {
  // Of an order that is not ours the exchange may not have told the side.
  const bool side_known = ticket.side() != common::v1::SIDE_UNSPECIFIED;
  return fill.symbol != ticket.symbol() || (side_known && fill.side != ticket.side());
}

}  // namespace

std::uint64_t ReportIntake::TakeReport(const model::OrderReport& report, v1::ChangeOrigin origin) {
  OrderRecord* record = desk_.ledger.FindByExchangeIds(report.symbol, report.exchange_order_id,
                                                       report.exchange_client_id);
  if (record == nullptr) {
    if (report.exchange_client_id.empty() && MayBeOurs(report.symbol)) {
      Wait(report.symbol, report.exchange_order_id).reports.push_back(report);
      return 0;
    }
    return Adopt(report, origin);
  }
  const bool was_identified = !record->order.exchange_order_id().empty();
  if (ApplyReport(report, desk_.MakeCause(origin, report.symbol, report.source), *record)) {
    desk_.ledger.Changed(*record, report.exchange_update_time, report.receive_time);
  }
  const std::uint64_t number = record->number;
  if (!was_identified) Identified(*record);
  record = desk_.ledger.Find(number);
  if (record != nullptr && IsTerminal(*record) && LacksFills(*record)) wants_fills_(number);
  return number;
}

std::uint64_t ReportIntake::Adopt(const model::OrderReport& report, v1::ChangeOrigin origin) {
  lost_.Note(report.exchange_client_id);
  OrderRecord record;
  record.number = desk_.ledger.TakeNumber();
  AdoptReport(report, desk_.MakeCause(origin, report.symbol, report.source), record);
  OrderRecord& added = desk_.ledger.Add(std::move(record));
  desk_.ledger.Changed(added, report.exchange_update_time, report.receive_time);
  const std::uint64_t number = added.number;
  log::Info("external_order", {{"exchange", desk_.exchange},
                               {"account", desk_.account},
                               {"symbol", report.symbol},
                               {"exchange_order_id", report.exchange_order_id}});
  TakeWaiting(Key(report.symbol, report.exchange_order_id));
  return number;
}

bool ReportIntake::TakeFill(const model::FillReport& fill, v1::ChangeOrigin origin) {
  OrderRecord* const record =
      desk_.ledger.FindByExchangeIds(fill.symbol, fill.exchange_order_id, fill.exchange_client_id);
  if (record != nullptr && Contradicts(fill, record->order.ticket())) {
    desk_.metrics.contradictory_fills.Increment();
    log::Error("fill_contradicts_order", {{"exchange", desk_.exchange},
                                          {"account", desk_.account},
                                          {"symbol", fill.symbol},
                                          {"trade_id", fill.trade_id},
                                          {"exchange_order_id", fill.exchange_order_id}});
    if (origin == v1::CHANGE_ORIGIN_RECONCILIATION) return Book(nullptr, fill, origin);
    wants_fills_(record->number);
    return false;
  }
  if (record != nullptr) return Book(record, fill, origin);
  if (fill.exchange_order_id.empty()) return Book(nullptr, fill, origin);
  const Key key(fill.symbol, fill.exchange_order_id);
  const bool wait = MayBeOurs(fill.symbol);
  Orphans& orphans = Wait(fill.symbol, fill.exchange_order_id);
  for (const model::FillReport& waiting : orphans.fills) {
    if (waiting.trade_id == fill.trade_id && waiting.side == fill.side) return false;
  }
  orphans.fills.push_back(fill);
  if (!wait && !orphans.asked) Ask(key);
  return true;
}

bool ReportIntake::Book(OrderRecord* record, const model::FillReport& report,
                        v1::ChangeOrigin origin) {
  v1::Fill fill = FillOf(desk_.exchange, desk_.account, report);
  if (record != nullptr) {
    fill.set_client_order_id(record->order.ticket().client_order_id());
  }
  if (!desk_.ledger.AddFill(record == nullptr ? 0 : record->number, fill)) return false;
  Audit(report);
  if (origin == v1::CHANGE_ORIGIN_RECONCILIATION) desk_.metrics.reconciled_fills.Increment();
  if (record == nullptr) return true;
  const bool was_identified = !record->order.exchange_order_id().empty();
  if (ApplyFill(fill, desk_.MakeCause(origin, report.symbol, report.source), *record)) {
    desk_.ledger.Changed(*record, report.exchange_time, report.receive_time);
  }
  if (!was_identified) Identified(*record);
  return true;
}

// The journal learns in one commit of the fill and of what it makes of the position.
void ReportIntake::Audit(const model::FillReport& fill) {
  const auto table = desk_.market_data.instruments();
  const model::Instrument* const instrument = table == nullptr ? nullptr : table->Find(fill.symbol);
  if (instrument == nullptr) {
    desk_.audit.Explain(fill.symbol);
  } else if (instrument->kind != model::InstrumentKind::kSpot) {
    desk_.audit.AddFill(
        fill.symbol, fill.side == common::v1::SIDE_BUY ? fill.quantity : fill.quantity.Negated());
  } else {
    return;  // what is bought is a balance, not a position
  }
  if (auto saved = desk_.audit.Save())
    desk_.ledger.SetValue(journal::kPositions, *std::move(saved));
}

risk::PositionAudit::Symbols ReportIntake::Unsettled() const {
  risk::PositionAudit::Symbols symbols;
  for (const auto& [key, orphans] : orphans_) symbols.insert(key.first);
  for (const std::uint64_t number : desk_.ledger.open()) {
    const v1::Order& order = desk_.ledger.Find(number)->order;
    if (order.outcome_unknown() || order.pending() == v1::PENDING_COMMAND_SUBMIT) {
      symbols.insert(order.ticket().symbol());
    }
  }
  return symbols;
}

bool ReportIntake::MayBeOurs(std::string_view symbol) const {
  for (const std::uint64_t number : desk_.ledger.open()) {
    const v1::Order& order = desk_.ledger.Find(number)->order;
    if (order.pending() == v1::PENDING_COMMAND_SUBMIT && order.exchange_order_id().empty() &&
        order.ticket().symbol() == symbol) {
      return true;
    }
  }
  return false;
}

ReportIntake::Orphans& ReportIntake::Wait(std::string_view symbol,
                                          std::string_view exchange_order_id) {
  const auto [found, is_new] = orphans_.try_emplace(Key(symbol, exchange_order_id));
  if (is_new) found->second.until = desk_.clock.Steady() + desk_.options.orphan_wait;
  return found->second;
}

void ReportIntake::Identified(const OrderRecord& record) {
  TakeWaiting(Key(record.order.ticket().symbol(), record.order.exchange_order_id()));
}

void ReportIntake::TakeWaiting(const Key& key) {
  auto waiting = orphans_.extract(key);
  if (waiting.empty()) return;
  for (const model::OrderReport& report : waiting.mapped().reports) {
    TakeReport(report, v1::CHANGE_ORIGIN_EXCHANGE);
  }
  for (const model::FillReport& fill : waiting.mapped().fills) {
    TakeFill(fill, v1::CHANGE_ORIGIN_EXCHANGE);
  }
}

// It is ours by the ids that it tells, or it is not ours.
void ReportIntake::TakeNamed(const model::OrderReport& report, v1::ChangeOrigin origin) {
  const OrderRecord* const known = desk_.ledger.FindByExchangeIds(
      report.symbol, report.exchange_order_id, report.exchange_client_id);
  known == nullptr ? Adopt(report, origin) : TakeReport(report, origin);
}

void ReportIntake::Tick() {
  std::vector<Key> due;
  for (const auto& [key, orphans] : orphans_) {
    if (!orphans.asked && desk_.clock.Steady() >= orphans.until) due.push_back(key);
  }
  for (const Key& key : due) Ask(key);
}

void ReportIntake::Ask(const Key& key) {
  orphans_.at(key).asked = true;
  desk_.client.GetOrder(
      {.symbol = key.first, .exchange_order_id = key.second, .exchange_client_id = {}},
      desk_.turns.Reply<model::OrderReport>([this, key](absl::StatusOr<model::OrderReport> reply) {
        if (!orphans_.contains(key)) return;
        if (reply.ok()) {
          TakeNamed(*reply, v1::CHANGE_ORIGIN_RECONCILIATION);
          TakeWaiting(key);
          return;
        }
        if (!absl::IsNotFound(reply.status())) {
          orphans_.at(key).asked = false;
          orphans_.at(key).until = desk_.clock.Steady() + desk_.options.orphan_wait;
          return;
        }
        auto waiting = orphans_.extract(key);
        for (const model::OrderReport& report : waiting.mapped().reports) {
          TakeNamed(report, v1::CHANGE_ORIGIN_EXCHANGE);
        }
        // A fill happened, whoever's order it was: told without an order, never dropped.
        for (const model::FillReport& fill : waiting.mapped().fills) {
          Book(desk_.ledger.FindByExchangeIds(key.first, key.second, {}), fill,
               v1::CHANGE_ORIGIN_EXCHANGE);
        }
      }));
}

}  // namespace switchyard::order
