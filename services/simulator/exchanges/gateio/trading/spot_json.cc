#include "services/simulator/exchanges/gateio/trading/spot_json.h"

#include <string>

#include "services/simulator/exchanges/gateio/trading/api.h"

namespace switchyard::simulator::gateio {
namespace {

using engine::Amount;
using engine::ClientFill;
using engine::ClientOrder;
using engine::FinishedAs;
using engine::Side;

constexpr int kAverageDecimals = 6;  // beyond those of a price

const engine::MarketSpec& SpecOf(const ClientOrder& order) { return order.market->spec(); }

std::string Seconds(std::int64_t ns) { return std::to_string(ns / kNsPerS); }

// Milliseconds with the microseconds behind the point: "1605176741123.456".
std::string FineMilliseconds(std::int64_t ns) {
  std::string text = std::to_string(ns / 1000 % 1000);
  return std::to_string(ns / kNsPerMs) + '.' + std::string(3 - text.size(), '0') + text;
}

std::string_view FinishText(FinishedAs finished) {
  switch (finished) {
    case FinishedAs::kOpen:
      return "open";
    case FinishedAs::kFilled:
      return "filled";
    case FinishedAs::kIoc:
      return "ioc";
    case FinishedAs::kFok:
      return "fok";
    case FinishedAs::kSelfTrade:
      return "stp";
    default:
      return "cancelled";
  }
}

std::string_view StatusText(FinishedAs finished) {
  if (finished == FinishedAs::kOpen) return "open";
  return finished == FinishedAs::kFilled ? "closed" : "cancelled";
}

std::string AmountText(const ClientOrder& order) {
  return order.budget.is_zero() ? engine::DecimalText(order.quantity, SpecOf(order).quantity_scale)
                                : order.budget.Text();
}

std::string LeftText(const ClientOrder& order) {
  return order.budget.is_zero() ? engine::DecimalText(order.left, SpecOf(order).quantity_scale)
                                : order.budget_left.Text();
}

std::string PriceText(const ClientOrder& order) {
  return order.is_market ? "0" : engine::DecimalText(order.price, SpecOf(order).price_scale);
}

std::string AverageText(const ClientOrder& order) {
  return engine::QuotientText(ValueOf(*order.market, order.filled_value),
                              QuantityOf(*order.market, order.filled()),
                              SpecOf(order).price_scale + kAverageDecimals);
}

std::string_view SideText(Side side) { return side == Side::kBuy ? "buy" : "sell"; }

void AppendFees(JsonWriter& json, const engine::SpotTerms& terms, const ClientOrder& order) {
  const bool buys = order.side == Side::kBuy;
  json.Text("fee", order.fee.Text())
      .Text("fee_currency", buys ? terms.base : terms.quote)
      .Text("point_fee", "0")
      .Text("gt_fee", "0");
}

void AppendSelfTrade(JsonWriter& json, const ClientOrder& order) {
  json.Number("stp_id", order.self_trade == engine::SelfTrade::kAllowed ? 0 : order.user)
      .Text("stp_act", SelfTradeText(order.self_trade))
      .Text("finish_as", FinishText(order.finished));
}

std::string_view AmendText(const ClientOrder& order) {
  return order.amend_text.empty() ? std::string_view("-") : order.amend_text;
}

std::string_view TriggerStatus(engine::TriggerState state) {
  switch (state) {
    case engine::TriggerState::kOpen:
      return "open";
    case engine::TriggerState::kFired:
      return "finish";
    case engine::TriggerState::kCancelled:
      return "canceled";
    case engine::TriggerState::kExpired:
      return "expired";
    case engine::TriggerState::kFailed:
      break;
  }
  return "failed";
}

}  // namespace

std::string_view TimeInForceText(engine::TimeInForce time_in_force) {
  switch (time_in_force) {
    case engine::TimeInForce::kGtc:
      return "gtc";
    case engine::TimeInForce::kIoc:
      return "ioc";
    case engine::TimeInForce::kPostOnly:
      return "poc";
    case engine::TimeInForce::kFok:
      break;
  }
  return "fok";
}

std::string_view SelfTradeText(engine::SelfTrade self_trade) {
  switch (self_trade) {
    case engine::SelfTrade::kAllowed:
      return "-";
    case engine::SelfTrade::kCancelNewest:
      return "cn";
    case engine::SelfTrade::kCancelOldest:
      return "co";
    case engine::SelfTrade::kCancelBoth:
      break;
  }
  return "cb";
}

void AppendSpotOrder(JsonWriter& json, const engine::SpotTerms& terms, const ClientOrder& order,
                     OrderDetail detail) {
  json.Text("id", std::to_string(order.id))
      .Text("text", order.text)
      .Text("amend_text", AmendText(order));
  if (detail == OrderDetail::kAck) return;
  const std::string filled_total = ValueOf(*order.market, order.filled_value).Text();
  json.Text("create_time", Seconds(order.created_ns))
      .Text("update_time", Seconds(order.updated_ns))
      .Number("create_time_ms", order.created_ns / kNsPerMs)
      .Number("update_time_ms", order.updated_ns / kNsPerMs)
      .Text("status", StatusText(order.finished))
      .Text("currency_pair", SpecOf(order).symbol)
      .Text("type", order.is_market ? "market" : "limit")
      .Text("account", order.account)
      .Text("side", SideText(order.side))
      .Text("amount", AmountText(order))
      .Text("price", PriceText(order))
      .Text("time_in_force", TimeInForceText(order.time_in_force))
      .Text("iceberg", engine::DecimalText(order.iceberg, SpecOf(order).quantity_scale))
      .Text("left", LeftText(order))
      .Text("filled_amount", engine::DecimalText(order.filled(), SpecOf(order).quantity_scale))
      .Text("fill_price", filled_total)
      .Text("filled_total", filled_total);
  if (order.filled() > 0) json.Text("avg_deal_price", AverageText(order));
  if (detail == OrderDetail::kFull) {
    AppendFees(json, terms, order);
    json.Text("gt_maker_fee", "0")
        .Text("gt_taker_fee", "0")
        .Bool("gt_discount", false)
        .Text("rebated_fee", "0")
        .Text("rebated_fee_currency", order.side == Side::kBuy ? terms.quote : terms.base);
  }
  AppendSelfTrade(json, order);
}

void AppendSpotOrderPush(JsonWriter& json, const engine::SpotTerms& terms, const ClientOrder& order,
                         engine::OrderEvent event) {
  json.BeginObject()
      .Text("id", std::to_string(order.id))
      .Text("text", order.text)
      .Text("create_time", Seconds(order.created_ns))
      .Text("update_time", Seconds(order.updated_ns))
      .Text("currency_pair", SpecOf(order).symbol)
      .Text("type", order.is_market ? "market" : "limit")
      .Text("account", order.account)
      .Text("side", SideText(order.side))
      .Text("amount", AmountText(order))
      .Text("price", PriceText(order))
      .Text("time_in_force", TimeInForceText(order.time_in_force))
      .Text("left", LeftText(order))
      .Text("filled_amount", engine::DecimalText(order.filled(), SpecOf(order).quantity_scale))
      .Text("filled_total", ValueOf(*order.market, order.filled_value).Text())
      .Text("avg_deal_price", AverageText(order));
  AppendFees(json, terms, order);
  json.Text("rebated_fee", "0")
      .Text("rebated_fee_currency", order.side == Side::kBuy ? terms.quote : terms.base)
      .Text("create_time_ms", std::to_string(order.created_ns / kNsPerMs))
      .Text("update_time_ms", std::to_string(order.updated_ns / kNsPerMs))
      .Number("user", order.user)
      .Text("event", event == engine::OrderEvent::kPut      ? "put"
                     : event == engine::OrderEvent::kUpdate ? "update"
                                                            : "finish");
  AppendSelfTrade(json, order);
  json.Text("biz_info", "-").Text("amend_text", AmendText(order)).EndObject();
}

void AppendSpotFill(JsonWriter& json, const ClientOrder& order, const ClientFill& fill) {
  const engine::MarketSpec& spec = fill.market->spec();
  json.BeginObject()
      .Text("id", std::to_string(fill.trade_id))
      .Text("create_time", Seconds(fill.time_ns))
      .Text("create_time_ms", FineMilliseconds(fill.time_ns))
      .Text("currency_pair", spec.symbol)
      .Text("side", SideText(fill.side))
      .Text("role", fill.taker ? "taker" : "maker")
      .Decimal("amount", fill.quantity, spec.quantity_scale)
      .Decimal("price", fill.price, spec.price_scale)
      .Text("order_id", std::to_string(fill.order_id))
      .Text("fee", fill.fee.Text())
      .Text("fee_currency", fill.fee_currency)
      .Text("point_fee", "0")
      .Text("gt_fee", "0")
      .Text("amend_text", AmendText(order))
      .Text("sequence_id", std::to_string(fill.sequence))
      .Text("text", fill.text)
      .EndObject();
}

void AppendSpotFillPush(JsonWriter& json, const ClientOrder& order, const ClientFill& fill) {
  const engine::MarketSpec& spec = fill.market->spec();
  json.BeginObject()
      .Number("id", fill.trade_id)
      .Number("user_id", fill.user)
      .Text("order_id", std::to_string(fill.order_id))
      .Text("currency_pair", spec.symbol)
      .Number("create_time", fill.time_ns / kNsPerS)
      .Text("create_time_ms", FineMilliseconds(fill.time_ns))
      .Text("side", SideText(fill.side))
      .Decimal("amount", fill.quantity, spec.quantity_scale)
      .Text("role", fill.taker ? "taker" : "maker")
      .Decimal("price", fill.price, spec.price_scale)
      .Text("fee", fill.fee.Text())
      .Text("fee_currency", fill.fee_currency)
      .Text("point_fee", "0")
      .Text("gt_fee", "0")
      .Text("amend_text", AmendText(order))
      .Text("text", fill.text)
      .Number("id_market", fill.trade_id)
      .EndObject();
}

void AppendBalancePush(JsonWriter& json, const engine::BalanceChange& change) {
  const auto reason = [&]() -> std::string_view {
    switch (change.reason) {
      case engine::BalanceReason::kOrderCreate:
        return "order-create";
      case engine::BalanceReason::kOrderMatch:
        return "order-match";
      case engine::BalanceReason::kFee:
        return "trade-fee-deduct";
      case engine::BalanceReason::kOrderUpdate:
        return "order-update";
      case engine::BalanceReason::kDeposit:
        return "deposit";
      case engine::BalanceReason::kWithdraw:
        return "withdraw";
      case engine::BalanceReason::kTransfer:
        break;
    }
    return "future-transfer";
  }();
  json.BeginObject()
      .Text("timestamp", Seconds(change.time_ns))
      .Text("timestamp_ms", std::to_string(change.time_ns / kNsPerMs))
      .Text("user", std::to_string(change.user))
      .Text("currency", change.currency)
      .Text("change", change.total_change().Text())
      .Text("total", change.after.total().Text())
      .Text("available", change.after.available.Text())
      .Text("freeze", change.after.locked.Text())
      .Text("freeze_change", change.locked_change.Text())
      .Text("change_type", reason)
      .EndObject();
}

void AppendSpotTrigger(JsonWriter& json, const engine::Trigger& trigger) {
  const engine::OrderRequest& order = trigger.order;
  const engine::MarketSpec& spec = order.market->spec();
  const std::string amount = order.budget.is_zero()
                                 ? engine::DecimalText(order.quantity, spec.quantity_scale)
                                 : order.budget.Text();
  json.BeginObject().Text("market", spec.symbol).Number("user", order.user);
  json.Key("trigger")
      .BeginObject()
      .Decimal("price", trigger.price, spec.price_scale)
      .Text("rule", trigger.at_least ? ">=" : "<=")
      .Number("expiration", trigger.expiration_s)
      .EndObject();
  json.Key("put")
      .BeginObject()
      .Text("type", order.is_market ? "market" : "limit")
      .Text("side", SideText(order.side))
      .Decimal("price", order.price, spec.price_scale)
      .Text("amount", amount)
      .Text("account", "normal")
      .Text("time_in_force", TimeInForceText(order.time_in_force))
      .Bool("auto_borrow", false)
      .Bool("auto_repay", false)
      .Text("text", order.text)
      .EndObject();
  json.Number("id", trigger.id).Number("ctime", trigger.created_ns / kNsPerS);
  if (trigger.finished_ns != 0) json.Number("ftime", trigger.finished_ns / kNsPerS);
  if (trigger.order_id != 0) json.Number("fired_order_id", trigger.order_id);
  json.Text("status", TriggerStatus(trigger.state)).Text("reason", trigger.reason).EndObject();
}

void AppendSpotTriggerPush(JsonWriter& json, const engine::SpotTerms& terms,
                           const engine::Trigger& trigger) {
  const engine::OrderRequest& order = trigger.order;
  const engine::MarketSpec& spec = order.market->spec();
  // What has not happened yet is the zero of the exchange's own language: the year 1.
  const std::string finished =
      trigger.finished_ns == 0 ? "-62135596800000" : std::to_string(trigger.finished_ns / kNsPerMs);
  json.BeginObject()
      .Text("market", spec.symbol)
      .Text("uid", std::to_string(order.user))
      .Text("id", std::to_string(trigger.id))
      .Text("currency_type", terms.base)
      .Text("exchange_type", terms.quote)
      .Text("reason", trigger.reason)
      .Text("err_msg", trigger.reason)
      .Number("fired_order_id", trigger.order_id)
      .Bool("instant_cancel", false)
      .Decimal("trigger_price", trigger.price, spec.price_scale)
      .Text("trigger_rule", trigger.at_least ? ">=" : "<=")
      .Number("trigger_expiration", trigger.expiration_s)
      .Decimal("price", order.price, spec.price_scale)
      .Decimal("amount", order.quantity, spec.quantity_scale)
      .Text("source", "")
      .Text("order_type", order.is_market ? "market" : "limit")
      .Text("side", SideText(order.side))
      .Text("engine_type", "normal")
      .Bool("is_stop_order", false)
      .Text("stop_trigger_price", "")
      .Text("stop_trigger_rule", "")
      .Text("stop_price", "")
      .Text("ctime", std::to_string(trigger.created_ns / kNsPerMs))
      .Text("ftime", finished)
      .EndObject();
}

}  // namespace switchyard::simulator::gateio
