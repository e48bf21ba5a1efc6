#include "exchanges/gateio/futures/account/account_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "common/status/status.h"
#include "exchanges/gateio/endpoints.h"
#include "exchanges/gateio/rest/answer.h"
#include "exchanges/gateio/utils/converters.h"

namespace switchyard::exchanges::gateio::futures {
namespace {

namespace v1 = account::v1;
using common::v1::MarginMode;
using json::Json;

constexpr int kRatioDecimals = 6;

constexpr std::pair<std::string_view, v1::BalanceChangeType> kChangeTypes[] = {
    {"dnw", v1::BALANCE_CHANGE_TYPE_TRANSFER},
    {"pnl", v1::BALANCE_CHANGE_TYPE_REALISED_PROFIT},
    {"fee", v1::BALANCE_CHANGE_TYPE_FEE},
    {"refr", v1::BALANCE_CHANGE_TYPE_FEE},
    {"fund", v1::BALANCE_CHANGE_TYPE_FUNDING},
    {"point_dnw", v1::BALANCE_CHANGE_TYPE_TRANSFER},
    {"point_fee", v1::BALANCE_CHANGE_TYPE_FEE},
    {"point_refr", v1::BALANCE_CHANGE_TYPE_FEE},
    {"bonus_dnw", v1::BALANCE_CHANGE_TYPE_ADJUSTMENT},
    {"bonus_offset", v1::BALANCE_CHANGE_TYPE_ADJUSTMENT},
};

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::optional<Decimal> Sum(const std::optional<Decimal>& a, const std::optional<Decimal>& b) {
  if (!a || !b) return std::nullopt;
  const auto sum = Decimal::Add(*a, *b);
  return sum.ok() ? std::optional(*sum) : std::nullopt;
}

std::optional<Decimal> Ratio(const std::optional<Decimal>& part,
                             const std::optional<Decimal>& whole) {
  if (!part || !whole || whole->is_zero() || whole->is_negative()) return std::nullopt;
  const auto ratio = Decimal::Divide(*part, *whole, kRatioDecimals, Rounding::kHalfEven);
  return ratio.ok() ? std::optional(*ratio) : std::nullopt;
}

absl::Status ReadFigures(const Json& object, v1::AccountFigures& figures, v1::Balance& balance) {
  const auto number = [&](std::string_view field) { return json::OptionalDecimal(object, field); };
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal total, json::RequireDecimal(object, "total"));
  SWITCHYARD_ASSIGN_OR_RETURN(const auto unrealised, number("unrealised_pnl"));
  SWITCHYARD_ASSIGN_OR_RETURN(const auto position_margin, number("position_margin"));
  SWITCHYARD_ASSIGN_OR_RETURN(const auto order_margin, number("order_margin"));
  SWITCHYARD_ASSIGN_OR_RETURN(const auto available, number("available"));
  SWITCHYARD_ASSIGN_OR_RETURN(const auto maintenance, number("maintenance_margin"));
  SWITCHYARD_ASSIGN_OR_RETURN(const auto realised, number("history.pnl"));
  SWITCHYARD_ASSIGN_OR_RETURN(const auto funding, number("history.fund"));
  SWITCHYARD_ASSIGN_OR_RETURN(const auto fees, number("history.fee"));
  const std::optional<Decimal> equity = Sum(total, unrealised);
  const std::optional<Decimal> used = Sum(position_margin, order_margin);
  // What is not known stays away.
  const auto set = [&](const std::optional<Decimal>& value, bool derived,
                       common::v1::SourcedDecimal* (v1::AccountFigures::*field)()) {
    if (!value) return;
    common::v1::SourcedDecimal& message = *(figures.*field)();
    message.set_value(value->Normalised().ToString());
    message.set_source(common::v1::SOURCE_REST);
    message.set_derived(derived);
  };
  using Figures = v1::AccountFigures;
  set(equity, true, &Figures::mutable_equity);
  set(equity, true, &Figures::mutable_total_asset_value);
  set(available, false, &Figures::mutable_available);
  set(total, false, &Figures::mutable_collateral);
  set(position_margin, false, &Figures::mutable_position_margin);
  set(order_margin, false, &Figures::mutable_order_margin);
  set(used, true, &Figures::mutable_margin_used);
  set(maintenance, false, &Figures::mutable_maintenance_margin);
  set(Ratio(used, equity), true, &Figures::mutable_margin_usage);
  set(unrealised, false, &Figures::mutable_unrealised_profit);
  set(realised, false, &Figures::mutable_realised_profit);
  set(funding, false, &Figures::mutable_funding);
  // Theirs is negative when paid.
  set(fees ? std::optional(fees->Negated()) : std::nullopt, false, &Figures::mutable_fees);

