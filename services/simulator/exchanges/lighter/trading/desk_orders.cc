#include <algorithm>
#include <charconv>
#include <utility>

#include "services/simulator/exchanges/lighter/trading/desk.h"

namespace switchyard::simulator::lighter {
namespace {

using engine::FinishedAs;
using engine::Refusal;
using engine::Side;
using signatures::OrderType;
using signatures::TimeInForce;

// Limits of a premium account.
constexpr std::size_t kActiveOrders = 1'500;
constexpr std::size_t kActiveOrdersOfMarket = 1'000;
// Notional, in quote units, that an order which may rest must have.
constexpr std::int64_t kMinimumQuote = 10'000'000;
constexpr std::size_t kTradesKept = 10'000;

OrderStatus StatusOf(Refusal refusal, bool spot) {
  switch (refusal) {
    case Refusal::kBalance:
      return spot ? OrderStatus::kCanceledInvalidBalance : OrderStatus::kCanceledMarginNotAllowed;
    case Refusal::kPostOnlyTakes:
      return OrderStatus::kCanceledPostOnly;
    case Refusal::kIncreasesPosition:
    case Refusal::kNoPosition:
    case Refusal::kExceedsPosition:
      return OrderStatus::kCanceledReduceOnly;
    case Refusal::kRiskLimit:
      return OrderStatus::kCanceledPositionNotAllowed;
    default:
      return OrderStatus::kCanceled;
  }
}

engine::TimeInForce EngineTimeInForce(TimeInForce time_in_force) {
  switch (time_in_force) {
    case TimeInForce::kImmediateOrCancel:
      return engine::TimeInForce::kIoc;
    case TimeInForce::kPostOnly:
      return engine::TimeInForce::kPostOnly;
    case TimeInForce::kGoodTillTime:
      break;
  }
  return engine::TimeInForce::kGtc;
}

bool TakesProfit(OrderType type) {
  return type == OrderType::kTakeProfit || type == OrderType::kTakeProfitLimit;
}

}  // namespace

Code Desk::Check(const Order& draft) {
  const Listing& listing = *draft.listing;
  const auto active = orders_.ActiveOf(draft.account, nullptr);
  if (active.size() >= kActiveOrders) return Code::kMaxOrders;
  if (orders_.ActiveOf(draft.account, &listing).size() >= kActiveOrdersOfMarket) {
    return Code::kMaxOrdersOfMarket;
  }
  const std::int64_t client_index = draft.asked.client_order_index;
  if (client_index != 0 && orders_.FindActive(draft.account, client_index) != nullptr) {
    return Code::kClientOrderIndexExists;
  }
  // The rest is about orders that go to the market now and may rest there.
  const bool rests = draft.asked.time_in_force != TimeInForce::kImmediateOrCancel;
  if (!rests || draft.has_trigger() || draft.asked.reduce_only) return Code::kNone;
  if (draft.lots < listing.instrument.minimum_lots || draft.lots * draft.price < kMinimumQuote) {
    return Code::kInvalidOrderAmount;
  }
  // Bids above 1.05 x min(mark, best ask), asks below 0.95 x max(mark, best bid).
  const std::int64_t mark = listing.MarkPrice();
  const auto& book = listing.market.book();
  const bool buys = draft.side() == Side::kBuy;
  const std::int64_t bound = buys ? std::min(mark, book.Best(Side::kSell)) * 105 / 100
                                  : std::max(mark, book.Best(Side::kBuy)) * 95 / 100;
  if (buys ? draft.price > bound : draft.price < bound) return Code::kPriceTooFarFromMark;
  if (listing.is_spot()) return Code::kNone;
  const engine::Position& position = PositionOf(draft.account, listing);
  const bool closes = position.size != 0 && (position.size > 0) != buys;
  const engine::Amount margin = futures_.terms(*position.market)
                                    .Value(*position.market, draft.lots, draft.price)
                                    .DividedUp(position.margin_divisor());
  if (!closes && futures_.FiguresOf(draft.account).available < margin) {
    return Code::kNotEnoughOrderMargin;
  }
  return Code::kNone;
}

void Desk::Place(Order draft) {
  draft.created_ns = draft.updated_ns = now_ns();
  Order& order = orders_.Add(std::move(draft));
  if (!order.has_trigger()) return SendToMarket(order);
  order.status = OrderStatus::kPending;
  Tell(order);
}

void Desk::PlaceGroup(std::vector<Order> drafts, bool has_parent) {
  std::vector<Order*> placed;
  for (Order& draft : drafts) {
    draft.created_ns = draft.updated_ns = now_ns();
    draft.status = OrderStatus::kPending;
    placed.push_back(&orders_.Add(std::move(draft)));
  }
  Order* const parent = has_parent ? placed.front() : nullptr;
  const std::size_t first = has_parent ? 1 : 0;
  for (std::size_t i = first; i < placed.size(); ++i) {
    placed[i]->parent = parent;
    if (parent != nullptr) parent->children.push_back(placed[i]);
    if (placed.size() - first == 2) placed[i]->sibling = placed[2 * first + 1 - i];
  }
  for (std::size_t i = first; i < placed.size(); ++i) Tell(*placed[i]);
  if (parent == nullptr) return;
  if (parent->has_trigger()) {
    Tell(*parent);
  } else {
    SendToMarket(*parent);
  }
}

void Desk::SendToMarket(Order& order) {
  engine::OrderRequest request;
  request.user = order.account;
  request.market = &order.listing->market;
  request.side = order.side();
  request.price = order.price;
  request.quantity = order.lots;
  request.time_in_force = EngineTimeInForce(order.asked.time_in_force);
  request.self_trade = order.self_trade;
  request.reduce_only = order.asked.reduce_only;
  request.text = std::to_string(order.number);
  request.parts = order.parts;
  if (request.reduce_only) {
    // No more than there is to reduce; 0 asks for all of it.
    const std::int64_t held = PositionOf(order.account, *order.listing).lots();
    request.quantity = request.quantity == 0 ? held : std::min(request.quantity, held);
    order.lots = request.quantity;
  }
  if (request.quantity == 0) return End(order, OrderStatus::kCanceledReduceOnly);
  order.status = OrderStatus::kOpen;
  placing_ = &order;
  const engine::Outcome outcome = DeskOf(*order.listing).Place(request, now_ns());
  placing_ = nullptr;
  if (outcome.refusal != Refusal::kNone) {
    return End(order, StatusOf(outcome.refusal, order.listing->is_spot()));
  }
  Tell(order);
  if (!order.is_active()) AfterEnd(order);
}

void Desk::Cancel(Order& order, OrderStatus as) {
  if (!order.is_active()) return;
  if (order.live == nullptr) return End(order, as);
  cancel_as_ = as;
  DeskOf(*order.listing).Cancel(*order.live, FinishedAs::kCancelled, now_ns());
  cancel_as_ = OrderStatus::kCanceled;
}

void Desk::CancelAll(std::int64_t account, const Listing* listing, OrderStatus as) {
  for (Order* order : orders_.ActiveOf(account, listing)) Cancel(*order, as);
}

Code Desk::Modify(Order& order, const signatures::ModifyOrder& change) {
  if (!order.is_active()) return Code::kInactiveOrder;
  if (order.has_trigger() != (change.trigger_price != 0)) return Code::kInvalidTriggerPrice;
  if (order.live == nullptr) {
    order.lots = change.base_amount;
    order.price = change.price;
    order.trigger_price = change.trigger_price;
    order.updated_ns = now_ns();
    Tell(order);
    return Code::kNone;
  }
  if (change.base_amount <= order.filled) return Code::kInvalidBaseAmount;
  engine::OrderDesk& desk = DeskOf(*order.listing);
  const engine::Outcome outcome =
      desk.Amend(*order.live, change.price, change.base_amount, now_ns());
  if (outcome.refusal == Refusal::kBalance) return Code::kNotEnoughOrderMargin;
  if (outcome.refusal != Refusal::kNone) {
    // The sequencer's verdict, which only the order tells.
    Cancel(order, StatusOf(outcome.refusal, order.listing->is_spot()));
    return Code::kNone;
  }
  return Code::kNone;
}

void Desk::End(Order& order, OrderStatus status) {
  order.status = status;
  order.updated_ns = now_ns();
  orders_.Finish(order);
  Tell(order);
  AfterEnd(order);
}

void Desk::AfterEnd(Order& order) {
  if (order.sibling != nullptr && order.sibling->is_active()) {
    Cancel(*order.sibling, OrderStatus::kCanceledOco);
  }
  for (Order* child : order.children) {
    if (!child->is_active()) continue;
    if (order.filled == 0) {
      Cancel(*child, OrderStatus::kCanceledChild);
      continue;
    }
    child->lots = order.filled;
    child->updated_ns = now_ns();
    Tell(*child);
  }
}

bool Desk::IsTriggered(const Order& order) const {
  const bool waits = order.parent != nullptr && order.parent->is_active();
  if (order.status != OrderStatus::kPending || !order.has_trigger() || waits) return false;
  const std::int64_t mark = order.listing->MarkPrice();
  // A sale takes profit above and stops a loss below.
  const bool above = TakesProfit(order.asked.type) == order.asked.is_ask;
  return above ? mark >= order.trigger_price : mark <= order.trigger_price;
}

void Desk::Tell(Order& order) { listener_.OnOrder(order); }

Order* Desk::OrderOf(const engine::ClientOrder& order) {
  std::int64_t number = 0;
  std::from_chars(order.text.data(), order.text.data() + order.text.size(), number);
  return orders_.FindNumber(number);
}

Order& Desk::AdoptForced(const engine::ClientOrder& order) {
  Order*& forced = forced_[&order];
  if (forced != nullptr) return *forced;
  Order draft;
  draft.account = order.user;
  draft.listing = &listings_.Of(*order.market);
  draft.asked.type = OrderType::kMarket;
  draft.asked.is_ask = order.side == Side::kSell;
  draft.asked.reduce_only = true;
  draft.is_liquidation = true;
  draft.lots = order.quantity;
  draft.status = OrderStatus::kOpen;
  draft.created_ns = draft.updated_ns = now_ns();
  forced = &orders_.Add(std::move(draft));
  return *forced;
}

void Desk::OnOrder(const engine::ClientOrder& engine_order, engine::OrderEvent event) {
  Order* const known = OrderOf(engine_order);
  Order& order = known == nullptr ? AdoptForced(engine_order) : *known;
  order.live = event == engine::OrderEvent::kFinish
                   ? nullptr
                   : futures_.store().FindByBookId(engine_order.book_id());
  if (order.live == nullptr && event != engine::OrderEvent::kFinish) {
    order.live = spot_.store().FindByBookId(engine_order.book_id());
  }
  order.price = engine_order.price;
  order.lots = engine_order.quantity;
  order.updated_ns = engine_order.updated_ns;
  if (event == engine::OrderEvent::kFinish) {
    switch (engine_order.finished) {
      case FinishedAs::kFilled:
        order.status = OrderStatus::kFilled;
        break;
      case FinishedAs::kIoc:
        order.status =
            order.is_market() ? OrderStatus::kCanceledTooMuchSlippage : OrderStatus::kCanceled;
        break;
      case FinishedAs::kSelfTrade:
        order.status = OrderStatus::kCanceledSelfTrade;
        break;
      case FinishedAs::kLiquidated:
      case FinishedAs::kAutoDeleveraged:
        order.status =
            engine_order.left == 0 ? OrderStatus::kFilled : OrderStatus::kCanceledLiquidation;
        break;
      case FinishedAs::kReduceOnly:
      case FinishedAs::kReduceOut:
      case FinishedAs::kPositionClosed:
        order.status = OrderStatus::kCanceledReduceOnly;
        break;
      default:
        order.status = cancel_as_;
        break;
    }
    orders_.Finish(order);
  }
  if (&order == placing_) return;
  Tell(order);
  if (!order.is_active()) AfterEnd(order);
}

void Desk::OnFill(const engine::ClientOrder& engine_order, const engine::ClientFill& fill) {
  Order* const known = OrderOf(engine_order);
  Order& order = known == nullptr ? AdoptForced(engine_order) : *known;
  order.filled += fill.quantity;
  order.filled_quote += fill.price * fill.quantity;
  ++order.fills;
  auto& trades = trades_[order.account];
  const std::int64_t id = order.listing->TradeId(fill.trade_id);
  const auto& latest = order.listing->trades;
  const auto found = std::find_if(latest.rbegin(), latest.rend(),
                                  [&](const PublicTrade& trade) { return trade.id == id; });
  if (found != latest.rend()) {
    trades.push_back({order.listing, *found});
  } else {
    // The exchange itself was the counterpart.
    PublicTrade trade;
    trade.trade = {fill.trade_id, fill.time_ns,  fill.sequence, fill.side,
                   fill.price,    fill.quantity, true};
    trade.id = id;
    trade.deleverage = true;
    TradeParty& own = order.asked.is_ask ? trade.ask : trade.bid;
    own.order_index = order.index();
    own.account_index = order.account;
    own.margin_before = MarginOf(order.account, *order.listing).fraction;
    trades.push_back({order.listing, trade});
  }
  if (trades.size() > kTradesKept) trades.pop_front();
  listener_.OnTrade(order.account, trades.back());
}

}  // namespace switchyard::simulator::lighter
