#include <fmt/format.h>

#include <utility>

#include "common/status/status.h"
#include "exchanges/gateio/order/order_protocol.h"
#include "exchanges/gateio/order/order_words.h"
#include "exchanges/gateio/order/report_fields.h"
#include "exchanges/gateio/order/term_checks.h"
#include "exchanges/gateio/rest/answer.h"

namespace switchyard::exchanges::gateio::spot {
namespace {

namespace v1 = order::v1;
using json::Json;
using model::OrderReport;

constexpr std::string_view kOrder = "a spot order";
constexpr std::string_view kFill = "a spot fill";

absl::Status Malformed(const absl::Status& why) { return MalformedReport(kOrder, why); }

// Amounts of a market buy are quote units, those of every other order base units.
bool IsByQuote(const OrderReport& report) {
  return report.terms.type == v1::ORDER_TYPE_MARKET && report.terms.side == common::v1::SIDE_BUY;
}

absl::Status ReadAmounts(const Json& order, OrderReport& out) {
  const auto amount = json::OptionalDecimal(order, "amount");
  const auto left = json::OptionalDecimal(order, "left");
  const auto filled = json::OptionalDecimal(order, "filled_amount");
  const auto total = json::OptionalDecimal(order, "filled_total");
  const auto price = json::OptionalDecimal(order, "price");
  for (const auto* const each : {&amount, &left, &filled, &total, &price}) {
    if (!each->ok()) return Malformed(each->status());
  }
  if (*price && !(*price)->is_zero()) out.terms.price = (*price)->Normalised();
  if (*total) out.filled_quote_quantity = (*total)->Normalised();
  if (*filled) out.filled_quantity = (*filled)->Normalised();
  if (!*amount) return absl::OkStatus();
  if (IsByQuote(out)) {
    out.terms.quote_quantity = (*amount)->Normalised();
    return absl::OkStatus();
  }
  out.terms.quantity = (*amount)->Normalised();
  if (!*left) return absl::OkStatus();
  out.remaining_quantity = (*left)->Normalised();
  if (out.filled_quantity) return absl::OkStatus();
  const auto difference = Decimal::Subtract(**amount, **left);
  if (!difference.ok()) return Malformed(difference.status());
  out.filled_quantity = difference->Normalised();
  return absl::OkStatus();
}

v1::OrderState OpenState(const OrderReport& report) {
  const bool has_fill = (report.filled_quantity && *report.filled_quantity > Decimal()) ||
                        (report.filled_quote_quantity && *report.filled_quote_quantity > Decimal());
  return has_fill ? v1::ORDER_STATE_PARTIALLY_FILLED : v1::ORDER_STATE_OPEN;
}

// REST says `status`, the socket `event`, both `finish_as` since 2023. Source: API v4, "Order";
// Spot WebSocket v4, "Orders channel".
absl::Status ReadState(const Json& order, OrderReport& out) {
  const std::string status = TextOf(order, "status");
  const std::string event = TextOf(order, "event");
  const std::string finish_as = TextOf(order, "finish_as");
  out.raw_state = status.empty() ? event : status;
  if (status == "open" || (status.empty() && (event == "put" || event == "update"))) {
    out.state = OpenState(out);
    return absl::OkStatus();
  }
  const bool ended =
      status == "closed" || status == "cancelled" || (status.empty() && event == "finish");
  if (!ended) return Malformed(absl::InternalError(fmt::format("state '{}'", out.raw_state)));
  out.raw_finish_reason = finish_as;
  if (!finish_as.empty()) {
    out.finish_reason = ToFinishReason(Product::kSpot, finish_as);
  } else if (status == "closed" || (out.remaining_quantity && out.remaining_quantity->is_zero())) {
    out.finish_reason = v1::FINISH_REASON_FILLED;
  } else {
    out.finish_reason = v1::FINISH_REASON_CLIENT_CANCEL;
  }
  out.state = status == "closed" ? v1::ORDER_STATE_FILLED : FinishedState(out.finish_reason);
  // "cancelled" and yet "filled" contradict each other; the status is the narrower word.
  if (status == "cancelled" && out.state == v1::ORDER_STATE_FILLED) {
    out.state = v1::ORDER_STATE_CANCELED;
  }
  out.remaining_quantity.reset();
  return absl::OkStatus();
}

absl::Status ReadFees(const Json& order, std::vector<model::Fee>& fees,
                      const model::Instrument& instrument, common::v1::Side side) {
  // Older fills name no currency: it is what the order receives.
  std::string currency = TextOf(order, "fee_currency");
  if (currency.empty()) {
    currency = side == common::v1::SIDE_BUY ? instrument.base : instrument.quote;
  }
  SWITCHYARD_RETURN_IF_ERROR(AddFee(order, "fee", currency, true, false, fees));
  SWITCHYARD_RETURN_IF_ERROR(AddFee(order, "gt_fee", kGateToken, false, false, fees));
  SWITCHYARD_RETURN_IF_ERROR(AddFee(order, "point_fee", kPoints, false, false, fees));
  return AddFee(order, "rebated_fee", TextOf(order, "rebated_fee_currency"), false, true, fees);
}

// What a conditional order is after it has waited. The REST form has a status; the socket's only
// what has happened. Source: API v4, "SpotPriceTriggeredOrder"; Spot WebSocket v4, "Price order".
absl::Status ReadConditionalState(const Json& order, std::string_view fired, OrderReport& out) {
  std::string status = TextOf(order, "status");
  if (status.empty()) {
    const bool ended = TimeByMagnitude(TextOf(order, "ftime")).given();
    const bool failed = !TextOf(order, "err_msg").empty();
    status = !ended ? "open" : !fired.empty() ? "finish" : failed ? "failed" : "cancelled";
  }
  out.raw_state = status;
  out.state = v1::ORDER_STATE_OPEN;
  if (status == "open") {
    out.trigger_state = v1::TRIGGER_STATE_WAITING;
  } else if (status == "finish" || status == "finished") {
    out.trigger_state = v1::TRIGGER_STATE_TRIGGERED;
  } else if (status == "canceled" || status == "cancelled") {
    out.trigger_state = v1::TRIGGER_STATE_WAITING;
    out.state = v1::ORDER_STATE_CANCELED;
    out.finish_reason = v1::FINISH_REASON_CLIENT_CANCEL;
  } else if (status == "failed") {
    out.trigger_state = v1::TRIGGER_STATE_FAILED;
    out.state = v1::ORDER_STATE_CANCELED;
    out.finish_reason = v1::FINISH_REASON_TRIGGER_FAILED;
  } else if (status == "expired") {
    out.trigger_state = v1::TRIGGER_STATE_WAITING;
    out.state = v1::ORDER_STATE_EXPIRED;
    out.finish_reason = v1::FINISH_REASON_TIME_EXPIRED;
  } else {
    return Malformed(absl::InternalError(fmt::format("conditional state '{}'", status)));
  }
  out.raw_finish_reason = TextOf(order, "reason");
  return absl::OkStatus();
}

class SpotReports final : public OrderReports {
 public:
  absl::StatusOr<OrderReport> ReadOrder(const Json& order, const Origin& origin) const override {
    SWITCHYARD_ASSIGN_OR_RETURN(const model::Instrument* const instrument,
                                InstrumentOf(order, "currency_pair", origin));
    OrderReport out;
    SWITCHYARD_RETURN_IF_ERROR(BeginReport(kOrder, order, *instrument, origin, out));
    out.exchange_client_id = ClientIdOf(order);
    out.made_by_exchange = FillKindOfText(TextOf(order, "text")) != v1::FILL_KIND_TRADE;
    const auto side = ToOrderSide(TextOf(order, "side"));
    if (!side.ok()) return Malformed(side.status());
    out.terms.side = *side;
    const std::string type = TextOf(order, "type");
    out.terms.type = ToSpotOrderType(type);
    if (out.terms.type == v1::ORDER_TYPE_UNRECOGNISED) out.raw_type = type;
    ReadTimeInForce(TextOf(order, "time_in_force"), out);
    ReadSelfTradePrevention(order, out);
    SWITCHYARD_RETURN_IF_ERROR(ReadAmounts(order, out));
    SWITCHYARD_RETURN_IF_ERROR(ReadState(order, out));
    CompleteFilled(out);
    SWITCHYARD_RETURN_IF_ERROR(ReadFees(order, out.fees, *instrument, out.terms.side));
    out.exchange_create_time = TimeOf(order, "create_time_ms", "create_time");
    out.exchange_update_time = TimeOf(order, "update_time_ms", "update_time");
    return out;
  }

