// The house's orders as Lighter's transactions: exact integers, and what is refused. Failures
// first.
#include "exchanges/lighter/order/order_transactions.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

#include "common/json/json.h"
#include "common/status/status.h"
#include "exchanges/lighter/order/client_id.h"
#include "exchanges/lighter/signing/transactions/transaction.h"
#include "tests/exchanges/lighter/order/markets.h"
#include "tests/exchanges/lighter/order/private_samples.h"

namespace switchyard::exchanges::lighter {
namespace {

namespace v1 = order::v1;
using signing::AttributeType;
using std::chrono::hours;
using std::chrono::minutes;

constexpr TimeNs kNow = TimeNs::FromSeconds(1'800'000'000);
constexpr std::int64_t kNowMs = 1'800'000'000'000;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr KeyOwner kOwner{1077, 4};

Decimal D(std::string_view text) { return Decimal::Parse(text).value(); }

model::OrderTerms Limit(std::string_view quantity, std::string_view price) {
  model::OrderTerms terms;
  terms.side = common::v1::SIDE_BUY;
  terms.type = v1::ORDER_TYPE_LIMIT;
  terms.time_in_force = v1::TIME_IN_FORCE_GTC;
  terms.quantity = D(quantity);
  terms.price = D(price);
  return terms;
}

model::OrderTerms MarketOrder(std::string_view quantity, std::string_view worst_price) {
  model::OrderTerms terms = Limit(quantity, "1");
  terms.type = v1::ORDER_TYPE_MARKET;
  terms.time_in_force = v1::TIME_IN_FORCE_IOC;
  terms.price.reset();
  terms.worst_price = D(worst_price);
  return terms;
}

model::OrderTerms Conditional(v1::OrderType type, std::string_view trigger) {
  model::OrderTerms terms = Limit("0.5", "2000");
  terms.type = type;
  terms.side = common::v1::SIDE_SELL;
  terms.reduce_only = true;
  terms.trigger = {D(trigger), v1::TRIGGER_REFERENCE_MARK};
  if (type == v1::ORDER_TYPE_STOP_MARKET || type == v1::ORDER_TYPE_TAKE_PROFIT_MARKET) {
    terms.worst_price = std::exchange(terms.price, std::nullopt);
  }
  return terms;
}

class OrderTransactionsTest : public testing::Test {
 protected:
  const model::Instrument& On(const std::string& exchange_symbol) {
    return MarketOf(*markets_, exchange_symbol);
  }
  absl::StatusOr<Draft> Place(const model::OrderTerms& terms, const std::string& market = "ETH",
                              const std::string& id = "77") {
    return PlaceDraft(kOwner, On(market), {On(market).symbol, id, terms}, kNow);
  }
  signing::CreateOrder Placed(const model::OrderTerms& terms, const std::string& market = "ETH") {
    const auto draft = Place(terms, market);
    EXPECT_TRUE(draft.ok()) << draft.status();
    if (!draft.ok()) return {};
    // What the exchange's own library would take.
    EXPECT_EQ(signing::Validate(draft->transaction, {1, 1, draft->attributes}), absl::OkStatus());
    return std::get<signing::CreateOrder>(draft->transaction);
  }
  // The reason for which an order is refused, and the field or feature it names.
  void ExpectRefused(const model::OrderTerms& terms, common::v1::ErrorReason reason,
                     const std::string& market = "ETH") {
    const auto draft = Place(terms, market);
    ASSERT_FALSE(draft.ok());
    EXPECT_EQ(ReasonOf(draft.status()), reason) << draft.status();
    EXPECT_EQ(CheckTerms(On(market), terms, kNow), draft.status());
  }

  const std::shared_ptr<const model::InstrumentTable> markets_ = Markets();
};

constexpr auto kInvalid = common::v1::ERROR_REASON_INVALID_FIELD;
constexpr auto kNotOffered = common::v1::ERROR_REASON_NOT_IN_CAPABILITIES;
constexpr auto kNotRepresentable = common::v1::ERROR_REASON_NOT_REPRESENTABLE;

TEST_F(OrderTransactionsTest, WhatIsNotOnTheGridIsRefusedWithTheNearestValues) {
  const auto price = Place(Limit("0.5", "2352.745"));
  EXPECT_EQ(ReasonOf(price.status()), kNotRepresentable);
  EXPECT_EQ(MetadataOf(price.status())["field"], "price");
  EXPECT_EQ(MetadataOf(price.status())["nearest"], "2352.74,2352.75");
  const auto quantity = Place(Limit("0.00015", "2352.74"));
  EXPECT_EQ(MetadataOf(quantity.status())["field"], "quantity");
  EXPECT_EQ(MetadataOf(quantity.status())["nearest"], "0.0001,0.0002");
  // Below the first one there is none.
  EXPECT_EQ(MetadataOf(Place(Limit("0.00005", "2352.74")).status())["nearest"], "0.0001");
  // 2^32 - 1 ticks, 2^48 - 1 steps.
  EXPECT_EQ(MetadataOf(Place(Limit("1", "42949672.96")).status())["nearest"], "42949672.95");
  EXPECT_EQ(MetadataOf(Place(Limit("28147497671.0656", "1")).status())["nearest"],
            "28147497671.0655");
  EXPECT_TRUE(Place(Limit("28147497671.0655", "42949672.95")).ok());
}

TEST_F(OrderTransactionsTest, LotsOfAThousandAreNotSplit) {
  EXPECT_EQ(MetadataOf(Place(Limit("1500", "0.00001"), "1000PEPE").status())["nearest"],
            "1000,2000");
  const auto order = Placed(Limit("25000", "0.000011234"), "1000PEPE");
  EXPECT_EQ(order.market_index, 7);
  EXPECT_EQ(order.base_amount, 25);
  EXPECT_EQ(order.price, 11'234);  // 0.011234 for a lot, in units of 1e-6
}

TEST_F(OrderTransactionsTest, WhatTheExchangeHasNotIsRefused) {
  auto terms = Limit("0.5", "2000");
  terms.time_in_force = v1::TIME_IN_FORCE_FOK;
  ExpectRefused(terms, kNotOffered);
  terms = Limit("0.5", "2000");
  terms.type = v1::ORDER_TYPE_TRAILING_STOP;
  ExpectRefused(terms, kNotOffered);
  terms = MarketOrder("0.5", "2000");
  terms.quote_quantity = std::exchange(terms.quantity, std::nullopt);
  ExpectRefused(terms, kNotOffered);
  terms = Limit("0.5", "2000");
  terms.position_side = common::v1::POSITION_SIDE_LONG;
  ExpectRefused(terms, kNotOffered);
  terms = Limit("0.5", "2000");
  terms.reduce_only = true;
  ExpectRefused(terms, kNotOffered, "ETH/USDC");
  ExpectRefused(Conditional(v1::ORDER_TYPE_STOP_LIMIT, "2100"), kNotOffered, "ETH/USDC");
  // A trigger by another price would be another order.
  terms = Conditional(v1::ORDER_TYPE_STOP_LIMIT, "2100");
  terms.trigger->reference = v1::TRIGGER_REFERENCE_LAST;
  ExpectRefused(terms, kNotOffered);
  terms.trigger->reference = v1::TRIGGER_REFERENCE_UNSPECIFIED;
  ExpectRefused(terms, kNotOffered);
}

TEST_F(OrderTransactionsTest, ContradictionsAreRefused) {
  auto terms = MarketOrder("0.5", "2000");
  terms.worst_price.reset();
  ExpectRefused(terms, kInvalid);  // never "at any price"
  terms = MarketOrder("0.5", "2000");
  terms.time_in_force = v1::TIME_IN_FORCE_GTC;
  ExpectRefused(terms, kInvalid);
  terms = Limit("0.5", "2000");
  terms.post_only = true;
  terms.time_in_force = v1::TIME_IN_FORCE_IOC;
  ExpectRefused(terms, kInvalid);
  terms = Conditional(v1::ORDER_TYPE_STOP_MARKET, "2100");
  terms.post_only = true;
  ExpectRefused(terms, kInvalid);
  terms = Limit("0.5", "2000");
  terms.side = common::v1::SIDE_UNSPECIFIED;
  ExpectRefused(terms, kInvalid);
  terms = Limit("0.5", "2000");
  terms.quantity.reset();
  ExpectRefused(terms, kInvalid);
  ExpectRefused(Limit("0", "2000"), kInvalid);
  ExpectRefused(Limit("0.5", "-1"), kInvalid);
  terms = Limit("0.5", "2000");
  terms.trigger = {D("2100"), v1::TRIGGER_REFERENCE_MARK};
  ExpectRefused(terms, kInvalid);
  terms = Conditional(v1::ORDER_TYPE_STOP_LIMIT, "2100");
  terms.trigger.reset();
  ExpectRefused(terms, kInvalid);
}

TEST_F(OrderTransactionsTest, AnEndHasToBeFiveMinutesToThirtyDaysAhead) {
  auto terms = Limit("0.5", "2000");
  terms.time_in_force = v1::TIME_IN_FORCE_GTD;
  for (const std::chrono::nanoseconds ahead :
       {std::chrono::nanoseconds(minutes(5)) - std::chrono::nanoseconds(1),
        std::chrono::nanoseconds(hours(30 * 24)) + std::chrono::nanoseconds(1)}) {
    terms.expire_time = kNow + ahead;
    ExpectRefused(terms, kInvalid);
  }
  terms.expire_time = kNow + minutes(5);
  EXPECT_EQ(Placed(terms).order_expiry, kNowMs + 300'000);
  terms.expire_time = kNow + hours(30 * 24);
  EXPECT_EQ(Placed(terms).order_expiry, kNowMs + 30 * kDayMs);
}

TEST_F(OrderTransactionsTest, AnIdThatIsNoIndexIsRefused) {
  EXPECT_EQ(ReasonOf(Place(Limit("0.5", "2000"), "ETH", "my-order").status()), kInvalid);
  EXPECT_EQ(ReasonOf(Place(Limit("0.5", "2000"), "ETH", "").status()), kInvalid);
}

TEST_F(OrderTransactionsTest, ALimitOrderRestsForTwentyEightDays) {
  const auto order = Placed(Limit("0.5", "2352.74"));
  EXPECT_EQ(order.account_index, 1077);
  EXPECT_EQ(order.api_key_index, 4);
  EXPECT_EQ(order.market_index, 0);
  EXPECT_EQ(order.client_order_index, 77);
  EXPECT_EQ(order.base_amount, 5000);
  EXPECT_EQ(order.price, 235'274);
  EXPECT_EQ(order.is_ask, 0);
  EXPECT_EQ(order.type, signing::OrderType::kLimit);
  EXPECT_EQ(order.time_in_force, signing::TimeInForce::kGoodTillTime);
  EXPECT_EQ(order.reduce_only, 0);
  EXPECT_EQ(order.trigger_price, 0);
  EXPECT_EQ(order.order_expiry, kNowMs + 28 * kDayMs);
}

TEST_F(OrderTransactionsTest, PostOnlyReduceOnlyAndImmediateOnes) {
  auto terms = Limit("0.5", "2352.74");
  terms.post_only = true;
  terms.reduce_only = true;
  terms.side = common::v1::SIDE_SELL;
  auto order = Placed(terms);
  EXPECT_EQ(order.time_in_force, signing::TimeInForce::kPostOnly);
  EXPECT_EQ(order.reduce_only, 1);
  EXPECT_EQ(order.is_ask, 1);
  terms = Limit("0.5", "2352.74");
  terms.time_in_force = v1::TIME_IN_FORCE_IOC;
  order = Placed(terms);
  EXPECT_EQ(order.time_in_force, signing::TimeInForce::kImmediateOrCancel);
  EXPECT_EQ(order.order_expiry, 0);
}

TEST_F(OrderTransactionsTest, AMarketOrderCarriesItsWorstPrice) {
  const auto order = Placed(MarketOrder("0.5", "2400.01"));
  EXPECT_EQ(order.type, signing::OrderType::kMarket);
  EXPECT_EQ(order.price, 240'001);
  EXPECT_EQ(order.time_in_force, signing::TimeInForce::kImmediateOrCancel);
  EXPECT_EQ(order.order_expiry, 0);
}

TEST_F(OrderTransactionsTest, ConditionalOrdersHaveTriggerAndEnd) {
  struct Case {
    v1::OrderType type;
    signing::OrderType wire;
    signing::TimeInForce life;
  };
  for (const Case& row :
       {Case{v1::ORDER_TYPE_STOP_MARKET, signing::OrderType::kStopLoss,
             signing::TimeInForce::kImmediateOrCancel},
        Case{v1::ORDER_TYPE_STOP_LIMIT, signing::OrderType::kStopLossLimit,
             signing::TimeInForce::kGoodTillTime},
        Case{v1::ORDER_TYPE_TAKE_PROFIT_MARKET, signing::OrderType::kTakeProfit,
             signing::TimeInForce::kImmediateOrCancel},
        Case{v1::ORDER_TYPE_TAKE_PROFIT_LIMIT, signing::OrderType::kTakeProfitLimit,
             signing::TimeInForce::kGoodTillTime}}) {
    SCOPED_TRACE(v1::OrderType_Name(row.type));
    const auto order = Placed(Conditional(row.type, "2100.5"));
    EXPECT_EQ(order.type, row.wire);
    EXPECT_EQ(order.time_in_force, row.life);
    EXPECT_EQ(order.price, 200'000);
    EXPECT_EQ(order.trigger_price, 210'050);
    EXPECT_EQ(order.order_expiry, kNowMs + 28 * kDayMs);
    EXPECT_EQ(order.reduce_only, 1);
  }
}

TEST_F(OrderTransactionsTest, AWholePositionIsAnAmountOfZeroThatOnlyReduces) {
  auto terms = Conditional(v1::ORDER_TYPE_STOP_MARKET, "2100");
  terms.quantity.reset();
  terms.reduce_only = false;
  terms.close_position = true;
  const auto order = Placed(terms);
  EXPECT_EQ(order.base_amount, 0);
  EXPECT_EQ(order.reduce_only, 1);
  terms.type = v1::ORDER_TYPE_STOP_LIMIT;
  terms.price = std::exchange(terms.worst_price, std::nullopt);
  ExpectRefused(terms, kInvalid);
}

TEST_F(OrderTransactionsTest, SelfTradePreventionIsAnAttribute) {
  const std::pair<v1::SelfTradePrevention, signing::Attributes> rows[] = {
      {v1::SELF_TRADE_PREVENTION_UNSPECIFIED, {}},
      {v1::SELF_TRADE_PREVENTION_CANCEL_MAKER, {}},  // what happens without
      {v1::SELF_TRADE_PREVENTION_CANCEL_TAKER, {{AttributeType::kSelfTradeBehavior, 1}}},
      {v1::SELF_TRADE_PREVENTION_CANCEL_BOTH, {{AttributeType::kSelfTradeBehavior, 2}}},
      {v1::SELF_TRADE_PREVENTION_REDUCE, {{AttributeType::kSelfTradeBehavior, 3}}}};
  for (const auto& [rule, attributes] : rows) {
    auto terms = Limit("0.5", "2000");
    terms.self_trade_prevention = rule;
    EXPECT_EQ(Place(terms)->attributes, attributes) << v1::SelfTradePrevention_Name(rule);
  }
  auto terms = Limit("0.5", "2000");
  terms.self_trade_prevention = v1::SELF_TRADE_PREVENTION_UNRECOGNISED;
  ExpectRefused(terms, kNotOffered);
}

TEST_F(OrderTransactionsTest, AttachedOrdersMakeAGroup) {
  auto terms = Limit("0.5", "2000");
  terms.stop_loss = {{D("1900"), v1::TRIGGER_REFERENCE_MARK}, D("1890"), std::nullopt, "78"};
  auto draft = Place(terms);
  ASSERT_TRUE(draft.ok()) << draft.status();
  auto group = std::get<signing::CreateGroupedOrders>(draft->transaction);
  EXPECT_EQ(group.grouping_type, signing::GroupingType::kOneTriggersOther);
  ASSERT_EQ(group.orders.size(), 2u);
  EXPECT_EQ(signing::Validate(group, {1, 1, {}}), absl::OkStatus());
  terms.take_profit = {{D("2200"), v1::TRIGGER_REFERENCE_MARK}, D("2190"), std::nullopt, "79"};
  draft = Place(terms);
  ASSERT_TRUE(draft.ok()) << draft.status();
  group = std::get<signing::CreateGroupedOrders>(draft->transaction);
  EXPECT_EQ(signing::Validate(group, {1, 1, {}}), absl::OkStatus());
  EXPECT_EQ(group.grouping_type, signing::GroupingType::kOneTriggersOneCancelsOther);
  ASSERT_EQ(group.orders.size(), 3u);
  EXPECT_EQ(group.account_index, 1077);
  EXPECT_EQ(group.api_key_index, 4);
  const signing::OrderInfo& child = group.orders[2];
  EXPECT_EQ(child.type, signing::OrderType::kTakeProfitLimit);
  EXPECT_EQ(child.client_order_index, 79);
  EXPECT_EQ(child.base_amount, 0);
  EXPECT_EQ(child.is_ask, 1);
  EXPECT_EQ(child.reduce_only, 1);
  EXPECT_EQ(child.trigger_price, 220'000);
  EXPECT_EQ(child.price, 219'000);
  EXPECT_EQ(child.order_expiry, group.orders[0].order_expiry);
}

TEST_F(OrderTransactionsTest, AttachedOrdersThatCannotBeKeptAreRefused) {
  auto terms = Limit("0.5", "2000");
  terms.stop_loss = {{D("1900"), v1::TRIGGER_REFERENCE_MARK}, std::nullopt, std::nullopt, "78"};
  EXPECT_EQ(ReasonOf(Place(terms).status()), kNotOffered);  // no worst price
  terms.stop_loss = {{D("1900"), v1::TRIGGER_REFERENCE_MARK}, D("1890"), D("0.1"), "78"};
  EXPECT_EQ(ReasonOf(Place(terms).status()), kNotOffered);
  terms.stop_loss = {{D("1900"), v1::TRIGGER_REFERENCE_LAST}, D("1890"), std::nullopt, "78"};
  EXPECT_EQ(ReasonOf(Place(terms).status()), kNotOffered);
  terms.stop_loss = {{D("1900"), v1::TRIGGER_REFERENCE_MARK}, D("1890"), std::nullopt, "78"};
  EXPECT_EQ(ReasonOf(Place(terms, "ETH/USDC").status()), kNotOffered);
}

TEST_F(OrderTransactionsTest, OneCancelsOtherIsAStopAndATakeProfitThatReduce) {
  const auto stop = Conditional(v1::ORDER_TYPE_STOP_LIMIT, "1900");
  const auto profit = Conditional(v1::ORDER_TYPE_TAKE_PROFIT_LIMIT, "2200");
  const auto& eth = On("ETH");
  const auto draft =
      OneCancelsOtherDraft(kOwner, eth, {eth.symbol, "1", stop}, {eth.symbol, "2", profit}, kNow);
  ASSERT_TRUE(draft.ok()) << draft.status();
  const auto& group = std::get<signing::CreateGroupedOrders>(draft->transaction);
  EXPECT_EQ(group.grouping_type, signing::GroupingType::kOneCancelsOther);
  EXPECT_EQ(group.orders[1].type, signing::OrderType::kTakeProfitLimit);
  auto opening = profit;
  opening.reduce_only = false;
  EXPECT_EQ(
      OneCancelsOtherDraft(kOwner, eth, {eth.symbol, "1", stop}, {eth.symbol, "2", opening}, kNow)
          .status()
          .message(),
      "ReduceOnly is invalid");
}

TEST_F(OrderTransactionsTest, AnAmendmentGivesAllValuesAnew) {
  exchange::AmendCommand command;
  StandingOrder standing;
  command.order = {On("ETH").symbol, "281474977354074", "77", false};
  standing.terms = Limit("0.5", "2000");
  command.price = D("2001.5");
  auto draft = AmendDraft(kOwner, On("ETH"), command, standing);
  ASSERT_TRUE(draft.ok()) << draft.status();
  auto change = std::get<signing::ModifyOrder>(draft->transaction);
  EXPECT_EQ(change.index, 281474977354074);
  EXPECT_EQ(change.base_amount, 5000);
  EXPECT_EQ(change.price, 200'150);
  EXPECT_EQ(change.trigger_price, 0);
  EXPECT_EQ(change.api_key_index, 4);

  command.order.exchange_order_id.clear();
  standing.terms = Conditional(v1::ORDER_TYPE_STOP_MARKET, "2100");
  command.price.reset();
  command.quantity = D("0.7");
  command.trigger_price = D("2050");
  draft = AmendDraft(kOwner, On("ETH"), command, standing);
  ASSERT_TRUE(draft.ok()) << draft.status();
  change = std::get<signing::ModifyOrder>(draft->transaction);
  EXPECT_EQ(change.index, 77);
  EXPECT_EQ(change.base_amount, 7000);
  EXPECT_EQ(change.price, 200'000);
  EXPECT_EQ(change.trigger_price, 205'000);
}

TEST_F(OrderTransactionsTest, AnAmendmentThatIsAmbiguousOrOffTheGridIsRefused) {
  exchange::AmendCommand command;
  StandingOrder standing;
  command.order = {On("ETH").symbol, "", "77", false};
  standing.terms = Limit("0.5", "2000");
  command.price = D("2001.555");
  EXPECT_EQ(ReasonOf(AmendDraft(kOwner, On("ETH"), command, standing).status()), kNotRepresentable);
  command.price = D("2001.5");
  standing.filled_quantity = D("0.1");
  EXPECT_EQ(ReasonOf(AmendDraft(kOwner, On("ETH"), command, standing).status()), kNotOffered);
  standing.filled_quantity = Decimal();
  command.trigger_price = D("1");
  EXPECT_EQ(ReasonOf(AmendDraft(kOwner, On("ETH"), command, standing).status()), kInvalid);
  command.trigger_price.reset();
  command.order.exchange_client_id.clear();
  EXPECT_EQ(ReasonOf(AmendDraft(kOwner, On("ETH"), command, standing).status()), kInvalid);
}

TEST_F(OrderTransactionsTest, CancelsByTheExchangesIdWhereItIsKnown) {
  const auto index = [&](const exchange::OrderReference& order) {
    const auto draft = CancelDraft(kOwner, On("LTC"), order);
    EXPECT_TRUE(draft.ok()) << draft.status();
    return std::get<signing::CancelOrder>(draft->transaction).index;
  };
  EXPECT_EQ(index({"LTC-USDC-PERP", "562949952870533", "77", false}), 562949952870533);
  EXPECT_EQ(index({"LTC-USDC-PERP", "", "77", false}), 77);
  EXPECT_EQ(ReasonOf(CancelDraft(kOwner, On("LTC"), {"LTC-USDC-PERP", "", "", false}).status()),
            kInvalid);
}

TEST_F(OrderTransactionsTest, CancelsEverythingOrOneMarket) {
  auto draft = CancelAllDraft(kOwner, nullptr);
  ASSERT_TRUE(draft.ok());
  EXPECT_TRUE(draft->attributes.empty());
  EXPECT_EQ(std::get<signing::CancelAllOrders>(draft->transaction).time_in_force,
            signing::CancelAllTime::kImmediate);
  // Market 0 is one, and the attribute's "none" is another number.
  draft = CancelAllDraft(kOwner, &On("ETH"));
  ASSERT_TRUE(draft.ok());
  EXPECT_EQ(draft->attributes, (signing::Attributes{{AttributeType::kCancelAllMarket, 0}}));
  EXPECT_EQ(signing::Validate(draft->transaction, {1, 1, draft->attributes}), absl::OkStatus());
  // 255 and more would be all markets, or none.
  EXPECT_EQ(ReasonOf(CancelAllDraft(kOwner, &On("ETH/USDC")).status()), kNotOffered);
}

TEST_F(OrderTransactionsTest, TheDeadManSwitchIsAScheduledCancelOfEverything) {
  for (const std::chrono::nanoseconds ahead :
       {std::chrono::nanoseconds(minutes(5)) - std::chrono::nanoseconds(1),
        std::chrono::nanoseconds(hours(15 * 24)) + std::chrono::nanoseconds(1)}) {
    EXPECT_EQ(ReasonOf(ScheduledCancelAllDraft(kOwner, kNow + ahead, kNow).status()), kInvalid);
  }
  const auto draft = ScheduledCancelAllDraft(kOwner, kNow + minutes(5), kNow);
  ASSERT_TRUE(draft.ok());
  const auto& cancel = std::get<signing::CancelAllOrders>(draft->transaction);
  EXPECT_EQ(cancel.time_in_force, signing::CancelAllTime::kScheduled);
  EXPECT_EQ(cancel.time, kNowMs + 300'000);
  const auto& abort =
      std::get<signing::CancelAllOrders>(AbortScheduledCancelAllDraft(kOwner).transaction);
  EXPECT_EQ(abort.time_in_force, signing::CancelAllTime::kAbortScheduled);
  EXPECT_EQ(abort.time, 0);
}

// The request of another client for the same order, but for what it signs with and when.
TEST_F(OrderTransactionsTest, GoldenRequestOfALimitOrder) {
  const json::Json body = GoldenMessage("private/request_sendTx_createOrder_limit");
  const auto theirs = json::Parse(json::RequireString(body, "tx_info").value());
  ASSERT_TRUE(theirs.ok());
  auto terms = Limit("1", "40");
  terms.time_in_force = v1::TIME_IN_FORCE_GTD;
  terms.expire_time = TimeNs::FromMillis(1774594326601);
  const auto draft = PlaceDraft({715085, 5}, On("LTC"), {On("LTC").symbol, "489057754", terms},
                                TimeNs::FromMillis(1772175126602));
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_EQ(json::RequireInt64(body, "tx_type").value(), signing::TypeOf(draft->transaction));
  const auto key = signing::PrivateKey::FromHex(std::string(80, '1')).value();
  const auto made = signing::SignTransaction(draft->transaction, {1772175725602, 7, {}},
                                             signing::ChainId::kMainnet, key);
  ASSERT_TRUE(made.ok());
  auto ours = json::Parse(made->info).value();
  for (const auto& [name, value] : theirs->items()) {
    if (name == "Sig") continue;
    EXPECT_EQ(ours[name], value) << name;
  }
}

TEST_F(OrderTransactionsTest, GoldenRequestOfACancelAll) {
  const json::Json body = GoldenMessage("private/request_sendTx_cancelAll");
  const auto theirs = json::Parse(json::RequireString(body, "tx_info").value());
  ASSERT_TRUE(theirs.ok());
  const auto draft = CancelAllDraft({715085, 5}, nullptr);
  EXPECT_EQ(json::RequireInt64(body, "tx_type").value(), signing::TypeOf(draft->transaction));
  const auto key = signing::PrivateKey::FromHex(std::string(80, '1')).value();
  const auto made = signing::SignTransaction(draft->transaction, {1772176172357, 8, {}},
                                             signing::ChainId::kMainnet, key);
  ASSERT_TRUE(made.ok());
  auto ours = json::Parse(made->info).value();
  for (const auto& [name, value] : theirs->items()) {
    if (name == "Sig") continue;
    EXPECT_EQ(ours[name], value) << name;
  }
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
