#pragma once

#include <cstdint>
#include <string>

#include "services/simulator/exchanges/gateio/listing.h"
#include "services/simulator/json_writer.h"

namespace switchyard::simulator::gateio {

// Fields of objects that REST and WebSocket share; the caller opens and closes the object.

// A ticker. `rest` adds what only the REST answer has.
void AppendTickerFields(JsonWriter& json, Product product, const Listing& listing, bool rest);
// One row of contract_stats; `time_s` is the start of its minute.
void AppendContractStatsFields(JsonWriter& json, const Listing& listing, std::int64_t time_s);

// A funding rate, "0.0001".
std::string RateText(std::int64_t millionths);
// (last - open) / open in percent with two decimals, "-1.83".
std::string ChangePercentage(const engine::DayStatistics& day);

}  // namespace switchyard::simulator::gateio
