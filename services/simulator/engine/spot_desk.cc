#include "services/simulator/engine/spot_desk.h"

namespace switchyard::simulator::engine {

Amount ValueOf(const Market& market, Int128 ticks_times_lots) {
  return Amount::Of(ticks_times_lots, market.spec().price_scale + market.spec().quantity_scale);
}

Amount QuantityOf(const Market& market, std::int64_t lots) {
  return Amount::Of(lots, market.spec().quantity_scale);
}

const std::string& SpotDesk::LockedCurrency(const ClientOrder& order) const {
  const SpotTerms& terms = terms_.at(order.market);
  return order.side == Side::kBuy ? terms.quote : terms.base;
}

Amount SpotDesk::Cost(const ClientOrder& order, std::int64_t price, std::int64_t left) const {
  if (order.side == Side::kSell) return QuantityOf(*order.market, left);
  return ValueOf(*order.market, static_cast<Int128>(price) * left);
}

Refusal SpotDesk::Reserve(ClientOrder& order, const MatchPlan&) {
  if (store().OpenCount(order.user, order.market) >= kMaximumOpenOrders) {
    return Refusal::kTooManyOrders;
  }
  const Amount cost = order.budget.is_zero() ? Cost(order, order.price, order.left) : order.budget;
  const std::string& currency = LockedCurrency(order);
  if (ledger_.Of(order.user, currency).available < cost) return Refusal::kBalance;
  order.reserved = cost;
  ledger_.Apply({.user = order.user,
                 .currency = currency,
                 .available_change = -cost,
                 .locked_change = cost,
                 .after = {},
                 .reason = BalanceReason::kOrderCreate,
                 .time_ns = order.created_ns,
                 .text = order.text});
  return Refusal::kNone;
}

Refusal SpotDesk::ReserveAnew(ClientOrder& order, std::int64_t price, std::int64_t left) {
  const Amount cost = Cost(order, price, left);
  const Amount more = cost - order.reserved;
  const std::string& currency = LockedCurrency(order);
  if (ledger_.Of(order.user, currency).available < more) return Refusal::kBalance;
  order.reserved = cost;
  if (more.is_zero()) return Refusal::kNone;
  ledger_.Apply({.user = order.user,
                 .currency = currency,
                 .available_change = -more,
                 .locked_change = more,
                 .after = {},
                 .reason = BalanceReason::kOrderUpdate,
                 .time_ns = order.updated_ns,
                 .text = order.text});
  return Refusal::kNone;
}

void SpotDesk::Release(ClientOrder& order) {
  if (order.reserved.is_zero()) return;
  const Amount back = order.reserved;
  order.reserved = Amount();
  ledger_.Apply({.user = order.user,
                 .currency = LockedCurrency(order),
                 .available_change = back,
                 .locked_change = -back,
                 .after = {},
                 .reason = BalanceReason::kOrderUpdate,
                 .time_ns = order.updated_ns,
                 .text = order.text});
}

void SpotDesk::Settle(ClientOrder& order, ClientFill& fill) {
  const SpotTerms& terms = terms_.at(fill.market);
  const bool buys = order.side == Side::kBuy;
  const Amount value = ValueOf(*fill.market, static_cast<Int128>(fill.price) * fill.quantity);
  const Amount quantity = QuantityOf(*fill.market, fill.quantity);
  const Amount paid = buys ? value : quantity;
  const Amount received = buys ? quantity : value;
  // A limit buy that fills below its price gets the difference back.
  const Amount freed =
      buys && order.budget.is_zero() ? Cost(order, order.price, fill.quantity) : paid;
  if (!order.budget.is_zero()) order.budget_left -= paid;
  order.reserved -= freed;
  fill.fee = received.PerMillion(fill.taker ? terms.taker_fee : terms.maker_fee);
  fill.fee_currency = buys ? terms.base : terms.quote;
  BalanceChange change{.user = order.user,
                       .currency = buys ? terms.quote : terms.base,
                       .available_change = freed - paid,
                       .locked_change = -freed,
                       .after = {},
                       .reason = BalanceReason::kOrderMatch,
                       .time_ns = fill.time_ns,
                       .text = order.text};
  ledger_.Apply(change);
  change.currency = fill.fee_currency;
  change.available_change = received;
  change.locked_change = Amount();
  ledger_.Apply(change);
  if (fill.fee.is_zero()) return;
  change.available_change = -fill.fee;
  change.reason = BalanceReason::kFee;
  ledger_.Apply(change);
}

}  // namespace switchyard::simulator::engine
