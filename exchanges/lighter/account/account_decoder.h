#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/json/json.h"
#include "common/model/market_data.h"
#include "exchanges/lighter/account/account_answer.h"
#include "switchyard/account/v1/account.pb.h"

// Accounts and balances as Lighter tells them. Pure; any thread.
// Source: protocol reference 1.3 (DetailedAccount), 2.2 (user_stats, account_all_assets), 6.11.
//
// Which figures are the exchange's own word and which are made here, for the two disagree between
// paths:
//
// | figure             | REST `account`                     | channel `user_stats`             |
// |--------------------|------------------------------------|----------------------------------|
// | equity             | derived from total_asset_value     | derived from portfolio_value     |
// | total_asset_value  | stated                             | derived from portfolio_value     |
// | available          | stated                             | stated                           |
// | collateral         | stated                             | stated                           |
// | margin_used        | cross: stated, initial requirement | derived: portfolio - available   |
// | maintenance_margin | cross: stated                      | -                                |
// | margin_usage       | -                                  | stated, in per cent              |
// | leverage           | -                                  | stated                           |
// | buying_power       | -                                  | stated                           |
// | unrealised_profit  | derived: sum of the positions'     | -                                |
//
// "Derived" is also what is stated under a name that no source says to mean the same. Of balances,
// `available` is derived: balance - locked.
//
// Errors: Internal, MALFORMED_EXCHANGE_MESSAGE.
namespace switchyard::exchanges::lighter {

// One account as a message tells it; neither exchange nor account are set, and no figure has an age
// yet.
struct RawAccount {
  account::v1::Account account;
  // By assets; empty where the message has none. Currencies as the exchange spells them.
  std::vector<account::v1::Balance> balances;
};

// `collateral` is the network's currency, in which all figures are.
absl::StatusOr<RawAccount> DecodeAccount(const AccountAnswer& answer, std::string_view collateral);

// A frame of the channel `user_stats`.
absl::StatusOr<account::v1::Account> ReadUserStats(const json::Json& frame,
                                                   std::string_view collateral);

// Assets by id, or a list of them: of each what its spot wallet holds and, where it is told, what
// secures perpetuals.
absl::StatusOr<std::vector<account::v1::Balance>> ReadAssets(const json::Json& assets,
                                                             model::Source source);

}  // namespace switchyard::exchanges::lighter
