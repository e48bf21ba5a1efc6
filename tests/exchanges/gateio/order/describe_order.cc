#include "tests/exchanges/gateio/order/describe_order.h"

#include <optional>
#include <string>

namespace switchyard::exchanges::gateio {
namespace {

using json::Json;

void Put(Json& out, const char* name, const std::optional<Decimal>& value) {
  if (value) out[name] = value->ToString();
}

void Put(Json& out, const char* name, const std::string& text) {
  if (!text.empty()) out[name] = text;
}

void Put(Json& out, const char* name, bool flag) {
  if (flag) out[name] = true;
}

void Put(Json& out, const char* name, TimeNs time) {
  if (time.given()) out[name] = time.Millis();
}

// "ORDER_STATE_OPEN" -> "OPEN"; nothing for UNSPECIFIED.
void PutEnum(Json& out, const char* name, const std::string& value, const std::string& prefix) {
  const std::string text = value.substr(prefix.size());
  if (text != "UNSPECIFIED") out[name] = text;
}

Json Fees(const std::vector<model::Fee>& fees) {
  Json out = Json::object();
  for (const model::Fee& fee : fees) out[fee.currency] = fee.amount.ToString();
  return out;
}

}  // namespace

Json DescribeOrder(const model::OrderReport& report) {
  const model::OrderTerms& terms = report.terms;
  Json out = Json::object();
  Put(out, "symbol", report.symbol);
  Put(out, "id", report.exchange_order_id);
  Put(out, "client", report.exchange_client_id);
  PutEnum(out, "state", order::v1::OrderState_Name(report.state), "ORDER_STATE_");
  PutEnum(out, "reason", order::v1::FinishReason_Name(report.finish_reason), "FINISH_REASON_");
  PutEnum(out, "trigger_state", order::v1::TriggerState_Name(report.trigger_state),
          "TRIGGER_STATE_");
  PutEnum(out, "side", common::v1::Side_Name(terms.side), "SIDE_");
  PutEnum(out, "type", order::v1::OrderType_Name(terms.type), "ORDER_TYPE_");
  PutEnum(out, "tif", order::v1::TimeInForce_Name(terms.time_in_force), "TIME_IN_FORCE_");
  PutEnum(out, "stp", order::v1::SelfTradePrevention_Name(terms.self_trade_prevention),
          "SELF_TRADE_PREVENTION_");
  Put(out, "post_only", terms.post_only);
  Put(out, "reduce_only", terms.reduce_only);
  Put(out, "close_position", terms.close_position);
  Put(out, "quantity", terms.quantity);
  Put(out, "quote_quantity", terms.quote_quantity);
  Put(out, "price", terms.price);
  if (terms.trigger) {
    out["trigger_price"] = terms.trigger->price.ToString();
    PutEnum(out, "trigger_by", order::v1::TriggerReference_Name(terms.trigger->reference),
            "TRIGGER_REFERENCE_");
  }
  Put(out, "filled", report.filled_quantity);
  Put(out, "filled_quote", report.filled_quote_quantity);
  Put(out, "remaining", report.remaining_quantity);
  if (!report.fees.empty()) out["fees"] = Fees(report.fees);
  Put(out, "by_exchange", report.made_by_exchange);
  Put(out, "created_ms", report.exchange_create_time);
  Put(out, "updated_ms", report.exchange_update_time);
  return out;
}

Json DescribeFill(const model::FillReport& fill) {
  Json out = Json::object();
  Put(out, "symbol", fill.symbol);
  Put(out, "trade", fill.trade_id);
  Put(out, "order", fill.exchange_order_id);
  Put(out, "client", fill.exchange_client_id);
  PutEnum(out, "side", common::v1::Side_Name(fill.side), "SIDE_");
  out["price"] = fill.price.ToString();
  out["quantity"] = fill.quantity.ToString();
  if (!fill.fees.empty()) out["fees"] = Fees(fill.fees);
  PutEnum(out, "role", order::v1::LiquidityRole_Name(fill.role), "LIQUIDITY_ROLE_");
  PutEnum(out, "kind", order::v1::FillKind_Name(fill.kind), "FILL_KIND_");
  out["time_ns"] = fill.exchange_time.value;
  return out;
}

Json DescribeLiquidation(const position::v1::Liquidation& it) {
  Json out = Json::object();
  Put(out, "symbol", it.symbol());
  Put(out, "id", it.liquidation_id());
  PutEnum(out, "kind", position::v1::LiquidationKind_Name(it.kind()), "LIQUIDATION_KIND_");
  PutEnum(out, "position_side", common::v1::PositionSide_Name(it.position_side()),
          "POSITION_SIDE_");
  Put(out, "quantity", it.quantity());
  Put(out, "remaining", it.remaining_quantity());
  Put(out, "price", it.price());
  Put(out, "mark", it.mark_price());
  Put(out, "liquidation_price", it.liquidation_price());
  Put(out, "entry", it.entry_price());
  Put(out, "leverage", it.leverage());
  Put(out, "margin", it.margin());
  Put(out, "order", it.exchange_order_id());
  Put(out, "time_ms", TimeNs(it.exchange_time_ns()));
  return out;
}

}  // namespace switchyard::exchanges::gateio