  balance.set_wallet(v1::WALLET_CONTRACT);
  balance.set_total(total.ToShortString());
  if (available) balance.set_available(available->ToShortString());
  if (used) {
    balance.set_locked(used->ToShortString());
    balance.add_derived_fields("locked");
  }
  balance.mutable_freshness()->set_source(common::v1::SOURCE_REST);
  return absl::OkStatus();
}

// Everything that is a number or a text, by its own name.
void ReadStatistics(const Json& object, const std::string& prefix, v1::Account& out) {
  for (const auto& [name, value] : object.items()) {
    if (value.is_object()) {
      ReadStatistics(value, prefix + name + ".", out);
    } else if (value.is_string() || value.is_number_integer()) {
      (*out.mutable_exchange_statistics())[prefix + name] = TextOf(object, name.c_str());
    } else if (value.is_boolean()) {
      (*out.mutable_exchange_statistics())[prefix + name] = value.get<bool>() ? "true" : "false";
    }
  }
}

void ReadPositionMode(const Json& object, RawAccount& out) {
  const std::string mode = TextOf(object, "position_mode");
  const auto hedged = json::OptionalBool(object, "in_dual_mode");
  if (!mode.empty()) {
    out.position_mode = ToPositionMode(mode);
    if (out.position_mode == v1::POSITION_MODE_UNRECOGNISED) {
      out.account.set_raw_position_mode(mode);
    }
  } else if (hedged.ok() && *hedged) {
    out.position_mode = **hedged ? v1::POSITION_MODE_HEDGE : v1::POSITION_MODE_ONE_WAY;
  }
  out.account.set_position_mode(out.position_mode);
}

absl::StatusOr<v1::BalanceChange> ReadChange(const Json& object) {
  v1::BalanceChange out;
  v1::Balance& balance = *out.mutable_balance();
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal total, json::RequireDecimal(object, "balance"));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal change, json::RequireDecimal(object, "change"));
  const std::string currency = Upper(TextOf(object, "currency"));
  // Frames of the documentation have none.
  balance.set_currency(currency.empty() ? "USDT" : currency);
  balance.set_wallet(v1::WALLET_CONTRACT);
  balance.set_total(total.ToShortString());
  balance.set_exchange_time_ns(
      TimeFromMillis(TextOf(object, "time_ms"))
          .value_or(TimeFromSeconds(TextOf(object, "time")).value_or(TimeNs()))
          .value);
  balance.mutable_freshness()->set_source(common::v1::SOURCE_WEBSOCKET);
  out.set_change(change.ToShortString());
  out.set_raw_change_type(TextOf(object, "type"));
  out.set_change_type(ToChangeType(out.raw_change_type()));
  return out;
}

absl::StatusOr<v1::LeverageBracket> ReadBracket(const Json& object) {
  v1::LeverageBracket out;
  SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t tier, json::RequireInt64(object, "tier"));
  if (tier < 1) return absl::InternalError(fmt::format("tier {}", tier));
  out.set_tier(static_cast<std::uint32_t>(tier));
  const std::pair<const char*, std::string*> fields[] = {
      {"risk_limit", out.mutable_notional_cap()},
      {"leverage_max", out.mutable_max_leverage()},
      {"initial_rate", out.mutable_initial_margin_rate()},
      {"maintenance_rate", out.mutable_maintenance_margin_rate()},
  };
  for (const auto& [name, text] : fields) {
    SWITCHYARD_ASSIGN_OR_RETURN(const Decimal value, json::RequireDecimal(object, name));
    *text = value.ToShortString();
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const std::optional<Decimal> deduction,
                              json::OptionalDecimal(object, "deduction"));
  if (deduction) out.set_maintenance_deduction(deduction->ToShortString());
  return out;
}

RestRequest Post(std::string path) {
  RestRequest request;
  request.method = "POST";
  request.path = std::move(path);
  request.limit = paths::kFuturesPositions;
  return request;
}

}  // namespace

absl::StatusOr<RawAccount> DecodeAccount(const std::string& body) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json object, ParseBody(paths::kFuturesAccounts, body));
  RawAccount out;
  if (absl::Status read = ReadFigures(object, *out.account.mutable_total(), out.balance);
      !read.ok()) {
    return Unreadable(paths::kFuturesAccounts, read);
  }
  out.account.set_currency(Upper(TextOf(object, "currency")));
  out.balance.set_currency(out.account.currency());
  out.account.set_exchange_account_id(TextOf(object, "user"));
  out.account.set_can_trade(true);
  ReadPositionMode(object, out);
  ReadStatistics(object, "", out.account);
  return out;
}

v1::PositionMode ToPositionMode(std::string_view mode) {
  if (mode == "single") return v1::POSITION_MODE_ONE_WAY;
  if (mode == "dual") return v1::POSITION_MODE_HEDGE;
  return v1::POSITION_MODE_UNRECOGNISED;
}

std::string_view FromPositionMode(v1::PositionMode mode) {
  if (mode == v1::POSITION_MODE_ONE_WAY) return "single";
  return mode == v1::POSITION_MODE_HEDGE ? "dual" : "";
}

