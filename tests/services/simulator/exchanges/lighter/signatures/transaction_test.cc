#include "services/simulator/exchanges/lighter/signatures/transaction.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/services/simulator/exchanges/lighter/signatures/golden.h"

namespace switchyard::simulator::lighter::signatures {
namespace {

constexpr char kKey[] =
    "76df3a5f051f2bd7287d48abd20ea57b5be2bf23eb677fffb3333f9d81a9aa01bdd0cedbba2e7e29";
// The checks before the signature let it through.
constexpr int kUnsigned = static_cast<int>(Refusal::kInvalidSignature);
constexpr std::int64_t kExpiry = 1'790'000'000'000;

// Keys that every transaction has; there is no signature, the last of the checks.
Json Frame() {
  return {{"AccountIndex", 12345},
          {"ApiKeyIndex", 4},
          {"ExpiredAt", 1'789'000'000'000},
          {"Nonce", 1},
          {"Sig", nullptr},
          {"L2TxAttributes", nullptr}};
}

Json OrderFields(OrderType type) {
  const bool is_limit = type == OrderType::kLimit;
  return {{"MarketIndex", 0},
          {"ClientOrderIndex", 0},
          {"BaseAmount", 10},
          {"Price", 100},
          {"IsAsk", 0},
          {"Type", static_cast<int>(type)},
          {"TimeInForce", is_limit ? 1 : 0},
          {"ReduceOnly", 0},
          {"TriggerPrice", is_limit || type == OrderType::kMarket ? 0 : 5},
          {"OrderExpiry", type == OrderType::kMarket ? 0 : kExpiry}};
}

int Judge(TransactionType type, const Json& info) {
  return CodeOf(
      VerifyTransaction(static_cast<int>(type), info.dump(), ContextOf(304, kKey)).status());
}

int JudgeText(const std::string& text) {
  return CodeOf(VerifyTransaction(14, text, ContextOf(304, kKey)).status());
}

// One change to a transaction that is right but for its signature, and what comes of it.
struct Change {
  std::string name;
  TransactionType type;
  // Of a number; of an order of a group as "/Orders/0/Price".
  std::string pointer;
  Json value;
  int want;
};

void PrintTo(const Change& change, std::ostream* out) { *out << change.name; }

int Code(Refusal refusal) { return static_cast<int>(refusal); }

Json Right(TransactionType type) {
  Json info = Frame();
  switch (type) {
    case TransactionType::kCreateOrder:
      info.update(OrderFields(OrderType::kLimit));
      break;
    case TransactionType::kCancelOrder:
      info.update({{"MarketIndex", 0}, {"Index", 1}});
      break;
    case TransactionType::kCancelAllOrders:
      info.update({{"TimeInForce", 0}, {"Time", 0}});
      break;
    case TransactionType::kModifyOrder:
      info.update(
          {{"MarketIndex", 0}, {"Index", 1}, {"BaseAmount", 1}, {"Price", 1}, {"TriggerPrice", 0}});
      break;
    case TransactionType::kUpdateLeverage:
      info.update({{"MarketIndex", 0}, {"InitialMarginFraction", 500}, {"MarginMode", 0}});
      break;
    case TransactionType::kUpdateMargin:
      info.update({{"MarketIndex", 0}, {"USDCAmount", 1}, {"Direction", 0}});
      break;
    case TransactionType::kWithdraw:
      info.erase("AccountIndex");
      info.update({{"FromAccountIndex", 1}, {"AssetIndex", 3}, {"RouteType", 0}, {"Amount", 1}});
      break;
    case TransactionType::kTransfer:
      info.erase("AccountIndex");
      info.update({{"FromAccountIndex", 1},
                   {"ToAccountIndex", 2},
                   {"AssetIndex", 3},
                   {"FromRouteType", 0},
                   {"ToRouteType", 1},
                   {"Amount", 1},
                   {"USDCFee", 0},
                   {"Memo", std::vector<int>(32, 7)},
                   {"L1Sig", ""}});
      break;
    default:
      ADD_FAILURE() << "no example";
  }
  return info;
}

class Ranges : public testing::TestWithParam<Change> {};

TEST_P(Ranges, AreChecked) {
  const Change& change = GetParam();
  Json info = Right(change.type);
  EXPECT_EQ(Judge(change.type, info), kUnsigned) << "the example itself";
  ASSERT_TRUE(info.contains(Json::json_pointer(change.pointer)));
  info[Json::json_pointer(change.pointer)] = change.value;
  EXPECT_EQ(Judge(change.type, info), change.want) << info;
}

using Type = TransactionType;
INSTANTIATE_TEST_SUITE_P(
    All, Ranges,
    testing::Values(
        Change{"account_low", Type::kCreateOrder, "/AccountIndex", -2,
               Code(Refusal::kInvalidAccountIndex)},
        Change{"account_lowest", Type::kCreateOrder, "/AccountIndex", -1, kUnsigned},
        Change{"account_high", Type::kCreateOrder, "/AccountIndex", 281474976710655,
               Code(Refusal::kInvalidAccountIndex)},
        Change{"account_highest", Type::kCreateOrder, "/AccountIndex", 281474976710654, kUnsigned},
        Change{"account_beyond_64_bits", Type::kCreateOrder, "/AccountIndex", 18446744073709551615U,
               Code(Refusal::kInvalidAccountIndex)},
        Change{"account_text", Type::kCreateOrder, "/AccountIndex", "12345",
               Code(Refusal::kInvalidTxInfo)},
        Change{"account_fraction", Type::kCreateOrder, "/AccountIndex", 12345.0,
               Code(Refusal::kInvalidTxInfo)},
        Change{"account_true", Type::kCreateOrder, "/AccountIndex", true,
               Code(Refusal::kInvalidTxInfo)},
        Change{"account_null", Type::kCreateOrder, "/AccountIndex", nullptr,
               Code(Refusal::kInvalidTxInfo)},
        Change{"api_key_negative", Type::kCancelOrder, "/ApiKeyIndex", -1,
               Code(Refusal::kInvalidApiKeyIndex)},
        Change{"api_key_all", Type::kCancelOrder, "/ApiKeyIndex", 255,
               Code(Refusal::kInvalidApiKeyIndex)},
        Change{"api_key_all_cancels", Type::kCancelAllOrders, "/ApiKeyIndex", 255, kUnsigned},
        Change{"nonce_negative", Type::kCancelOrder, "/Nonce", -1, Code(Refusal::kInvalidNonce)},
        Change{"expired_at_negative", Type::kCancelOrder, "/ExpiredAt", -1,
               Code(Refusal::kInvalidTxInfo)},
        Change{"market_negative", Type::kCancelOrder, "/MarketIndex", -1,
               Code(Refusal::kInvalidMarketIndex)},
        Change{"market_all", Type::kCancelOrder, "/MarketIndex", 255,
               Code(Refusal::kInvalidMarketIndex)},
        Change{"market_wide", Type::kCancelOrder, "/MarketIndex", 32767, kUnsigned},
        Change{"market_too_wide", Type::kCancelOrder, "/MarketIndex", 32768,
               Code(Refusal::kInvalidMarketIndex)},
        Change{"order_index_0", Type::kCancelOrder, "/Index", 0, Code(Refusal::kInvalidOrderIndex)},
        Change{"order_index_high", Type::kCancelOrder, "/Index", 1LL << 60,
               Code(Refusal::kInvalidOrderIndex)},
        Change{"base_amount_high", Type::kCreateOrder, "/BaseAmount", 1LL << 48,
               Code(Refusal::kInvalidBaseAmount)},
        Change{"price_0", Type::kCreateOrder, "/Price", 0, Code(Refusal::kInvalidPrice)},
        Change{"price_high", Type::kCreateOrder, "/Price", 1LL << 32, Code(Refusal::kInvalidPrice)},
        Change{"is_ask_2", Type::kCreateOrder, "/IsAsk", 2, Code(Refusal::kInvalidIsAsk)},
        Change{"type_7", Type::kCreateOrder, "/Type", 7, Code(Refusal::kInvalidOrderType)},
        Change{"reduce_only_2", Type::kCreateOrder, "/ReduceOnly", 2,
               Code(Refusal::kInvalidReduceOnlyMode)},
        Change{"expiry_minus_1", Type::kCreateOrder, "/OrderExpiry", -1,
               Code(Refusal::kInvalidOrderExpiry)},
        Change{"post_only", Type::kCreateOrder, "/TimeInForce", 2, kUnsigned},
        Change{"limit_without_expiry", Type::kCreateOrder, "/OrderExpiry", 0,
               Code(Refusal::kInvalidOrderExpiry)},
        Change{"modify_price_0", Type::kModifyOrder, "/Price", 0, Code(Refusal::kInvalidPrice)},
        Change{"modify_trigger_high", Type::kModifyOrder, "/TriggerPrice", 1LL << 32,
               Code(Refusal::kInvalidOrderTriggerPrice)},
        Change{"cancel_all_mode_3", Type::kCancelAllOrders, "/TimeInForce", 3,
               Code(Refusal::kInvalidCancelAllTimeInForce)},
        Change{"cancel_all_now_with_time", Type::kCancelAllOrders, "/Time", kExpiry,
               Code(Refusal::kInvalidCancelAllTime)},
        Change{"cancel_all_later_without_time", Type::kCancelAllOrders, "/TimeInForce", 1,
               Code(Refusal::kInvalidCancelAllTime)},
        Change{"cancel_all_abort", Type::kCancelAllOrders, "/TimeInForce", 2, kUnsigned},
        Change{"margin_fraction_0", Type::kUpdateLeverage, "/InitialMarginFraction", 0,
               Code(Refusal::kInvalidInitialMarginFraction)},
        Change{"margin_fraction_high", Type::kUpdateLeverage, "/InitialMarginFraction", 10001,
               Code(Refusal::kInvalidInitialMarginFraction)},
        Change{"margin_mode_2", Type::kUpdateLeverage, "/MarginMode", 2,
               Code(Refusal::kInvalidMarginMode)},
        Change{"margin_amount_0", Type::kUpdateMargin, "/USDCAmount", 0,
               Code(Refusal::kInvalidAssetAmount)},
        Change{"margin_amount_high", Type::kUpdateMargin, "/USDCAmount", 1LL << 60,
               Code(Refusal::kInvalidAssetAmount)},
        Change{"margin_direction_2", Type::kUpdateMargin, "/Direction", 2,
               Code(Refusal::kInvalidUpdateMarginDirection)},
        Change{"withdraw_0", Type::kWithdraw, "/Amount", 0, Code(Refusal::kWithdrawalAmountTooLow)},
        Change{"withdraw_high", Type::kWithdraw, "/Amount", 1LL << 60,
               Code(Refusal::kWithdrawalAmountTooHigh)},
        Change{"withdraw_route_2", Type::kWithdraw, "/RouteType", 2,
               Code(Refusal::kInvalidRouteType)},
        Change{"asset_negative", Type::kWithdraw, "/AssetIndex", -1,
               Code(Refusal::kInvalidAssetIndex)},
        Change{"transfer_0", Type::kTransfer, "/Amount", 0, Code(Refusal::kTransferAmountTooLow)},
        Change{"transfer_high", Type::kTransfer, "/Amount", 1LL << 60,
               Code(Refusal::kTransferAmountTooHigh)},
        Change{"transfer_to_nobody", Type::kTransfer, "/ToAccountIndex", -2,
               Code(Refusal::kInvalidToAccount)},
        Change{"transfer_fee_negative", Type::kTransfer, "/USDCFee", -1,
               Code(Refusal::kInvalidFee)},
        Change{"memo_text", Type::kTransfer, "/Memo", "hello", Code(Refusal::kInvalidTxInfo)},
        Change{"memo_short", Type::kTransfer, "/Memo", std::vector<int>(31, 7),
               Code(Refusal::kInvalidTxInfo)},
        Change{"memo_no_byte", Type::kTransfer, "/Memo", std::vector<int>(32, 256),
               Code(Refusal::kInvalidTxInfo)},
        Change{"l1_signature_number", Type::kTransfer, "/L1Sig", 1, Code(Refusal::kInvalidTxInfo)},
        Change{"signature_number", Type::kCancelOrder, "/Sig", 1, Code(Refusal::kInvalidTxInfo)},
        Change{"attributes_array", Type::kCancelOrder, "/L2TxAttributes", Json::array({1}),
               Code(Refusal::kInvalidTxInfo)},
        Change{"attributes_empty", Type::kCancelOrder, "/L2TxAttributes", Json::object(),
               kUnsigned},
        Change{"attribute_unknown", Type::kCancelOrder, "/L2TxAttributes", Json{{"9", 1}},
               Code(Refusal::kInvalidTxInfo)},
        Change{"attribute_padded", Type::kCancelOrder, "/L2TxAttributes", Json{{"04", 1}},
               Code(Refusal::kInvalidTxInfo)},
        Change{"attribute_text", Type::kCancelOrder, "/L2TxAttributes", Json{{"4", "1"}},
               Code(Refusal::kInvalidTxInfo)},
        Change{"fee_without_integrator", Type::kCreateOrder, "/L2TxAttributes", Json{{"2", 1}},
               Code(Refusal::kInvalidFee)},
        Change{"fee_with_self_trade", Type::kCreateOrder, "/L2TxAttributes",
               Json{{"1", 5}, {"3", 1}, {"6", 1}}, Code(Refusal::kInvalidTxInfo)},
        Change{"self_trade_4", Type::kCreateOrder, "/L2TxAttributes", Json{{"6", 4}},
               Code(Refusal::kInvalidTxInfo)},
        Change{"one_market_cancel", Type::kCancelAllOrders, "/L2TxAttributes", Json{{"5", 0}},
               kUnsigned},
        Change{"one_market_order", Type::kCreateOrder, "/L2TxAttributes", Json{{"5", 0}},
               Code(Refusal::kInvalidTxInfo)},
        Change{"all_markets_order", Type::kCreateOrder, "/L2TxAttributes", Json{{"5", 255}},
               kUnsigned}),
    [](const auto& info) { return info.param.name; });

TEST(Transaction, SchedulesNoCancelOfOneMarket) {
  Json info = Right(Type::kCancelAllOrders);
  info.update({{"TimeInForce", 1}, {"Time", kExpiry}});
  EXPECT_EQ(Judge(Type::kCancelAllOrders, info), kUnsigned);
  info["L2TxAttributes"] = {{"5", 1}};
  EXPECT_EQ(Judge(Type::kCancelAllOrders, info), Code(Refusal::kInvalidTxInfo));
}

TEST(Transaction, RefusesWhatIsNotAPlainObject) {
  const std::string right = Right(Type::kCreateOrder).dump();
  ASSERT_EQ(JudgeText(right), kUnsigned);
  const int malformed = Code(Refusal::kInvalidTxInfo);
  EXPECT_EQ(JudgeText(""), malformed);
  EXPECT_EQ(JudgeText("null"), malformed);
  EXPECT_EQ(JudgeText("[" + right + "]"), malformed);
  EXPECT_EQ(JudgeText(right + "x"), malformed);
  EXPECT_EQ(JudgeText(right.substr(0, right.size() - 1)), malformed);
  EXPECT_EQ(JudgeText(std::string(1u << 20, '[')), malformed);
  EXPECT_EQ(JudgeText("{\"\xff\":1}"), malformed);
}

TEST(Transaction, RefusesRepeatedAndUnknownKeys) {
  std::string text = Right(Type::kCreateOrder).dump();
  EXPECT_EQ(JudgeText(text.insert(1, "\"Nonce\":1,")), Code(Refusal::kInvalidTxInfo));
  Json info = Right(Type::kCreateOrder);
  info["Nonces"] = 1;
  EXPECT_EQ(Judge(Type::kCreateOrder, info), Code(Refusal::kInvalidTxInfo));
}

TEST(Transaction, NamesTypesThatItDoesNotKnow) {
  for (const int type : {-1, 0, 7, 10, 11, 21, 35, 36, 43, 255}) {
    const auto result =
        VerifyTransaction(type, Right(Type::kCreateOrder).dump(), ContextOf(304, kKey));
    EXPECT_EQ(CodeOf(result.status()), Code(Refusal::kUnsupportedTxType)) << type;
    EXPECT_EQ(result.status().code(), absl::StatusCode::kUnimplemented);
  }
}

TEST(Transaction, HandsOnTheErrorOfTheKeyLookup) {
  VerificationContext context = ContextOf(304, kKey);
  context.keys = [](std::int64_t account, std::int64_t api_key) -> absl::StatusOr<PublicKey> {
    EXPECT_EQ(account, 12345);
    EXPECT_EQ(api_key, 4);
    return Refuse(Refusal::kApiKeyNotFound, "there is none");
  };
  const auto result = VerifyTransaction(14, Right(Type::kCreateOrder).dump(), context);
  EXPECT_EQ(CodeOf(result.status()), Code(Refusal::kApiKeyNotFound));
  EXPECT_EQ(result.status().message(), "api key not found: there is none");
}

// Of a group, of orders as they stand in its text.
Json Group(GroupingType grouping, const std::vector<Json>& orders) {
  Json info = Frame();
  info.update({{"GroupingType", static_cast<int>(grouping)}, {"Orders", orders}});
  return info;
}

Json Exit(OrderType type, std::int64_t base_amount) {
  Json order = OrderFields(type);
  order.update({{"IsAsk", 1}, {"ReduceOnly", 1}, {"BaseAmount", base_amount}});
  return order;
}

Json OneCancelsOther() {
  return Group(GroupingType::kOneCancelsOther,
               {Exit(OrderType::kStopLoss, 10), Exit(OrderType::kTakeProfit, 10)});
}

Json OneTriggersOco() {
  return Group(GroupingType::kOneTriggersOco,
               {OrderFields(OrderType::kLimit), Exit(OrderType::kTakeProfitLimit, 0),
                Exit(OrderType::kStopLoss, 0)});
}

Json OneTriggersOther() {
  return Group(GroupingType::kOneTriggersOther,
               {OrderFields(OrderType::kMarket), Exit(OrderType::kStopLoss, 0)});
}

int JudgeGroup(Json group, const std::string& pointer, const Json& value) {
  group[Json::json_pointer(pointer)] = value;
  return Judge(Type::kCreateGroupedOrders, group);
}

TEST(GroupedOrders, AreTakenInTheirThreeForms) {
  EXPECT_EQ(Judge(Type::kCreateGroupedOrders, OneCancelsOther()), kUnsigned);
  EXPECT_EQ(Judge(Type::kCreateGroupedOrders, OneTriggersOco()), kUnsigned);
  EXPECT_EQ(Judge(Type::kCreateGroupedOrders, OneTriggersOther()), kUnsigned);
}

TEST(GroupedOrders, NeedTheirNumberOfOrders) {
  const Json one = Exit(OrderType::kStopLoss, 10);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{3}, std::size_t{4}}) {
    const Json group = Group(GroupingType::kOneCancelsOther, std::vector<Json>(size, one));
    EXPECT_EQ(Judge(Type::kCreateGroupedOrders, group), Code(Refusal::kInvalidOrderGroupSize));
  }
  EXPECT_EQ(JudgeGroup(OneTriggersOco(), "/GroupingType", 1),
            Code(Refusal::kInvalidOrderGroupSize));
  EXPECT_EQ(JudgeGroup(OneTriggersOco(), "/GroupingType", 4), Code(Refusal::kInvalidGroupingType));
  EXPECT_EQ(JudgeGroup(OneTriggersOco(), "/Orders", 4), Code(Refusal::kInvalidTxInfo));
  EXPECT_EQ(JudgeGroup(OneTriggersOco(), "/Orders/1", 4), Code(Refusal::kInvalidTxInfo));
  EXPECT_EQ(JudgeGroup(OneTriggersOco(), "/Orders/1/Extra", 4), Code(Refusal::kInvalidTxInfo));
}

