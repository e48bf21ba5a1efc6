#include "exchanges/lighter/order/order_reports.h"

#include <fmt/format.h>

#include <utility>

#include "common/status/status.h"
#include "exchanges/lighter/order/order_words.h"

namespace switchyard::exchanges::lighter {
namespace {

namespace v1 = order::v1;
using json::Json;
using model::FillReport;
using model::OrderReport;

// Of `usd_amount`. Source: protocol reference 6.8.
constexpr int kFeeScale = 6;

absl::Status Malformed(std::string_view what, const absl::Status& why) {
  return MakeError(absl::StatusCode::kInternal, common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE,
                   fmt::format("cannot read {}: {}", what, std::string(why.message())));
}
constexpr std::string_view kOrder = "an order";
constexpr std::string_view kTrade = "a trade";

// An id as text, from its twin of text where there is one. "" for none and for 0.
std::string IdOf(const Json& object, std::string_view text_field, std::string_view field) {
  for (const std::string_view name : {text_field, field}) {
    const auto id = json::OptionalText(object, name);
    if (id.ok() && *id && !(*id)->empty()) return **id == "0" ? std::string() : **id;
  }
  return {};
}

std::string TextIn(const Json& object, std::string_view field) {
  const auto text = json::OptionalText(object, field);
  return text.ok() && *text ? **text : std::string();
}

bool IsTrue(const Json& object, std::string_view field) {
  const auto value = json::OptionalBool(object, field);
  return value.ok() && value->value_or(false);
}

TimeNs TimeIn(const Json& object, std::string_view field) {
  const auto stamp = json::OptionalInt64(object, field);
  return stamp.ok() && *stamp ? TimeByMagnitude(**stamp) : TimeNs();
}

// Zero counts as not given where `zero_is_none`.
absl::StatusOr<std::optional<Decimal>> AmountIn(const Json& object, std::string_view field,
                                                bool zero_is_none) {
  auto amount = json::OptionalDecimal(object, field);
  if (!amount.ok()) return Malformed(field, amount.status());
  if (*amount && zero_is_none && (*amount)->is_zero()) return std::optional<Decimal>();
  return amount;
}

absl::Status ReadQuantities(const Json& order, const model::Instrument& instrument,
                            OrderReport& out) {
  const std::pair<std::string_view, std::optional<Decimal>*> fields[] = {
      {"initial_base_amount", &out.terms.quantity},
      {"filled_base_amount", &out.filled_quantity},
      {"remaining_base_amount", &out.remaining_quantity}};
  for (const auto& [name, target] : fields) {
    SWITCHYARD_ASSIGN_OR_RETURN(const auto lots, AmountIn(order, name, false));
    if (!lots) continue;
    SWITCHYARD_ASSIGN_OR_RETURN(*target, ToQuantity(*lots, instrument));
  }
  SWITCHYARD_ASSIGN_OR_RETURN(out.filled_quote_quantity,
                              AmountIn(order, "filled_quote_amount", false));
  if (out.filled_quote_quantity) {
    out.filled_quote_quantity = out.filled_quote_quantity->Normalised();
  }
  if (!out.terms.quantity) return Malformed(kOrder, absl::InternalError("no initial_base_amount"));
  // The whole position, as much as there will be.
  if (out.terms.quantity->is_zero()) {
    out.terms.quantity.reset();
    out.terms.close_position = true;
  }
  return absl::OkStatus();
}

absl::Status ReadPrices(const Json& order, const model::Instrument& instrument, OrderReport& out) {
  SWITCHYARD_ASSIGN_OR_RETURN(const auto price, AmountIn(order, "price", true));
  if (price) {
    SWITCHYARD_ASSIGN_OR_RETURN(const Decimal value, ToPrice(*price, instrument));
    (IsMarket(out.terms.type) ? out.terms.worst_price : out.terms.price) = value;
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const auto trigger, AmountIn(order, "trigger_price", true));
  if (!trigger) return absl::OkStatus();
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal value, ToPrice(*trigger, instrument));
  out.terms.trigger = {value, v1::TRIGGER_REFERENCE_MARK};
  return absl::OkStatus();
}

absl::Status ReadState(const Json& order, OrderReport& out) {
  out.raw_state = TextIn(order, "status");
  SWITCHYARD_ASSIGN_OR_RETURN(const StatusMeaning meaning, ToStatusMeaning(out.raw_state));
  out.state = meaning.state;
  out.finish_reason = meaning.finish_reason;
  out.trigger_state =
      ToTriggerState(out.terms.type, out.raw_state, TextIn(order, "trigger_status"));
  if (meaning.finish_reason == v1::FINISH_REASON_UNSPECIFIED) {
    const bool has_fill = out.filled_quantity && *out.filled_quantity > Decimal();
    if (has_fill) out.state = v1::ORDER_STATE_PARTIALLY_FILLED;
    return absl::OkStatus();
  }
  out.raw_finish_reason = out.raw_state;
  out.remaining_quantity.reset();
  // What cannot be taken at once is canceled by nobody.
  const bool at_once =
      out.terms.time_in_force == v1::TIME_IN_FORCE_IOC &&
      (!IsConditional(out.terms.type) || out.trigger_state == v1::TRIGGER_STATE_TRIGGERED);
  if (out.finish_reason == v1::FINISH_REASON_CLIENT_CANCEL && at_once) {
    out.state = v1::ORDER_STATE_EXPIRED;
    out.finish_reason = v1::FINISH_REASON_IOC_REMAINDER;
  }
  return absl::OkStatus();
}

// What one side of a trade is called in its fields.
struct SideNames {
  std::string_view account, id, id_text, client, client_text, profit, suffix;
  common::v1::Side side;
};
constexpr SideNames kAsk = {
    "ask_account_id",    "ask_id",          "ask_id_str", "ask_client_id",
    "ask_client_id_str", "ask_account_pnl", "-ask",       common::v1::SIDE_SELL};
constexpr SideNames kBid = {
    "bid_account_id",    "bid_id",          "bid_id_str", "bid_client_id",
    "bid_client_id_str", "bid_account_pnl", "-bid",       common::v1::SIDE_BUY};

absl::Status AddFee(const Json& trade, const model::Instrument& instrument, FillReport& out) {
  const bool maker = out.role == v1::LIQUIDITY_ROLE_MAKER;
  const auto millionths = json::OptionalInt64(trade, maker ? "maker_fee" : "taker_fee");
  const auto quote = json::RequireDecimal(trade, "usd_amount");
  for (const absl::Status& status : {millionths.status(), quote.status()}) {
    if (!status.ok()) return Malformed(kTrade, status);
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal rate,
                              Decimal::FromMantissa(millionths->value_or(0), kFeeScale));
  const auto amount = Decimal::Multiply(*quote, rate);
  if (!amount.ok()) return Malformed(kTrade, amount.status());
  const std::string& currency = instrument.settle.empty() ? instrument.quote : instrument.settle;
  out.fees.push_back({currency, amount->Normalised()});
  return absl::OkStatus();
}

absl::StatusOr<FillReport> ReadSide(const Json& trade, const SideNames& names, bool maker_is_ask,
                                    const model::Instrument& instrument, const Origin& origin) {
  FillReport out;
  out.symbol = instrument.symbol;
  out.source = origin.source;
  out.receive_time = origin.receive_time;
  out.trade_id = IdOf(trade, "trade_id_str", "trade_id");
  out.exchange_order_id = IdOf(trade, names.id_text, names.id);
  if (out.trade_id.empty() || out.exchange_order_id.empty()) {
    return Malformed(kTrade, absl::InternalError("no id"));
  }
  out.exchange_client_id = IdOf(trade, names.client_text, names.client);
  out.side = names.side;
  const auto price = json::RequireDecimal(trade, "price");
  const auto size = json::RequireDecimal(trade, "size");
  for (const absl::Status& status : {price.status(), size.status()}) {
    if (!status.ok()) return Malformed(kTrade, status);
  }
  SWITCHYARD_ASSIGN_OR_RETURN(out.price, ToPrice(*price, instrument));
  SWITCHYARD_ASSIGN_OR_RETURN(out.quantity, ToQuantity(*size, instrument));
  const bool is_maker = maker_is_ask == (names.side == common::v1::SIDE_SELL);
  out.role = is_maker ? v1::LIQUIDITY_ROLE_MAKER : v1::LIQUIDITY_ROLE_TAKER;
  const std::string kind = TextIn(trade, "type");
  out.kind = ToFillKind(kind);
  if (out.kind != v1::FILL_KIND_TRADE) out.raw_kind = kind;
  SWITCHYARD_RETURN_IF_ERROR(AddFee(trade, instrument, out));
  SWITCHYARD_ASSIGN_OR_RETURN(out.realised_profit, AmountIn(trade, names.profit, false));
  out.exchange_time = TimeIn(trade, "transaction_time");
  if (!out.exchange_time.given()) out.exchange_time = TimeIn(trade, "timestamp");
  return out;
}

}  // namespace

