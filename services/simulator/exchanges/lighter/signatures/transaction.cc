#include "services/simulator/exchanges/lighter/signatures/transaction.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/crypto/bytes.h"
#include "services/simulator/exchanges/lighter/signatures/attributes.h"
#include "services/simulator/exchanges/lighter/signatures/bodies.h"
#include "services/simulator/exchanges/lighter/signatures/field_reader.h"
#include "services/simulator/exchanges/lighter/signatures/order_rules.h"
#include "services/simulator/exchanges/lighter/signatures/poseidon2.h"
#include "services/simulator/exchanges/lighter/signatures/ranges.h"

namespace switchyard::simulator::lighter::signatures {
namespace {

const char* AccountKey(TransactionType type) {
  const bool pays = type == TransactionType::kTransfer || type == TransactionType::kWithdraw;
  return pays ? "FromAccountIndex" : "AccountIndex";
}

const Range& ApiKeyRange(TransactionType type) {
  return type == TransactionType::kCancelAllOrders ? ranges::kApiKeyOrAll : ranges::kApiKey;
}

// What the reader of single fields cannot see.
absl::Status CheckRules(const Transaction& transaction, const VerificationContext& context) {
  if (transaction.attributes.cancel_all_market_index.has_value()) {
    const auto* const cancel = std::get_if<CancelAllOrders>(&transaction.body);
    if (cancel == nullptr || cancel->mode != CancelAllMode::kImmediate) {
      return Refuse(Refusal::kInvalidTxInfo, "attribute 5 is for an immediate cancel-all");
    }
  }
  if (const auto* const order = std::get_if<CreateOrder>(&transaction.body)) {
    return CheckOrder(*order, context.is_spot(order->market_index));
  }
  if (const auto* const group = std::get_if<CreateGroupedOrders>(&transaction.body)) {
    return CheckGroup(*group, context.is_spot(group->orders.front().market_index));
  }
  return absl::OkStatus();
}

// The hash that is signed.
Quintic SignedHash(const std::vector<Element>& elements, const std::optional<Quintic>& attributes) {
  const Quintic hash = HashToQuintic(elements);
  if (!attributes.has_value()) return hash;
  std::array<Element, 2 * Quintic::kLimbs> both;
  std::copy(attributes->limbs.begin(), attributes->limbs.end(),
            std::copy(hash.limbs.begin(), hash.limbs.end(), both.begin()));
  return HashToQuintic(both);
}

// `signature` is the value of Sig.
absl::Status CheckSignature(const Json& signature, const PublicKey& key, const Quintic& hash) {
  if (signature.is_null()) return Refuse(Refusal::kInvalidSignature, "Sig is null");
  if (!signature.is_string()) return Refuse(Refusal::kInvalidTxInfo, "Sig is not a text");
  const absl::StatusOr<crypto::Bytes> bytes = crypto::FromBase64(signature.get<std::string>());
  if (!bytes.ok()) return Refuse(Refusal::kInvalidSignature, "Sig is not base64");
  if (bytes->size() != kSignatureSize) {
    return Refuse(Refusal::kInvalidSignature, "Sig is not of 80 bytes");
  }
  if (!VerifySignature(key, hash, SignatureView(*bytes))) {
    return Refuse(Refusal::kInvalidSignature, "another key, chain or content was signed");
  }
  return absl::OkStatus();
}

// With `hash`, what was signed.
struct Unverified {
  Transaction transaction;
  Quintic hash;
  // The value of Sig.
  Json signature;
};

absl::StatusOr<Unverified> Read(TransactionType type, const Json& object,
                                const VerificationContext& context) {
  Unverified read;
  Transaction& transaction = read.transaction;
  FieldReader fields(object);
  fields.AppendElement(ElementOf(context.chain_id));
  fields.AppendElement(ElementOf(static_cast<int>(type)));
  transaction.type = type;
  transaction.nonce = fields.Take("Nonce", ranges::kNonce);
  transaction.expired_at_ms = fields.Take("ExpiredAt", ranges::kExpiredAt);
  transaction.account_index = fields.Take(AccountKey(type), ranges::kAccount);
  transaction.api_key_index = fields.Take("ApiKeyIndex", ApiKeyRange(type));
  absl::StatusOr<TransactionBody> body = ReadBody(type, fields);
  if (!body.ok()) return body.status();
  transaction.body = *std::move(body);
  const Json* const attributes = fields.Find("L2TxAttributes");
  const Json* const signature = fields.Need("Sig");
  fields.RefuseUnknownKeys();
  if (!fields.status().ok()) return fields.status();
  read.signature = *signature;

  const absl::StatusOr<ReadAttributes> parsed =
      ParseAttributes(attributes == nullptr ? Json() : *attributes);
  if (!parsed.ok()) return parsed.status();
  transaction.attributes = parsed->attributes;
  if (const absl::Status status = CheckRules(transaction, context); !status.ok()) return status;
  read.hash = SignedHash(fields.elements(), parsed->hash);
  transaction.hash = crypto::ToHex(ToBytes(read.hash));
  return read;
}

absl::StatusOr<PublicKey> KeyOf(const Transaction& transaction,
                                const VerificationContext& context) {
  if (const auto* const change = std::get_if<ChangePubKey>(&transaction.body)) {
    return change->new_key;
  }
  return context.keys(transaction.account_index, transaction.api_key_index);
}

}  // namespace

absl::StatusOr<Transaction> VerifyTransaction(int tx_type, std::string_view tx_info,
                                              const VerificationContext& context) {
  const std::optional<Json> object = ParseObject(tx_info);
  if (!object.has_value()) {
    return Refuse(Refusal::kInvalidTxInfo, "not one JSON object without repeated keys");
  }
  absl::StatusOr<Unverified> read = Read(static_cast<TransactionType>(tx_type), *object, context);
  if (!read.ok()) return read.status();
  const absl::StatusOr<PublicKey> key = KeyOf(read->transaction, context);
  if (!key.ok()) return key.status();
  const absl::Status status = CheckSignature(read->signature, *key, read->hash);
  if (!status.ok()) return status;
  return std::move(read->transaction);
}

}  // namespace switchyard::simulator::lighter::signatures