  std::string FiredOrderId(const Json& conditional) const override {
    return IdIn(conditional, "fired_order_id");
  }

  // The socket's form is flat; the REST form has `trigger` and `put`.
  absl::StatusOr<OrderReport> ReadConditional(const Json& order,
                                              const Origin& origin) const override {
    SWITCHYARD_ASSIGN_OR_RETURN(const model::Instrument* const instrument,
                                InstrumentOf(order, "market", origin));
    const Json* put = json::Find(order, "put");
    const Json* const trigger = json::Find(order, "trigger");
    const bool flat = put == nullptr;
    if (flat) put = &order;
    OrderReport out;
    SWITCHYARD_RETURN_IF_ERROR(BeginReport(kOrder, order, *instrument, origin, out));
    out.exchange_client_id = ClientIdOf(*put);
    const auto side = ToOrderSide(TextOf(*put, "side"));
    if (!side.ok()) return Malformed(side.status());
    out.terms.side = *side;
    const auto price = json::OptionalDecimal(*put, "price");
    const auto amount = json::RequireDecimal(*put, "amount");
    const auto at = json::RequireDecimal(flat ? order : *trigger, flat ? "trigger_price" : "price");
    for (const absl::Status& status : {price.status(), amount.status(), at.status()}) {
      if (!status.ok()) return Malformed(status);
    }
    const std::string type = TextOf(*put, flat ? "order_type" : "type");
    const bool has_price = ToSpotOrderType(type) != v1::ORDER_TYPE_MARKET;
    const std::string rule = TextOf(flat ? order : *trigger, flat ? "trigger_rule" : "rule");
    if (rule != ">=" && rule != "<=") return Malformed(absl::InternalError("rule '" + rule + "'"));
    out.terms.type = ConditionalType(rule == ">=", *side, has_price);
    out.terms.trigger = {at->Normalised(), v1::TRIGGER_REFERENCE_LAST};
    out.terms.quantity = amount->Normalised();
    if (has_price && *price && !(*price)->is_zero()) out.terms.price = (*price)->Normalised();
    if (const std::string word = TextOf(*put, "time_in_force"); !word.empty()) {
      ReadTimeInForce(word, out);
    }
    SWITCHYARD_RETURN_IF_ERROR(ReadConditionalState(order, FiredOrderId(order), out));
    out.exchange_create_time = TimeByMagnitude(TextOf(order, "ctime"));
    out.exchange_update_time = TimeByMagnitude(TextOf(order, "ftime"));
    return out;
  }