absl::StatusOr<const model::Instrument*> InstrumentOfMarket(const model::InstrumentTable& table,
                                                            std::int64_t market_id) {
  const std::string id = std::to_string(market_id);
  for (const model::Instrument& instrument : table.all()) {
    if (instrument.exchange_id == id) return &instrument;
  }
  return MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT,
                   fmt::format("no market {} is listed", market_id));
}

absl::StatusOr<Decimal> ToQuantity(const Decimal& lots, const model::Instrument& instrument) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal out, Decimal::Multiply(lots, instrument.multiplier));
  return out.Normalised();
}

absl::StatusOr<Decimal> ToPrice(const Decimal& per_lot, const model::Instrument& instrument) {
  // Multipliers are powers of ten, so that a quotient has at most their zeros more decimals.
  constexpr int kMostZeros = 12;
  if (instrument.multiplier == Decimal::FromInt(1)) return per_lot.Normalised();
  SWITCHYARD_ASSIGN_OR_RETURN(
      const Decimal out,
      Decimal::Divide(per_lot, instrument.multiplier, per_lot.Normalised().scale() + kMostZeros,
                      Rounding::kExact));
  return out.Normalised();
}

absl::StatusOr<OrderReport> ReadOrder(const Json& order, const Origin& origin) {
  const auto market = json::RequireInt64(order, "market_index");
  const auto is_ask = json::RequireBool(order, "is_ask");
  for (const absl::Status& status : {market.status(), is_ask.status()}) {
    if (!status.ok()) return Malformed(kOrder, status);
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const model::Instrument* const instrument,
                              InstrumentOfMarket(origin.instruments, *market));
  OrderReport out;
  out.symbol = instrument->symbol;
  out.source = origin.source;
  out.receive_time = origin.receive_time;
  out.exchange_order_id = IdOf(order, "order_id", "order_index");
  if (out.exchange_order_id.empty()) return Malformed(kOrder, absl::InternalError("no id"));
  out.exchange_client_id = IdOf(order, "client_order_id", "client_order_index");
  out.terms.side = *is_ask ? common::v1::SIDE_SELL : common::v1::SIDE_BUY;
  const std::string type = TextIn(order, "type");
  out.terms.type = ToOrderType(type);
  if (out.terms.type == v1::ORDER_TYPE_UNRECOGNISED) out.raw_type = type;
  out.made_by_exchange = type == "liquidation";
  const std::string life = TextIn(order, "time_in_force");
  const LifeMeaning meaning = ToLife(life);
  out.terms.time_in_force = meaning.time_in_force;
  out.terms.post_only = meaning.post_only;
  if (meaning.time_in_force == v1::TIME_IN_FORCE_UNRECOGNISED) out.raw_time_in_force = life;
  if (meaning.time_in_force == v1::TIME_IN_FORCE_GTD) {
    out.terms.expire_time = TimeIn(order, "order_expiry");
  }
  out.terms.reduce_only = IsTrue(order, "reduce_only");
  SWITCHYARD_RETURN_IF_ERROR(ReadQuantities(order, *instrument, out));
  SWITCHYARD_RETURN_IF_ERROR(ReadPrices(order, *instrument, out));
  SWITCHYARD_RETURN_IF_ERROR(ReadState(order, out));
  out.exchange_create_time = TimeIn(order, "created_at");
  out.exchange_update_time = TimeIn(order, "updated_at");
  if (!out.exchange_update_time.given()) out.exchange_update_time = TimeIn(order, "timestamp");
  return out;
}

