#pragma once

#include <string>

#include "common/exchange/account_client.h"
#include "services/account/account_feed.h"
#include "services/accounts/account_directory.h"
#include "services/accounts/request_ledger.h"
#include "switchyard/account/v1/account_service.pb.h"

namespace switchyard::account {

using Accounts = accounts::AccountDirectory<exchange::AccountClient>;
using ServedAccount = Accounts::Account;
using WithdrawLedger = accounts::RequestLedger<v1::WithdrawResponse>;
using TransferLedger = accounts::RequestLedger<v1::TransferResponse>;

// What the service keeps of one account.
struct AccountDesk {
  AccountDesk(const ServedAccount& account, const Decimal& margin_call_ratio, const Clock& clock)
      : feed(account.exchange, account.name(), margin_call_ratio, clock) {}

  AccountFeed feed;
  WithdrawLedger withdrawals;
  TransferLedger transfers;
};

}  // namespace switchyard::account
