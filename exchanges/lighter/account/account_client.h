#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/exchange/account_client.h"
#include "common/exchange/client_context.h"
#include "exchanges/registry.h"

namespace switchyard::exchanges::lighter {

// The account half of one account: figures and balances. The channels of statistics and assets tell
// changes; at the start, after each reconnect and every 30 s the account is read whole over REST,
// which tells what the channels do not (account_decoder.h says who states each figure).
// Errors: InvalidArgument, naming the field.
absl::StatusOr<std::unique_ptr<exchange::AccountClient>> CreateAccountClient(
    const AccountOptions& options, const exchange::ClientContext& context);

}  // namespace switchyard::exchanges::lighter
