#include <fmt/format.h>

#include <utility>

#include "common/status/status.h"
#include "exchanges/gateio/futures/order/contracts.h"
#include "exchanges/gateio/order/order_protocol.h"
#include "exchanges/gateio/order/order_words.h"
#include "exchanges/gateio/order/report_fields.h"
#include "exchanges/gateio/rest/answer.h"

namespace switchyard::exchanges::gateio::futures {
namespace {

namespace v1 = order::v1;
using json::Json;
using model::OrderReport;

constexpr std::string_view kOrder = "a futures order";
constexpr std::string_view kFill = "a futures fill";

absl::Status Malformed(const absl::Status& why) { return MalformedReport(kOrder, why); }

common::v1::Side SideOfSize(const Decimal& size) {
  if (size.is_zero()) return common::v1::SIDE_UNSPECIFIED;
  return size.is_negative() ? common::v1::SIDE_SELL : common::v1::SIDE_BUY;
}

bool IsTrue(const Json& object, const char* field) {
  const Json* const found = json::Find(object, field);
  return found != nullptr && found->is_boolean() && found->get<bool>();
}

// Size, what is left of it and what is filled, in base units. Both sizes carry the order's sign.
absl::Status ReadSizes(const Json& order, const model::Instrument& instrument, OrderReport& out) {
  const auto size = json::RequireDecimal(order, "size");
  const auto left = json::OptionalDecimal(order, "left");
  for (const absl::Status& status : {size.status(), left.status()}) {
    if (!status.ok()) return Malformed(status);
  }
  out.terms.side = SideOfSize(*size);
  out.terms.close_position = size->is_zero();
  if (size->is_zero()) return absl::OkStatus();
  SWITCHYARD_ASSIGN_OR_RETURN(out.terms.quantity, ToBase(instrument, size->Absolute()));
  if (!*left) return absl::OkStatus();
  SWITCHYARD_ASSIGN_OR_RETURN(out.remaining_quantity, ToBase(instrument, (*left)->Absolute()));
  const auto filled = Decimal::Subtract(*out.terms.quantity, *out.remaining_quantity);
  if (!filled.ok()) return Malformed(filled.status());
  out.filled_quantity = filled->Normalised();
  return absl::OkStatus();
}

absl::Status ReadState(const Json& order, OrderReport& out) {
  out.raw_state = TextOf(order, "status");
  const std::string finish_as = TextOf(order, "finish_as");
  if (out.raw_state == "open") {
    const bool has_fill = out.filled_quantity && *out.filled_quantity > Decimal();
    out.state = has_fill ? v1::ORDER_STATE_PARTIALLY_FILLED : v1::ORDER_STATE_OPEN;
    return absl::OkStatus();
  }
  if (out.raw_state != "finished") {
    return Malformed(absl::InternalError(fmt::format("state '{}'", out.raw_state)));
  }
  out.raw_finish_reason = finish_as;
  out.finish_reason = ToFinishReason(Product::kFutures, finish_as);
  if (out.finish_reason == v1::FINISH_REASON_UNSPECIFIED) {
    return Malformed(absl::InternalError(fmt::format("finished as '{}'", finish_as)));
  }
  // Gate.io has one word for what could not be taken at once.
  if (out.finish_reason == v1::FINISH_REASON_IOC_REMAINDER &&
      out.terms.time_in_force == v1::TIME_IN_FORCE_FOK) {
    out.finish_reason = v1::FINISH_REASON_FOK_NOT_FILLED;
  }
  out.state = FinishedState(out.finish_reason);
  out.remaining_quantity.reset();
  return absl::OkStatus();
}

absl::Status ReadPrice(const Json& order, OrderReport& out) {
  const auto price = json::OptionalDecimal(order, "price");
  if (!price.ok()) return Malformed(price.status());
  const bool has_price = *price && !(*price)->is_zero();
  if (has_price) out.terms.price = (*price)->Normalised();
  out.terms.type = has_price ? v1::ORDER_TYPE_LIMIT : v1::ORDER_TYPE_MARKET;
  return absl::OkStatus();
}

// Source: API v4, "FuturesPriceTriggeredOrder", status and finish_as.
absl::Status ReadConditionalState(const Json& order, OrderReport& out) {
  const std::string status = TextOf(order, "status");
  const std::string finish_as = TextOf(order, "finish_as");
  out.raw_state = status;
  out.raw_finish_reason = finish_as;
  out.state = v1::ORDER_STATE_OPEN;
  out.trigger_state = v1::TRIGGER_STATE_WAITING;
  if (status == "open" || status == "inactive") return absl::OkStatus();
  if (status == "invalid" || finish_as == "cancelled") {
    out.state = v1::ORDER_STATE_CANCELED;
    out.finish_reason = v1::FINISH_REASON_CLIENT_CANCEL;
  } else if (finish_as == "succeeded") {
    out.trigger_state = v1::TRIGGER_STATE_TRIGGERED;
  } else if (finish_as == "failed") {
    out.trigger_state = v1::TRIGGER_STATE_FAILED;
    out.state = v1::ORDER_STATE_CANCELED;
    out.finish_reason = v1::FINISH_REASON_TRIGGER_FAILED;
  } else if (finish_as == "expired") {
    out.state = v1::ORDER_STATE_EXPIRED;
    out.finish_reason = v1::FINISH_REASON_TIME_EXPIRED;
  } else {
    return Malformed(
        absl::InternalError(fmt::format("conditional state '{}', '{}'", status, finish_as)));
  }
  return absl::OkStatus();
}

// Which position a whole-position order closes, and thereby its side.
void ReadClosedSide(const Json& order, const Json& initial, OrderReport& out) {
  if (!out.terms.close_position) return;
  const std::string auto_size = TextOf(initial, "auto_size");
  if (auto_size == "close_long" || auto_size == "close_short") {
    out.terms.position_side = auto_size == "close_long" ? common::v1::POSITION_SIDE_LONG
                                                        : common::v1::POSITION_SIDE_SHORT;
    out.terms.side = auto_size == "close_long" ? common::v1::SIDE_SELL : common::v1::SIDE_BUY;
    return;
  }
  const std::string kind = TextOf(order, "order_type");
  if (kind.find("close-long") != std::string::npos) out.terms.side = common::v1::SIDE_SELL;
  if (kind.find("close-short") != std::string::npos) out.terms.side = common::v1::SIDE_BUY;
}

class FuturesReports final : public OrderReports {
 public:
  absl::StatusOr<OrderReport> ReadOrder(const Json& order, const Origin& origin) const override {
    SWITCHYARD_ASSIGN_OR_RETURN(const model::Instrument* const instrument,
                                InstrumentOf(order, "contract", origin));
    OrderReport out;
    SWITCHYARD_RETURN_IF_ERROR(BeginReport(kOrder, order, *instrument, origin, out));
    out.exchange_client_id = ClientIdOf(order);
    out.made_by_exchange =
        IsTrue(order, "is_liq") || FillKindOfText(TextOf(order, "text")) != v1::FILL_KIND_TRADE;
    SWITCHYARD_RETURN_IF_ERROR(ReadSizes(order, *instrument, out));
    SWITCHYARD_RETURN_IF_ERROR(ReadPrice(order, out));
    ReadTimeInForce(TextOf(order, "tif"), out);
    ReadSelfTradePrevention(order, out);
    out.terms.reduce_only = IsTrue(order, "is_reduce_only");
    out.terms.close_position = IsTrue(order, "is_close") || out.terms.close_position;
    SWITCHYARD_RETURN_IF_ERROR(ReadState(order, out));
    CompleteFilled(out);
    out.exchange_create_time = TimeOf(order, "create_time_ms", "create_time");
    out.exchange_update_time = TimeByMagnitude(TextOf(order, "update_time"));
    if (!out.exchange_update_time.given()) {
      out.exchange_update_time = TimeOf(order, "finish_time_ms", "finish_time");
    }
    return out;
  }

