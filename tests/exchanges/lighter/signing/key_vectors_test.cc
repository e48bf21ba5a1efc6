// Every token, every key from a seed, and every transaction that the exchange's library accepts or
// refuses.
#include <gtest/gtest.h>

#include <string>

#include "exchanges/lighter/signing/schnorr/private_key.h"
#include "exchanges/lighter/signing/tokens/auth_token.h"
#include "exchanges/lighter/signing/transactions/l1_text.h"
#include "tests/exchanges/lighter/signing/read_transaction.h"
#include "tests/exchanges/lighter/signing/vectors.h"

namespace switchyard::exchanges::lighter::signing {
namespace {

class TokenVector : public testing::TestWithParam<Vector> {
 protected:
  // The token without its signature, and the signature.
  static std::string MessageOf(const std::string& token) {
    return token.substr(0, token.rfind(':'));
  }
  static Signature SignatureOf(const std::string& token) {
    const auto bytes = crypto::FromHex(token.substr(token.rfind(':') + 1));
    EXPECT_TRUE(bytes.ok());
    const auto signature = Signature::FromBytes(bytes.value_or(crypto::Bytes()));
    EXPECT_TRUE(signature.ok()) << signature.status();
    return signature.value_or(Signature());
  }
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(TokenVector);

TEST_P(TokenVector, HasTheHashAndVerifies) {
  const Vector& v = GetParam();
  const Fp5 hash = HashTokenMessage(v.Text("message"));
  EXPECT_EQ(hash.ToBytes(), v.Hex40("hashed_message_hex"));
  EXPECT_EQ(MessageOf(v.Text("token")), v.Text("message"));
  const auto key = PublicKey::FromHex(v.Text("public_key_hex"));
  ASSERT_TRUE(key.ok());
  EXPECT_TRUE(Verify(*key, hash, SignatureOf(v.Text("token"))));
}

TEST_P(TokenVector, OursVerifiesUnderItsKey) {
  const Vector& v = GetParam();
  const std::string message = v.Text("message");
  const std::size_t first = message.find(':'), second = message.rfind(':');
  const TokenOwner owner = {std::stoll(message.substr(first + 1)),
                            std::stoll(message.substr(second + 1))};
  const auto key = PrivateKey::FromHex(v.Text("private_key_hex"));
  const auto public_key = PublicKey::FromHex(v.Text("public_key_hex"));
  ASSERT_TRUE(key.ok() && public_key.ok());
  const auto token = MakeAuthToken(*key, owner, std::stoll(message));
  ASSERT_TRUE(token.ok()) << token.status();
  const std::string text(token->Reveal());
  EXPECT_EQ(MessageOf(text), message);
  EXPECT_TRUE(Verify(*public_key, HashTokenMessage(message), SignatureOf(text)));
  if (v.Has("k_hex")) {
    const Signature signature =
        key->SignWithNonce(HashTokenMessage(message), Scalar::Reduce(v.Hex40("k_hex")));
    EXPECT_EQ(message + ":" + crypto::ToHex(signature.ToBytes()), v.Text("token"));
  }
}

INSTANTIATE_TEST_SUITE_P(Vectors, TokenVector, testing::ValuesIn(LoadVectors("auth_token_vectors")),
                         VectorName());

class SeedVector : public testing::TestWithParam<Vector> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SeedVector);

TEST_P(SeedVector, GivesItsKey) {
  const Vector& v = GetParam();
  const auto key = PrivateKey::FromSeedHex(v.Text("seed_hex"));
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->public_key().ToHex(), v.Text("public_key_hex"));
  const auto same = PrivateKey::FromHex(v.Text("private_key_hex"));
  ASSERT_TRUE(same.ok());
  EXPECT_EQ(same->public_key().ToHex(), v.Text("public_key_hex"));
}

INSTANTIATE_TEST_SUITE_P(Vectors, SeedVector, testing::ValuesIn(LoadVectors("seed_key_vectors")),
                         VectorName());

class SeedTextVector : public testing::TestWithParam<Vector> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SeedTextVector);

TEST_P(SeedTextVector, IsWrittenToTheByte) {
  const Vector& v = GetParam();
  const std::string body = v.Text("change_pub_key_l1_body");
  const auto number = [&](const std::string& label) {
    return std::stoll(body.substr(body.find(label) + label.size(), 18), nullptr, 16);
  };
  ChangePubKey change;
  change.account_index = number("account index: ");
  change.api_key_index = number("api key index: ");
  change.pub_key = v.Hex40("public_key_hex");
  EXPECT_EQ(ChangePubKeyText(change, number("nonce: ")), body);
}

INSTANTIATE_TEST_SUITE_P(Vectors, SeedTextVector,
                         testing::ValuesIn(WithField(LoadVectors("seed_key_vectors"),
                                                     "change_pub_key_l1_body")),
                         VectorName());

class ValidationVector : public testing::TestWithParam<Vector> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ValidationVector);

TEST_P(ValidationVector, IsAcceptedOrRefusedWithItsMessage) {
  const Vector& v = GetParam();
  const ReadResult read =
      ReadTransaction(v.fields.at("tx_type").get<std::int64_t>(), v.Text("tx_info"));
  const absl::Status status = Validate(read.transaction, read.envelope);
  EXPECT_EQ(status.ok(), v.fields.at("valid").get<bool>()) << status;
  EXPECT_EQ(std::string(status.message()), v.Text("error"));
  EXPECT_TRUE(status.ok() || absl::IsInvalidArgument(status));
}

INSTANTIATE_TEST_SUITE_P(Vectors, ValidationVector,
                         testing::ValuesIn(LoadVectors("tx_validation_vectors")), VectorName());

TEST(GoldenFilesTest, AreThere) {
  for (const char* const file :
       {"auth_token_vectors", "seed_key_vectors", "tx_validation_vectors"}) {
    ExpectVectors(file);
  }
}

}  // namespace
}  // namespace switchyard::exchanges::lighter::signing
