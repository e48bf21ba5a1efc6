#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/json/json.h"
#include "common/model/market_data.h"
#include "exchanges/lighter/rest/rest_request.h"
#include "exchanges/lighter/wire.h"

// The markets: what is listed, in which steps and with which margins. Pure; any thread.
namespace switchyard::exchanges::lighter {

// GET orderBookDetails of all markets, perpetual and spot.
RestRequest MarketsRequest();

// One row of `orderBookDetails` or `orderBooks`.
// Errors: Internal, naming the field (also where `market_type` is missing: ids say nothing).
absl::StatusOr<wire::Market> ReadMarket(const json::Json& row);

// The rows of an answer. What cannot be read is left out, so that one strange listing does not take
// all others away; an answer of which nothing can is an error.
absl::StatusOr<std::vector<wire::Market>> DecodeMarkets(const std::string& body);

// Their instruments, those that cannot be made left out as above. Of two markets with one canonical
// symbol the one that trades goes first, then the one without lots, then the newer.
absl::StatusOr<std::vector<model::Instrument>> ToInstruments(
    const std::vector<wire::Market>& markets, std::string_view exchange,
    std::string_view collateral);

}  // namespace switchyard::exchanges::lighter
