#include "services/simulator/exchanges/gateio/trading/futures_json.h"

#include "fmt/format.h"
#include "services/simulator/exchanges/gateio/trading/spot_json.h"

namespace switchyard::simulator::gateio {
namespace {

using engine::Amount;
using engine::ClientFill;
using engine::ClientOrder;
using engine::FinishedAs;
using engine::ForcedClose;
using engine::Position;
using engine::PositionSide;
using engine::Side;

constexpr int kAverageDecimals = 4;  // beyond those of a price

const engine::MarketSpec& SpecOf(const engine::Market& market) { return market.spec(); }

std::int64_t Signed(Side side, std::int64_t lots) { return side == Side::kBuy ? lots : -lots; }

std::string_view FinishText(FinishedAs finished) {
  switch (finished) {
    case FinishedAs::kFilled:
      return "filled";
    case FinishedAs::kIoc:
    case FinishedAs::kFok:
      return "ioc";
    case FinishedAs::kSelfTrade:
      return "stp";
    case FinishedAs::kLiquidated:
      return "liquidated";
    case FinishedAs::kAutoDeleveraged:
      return "auto_deleveraged";
    case FinishedAs::kReduceOnly:
      return "reduce_only";
    case FinishedAs::kReduceOut:
      return "reduce_out";
    case FinishedAs::kPositionClosed:
      return "position_closed";
    default:
      return "cancelled";
  }
}

std::string PriceText(const engine::OrderRequest& order) {
  return order.is_market ? "0"
                         : engine::DecimalText(order.price, SpecOf(*order.market).price_scale);
}

std::string AverageText(const ClientOrder& order) {
  const int scale = SpecOf(*order.market).price_scale;
  return engine::QuotientText(Amount::Of(order.filled_value, scale),
                              Amount::FromInt(order.filled()), scale + kAverageDecimals);
}

std::string_view Role(bool taker) { return taker ? "taker" : "maker"; }

std::string_view ModeText(PositionSide side) {
  switch (side) {
    case PositionSide::kLong:
      return "dual_long";
    case PositionSide::kShort:
      return "dual_short";
    case PositionSide::kSingle:
      break;
  }
  return "single";
}

// Contracts as a JSON number, decimals where there are some.
std::string SizeNumber(const engine::Market& market, std::int64_t lots) {
  return engine::DecimalText(lots, SpecOf(market).quantity_scale);
}

void AppendTimes(JsonWriter& json, std::string_view name, std::int64_t ns) {
  json.Number(name, ns / kNsPerS).Number(std::string(name) + "_ms", ns / kNsPerMs);
}

// Writes a decimal as text, or as a number in pushes.
void Value(JsonWriter& json, std::string_view name, std::string_view text, bool push) {
  if (push) {
    json.Raw(name, text);
  } else {
    json.Text(name, text);
  }
}

}  // namespace

std::string SizeJson(const engine::Market& market, engine::Int128 lots, bool decimal_sizes) {
  const int scale = SpecOf(market).quantity_scale;
  if (decimal_sizes) return fmt::format("\"{}\"", engine::DecimalText(lots, scale));
  return engine::DecimalText(lots / engine::PowerOfTen(scale), 0);
}

void AppendFuturesOrder(JsonWriter& json, const engine::ContractTerms& terms,
                        const ClientOrder& order, bool decimal_sizes) {
  const auto size = [&](std::int64_t lots) {
    return SizeJson(*order.market, Signed(order.side, lots), decimal_sizes);
  };
  json.Number("id", order.id)
      .Number("user", order.user)
      .Text("contract", SpecOf(*order.market).symbol)
      .Raw("create_time", FloatSeconds(order.created_ns))
      .Raw("update_time", FloatSeconds(order.updated_ns));
  if (!order.is_open()) {
    json.Raw("finish_time", FloatSeconds(order.finished_ns))
        .Text("finish_as", FinishText(order.finished));
  }
  json.Text("status", order.is_open() ? "open" : "finished")
      .Raw("size", size(order.quantity))
      .Raw("left", size(order.left))
      .Raw("iceberg", SizeJson(*order.market, order.iceberg, decimal_sizes))
      .Text("price", PriceText(order))
      .Text("fill_price", AverageText(order))
      .Text("tif", TimeInForceText(order.time_in_force))
      .Text("text", order.text)
      .Bool("is_close", order.is_close)
      .Bool("is_reduce_only", order.reduce_only)
      .Bool("is_liq", order.is_liquidation)
      .Decimal("tkfr", terms.taker_fee, 6)
      .Decimal("mkfr", terms.maker_fee, 6)
      .Number("refu", 0)
      .Text("refr", "0")
      .Number("stp_id", order.self_trade == engine::SelfTrade::kAllowed ? 0 : order.user)
      .Text("stp_act", SelfTradeText(order.self_trade))
      .Text("amend_text", order.amend_text.empty() ? "-" : order.amend_text)
      .Text("biz_info", "-")
      .Number("update_id", order.update_id)
      .Text("pnl", order.pnl.Text())
      .Text("pnl_margin", "0")
      .Text("bbo", "-")
      .Text("market_order_slip_ratio", "0.05");
}

void AppendFuturesOrderPush(JsonWriter& json, const engine::ContractTerms& terms,
                            const ClientOrder& order, engine::OrderEvent event,
                            bool decimal_sizes) {
  const std::string_view finish = event == engine::OrderEvent::kPut ? "_new"
                                  : event == engine::OrderEvent::kUpdate
                                      ? "_update"
                                      : FinishText(order.finished);
  json.BeginObject().Text("contract", SpecOf(*order.market).symbol);
  AppendTimes(json, "create_time", order.created_ns);
  json.Raw("fill_price", AverageText(order)).Text("finish_as", finish);
  AppendTimes(json, "finish_time", order.finished_ns);
  json.Raw("iceberg", SizeJson(*order.market, order.iceberg, decimal_sizes))
      .Number("id", order.id)
      .Bool("is_close", order.is_close)
      .Bool("is_liq", order.is_liquidation)
      .Bool("is_reduce_only", order.reduce_only)
      .Raw("left", SizeJson(*order.market, Signed(order.side, order.left), decimal_sizes))
      .Raw("mkfr", engine::DecimalText(terms.maker_fee, 6))
      .Raw("price", PriceText(order))
      .Number("refr", 0)
      .Number("refu", 0)
      .Raw("size", SizeJson(*order.market, Signed(order.side, order.quantity), decimal_sizes))
      .Text("status", order.is_open() ? "open" : "finished")
      .Text("text", order.text)
      .Text("tif", TimeInForceText(order.time_in_force))
      .Raw("tkfr", engine::DecimalText(terms.taker_fee, 6))
      .Text("user", std::to_string(order.user))
      .Number("update_id", order.update_id)
      .Number("update_time", order.updated_ns / kNsPerMs)
      .Number("stp_id", order.self_trade == engine::SelfTrade::kAllowed ? 0 : order.user)
      .Text("stp_act", SelfTradeText(order.self_trade))
      .Text("amend_text", order.amend_text.empty() ? "-" : order.amend_text);
  if (order.filled() > 0) {
    json.Text("role", Role(order.last_was_taker)).Raw("fee", order.fee.Text());
  }
  json.Text("stop_loss_price", "").Text("stop_profit_price", "").EndObject();
}

void AppendFuturesFill(JsonWriter& json, const engine::ContractTerms& terms, const ClientFill& fill,
                       bool decimal_sizes, bool timerange) {
  const engine::MarketSpec& spec = SpecOf(*fill.market);
  json.BeginObject();
  if (timerange) {
    json.Text("trade_id", std::to_string(fill.trade_id));
  } else {
    json.Number("id", fill.trade_id);
  }
  json.Raw("create_time", FloatSeconds(fill.time_ns))
      .Text("contract", spec.symbol)
      .Text("order_id", std::to_string(fill.order_id))
      .Raw("size", SizeJson(*fill.market, Signed(fill.side, fill.quantity), decimal_sizes))
      .Raw("close_size", SizeJson(*fill.market, Signed(fill.side, fill.closed), decimal_sizes))
      .Decimal("price", fill.price, spec.price_scale)
      .Text("role", Role(fill.taker))
      .Text("text", fill.text)
      .Text("fee", fill.fee.Text())
      .Text("point_fee", "0")
      .Text("trade_value", terms.Value(*fill.market, fill.quantity, fill.price).Text())
      .EndObject();
}

void AppendFuturesFillPush(JsonWriter& json, const ClientFill& fill, bool decimal_sizes) {
  const engine::MarketSpec& spec = SpecOf(*fill.market);
  json.BeginObject().Text("id", std::to_string(fill.trade_id));
  AppendTimes(json, "create_time", fill.time_ns);
  json.Text("contract", spec.symbol)
      .Text("order_id", std::to_string(fill.order_id))
      .Raw("size", SizeJson(*fill.market, Signed(fill.side, fill.quantity), decimal_sizes))
      .Decimal("price", fill.price, spec.price_scale)
      .Text("role", Role(fill.taker))
      .Text("text", fill.text)
      .Raw("fee", fill.fee.Text())
      .Number("point_fee", 0)
      .EndObject();
}

void AppendPosition(JsonWriter& json, const PositionView& view, bool decimal_sizes) {
  const Position& position = view.position;
  const engine::MarketSpec& spec = SpecOf(*position.market);
  const std::string rate = engine::DecimalText(position.maintenance_rate, 6);
  const Amount initial =
      position.size == 0 ? Amount() : view.mark_value.DividedUp(position.margin_divisor());
  json.BeginObject()
      .Number("user", position.user)
      .Text("contract", spec.symbol)
      .Raw("size", SizeJson(*position.market, position.size, decimal_sizes))
      .Text("leverage", std::to_string(position.leverage))
      .Text("risk_limit", position.risk_limit.Text())
      .Text("leverage_max", std::to_string(position.leverage_max))
      .Text("maintenance_rate", rate)
      .Text("average_maintenance_rate", rate)
      .Text("value", view.mark_value.Text())
      .Text("margin", position.is_cross() ? initial.Text() : position.margin.Text())
      .Text("initial_margin", initial.Text())
      .Text("maintenance_margin", MaintenanceMargin(position, view.mark_value).Text())
      .Text("entry_price", EntryPrice(position, view.terms))
      .Text("liq_price", LiquidationPrice(position, view.terms, view.margin_behind))
      .Decimal("mark_price", view.mark, spec.price_scale)
      .Text("unrealised_pnl", UnrealisedPnl(position, view.mark_value).Text())
      .Text("realised_pnl", position.realised().Text())
      .Text("pnl_pnl", position.pnl_pnl.Text())
      .Text("pnl_fund", position.pnl_fund.Text())
      .Text("pnl_fee", position.pnl_fee.Text())
      .Text("history_pnl", position.history_pnl.Text())
      .Text("last_close_pnl", position.last_close_pnl.Text())
      .Text("realised_point", "0")
      .Text("history_point", "0")
      .Number("adl_ranking", position.size == 0 ? 6 : 5)
      .Number("pending_orders", view.pending_orders)
      .Raw("close_order", "null")
      .Text("mode", ModeText(position.side))
      .Text("cross_leverage_limit",
            std::to_string(position.is_cross() ? position.cross_leverage_limit : 0))
      .Text("lever", std::to_string(position.margin_divisor()))
      .Text("pos_margin_mode", position.is_cross() ? "cross" : "isolated")
      .Text("risk_limit_table", spec.symbol + "_1")
      .Text("trade_max_size", "0")
      .Number("pid", 0)
      .Number("update_time", position.updated_ns / kNsPerS)
      .Number("update_id", position.update_id)
      .Number("open_time", position.size == 0 ? 0 : position.open_ns / kNsPerS)
      .EndObject();
}

void AppendPositionPush(JsonWriter& json, const PositionView& view, bool decimal_sizes) {
  const Position& position = view.position;
  const Amount initial =
      position.size == 0 ? Amount() : view.mark_value.DividedUp(position.margin_divisor());
  json.BeginObject()
      .Text("contract", SpecOf(*position.market).symbol)
      .Number("cross_leverage_limit", position.is_cross() ? position.cross_leverage_limit : 0)
      .Raw("entry_price", EntryPrice(position, view.terms))
      .Raw("history_pnl", position.history_pnl.Text())
      .Number("history_point", 0)
      .Raw("last_close_pnl", position.last_close_pnl.Text())
      .Number("leverage", position.leverage)
      .Number("leverage_max", position.leverage_max)
      .Raw("liq_price", LiquidationPrice(position, view.terms, view.margin_behind))
      .Raw("maintenance_rate", engine::DecimalText(position.maintenance_rate, 6))
      .Raw("margin", position.is_cross() ? initial.Text() : position.margin.Text())
      .Text("mode", ModeText(position.side))
      .Raw("realised_pnl", position.realised().Text())
      .Number("realised_point", 0)
      .Raw("risk_limit", position.risk_limit.Text())
      .Raw("size", SizeJson(*position.market, position.size, decimal_sizes));
  AppendTimes(json, "time", position.updated_ns);
  json.Text("user", std::to_string(position.user))
      .Number("update_id", position.update_id)
      .EndObject();
}

std::string_view EntryType(engine::EntryKind kind) {
  switch (kind) {
    case engine::EntryKind::kTransfer:
      return "dnw";
    case engine::EntryKind::kPnl:
      return "pnl";
    case engine::EntryKind::kFee:
      return "fee";
    case engine::EntryKind::kFunding:
      break;
  }
  return "fund";
}

namespace {

std::string_view ContractOf(const engine::FuturesEntry& entry) {
  return entry.market == nullptr ? std::string_view() : SpecOf(*entry.market).symbol;
}

// The contract, or "CONTRACT:orderId".
std::string EntryText(const engine::FuturesEntry& entry) {
  if (entry.order_id == 0) return std::string(ContractOf(entry));
  return fmt::format("{}:{}", ContractOf(entry), entry.order_id);
}

}  // namespace

void AppendEntry(JsonWriter& json, const engine::FuturesEntry& entry) {
  json.BeginObject()
      .Raw("time", FloatSeconds(entry.time_ns))
      .Text("change", entry.change.Text())
      .Text("balance", entry.balance.Text())
      .Text("type", EntryType(entry.kind))
      .Text("text", EntryText(entry))
      .Text("contract", ContractOf(entry))
      .Text("trade_id", entry.trade_id == 0 ? "" : std::to_string(entry.trade_id))
      .Text("id", std::to_string(entry.id))
      .EndObject();
}

void AppendEntryPush(JsonWriter& json, const engine::FuturesEntry& entry) {
  json.BeginObject()
      .Raw("balance", entry.balance.Text())
      .Raw("change", entry.change.Text())
      .Text("currency", "usdt")
      .Text("text", EntryText(entry));
  AppendTimes(json, "time", entry.time_ns);
  json.Text("type", EntryType(entry.kind)).Text("user", std::to_string(entry.user)).EndObject();
}

void AppendClose(JsonWriter& json, const engine::ContractTerms& terms,
                 const engine::PositionClose& close) {
  const Position& position = close.position;
  const engine::Market& market = *position.market;
  const int decimals = SpecOf(market).price_scale + kAverageDecimals;
  const std::string opened =
      engine::QuotientText(position.opened_value, terms.Coins(market, position.opened), decimals);
  const std::string closed =
      engine::QuotientText(position.closed_value, terms.Coins(market, position.closed), decimals);
  json.BeginObject()
      .Raw("time", FloatSeconds(close.time_ns))
      .Text("contract", SpecOf(market).symbol)
      .Text("side", close.was_long ? "long" : "short")
      .Text("pnl", position.realised().Text())
      .Text("pnl_pnl", position.pnl_pnl.Text())
      .Text("pnl_fund", position.pnl_fund.Text())
      .Text("pnl_fee", position.pnl_fee.Text())
      .Text("text", close.text)
      .Text("max_size", SizeNumber(market, position.max_size))
      .Text("accum_size", SizeNumber(market, position.closed))
      .Number("first_open_time", position.open_ns / kNsPerS)
      .Text("long_price", close.was_long ? opened : closed)
      .Text("short_price", close.was_long ? closed : opened)
      .EndObject();
}

void AppendClosePush(JsonWriter& json, const engine::PositionClose& close) {
  json.BeginObject()
      .Text("contract", SpecOf(*close.position.market).symbol)
      .Raw("pnl", close.position.realised().Text())
      .Text("side", close.was_long ? "long" : "short")
      .Text("text", close.text);
  AppendTimes(json, "time", close.time_ns);
  json.Text("user", std::to_string(close.position.user)).EndObject();
}

void AppendLiquidation(JsonWriter& json, const engine::ContractTerms& terms,
                       const ForcedClose& liquidation, RowForm form) {
  const Position& position = liquidation.before;
  const engine::Market& market = *position.market;
  json.BeginObject()
      .Number("time", liquidation.time_ns / kNsPerS)
      .Text("contract", SpecOf(market).symbol)
      .Raw("size", SizeJson(market, liquidation.size, form.decimal_sizes))
      .Raw("left", SizeJson(market, liquidation.left, form.decimal_sizes))
      .Number("order_id", liquidation.order_id);
  Value(json, "leverage", std::to_string(position.leverage), form.push);
  Value(json, "margin", liquidation.margin.Text(), form.push);
  Value(json, "entry_price", EntryPrice(position, terms), form.push);
  Value(json, "liq_price", LiquidationPrice(position, terms, liquidation.margin), form.push);
  Value(json, "mark_price", engine::DecimalText(liquidation.mark, SpecOf(market).price_scale),
        form.push);
  Value(json, "order_price", liquidation.order_price, form.push);
  Value(json, "fill_price", liquidation.fill_price, form.push);
  if (form.push) {
    json.Number("time_ms", liquidation.time_ns / kNsPerMs)
        .Text("user", std::to_string(position.user));
  }
  json.EndObject();
}

void AppendDeleverage(JsonWriter& json, const engine::ContractTerms& terms,
                      const ForcedClose& deleverage, RowForm form) {
  const Position& position = deleverage.before;
  const engine::Market& market = *position.market;
  json.BeginObject().Number("time", deleverage.time_ns / kNsPerS);
  if (form.push) {
    json.Number("time_ms", deleverage.time_ns / kNsPerMs)
        .Text("user", std::to_string(position.user));
  } else {
    json.Number("user", position.user)
        .Number("order_id", deleverage.order_id)
        .Text("leverage", std::to_string(position.leverage))
        .Text("cross_leverage_limit", std::to_string(position.cross_leverage_limit));
  }
  json.Text("contract", SpecOf(market).symbol)
      .Raw("trade_size", SizeJson(market, deleverage.size, form.decimal_sizes))
      .Raw("position_size", SizeJson(market, deleverage.left, form.decimal_sizes));
  Value(json, "entry_price", EntryPrice(position, terms), form.push);
  Value(json, "fill_price", deleverage.fill_price, form.push);
  json.EndObject();
}

void AppendFuturesTrigger(JsonWriter& json, const engine::Trigger& trigger, RowForm form) {
  const engine::OrderRequest& order = trigger.order;
  const engine::MarketSpec& spec = SpecOf(*order.market);
  const bool open = trigger.state == engine::TriggerState::kOpen;
  const std::string_view finish = [&]() -> std::string_view {
    switch (trigger.state) {
      case engine::TriggerState::kOpen:
        return "";
      case engine::TriggerState::kFired:
        return "succeeded";
      case engine::TriggerState::kCancelled:
        return "cancelled";
      case engine::TriggerState::kExpired:
        return "expired";
      case engine::TriggerState::kFailed:
        break;
    }
    return "failed";
  }();
  // Microseconds, as in the captures of 2026.
  json.BeginObject().Number("user", order.user).Key("trigger");
  json.BeginObject()
      .Number("strategy_type", 0)
      .Number("price_type", static_cast<int>(trigger.source))
      .Decimal("price", trigger.price, spec.price_scale)
      .Number("rule", trigger.at_least ? 1 : 2)
      .Number("expiration", trigger.expiration_s)
      .EndObject();
  const std::int64_t signed_lots = order.is_close ? 0 : Signed(order.side, order.quantity);
  json.Key("initial")
      .BeginObject()
      .Text("contract", spec.symbol)
      .Raw("size", SizeJson(*order.market, signed_lots, form.decimal_sizes))
      .Text("price", PriceText(order))
      .Text("tif", TimeInForceText(order.time_in_force))
      .Text("text", order.text)
      .Number("iceberg", 0)
      .Bool("is_close", order.is_close)
      .Bool("is_reduce_only", order.reduce_only)
      .Text("auto_size", trigger.auto_size)
      .Text("amount", SizeNumber(*order.market, signed_lots))
      .EndObject();
  json.Number("id", trigger.id)
      .Text("id_string", std::to_string(trigger.id))
      .Number("trigger_time", trigger.order_id == 0 ? 0 : trigger.finished_ns / 1000)
      .Number("trade_id", trigger.order_id)
      .Text("trade_id_string", trigger.order_id == 0 ? "" : std::to_string(trigger.order_id))
      .Text("status", open ? "open" : "finished")
      .Text("finish_as", finish)
      .Text("reason", trigger.reason)
      .Number("create_time", trigger.created_ns / 1000)
      .Number("finish_time", trigger.finished_ns / 1000)
      .Bool("is_stop_order", false)
      .Text("order_type", trigger.kind)
      .Number("me_order_id", trigger.order_id);
  json.Key("stop_trigger")
      .BeginObject()
      .Number("rule", 0)
      .Text("trigger_price", "")
      .Text("order_price", "")
      .EndObject();
  if (form.push) json.Text("name", "price_autoorders");
  json.EndObject();
}

}  // namespace switchyard::simulator::gateio
