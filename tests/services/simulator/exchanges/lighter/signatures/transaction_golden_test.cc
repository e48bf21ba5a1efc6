#include <gtest/gtest.h>

#include <map>

#include "common/crypto/bytes.h"
#include "services/simulator/exchanges/lighter/signatures/poseidon2.h"
#include "services/simulator/exchanges/lighter/signatures/transaction.h"
#include "tests/services/simulator/exchanges/lighter/signatures/golden.h"

namespace switchyard::simulator::lighter::signatures {
namespace {

constexpr int kInvalidSignature = static_cast<int>(Refusal::kInvalidSignature);
// Of another pair than any vector's.
constexpr char kStranger[] =
    "76df3a5f051f2bd7287d48abd20ea57b5be2bf23eb677fffb3333f9d81a9aa01bdd0cedbba2e7e29";

class Transactions : public testing::TestWithParam<Vector> {
 protected:
  absl::StatusOr<Transaction> Verify(const std::string& tx_info) const {
    return VerifyTransaction(GetParam().tx_type(), tx_info, context_);
  }

  const VerificationContext context_ =
      ContextOf(GetParam().chain_id(), GetParam().Text("public_key_hex"));
  const Json info_ = Json::parse(GetParam().tx_info());
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Transactions);
INSTANTIATE_TEST_SUITE_P(Golden, Transactions, testing::ValuesIn(LoadTransactions()), VectorName());

TEST_P(Transactions, AreVerifiedWithTheExchangesHash) {
  const auto transaction = Verify(GetParam().tx_info());
  ASSERT_TRUE(transaction.ok()) << transaction.status();
  EXPECT_EQ(transaction->hash, GetParam().Text("tx_hash"));
  EXPECT_EQ(static_cast<int>(transaction->type), GetParam().tx_type());
  EXPECT_EQ(transaction->nonce, info_["Nonce"].get<std::int64_t>());
  EXPECT_EQ(transaction->expired_at_ms, info_["ExpiredAt"].get<std::int64_t>());
  const char* const account =
      info_.contains("FromAccountIndex") ? "FromAccountIndex" : "AccountIndex";
  EXPECT_EQ(transaction->account_index, info_[account].get<std::int64_t>());
  EXPECT_EQ(transaction->api_key_index, info_["ApiKeyIndex"].get<std::int64_t>());
}

TEST_P(Transactions, HashTheListedElements) {
  const Json& fields = GetParam().fields;
  if (!fields.contains("hash_preimage_elements")) GTEST_SKIP() << "lists none";
  const Quintic hash = HashToQuintic(ReadElements(fields["hash_preimage_elements"]));
  EXPECT_EQ(crypto::ToHex(ToBytes(hash)), GetParam().Text("hash_without_attributes"));
}

TEST_P(Transactions, AreNotMeantForAnotherChain) {
  VerificationContext context = context_;
  context.chain_id = GetParam().chain_id() == 304 ? 300 : 304;
  const auto result = VerifyTransaction(GetParam().tx_type(), GetParam().tx_info(), context);
  EXPECT_EQ(CodeOf(result.status()), kInvalidSignature) << result.status();
}

TEST_P(Transactions, AreNotSignedByAnotherKey) {
  if (info_.contains("PubKey")) GTEST_SKIP() << "signed by the key that it carries";
  VerificationContext context = context_;
  context.keys = ContextOf(0, kStranger).keys;
  const auto result = VerifyTransaction(GetParam().tx_type(), GetParam().tx_info(), context);
  EXPECT_EQ(CodeOf(result.status()), kInvalidSignature) << result.status();
}

TEST_P(Transactions, AreNotOfAnotherType) {
  for (const int type : {8, 9, 12, 13, 14, 15, 16, 17, 18, 19, 20, 28, 29, 41, 42, 45}) {
    if (type == GetParam().tx_type()) continue;
    const auto result = VerifyTransaction(type, GetParam().tx_info(), context_);
    EXPECT_GT(CodeOf(result.status()), 0) << type;
  }
}

TEST_P(Transactions, AreRefusedWithAnyByteOfTheSignatureChanged) {
  const auto signature = crypto::FromBase64(info_["Sig"].get<std::string>());
  ASSERT_TRUE(signature.ok());
  // All bytes of some vectors, a few of the others.
  const std::size_t step = GetParam().test_name.find("_0_") != std::string::npos ? 1 : 16;
  for (std::size_t i = GetParam().test_name.size() % step; i < signature->size(); i += step) {
    crypto::Bytes changed = *signature;
    changed[i] ^= static_cast<std::uint8_t>(1u << (i % 8));
    Json info = info_;
    info["Sig"] = crypto::ToBase64(changed);
    EXPECT_EQ(CodeOf(Verify(info.dump()).status()), kInvalidSignature) << "byte " << i;
  }
}

TEST_P(Transactions, AreRefusedWithoutASignature) {
  const std::vector<Json> signatures = {nullptr,
                                        "",
                                        crypto::ToBase64(crypto::Bytes(kSignatureSize)),
                                        crypto::ToBase64(crypto::Bytes(kSignatureSize - 1)),
                                        crypto::ToBase64(crypto::Bytes(kSignatureSize + 1)),
                                        "!" + info_["Sig"].get<std::string>().substr(1)};
  for (const Json& signature : signatures) {
    Json info = info_;
    info["Sig"] = signature;
    EXPECT_EQ(CodeOf(Verify(info.dump()).status()), kInvalidSignature) << signature;
  }
}

// Every number below `json`, each 1 higher than it was.
std::vector<Json> WithEachNumberChanged(const Json& json) {
  std::vector<Json> changed;
  const Json flat = json.flatten();
  for (const auto& item : flat.items()) {
    if (!item.value().is_number() || item.key().starts_with("/Memo")) continue;
    Json copy = json;
    copy[Json::json_pointer(item.key())] = item.value().get<std::int64_t>() + 1;
    changed.push_back(copy);
  }
  return changed;
}

TEST_P(Transactions, AreRefusedWithAnyNumberChanged) {
  const std::vector<Json> changed = WithEachNumberChanged(info_);
  EXPECT_GE(changed.size(), 4u);
  for (const Json& info : changed) {
    EXPECT_GT(CodeOf(Verify(info.dump()).status()), 0) << info;
  }
}

TEST_P(Transactions, AreRefusedWithOtherAttributes) {
  Json info = info_;
  Json& attributes = info["L2TxAttributes"];
  if (attributes.is_null()) {
    attributes = {{"4", 1}};
  } else {
    attributes.erase(attributes.begin());
  }
  EXPECT_GT(CodeOf(Verify(info.dump()).status()), 0);
}

TEST_P(Transactions, NeedEveryKeyThatIsSigned) {
  for (const auto& item : info_.items()) {
    const bool optional = item.key() == "L1Sig" || item.key() == "L2TxAttributes";
    Json info = info_;
    info.erase(item.key());
    const int code = CodeOf(Verify(info.dump()).status());
    if (!optional) {
      EXPECT_EQ(code, static_cast<int>(Refusal::kInvalidTxInfo)) << item.key();
    } else if (item.key() == "L1Sig" || item.value().is_null()) {
      EXPECT_EQ(code, 0) << item.key();
    } else {
      EXPECT_EQ(code, kInvalidSignature);
    }
  }
}

TEST(GoldenFiles, HaveTheirVectors) {
  ExpectCount(LoadVectors("tx_vectors"), 84);
  ExpectCount(LoadVectors("tx_vectors_python_sdk"), 5);
  ExpectCount(LoadVectors("tx_vectors_newer_rules"), 3);
  ExpectCount(LoadVectors("tx_validation_vectors"), 20);
}

class Validation : public testing::TestWithParam<Vector> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Validation);
INSTANTIATE_TEST_SUITE_P(Golden, Validation,
                         testing::ValuesIn(LoadVectors("tx_validation_vectors")), VectorName());

// The client library's text, and the exchange's refusal of the same.
const std::map<std::string, Refusal>& RefusalsByText() {
  static const std::map<std::string, Refusal> kRefusals = {
      {"BaseAmount should not be less than 1", Refusal::kInvalidBaseAmount},
      {"ClientOrderIndex should not be larger than 281474976710655",
       Refusal::kInvalidClientOrderIndex},
      {"OrderTimeInForce is not valid", Refusal::kInvalidOrderTimeInForce},
      {"OrderExpiry is invalid", Refusal::kInvalidOrderExpiry},
      {"TriggerPrice is invalid", Refusal::kInvalidOrderTriggerPrice},
      {"ReduceOnly is invalid", Refusal::kInvalidReduceOnlyMode},
      {"MarketIndex is not valid", Refusal::kInvalidMarketIndex},
      {"ApiKeyIndex should not be larger than 254", Refusal::kInvalidApiKeyIndex},
      {"ExpiredAt is invalid", Refusal::kInvalidTxInfo},
      {"Nonce skip attribute is invalid", Refusal::kInvalidTxInfo},
      {"Too many attributes, should not be larger than 4", Refusal::kInvalidTxInfo},
      {"Reduce self-trade behavior mode isn't allowed with master account index equality mode",
       Refusal::kInvalidTxInfo},
      {"Integrator fees are in invalid range", Refusal::kInvalidFee},
  };
  return kRefusals;
}

// The vectors are not signed: those that are valid get as far as the signature.
TEST_P(Validation, RefusesWhatTheClientLibraryRefuses) {
  const auto result =
      VerifyTransaction(GetParam().tx_type(), GetParam().tx_info(), ContextOf(304, kStranger));
  if (GetParam().fields["valid"].get<bool>()) {
    EXPECT_EQ(CodeOf(result.status()), kInvalidSignature) << result.status();
    return;
  }
  const auto want = RefusalsByText().find(GetParam().Text("error"));
  ASSERT_NE(want, RefusalsByText().end()) << GetParam().Text("error");
  EXPECT_EQ(CodeOf(result.status()), static_cast<int>(want->second)) << result.status();
}

}  // namespace
}  // namespace switchyard::simulator::lighter::signatures
