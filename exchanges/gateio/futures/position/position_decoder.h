#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"
#include "common/json/json.h"
#include "common/model/market_data.h"
#include "common/time/time.h"
#include "exchanges/gateio/account/figure.h"
#include "switchyard/common/v1/values.pb.h"

// Positions as Gate.io tells them, in house units. Pure; any thread.
namespace switchyard::exchanges::gateio::futures {

// One position, as far as one message tells it. A push has fewer fields than a REST answer.
struct RawPosition {
  model::InstrumentId instrument;
  std::string symbol;  // canonical
  common::v1::PositionSide side = common::v1::POSITION_SIDE_NET;
  Figure size;  // base units, negative = short
  common::v1::MarginMode margin_mode = common::v1::MARGIN_MODE_UNSPECIFIED;
  std::string raw_margin_mode;     // UNRECOGNISED
  std::optional<Figure> leverage;  // what applies; in cross mode the limit
  std::optional<Figure> entry_price, mark_price, liquidation_price;
  std::optional<Figure> value, margin, maintenance_margin, maintenance_rate;
  std::optional<Figure> unrealised_profit, realised_profit;
  std::optional<Figure> funding;  // since it was opened
  std::optional<Decimal> max_leverage;
  std::optional<Decimal> taker_rate;  // of the account, a fraction: what closing costs
  std::optional<std::uint32_t> deleverage_rank_percent;
  std::string exchange_position_id;
  TimeNs open_time, exchange_time;
  Stamp stamp;
};

// A list of positions (REST: also a single object), of contracts in `table`. Flat ones of other
// contracts are left out. `stamp` is of the message.
// Errors: Internal, MALFORMED_EXCHANGE_MESSAGE; also where a position that is not flat is of a
// contract that `table` lacks, for what cannot be told must not be taken for flat.
// Source: API v4, "Futures", Position; Futures WebSocket v4, "Positions".
absl::StatusOr<std::vector<RawPosition>> ReadPositions(const json::Json& list,
                                                       const model::InstrumentTable& table,
                                                       const Stamp& stamp);

}  // namespace switchyard::exchanges::gateio::futures
