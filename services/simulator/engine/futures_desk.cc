#include "services/simulator/engine/futures_desk.h"

#include <algorithm>
#include <set>

namespace switchyard::simulator::engine {

FuturesAccount& FuturesDesk::AccountOf(UserId user) {
  FuturesAccount& account = accounts_[user];
  account.user = user;
  return account;
}

Position& FuturesDesk::PositionOf(UserId user, Market& market, PositionSide side) {
  const auto [found, made] = positions_.try_emplace({user, &market, side});
  Position& position = found->second;
  if (made) {
    position.user = user;
    position.market = &market;
    position.side = side;
    futures_terms_.defaults(position);
  }
  return position;
}

std::vector<Position*> FuturesDesk::PositionsOf(UserId user) {
  std::vector<Position*> positions;
  for (auto& [slot, position] : positions_) {
    if (position.user == user) positions.push_back(&position);
  }
  return positions;
}

Amount FuturesDesk::MarkValue(const Position& position) const {
  return terms(*position.market).Value(*position.market, position.lots(), MarkOf(*position.market));
}

AccountFigures FuturesDesk::FiguresOf(UserId user) {
  AccountFigures figures;
  for (const Position* position : PositionsOf(user)) {
    if (position->size == 0) continue;
    const Amount value = MarkValue(*position);
    const Amount unrealised = UnrealisedPnl(*position, value);
    const Amount maintenance = MaintenanceMargin(*position, value);
    figures.unrealised += unrealised;
    figures.maintenance += maintenance;
    if (position->is_cross()) {
      figures.cross_unrealised += unrealised;
      figures.cross_maintenance += maintenance;
      figures.cross_margin += value.DividedUp(position->cross_leverage_limit);
    } else {
      figures.isolated_margin += position->margin;
    }
  }
  for (const ClientOrder* order : store().OpenOrders(user, nullptr)) {
    figures.order_margin += order->reserved;
  }
  // Losses of cross positions are not available; their profits are not yet.
  figures.available = AccountOf(user).balance - figures.isolated_margin - figures.cross_margin -
                      figures.order_margin + std::min(Amount(), figures.cross_unrealised);
  return figures;
}

Amount FuturesDesk::MarginBehind(const Position& position) {
  if (!position.is_cross()) return position.margin;
  const AccountFigures figures = FiguresOf(position.user);
  const Amount value = MarkValue(position);
  return AccountOf(position.user).balance - figures.isolated_margin +
         (figures.cross_unrealised - UnrealisedPnl(position, value)) -
         (figures.cross_maintenance - MaintenanceMargin(position, value));
}

Position& FuturesDesk::PositionFor(const ClientOrder& order) {
  return PositionOf(order.user, *order.market, order.position_side);
}

Refusal FuturesDesk::CheckReducing(const ClientOrder& order, const Position& position) const {
  if (position.size == 0) return Refusal::kNoPosition;
  if ((position.size > 0) == (order.side == Side::kBuy)) return Refusal::kIncreasesPosition;
  return order.left > position.lots() ? Refusal::kExceedsPosition : Refusal::kNone;
}

Amount FuturesDesk::OrderMargin(const ClientOrder& order, std::int64_t price, std::int64_t left) {
  if (order.reduce_only) return {};
  const Position& position = PositionFor(order);
  const bool closes = position.size != 0 && (position.size > 0) != (order.side == Side::kBuy);
  const std::int64_t opening = closes ? std::max<std::int64_t>(0, left - position.lots()) : left;
  const ContractTerms& contract = terms(*order.market);
  const Amount value = contract.Value(*order.market, opening, price);
  return value.DividedUp(position.margin_divisor()) + value.PerMillion(contract.taker_fee);
}

Refusal FuturesDesk::Reserve(ClientOrder& order, const MatchPlan& plan) {
  const Position& position = PositionFor(order);
  if (store().OpenCount(order.user, order.market) >= kMaximumOpenOrders) {
    return Refusal::kTooManyOrders;
  }
  if (order.reduce_only) {
    const Refusal refusal = CheckReducing(order, position);
    if (refusal == Refusal::kNone) Squeeze(position, order.left, order.created_ns);
    return refusal;
  }
  std::int64_t price = order.price;
  if (order.is_market) price = plan.last_price != 0 ? plan.last_price : MarkOf(*order.market);
  const Amount margin = OrderMargin(order, price, order.left);
  const ContractTerms& contract = terms(*order.market);
  const bool closes = position.size != 0 && (position.size > 0) != (order.side == Side::kBuy);
  const Amount value = contract.Value(*order.market, order.left, price);
  if (!closes && MarkValue(position) + value > position.risk_limit) return Refusal::kRiskLimit;
  if (FiguresOf(order.user).available < margin) return Refusal::kBalance;
  order.reserved = margin;
  return Refusal::kNone;
}

Refusal FuturesDesk::ReserveAnew(ClientOrder& order, std::int64_t price, std::int64_t left) {
  if (order.reduce_only) {
    ClientOrder draft = order;
    draft.left = left;
    return CheckReducing(draft, PositionFor(order));
  }
  const Amount margin = OrderMargin(order, price, left);
  if (FiguresOf(order.user).available < margin - order.reserved) return Refusal::kBalance;
  order.reserved = margin;
  return Refusal::kNone;
}

void FuturesDesk::Book(UserId user, EntryKind kind, Amount change, const ClientFill* fill,
                       const Market* market, std::int64_t now_ns) {
  FuturesAccount& account = AccountOf(user);
  account.balance += change;
  Amount& sum = kind == EntryKind::kTransfer ? account.transferred
                : kind == EntryKind::kPnl    ? account.pnl
                : kind == EntryKind::kFee    ? account.fee
                                             : account.funding;
  sum += change;
  account.entries.push_back({++last_entry_id_, user, kind, change, account.balance, market,
                             fill == nullptr ? 0 : fill->order_id,
                             fill == nullptr ? 0 : fill->trade_id, now_ns});
  futures_listener_.OnEntry(account.entries.back());
}

void FuturesDesk::Settle(ClientOrder& order, ClientFill& fill) {
  const ContractTerms& contract = terms(*fill.market);
  order.reserved -= order.left == fill.quantity
                        ? order.reserved
                        : (order.reserved * fill.quantity).DividedBy(order.left);
  Position& position = PositionFor(order);
  const Amount value = contract.Value(*fill.market, fill.quantity, fill.price);
  fill.fee = value.PerMillion(fill.taker ? contract.taker_fee : contract.maker_fee);
  fill.fee_currency = "USDT";
  position.pnl_fee -= fill.fee;
  if (!fill.fee.is_zero()) {
    Book(order.user, EntryKind::kFee, -fill.fee, &fill, fill.market, fill.time_ns);
  }
  const bool closes = position.size != 0 && (position.size > 0) != (order.side == Side::kBuy);
  fill.closed = closes ? std::min(position.lots(), fill.quantity) : 0;
  if (fill.closed > 0) {
    const Amount profit = Reduce(
        position, fill.closed, contract.Value(*fill.market, fill.closed, fill.price), fill.time_ns);
    order.pnl += profit;
    Book(order.user, EntryKind::kPnl, profit, &fill, fill.market, fill.time_ns);
    if (position.size == 0) Close(position, order.side == Side::kSell, order.text, fill.time_ns);
  }
  const std::int64_t opening = fill.quantity - fill.closed;
  if (opening > 0) {
    Increase(position, order.side, opening, contract.Value(*fill.market, opening, fill.price),
             fill.time_ns);
  }
  futures_listener_.OnPosition(position);
}

void FuturesDesk::Close(Position& position, bool was_long, const std::string& text,
                        std::int64_t now_ns) {
  FuturesAccount& account = AccountOf(position.user);
  account.closes.push_back({now_ns, was_long, text, position});
  position.last_close_pnl = position.realised();
  position.history_pnl += position.realised();
  position.pnl_pnl = position.pnl_fund = position.pnl_fee = Amount();
  position.margin = Amount();
  futures_listener_.OnClose(position.user, account.closes.back());
}

void FuturesDesk::AfterFills(const std::vector<ClientFill>& fills) {
  std::set<std::pair<UserId, Market*>> touched;
  for (const ClientFill& fill : fills) touched.emplace(fill.user, fill.market);
  for (const auto& [user, market] : touched) {
    for (const Position* position : PositionsOf(user)) {
      if (position->market == market) Squeeze(*position, 0, fills.back().time_ns);
    }
  }
}

void FuturesDesk::Squeeze(const Position& position, std::int64_t extra_lots, std::int64_t now_ns) {
  std::vector<ClientOrder*> reducing;
  std::int64_t lots = extra_lots;
  for (ClientOrder* order : store().OpenOrders(position.user, position.market)) {
    if (!order->reduce_only || order->position_side != position.side) continue;
    reducing.push_back(order);
    lots += order->left;
  }
  for (ClientOrder* order : reducing) {
    if (lots <= position.lots()) return;
    lots -= order->left;
    Cancel(*order, position.size == 0 ? FinishedAs::kPositionClosed : FinishedAs::kReduceOut,
           now_ns);
  }
}

}  // namespace switchyard::simulator::engine