  std::string FiredOrderId(const Json& conditional) const override {
    return IdIn(conditional, "trade_id");
  }

  absl::StatusOr<OrderReport> ReadConditional(const Json& order,
                                              const Origin& origin) const override {
    const Json* const initial = json::Find(order, "initial");
    const Json* const trigger = json::Find(order, "trigger");
    if (initial == nullptr || trigger == nullptr) {
      return Malformed(absl::InternalError("no initial order or no trigger"));
    }
    SWITCHYARD_ASSIGN_OR_RETURN(const model::Instrument* const instrument,
                                InstrumentOf(*initial, "contract", origin));
    OrderReport out;
    SWITCHYARD_RETURN_IF_ERROR(BeginReport(kOrder, order, *instrument, origin, out));
    out.exchange_client_id = ClientIdOf(*initial);
    SWITCHYARD_RETURN_IF_ERROR(ReadSizes(*initial, *instrument, out));
    SWITCHYARD_RETURN_IF_ERROR(ReadPrice(*initial, out));
    ReadClosedSide(order, *initial, out);
    const std::string rule = TextOf(*trigger, "rule");
    if (rule != "1" && rule != "2") return Malformed(absl::InternalError("rule '" + rule + "'"));
    const auto at = json::RequireDecimal(*trigger, "price");
    if (!at.ok()) return Malformed(at.status());
    const std::string price_type = TextOf(*trigger, "price_type");
    out.terms.trigger = {at->Normalised(), ToTriggerReference(price_type)};
    if (out.terms.trigger->reference == v1::TRIGGER_REFERENCE_UNRECOGNISED) {
      out.raw_trigger_reference = price_type;
    }
    out.terms.type = ConditionalType(rule == "1", out.terms.side, out.terms.price.has_value());
    ReadTimeInForce(TextOf(*initial, "tif"), out);
    out.terms.reduce_only = IsTrue(*initial, "is_reduce_only") || IsTrue(*initial, "reduce_only");
    SWITCHYARD_RETURN_IF_ERROR(ReadConditionalState(order, out));
    out.exchange_create_time = TimeByMagnitude(TextOf(order, "create_time"));
    out.exchange_update_time = TimeByMagnitude(TextOf(order, "finish_time"));
    return out;
  }

