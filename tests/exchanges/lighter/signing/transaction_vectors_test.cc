// Every signed transaction of the vectors: its hashes, its text to the byte, its signature, and
// ours under its public key.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "exchanges/lighter/signing/hash/poseidon2.h"
#include "exchanges/lighter/signing/schnorr/private_key.h"
#include "exchanges/lighter/signing/transactions/l1_text.h"
#include "exchanges/lighter/signing/transactions/transaction.h"
#include "tests/exchanges/lighter/signing/read_transaction.h"
#include "tests/exchanges/lighter/signing/vectors.h"

namespace switchyard::exchanges::lighter::signing {
namespace {

class TransactionVector : public testing::TestWithParam<Vector> {
 protected:
  TransactionVector()
      : read_(
            ReadTransaction(fields().at("tx_type").get<std::int64_t>(), vector().Text("tx_info"))),
        chain_(static_cast<ChainId>(fields().at("chain_id").get<std::uint32_t>())),
        hash_(HashTransaction(read_.transaction, read_.envelope, chain_)) {}

  const Vector& vector() const { return GetParam(); }
  const json::Json& fields() const { return GetParam().fields; }

  const ReadResult read_;
  const ChainId chain_;
  const Fp5 hash_;
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(TransactionVector);

TEST_P(TransactionVector, HasTheHash) {
  EXPECT_EQ(TypeOf(read_.transaction), fields().at("tx_type").get<int>());
  EXPECT_EQ(crypto::ToHex(hash_.ToBytes()), vector().Text("tx_hash"));
  Envelope plain = read_.envelope;
  plain.attributes.clear();
  const Fp5 without = HashTransaction(read_.transaction, plain, chain_);
  if (vector().Has("hash_preimage_elements")) {
    EXPECT_EQ(poseidon2::HashToFp5(vector().Elements("hash_preimage_elements")), without);
    EXPECT_EQ(without.ToBytes(), vector().Hex40("hash_without_attributes"));
  }
  if (vector().Has("attributes_hash")) {
    EXPECT_EQ(HashAttributes(read_.envelope.attributes).ToBytes(),
              vector().Hex40("attributes_hash"));
  }
}

TEST_P(TransactionVector, IsWrittenToTheByte) {
  const auto signature = Signature::FromBytes(read_.signature);
  ASSERT_TRUE(signature.ok()) << signature.status();
  EXPECT_EQ(WriteTransaction(read_.transaction, read_.envelope, *signature),
            vector().Text("tx_info"));
}

TEST_P(TransactionVector, ItsSignatureVerifies) {
  const auto key = PublicKey::FromHex(vector().Text("public_key_hex"));
  const auto signature = Signature::FromBytes(read_.signature);
  ASSERT_TRUE(key.ok() && signature.ok());
  EXPECT_TRUE(Verify(*key, hash_, *signature));
  EXPECT_FALSE(Verify(*key, hash_ + Fp5(Fp(1)), *signature));
}

TEST_P(TransactionVector, OurSignatureVerifiesUnderItsKey) {
  const auto private_key = PrivateKey::FromHex(vector().Text("private_key_hex"));
  const auto public_key = PublicKey::FromHex(vector().Text("public_key_hex"));
  ASSERT_TRUE(private_key.ok() && public_key.ok());
  EXPECT_EQ(private_key->public_key().bytes(), public_key->bytes());
  const auto ours = SignTransaction(read_.transaction, read_.envelope, chain_, *private_key);
  ASSERT_TRUE(ours.ok()) << ours.status();
  EXPECT_EQ(ours->hash, vector().Text("tx_hash"));
  EXPECT_EQ(ours->type, TypeOf(read_.transaction));
  const ReadResult again = ReadTransaction(ours->type, ours->info);
  const auto signature = Signature::FromBytes(again.signature);
  ASSERT_TRUE(signature.ok());
  EXPECT_TRUE(
      Verify(*public_key, HashTransaction(again.transaction, again.envelope, chain_), *signature));
}

// Those whose signer told its nonce.
class NonceVector : public TransactionVector {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(NonceVector);

TEST_P(NonceVector, GivesItsSignature) {
  const auto key = PrivateKey::FromHex(vector().Text("private_key_hex"));
  ASSERT_TRUE(key.ok());
  const Signature signature = key->SignWithNonce(hash_, Scalar::Reduce(vector().Hex40("k_hex")));
  EXPECT_EQ(crypto::ToHex(signature.ToBytes()), vector().Text("signature_hex"));
  EXPECT_EQ(crypto::ToBase64(signature.ToBytes()), vector().Text("sig_base64"));
}

// What the transaction's Ethereum key signs; "" where it signs nothing.
std::string EthereumText(const Vector& vector) {
  const ReadResult read =
      ReadTransaction(vector.fields.at("tx_type").get<std::int64_t>(), vector.Text("tx_info"));
  const auto chain = static_cast<ChainId>(vector.fields.at("chain_id").get<std::uint32_t>());
  const std::int64_t nonce = read.envelope.nonce;
  if (const auto* const transfer = std::get_if<Transfer>(&read.transaction)) {
    return TransferText(*transfer, nonce, chain);
  }
  if (const auto* const change = std::get_if<ChangePubKey>(&read.transaction)) {
    return ChangePubKeyText(*change, nonce);
  }
  const auto* const approval = std::get_if<ApproveIntegrator>(&read.transaction);
  return approval == nullptr ? "" : ApproveIntegratorText(*approval, nonce, chain);
}

class EthereumTextVector : public testing::TestWithParam<Vector> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EthereumTextVector);

TEST_P(EthereumTextVector, IsWrittenToTheByte) {
  EXPECT_EQ(EthereumText(GetParam()), GetParam().Text("l1_sign_body"));
}

INSTANTIATE_TEST_SUITE_P(Reference, TransactionVector, testing::ValuesIn(LoadVectors("tx_vectors")),
                         VectorName());
INSTANTIATE_TEST_SUITE_P(PythonSdk, TransactionVector,
                         testing::ValuesIn(LoadVectors("tx_vectors_python_sdk")), VectorName());
INSTANTIATE_TEST_SUITE_P(NewerRules, TransactionVector,
                         testing::ValuesIn(LoadVectors("tx_vectors_newer_rules")), VectorName());

INSTANTIATE_TEST_SUITE_P(Reference, NonceVector,
                         testing::ValuesIn(WithField(LoadVectors("tx_vectors"), "k_hex")),
                         VectorName());
INSTANTIATE_TEST_SUITE_P(Reference, EthereumTextVector,
                         testing::ValuesIn(WithField(LoadVectors("tx_vectors"), "l1_sign_body")),
                         VectorName());

class L1Vector : public testing::TestWithParam<Vector> {
 protected:
  const std::string text_ = GetParam().Text("message");

