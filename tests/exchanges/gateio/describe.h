#pragma once

#include <string>

#include "common/json/json.h"
#include "common/model/market_data.h"
#include "exchanges/gateio/channels.h"
#include "exchanges/gateio/market_data/book_snapshot.h"
#include "exchanges/gateio/utils/converters.h"
#include "exchanges/gateio/wire.h"

// What was understood, as JSON: what is not given is left out, times are nanoseconds, decimals are
// text. Long lists of levels are told by their number and ends.
namespace switchyard::exchanges::gateio {

json::Json Describe(Product product, const wire::Push& push);
json::Json Describe(const model::Instrument& instrument);
json::Json Describe(const BookSnapshot& book, const Units& units);
json::Json Describe(const model::TradesPage& page);
json::Json Describe(const model::CandlesPage& page);
json::Json Describe(const model::TickersReply& reply);
json::Json Describe(const model::FundingRatesReply& reply);
json::Json Describe(const absl::Status& status);

}  // namespace switchyard::exchanges::gateio
