#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "common/json/json.h"
#include "common/model/market_data.h"
#include "common/model/order.h"

// Lighter's orders and trades as the house's reports: the same objects come over REST and on the
// private channels. Pure; any thread. Source: protocol reference 1.3 and 6.
//
// Errors: Internal, MALFORMED_EXCHANGE_MESSAGE; NotFound, UNKNOWN_INSTRUMENT, for a market that is
// not listed (any more).
namespace switchyard::exchanges::lighter {

// Where a message came from.
struct Origin {
  const model::InstrumentTable& instruments;
  std::int64_t account_index = 0;  // ours
  TimeNs receive_time;             // our clock
  model::Source source = model::Source::kWebSocket;
};

// The instrument of a market id. Errors: NotFound, UNKNOWN_INSTRUMENT.
absl::StatusOr<const model::Instrument*> InstrumentOfMarket(const model::InstrumentTable& table,
                                                            std::int64_t market_id);

// A text of the exchange in lots and per lot, as base units and per base unit.
absl::StatusOr<Decimal> ToQuantity(const Decimal& lots, const model::Instrument& instrument);
absl::StatusOr<Decimal> ToPrice(const Decimal& per_lot, const model::Instrument& instrument);

absl::StatusOr<model::OrderReport> ReadOrder(const json::Json& order, const Origin& origin);

// The account's own side of a trade; both sides where it traded with itself, whose ids then end in
// "-ask" and "-bid". Empty for a trade of others.
absl::StatusOr<std::vector<model::FillReport>> ReadFills(const json::Json& trade,
                                                         const Origin& origin);

}  // namespace switchyard::exchanges::lighter