v1::BalanceChangeType ToChangeType(std::string_view type) {
  if (type.empty()) return v1::BALANCE_CHANGE_TYPE_UNSPECIFIED;
  const auto* const found = std::find_if(std::begin(kChangeTypes), std::end(kChangeTypes),
                                         [&](const auto& each) { return each.first == type; });
  return found == std::end(kChangeTypes) ? v1::BALANCE_CHANGE_TYPE_UNRECOGNISED : found->second;
}

absl::StatusOr<std::vector<v1::BalanceChange>> ReadBalanceChanges(const Json& list) {
  if (!list.is_array()) return Unreadable("futures.balances", absl::InternalError("no list"));
  std::vector<v1::BalanceChange> changes;
  for (const Json& object : list) {
    auto change = ReadChange(object);
    if (!change.ok()) return Unreadable("futures.balances", change.status());
    changes.push_back(*std::move(change));
  }
  return changes;
}

std::optional<v1::LeverageSetting> LeverageOf(const std::vector<RawPosition>& positions,
                                              const model::Instrument& instrument) {
  v1::LeverageSetting out;
  bool told = false;
  out.set_symbol(instrument.symbol);
  for (const RawPosition& each : positions) {
    if (each.symbol != instrument.symbol) continue;
    told = true;
    out.set_margin_mode(each.margin_mode);
    out.set_raw_margin_mode(each.raw_margin_mode);
    if (each.max_leverage) out.set_max_leverage(each.max_leverage->ToShortString());
    const std::string leverage = each.leverage ? each.leverage->value.ToShortString() : "";
    if (each.side == common::v1::POSITION_SIDE_SHORT) {
      out.set_short_leverage(leverage);
    } else {
      out.set_leverage(leverage);
    }
  }
  if (out.short_leverage() == out.leverage()) out.clear_short_leverage();
  if (out.max_leverage().empty() && instrument.max_leverage) {
    out.set_max_leverage(instrument.max_leverage->ToShortString());
  }
  return told ? std::optional(std::move(out)) : std::nullopt;
}

absl::StatusOr<std::vector<v1::LeverageBracket>> DecodeBrackets(const std::string& body) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json list, ParseList(paths::kFuturesRiskLimitTiers, body));
  std::vector<v1::LeverageBracket> brackets;
  for (const Json& object : list) {
    auto bracket = ReadBracket(object);
    if (!bracket.ok()) return Unreadable(paths::kFuturesRiskLimitTiers, bracket.status());
    brackets.push_back(*std::move(bracket));
  }
  std::sort(brackets.begin(), brackets.end(),
            [](const auto& a, const auto& b) { return a.tier() < b.tier(); });
  std::string floor = "0";
  for (v1::LeverageBracket& each : brackets) {
    each.set_notional_floor(std::exchange(floor, each.notional_cap()));
  }
  return brackets;
}

RestRequest LeverageRequest(const LeverageCommand& command) {
  const bool is_cross = command.margin_mode == common::v1::MARGIN_MODE_CROSS;
  const std::string leverage = command.leverage.ToShortString();
  const bool one_side = command.is_hedged && (command.side == common::v1::POSITION_SIDE_LONG ||
                                              command.side == common::v1::POSITION_SIDE_SHORT);
  if (one_side) {
    RestRequest request =
        Post(fmt::format("{}/{}/set_leverage", paths::kFuturesPositions, command.contract));
    request.query = {
        {"leverage", leverage},
        {"margin_mode", is_cross ? "cross" : "isolated"},
        {"dual_side", command.side == common::v1::POSITION_SIDE_LONG ? "dual_long" : "dual_short"}};
    return request;
  }
  RestRequest request = Post(fmt::format(
      "{}/{}/leverage", command.is_hedged ? paths::kFuturesDualPositions : paths::kFuturesPositions,
      command.contract));
  if (is_cross) {
    request.query = {{"leverage", "0"}, {"cross_leverage_limit", leverage}};
  } else {
    request.query = {{"leverage", leverage}};
  }
  return request;
}

RestRequest MarginModeRequest(const std::string& contract, MarginMode mode, bool is_hedged) {
  RestRequest request =
      Post(std::string(is_hedged ? paths::kFuturesDualCrossMode : paths::kFuturesCrossMode));
  request.body = fmt::format(R"({{"mode":"{}","contract":{}}})",
                             mode == common::v1::MARGIN_MODE_CROSS ? "CROSS" : "ISOLATED",
                             json::Serialise(contract));
  return request;
}

RestRequest PositionModeRequest(v1::PositionMode mode) {
  RestRequest request = Post(std::string(paths::kFuturesPositionMode));
  request.query = {{"position_mode", std::string(FromPositionMode(mode))}};
  return request;
}

RestRequest PositionsOfRequest(const std::string& contract, bool is_hedged) {
  RestRequest request;
  request.path = fmt::format(
      "{}/{}", is_hedged ? paths::kFuturesDualPositions : paths::kFuturesPositions, contract);
  request.limit = paths::kFuturesPositions;
  return request;
}

}  // namespace switchyard::exchanges::gateio::futures
