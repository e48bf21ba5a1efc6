#include "tests/clients/fake/fake_account.h"

#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>

#include "common/status/status.h"
#include "common/time/time.h"

namespace switchyard::clients::fake {
namespace {

using order::v1::Order;
using order::v1::OrderEvent;
using order::v1::OrderTicket;

constexpr std::uint64_t kEpoch = 77;
constexpr int kScale = 8;

std::int64_t NowNs() { return SystemClock().Now().value; }

Decimal Parsed(std::string_view text) {
  return Decimal::Parse(text.empty() ? "0" : text).value_or(Decimal{});
}

Decimal Sum(const Decimal& left, const Decimal& right) {
  return Decimal::Add(left, right).value_or(Decimal{});
}

bool IsTerminal(const Order& order) { return order.state() >= order::v1::ORDER_STATE_FILLED; }

bool IsBuy(const OrderTicket& ticket) { return ticket.side() == common::v1::SIDE_BUY; }

absl::Status Refuse(ErrorReason reason, std::string_view message,
                    const ErrorMetadata& metadata = {}) {
  return MakeError(absl::StatusCode::kFailedPrecondition, reason, message, metadata);
}

}  // namespace

FakeAccount::FakeAccount(std::string exchange, std::string account, const Market& market,
                         int fill_every)
    : exchange_(std::move(exchange)),
      account_(std::move(account)),
      market_(market),
      fill_every_(fill_every) {}

std::string FakeAccount::Opposite(const OrderTicket& ticket) const {
  const std::int64_t tenths = market_.best_bid + (IsBuy(ticket) ? 1 : 0);
  return Decimal::FromMantissaExponent(tenths, -1).value_or(Decimal{}).ToString();
}

bool FakeAccount::Crosses(const OrderTicket& ticket) const {
  if (ticket.type() == order::v1::ORDER_TYPE_MARKET) return true;
  if (ticket.type() != order::v1::ORDER_TYPE_LIMIT) return false;
  const Decimal price = Parsed(ticket.price());
  const Decimal other = Parsed(Opposite(ticket));
  return IsBuy(ticket) ? price >= other : price <= other;
}

absl::Status FakeAccount::Check(const OrderTicket& ticket) const {
  if (ticket.client_order_id().empty()) return InvalidField("ticket.client_order_id", "is empty");
  if (ticket.symbol().find("NOSUCH") != std::string::npos) {
    return MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT,
                     fmt::format("no instrument {}", ticket.symbol()));
  }
  if (kill_switch_.engaged()) {
    return Refuse(common::v1::ERROR_REASON_KILL_SWITCH, "the kill switch is engaged");
  }
  if (Parsed(ticket.quantity()) > Decimal::FromInt(kLargestQuantity)) {
    return Refuse(common::v1::ERROR_REASON_RISK_LIMIT,
                  fmt::format("quantity {} is above {}", ticket.quantity(), kLargestQuantity),
                  {{"limit", "ORDER_QUANTITY"}});
  }
  if (ticket.has_cancel_on_disconnect() &&
      !sessions_.contains(ticket.cancel_on_disconnect().session_id())) {
    return Refuse(common::v1::ERROR_REASON_SESSION_NOT_CONNECTED, "no stream of this session");
  }
  if (ticket.post_only() && Crosses(ticket)) {
    return Refuse(common::v1::ERROR_REASON_POST_ONLY_WOULD_CROSS,
                  fmt::format("{} would cross {}", ticket.price(), Opposite(ticket)),
                  {{"client_order_id", ticket.client_order_id()}});
  }
  return absl::OkStatus();
}

absl::StatusOr<Commanded> FakeAccount::Place(const OrderTicket& ticket) {
  const std::lock_guard lock(mutex_);
  for (const Order& order : orders_) {
    if (order.ticket().client_order_id() != ticket.client_order_id()) continue;
    if (google::protobuf::util::MessageDifferencer::Equals(order.ticket(), ticket)) {
      return Commanded{order, true};
    }
    return MakeError(absl::StatusCode::kAlreadyExists,
                     common::v1::ERROR_REASON_CLIENT_ORDER_ID_REUSED,
                     fmt::format("{} is another order", ticket.client_order_id()));
  }
  SWITCHYARD_RETURN_IF_ERROR(Check(ticket));
  Order order;
  order.set_exchange(exchange_);
  order.set_account(account_);
  *order.mutable_ticket() = ticket;
  order.mutable_sent()->set_quantity(ticket.quantity());
  order.mutable_sent()->set_price(ticket.price());
  order.set_exchange_order_id(fmt::format("x{}", orders_.size() + 1));
  order.set_pending(order::v1::PENDING_COMMAND_NONE);
  order.set_origin(order::v1::ORDER_ORIGIN_CLIENT);
  order.set_filled_quantity("0");
  order.set_create_time_ns(NowNs());
  order.set_state(order::v1::ORDER_STATE_OPEN);
  Commit(order);
  Execute(order);
  orders_.push_back(order);
  return Commanded{order, false};
}

