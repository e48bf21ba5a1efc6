#include "tests/exchanges/lighter/describe.h"

#include <string>

namespace switchyard::exchanges::lighter {
namespace {

using json::Json;

void Put(Json& out, const char* name, const std::optional<Decimal>& value) {
  if (value) out[name] = value->ToString();
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

}  // namespace switchyard::exchanges::lighter
