#include "common/crypto/bytes.h"
#include "common/status/status.h"
#include "exchanges/lighter/signing/transactions/transaction.h"

namespace switchyard::exchanges::lighter::signing {
namespace {

// What revokes a key in its place.
constexpr Bytes40 kNoKey{};

absl::Status CheckSigner(const Transaction& transaction, const PrivateKey& key) {
  const auto* const change = std::get_if<ChangePubKey>(&transaction);
  if (change == nullptr || change->pub_key == kNoKey ||
      change->pub_key == key.public_key().bytes()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("a change of a public key is not signed by the new key");
}

}  // namespace

std::uint8_t TypeOf(const Transaction& transaction) {
  return std::visit([](const auto& typed) { return typed.kType; }, transaction);
}

absl::StatusOr<SignedTransaction> SignTransaction(const Transaction& transaction,
                                                  const Envelope& envelope, ChainId chain,
                                                  const PrivateKey& key) {
  SWITCHYARD_RETURN_IF_ERROR(Validate(transaction, envelope));
  SWITCHYARD_RETURN_IF_ERROR(CheckSigner(transaction, key));
  const Fp5 hash = HashTransaction(transaction, envelope, chain);
  return SignedTransaction{TypeOf(transaction),
                           WriteTransaction(transaction, envelope, key.Sign(hash)),
                           crypto::ToHex(hash.ToBytes())};
}

}  // namespace switchyard::exchanges::lighter::signing
