#include "exchanges/gateio/futures/position/closing_order.h"

#include <fmt/format.h>

#include "common/crypto/bytes.h"
#include "common/crypto/sha.h"
#include "common/json/json.h"
#include "common/status/status.h"
#include "exchanges/gateio/endpoints.h"
#include "exchanges/gateio/rest/answer.h"

namespace switchyard::exchanges::gateio::futures {
namespace {

constexpr std::string_view kTextPrefix = "t-swc-";
constexpr std::size_t kHashDigits = 24;
// A quotient of two numbers of at most 18 decimals each.
constexpr int kContractDecimals = 18;

absl::Status NotRepresentable(const Decimal& quantity, const model::Instrument& instrument) {
  return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_NOT_REPRESENTABLE,
                   fmt::format("{} of {} is no number of contracts of {}", quantity.ToString(),
                               instrument.symbol, instrument.multiplier.ToShortString()),
                   {{"field", "quantity"}});
}

}  // namespace

std::string ClosingText(std::string_view request_id) {
  const std::string hash = crypto::ToHex(crypto::Sha256(request_id));
  return std::string(kTextPrefix) + hash.substr(0, kHashDigits);
}

absl::StatusOr<RestRequest> ClosingRequest(const exchange::CloseCommand& command,
                                           const model::Instrument& instrument) {
  const auto contracts =
      Decimal::Divide(command.quantity, instrument.multiplier, kContractDecimals, Rounding::kExact);
  if (!contracts.ok()) return NotRepresentable(command.quantity, instrument);
  const bool is_long = command.position.side() == common::v1::SIDE_BUY;
  const std::string size =
      (is_long ? contracts->Negated() : *contracts).Normalised().ToShortString();
  // Whole sizes as numbers, as in the documentation; others as text, so that none is truncated.
  const bool whole = size.find('.') == std::string::npos;
  RestRequest request;
  request.method = "POST";
  request.path = paths::kFuturesOrders;
  request.limit = paths::kFuturesOrders;
  request.body = fmt::format(
      R"({{"contract":{},"size":{},"price":"{}","tif":"ioc","reduce_only":true,"text":"{}"}})",
      json::Serialise(instrument.exchange_symbol), whole ? size : '"' + size + '"',
      // "0" is a market order.
      command.worst_price ? command.worst_price->ToShortString() : "0", command.exchange_client_id);
  return request;
}

absl::StatusOr<model::OrderReport> DecodeClosingOrder(const std::string& body,
                                                      const model::Instrument& instrument) {
  SWITCHYARD_ASSIGN_OR_RETURN(const json::Json order, ParseBody(paths::kFuturesOrders, body));
  model::OrderReport report;
  report.symbol = instrument.symbol;
  report.exchange_order_id = TextOf(order, "id");
  report.exchange_client_id = TextOf(order, "text");
  const auto size = json::RequireDecimal(order, "size");
  const auto price = json::OptionalDecimal(order, "price");
  if (report.exchange_order_id.empty() || !size.ok() || !price.ok()) {
    return Unreadable(paths::kFuturesOrders, absl::InternalError("an order without id or size"));
  }
  SWITCHYARD_ASSIGN_OR_RETURN(report.terms.quantity,
                              Decimal::Multiply(size->Absolute(), instrument.multiplier));
  report.terms.reduce_only = true;
  if (*price && !(*price)->is_zero()) report.terms.price = **price;
  report.source = model::Source::kRest;
  return report;
}

RestRequest FindClosingRequest(std::string_view text) {
  RestRequest request;
  request.path = fmt::format("{}/{}", paths::kFuturesOrders, text);
  request.limit = paths::kFuturesOrders;
  return request;
}

RestRequest MarginRequest(const exchange::MarginCommand& command,
                          const model::Instrument& instrument) {
  const bool is_long = command.position_side == common::v1::POSITION_SIDE_LONG;
  const bool is_short = command.position_side == common::v1::POSITION_SIDE_SHORT;
  RestRequest request;
  request.method = "POST";
  request.limit = paths::kFuturesPositions;
  request.path = fmt::format(
      "{}/{}/margin", is_long || is_short ? paths::kFuturesDualPositions : paths::kFuturesPositions,
      instrument.exchange_symbol);
  request.query.emplace_back("change", command.amount.ToShortString());
  if (is_long) request.query.emplace_back("dual_side", "dual_long");
  if (is_short) request.query.emplace_back("dual_side", "dual_short");
  return request;
}

}  // namespace switchyard::exchanges::gateio::futures
