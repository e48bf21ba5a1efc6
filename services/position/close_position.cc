#include "services/position/close_position.h"

#include <fmt/format.h>

#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"
#include "services/accounts/requests.h"
#include "services/position/position_lookup.h"

namespace switchyard::position {
namespace {

using exchange::CommandFate;

constexpr std::string_view kCommand = "closing a position";
constexpr std::chrono::milliseconds kDefaultInputAge{5'000};
constexpr std::string_view kDefaultCollar = "0.05";

absl::Status StaleInput(std::string_view input, std::chrono::nanoseconds age,
                        std::string_view message) {
  return MakeError(absl::StatusCode::kFailedPrecondition, common::v1::ERROR_REASON_RISK_INPUT_STALE,
                   message,
                   {{"input", std::string(input)}, {"age_ns", fmt::to_string(age.count())}});
}

absl::Status NotRepresentable(std::string_view field, const Decimal& value, const Decimal& step) {
  const auto below = value.RoundedToStep(step, Rounding::kFloor);
  const auto above = value.RoundedToStep(step, Rounding::kCeiling);
  std::string nearest;
  if (below.ok() && !below->is_zero()) nearest = below->ToShortString();
  if (above.ok()) nearest += (nearest.empty() ? "" : ",") + above->ToShortString();
  return MakeError(
      absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_NOT_REPRESENTABLE,
      fmt::format("{} {} is no multiple of {}", field, value.ToString(), step.ToShortString()),
      {{"field", std::string(field)}, {"nearest", nearest}});
}

bool IsMultiple(const Decimal& value, const Decimal& step) {
  return value.RoundedToStep(step, Rounding::kExact).ok();
}

// The side of the order that closes.
common::v1::Side ClosingSide(const v1::Position& position) {
  return position.side() == common::v1::SIDE_BUY ? common::v1::SIDE_SELL : common::v1::SIDE_BUY;
}

}  // namespace

absl::StatusOr<Collar> Collar::From(const config::v1::RiskConfig& config) {
  const std::string text =
      config.price_collar().empty() ? std::string(kDefaultCollar) : config.price_collar();
  const auto fraction = Decimal::Parse(text);
  if (!fraction.ok() || fraction->is_negative() || *fraction >= Decimal::FromInt(1)) {
    return InvalidField("risk.price_collar", fmt::format("'{}' is no fraction below 1", text));
  }
  return Collar{*fraction, config.has_max_input_age_ms()
                               ? std::chrono::milliseconds(config.max_input_age_ms())
                               : kDefaultInputAge};
}

absl::StatusOr<Decimal> WorstPrice(const model::Quote& quote, const model::Instrument& instrument,
                                   common::v1::Side side, const Collar& collar) {
  const bool sell = side == common::v1::SIDE_SELL;
  const std::string_view input = sell ? "best_bid" : "best_ask";
  const std::int64_t mantissa = sell ? quote.bid.price : quote.ask.price;
  if (quote.age > collar.max_input_age) {
    return StaleInput(input, quote.age,
                      fmt::format("{} of {} is {} ms old", input, instrument.symbol,
                                  quote.age.count() / 1'000'000));
  }
  if (mantissa <= 0) {
    return StaleInput(input, quote.age, fmt::format("{} has no {}", instrument.symbol, input));
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal best,
                              Decimal::FromMantissa(mantissa, quote.price_scale));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal distance, Decimal::Multiply(best, collar.fraction));
  SWITCHYARD_ASSIGN_OR_RETURN(
      const Decimal worst, sell ? Decimal::Subtract(best, distance) : Decimal::Add(best, distance));
  return worst.RoundedToStep(instrument.tick, sell ? Rounding::kCeiling : Rounding::kFloor);
}

void ClosePosition::Run(const Parts& parts, Terms terms) {
  std::shared_ptr<ClosePosition>(new ClosePosition(parts, std::move(terms)))->Begin();
}

ClosePosition::ClosePosition(const Parts& parts, Terms terms)
    : parts_(parts),
      terms_(std::move(terms)),
      exchange_client_id_(parts_.account.client->ExchangeClientId(terms_.request.request_id())) {}

void ClosePosition::Begin() {
  if (terms_.worst_price && !IsMultiple(*terms_.worst_price, terms_.instrument.tick)) {
    return RetryLater(NotRepresentable("worst_price", *terms_.worst_price, terms_.instrument.tick));
  }
  // This process may have been restarted since the request was first made.
  parts_.account.client->FindClose(
      terms_.request.symbol(), exchange_client_id_,
      [self = shared_from_this()](absl::StatusOr<exchange::CommandResult> found) {
        self->OnFound(std::move(found));
      });
}

void ClosePosition::OnFound(absl::StatusOr<exchange::CommandResult> found) {
  if (found.ok() && found->fate == CommandFate::kConfirmed) {
    return Confirm(found->report, /*replayed=*/true);
  }
  if (found.ok() && found->fate == CommandFate::kRefused) return Refuse(found->status);
  if (terms_.unknown_since.given()) {
    // It may still arrive: never sent again.
    const absl::Status status =
        found.ok() ? absl::UnknownError("the exchange does not show it") : found.status();
    return parts_.ledger.Settle(terms_.request.request_id(), CommandFate::kUnknown,
                                accounts::ErrorOf(CommandFate::kUnknown, status, kCommand),
                                terms_.unknown_since);
  }
  if (!found.ok()) return RetryLater(found.status());
  ReadPosition();
}

void ClosePosition::ReadPosition() {
  parts_.account.client->ListPositions(
      {terms_.request.symbol()}, std::chrono::nanoseconds(0),
      [self = shared_from_this()](absl::StatusOr<exchange::PositionsReply> reply) {
        self->OnPositions(std::move(reply));
      });
}

void ClosePosition::OnPositions(absl::StatusOr<exchange::PositionsReply> reply) {
  if (!reply.ok()) return RetryLater(reply.status());
  const std::string& symbol = terms_.request.symbol();
  const auto position = FindPosition(reply->positions, symbol, terms_.request.position_side());
  if (!position.ok()) return RetryLater(position.status());
  if (*position == nullptr) {
    return RetryLater(
        MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_POSITION,
                  fmt::format("{} has no position in {}", parts_.account.name(), symbol)));
  }
  command_.position = **position;
  const auto size = Decimal::Parse(command_.position.size().value());
  if (!size.ok()) return RetryLater(size.status());
  command_.quantity = terms_.quantity && *terms_.quantity < *size ? *terms_.quantity : *size;
  if (command_.quantity != *size && !IsMultiple(command_.quantity, terms_.instrument.step)) {
    return RetryLater(NotRepresentable("quantity", command_.quantity, terms_.instrument.step));
  }
  command_.exchange_client_id = exchange_client_id_;
  command_.worst_price = terms_.worst_price;
  command_.worst_price ? Send() : ReadQuote();
}

