#include "exchanges/gateio/account/fees.h"

#include "common/json/json.h"
#include "common/status/status.h"
#include "exchanges/gateio/endpoints.h"
#include "exchanges/gateio/rest/answer.h"

namespace switchyard::exchanges::gateio {
namespace {

absl::StatusOr<account::v1::FeeRates> ReadRates(const json::Json& object, std::string_view prefix) {
  account::v1::FeeRates out;
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal maker,
                              json::RequireDecimal(object, std::string(prefix) + "maker_fee"));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal taker,
                              json::RequireDecimal(object, std::string(prefix) + "taker_fee"));
  out.set_maker_rate(maker.ToShortString());
  out.set_taker_rate(taker.ToShortString());
  return out;
}

}  // namespace

RestRequest FeesRequest(Product product, const model::Instrument* instrument) {
  RestRequest request;
  if (instrument == nullptr) {
    request.path = request.limit = paths::kWalletFee;
  } else if (product == Product::kSpot) {
    request.path = request.limit = paths::kSpotBatchFee;
    request.query = {{"currency_pairs", instrument->exchange_symbol}};
  } else {
    request.path = request.limit = paths::kFuturesFee;
    request.query = {{"contract", instrument->exchange_symbol}};
  }
  return request;
}

absl::StatusOr<account::v1::FeeRates> DecodeFees(const std::string& body, Product product,
                                                 const model::Instrument* instrument) {
  SWITCHYARD_ASSIGN_OR_RETURN(const json::Json answer, ParseBody("fee rates", body));
  const json::Json* rates = &answer;
  if (instrument != nullptr) {
    rates = json::Find(answer, instrument->exchange_symbol);
    if (rates == nullptr) {
      return Unreadable("fee rates", absl::InternalError("none of " + instrument->symbol));
    }
  }
  const bool of_futures = instrument == nullptr && product == Product::kFutures;
  auto read = ReadRates(*rates, of_futures ? "futures_" : "");
  if (!read.ok()) return Unreadable("fee rates", read.status());
  if (instrument != nullptr) read->set_symbol(instrument->symbol);
  return read;
}

}  // namespace switchyard::exchanges::gateio
