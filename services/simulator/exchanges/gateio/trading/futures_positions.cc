#include <charconv>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "services/simulator/exchanges/gateio/risk_tiers.h"
#include "services/simulator/exchanges/gateio/trading/futures_api.h"

namespace switchyard::simulator::gateio {
namespace {

using engine::Amount;
using engine::PositionSide;
using engine::Refusal;

ApiResult Refused(Refusal refusal) {
  return RefusalResult(Product::kFutures, {refusal, nullptr, 0, 0}, 0);
}

}  // namespace

PositionView FuturesApi::ViewOf(const engine::Position& position) const {
  std::int64_t pending = 0;
  for (const engine::ClientOrder* order :
       desk_.store().OpenOrders(position.user, position.market)) {
    if (order->position_side == position.side) ++pending;
  }
  return {position,
          desk_.terms(*position.market),
          desk_.MarkValue(position),
          desk_.MarginBehind(position),
          desk_.MarkOf(*position.market),
          pending};
}

ApiResult FuturesApi::Positions(const Caller& caller, const Json& parameters) const {
  const bool holding = FlagOf(parameters, "holding");
  const bool dual = desk_.AccountOf(caller.user).dual;
  Window window = WindowOf(parameters, 1000, 1000);
  if (!window.valid) return BadParameter("limit or offset");
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (const engine::Position* position : desk_.PositionsOf(caller.user)) {
    if ((position->side != PositionSide::kSingle) != dual) continue;
    if ((holding && position->size == 0) || !window.Take()) continue;
    AppendPosition(json, ViewOf(*position), caller.decimal_sizes);
  }
  json.EndArray();
  return Success(std::move(body));
}

ApiResult FuturesApi::Slots(const Caller& caller, std::string_view contract, bool dual,
                            std::vector<engine::Position*>& slots) const {
  Listing* const listing = listings_.Find(contract);
  if (listing == nullptr) return UnknownContract();
  const bool in_dual = desk_.AccountOf(caller.user).dual;
  if (in_dual && !dual) {
    return Failure(400, "POSITION_DUAL_MODE", "the account is in dual mode: use dual_comp");
  }
  const auto add = [&](PositionSide side) {
    slots.push_back(&desk_.PositionOf(caller.user, listing->market, side));
  };
  if (in_dual) {
    add(PositionSide::kLong);
    add(PositionSide::kShort);
  } else {
    add(PositionSide::kSingle);
  }
  return {};
}

ApiResult FuturesApi::SlotsResult(const Caller& caller, const std::vector<engine::Position*>& slots,
                                  bool dual) const {
  std::string body;
  JsonWriter json(body);
  if (dual) json.BeginArray();
  for (const engine::Position* slot : slots) {
    AppendPosition(json, ViewOf(*slot), caller.decimal_sizes);
  }
  if (dual) json.EndArray();
  return Success(std::move(body));
}

ApiResult FuturesApi::Position(const Caller& caller, std::string_view contract, bool dual) const {
  std::vector<engine::Position*> slots;
  if (ApiResult bad = Slots(caller, contract, dual, slots); !bad.ok()) return bad;
  return SlotsResult(caller, slots, dual);
}

ApiResult FuturesApi::SetLeverage(const Caller& caller, std::string_view contract,
                                  const Json& parameters, bool dual) {
  std::vector<engine::Position*> slots;
  if (ApiResult bad = Slots(caller, contract, dual, slots); !bad.ok()) return bad;
  auto leverage = IntegerOf(parameters, "leverage", -1, 0);
  if (!leverage || *leverage < 0) return BadParameter("leverage");
  auto cross = IntegerOf(parameters, "cross_leverage_limit", 0, 0);
  if (!cross) return BadParameter("cross_leverage_limit");
  const std::string mode = TextOf(parameters, "margin_mode");
  if (!mode.empty() && mode != "isolated" && mode != "cross") return BadParameter("margin_mode");
  if (mode == "cross") {
    cross = leverage;
    leverage = 0;
  }
  const std::string side = TextOf(parameters, "dual_side");
  for (engine::Position* slot : slots) {
    const bool other = (side == "dual_long" && slot->side == PositionSide::kShort) ||
                       (side == "dual_short" && slot->side == PositionSide::kLong);
    if (other) continue;
    const std::int64_t limit = *leverage == 0 && *cross == 0 ? slot->leverage_max : *cross;
    const Refusal refusal = desk_.SetLeverage(*slot, *leverage, limit, NowNs());
    if (refusal != Refusal::kNone) return Refused(refusal);
  }
  return SlotsResult(caller, slots, dual);
}

ApiResult FuturesApi::GetLeverage(const Caller& caller, std::string_view contract,
                                  const Json& parameters) const {
  std::vector<engine::Position*> slots;
  if (ApiResult bad = Slots(caller, contract, true, slots); !bad.ok()) return bad;
  const bool is_short = TextOf(parameters, "dual_side") == "dual_short";
  const engine::Position& slot = *(is_short ? slots.back() : slots.front());
  return Success(fmt::format("{{\"lever\":\"{}\"}}", slot.margin_divisor()));
}

ApiResult FuturesApi::SetMarginMode(const Caller& caller, const Json& body, bool dual) {
  const std::string mode = TextOf(body, "mode");
  if (mode != "ISOLATED" && mode != "CROSS") return BadParameter("mode");
  std::vector<engine::Position*> slots;
  const std::string contract = TextOf(body, "contract");
  if (ApiResult bad = Slots(caller, contract, dual, slots); !bad.ok()) return bad;
  for (engine::Position* slot : slots) {
    const bool cross = mode == "CROSS";
    if (slot->is_cross() == cross) continue;
    const std::int64_t leverage = slot->margin_divisor();
    const Refusal refusal =
        desk_.SetLeverage(*slot, cross ? 0 : leverage, cross ? leverage : 0, NowNs());
    if (refusal != Refusal::kNone) return Refused(refusal);
  }
  return SlotsResult(caller, slots, dual);
}

ApiResult FuturesApi::ChangeMargin(const Caller& caller, std::string_view contract,
                                   const Json& parameters, bool dual) {
  std::vector<engine::Position*> slots;
  if (ApiResult bad = Slots(caller, contract, dual, slots); !bad.ok()) return bad;
  const auto change = Amount::Parse(TextOf(parameters, "change"));
  if (!change || change->is_zero()) return BadParameter("change");
  const std::string side = TextOf(parameters, "dual_side");
  if (slots.size() > 1 && side != "dual_long" && side != "dual_short") {
    return BadParameter("dual_side");
  }
  engine::Position& slot = *(side == "dual_short" ? slots.back() : slots.front());
  const Refusal refusal = desk_.ChangeMargin(slot, *change, NowNs());
  return refusal == Refusal::kNone ? SlotsResult(caller, slots, dual) : Refused(refusal);
}

ApiResult FuturesApi::SetRiskLimit(const Caller& caller, std::string_view contract,
                                   const Json& parameters, bool dual) {
  std::vector<engine::Position*> slots;
  if (ApiResult bad = Slots(caller, contract, dual, slots); !bad.ok()) return bad;
  const auto limit = IntegerOf(parameters, "risk_limit", 0, 1);
  if (!limit || *limit == 0) return BadParameter("risk_limit");
  const int leverage_max = listings_.Find(contract)->instrument.leverage_max;
  const std::int64_t largest = TierOf(leverage_max, RiskTier::kTiers).risk_limit;
  if (*limit > largest) {
    return Failure(400, "RISK_LIMIT_TOO_HIGH", fmt::format("limit {}", largest));
  }
  int number = 1;
  while (TierOf(leverage_max, number).risk_limit < *limit) ++number;
  const RiskTier tier = TierOf(leverage_max, number);
  if (tier.risk_limit != *limit) {
    return Failure(400, "RISK_LIMIT_NOT_MULTIPLE", "not a tier's limit");
  }
  for (engine::Position* slot : slots) {
    if (desk_.MarkValue(*slot) > Amount::FromInt(*limit)) {
      return Failure(400, "RISK_LIMIT_TOO_LOW", fmt::format("limit {}", *limit));
    }
    if (slot->margin_divisor() > tier.leverage_max) return Refused(Refusal::kLeverageTooHigh);
  }
  for (engine::Position* slot : slots) {
    slot->risk_limit = Amount::FromInt(*limit);
    slot->leverage_max = tier.leverage_max;
    slot->maintenance_rate = tier.maintenance_rate;
    ++slot->update_id;
  }
  return SlotsResult(caller, slots, dual);
}

ApiResult FuturesApi::SetPositionMode(const Caller& caller, const Json& parameters) {
  const std::string flag = TextOf(parameters, "dual_mode");
  const std::string mode = TextOf(parameters, "position_mode");
  const bool known = flag == "true" || flag == "false" || mode == "single" || mode == "dual";
  if (!known) return BadParameter("position_mode");
  const Refusal refusal = desk_.SetDual(caller.user, flag == "true" || mode == "dual");
  return refusal == Refusal::kNone ? Account(caller, Json::object()) : Refused(refusal);
}

}  // namespace switchyard::simulator::gateio