void FakeAccount::Execute(Order& order) {
  const OrderTicket& ticket = order.ticket();
  Decimal quantity = Parsed(ticket.quantity());
  if (Crosses(ticket)) {
    const std::string price = Opposite(ticket);
    if (!ticket.quote_quantity().empty()) {
      quantity =
          Decimal::Divide(Parsed(ticket.quote_quantity()), Parsed(price), kScale, Rounding::kDown)
              .value_or(Decimal{});
    }
    Fill(order, quantity, price, order::v1::LIQUIDITY_ROLE_TAKER);
    Finish(order, order::v1::ORDER_STATE_FILLED, order::v1::FINISH_REASON_FILLED);
    return;
  }
  if (fill_every_ == 0 || ++rested_ % fill_every_ != 0) return;
  const Decimal half =
      Decimal::Divide(quantity, Decimal::FromInt(2), kScale, Rounding::kDown).value_or(Decimal{});
  Fill(order, half, ticket.price(), order::v1::LIQUIDITY_ROLE_MAKER);
  order.set_state(order::v1::ORDER_STATE_PARTIALLY_FILLED);
  Commit(order);
}

void FakeAccount::Fill(Order& order, const Decimal& quantity, std::string_view price,
                       order::v1::LiquidityRole role) {
  order::v1::Fill fill;
  fill.set_exchange(exchange_);
  fill.set_account(account_);
  fill.set_symbol(order.ticket().symbol());
  fill.set_trade_id(fmt::format("t{}", fills_.size() + 1));
  fill.set_exchange_order_id(order.exchange_order_id());
  fill.set_client_order_id(order.ticket().client_order_id());
  fill.set_side(order.ticket().side());
  fill.set_price(std::string(price));
  fill.set_quantity(quantity.ToShortString());
  fill.set_fee("0.01");
  fill.set_fee_currency("USDT");
  fill.set_role(role);
  fill.set_kind(order::v1::FILL_KIND_TRADE);
  fill.set_exchange_time_ns(NowNs());
  *NewRow().mutable_fill() = fill;
  fills_.push_back(fill);
  order.set_filled_quantity(Sum(Parsed(order.filled_quantity()), quantity).ToShortString());
  order.set_average_price(std::string(price));
  Decimal& net = net_[fill.symbol()];
  net = Sum(net, IsBuy(order.ticket()) ? quantity : quantity.Negated());
}

void FakeAccount::Finish(Order& order, order::v1::OrderState state,
                         order::v1::FinishReason reason) {
  order.set_state(state);
  order.set_finish_reason(reason);
  order.set_finish_time_ns(NowNs());
  Commit(order);
}

void FakeAccount::Commit(Order& order) {
  order.set_version(order.version() + 1);
  order.set_update_time_ns(NowNs());
  OrderEvent& row = NewRow();
  order.mutable_position()->set_epoch(kEpoch);
  order.mutable_position()->set_sequence(row.sequence());
  *row.mutable_order() = order;
}

OrderEvent& FakeAccount::NewRow() {
  OrderEvent& row = journal_.emplace_back();
  row.set_exchange(exchange_);
  row.set_account(account_);
  row.set_epoch(kEpoch);
  row.set_sequence(journal_.size());
  row.set_commit_time_ns(NowNs());
  return row;
}

Order* FakeAccount::Lookup(const order::v1::OrderKey& key) {
  const auto found = std::find_if(orders_.begin(), orders_.end(), [&](const Order& order) {
    return key.has_exchange_order_id() ? order.exchange_order_id() == key.exchange_order_id()
                                       : order.ticket().client_order_id() == key.client_order_id();
  });
  return found == orders_.end() ? nullptr : &*found;
}

absl::StatusOr<Order> FakeAccount::Find(const order::v1::OrderKey& key) const {
  const std::lock_guard lock(mutex_);
  if (const Order* const order = const_cast<FakeAccount*>(this)->Lookup(key)) return *order;
  return MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_ORDER,
                   fmt::format("no order {}{}", key.client_order_id(), key.exchange_order_id()));
}

absl::StatusOr<Commanded> FakeAccount::Amend(const order::v1::AmendOrderRequest& request) {
  SWITCHYARD_RETURN_IF_ERROR(Find(request.order()).status());
  const std::lock_guard lock(mutex_);
  Order& order = *Lookup(request.order());
  if (!served_.emplace(request.request_id(), order.ticket().client_order_id()).second) {
    return Commanded{order, true};
  }
  if (IsTerminal(order)) {
    return Refuse(common::v1::ERROR_REASON_ORDER_FINISHED, "the order is already finished");
  }
  OrderTicket amended = order.ticket();
  if (request.has_price()) amended.set_price(request.price());
  if (request.has_quantity()) amended.set_quantity(request.quantity());
  SWITCHYARD_RETURN_IF_ERROR(Check(amended));
  *order.mutable_ticket() = amended;
  Commit(order);
  return Commanded{order, false};
}

