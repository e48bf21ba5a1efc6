#include "services/order/recovery/reconciler.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"
#include "services/order/state/converters.h"

namespace switchyard::order {
namespace {

constexpr std::uint32_t kPageSize = 1'000;
constexpr int kMaxFailures = 16;  // beyond, the delay grows no more
// Fills may be listed later than they happen, and clocks differ.
constexpr std::chrono::minutes kOverlap{2};
constexpr std::chrono::seconds kFirstRetry{1};
// While positions and fills differ they are compared more often, but not for ever. Mostly one of
// them explains it a moment later: a fill may wait for the name of its order meanwhile.
constexpr std::chrono::seconds kHurry{5};
constexpr int kMaxHurried = 4;

}  // namespace

void Reconciler::Start() {
  if (std::exchange(running_, true)) {
    again_ = true;
    return;
  }
  began_ = desk_.clock.Now();
  steady_began_ = desk_.clock.Steady();
  if (!intake_.lost().must_look_back()) return ListOpenOrders();
  intake_.lost().LookBack([this](const absl::Status& status) {
    status.ok() ? ListOpenOrders() : Fail("finished orders", status);
  });
}

void Reconciler::ListOpenOrders() {
  using Reports = std::vector<model::OrderReport>;
  desk_.client.ListOpenOrders({}, desk_.turns.Reply<Reports>([this](absl::StatusOr<Reports> reply) {
    OnOpenOrders(std::move(reply));
  }));
}

void Reconciler::Refresh(std::function<void(const absl::Status& status)> then) {
  // What one under way has read may be older than the question.
  (running_ ? waiting_next_ : waiting_).push_back(std::move(then));
  Start();
}

void Reconciler::Tick() {
  if (!running_ && desk_.clock.Steady() >= next_at_) Start();
}

absl::Status Reconciler::state() const {
  if (failure_.ok()) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kFailedPrecondition, common::v1::ERROR_REASON_FAIL_CLOSED,
      fmt::format("the account's state is not known: {}", std::string(failure_.message())),
      {{"exchange", desk_.exchange}});
}

void Reconciler::OnOpenOrders(absl::StatusOr<std::vector<model::OrderReport>> reply) {
  if (!reply.ok()) return Fail("open orders", reply.status());
  TakeOpenOrders(*reply);
  ListFills({});
}

void Reconciler::TakeOpenOrders(const std::vector<model::OrderReport>& reports) {
  std::set<std::uint64_t> listed;
  for (const model::OrderReport& report : reports) {
    const std::uint64_t number = intake_.TakeReport(report, v1::CHANGE_ORIGIN_RECONCILIATION);
    listed.insert(number);
    const OrderRecord* const record = desk_.ledger.Find(number);
    if (record != nullptr && IsTerminal(*record) && !IsTerminal(report.state)) {
      CheckReopened(*record);
    }
  }
  for (const std::uint64_t number : desk_.ledger.OpenNumbers()) {
    const v1::Order& order = desk_.ledger.Find(number)->order;
    // What was confirmed before the list was asked for must be in it.
    const bool must_be_listed =
        order.acknowledge_time_ns() != 0 && TimeNs(order.acknowledge_time_ns()) < began_;
    if (must_be_listed && !listed.contains(number)) resolver_.Verify(number, {});
  }
}

void Reconciler::CheckReopened(const OrderRecord& record) {
  // The list may be older than the end.
  if (TimeNs(record.order.finish_time_ns()) >= began_) return;
  const exchange::OrderReference reference = ReferenceTo(record.order);
  desk_.client.GetOrder(reference, desk_.turns.Reply<model::OrderReport>(
                                       [this, reference](absl::StatusOr<model::OrderReport> reply) {
                                         if (!reply.ok() || IsTerminal(reply->state)) return;
                                         // Its owner was told that it had ended: it must not fill.
                                         log::Error(
                                             "ended_order_is_open",
                                             {{"exchange", desk_.exchange},
                                              {"account", desk_.account},
                                              {"symbol", reference.symbol},
                                              {"exchange_order_id", reply->exchange_order_id}});
                                         desk_.client.Cancel({reference}, [](const auto&) {});
                                       }));
}

