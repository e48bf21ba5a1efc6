#include <algorithm>

#include "fmt/format.h"
#include "services/simulator/engine/futures_desk.h"

namespace switchyard::simulator::engine {

Refusal FuturesDesk::Transfer(UserId user, Amount change, std::int64_t now_ns) {
  if (FiguresOf(user).available + change < Amount()) return Refusal::kBalance;
  Book(user, EntryKind::kTransfer, change, nullptr, nullptr, now_ns);
  return Refusal::kNone;
}

Refusal FuturesDesk::SetLeverage(Position& position, std::int64_t leverage,
                                 std::int64_t cross_limit, std::int64_t now_ns) {
  if (leverage > position.leverage_max || cross_limit > position.leverage_max) {
    return Refusal::kLeverageTooHigh;
  }
  if (leverage < 0 || cross_limit < 0 || (leverage == 0 && cross_limit == 0)) {
    return Refusal::kLeverageTooLow;
  }
  Position changed = position;
  changed.leverage = leverage;
  if (leverage == 0) changed.cross_leverage_limit = cross_limit;
  changed.margin = Amount();
  if (!changed.is_cross() && changed.size != 0) {
    changed.margin = changed.cost.DividedUp(leverage);
    const Amount value = MarkValue(changed);
    if (changed.margin + UnrealisedPnl(changed, value) <= MaintenanceMargin(changed, value)) {
      return Refusal::kLiquidatesAtOnce;
    }
  }
  const Position before = position;
  position = changed;
  if (FiguresOf(position.user).available < Amount()) {
    position = before;
    return Refusal::kBalance;
  }
  position.updated_ns = now_ns;
  ++position.update_id;
  futures_listener_.OnPosition(position);
  return Refusal::kNone;
}

Refusal FuturesDesk::ChangeMargin(Position& position, Amount change, std::int64_t now_ns) {
  if (position.size == 0) return Refusal::kNoPosition;
  if (position.is_cross()) return Refusal::kCrossMargin;
  if (change > FiguresOf(position.user).available) return Refusal::kBalance;
  const Amount margin = position.margin + change;
  const Amount value = MarkValue(position);
  if (change.is_negative()) {
    if (margin < position.cost.DividedUp(position.leverage)) return Refusal::kRemovesTooMuch;
    if (margin + UnrealisedPnl(position, value) <= MaintenanceMargin(position, value)) {
      return Refusal::kLiquidatesAtOnce;
    }
  }
  position.margin = margin;
  position.updated_ns = now_ns;
  ++position.update_id;
  futures_listener_.OnPosition(position);
  return Refusal::kNone;
}

Refusal FuturesDesk::SetDual(UserId user, bool dual) {
  FuturesAccount& account = AccountOf(user);
  if (account.dual == dual) return Refusal::kNone;
  for (const Position* position : PositionsOf(user)) {
    if (position->size != 0) return Refusal::kHoldsPosition;
  }
  if (store().OpenCount(user, nullptr) > 0) return Refusal::kHasOrders;
  account.dual = dual;
  return Refusal::kNone;
}

void FuturesDesk::ApplyFunding(Market& market, std::int64_t rate, std::int64_t now_ns) {
  for (auto& [slot, position] : positions_) {
    if (position.market != &market || position.size == 0) continue;
    const Amount payment = MarkValue(position).PerMillion(rate);
    const Amount change = position.size > 0 ? -payment : payment;
    position.pnl_fund += change;
    position.updated_ns = now_ns;
    ++position.update_id;
    Book(position.user, EntryKind::kFunding, change, nullptr, &market, now_ns);
    futures_listener_.OnPosition(position);
  }
}

void FuturesDesk::CheckMargins(std::int64_t now_ns) {
  for (auto& [slot, position] : positions_) {
    if (position.size == 0) continue;
    const Amount value = MarkValue(position);
    bool fails = false;
    if (position.is_cross()) {
      const AccountFigures figures = FiguresOf(position.user);
      fails =
          AccountOf(position.user).balance - figures.isolated_margin + figures.cross_unrealised <=
          figures.cross_maintenance;
    } else {
      fails =
          position.margin + UnrealisedPnl(position, value) <= MaintenanceMargin(position, value);
    }
    if (fails) Liquidate(position, now_ns);
  }
}

void FuturesDesk::Liquidate(Position& position, std::int64_t now_ns) {
  if (position.size == 0) return;
  for (ClientOrder* order : store().OpenOrders(position.user, position.market)) {
    Cancel(*order, FinishedAs::kLiquidated, now_ns);
  }
  const ContractTerms& contract = terms(*position.market);
  ForcedClose record;
  record.time_ns = now_ns;
  record.before = position;
  record.mark = MarkOf(*position.market);
  record.margin = MarginBehind(position);
  record.size = position.size;
  const Amount coins = contract.Coins(*position.market, position.lots());
  const int decimals = position.market->spec().price_scale;
  record.order_price = QuotientText(BankruptcyValue(position, record.margin), coins, decimals);
  const Amount realised = position.pnl_pnl;

  OrderRequest request;
  request.user = position.user;
  request.market = position.market;
  request.side = position.size > 0 ? Side::kSell : Side::kBuy;
  request.is_market = true;
  request.quantity = position.lots();
  request.time_in_force = TimeInForce::kIoc;
  request.reduce_only = request.is_close = request.is_liquidation = true;
  request.position_side = position.side;
  request.filled_as = FinishedAs::kLiquidated;
  request.text = fmt::format("liq-{}", ++forced_orders_);
  ClientOrder& order = *Place(request, now_ns).order;
  // What the book does not take, the insurance takes at the mark price.
  if (position.size != 0) {
    FillOutside(order, record.mark, position.lots(), now_ns);
    order.finished = FinishedAs::kLiquidated;
    listener().OnOrder(order, OrderEvent::kFinish);
  }
  record.order_id = order.id;
  record.fill_price =
      QuotientText(Amount::Of(order.filled_value, position.market->spec().price_scale),
                   Amount::FromInt(order.filled()), decimals);
  Insure(position, record.margin, realised, now_ns);
  FuturesAccount& account = AccountOf(position.user);
  account.liquidations.push_back(record);
  futures_listener_.OnLiquidation(position.user, record);
}

void FuturesDesk::Insure(Position& position, Amount margin_before, Amount realised_before,
                         std::int64_t now_ns) {
  FuturesAccount& account = AccountOf(position.user);
  const PositionClose& closed = account.closes.back();
  const Amount beyond = margin_before + closed.position.pnl_pnl - realised_before;
  if (!closed.position.is_cross() && beyond.is_negative()) {
    Book(position.user, EntryKind::kPnl, -beyond, nullptr, position.market, now_ns);
  } else if (account.balance.is_negative()) {
    Book(position.user, EntryKind::kPnl, -account.balance, nullptr, position.market, now_ns);
  }
}

void FuturesDesk::Deleverage(Position& position, std::int64_t lots, std::int64_t now_ns) {
  lots = std::min(lots, position.lots());
  if (lots == 0) return;
  ForcedClose record;
  record.time_ns = now_ns;
  record.before = position;
  record.mark = MarkOf(*position.market);
  record.margin = MarginBehind(position);
  record.size = position.size > 0 ? -lots : lots;
  ClientOrder draft;
  draft.user = position.user;
  draft.market = position.market;
  draft.side = position.size > 0 ? Side::kSell : Side::kBuy;
  draft.is_market = true;
  draft.quantity = draft.left = lots;
  draft.time_in_force = TimeInForce::kIoc;
  draft.reduce_only = true;
  draft.position_side = position.side;
  draft.filled_as = FinishedAs::kAutoDeleveraged;
  draft.text = "auto_deleveraging";
  draft.created_ns = draft.updated_ns = now_ns;
  ClientOrder& order = store().Add(draft);
  listener().OnOrder(order, OrderEvent::kPut);
  FillOutside(order, record.mark, lots, now_ns);
  Squeeze(position, 0, now_ns);
  record.order_id = order.id;
  record.fill_price = DecimalText(record.mark, position.market->spec().price_scale);
  record.left = position.size;
  AccountOf(position.user).deleverages.push_back(record);
  futures_listener_.OnDeleverage(position.user, record);
}

}  // namespace switchyard::simulator::engine
