#include "services/order/recovery/outcome_resolver.h"

#include <algorithm>
#include <utility>

#include "common/log/log.h"

namespace switchyard::order {
namespace {

constexpr int kAlarmAfter = 8;    // attempts
constexpr int kMaxPages = 20;     // of history or fills in one search
constexpr int kFillAttempts = 8;  // then reconciliation goes on
constexpr std::uint32_t kPageSize = 100;
// Exchanges stamp orders by their own clocks.
constexpr std::chrono::minutes kClockSlack{2};

bool IsOpenQuestion(const OrderRecord& record) {
  return record.order.outcome_unknown() || record.order.pending() == v1::PENDING_COMMAND_AMEND ||
         record.order.pending() == v1::PENDING_COMMAND_CANCEL ||
         record.order.pending() == v1::PENDING_COMMAND_SUBMIT;
}

}  // namespace

std::chrono::nanoseconds OutcomeResolver::DelayOf(int attempts) const {
  const auto delay = desk_.options.resolve_first * (std::int64_t{1} << std::min(attempts, 16));
  return std::min<std::chrono::nanoseconds>(delay, desk_.options.resolve_cap);
}

void OutcomeResolver::Resolve(std::uint64_t number) {
  const auto [found, is_new] = questions_.try_emplace(number);
  if (is_new) found->second.next_at = desk_.clock.Steady() + DelayOf(0);
}

void OutcomeResolver::Verify(std::uint64_t number, Done done) {
  Question& question = questions_[number];
  if (done) question.done.push_back(std::move(done));
  if (!question.asking) Ask(number);
}

void OutcomeResolver::Tick() {
  const auto now = desk_.clock.Steady();
  std::vector<std::uint64_t> due;
  for (const auto& [number, question] : questions_) {
    if (!question.asking && now >= question.next_at) due.push_back(number);
  }
  for (const std::uint64_t number : due) {
    const OrderRecord* const record = desk_.ledger.Find(number);
    // Settled meanwhile, by whatever told it.
    if (record == nullptr || !IsOpenQuestion(*record)) {
      Answered(number);
    } else {
      Ask(number);
    }
  }
  due.clear();
  for (const auto& [number, wanted] : fills_) {
    if (!wanted.asking && now >= wanted.next_at) due.push_back(number);
  }
  for (const std::uint64_t number : due) AskFills(number, {});
}

void OutcomeResolver::Ask(std::uint64_t number) {
  const OrderRecord* const record = desk_.ledger.Find(number);
  if (record == nullptr) return Answered(number);
  Question& question = questions_[number];
  question.asking = true;
  ++question.attempts;
  auto search = std::make_shared<Search>();
  search->number = number;
  search->reference = ReferenceTo(record->order);
  search->asked_at = desk_.clock.Now();
  search->since = TimeNs(record->order.create_time_ns()) - kClockSlack;
  desk_.client.GetOrder(search->reference,
                        desk_.turns.Reply<model::OrderReport>(
                            [this, search](absl::StatusOr<model::OrderReport> reply) {
                              OnOrder(search, std::move(reply));
                            }));
}

void OutcomeResolver::OnOrder(const SearchPtr& search, absl::StatusOr<model::OrderReport> reply) {
  if (reply.ok()) {
    intake_.TakeReport(*reply, v1::CHANGE_ORIGIN_RECONCILIATION);
    return ConcludePresent(search);
  }
  const OrderRecord* const record = desk_.ledger.Find(search->number);
  if (record == nullptr || IsTerminal(*record)) return Answered(search->number);
  if (!absl::IsNotFound(reply.status())) return AskAgain(search->number, {});
  // It may still be on its way, unless it was there before.
  const TimeNs arrived_by = record->command_time + desk_.client.NotReceivedAfter();
  const bool was_there = record->order.acknowledge_time_ns() != 0;
  if (!was_there && search->asked_at < arrived_by) return AskAgain(search->number, arrived_by);
  SearchOpen(search);
}

bool OutcomeResolver::Matches(const Search& search, std::string_view exchange_order_id,
                              std::string_view exchange_client_id) const {
  const exchange::OrderReference& wanted = search.reference;
  return (!wanted.exchange_order_id.empty() && wanted.exchange_order_id == exchange_order_id) ||
         (!wanted.exchange_client_id.empty() && wanted.exchange_client_id == exchange_client_id);
}

void OutcomeResolver::SearchOpen(const SearchPtr& search) {
  using Reports = std::vector<model::OrderReport>;
  desk_.client.ListOpenOrders(
      search->reference.symbol,
      desk_.turns.Reply<Reports>([this, search](absl::StatusOr<Reports> reply) {
        if (!reply.ok()) return AskAgain(search->number, {});
        for (const model::OrderReport& report : *reply) {
          if (!Matches(*search, report.exchange_order_id, report.exchange_client_id)) continue;
          intake_.TakeReport(report, v1::CHANGE_ORIGIN_RECONCILIATION);
          return ConcludePresent(search);
        }
        SearchFinished(search, {});
      }));
}

void OutcomeResolver::SearchFinished(const SearchPtr& search, const std::string& page_token) {
  using Reports = exchange::Page<model::OrderReport>;
  exchange::HistoryQuery query;
  query.symbol = search->reference.symbol;
  query.start = search->since;
  query.page_size = kPageSize;
  query.page_token = page_token;
  desk_.client.ListFinishedOrders(
      query, desk_.turns.Reply<Reports>([this, search](absl::StatusOr<Reports> reply) {
        if (!reply.ok()) return AskAgain(search->number, {});
        for (const model::OrderReport& report : reply->items) {
          if (!Matches(*search, report.exchange_order_id, report.exchange_client_id)) continue;
          intake_.TakeReport(report, v1::CHANGE_ORIGIN_RECONCILIATION);
          return ConcludePresent(search);
        }
        if (reply->next_page_token.empty()) return SearchFills(search, {});
        // An answer that was cut short proves nothing.
        if (++search->pages >= kMaxPages) return AskAgain(search->number, {});
        SearchFinished(search, reply->next_page_token);
      }));
}

void OutcomeResolver::SearchFills(const SearchPtr& search, const std::string& page_token) {
  using Fills = exchange::Page<model::FillReport>;
  exchange::HistoryQuery query;
  query.symbol = search->reference.symbol;
  query.start = search->since;
  query.page_size = kPageSize;
  query.page_token = page_token;
  if (page_token.empty()) search->pages = 0;
  desk_.client.ListFills(
      query, desk_.turns.Reply<Fills>([this, search](absl::StatusOr<Fills> reply) {
        if (!reply.ok()) return AskAgain(search->number, {});
        for (const model::FillReport& fill : reply->items) {
          if (!Matches(*search, fill.exchange_order_id, fill.exchange_client_id)) continue;
          search->new_fills |= intake_.TakeFill(fill, v1::CHANGE_ORIGIN_RECONCILIATION);
        }
        if (!reply->next_page_token.empty()) {
          if (++search->pages >= kMaxPages) return AskAgain(search->number, {});
          return SearchFills(search, reply->next_page_token);
        }
        // A fill that nobody had told is a sign of life: the order is asked for again.
        search->new_fills ? AskAgain(search->number, {}) : ConcludeAbsent(search);
      }));
}

void OutcomeResolver::ConcludeAbsent(const SearchPtr& search) {
  OrderRecord* const record = desk_.ledger.Find(search->number);
  if (record == nullptr || IsTerminal(*record)) return Answered(search->number);
  const Cause cause = desk_.MakeCause(v1::CHANGE_ORIGIN_RECONCILIATION,
                                      record->order.ticket().symbol(), model::Source::kRest);
  const bool was_there = record->order.acknowledge_time_ns() != 0;
  const bool changed =
      was_there ? ConcludeGone(cause, *record) : ConcludeNotReceived(cause, *record);
  if (changed) desk_.ledger.Changed(*record, {}, cause.now);
  log::Warning(was_there ? "order_gone" : "order_not_received",
               {{"exchange", desk_.exchange},
                {"account", desk_.account},
                {"symbol", record->order.ticket().symbol()},
                {"client_order_id", record->order.ticket().client_order_id()},
                {"exchange_order_id", record->order.exchange_order_id()}});
  Answered(search->number);
}

void OutcomeResolver::ConcludePresent(const SearchPtr& search) {
  OrderRecord* const record = desk_.ledger.Find(search->number);
  if (record == nullptr || !IsOpenQuestion(*record)) return Answered(search->number);
  const TimeNs arrived_by = record->command_time + desk_.client.NotReceivedAfter();
  if (search->asked_at < arrived_by) return AskAgain(search->number, arrived_by);
  const Cause cause = desk_.MakeCause(v1::CHANGE_ORIGIN_RECONCILIATION,
                                      record->order.ticket().symbol(), model::Source::kRest);
  // A cancellation that arrived would have ended the order; an amendment shows in its values.
  const bool changed = record->order.pending() == v1::PENDING_COMMAND_CANCEL
                           ? ConcludeNotReceived(cause, *record)
                           : ConcludeSettled(cause, *record);
  if (changed) desk_.ledger.Changed(*record, {}, cause.now);
  Answered(search->number);
}

void OutcomeResolver::Answered(std::uint64_t number) {
  const auto question = questions_.extract(number);
  if (question.empty()) return;
  desk_.metrics.resolved.Increment();
  for (const Done& done : question.mapped().done) done(true);
}

void OutcomeResolver::AskAgain(std::uint64_t number, TimeNs not_before) {
  const auto found = questions_.find(number);
  if (found == questions_.end()) return;
  Question& question = found->second;
  question.asking = false;
  auto delay = DelayOf(question.attempts);
  if (not_before.given()) delay = std::max(delay, not_before - desk_.clock.Now());
  question.next_at = desk_.clock.Steady() + delay;
  if (question.attempts == kAlarmAfter) {
    desk_.metrics.unresolved_alarms.Increment();
    const OrderRecord* const record = desk_.ledger.Find(number);
    log::Error(
        "order_unresolved",
        {{"exchange", desk_.exchange},
         {"account", desk_.account},
         {"client_order_id", record == nullptr ? "" : record->order.ticket().client_order_id()}});
  }
  for (const Done& done : std::exchange(question.done, {})) done(false);
}

void OutcomeResolver::FetchFills(std::uint64_t number) {
  const auto [found, is_new] = fills_.try_emplace(number);
  // Fills often follow the end by another channel.
  if (is_new) found->second.next_at = desk_.clock.Steady() + desk_.options.fills_grace;
}

void OutcomeResolver::AskFills(std::uint64_t number, const std::string& page_token) {
  const OrderRecord* const record = desk_.ledger.Find(number);
  FillsWanted& wanted = fills_[number];
  if (record == nullptr || !LacksFills(*record) || wanted.attempts >= kFillAttempts) {
    fills_.erase(number);
    return;
  }
  wanted.asking = true;
  if (page_token.empty()) ++wanted.attempts;
  exchange::HistoryQuery query;
  query.symbol = record->order.ticket().symbol();
  query.order = ReferenceTo(record->order);
  query.page_size = kPageSize;
  query.page_token = page_token;
  using Fills = exchange::Page<model::FillReport>;
  desk_.client.ListFills(query,
                         desk_.turns.Reply<Fills>([this, number](absl::StatusOr<Fills> reply) {
                           if (reply.ok()) {
                             for (const model::FillReport& fill : reply->items) {
                               intake_.TakeFill(fill, v1::CHANGE_ORIGIN_RECONCILIATION);
                             }
                             if (!reply->next_page_token.empty())
                               return AskFills(number, reply->next_page_token);
                           }
                           FillsWanted& asked = fills_[number];
                           asked.asking = false;
                           asked.next_at = desk_.clock.Steady() + DelayOf(asked.attempts);
                         }));
}

}  // namespace switchyard::order