  absl::StatusOr<model::FillReport> ReadFill(const Json& fill,
                                             const Origin& origin) const override {
    SWITCHYARD_ASSIGN_OR_RETURN(const model::Instrument* const instrument,
                                InstrumentOf(fill, "contract", origin));
    model::FillReport out;
    SWITCHYARD_RETURN_IF_ERROR(BeginFill(kFill, fill, *instrument, origin, out));
    const auto size = json::RequireDecimal(fill, "size");
    if (!size.ok()) return MalformedReport(kFill, size.status());
    out.side = SideOfSize(*size);
    if (out.side == common::v1::SIDE_UNSPECIFIED) {
      return MalformedReport(kFill, absl::InternalError("size 0"));
    }
    SWITCHYARD_ASSIGN_OR_RETURN(out.quantity, ToBase(*instrument, size->Absolute()));
    const std::string& currency =
        instrument->settle.empty() ? instrument->quote : instrument->settle;
    SWITCHYARD_RETURN_IF_ERROR(AddFee(fill, "fee", currency, true, false, out.fees));
    SWITCHYARD_RETURN_IF_ERROR(AddFee(fill, "point_fee", kPoints, false, false, out.fees));
    return out;
  }

  absl::StatusOr<std::vector<OrderReport>> ReadOpenOrders(const Json& page, const Origin& origin,
                                                          int, bool* full) const override {
    std::vector<OrderReport> out;
    for (const Json& order : page) {
      SWITCHYARD_ASSIGN_OR_RETURN(OrderReport report, ReadOrder(order, origin));
      out.push_back(std::move(report));
    }
    *full = page.size() >= static_cast<std::size_t>(kPage);
    return out;
  }
};

}  // namespace

const OrderReports& Reports() {
  static const FuturesReports reports;
  return reports;
}

}  // namespace switchyard::exchanges::gateio::futures
