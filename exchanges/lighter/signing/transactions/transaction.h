#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "exchanges/lighter/signing/field/quintic.h"
#include "exchanges/lighter/signing/schnorr/private_key.h"
#include "exchanges/lighter/signing/transactions/accounts.h"
#include "exchanges/lighter/signing/transactions/attributes.h"
#include "exchanges/lighter/signing/transactions/orders.h"
#include "exchanges/lighter/signing/transactions/pools.h"

// Transactions: checked, hashed, signed and written. All functions are pure; any thread.
namespace switchyard::exchanges::lighter::signing {

// Part of every hash: a transaction that is signed for another chain has a bad signature there.
// Source: reference 0.
enum class ChainId : std::uint32_t {
  kTestnet = 300,
  kMainnet = 304,
  kRobinhood = 466324,
};

using Transaction =
    std::variant<CreateOrder, CreateGroupedOrders, CancelOrder, CancelAllOrders, ModifyOrder,
                 UpdateLeverage, UpdateMargin, Transfer, Withdraw, ChangePubKey, CreateSubAccount,
                 ApproveIntegrator, UpdateAccountConfig, UpdateAccountAssetConfig, MintShares,
                 BurnShares, StakeAssets, UnstakeAssets, CreatePublicPool, UpdatePublicPool>;

// What every transaction has.
struct Envelope {
  std::int64_t expired_at = 0;  // milliseconds since 1970; the sequencer drops it afterwards
  std::int64_t nonce = 0;
  Attributes attributes;
};

// What sendTx takes, and the hash by which the exchange will name it: known before sending.
struct SignedTransaction {
  std::uint8_t type = 0;
  std::string info;  // JSON
  std::string hash;  // 80 digits
};

// The exchange's number of the type.
std::uint8_t TypeOf(const Transaction& transaction);

// The rules that the exchange's client library checks; the exchange has more (balances, windows of
// times, market metadata). Whether a market is a spot one is known here only for the ids that were
// always spot, 2048 to 4094: beyond 4094 the rules of either kind are not applied.
// Errors: InvalidArgument, in the library's words. Source: reference 3.10; lighter-go 17f2d60.
absl::Status Validate(const Transaction& transaction, const Envelope& envelope);

// The hash that is signed, attributes included. The transaction need not be valid.
Fp5 HashTransaction(const Transaction& transaction, const Envelope& envelope, ChainId chain);

// The JSON text with a signature that somebody made.
std::string WriteTransaction(const Transaction& transaction, const Envelope& envelope,
                             const Signature& signature);

// Validates, hashes, signs, writes. A ChangePubKey has to be signed by its own new key.
// Errors: InvalidArgument.
absl::StatusOr<SignedTransaction> SignTransaction(const Transaction& transaction,
                                                  const Envelope& envelope, ChainId chain,
                                                  const PrivateKey& key);

}  // namespace switchyard::exchanges::lighter::signing
