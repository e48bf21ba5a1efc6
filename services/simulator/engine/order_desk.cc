#include "services/simulator/engine/order_desk.h"

#include <algorithm>
#include <limits>

namespace switchyard::simulator::engine {
namespace {

// The worst price that an order may meet.
std::int64_t LimitOf(const ClientOrder& order) {
  if (!order.is_market) return order.price;
  const std::int64_t best = order.market->book().Best(Opposite(order.side));
  const auto slip =
      static_cast<std::int64_t>(static_cast<Int128>(best) * OrderDesk::kSlipPerMillion / 1'000'000);
  return order.side == Side::kBuy ? best + slip : std::max<std::int64_t>(1, best - slip);
}

// What becomes of lots that found no counterpart; kOpen: they rest.
FinishedAs EndOfRest(const ClientOrder& order, const MatchPlan& plan) {
  if (plan.stopped_by_own) return FinishedAs::kSelfTrade;
  if (order.time_in_force == TimeInForce::kFok) return FinishedAs::kFok;
  if (order.is_market || order.time_in_force == TimeInForce::kIoc) return FinishedAs::kIoc;
  return FinishedAs::kOpen;
}

Int128 BudgetOf(const ClientOrder& order) {
  // In ticks x lots: what is finer buys nothing.
  const MarketSpec& spec = order.market->spec();
  Int128 units = order.budget_left.units();
  for (int i = spec.price_scale + spec.quantity_scale; i < Amount::kScale; ++i) units /= 10;
  return units;
}

}  // namespace

MatchPlan OrderDesk::Plan(const ClientOrder& order) const {
  MatchQuery query;
  query.side = order.side;
  query.limit = LimitOf(order);
  query.quantity = order.left;
  query.budget = order.budget.is_zero() ? 0 : BudgetOf(order);
  query.self_trade = order.self_trade;
  query.is_own = [&](OrderId id) {
    const ClientOrder* const other = store_.FindByBookId(id);
    return other != nullptr && other->user == order.user;
  };
  return PlanMatch(order.market->book(), query);
}

Outcome OrderDesk::Place(const OrderRequest& request, std::int64_t now_ns) {
  ClientOrder draft;
  static_cast<OrderRequest&>(draft) = request;
  draft.left = draft.quantity;
  draft.budget_left = draft.budget;
  draft.created_ns = draft.updated_ns = now_ns;
  MatchPlan plan = Plan(draft);
  if (draft.time_in_force == TimeInForce::kPostOnly && plan.first_price != 0) {
    return {Refusal::kPostOnlyTakes, nullptr, draft.price, plan.first_price};
  }
  const bool by_budget = !draft.budget.is_zero();
  if (by_budget) draft.quantity = draft.left = plan.quantity;
  const bool unfillable = plan.quantity < draft.quantity || draft.quantity == 0;
  const bool killed = draft.time_in_force == TimeInForce::kFok && unfillable;
  if (killed && RefusesUnfillable()) return {Refusal::kFokUnfillable, nullptr, 0, 0};
  if (const Refusal refusal = Reserve(draft, plan); refusal != Refusal::kNone) {
    return {refusal, nullptr, 0, 0};
  }
  ClientOrder& order = store_.Add(draft);
  ++order.update_id;
  listener_.OnOrder(order, OrderEvent::kPut);
  if (killed) {
    Finish(order, FinishedAs::kFok, now_ns);
  } else {
    Execute(order, plan, now_ns);
  }
  return {Refusal::kNone, &order, 0, 0};
}

void OrderDesk::Execute(ClientOrder& order, const MatchPlan& plan, std::int64_t now_ns) {
  for (const OrderId id : plan.own) {
    Cancel(*store_.FindByBookId(id), FinishedAs::kSelfTrade, now_ns);
  }
  const std::int64_t limit = LimitOf(order);
  std::int64_t to_take = plan.quantity;
  for (std::int64_t part = order.parts; part > 0 && to_take > 0 && order.is_open(); --part) {
    const std::int64_t piece = part == 1 ? to_take : std::max<std::int64_t>(1, to_take / part);
    to_take -= piece;
    order.market->Submit({order.book_id(), order.side, limit, piece, Remainder::kCancelled}, now_ns,
                         order.is_liquidation);
  }
  if (!order.is_open()) return;
  const FinishedAs end = EndOfRest(order, plan);
  if (end != FinishedAs::kOpen || order.left == 0) {
    Finish(order, order.left == 0 && order.quantity > 0 ? order.filled_as : end, now_ns);
    return;
  }
  order.market->Submit({order.book_id(), order.side, order.price, order.left, Remainder::kRests},
                       now_ns);
}

Outcome OrderDesk::Amend(ClientOrder& order, std::optional<std::int64_t> price,
                         std::optional<std::int64_t> quantity, std::int64_t now_ns) {
  if (!order.is_open()) return {Refusal::kFinished, &order, 0, 0};
  const std::int64_t new_price = price.value_or(order.price);
  const std::int64_t new_quantity = quantity.value_or(order.quantity);
  const std::int64_t new_left = new_quantity - order.filled();
  if (new_left <= 0) {
    Cancel(order, FinishedAs::kCancelled, now_ns);
    return {Refusal::kNone, &order, 0, 0};
  }
  const bool keeps_place = new_price == order.price && new_left <= order.left;
  ClientOrder draft = order;
  draft.price = new_price;
  draft.left = new_left;
  const MatchPlan plan = Plan(draft);
  if (order.time_in_force == TimeInForce::kPostOnly && plan.first_price != 0) {
    return {Refusal::kPostOnlyTakes, &order, new_price, plan.first_price};
  }
  if (const Refusal refusal = ReserveAnew(order, new_price, new_left); refusal != Refusal::kNone) {
    return {refusal, &order, 0, 0};
  }
  const bool lessens = new_left < order.left;
  order.price = new_price;
  order.quantity = new_quantity;
  order.left = new_left;
  order.updated_ns = now_ns;
  ++order.update_id;
  if (keeps_place) {
    if (lessens) order.market->Reduce(order.book_id(), new_left, now_ns);
    listener_.OnOrder(order, OrderEvent::kUpdate);
    return {Refusal::kNone, &order, 0, 0};
  }
  order.market->Cancel(order.book_id(), now_ns);
  listener_.OnOrder(order, OrderEvent::kUpdate);
  Execute(order, plan, now_ns);
  return {Refusal::kNone, &order, 0, 0};
}

void OrderDesk::Cancel(ClientOrder& order, FinishedAs reason, std::int64_t now_ns) {
  if (!order.is_open()) return;
  // Finished first: what the market tells of the change must not find it open.
  Finish(order, reason, now_ns);
  order.market->Cancel(order.book_id(), now_ns);
}

void OrderDesk::Finish(ClientOrder& order, FinishedAs reason, std::int64_t now_ns) {
  order.finished = reason;
  order.updated_ns = order.finished_ns = now_ns;
  ++order.update_id;
  store_.Finish(order);
  Release(order);
  listener_.OnOrder(order, OrderEvent::kFinish);
}

void OrderDesk::OnChange(Market& market) {
  if (!market.has_client_fills()) return;
  const auto& fills = market.changes().fills;
  const auto& trades = market.trades();
  std::vector<ClientFill> ours;
  // A change never has more fills than trades are kept, but for the oldest of an endless sweep.
  const std::size_t known = std::min(fills.size(), trades.size());
  for (std::size_t i = fills.size() - known; i < fills.size(); ++i) {
    const Trade& trade = trades[trades.size() - fills.size() + i];
    for (const bool taker : {false, true}) {
      const OrderId id = taker ? fills[i].taker : fills[i].maker;
      if (!IsClient(id)) continue;
      ClientFill fill;
      fill.trade_id = trade.id;
      fill.order_id = static_cast<std::int64_t>(id & ~kClientBit);
      fill.market = &market;
      fill.side = taker ? fills[i].taker_side : Opposite(fills[i].taker_side);
      fill.taker = taker;
      fill.price = fills[i].price;
      fill.quantity = fills[i].quantity;
      fill.time_ns = trade.time_ns;
      fill.sequence = trade.sequence;
      ours.push_back(fill);
    }
  }
  for (ClientFill& fill : ours) {
    ClientOrder& order = *store_.FindByBookId(kClientBit | static_cast<OrderId>(fill.order_id));
    fill.user = order.user;
    Apply(order, fill);
  }
  AfterFills(ours);
}

void OrderDesk::Apply(ClientOrder& order, ClientFill fill) {
  fill.text = order.text;
  Settle(order, fill);
  order.left -= fill.quantity;
  order.filled_value += static_cast<Int128>(fill.price) * fill.quantity;
  order.fee += fill.fee;
  order.updated_ns = fill.time_ns;
  order.last_was_taker = fill.taker;
  ++order.update_id;
  ++order.fill_count;
  store_.AddFill(fill);
  listener_.OnFill(order, fill);
  if (order.left > 0) {
    listener_.OnOrder(order, OrderEvent::kUpdate);
  } else if (order.is_open()) {
    Finish(order, order.filled_as, fill.time_ns);
  }
}

void OrderDesk::FillOutside(ClientOrder& order, std::int64_t price, std::int64_t quantity,
                            std::int64_t now_ns) {
  ClientFill fill;
  fill.trade_id = order.market->TakeTradeId();
  fill.order_id = order.id;
  fill.user = order.user;
  fill.market = order.market;
  fill.side = order.side;
  fill.taker = true;
  fill.price = price;
  fill.quantity = quantity;
  fill.time_ns = now_ns;
  fill.sequence = order.market->sequence();
  Apply(order, fill);
}

}  // namespace switchyard::simulator::engine
