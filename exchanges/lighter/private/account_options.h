#pragma once

#include <chrono>
#include <string>

#include "absl/status/statusor.h"
#include "exchanges/lighter/signing/schnorr/private_key.h"
#include "exchanges/lighter/signing/tokens/auth_token.h"
#include "exchanges/lighter/signing/transactions/transaction.h"
#include "switchyard/config/v1/config.pb.h"

namespace switchyard::exchanges::lighter {

// One account of one network and the key that signs for it, validated. Making it makes the
// process's table for signing, so that no order waits for that. Move-only.
struct PrivateAccountOptions {
  std::string exchange, account;  // configured names
  signing::TokenOwner owner;      // the exchange's index of the account, and of the key
  signing::PrivateKey key;
  signing::ChainId chain = signing::ChainId::kMainnet;
  // Transactions go over the WebSocket while one is open; else over REST alone.
  bool orders_over_websocket = true;
  // The sequencer drops a transaction that it has not executed so long after its signature.
  std::chrono::nanoseconds transaction_life{0};

  // How long after a transaction of unknown fate the exchange may still execute it: its life, and
  // what our measure of the exchange's clock is off.
  std::chrono::nanoseconds NotReceivedAfter() const;
};

// `account` is one of config.accounts, its references resolved: `api_key` is the key's index, 0 to
// 254 (the first four are used by the exchange's own apps), `secret` its private key in hex.
// Options: `account_index`, required; `order_entry` (`websocket`, `rest`); `transaction_life_ms`,
// at least the command timeout, at most 10 minutes, 60 s where not given.
// Errors: InvalidArgument, naming the field, and never showing a secret.
absl::StatusOr<PrivateAccountOptions> MakePrivateAccountOptions(
    const config::v1::ExchangeConfig& config, const config::v1::AccountConfig& account,
    std::chrono::nanoseconds command_timeout);

}  // namespace switchyard::exchanges::lighter