TEST(GroupedOrders, OfWhichOneCancelsTheOtherAreAPairOfExits) {
  const Json group = OneCancelsOther();
  EXPECT_EQ(JudgeGroup(group, "/Orders/0/Type", 4), Code(Refusal::kInvalidOrderType));
  EXPECT_EQ(JudgeGroup(group, "/Orders/0/ReduceOnly", 0), Code(Refusal::kInvalidReduceOnlyMode));
  EXPECT_EQ(JudgeGroup(group, "/Orders/0/BaseAmount", 11), Code(Refusal::kInvalidBaseAmount));
  EXPECT_EQ(JudgeGroup(group, "/Orders/0/IsAsk", 0), Code(Refusal::kInvalidIsAsk));
  EXPECT_EQ(JudgeGroup(group, "/Orders/0/OrderExpiry", kExpiry + 1),
            Code(Refusal::kInvalidOrderExpiry));
}

TEST(GroupedOrders, OfWhichOneTriggersOthersAreAFamily) {
  const Json group = OneTriggersOco();
  EXPECT_EQ(JudgeGroup(group, "/Orders/0", Exit(OrderType::kStopLoss, 10)),
            Code(Refusal::kInvalidOrderType));
  EXPECT_EQ(JudgeGroup(group, "/Orders/1", OrderFields(OrderType::kLimit)),
            Code(Refusal::kInvalidOrderType));
  EXPECT_EQ(JudgeGroup(group, "/Orders/1/Type", 3), Code(Refusal::kInvalidOrderType));
  EXPECT_EQ(JudgeGroup(group, "/Orders/1/BaseAmount", 10), Code(Refusal::kInvalidBaseAmount));
  EXPECT_EQ(JudgeGroup(group, "/Orders/0/BaseAmount", 0), Code(Refusal::kInvalidBaseAmount));
  EXPECT_EQ(JudgeGroup(group, "/Orders/1/IsAsk", 0), Code(Refusal::kInvalidIsAsk));
  EXPECT_EQ(JudgeGroup(group, "/Orders/2/OrderExpiry", kExpiry + 1),
            Code(Refusal::kInvalidOrderExpiry));
  EXPECT_EQ(JudgeGroup(group, "/Orders/0/OrderExpiry", kExpiry + 1),
            Code(Refusal::kInvalidOrderExpiry));
}

