#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/model/market_data.h"
#include "exchanges/gateio/channels.h"
#include "exchanges/gateio/rest/rest_request.h"
#include "switchyard/account/v1/account.pb.h"

// Fee rates of an account. Pure; any thread.
// Source: API v4, "Spot" batch_fee, "Futures" fee, "Wallet" fee. Of the latter's fields the
// reference names none: `maker_fee`, `taker_fee` and, for futures, `futures_maker_fee`,
// `futures_taker_fee` are inferred.
namespace switchyard::exchanges::gateio {

// `instrument` null: the account's general rates.
RestRequest FeesRequest(Product product, const model::Instrument* instrument);
// Errors: Internal, MALFORMED_EXCHANGE_MESSAGE, also where the market's are missing.
absl::StatusOr<account::v1::FeeRates> DecodeFees(const std::string& body, Product product,
                                                 const model::Instrument* instrument);

}  // namespace switchyard::exchanges::gateio
