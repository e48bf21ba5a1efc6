#include "exchanges/gateio/order/report_fields.h"

#include <fmt/format.h>

#include "common/status/status.h"
#include "exchanges/gateio/order/client_id.h"
#include "exchanges/gateio/order/order_words.h"
#include "exchanges/gateio/rest/answer.h"

namespace switchyard::exchanges::gateio {

absl::Status MalformedReport(std::string_view what, const absl::Status& why) {
  return MakeError(absl::StatusCode::kInternal, common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE,
                   fmt::format("cannot read {}: {}", what, std::string(why.message())));
}

absl::StatusOr<const model::Instrument*> InstrumentOf(const json::Json& report, const char* field,
                                                      const Origin& origin) {
  const std::string symbol = TextOf(report, field);
  if (symbol.empty()) return MalformedReport(field, absl::InternalError("it is missing"));
  const model::Instrument* const found = origin.instruments.FindExchangeSymbol(symbol);
  if (found != nullptr) return found;
  return MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT,
                   fmt::format("no instrument '{}' is listed", symbol));
}

absl::Status BeginReport(std::string_view what, const json::Json& order,
                         const model::Instrument& instrument, const Origin& origin,
                         model::OrderReport& out) {
  out.symbol = instrument.symbol;
  out.source = origin.source;
  out.receive_time = origin.receive_time;
  out.exchange_order_id = TextOf(order, "id");
  if (!out.exchange_order_id.empty()) return absl::OkStatus();
  return MalformedReport(what, absl::InternalError("no id"));
}

absl::Status BeginFill(std::string_view what, const json::Json& fill,
                       const model::Instrument& instrument, const Origin& origin,
                       model::FillReport& out) {
  out.symbol = instrument.symbol;
  out.source = origin.source;
  out.receive_time = origin.receive_time;
  out.trade_id = TextOf(fill, "id");
  // Lists by time of futures name it so.
  if (out.trade_id.empty()) out.trade_id = TextOf(fill, "trade_id");
  out.exchange_order_id = TextOf(fill, "order_id");
  if (out.trade_id.empty() || out.exchange_order_id.empty()) {
    return MalformedReport(what, absl::InternalError("no id"));
  }
  out.exchange_client_id = ClientIdOf(fill);
  const auto price = json::RequireDecimal(fill, "price");
  if (!price.ok()) return MalformedReport(what, price.status());
  out.price = price->Normalised();
  out.role = ToRole(TextOf(fill, "role"));
  out.kind = FillKindOfText(TextOf(fill, "text"));
  if (out.kind != order::v1::FILL_KIND_TRADE) out.raw_kind = TextOf(fill, "text");
  out.exchange_time = TimeOf(fill, "create_time_ms", "create_time");
  return absl::OkStatus();
}

TimeNs TimeOf(const json::Json& object, const char* millis, const char* seconds) {
  const TimeNs fine = TimeByMagnitude(TextOf(object, millis));
  return fine.given() ? fine : TimeByMagnitude(TextOf(object, seconds));
}

std::string IdIn(const json::Json& object, const char* field) {
  std::string id = TextOf(object, field);
  return id == "0" ? std::string() : id;
}

std::string ClientIdOf(const json::Json& report) {
  std::string text = TextOf(report, "text");
  return IsOwnersText(text) ? text : std::string();
}

void ReadSelfTradePrevention(const json::Json& report, model::OrderReport& out) {
  const std::string word = TextOf(report, "stp_act");
  out.terms.self_trade_prevention = ToSelfTradePrevention(word);
  if (out.terms.self_trade_prevention == order::v1::SELF_TRADE_PREVENTION_UNRECOGNISED) {
    out.raw_self_trade_prevention = word;
  }
}

void ReadTimeInForce(std::string_view word, model::OrderReport& out) {
  const TimeInForceWord read = ToTimeInForce(word);
  out.terms.time_in_force = read.time_in_force;
  out.terms.post_only = read.post_only;
  if (read.time_in_force == order::v1::TIME_IN_FORCE_UNRECOGNISED) out.raw_time_in_force = word;
}

void CompleteFilled(model::OrderReport& out) {
  if (out.state == order::v1::ORDER_STATE_FILLED && !out.filled_quantity) {
    out.filled_quantity = out.terms.quantity;
  }
}

absl::Status AddFee(const json::Json& report, std::string_view field, std::string_view currency,
                    bool keep_zero, bool rebate, std::vector<model::Fee>& fees) {
  const auto amount = json::OptionalDecimal(report, field);
  if (!amount.ok()) return MalformedReport(field, amount.status());
  if (!*amount || ((*amount)->is_zero() && !keep_zero)) return absl::OkStatus();
  const Decimal value = (*amount)->Normalised();
  fees.push_back({std::string(currency), rebate ? value.Negated() : value});
  return absl::OkStatus();
}

}  // namespace switchyard::exchanges::gateio