TEST(GroupedOrders, ShareOnePerpMarket) {
  EXPECT_EQ(JudgeGroup(OneTriggersOther(), "/Orders/1/MarketIndex", 1),
            Code(Refusal::kInvalidMarketIndex));
  Json group = OneTriggersOther();
  for (Json& order : group["Orders"]) order["MarketIndex"] = 2048;
  EXPECT_EQ(Judge(Type::kCreateGroupedOrders, group), Code(Refusal::kInvalidMarketIndex));
}

TEST(GroupedOrders, UseAClientIndexOnce) {
  Json group = OneTriggersOther();
  for (Json& order : group["Orders"]) order["ClientOrderIndex"] = 8;
  EXPECT_EQ(Judge(Type::kCreateGroupedOrders, group), Code(Refusal::kInvalidClientOrderIndex));
}

TEST(SpotOrders, HaveNoTriggers) {
  Json info = Right(Type::kCreateOrder);
  info.update(OrderFields(OrderType::kStopLoss));
  EXPECT_EQ(Judge(Type::kCreateOrder, info), kUnsigned);
  info["MarketIndex"] = 2048;
  EXPECT_EQ(Judge(Type::kCreateOrder, info), Code(Refusal::kInvalidOrderTypeForMarket));
}

TEST(Refusals, CarryTheExchangesCodeAndText) {
  const absl::Status status = Refuse(Refusal::kInvalidNonce, "7 after 9");
  EXPECT_EQ(RefusalOf(status), Refusal::kInvalidNonce);
  EXPECT_EQ(status.message(), "invalid nonce: 7 after 9");
  EXPECT_EQ(MessageOf(Refusal::kInvalidPublicKey), "invalid PublicKey,please run changePubKey");
  EXPECT_EQ(RefusalOf(absl::InternalError("other")), std::nullopt);
}

TEST(PublicKeys, AreFortyBytesThatStandForAPoint) {
  EXPECT_TRUE(PublicKey::FromHex(kKey).ok());
  EXPECT_FALSE(PublicKey::FromHex("").ok());
  EXPECT_FALSE(PublicKey::FromHex(std::string(kKey).substr(2)).ok());
  EXPECT_FALSE(PublicKey::FromHex(std::string(kKey) + "00").ok());
  EXPECT_FALSE(PublicKey::FromHex(std::string(80, 'x')).ok());
  EXPECT_FALSE(PublicKey::FromHex(std::string(80, 'f')).ok()) << "limbs above p";
  EXPECT_FALSE(PublicKey::FromHex(std::string(80, '0')).ok()) << "anybody could sign";
  EXPECT_FALSE(DerivePublicKey(std::string(80, '0')).ok());
  EXPECT_FALSE(DerivePublicKey("01").ok());
}

}  // namespace
}  // namespace switchyard::simulator::lighter::signatures
