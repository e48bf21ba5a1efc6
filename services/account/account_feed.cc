#include "services/account/account_feed.h"

#include <algorithm>
#include <utility>

#include "services/accounts/ages.h"

namespace switchyard::account {
namespace {

using accounts::Streams;

constexpr int kRatioDecimals = 6;

std::optional<Decimal> ValueOf(const common::v1::SourcedDecimal& sourced) {
  const auto parsed = Decimal::Parse(sourced.value());
  return parsed.ok() ? std::optional(*parsed) : std::nullopt;
}

bool IsZero(const v1::Balance& balance) {
  for (const std::string* text : {&balance.total(), &balance.available(), &balance.locked(),
                                  &balance.borrowed(), &balance.lent()}) {
    const auto value = Decimal::Parse(*text);
    if (value.ok() && !value->is_zero()) return false;
  }
  return true;
}

}  // namespace

std::optional<Decimal> MarginRatio(const v1::Account& account) {
  const v1::AccountFigures& figures = account.has_cross() ? account.cross() : account.total();
  const auto maintenance = ValueOf(figures.maintenance_margin());
  const auto equity = ValueOf(figures.equity());
  if (!maintenance || !equity || maintenance->is_zero()) return std::nullopt;
  // Without equity liquidation is due, however small the margin that is needed.
  if (equity->is_zero() || equity->is_negative()) return Decimal::FromInt(1);
  const auto ratio = Decimal::Divide(*maintenance, *equity, kRatioDecimals, Rounding::kHalfEven);
  return ratio.ok() ? std::optional(*ratio) : std::nullopt;
}

AccountFeed::AccountFeed(std::string exchange, std::string account,
                         const Decimal& margin_call_ratio, const Clock& clock)
    : margin_call_ratio_(margin_call_ratio),
      clock_(clock),
      topic_(*this, 1, std::move(exchange), std::move(account), clock) {}

void AccountFeed::HoldBalance(const v1::Balance& balance) {
  const BalanceKey key{balance.currency(), balance.wallet(), balance.raw_wallet()};
  if (IsZero(balance)) {
    balances_.erase(key);
  } else {
    balances_.insert_or_assign(key, Held<v1::Balance>{balance, clock_.Steady()});
  }
}

void AccountFeed::Apply(const v1::AccountEvent& change) {
  switch (change.payload_case()) {
    case v1::AccountEvent::kAccountUpdate:
      account_ = {change.account_update(), clock_.Steady()};
      break;
    case v1::AccountEvent::kBalanceChange:
      HoldBalance(change.balance_change().balance());
      break;
    case v1::AccountEvent::kLeverageChange:
      leverages_.insert_or_assign(change.leverage_change().symbol(), change.leverage_change());
      break;
    case v1::AccountEvent::kPositionModeChange:
      account_.value.set_position_mode(change.position_mode_change().position_mode());
      account_.value.set_raw_position_mode(change.position_mode_change().raw_position_mode());
      break;
    default:
      break;  // a margin call changes no state
  }
}

v1::AccountEvent AccountFeed::WholeState() const {
  const std::chrono::nanoseconds now = clock_.Steady();
  v1::AccountEvent event;
  v1::AccountSnapshot& snapshot = *event.mutable_snapshot();
  *snapshot.mutable_account() = account_.value;
  accounts::AddAge(now - account_.told_at, *snapshot.mutable_account());
  for (const auto& [key, held] : balances_) {
    v1::Balance& added = *snapshot.add_balances();
    added = held.value;
    accounts::AddAge(now - held.told_at, added);
    event.set_exchange_time_ns(std::max(event.exchange_time_ns(), added.exchange_time_ns()));
  }
  for (const auto& [symbol, setting] : leverages_) *snapshot.add_leverage_settings() = setting;
  event.set_exchange_time_ns(std::max(event.exchange_time_ns(), account_.value.exchange_time_ns()));
  event.set_receive_time_ns(account_.value.receive_time_ns());
  return event;
}

void AccountFeed::CallMarginIfDue(Streams& pushed) {
  const std::optional<Decimal> ratio = MarginRatio(account_.value);
  const bool due = ratio && *ratio >= margin_call_ratio_;
  if (std::exchange(margin_called_, due) || !due) return;
  v1::MarginCall call;
  call.set_margin_ratio(ratio->ToShortString());
  CallMargin(std::move(call), TimeNs(account_.value.receive_time_ns()), pushed);
}

void AccountFeed::CallMargin(v1::MarginCall call, TimeNs receive_time, Streams& pushed) {
  v1::AccountEvent event;
  event.set_receive_time_ns(receive_time.value);
  call.set_derived(true);
  *event.mutable_margin_call() = std::move(call);
  topic_.Delta(std::move(event), pushed);
}

void AccountFeed::Attach(const std::shared_ptr<stream::EventStream>& stream) {
  Streams pushed;
  {
    const std::lock_guard lock(mutex_);
    // One that ended meanwhile has been detached already and would stay attached for good.
    if (stream->finished()) return;
    topic_.Attach(stream, WholeState(), pushed);
  }
  accounts::FlushAll(pushed);
}

void AccountFeed::Detach(const std::shared_ptr<stream::EventStream>& stream) {
  const std::lock_guard lock(mutex_);
  topic_.Detach(stream);
}

std::uint32_t AccountFeed::readers() const {
  const std::lock_guard lock(mutex_);
  return topic_.reader_count();
}

void AccountFeed::OnSnapshot(const v1::AccountSnapshot& snapshot) {
  Streams pushed;
  {
    const std::lock_guard lock(mutex_);
    valid_ = true;
    account_ = {snapshot.account(), clock_.Steady()};
    balances_.clear();
    leverages_.clear();
    for (const v1::Balance& balance : snapshot.balances()) HoldBalance(balance);
    for (const v1::LeverageSetting& setting : snapshot.leverage_settings()) {
      leverages_.insert_or_assign(setting.symbol(), setting);
    }
    topic_.Snapshot(WholeState(), pushed);
    CallMarginIfDue(pushed);
  }
  accounts::FlushAll(pushed);
}

void AccountFeed::OnChange(const v1::AccountEvent& change) {
  Streams pushed;
  {
    const std::lock_guard lock(mutex_);
    if (!valid_) return;  // the snapshot that follows has it
    Apply(change);
    topic_.Delta(change, pushed);
    if (change.has_account_update()) CallMarginIfDue(pushed);
  }
  accounts::FlushAll(pushed);
}

void AccountFeed::OnIsolatedMargin(const exchange::IsolatedMargin& margin) {
  Streams pushed;
  {
    const std::lock_guard lock(mutex_);
    if (!valid_) return;  // what moves after the snapshot is told again
    const std::pair key(margin.symbol, margin.side);
    const bool due = margin.ratio && *margin.ratio >= margin_call_ratio_;
    if (!due) {
      isolated_called_.erase(key);
    } else if (isolated_called_.insert(key).second) {
      v1::MarginCall call;
      call.set_symbol(margin.symbol);
      call.set_position_side(margin.side);
      call.set_margin_ratio(margin.ratio->ToShortString());
      CallMargin(std::move(call), margin.receive_time, pushed);
    }
  }
  accounts::FlushAll(pushed);
}

void AccountFeed::OnStale(model::StaleReason reason) {
  Streams pushed;
  {
    const std::lock_guard lock(mutex_);
    valid_ = false;
    topic_.Stale(reason, pushed);
  }
  accounts::FlushAll(pushed);
}

void AccountFeed::Refresh(std::shared_ptr<stream::EventStream> stream,
                          std::vector<stream::TopicId> /*topics*/) {
  Streams pushed;
  {
    const std::lock_guard lock(mutex_);
    topic_.Refresh(stream, WholeState(), pushed);
  }
  accounts::FlushAll(pushed);
}

}  // namespace switchyard::account
