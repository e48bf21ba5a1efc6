#include "services/order/risk/terms.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "common/status/status.h"
#include "services/order/risk/fields.h"
#include "services/order/risk/rounding.h"
#include "services/order/risk/ticket.h"

namespace switchyard::order::risk {
namespace {

using OptionalDecimal = std::optional<Decimal>;

// Fits the values of one order to its instrument, as its client asked them to be rounded.
class Fitter {
 public:
  Fitter(const model::Instrument& instrument, Rounding quantity_rounding, Rounding price_rounding)
      : quantities_{instrument.step, instrument.min_quantity, instrument.max_quantity},
        prices_{instrument.tick, std::nullopt, std::nullopt},
        quantity_rounding_(quantity_rounding),
        price_rounding_(price_rounding) {}

  // Nothing where `text` is empty.
  absl::Status Quantity(std::string_view field, std::string_view text,
                        OptionalDecimal& value) const {
    return Fit(field, text, quantities_, quantity_rounding_, value);
  }
  absl::Status Price(std::string_view field, std::string_view text, OptionalDecimal& value) const {
    return Fit(field, text, prices_, price_rounding_, value);
  }
  // Of a price that CheckTicket requires.
  absl::Status Price(std::string_view field, std::string_view text, Decimal& value) const {
    OptionalDecimal fitted;
    SWITCHYARD_RETURN_IF_ERROR(Price(field, text, fitted));
    if (!fitted) return InvalidField(field, "is required");
    value = *fitted;
    return absl::OkStatus();
  }

 private:
  static absl::Status Fit(std::string_view field, std::string_view text, const Grid& grid,
                          Rounding rounding, OptionalDecimal& value) {
    value.reset();
    if (text.empty()) return absl::OkStatus();
    SWITCHYARD_ASSIGN_OR_RETURN(const Decimal parsed, ParsePositive(field, text));
    SWITCHYARD_ASSIGN_OR_RETURN(value, FitToGrid(field, parsed, grid, rounding));
    return absl::OkStatus();
  }