void ClosePosition::ReadQuote() {
  exchange::QuoteQuery query;
  query.symbol = terms_.request.symbol();
  query.max_age = terms_.collar.max_input_age;
  parts_.market_data.GetQuote(
      std::move(query), [self = shared_from_this()](absl::StatusOr<model::Quote> quote) {
        if (!quote.ok()) return self->RetryLater(quote.status());
        const auto worst = WorstPrice(*quote, self->terms_.instrument,
                                      ClosingSide(self->command_.position), self->terms_.collar);
        if (!worst.ok()) return self->RetryLater(worst.status());
        self->command_.worst_price = *worst;
        self->Send();
      });
}

void ClosePosition::Send() {
  sent_at_ = parts_.clock.Now();
  log::Info("close_position", {{"exchange", parts_.account.exchange},
                               {"account", parts_.account.name()},
                               {"symbol", terms_.request.symbol()},
                               {"request_id", terms_.request.request_id()},
                               {"quantity", command_.quantity.ToString()}});
  parts_.account.client->Close(
      command_, [self = shared_from_this()](absl::StatusOr<exchange::CommandResult> result) {
        self->OnResult(result.ok() ? *result
                                   : exchange::CommandResult{.fate = CommandFate::kUnknown,
                                                             .status = result.status(),
                                                             .report = std::nullopt,
                                                             .submit_time = {}});
      });
}

void ClosePosition::OnResult(const exchange::CommandResult& result) {
  if (result.fate == CommandFate::kConfirmed) return Confirm(result.report, /*replayed=*/false);
  parts_.ledger.Settle(terms_.request.request_id(), result.fate,
                       accounts::ErrorOf(result.fate, result.status, kCommand), sent_at_);
}

void ClosePosition::Refuse(const absl::Status& status) {
  parts_.ledger.Settle(terms_.request.request_id(), CommandFate::kRefused,
                       accounts::ErrorOf(CommandFate::kRefused, status, kCommand), {});
}

void ClosePosition::RetryLater(const absl::Status& status) {
  parts_.ledger.Settle(terms_.request.request_id(), CommandFate::kNotSent,
                       accounts::ErrorOf(CommandFate::kNotSent, status, kCommand), {});
}

void ClosePosition::Confirm(const std::optional<model::OrderReport>& report, bool replayed) {
  v1::ClosePositionResponse response;
  response.set_exchange_client_id(exchange_client_id_);
  response.set_replayed(replayed);
  if (report) response.set_exchange_order_id(report->exchange_order_id);
  if (!replayed) {
    response.set_sent_quantity(command_.quantity.ToShortString());
    if (command_.worst_price) {
      response.set_sent_worst_price(command_.worst_price->ToShortString());
    }
    *response.mutable_position() = command_.position;
  } else if (report) {
    if (report->terms.quantity) {
      response.set_sent_quantity(report->terms.quantity->ToShortString());
    }
    if (report->terms.price) response.set_sent_worst_price(report->terms.price->ToShortString());
  }
  parts_.ledger.Settle(terms_.request.request_id(), CommandFate::kConfirmed, std::move(response),
                       {});
}

}  // namespace switchyard::position