absl::StatusOr<Commanded> FakeAccount::Cancel(const order::v1::OrderKey& key,
                                              const std::string& request_id) {
  SWITCHYARD_RETURN_IF_ERROR(Find(key).status());
  const std::lock_guard lock(mutex_);
  Order& order = *Lookup(key);
  if (!served_.emplace(request_id, order.ticket().client_order_id()).second) {
    return Commanded{order, true};
  }
  if (IsTerminal(order)) {
    return Refuse(common::v1::ERROR_REASON_ORDER_FINISHED, "the order is already finished");
  }
  Finish(order, order::v1::ORDER_STATE_CANCELED, order::v1::FINISH_REASON_CLIENT_CANCEL);
  return Commanded{order, false};
}

std::vector<Order> FakeAccount::CancelAll(std::string_view symbol) {
  const std::lock_guard lock(mutex_);
  std::vector<Order> canceled;
  for (Order& order : orders_) {
    if (IsTerminal(order) || (!symbol.empty() && order.ticket().symbol() != symbol)) continue;
    Finish(order, order::v1::ORDER_STATE_CANCELED, order::v1::FINISH_REASON_CLIENT_CANCEL);
    canceled.push_back(order);
  }
  return canceled;
}

order::v1::KillSwitch FakeAccount::SetKillSwitch(const order::v1::SetKillSwitchRequest& request) {
  const std::lock_guard lock(mutex_);
  kill_switch_.set_engaged(request.engaged());
  kill_switch_.set_reason(request.reason());
  kill_switch_.set_set_by("tester");
  kill_switch_.set_change_time_ns(NowNs());
  *NewRow().mutable_kill_switch() = kill_switch_;
  return kill_switch_;
}

order::v1::KillSwitch FakeAccount::kill_switch() const {
  const std::lock_guard lock(mutex_);
  return kill_switch_;
}

std::vector<Order> FakeAccount::Orders(bool open_alone) const {
  const std::lock_guard lock(mutex_);
  std::vector<Order> found;
  std::copy_if(orders_.rbegin(), orders_.rend(), std::back_inserter(found),
               [&](const Order& order) { return !open_alone || !IsTerminal(order); });
  return found;
}

std::vector<order::v1::Fill> FakeAccount::Fills(std::string_view client_order_id) const {
  const std::lock_guard lock(mutex_);
  std::vector<order::v1::Fill> found;
  std::copy_if(fills_.rbegin(), fills_.rend(), std::back_inserter(found),
               [&](const order::v1::Fill& fill) {
                 return client_order_id.empty() || fill.client_order_id() == client_order_id;
               });
  return found;
}

std::vector<position::v1::Position> FakeAccount::Positions() const {
  const std::lock_guard lock(mutex_);
  std::vector<position::v1::Position> positions;
  for (const auto& [symbol, net] : net_) {
    if (net.is_zero()) continue;
    position::v1::Position& position = positions.emplace_back();
    position.set_exchange(exchange_);
    position.set_account(account_);
    position.set_symbol(symbol);
    position.set_position_side(common::v1::POSITION_SIDE_NET);
    position.set_side(net.is_negative() ? common::v1::SIDE_SELL : common::v1::SIDE_BUY);
    position.mutable_size()->set_value(net.Absolute().ToShortString());
    position.mutable_notional()->set_derived(true);
    position.mutable_unrealised_profit()->set_value("-0.1");
    position.mutable_unrealised_profit()->set_derived(true);
    position.set_settle_currency("USDT");
  }
  return positions;
}

common::v1::JournalPosition FakeAccount::End() const {
  const std::lock_guard lock(mutex_);
  common::v1::JournalPosition end;
  end.set_epoch(kEpoch);
  end.set_sequence(journal_.size());
  return end;
}

std::vector<OrderEvent> FakeAccount::EventsAfter(
    const common::v1::JournalPosition& position) const {
  const std::lock_guard lock(mutex_);
  if (position.epoch() != kEpoch) {
    OrderEvent gap;
    gap.set_exchange(exchange_);
    gap.set_account(account_);
    gap.set_epoch(kEpoch);
    gap.set_sequence(journal_.size());
    gap.mutable_gap()->set_reason(common::v1::STALE_REASON_JOURNAL_CHANGED);
    *gap.mutable_gap()->mutable_from_position() = position;
    return {gap};
  }
  if (position.sequence() >= journal_.size()) return {};
  return {journal_.begin() + static_cast<std::ptrdiff_t>(position.sequence()), journal_.end()};
}

void FakeAccount::Connect(const std::string& session_id) {
  const std::lock_guard lock(mutex_);
  sessions_.insert(session_id);
}

}  // namespace switchyard::clients::fake