  // The number behind a label, with its "0x" and 16 digits.
  std::int64_t Number(const std::string& label) const {
    const std::size_t at = text_.find(label);
    EXPECT_NE(at, std::string::npos) << label;
    return at == std::string::npos ? 0
                                   : static_cast<std::int64_t>(std::stoull(
                                         text_.substr(at + label.size(), 18), nullptr, 16));
  }
  // `size` bytes in hex behind a label.
  crypto::Bytes HexBehind(const std::string& label, std::size_t size) const {
    const std::size_t at = text_.find(label);
    EXPECT_NE(at, std::string::npos) << label;
    const auto bytes =
        crypto::FromHex(at == std::string::npos ? "" : text_.substr(at + label.size(), 2 * size));
    EXPECT_TRUE(bytes.ok() && bytes->size() == size) << label;
    return bytes.ok() && bytes->size() == size ? *bytes : crypto::Bytes(size);
  }
  Route RouteBehind(const std::string& label) const {
    const std::size_t at = text_.find("(route ", text_.find(label));
    return at != std::string::npos && text_.substr(at + 24, 1) == "1" ? Route::kSpot
                                                                      : Route::kPerps;
  }
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(L1Vector);

// The text of a transaction with the numbers that are in it.
TEST_P(L1Vector, IsWrittenToTheByte) {
  const std::int64_t nonce = Number("nonce: ");
  if (GetParam().Text("kind") == "change_pub_key") {
    ChangePubKey change;
    const crypto::Bytes key = HexBehind("pubkey: 0x", change.pub_key.size());
    std::copy(key.begin(), key.end(), change.pub_key.begin());
    change.account_index = Number("account index: ");
    change.api_key_index = Number("api key index: ");
    EXPECT_EQ(ChangePubKeyText(change, nonce), text_);
    return;
  }
  ASSERT_EQ(GetParam().Text("kind"), "transfer");
  Transfer transfer;
  transfer.from_account_index = Number("from: ");
  transfer.from_route = RouteBehind("from: ");
  transfer.to_account_index = Number("to: ");
  transfer.to_route = RouteBehind("to: ");
  transfer.api_key_index = Number("api key: ");
  transfer.asset_index = Number("asset: ");
  transfer.amount = Number("amount: ");
  transfer.usdc_fee = Number("fee: ");
  const crypto::Bytes memo = HexBehind("memo: ", transfer.memo.size());
  std::copy(memo.begin(), memo.end(), transfer.memo.begin());
  EXPECT_EQ(TransferText(transfer, nonce, static_cast<ChainId>(Number("chainId: "))), text_);
}

// Its transaction, where it is among the others: they share the Ethereum key's signature.
TEST_P(L1Vector, IsTheTextOfItsTransaction) {
  for (const Vector& candidate : LoadVectors("tx_vectors")) {
    if (candidate.Text("tx_info").find(GetParam().Text("l1_sig")) == std::string::npos) continue;
    EXPECT_EQ(EthereumText(candidate), text_);
  }
}

INSTANTIATE_TEST_SUITE_P(Vectors, L1Vector, testing::ValuesIn(LoadVectors("l1_signature_vectors")),
                         VectorName());

TEST(GoldenFilesTest, AreThere) {
  for (const char* const file :
       {"tx_vectors", "tx_vectors_python_sdk", "tx_vectors_newer_rules", "l1_signature_vectors"}) {
    ExpectVectors(file);
  }
}

}  // namespace
}  // namespace switchyard::exchanges::lighter::signing
