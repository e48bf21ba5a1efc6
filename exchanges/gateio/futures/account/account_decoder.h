#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/json/json.h"
#include "exchanges/gateio/account/figure.h"
#include "exchanges/gateio/futures/position/position_decoder.h"
#include "exchanges/gateio/rest/rest_request.h"
#include "switchyard/account/v1/account.pb.h"
#include "switchyard/account/v1/account_events.pb.h"

// The futures account as Gate.io tells it. Pure; any thread. Errors: Internal,
// MALFORMED_EXCHANGE_MESSAGE. Source: API v4, "Futures"; Futures WebSocket v4.
namespace switchyard::exchanges::gateio::futures {

// GET /futures/usdt/accounts. Figures of `now` (steady) = when it was read.
struct RawAccount {
  account::v1::Account account;  // its figures, modes and statistics
  account::v1::Balance balance;  // of the settlement currency
  account::v1::PositionMode position_mode = account::v1::POSITION_MODE_UNSPECIFIED;
};
absl::StatusOr<RawAccount> DecodeAccount(const std::string& body);

account::v1::PositionMode ToPositionMode(std::string_view mode);
// Gate.io's name; empty where it has none.
std::string_view FromPositionMode(account::v1::PositionMode mode);

// A push of futures.balances: one change each. It tells the total alone.
absl::StatusOr<std::vector<account::v1::BalanceChange>> ReadBalanceChanges(const json::Json& list);
// Of the account book's types.
account::v1::BalanceChangeType ToChangeType(std::string_view type);

// The setting of one market, from its one or two positions. Nullopt: they tell none of it.
std::optional<account::v1::LeverageSetting> LeverageOf(const std::vector<RawPosition>& positions,
                                                       const model::Instrument& instrument);

// GET /futures/usdt/risk_limit_tiers, rising. `risk_limit` is where a tier ends.
absl::StatusOr<std::vector<account::v1::LeverageBracket>> DecodeBrackets(const std::string& body);

// What SetLeverage asks for. `is_hedged`: the account holds a long and a short position.
struct LeverageCommand {
  std::string contract;
  Decimal leverage;
  common::v1::MarginMode margin_mode = common::v1::MARGIN_MODE_ISOLATED;  // stays as it is
  common::v1::PositionSide side = common::v1::POSITION_SIDE_UNSPECIFIED;  // UNSPECIFIED = both
  bool is_hedged = false;
};
// Leverage 0 is cross margin: there the limit is set instead.
// Source: API v4, "Futures", update position leverage; set_leverage, whose `dual_side` takes the
// positions' own mode names (inferred).
RestRequest LeverageRequest(const LeverageCommand& command);
RestRequest MarginModeRequest(const std::string& contract, common::v1::MarginMode mode,
                              bool is_hedged);
RestRequest PositionModeRequest(account::v1::PositionMode mode);
// GET the positions of one contract, in either mode.
RestRequest PositionsOfRequest(const std::string& contract, bool is_hedged);

}  // namespace switchyard::exchanges::gateio::futures
