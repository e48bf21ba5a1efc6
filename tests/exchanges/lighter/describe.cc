#include "tests/exchanges/lighter/describe.h"

#include <optional>
#include <string>

namespace switchyard::exchanges::lighter {
namespace {

using json::Json;

void Put(Json& out, const char* name, const std::optional<Decimal>& value) {
  if (value) out[name] = value->ToString();
}

std::string Text(std::int64_t mantissa, int scale) {
  return Decimal::FromMantissa(mantissa, scale)->ToString();
}

}  // namespace

Json Describe(const model::Instrument& instrument) {
  Json out;
  out["symbol"] = instrument.symbol;
  out["kind"] = instrument.kind == model::InstrumentKind::kSpot ? "spot" : "perpetual";
  out["base"] = instrument.base;
  out["quote"] = instrument.quote;
  if (!instrument.settle.empty()) out["settle"] = instrument.settle;
  out["exchange_symbol"] = instrument.exchange_symbol;
  out["exchange_id"] = instrument.exchange_id;
  Put(out, "tick", instrument.tick);
  Put(out, "step", instrument.step);
  Put(out, "min_quantity", instrument.min_quantity);
  Put(out, "min_notional", instrument.min_notional);
  Put(out, "multiplier", instrument.multiplier);
  Put(out, "max_leverage", instrument.max_leverage);
  out["status"] = static_cast<int>(instrument.status);
  out["funding_interval_seconds"] = instrument.funding_interval_seconds;
  out["price_scale"] = instrument.price_scale;
  out["quantity_scale"] = instrument.quantity_scale;
  return out;
}

Json Describe(const model::Ticker& ticker) {
  Json out;
  out["symbol"] = ticker.symbol;
  Put(out, "last_price", ticker.last_price);
  Put(out, "best_bid_price", ticker.best_bid_price);
  Put(out, "best_ask_price", ticker.best_ask_price);
  Put(out, "high_24h", ticker.high_24h);
  Put(out, "low_24h", ticker.low_24h);
  Put(out, "base_volume_24h", ticker.base_volume_24h);
  Put(out, "quote_volume_24h", ticker.quote_volume_24h);
  Put(out, "change_24h", ticker.change_24h);
  Put(out, "mark_price", ticker.mark_price);
  Put(out, "index_price", ticker.index_price);
  Put(out, "open_interest", ticker.open_interest);
  Put(out, "funding_rate", ticker.funding_rate);
  if (ticker.exchange_time.given()) out["exchange_time_ns"] = ticker.exchange_time.value;
  return out;
}

Json Describe(const model::Candle& candle) {
  Json out;
  out["open_time_ns"] = candle.open_time.value;
  out["interval_seconds"] = candle.interval_seconds;
  Put(out, "open", candle.open);
  Put(out, "high", candle.high);
  Put(out, "low", candle.low);
  Put(out, "close", candle.close);
  Put(out, "base_volume", candle.base_volume);
  Put(out, "quote_volume", candle.quote_volume);
  out["closed"] = candle.closed;
  return out;
}

Json Describe(const model::FundingRate& rate) {
  Json out;
  out["symbol"] = rate.symbol;
  Put(out, "rate", rate.rate);
  out["interval_seconds"] = rate.interval_seconds;
  out["kind"] = rate.kind == model::FundingRateKind::kLast ? "last" : "predicted";
  if (rate.next_payment_time.given()) out["next_payment_time_ns"] = rate.next_payment_time.value;
  if (rate.payment_time.given()) out["payment_time_ns"] = rate.payment_time.value;
  Put(out, "mark_price", rate.mark_price);
  return out;
}

Json Describe(const model::Trade& trade, int price_scale, int quantity_scale) {
  return {{"id", trade.trade_id},
          {"taker_side", trade.taker_side == model::Side::kBuy ? "buy" : "sell"},
          {"price", Text(trade.price, price_scale)},
          {"quantity", Text(trade.quantity, quantity_scale)},
          {"exchange_time_ns", trade.exchange_time.value}};
}

Json Describe(const model::Level& level, int price_scale, int quantity_scale) {
  return Json::array({Text(level.price, price_scale), Text(level.quantity, quantity_scale)});
}

Json Describe(const std::vector<model::Level>& levels, int price_scale, int quantity_scale) {
  Json out = Json::array();
  for (const model::Level& level : levels) {
    out.push_back(Describe(level, price_scale, quantity_scale));
  }
  return out;
}

}  // namespace switchyard::exchanges::lighter