  const Grid quantities_, prices_;
  const Rounding quantity_rounding_, price_rounding_;
};

bool WatchesContractPrice(const v1::Trigger& trigger) {
  return trigger.reference() == v1::TRIGGER_REFERENCE_MARK ||
         trigger.reference() == v1::TRIGGER_REFERENCE_INDEX;
}

// What contracts alone have.
absl::Status CheckKind(const v1::OrderTicket& ticket, const model::Instrument& instrument) {
  if (instrument.kind != model::InstrumentKind::kSpot) return absl::OkStatus();
  if (ticket.reduce_only()) return InvalidField("reduce_only", "is for contracts alone");
  if (ticket.close_position()) return InvalidField("close_position", "is for contracts alone");
  if (ticket.position_side() != common::v1::POSITION_SIDE_UNSPECIFIED) {
    return InvalidField("position_side", "is for contracts alone");
  }
  if (WatchesContractPrice(ticket.trigger())) {
    return InvalidField("trigger.reference", "spot markets have the LAST price alone");
  }
  if (WatchesContractPrice(ticket.take_profit().trigger())) {
    return InvalidField("take_profit.trigger.reference", "spot markets have the LAST price alone");
  }
  if (WatchesContractPrice(ticket.stop_loss().trigger())) {
    return InvalidField("stop_loss.trigger.reference", "spot markets have the LAST price alone");
  }
  return absl::OkStatus();
}

v1::TriggerReference EffectiveReference(const v1::Trigger& trigger) {
  return trigger.reference() == v1::TRIGGER_REFERENCE_UNSPECIFIED ? v1::TRIGGER_REFERENCE_LAST
                                                                  : trigger.reference();
}

absl::Status FillTriggers(const v1::OrderTicket& ticket, const Fitter& fit,
                          model::OrderTerms& terms) {
  if (!IsConditional(ticket.type())) return absl::OkStatus();
  terms.trigger.emplace().reference = EffectiveReference(ticket.trigger());
  if (ticket.type() != v1::ORDER_TYPE_TRAILING_STOP) {
    return fit.Price("trigger.price", ticket.trigger().price(), terms.trigger->price);
  }
  const v1::Trailing& trailing = ticket.trailing();
  model::OrderTrailing& out = terms.trailing.emplace();
  if (trailing.has_rate()) {
    SWITCHYARD_ASSIGN_OR_RETURN(out.rate, ParsePositive("trailing.rate", trailing.rate()));
  } else {
    SWITCHYARD_ASSIGN_OR_RETURN(out.amount, ParsePositive("trailing.amount", trailing.amount()));
  }
  return fit.Price("trailing.activation_price", trailing.activation_price(), out.activation_price);
}

absl::Status FillAttached(const std::string& field, const v1::AttachedOrder& attached,
                          const Fitter& fit, std::optional<model::AttachedTerms>& terms) {
  model::AttachedTerms& out = terms.emplace();
  out.trigger.reference = EffectiveReference(attached.trigger());
  SWITCHYARD_RETURN_IF_ERROR(
      fit.Price(field + ".trigger.price", attached.trigger().price(), out.trigger.price));
  SWITCHYARD_RETURN_IF_ERROR(fit.Price(field + ".price", attached.price(), out.price));
  return fit.Quantity(field + ".quantity", attached.quantity(), out.quantity);
}

absl::Status FillValues(const v1::OrderTicket& ticket, const model::Instrument& instrument,
                        model::OrderTerms& terms) {
  const Fitter fit(instrument, DirectionOf(ticket.quantity_rounding(), ticket.side()),
                   DirectionOf(ticket.price_rounding(), ticket.side()));
  SWITCHYARD_RETURN_IF_ERROR(fit.Quantity("quantity", ticket.quantity(), terms.quantity));
  if (!ticket.quote_quantity().empty()) {
    SWITCHYARD_ASSIGN_OR_RETURN(terms.quote_quantity,
                                ParsePositive("quote_quantity", ticket.quote_quantity()));
  }
  SWITCHYARD_RETURN_IF_ERROR(fit.Price("price", ticket.price(), terms.price));
  SWITCHYARD_RETURN_IF_ERROR(fit.Price("worst_price", ticket.worst_price(), terms.worst_price));
  SWITCHYARD_RETURN_IF_ERROR(FillTriggers(ticket, fit, terms));
  // Attached orders are of the other side: away from the market is the other way for them.
  const common::v1::Side other =
      ticket.side() == common::v1::SIDE_BUY ? common::v1::SIDE_SELL : common::v1::SIDE_BUY;
  const Fitter fit_other(instrument, DirectionOf(ticket.quantity_rounding(), other),
                         DirectionOf(ticket.price_rounding(), other));
  if (ticket.has_take_profit()) {
    SWITCHYARD_RETURN_IF_ERROR(
        FillAttached("take_profit", ticket.take_profit(), fit_other, terms.take_profit));
  }
  if (ticket.has_stop_loss()) {
    SWITCHYARD_RETURN_IF_ERROR(
        FillAttached("stop_loss", ticket.stop_loss(), fit_other, terms.stop_loss));
  }
  return absl::OkStatus();
}

// `field` is the one to change.
absl::Status CheckNotional(std::string_view field, const model::OrderTerms& terms,
                           const model::Instrument& instrument) {
  if (!instrument.min_notional || terms.reduce_only) return absl::OkStatus();
  OptionalDecimal value = terms.quote_quantity;
  if (terms.quantity && terms.price) {
    const absl::StatusOr<Decimal> product = Decimal::Multiply(*terms.quantity, *terms.price);
    if (!product.ok()) return InvalidField(field, "the order's value exceeds 38 digits");
    value = *product;
  }
  if (!value || *value >= *instrument.min_notional) return absl::OkStatus();
  return InvalidField(field, fmt::format("the order's value {} {} is below the smallest, {}",
                                         value->ToShortString(), instrument.quote,
                                         instrument.min_notional->ToString()));
}

}  // namespace

absl::StatusOr<model::OrderTerms> TermsOf(const v1::OrderTicket& ticket,
                                          const model::Instrument& instrument, TimeNs now) {
  SWITCHYARD_RETURN_IF_ERROR(CheckKind(ticket, instrument));
  model::OrderTerms terms;
  terms.side = ticket.side();
  terms.type = ticket.type();
  terms.time_in_force = EffectiveTimeInForce(ticket);
  terms.expire_time = TimeNs(ticket.expire_time_ns());
  if (terms.expire_time.given() && terms.expire_time <= now) {
    return InvalidField("expire_time_ns", "has passed");
  }
  terms.post_only = ticket.post_only();
  terms.reduce_only = ticket.reduce_only();
  terms.close_position = ticket.close_position();
  terms.position_side = ticket.position_side() == common::v1::POSITION_SIDE_NET
                            ? common::v1::POSITION_SIDE_UNSPECIFIED
                            : ticket.position_side();
  terms.self_trade_prevention = ticket.self_trade_prevention();
  SWITCHYARD_RETURN_IF_ERROR(FillValues(ticket, instrument, terms));
  SWITCHYARD_RETURN_IF_ERROR(
      CheckNotional(terms.quote_quantity ? "quote_quantity" : "quantity", terms, instrument));
  return terms;
}

v1::SentValues SentOf(const model::OrderTerms& terms) {
  v1::SentValues sent;
  if (terms.quantity) sent.set_quantity(terms.quantity->ToString());
  if (terms.quote_quantity) sent.set_quote_quantity(terms.quote_quantity->ToString());
  if (terms.price) sent.set_price(terms.price->ToString());
  if (terms.worst_price) sent.set_worst_price(terms.worst_price->ToString());
  if (terms.trigger && !terms.trailing) sent.set_trigger_price(terms.trigger->price.ToString());
  if (terms.trailing && terms.trailing->activation_price) {
    sent.set_activation_price(terms.trailing->activation_price->ToString());
  }
  if (terms.take_profit) {
    sent.set_take_profit_trigger_price(terms.take_profit->trigger.price.ToString());
    if (terms.take_profit->price) sent.set_take_profit_price(terms.take_profit->price->ToString());
  }
  if (terms.stop_loss) {
    sent.set_stop_loss_trigger_price(terms.stop_loss->trigger.price.ToString());
    if (terms.stop_loss->price) sent.set_stop_loss_price(terms.stop_loss->price->ToString());
  }
  return sent;
}

absl::Status CheckAmend(const v1::AmendOrderRequest& request) {
  SWITCHYARD_RETURN_IF_ERROR(CheckOrderKey("order", request.order()));
  SWITCHYARD_RETURN_IF_ERROR(CheckId("request_id", request.request_id()));
  if (!request.has_quantity() && !request.has_price() && !request.has_trigger_price()) {
    return InvalidField("quantity", "nothing is to be amended");
  }
  if (request.has_quantity()) {
    SWITCHYARD_RETURN_IF_ERROR(ParsePositive("quantity", request.quantity()).status());
  }
  if (request.has_price()) {
    SWITCHYARD_RETURN_IF_ERROR(ParsePositive("price", request.price()).status());
  }
  if (request.has_trigger_price()) {
    SWITCHYARD_RETURN_IF_ERROR(ParsePositive("trigger_price", request.trigger_price()).status());
  }
  if (!v1::Rounding_IsValid(request.quantity_rounding()) ||
      request.quantity_rounding() == v1::ROUNDING_AWAY_FROM_MARKET) {
    return InvalidField("quantity_rounding", "must be EXACT or DOWN");
  }
  if (!v1::Rounding_IsValid(request.price_rounding())) {
    return InvalidField("price_rounding", "must be EXACT, DOWN or AWAY_FROM_MARKET");
  }
  return absl::OkStatus();
}

absl::StatusOr<Amendment> AmendmentOf(const v1::AmendOrderRequest& request,
                                      const model::OrderTerms& current, const Decimal& filled,
                                      const model::Instrument& instrument) {
  const Fitter fit(instrument, DirectionOf(request.quantity_rounding(), current.side),
                   DirectionOf(request.price_rounding(), current.side));
  Amendment amendment{.terms = current, .quantity = {}, .price = {}, .trigger_price = {}};
  if (request.has_quantity()) {
    if (!current.quantity) return InvalidField("quantity", "the order has none");
    SWITCHYARD_RETURN_IF_ERROR(fit.Quantity("quantity", request.quantity(), amendment.quantity));
    amendment.terms.quantity = amendment.quantity;
    if (*amendment.quantity <= filled) {
      return InvalidField(
          "quantity", fmt::format("{} is not above the filled {}", amendment.quantity->ToString(),
                                  filled.ToShortString()));
    }
  }
  if (request.has_price()) {
    if (!current.price) return InvalidField("price", "the order has none");
    SWITCHYARD_RETURN_IF_ERROR(fit.Price("price", request.price(), amendment.price));
    amendment.terms.price = amendment.price;
  }
  if (request.has_trigger_price()) {
    if (!current.trigger || current.trailing) {
      return InvalidField("trigger_price", "the order has none");
    }
    SWITCHYARD_RETURN_IF_ERROR(
        fit.Price("trigger_price", request.trigger_price(), amendment.trigger_price));
    amendment.terms.trigger->price = *amendment.trigger_price;
  }
  SWITCHYARD_RETURN_IF_ERROR(
      CheckNotional(request.has_quantity() ? "quantity" : "price", amendment.terms, instrument));
  return amendment;
}

}  // namespace switchyard::order::risk
