#include <gtest/gtest.h>

#include <map>
#include <set>
#include <variant>

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

// The fields of a body, under the keys that they were read from.
struct BodyFields {
  Json operator()(const CreateOrder& order) const {
    return {{"MarketIndex", order.market_index},
            {"ClientOrderIndex", order.client_order_index},
            {"BaseAmount", order.base_amount},
            {"Price", order.price},
            {"IsAsk", order.is_ask ? 1 : 0},
            {"Type", static_cast<int>(order.type)},
            {"TimeInForce", static_cast<int>(order.time_in_force)},
            {"ReduceOnly", order.reduce_only ? 1 : 0},
            {"TriggerPrice", order.trigger_price},
            {"OrderExpiry", order.order_expiry_ms}};
  }
  Json operator()(const CreateGroupedOrders& group) const {
    Json orders = Json::array();
    for (const CreateOrder& order : group.orders) orders.push_back((*this)(order));
    return {{"GroupingType", static_cast<int>(group.grouping)}, {"Orders", orders}};
  }
  Json operator()(const CancelOrder& cancel) const {
    return {{"MarketIndex", cancel.market_index}, {"Index", cancel.index}};
  }
  Json operator()(const CancelAllOrders& cancel) const {
    return {{"TimeInForce", static_cast<int>(cancel.mode)}, {"Time", cancel.time_ms}};
  }
  Json operator()(const ModifyOrder& modify) const {
    return {{"MarketIndex", modify.market_index},
            {"Index", modify.index},
            {"BaseAmount", modify.base_amount},
            {"Price", modify.price},
            {"TriggerPrice", modify.trigger_price}};
  }
  Json operator()(const UpdateLeverage& update) const {
    return {{"MarketIndex", update.market_index},
            {"InitialMarginFraction", update.initial_margin_fraction},
            {"MarginMode", static_cast<int>(update.margin_mode)}};
  }
  Json operator()(const UpdateMargin& update) const {
    return {{"MarketIndex", update.market_index},
            {"USDCAmount", update.usdc_amount},
            {"Direction", update.add ? 1 : 0}};
  }
  Json operator()(const Transfer& transfer) const {
    Json memo = Json::array();
    for (const char byte : transfer.memo) memo.push_back(static_cast<unsigned char>(byte));
    return {{"ToAccountIndex", transfer.to_account_index},
            {"AssetIndex", transfer.asset_index},
            {"FromRouteType", static_cast<int>(transfer.from_route)},
            {"ToRouteType", static_cast<int>(transfer.to_route)},
            {"Amount", transfer.amount},
            {"USDCFee", transfer.usdc_fee},
            {"Memo", memo},
            {"L1Sig", transfer.l1_signature}};
  }
  Json operator()(const Withdraw& withdraw) const {
    return {{"AssetIndex", withdraw.asset_index},
            {"RouteType", static_cast<int>(withdraw.route)},
            {"Amount", withdraw.amount}};
  }
  Json operator()(const ChangePubKey& change) const {
    return {{"PubKey", crypto::ToBase64(ToBytes(change.new_key.encoded()))},
            {"L1Sig", change.l1_signature}};
  }
  Json operator()(const CreateSubAccount&) const { return Json::object(); }
  Json operator()(const PoolShares& shares) const {
    return {{"PublicPoolIndex", shares.public_pool_index}, {"ShareAmount", shares.share_amount}};
  }
  Json operator()(const UpdateAccountConfig& update) const {
    return {{"AccountTradingMode", update.unified ? 1 : 0}};
  }
  Json operator()(const UpdateAccountAssetConfig& update) const {
    return {{"AssetIndex", update.asset_index}, {"AssetMarginMode", update.asset_margin_mode}};
  }
  Json operator()(const ApproveIntegrator& approval) const {
    return {{"IntegratorAccountIndex", approval.integrator_account_index},
            {"MaxPerpsTakerFee", approval.max_perps_taker_fee},
            {"MaxPerpsMakerFee", approval.max_perps_maker_fee},
            {"MaxSpotTakerFee", approval.max_spot_taker_fee},
            {"MaxSpotMakerFee", approval.max_spot_maker_fee},
            {"ApprovalExpiry", approval.approval_expiry_ms},
            {"L1Sig", approval.l1_signature}};
  }
};

// Those that are set, under their types.
Json AttributeFields(const Attributes& attributes) {
  const std::vector<std::int64_t> values = {attributes.integrator_account_index,
                                            attributes.integrator_taker_fee,
                                            attributes.integrator_maker_fee,
                                            attributes.skip_nonce ? 1 : 0,
                                            0,
                                            static_cast<int>(attributes.self_trade_behaviour),
                                            attributes.self_trade_by_master_account ? 1 : 0,
                                            attributes.order_version};
  Json fields;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] != 0) fields[std::to_string(i + 1)] = values[i];
  }
  if (attributes.cancel_all_market_index.has_value()) {
    fields["5"] = *attributes.cancel_all_market_index;
  }
  return fields;
}

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

TEST_P(Transactions, AreHandedOnWithTheirFields) {
  const auto transaction = Verify(GetParam().tx_info());
  ASSERT_TRUE(transaction.ok()) << transaction.status();
  Json fields = std::visit(BodyFields(), transaction->body);
  for (const auto& item : info_.items()) {
    // Those of every transaction are looked at above.
    static const std::set<std::string> kCommon = {"AccountIndex", "FromAccountIndex", "ApiKeyIndex",
                                                  "Nonce",        "ExpiredAt",        "Sig"};
    if (kCommon.contains(item.key())) fields[item.key()] = item.value();
  }
  fields["L2TxAttributes"] = AttributeFields(transaction->attributes);
  EXPECT_EQ(fields, info_);
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

// A value that stands for "not set" is not hashed, so that it may be written or left out.
TEST_P(Transactions, AreTheSameWithAttributesWrittenAsNotSet) {
  Json info = info_;
  Json& attributes = info["L2TxAttributes"];
  for (const char* const type : {"2", "3", "5", "6", "7", "8"}) {
    if (attributes.size() < 4 && !attributes.contains(type)) {
      attributes[type] = std::string(type) == "5" ? 255 : 0;
    }
  }
  EXPECT_EQ(CodeOf(Verify(info.dump()).status()), 0) << attributes;
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
