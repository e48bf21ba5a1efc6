// What is refused before it is signed, in the words of the exchange's library: the types and rules
// that its vectors leave out.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "exchanges/lighter/signing/tokens/auth_token.h"
#include "exchanges/lighter/signing/transactions/transaction.h"

namespace switchyard::exchanges::lighter::signing {
namespace {

constexpr std::int64_t kExpiry = 1'790'000'000'000;

OrderInfo LimitBuy() {
  OrderInfo order;
  order.base_amount = 1000;
  order.price = 250'000;
  order.order_expiry = kExpiry;
  return order;
}

OrderInfo Child(OrderType type) {
  OrderInfo order;
  order.price = 240'000;
  order.is_ask = 1;
  order.type = type;
  order.time_in_force = TimeInForce::kImmediateOrCancel;
  order.reduce_only = 1;
  order.trigger_price = 241'000;
  order.order_expiry = kExpiry;
  return order;
}

CreateOrder Order(const std::function<void(CreateOrder&)>& change) {
  CreateOrder order{LimitBuy(), 12345, 4};
  change(order);
  return order;
}

CreateGroupedOrders Group(GroupingType type, std::vector<OrderInfo> orders) {
  return {12345, 4, type, std::move(orders)};
}

CreateGroupedOrders Otoco(const std::function<void(std::vector<OrderInfo>&)>& change) {
  std::vector<OrderInfo> orders = {LimitBuy(), Child(OrderType::kTakeProfit),
                                   Child(OrderType::kStopLossLimit)};
  change(orders);
  return Group(GroupingType::kOneTriggersOneCancelsOther, orders);
}

CreateGroupedOrders Oto(const std::function<void(std::vector<OrderInfo>&)>& change) {
  std::vector<OrderInfo> orders = {LimitBuy(), Child(OrderType::kStopLoss)};
  change(orders);
  return Group(GroupingType::kOneTriggersOther, orders);
}

CreateGroupedOrders Oco(const std::function<void(std::vector<OrderInfo>&)>& change) {
  std::vector<OrderInfo> orders = {Child(OrderType::kTakeProfit), Child(OrderType::kStopLoss)};
  change(orders);
  return Group(GroupingType::kOneCancelsOther, orders);
}

Transfer GoodTransfer(const std::function<void(Transfer&)>& change) {
  Transfer transfer{.from_account_index = 1,
                    .api_key_index = 4,
                    .to_account_index = 2,
                    .asset_index = 3,
                    .from_route = Route::kPerps,
                    .to_route = Route::kSpot,
                    .amount = 5'000'000,
                    .usdc_fee = 0,
                    .memo = {},
                    .l1_sig = ""};
  change(transfer);
  return transfer;
}

struct Case {
  std::string name;
  Transaction transaction;
  std::string want;  // "" where it is accepted
  Attributes attributes = {};
};
void PrintTo(const Case& row, std::ostream* out) { *out << row.name; }

class ValidateTest : public testing::TestWithParam<Case> {};

TEST_P(ValidateTest, AcceptsOrRefusesWithItsMessage) {
  const Envelope envelope = {1'789'000'000'000, 7, GetParam().attributes};
  const absl::Status status = Validate(GetParam().transaction, envelope);
  EXPECT_EQ(std::string(status.message()), GetParam().want);
  EXPECT_EQ(status.code(),
            GetParam().want.empty() ? absl::StatusCode::kOk : absl::StatusCode::kInvalidArgument);
}

constexpr auto kSame = [](auto&) {};

INSTANTIATE_TEST_SUITE_P(
    Orders, ValidateTest,
    testing::Values(
        Case{"limit", Order(kSame), ""},
        Case{"wide_market", Order([](auto& o) { o.market_index = 32767; }), ""},
        Case{"market_too_wide", Order([](auto& o) { o.market_index = 32768; }),
             "MarketIndex is not valid"},
        Case{"negative_market", Order([](auto& o) { o.market_index = -1; }),
             "MarketIndex is not valid"},
        Case{"account_minus_one", Order([](auto& o) { o.account_index = -1; }), ""},
        Case{"account_minus_two", Order([](auto& o) { o.account_index = -2; }),
             "AccountIndex should not be less than -1"},
        Case{"account_too_high", Order([](auto& o) { o.account_index = 281474976710655; }),
             "AccountIndex should not be larger than 281474976710654"},
        Case{"price_zero", Order([](auto& o) { o.price = 0; }),
             "OrderPrice should not be less than 1"},
        Case{"price_2_32", Order([](auto& o) { o.price = 4294967296; }),
             "OrderPrice should not be larger than 4294967295"},
        Case{"base_2_48", Order([](auto& o) { o.base_amount = 281474976710656; }),
             "BaseAmount should not be larger than 281474976710655"},
        Case{"negative_base", Order([](auto& o) { o.base_amount = -1; }),
             "BaseAmount should not be less than 1"},
        Case{"is_ask_two", Order([](auto& o) { o.is_ask = 2; }), "IsAsk should be 0 or 1"},
        Case{"reduce_only_two", Order([](auto& o) { o.reduce_only = 2; }), "ReduceOnly is invalid"},
        Case{"internal_type", Order([](auto& o) { o.type = static_cast<OrderType>(8); }),
             "OrderType is not valid"},
        Case{"negative_expiry", Order([](auto& o) { o.order_expiry = -1; }),
             "OrderExpiry is invalid"},
        Case{"resting_without_expiry", Order([](auto& o) { o.order_expiry = 0; }),
             "OrderExpiry is invalid"},
        Case{"stop_loss_on_spot", Order([](auto& o) {
               static_cast<OrderInfo&>(o) = Child(OrderType::kStopLoss);
               o.base_amount = 5, o.reduce_only = 0, o.market_index = 2048;
             }),
             "OrderType is not valid"},
        Case{"take_profit_resting", Order([](auto& o) {
               static_cast<OrderInfo&>(o) = Child(OrderType::kTakeProfit);
               o.time_in_force = TimeInForce::kGoodTillTime;
             }),
             "OrderTimeInForce is not valid"},
        Case{"trigger_without_expiry", Order([](auto& o) {
               static_cast<OrderInfo&>(o) = Child(OrderType::kTakeProfitLimit);
               o.order_expiry = 0;
             }),
             "OrderExpiry is invalid"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Groups, ValidateTest,
    testing::Values(
        Case{"otoco", Otoco(kSame), ""}, Case{"oto", Oto(kSame), ""}, Case{"oco", Oco(kSame), ""},
        Case{"empty", Group(GroupingType::kOneCancelsOther, {}), "OrderGroupSize is not valid"},
        Case{"four", Otoco([](auto& o) { o.push_back(o.back()); }), "OrderGroupSize is not valid"},
        Case{"otoco_of_two", Otoco([](auto& o) { o.pop_back(); }), "OrderGroupSize is not valid"},
        Case{"oto_of_three", Oto([](auto& o) { o.push_back(o.back()); }),
             "OrderGroupSize is not valid"},
        Case{"oco_of_three", Oco([](auto& o) { o.push_back(o.back()); }),
             "OrderGroupSize is not valid"},
        Case{"unknown_grouping", Group(static_cast<GroupingType>(4), {LimitBuy(), LimitBuy()}),
             "GroupingType is not valid"},
        Case{"other_market", Oco([](auto& o) { o[1].market_index = 1; }),
             "MarketIndex should match the market index of the order"},
        Case{"spot", Oco([](auto& o) { o[0].market_index = o[1].market_index = 2048; }),
             "MarketIndex is not valid"},
        Case{"client_index_twice",
             Oco([](auto& o) { o[0].client_order_index = o[1].client_order_index = 9; }),
             "ClientOrderIndex should be unique within the group"},
        Case{"oco_other_size", Oco([](auto& o) { o[0].base_amount = 1; }),
             "BaseAmounts should be equal"},
        Case{"oco_other_side", Oco([](auto& o) { o[0].is_ask = 0; }), "IsAsk should be 0 or 1"},
        Case{"oco_not_reducing", Oco([](auto& o) {
               o[0].base_amount = o[1].base_amount = 3;
               o[0].reduce_only = 0;
             }),
             "ReduceOnly is invalid"},
        Case{"oco_other_expiry", Oco([](auto& o) { ++o[0].order_expiry; }),
             "OrderExpiry is invalid"},
        Case{"oco_two_stops", Oco([](auto& o) { o[0].type = OrderType::kStopLossLimit; }),
             "OrderType is not valid"},
        Case{"child_with_size", Oto([](auto& o) { o[1].base_amount = 1; }),
             "BaseAmount should be nil"},
        Case{"child_on_the_same_side", Otoco([](auto& o) { o[2].is_ask = 0; }),
             "IsAsk should be 0 or 1"},
        Case{"children_expire_apart", Otoco([](auto& o) { ++o[2].order_expiry; }),
             "OrderExpiry is invalid"},
        Case{"parent_expires_apart", Oto([](auto& o) { ++o[0].order_expiry; }),
             "OrderExpiry is invalid"},
        Case{"parent_triggers", Oto([](auto& o) { o[0].type = OrderType::kStopLoss; }),
             "OrderType is not valid"},
        Case{"child_is_a_limit_order", Oto([](auto& o) { o[1].type = OrderType::kLimit; }),
             "OrderType is not valid"},
        Case{"child_without_trigger", Oto([](auto& o) { o[1].trigger_price = 0; }),
             "TriggerPrice is invalid"},
        Case{"child_without_price", Oto([](auto& o) { o[1].price = 0; }),
             "OrderPrice should not be less than 1"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Others, ValidateTest,
    testing::Values(
        Case{"cancel", CancelOrder{1, 4, 0, 1}, ""},
        Case{"cancel_nothing", CancelOrder{1, 4, 0, 0},
             "OrderIndex should not be less than 281474976710656"},
        Case{"cancel_2_60", CancelOrder{1, 4, 0, 1152921504606846976},
             "OrderIndex should not be larger than 1152921504606846975"},
        Case{"cancel_all_of_all_keys", CancelAllOrders{1, 255, CancelAllTime::kImmediate, 0}, ""},
        Case{"cancel_all_at_once_with_a_time", CancelAllOrders{1, 4, CancelAllTime::kImmediate, 5},
             "CancelAllTime should be nil"},
        Case{"cancel_all_scheduled_without_a_time",
             CancelAllOrders{1, 4, CancelAllTime::kScheduled, 0},
             "CancelAllTime should be larger than 0 and not larger than 9223372036854775807"},
        Case{"cancel_all_unknown", CancelAllOrders{1, 4, static_cast<CancelAllTime>(3), 0},
             "CancelAllTimeInForce is invalid"},
        Case{"cancel_all_of_one_market_scheduled",
             CancelAllOrders{1, 4, CancelAllTime::kScheduled, kExpiry},
             "Cancel all for market index can't be scheduled, TimeInforce must be "
             "ImmediateCancelAll",
             {{AttributeType::kCancelAllMarket, 0}}},
        Case{"modify", ModifyOrder{1, 4, 0, 77, 0, 1, 0}, ""},
        Case{"modify_nothing", ModifyOrder{1, 4, 0, 0, 5, 1, 0},
             "ClientOrderIndex should not be less than 1"},
        Case{"leverage", UpdateLeverage{1, 4, 0, 10'000, MarginMode::kIsolated}, ""},
        Case{"leverage_without_margin", UpdateLeverage{1, 4, 0, 0, MarginMode::kCross},
             "InitialMarginFraction should not be less than 0"},
        Case{"leverage_below_one", UpdateLeverage{1, 4, 0, 10'001, MarginMode::kCross},
             "InitialMarginFraction should not be larger than 10000"},
        Case{"leverage_unknown_mode", UpdateLeverage{1, 4, 0, 500, static_cast<MarginMode>(2)},
             "MarginMode is not valid"},
        Case{"leverage_no_market", UpdateLeverage{1, 4, 255, 500, MarginMode::kCross},
             "MarketIndex is not valid"},
        Case{"margin_of_nothing", UpdateMargin{1, 4, 0, 0, MarginDirection::kAdd},
             "TransferAmount should be larger than 1"},
        Case{"margin_of_spot", UpdateMargin{1, 4, 2048, 1, MarginDirection::kAdd},
             "MarketIndex is not valid"},
        Case{"margin_nowhere", UpdateMargin{1, 4, 0, 1, static_cast<MarginDirection>(2)},
             "Margin movement direction is not valid"},
        Case{"transfer", GoodTransfer(kSame), ""},
        Case{"transfer_2_60", GoodTransfer([](auto& t) { t.amount = 1152921504606846976; }),
             "TransferAmount should not be larger than 1152921504606846975"},
        Case{"transfer_negative_fee", GoodTransfer([](auto& t) { t.usdc_fee = -1; }),
             "TransferFee should not be negative"},
        Case{"transfer_of_no_asset", GoodTransfer([](auto& t) { t.asset_index = 0; }),
             "AssetIndex should not be less than 1"},
        Case{"transfer_unknown_route",
             GoodTransfer([](auto& t) { t.to_route = static_cast<Route>(2); }),
             "RouteType is invalid"},
        Case{"transfer_text_instead_of_signature",
             GoodTransfer([](auto& t) { t.l1_sig = "0x\",\"a\":\"b"; }), "L1Sig is invalid"},
        Case{"withdraw_nothing", Withdraw{1, 4, 3, Route::kPerps, 0},
             "WithdrawalAmount should be larger than 1"},
        Case{"integrator_forever", ApproveIntegrator{1, 4, 2, 1, 0, 0, 0, 0, ""},
             "ApprovalExpiry should be zero when revoking integrator approval"},
        Case{"integrator_fee", ApproveIntegrator{1, 4, 2, 1'000'001, 0, 0, 0, kExpiry, ""},
             "MarketFee should not be larger than 1000000"},
        Case{"sub_account_of_a_sub_account", CreateSubAccount{140737488355328, 4},
             "FromAccountIndex should not be larger than 281474976710654"},
        Case{"key_that_is_no_element",
             ChangePubKey{1, 4, {255, 255, 255, 255, 255, 255, 255, 255}, ""}, "PubKey is invalid"},
        Case{"pool_that_is_an_account", MintShares{1, 4, 5, 1},
             "PublicPoolIndex should not be less than -1"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    AttributeRules, ValidateTest,
    testing::Values(
        Case{"fees_without_integrator",
             Order(kSame),
             "IntegratorAccountIndex should be non-zero when integrator taker fee or maker fee is "
             "non-zero",
             {{AttributeType::kIntegratorTakerFee, 1}}},
        Case{"fees_with_self_trade",
             Order(kSame),
             "Self-trade specification isn't allowed with integrator fees",
             {{AttributeType::kIntegratorAccount, 5},
              {AttributeType::kIntegratorMakerFee, 1},
              {AttributeType::kSelfTradeBehavior, 1}}},
        Case{"zero_fees_with_self_trade",
             Order(kSame),
             "",
             {{AttributeType::kIntegratorAccount, 5}, {AttributeType::kSelfTradeEquality, 1}}},
        Case{"behavior_out_of_range",
             Order(kSame),
             "SelfTradeBehaviorMode is in invalid range",
             {{AttributeType::kSelfTradeBehavior, 4}}},
        Case{"equality_out_of_range",
             Order(kSame),
             "SelfTradeEqualityMode is in invalid range",
             {{AttributeType::kSelfTradeEquality, 2}}},
        Case{"market_out_of_range",
             Order(kSame),
             "Cancel all for market index attribute is in invalid range",
             {{AttributeType::kCancelAllMarket, 256}}},
        Case{"integrator_out_of_range",
             Order(kSame),
             "IntegratorAccountIndex is in invalid range",
             {{AttributeType::kIntegratorAccount, -1}}},
        Case{"version_out_of_range",
             Order(kSame),
             "OrderOrderVersion is in invalid range",
             {{AttributeType::kOrderVersion, 281474976710656}}},
        Case{"unknown_type",
             Order(kSame),
             "Attribute type is invalid: 9",
             {{static_cast<AttributeType>(9), 1}}}),
    [](const auto& info) { return info.param.name; });

PrivateKey Key() { return *PrivateKey::FromSeed(crypto::Bytes(32, 3)); }

TEST(SignTransactionTest, RefusesWhatIsNotValid) {
  const auto signed_order =
      SignTransaction(Order([](auto& o) { o.price = 0; }), {1, 1, {}}, ChainId::kMainnet, Key());
  EXPECT_EQ(signed_order.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(SignTransactionTest, RefusesANegativeNonce) {
  EXPECT_EQ(SignTransaction(Order(kSame), {1, -1, {}}, ChainId::kMainnet, Key()).status().message(),
            "AccountNonce should not be less than 0");
}

TEST(SignTransactionTest, ANewKeyIsSignedByItself) {
  const PrivateKey key = Key(), other = *PrivateKey::FromSeed(crypto::Bytes(32, 4));
  const ChangePubKey change{1, 4, key.public_key().bytes(), ""};
  EXPECT_TRUE(SignTransaction(change, {1, 1, {}}, ChainId::kMainnet, key).ok());
  EXPECT_EQ(SignTransaction(change, {1, 1, {}}, ChainId::kMainnet, other).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(
      SignTransaction(ChangePubKey{1, 4, {}, ""}, {1, 1, {}}, ChainId::kMainnet, other).ok());
}

TEST(HashTransactionTest, DependsOnChainNonceAndDeadline) {
  const Transaction order = Order(kSame);
  const Fp5 hash = HashTransaction(order, {10, 20, {}}, ChainId::kMainnet);
  EXPECT_NE(HashTransaction(order, {10, 20, {}}, ChainId::kTestnet), hash);
  EXPECT_NE(HashTransaction(order, {10, 21, {}}, ChainId::kMainnet), hash);
  EXPECT_NE(HashTransaction(order, {11, 20, {}}, ChainId::kMainnet), hash);
}

TEST(HashTransactionTest, NilAttributesAreWrittenAndNotHashed) {
  const Transaction order = Order(kSame);
  const Envelope plain = {10, 20, {}};
  const Envelope nil = {
      10, 20, {{AttributeType::kIntegratorAccount, 0}, {AttributeType::kCancelAllMarket, 255}}};
  EXPECT_EQ(HashTransaction(order, nil, ChainId::kMainnet),
            HashTransaction(order, plain, ChainId::kMainnet));
  EXPECT_TRUE(
      WriteTransaction(order, nil, {}).ends_with("\"L2TxAttributes\":{\"1\":0,\"5\":255}}"));
  // Market 0 is a market.
  const Envelope zero = {10, 20, {{AttributeType::kCancelAllMarket, 0}}};
  EXPECT_NE(HashTransaction(order, zero, ChainId::kMainnet),
            HashTransaction(order, plain, ChainId::kMainnet));
}

TEST(AuthTokenTest, RefusesWhatTheExchangeWould) {
  const PrivateKey key = Key();
  EXPECT_TRUE(MakeAuthToken(key, {1, 254}, 1'790'000'000).ok());
  for (const TokenOwner& owner :
       {TokenOwner{-1, 4}, TokenOwner{281474976710655, 4}, TokenOwner{1, -1}, TokenOwner{1, 255}}) {
    EXPECT_EQ(MakeAuthToken(key, owner, 1'790'000'000).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(MakeAuthToken(key, {1, 4}, 0).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace switchyard::exchanges::lighter::signing