void Reconciler::ListFills(const std::string& page_token) {
  exchange::HistoryQuery query;
  query.start = fills_since_ - kOverlap;
  query.page_size = kPageSize;
  query.page_token = page_token;
  using Fills = exchange::Page<model::FillReport>;
  desk_.client.ListFills(query, desk_.turns.Reply<Fills>([this](absl::StatusOr<Fills> reply) {
    if (!reply.ok()) return Fail("fills", reply.status());
    // Newest first; they are told in the order in which they happened.
    std::for_each(reply->items.rbegin(), reply->items.rend(), [this](const auto& fill) {
      intake_.TakeFill(fill, v1::CHANGE_ORIGIN_RECONCILIATION);
    });
    reply->next_page_token.empty() ? ListPositions() : ListFills(reply->next_page_token);
  }));
}

void Reconciler::ListPositions() {
  using Positions = std::vector<position::v1::Position>;
  desk_.client.ListPositionSizes(
      desk_.turns.Reply<Positions>([this](absl::StatusOr<Positions> reply) {
        if (!reply.ok()) return Fail("positions", reply.status());
        std::vector<risk::PositionSize> sizes;
        for (const position::v1::Position& position : *reply) {
          Decimal size = DecimalOf(position.size().value()).value_or(Decimal());
          if (position.side() == common::v1::SIDE_SELL) size = size.Negated();
          sizes.push_back(
              {.symbol = position.symbol(), .side = position.position_side(), .size = size});
        }
        desk_.limits.exposure().SetPositions(sizes, steady_began_);
        AuditPositions(sizes);
        Succeed();
      }));
}

void Reconciler::AuditPositions(const std::vector<risk::PositionSize>& sizes) {
  risk::PositionAudit::Sizes net;
  for (const risk::PositionSize& each : sizes) {
    Decimal& size = net[each.symbol];
    const absl::StatusOr<Decimal> sum = Decimal::Add(size, each.size);
    if (!sum.ok()) return;  // beyond 38 digits nothing can be compared
    size = *sum;
  }
  // What a reconnect has compared at once says no more than one comparison.
  const std::chrono::nanoseconds now = desk_.clock.Steady();
  if (compared_at_.has_value() && now - *compared_at_ < ApartAtLeast()) return;
  compared_at_ = now;
  for (const auto& mismatch : desk_.audit.Compare(net, intake_.Unsettled())) on_mismatch_(mismatch);
  if (auto saved = desk_.audit.Save())
    desk_.ledger.SetValue(journal::kPositions, *std::move(saved));
}

std::chrono::nanoseconds Reconciler::ApartAtLeast() const {
  return std::min<std::chrono::nanoseconds>(desk_.options.reconcile_interval, kHurry);
}

std::chrono::nanoseconds Reconciler::Pause() {
  hurried_ = desk_.audit.wants_comparison() && hurried_ < kMaxHurried ? hurried_ + 1 : 0;
  return hurried_ == 0 ? desk_.options.reconcile_interval : ApartAtLeast();
}

void Reconciler::Succeed() {
  desk_.metrics.reconciliations.Increment();
  if (!failure_.ok()) {
    log::Info("reconciled", {{"exchange", desk_.exchange},
                             {"account", desk_.account},
                             {"open_orders", desk_.ledger.OpenNumbers().size()}});
  }
  failure_ = absl::OkStatus();
  failures_ = 0;
  last_success_ = desk_.clock.Now();
  fills_since_ = began_;
  if (!watched_since_.given()) {
    watched_since_ = began_;
    desk_.ledger.SetValue(journal::kWatchedSince, std::to_string(began_.value));
  }
  desk_.ledger.SetValue(journal::kReconciledUntil, std::to_string(began_.value));
  next_at_ = desk_.clock.Steady() + Pause();
  End(absl::OkStatus());
}

void Reconciler::Fail(const char* what, const absl::Status& why) {
  desk_.metrics.reconciliation_failures.Increment();
  log::Warning(
      "reconciliation_failed",
      {{"exchange", desk_.exchange}, {"account", desk_.account}, {"what", what}, {"error", why}});
  failure_ = absl::UnavailableError(
      fmt::format("reading {} failed: {}", what, std::string(why.message())));
  const auto delay = kFirstRetry * (1 << std::min(failures_++, kMaxFailures));
  next_at_ = desk_.clock.Steady() +
             std::min<std::chrono::nanoseconds>(delay, desk_.options.reconcile_interval);
  End(why);
}

void Reconciler::End(const absl::Status& outcome) {
  running_ = false;
  for (const auto& then : std::exchange(waiting_, std::exchange(waiting_next_, {}))) then(outcome);
  if (std::exchange(again_, false)) Start();
}

}  // namespace switchyard::order