absl::StatusOr<std::vector<FillReport>> ReadFills(const Json& trade, const Origin& origin) {
  const auto market = json::RequireInt64(trade, "market_id");
  if (!market.ok()) return Malformed(kTrade, market.status());
  // Lighter leaves out what is zero or false, and 0 is an account too.
  const bool maker_is_ask = IsTrue(trade, "is_maker_ask");
  std::vector<const SideNames*> ours;
  for (const SideNames* const names : {&kAsk, &kBid}) {
    const auto account = json::OptionalInt64(trade, names->account);
    if (!account.ok()) return Malformed(kTrade, account.status());
    if (account->value_or(0) == origin.account_index) ours.push_back(names);
  }
  std::vector<FillReport> out;
  if (ours.empty()) return out;
  SWITCHYARD_ASSIGN_OR_RETURN(const model::Instrument* const instrument,
                              InstrumentOfMarket(origin.instruments, *market));
  for (const SideNames* const names : ours) {
    SWITCHYARD_ASSIGN_OR_RETURN(FillReport fill,
                                ReadSide(trade, *names, maker_is_ask, *instrument, origin));
    if (ours.size() > 1) fill.trade_id += names->suffix;
    out.push_back(std::move(fill));
  }
  return out;
}

}  // namespace switchyard::exchanges::lighter