  absl::StatusOr<model::FillReport> ReadFill(const Json& fill,
                                             const Origin& origin) const override {
    SWITCHYARD_ASSIGN_OR_RETURN(const model::Instrument* const instrument,
                                InstrumentOf(fill, "currency_pair", origin));
    model::FillReport out;
    SWITCHYARD_RETURN_IF_ERROR(BeginFill(kFill, fill, *instrument, origin, out));
    const auto side = ToOrderSide(TextOf(fill, "side"));
    const auto amount = json::RequireDecimal(fill, "amount");
    for (const absl::Status& status : {side.status(), amount.status()}) {
      if (!status.ok()) return MalformedReport(kFill, status);
    }
    out.side = *side;
    out.quantity = amount->Normalised();
    SWITCHYARD_RETURN_IF_ERROR(ReadFees(fill, out.fees, *instrument, out.side));
    return out;
  }

  absl::StatusOr<std::vector<OrderReport>> ReadOpenOrders(const Json& page, const Origin& origin,
                                                          int number, bool* full) const override {
    std::vector<OrderReport> out;
    const auto add = [&](const Json& order) -> absl::Status {
      SWITCHYARD_ASSIGN_OR_RETURN(OrderReport report, ReadOrder(order, origin));
      out.push_back(std::move(report));
      return absl::OkStatus();
    };
    *full = false;
    for (const Json& entry : page) {
      const Json* const orders = json::Find(entry, "orders");
      if (orders == nullptr) {
        SWITCHYARD_RETURN_IF_ERROR(add(entry));
        continue;
      }
      // A page is counted for each pair by itself.
      const auto total = json::RequireInt64(entry, "total");
      if (!total.ok()) return Malformed(total.status());
      if (*total > std::int64_t{number} * kPage) *full = true;
      for (const Json& order : *orders) SWITCHYARD_RETURN_IF_ERROR(add(order));
    }
    if (page.size() >= static_cast<std::size_t>(kPage)) *full = true;
    return out;
  }
};

}  // namespace

const OrderReports& Reports() {
  static const SpotReports reports;
  return reports;
}

}  // namespace switchyard::exchanges::gateio::spot
