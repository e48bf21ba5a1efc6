#include "services/order/risk/pre_trade_limits.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "services/order/risk/terms.h"
#include "tests/services/order/risk/samples.h"

namespace switchyard::order::risk {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr char kStale[] = "RISK_INPUT_STALE";

MarketInput Market(const std::string& bid, const std::string& ask) {
  MarketInput market;
  if (!bid.empty()) market.best_bid = D(bid);
  if (!ask.empty()) market.best_ask = D(ask);
  return market;
}

// "OK", the limit that refused, or the reason with its input.
std::string Outcome(const absl::Status& status) {
  if (status.ok()) return "OK";
  ErrorMetadata metadata = MetadataOf(status);
  if (ReasonOf(status) == common::v1::ERROR_REASON_INVALID_FIELD) return metadata["field"];
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  if (ReasonOf(status) == common::v1::ERROR_REASON_RISK_LIMIT) return metadata["limit"];
  EXPECT_FALSE(metadata["age_ns"].empty()) << status;
  return ReasonName(ReasonOf(status)) + " " + metadata["input"];
}

class PreTradeLimitsTest : public testing::Test {
 protected:
  // `risk` is the text of a RiskConfig, null = none.
  void Configure(const char* risk) {
    config::v1::AccountConfig account;
    if (risk != nullptr) *account.mutable_risk() = Parse<config::v1::RiskConfig>(risk);
    limits_ = std::make_unique<PreTradeLimits>(ParseLimits(account).value(), clock_);
    limits_->exposure().SetPositions({}, clock_.Steady());
  }
  // A ticket of a BTC-USDT-PERP order; later fields replace earlier ones.
  model::OrderTerms Terms(const std::string& ticket) const {
    return TermsOf(Parse<v1::OrderTicket>(ticket), instrument_, clock_.Now()).value();
  }
  model::OrderTerms Limit(const std::string& side, const std::string& quantity,
                          const std::string& price, const std::string& more = "") const {
    return Terms("type: ORDER_TYPE_LIMIT side: SIDE_" + side + " quantity: '" + quantity +
                 "' price: '" + price + "' " + more);
  }
  absl::Status Admit(const model::OrderTerms& terms) {
    return limits_->Admit("key" + std::to_string(++keys_), instrument_, terms, market_);
  }
  void Position(const std::string& size) {
    limits_->exposure().SetPositions({{instrument_.symbol, common::v1::POSITION_SIDE_NET, D(size)}},
                                     clock_.Steady());
  }

  ManualClock clock_{TimeNs::FromSeconds(1'000)};
  model::Instrument instrument_ = Perpetual();
  std::optional<MarketInput> market_ = Market("99", "100");
  std::unique_ptr<PreTradeLimits> limits_;
  int keys_ = 0;
};

struct Case {
  std::string name, risk, ticket, want;
};

class LimitTest : public PreTradeLimitsTest, public testing::WithParamInterface<Case> {};

TEST_P(LimitTest, IsInclusiveAndNamesItself) {
  Configure(GetParam().risk.c_str());
  EXPECT_EQ(Outcome(Admit(Terms(GetParam().ticket))), GetParam().want);
}

constexpr char kBuy[] = "side: SIDE_BUY type: ORDER_TYPE_LIMIT ";
constexpr char kSell[] = "side: SIDE_SELL type: ORDER_TYPE_LIMIT ";
constexpr char kBuyMarket[] = "side: SIDE_BUY type: ORDER_TYPE_MARKET ";
constexpr char kSellMarket[] = "side: SIDE_SELL type: ORDER_TYPE_MARKET ";

Case Row(const char* name, const char* risk, const std::string& head, const std::string& tail,
         const char* want) {
  return {name, risk, head + tail, want};
}

std::string CaseName(const testing::TestParamInfo<Case>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(
    OrderQuantity, LimitTest,
    testing::Values(
        Row("above", "symbols { max_order_quantity: '2' }", kBuy, "quantity: '2.0001' price: '99'",
            "ORDER_QUANTITY"),
        Row("at", "symbols { max_order_quantity: '2' }", kBuy, "quantity: '2' price: '99'", "OK"),
        Row("reduce_only_above", "symbols { max_order_quantity: '2' }", kBuy,
            "quantity: '2.0001' price: '99' reduce_only: true", "ORDER_QUANTITY"),
        Row("another_symbols_limit", "symbols { symbol: 'X' max_order_quantity: '2' }", kBuy,
            "quantity: '3' price: '99'", "OK"),
        // 200.1 / 100 = 2.001 base units at the best offer.
        Row("quote_buy_above", "symbols { max_order_quantity: '2' }", kBuyMarket,
            "quote_quantity: '200.1'", "ORDER_QUANTITY"),
        Row("quote_buy_at", "symbols { max_order_quantity: '2' }", kBuyMarket,
            "quote_quantity: '200'", "OK"),
        // 189 / 94.5 = 2: a sale at the worst price sells most.
        Row("quote_sell_above", "symbols { max_order_quantity: '2' }", kSellMarket,
            "quote_quantity: '189.1' worst_price: '94.5'", "ORDER_QUANTITY"),
        Row("quote_sell_at", "symbols { max_order_quantity: '2' }", kSellMarket,
            "quote_quantity: '189' worst_price: '94.5'", "OK"),
        Row("close_position", "symbols { max_order_quantity: '2' max_order_notional: '1' }", "",
            "side: SIDE_SELL type: ORDER_TYPE_STOP_MARKET close_position: true "
            "trigger { price: '90' }",
            "OK")),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    OrderNotional, LimitTest,
    testing::Values(
        Row("buy_above", "symbols { max_order_notional: '200' }", kBuy,
            "quantity: '2.0001' price: '100'", "ORDER_NOTIONAL"),
        Row("buy_at", "symbols { max_order_notional: '200' }", kBuy, "quantity: '2' price: '100'",
            "OK"),
        Row("sell_at_its_own_price", "symbols { max_order_notional: '200' }", kSell,
            "quantity: '2' price: '100.1'", "ORDER_NOTIONAL"),
        // It would be filled at the bid of 99, not at 95.
        Row("sell_at_the_bid", "symbols { max_order_notional: '195' }", kSell,
            "quantity: '2' price: '95'", "ORDER_NOTIONAL"),
        Row("market_buy_at_its_worst_price", "symbols { max_order_notional: '200' }", kBuyMarket,
            "quantity: '2' worst_price: '100.1'", "ORDER_NOTIONAL"),
        Row("market_buy_at_the_offer", "symbols { max_order_notional: '199' }", kBuyMarket,
            "quantity: '2'", "ORDER_NOTIONAL"),
        Row("market_sell_at_the_bid", "symbols { max_order_notional: '198' }", kSellMarket,
            "quantity: '2'", "OK"),
        Row("quote_quantity_above", "symbols { max_order_notional: '200' }", kBuyMarket,
            "quote_quantity: '200.01'", "ORDER_NOTIONAL"),
        Row("quote_quantity_at", "symbols { max_order_notional: '200' }", kBuyMarket,
            "quote_quantity: '200'", "OK"),
        Row("stop_at_its_trigger", "symbols { max_order_notional: '200' }", "",
            "side: SIDE_BUY type: ORDER_TYPE_STOP_MARKET quantity: '1' trigger { price: '201' }",
            "ORDER_NOTIONAL")),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    Collar, LimitTest,
    testing::Values(
        // 99 x 0.9 = 89.1 to 100 x 1.1 = 110.
        Row("buy_too_high", "price_collar: '0.1'", kBuy, "quantity: '1' price: '110.1'",
            "PRICE_COLLAR"),
        Row("buy_highest", "price_collar: '0.1'", kBuy, "quantity: '1' price: '110'", "OK"),
        Row("buy_too_low", "price_collar: '0.1'", kBuy, "quantity: '1' price: '89'",
            "PRICE_COLLAR"),
        Row("buy_lowest", "price_collar: '0.1'", kBuy, "quantity: '1' price: '89.1'", "OK"),
        Row("sell_too_low", "price_collar: '0.1'", kSell, "quantity: '1' price: '89'",
            "PRICE_COLLAR"),
        Row("sell_lowest", "price_collar: '0.1'", kSell, "quantity: '1' price: '89.1'", "OK"),
        Row("sell_too_high", "price_collar: '0.1'", kSell, "quantity: '1' price: '110.1'",
            "PRICE_COLLAR"),
        Row("standard", "", kBuy, "quantity: '1' price: '105.1'", "PRICE_COLLAR"),
        Row("worst_price_too_high", "price_collar: '0.1'", kBuyMarket,
            "quantity: '1' worst_price: '110.1'", "PRICE_COLLAR"),
        Row("worst_price_too_low", "price_collar: '0.1'", kSellMarket,
            "quantity: '1' worst_price: '89'", "PRICE_COLLAR"),
        Row("reduce_only_too_high", "price_collar: '0.1'", kBuy,
            "quantity: '1' price: '110.1' reduce_only: true", "PRICE_COLLAR"),
        Row("stop_limit_around_its_trigger", "price_collar: '0.1'", "",
            "side: SIDE_SELL type: ORDER_TYPE_STOP_LIMIT quantity: '1' price: '45' "
            "trigger { price: '50' }",
            "OK"),
        Row("stop_limit_far_from_its_trigger", "price_collar: '0.1'", "",
            "side: SIDE_SELL type: ORDER_TYPE_STOP_LIMIT quantity: '1' price: '44.9' "
            "trigger { price: '50' }",
            "PRICE_COLLAR"),
        Row("trailing_has_no_price_to_hold_it_against", "price_collar: '0.1'", "",
            "side: SIDE_BUY type: ORDER_TYPE_TRAILING_STOP quantity: '1' worst_price: '900' "
            "trailing { rate: '0.1' }",
            "OK")),
    CaseName);

TEST_F(PreTradeLimitsTest, WithoutConfigurationLimitPricesAreFree) {
  Configure(nullptr);
  market_.reset();
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "100000"))), "OK");
  EXPECT_EQ(Outcome(Admit(Terms("side: SIDE_BUY type: ORDER_TYPE_MARKET quantity: '1' "
                                "worst_price: '100000'"))),
            "OK");
}

TEST_F(PreTradeLimitsTest, RefusalsTellTheNumbers) {
  Configure("symbols { max_order_quantity: '2' }");
  const std::string message(Admit(Limit("BUY", "2.5", "99")).message());
  EXPECT_NE(message.find("2.5"), std::string::npos) << message;
  EXPECT_NE(message.find("limit 2"), std::string::npos) << message;
  EXPECT_NE(message.find("BTC-USDT-PERP"), std::string::npos) << message;
}

struct CollarCase {
  std::string name, ticket, want;
};

class CollarPriceTest : public PreTradeLimitsTest,
                        public testing::WithParamInterface<CollarCase> {};

TEST_P(CollarPriceTest, IsGivenToOrdersThatEndAsMarketAndHaveNone) {
  Configure(nullptr);
  market_ = Market("99.9", "100.1");
  const auto price = limits_->CollarPrice(instrument_, Terms(GetParam().ticket), market_);
  ASSERT_TRUE(price.ok()) << price.status();
  EXPECT_EQ(*price ? (*price)->ToString() : "none", GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Orders, CollarPriceTest,
    testing::Values(
        // 100.1 x 1.05 = 105.105; 99.9 x 0.95 = 94.905.
        CollarCase{"buy", std::string(kBuyMarket) + "quantity: '1'", "105.1"},
        CollarCase{"sell", std::string(kSellMarket) + "quantity: '1'", "95.0"},
        CollarCase{"quote_buy", std::string(kBuyMarket) + "quote_quantity: '10'", "none"},
        CollarCase{"given", std::string(kBuyMarket) + "quantity: '1' worst_price: '101'", "none"},
        CollarCase{"limit", std::string(kBuy) + "quantity: '1' price: '99'", "none"},
        CollarCase{"stop_around_its_trigger",
                   "side: SIDE_SELL type: ORDER_TYPE_STOP_MARKET quantity: '1' "
                   "trigger { price: '50' }",
                   "47.5"},
        CollarCase{"trailing",
                   "side: SIDE_SELL type: ORDER_TYPE_TRAILING_STOP quantity: '1' "
                   "trailing { amount: '5' }",
                   "none"}),
    [](const auto& info) { return info.param.name; });

TEST_F(PreTradeLimitsTest, ACollarPricePassesTheCollar) {
  Configure("");
  model::OrderTerms terms = Terms(std::string(kBuyMarket) + "quantity: '1'");
  terms.worst_price = *limits_->CollarPrice(instrument_, terms, market_).value();
  EXPECT_EQ(Outcome(Admit(terms)), "OK");
}

struct StaleCase {
  std::string name, risk, ticket;
  std::optional<MarketInput> market;
  std::string want;
};

class StaleMarketTest : public PreTradeLimitsTest, public testing::WithParamInterface<StaleCase> {};

TEST_P(StaleMarketTest, IsRefusedWhereALimitNeedsIt) {
  Configure(GetParam().risk.c_str());
  market_ = GetParam().market;
  EXPECT_EQ(Outcome(Admit(Terms(GetParam().ticket))), GetParam().want);
}

MarketInput Aged(milliseconds age) {
  MarketInput market = Market("99", "100");
  market.age = age;
  return market;
}

const std::string kStaleMarket = std::string(kStale) + " best_bid_offer";
const std::string kOneAt99 = std::string(kBuy) + "quantity: '1' price: '99'";

INSTANTIATE_TEST_SUITE_P(
    Inputs, StaleMarketTest,
    testing::Values(
        StaleCase{"never_heard", "", kOneAt99, std::nullopt, kStaleMarket},
        StaleCase{"too_old", "", kOneAt99, Aged(milliseconds(5'001)), kStaleMarket},
        StaleCase{"just_young_enough", "", kOneAt99, Aged(milliseconds(5'000)), "OK"},
        StaleCase{"older_than_configured", "max_input_age_ms: 100", kOneAt99,
                  Aged(milliseconds(101)), kStaleMarket},
        StaleCase{"empty_book", "", kOneAt99, Market("", ""), kStaleMarket},
        StaleCase{"only_bids", "", kOneAt99, Market("99", ""), "OK"},
        StaleCase{"only_offers", "", kOneAt99, Market("", "100"), "OK"},
        StaleCase{"only_bids_and_far", "", std::string(kBuy) + "quantity: '1' price: '104'",
                  Market("99", ""), "PRICE_COLLAR"},
        StaleCase{"not_needed_by_a_trigger", "",
                  "side: SIDE_SELL type: ORDER_TYPE_STOP_LIMIT quantity: '1' price: '49' "
                  "trigger { price: '50' }",
                  std::nullopt, "OK"}),
    [](const auto& info) { return info.param.name; });

TEST_F(PreTradeLimitsTest, StaleInputsTellTheirAge) {
  Configure("");
  market_->age = seconds(6);
  absl::Status status = Admit(Limit("BUY", "1", "99"));
  EXPECT_EQ(MetadataOf(status)["age_ns"], "6000000000");
  market_.reset();
  clock_.Advance(seconds(2));
  status = Admit(Limit("BUY", "1", "99"));
  EXPECT_EQ(MetadataOf(status)["age_ns"], "2000000000");
  EXPECT_EQ(
      limits_->CollarPrice(instrument_, Terms(std::string(kBuyMarket) + "quantity: '1'"), market_)
          .status(),
      status);
}

// stale inputs halt new risk with a reason of their own, and say how old they are.
TEST_F(PreTradeLimitsTest, R63MarketOrdersByQuoteQuantityNeedAFreshMarketToo) {
  Configure(nullptr);
  market_->age = seconds(6);
  const auto price = limits_->CollarPrice(
      instrument_, Terms(std::string(kBuyMarket) + "quote_quantity: '10'"), market_);
  EXPECT_EQ(Outcome(price.status()), "RISK_INPUT_STALE best_bid_offer");
}

TEST_F(PreTradeLimitsTest, R63AStalePositionRefusesWhatItsLimitIsFor) {
  Configure("symbols { symbol: 'BTC-USDT-PERP' max_position_quantity: '10' }");
  limits_->exposure().PositionsLost(clock_.Steady());
  clock_.Advance(milliseconds(5'000));
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "99"))), "OK");
  clock_.Advance(milliseconds(1));
  const absl::Status status = Admit(Limit("BUY", "1", "99"));
  EXPECT_EQ(Outcome(status), "RISK_INPUT_STALE position");
  EXPECT_EQ(MetadataOf(status)["age_ns"], "5001000000");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "99", "reduce_only: true"))), "OK");
  instrument_.symbol = "ETH-USDT-PERP";
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "99"))), "OK");
}

TEST_F(PreTradeLimitsTest, R63PositionsThatWereNeverToldAreStale) {
  config::v1::AccountConfig account;
  account.mutable_risk()->add_symbols()->set_max_position_quantity("10");
  limits_ = std::make_unique<PreTradeLimits>(ParseLimits(account).value(), clock_);
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "99"))), "RISK_INPUT_STALE position");
}

TEST_F(PreTradeLimitsTest, PositionLimitsOnSpotAreNotPretended) {
  Configure("symbols { max_position_quantity: '10' }");
  instrument_ = Spot();
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "99"))), "RISK_INPUT_STALE position");
}

TEST_F(PreTradeLimitsTest, PositionIsBoundedInBothDirectionsWithOpenOrders) {
  Configure("symbols { max_position_quantity: '10' }");
  Position("4");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "5", "99"))), "OK");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1.0001", "99"))), "POSITION_QUANTITY");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "99"))), "OK");
  EXPECT_EQ(Outcome(Admit(Limit("SELL", "14.0001", "100"))), "POSITION_QUANTITY");
  EXPECT_EQ(Outcome(Admit(Limit("SELL", "14", "100"))), "OK");
  EXPECT_EQ(Outcome(Admit(Limit("SELL", "0.0001", "100"))), "POSITION_QUANTITY");
}

TEST_F(PreTradeLimitsTest, WhatReducesAPositionAboveItsLimitPasses) {
  Configure("symbols { max_position_quantity: '10' }");
  Position("20");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "0.0001", "99"))), "POSITION_QUANTITY");
  EXPECT_EQ(Outcome(Admit(Limit("SELL", "15", "100"))), "OK");
  EXPECT_EQ(Outcome(Admit(Limit("SELL", "50", "100", "reduce_only: true"))), "OK");
}

TEST_F(PreTradeLimitsTest, EndedOrdersNoLongerCount) {
  Configure("symbols { max_position_quantity: '10' }");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "10", "99"))), "OK");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "99"))), "POSITION_QUANTITY");
  limits_->exposure().Remove("key1");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "99"))), "OK");
}

TEST_F(PreTradeLimitsTest, RefusedOrdersDoNotCount) {
  Configure("symbols { max_position_quantity: '10' max_order_quantity: '5' }");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "6", "99"))), "ORDER_QUANTITY");
  EXPECT_EQ(limits_->exposure().open_orders(), 0u);
  EXPECT_EQ(limits_->exposure().Find("key1"), nullptr);
}

TEST_F(PreTradeLimitsTest, HedgedHalvesAreBoundedEachAndTheOtherSideReduces) {
  Configure("symbols { max_position_quantity: '10' }");
  limits_->exposure().SetPositions({{instrument_.symbol, common::v1::POSITION_SIDE_LONG, D("9")},
                                    {instrument_.symbol, common::v1::POSITION_SIDE_SHORT, D("-9")}},
                                   clock_.Steady());
  const std::string in_long = "position_side: POSITION_SIDE_LONG";
  const std::string in_short = "position_side: POSITION_SIDE_SHORT";
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "2", "99", in_long))), "POSITION_QUANTITY");
  EXPECT_EQ(Outcome(Admit(Limit("SELL", "2", "100", in_short))), "POSITION_QUANTITY");
  EXPECT_EQ(Outcome(Admit(Limit("SELL", "9", "100", in_long))), "OK");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "9", "99", in_short))), "OK");
  // What the reducing orders may give back is not lent out again.
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "2", "99", in_long))), "POSITION_QUANTITY");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "99", in_long))), "OK");
}

TEST_F(PreTradeLimitsTest, PositionIsValuedAtTheOfferOrItsOwnHigherPrice) {
  Configure("symbols { max_position_notional: '1000' }");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "10.0001", "95"))), "POSITION_NOTIONAL");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "10", "101"))), "POSITION_NOTIONAL");
  EXPECT_EQ(Outcome(Admit(Limit("SELL", "10", "101"))), "POSITION_NOTIONAL");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "10", "95"))), "OK");
  EXPECT_EQ(Outcome(Admit(Limit("SELL", "10", "100"))), "OK");
}

TEST_F(PreTradeLimitsTest, AMarketOrderByQuoteQuantityCountsWithWhatItCanBuy) {
  Configure("symbols { max_position_quantity: '10' }");
  EXPECT_EQ(Outcome(Admit(Terms(std::string(kBuyMarket) + "quote_quantity: '900'"))), "OK");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1.0001", "99"))), "POSITION_QUANTITY");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "99"))), "OK");
}

TEST_F(PreTradeLimitsTest, OrdersTooLargeToBeValuedAreRefused) {
  Configure("symbols { max_order_notional: '1000' } price_collar: '0.1'");
  model::OrderTerms terms = Limit("BUY", "1", "99");
  terms.quantity = D(std::string(38, '9'));
  EXPECT_EQ(Outcome(Admit(terms)), "quantity");
}

TEST_F(PreTradeLimitsTest, OpenOrdersAreBoundedAndThoseThatNeverRestPass) {
  Configure("max_open_orders: 2");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "99"))), "OK");
  const model::OrderTerms stop =
      Terms("side: SIDE_SELL type: ORDER_TYPE_STOP_MARKET quantity: '1' trigger { price: '90' }");
  EXPECT_EQ(Outcome(Admit(stop)), "OK");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "99"))), "OPEN_ORDERS");
  EXPECT_EQ(Outcome(Admit(stop)), "OPEN_ORDERS");
  EXPECT_EQ(Outcome(Admit(Terms(std::string(kBuyMarket) + "quantity: '1'"))), "OK");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "99", "time_in_force: TIME_IN_FORCE_IOC"))), "OK");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "99", "time_in_force: TIME_IN_FORCE_FOK"))), "OK");
  limits_->exposure().Remove("key1");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "99"))), "OK");
}

TEST_F(PreTradeLimitsTest, OrdersPerSecondAreBoundedOverASlidingSecond) {
  Configure("max_orders_per_second: 3");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "99"))), "OK");
  clock_.Advance(milliseconds(600));
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "99"))), "OK");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "99"))), "OK");
  const absl::Status status = Admit(Limit("BUY", "1", "99"));
  EXPECT_EQ(Outcome(status), "ORDER_RATE");
  ASSERT_TRUE(RetryAfterOf(status));
  EXPECT_GE(*RetryAfterOf(status), milliseconds(400));
  clock_.Advance(milliseconds(399));
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "99"))), "ORDER_RATE");
  // The limiter holds permits back by at most a 64th of the second.
  clock_.Advance(milliseconds(17));
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "99"))), "OK");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "99"))), "ORDER_RATE");
}

TEST_F(PreTradeLimitsTest, OrdersRefusedForAnotherReasonAreNotPlaced) {
  Configure("max_orders_per_second: 1 symbols { max_order_quantity: '1' }");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "2", "99"))), "ORDER_QUANTITY");
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "1", "99"))), "OK");
}

class AmendmentLimitsTest : public PreTradeLimitsTest {
 protected:
  // A resting order of 5 at 99 (buy) or 100 (sell), under "key".
  void Rest(const std::string& side) {
    current_ = Limit(side, "5", side == "BUY" ? "99" : "100");
    ASSERT_TRUE(limits_->Admit("key", instrument_, current_, market_).ok());
  }
  std::string Amend(const std::string& quantity, const std::string& price) {
    model::OrderTerms amended = current_;
    amended.quantity = D(quantity);
    amended.price = D(price);
    return Outcome(limits_->AdmitAmendment("key", instrument_, current_, amended, market_));
  }

  model::OrderTerms current_;
};

TEST_F(AmendmentLimitsTest, AreHeldAgainstEveryLimit) {
  Configure(
      "symbols { max_order_quantity: '8' max_position_quantity: '7' max_order_notional: "
      "'700' max_position_notional: '695' } price_collar: '0.1'");
  Rest("BUY");
  EXPECT_EQ(Amend("8.1", "99"), "ORDER_QUANTITY");
  EXPECT_EQ(Amend("7.1", "99"), "ORDER_NOTIONAL");
  EXPECT_EQ(Amend("7.1", "98"), "POSITION_QUANTITY");
  EXPECT_EQ(Amend("7", "98"), "POSITION_NOTIONAL");
  EXPECT_EQ(Amend("5", "110.1"), "PRICE_COLLAR");
  EXPECT_EQ(Amend("6.9", "99"), "OK");
}

TEST_F(AmendmentLimitsTest, ThatOnlyReduceRiskAlwaysPass) {
  Configure("symbols { max_position_quantity: '7' } price_collar: '0.1'");
  Rest("BUY");
  Position("20");
  market_.reset();
  EXPECT_EQ(Amend("4", "99"), "OK");
  EXPECT_EQ(Amend("5", "1"), "OK");
  EXPECT_EQ(Amend("5", "99.1"), "RISK_INPUT_STALE best_bid_offer");
  EXPECT_EQ(Amend("5.1", "98"), "RISK_INPUT_STALE best_bid_offer");
}

TEST_F(AmendmentLimitsTest, OfASellReduceRiskUpward) {
  Configure("price_collar: '0.1'");
  Rest("SELL");
  market_.reset();
  EXPECT_EQ(Amend("5", "900"), "OK");
  EXPECT_EQ(Amend("5", "99.9"), "RISK_INPUT_STALE best_bid_offer");
}

TEST_F(AmendmentLimitsTest, OfATriggerAreChecked) {
  Configure("symbols { max_order_notional: '500' }");
  current_ =
      Terms("side: SIDE_BUY type: ORDER_TYPE_STOP_MARKET quantity: '5' trigger { price: '100' }");
  ASSERT_TRUE(limits_->Admit("key", instrument_, current_, market_).ok());
  model::OrderTerms amended = current_;
  amended.trigger->price = D("100.1");
  EXPECT_EQ(Outcome(limits_->AdmitAmendment("key", instrument_, current_, amended, market_)),
            "ORDER_NOTIONAL");
}

TEST_F(AmendmentLimitsTest, CountWithTheLargerQuantityUntilTheirOutcomeIsKnown) {
  Configure("symbols { max_position_quantity: '10' }");
  Rest("BUY");
  EXPECT_EQ(Amend("8", "99"), "OK");
  EXPECT_EQ(limits_->exposure().Find("key")->quantity, D("8"));
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "2.1", "99"))), "POSITION_QUANTITY");
  limits_->exposure().SetQuantity("key", D("5"));
  EXPECT_EQ(Outcome(Admit(Limit("BUY", "5", "99"))), "OK");
  EXPECT_EQ(Amend("3", "99"), "OK");
  EXPECT_EQ(limits_->exposure().Find("key")->quantity, D("5"));
}

TEST_F(AmendmentLimitsTest, OfAPartlyFilledOrderAddOnlyWhatIsNew) {
  Configure("symbols { max_position_quantity: '10' }");
  Rest("BUY");
  limits_->exposure().SetFilled("key", D("2"), clock_.Steady());
  limits_->exposure().SetPosition({instrument_.symbol, common::v1::POSITION_SIDE_NET, D("2")},
                                  clock_.Steady());
  EXPECT_EQ(Amend("10.1", "99"), "POSITION_QUANTITY");
  EXPECT_EQ(Amend("10", "99"), "OK");
  EXPECT_EQ(limits_->exposure().Find("key")->quantity, D("8"));
}

TEST_F(AmendmentLimitsTest, OfAnOrderThatDoesNotCountAddTheWhole) {
  Configure("symbols { max_position_quantity: '10' }");
  current_ = Limit("BUY", "5", "99");
  EXPECT_EQ(Amend("10.1", "99"), "POSITION_QUANTITY");
  EXPECT_EQ(Amend("10", "99"), "OK");
}

TEST_F(AmendmentLimitsTest, AreNoNewOrders) {
  Configure("max_open_orders: 1 max_orders_per_second: 1");
  Rest("BUY");
  EXPECT_EQ(Amend("6", "99"), "OK");
}

struct OpenCase {
  std::string name, ticket;
  bool only_reduces, rests;
};

class OpenOrderTest : public PreTradeLimitsTest, public testing::WithParamInterface<OpenCase> {};

TEST_P(OpenOrderTest, SaysWhatTheOrderCanStillDo) {
  const OpenOrder order = OpenOrderOf("A", Terms(GetParam().ticket), D("3"));
  EXPECT_EQ(order.symbol, "A");
  EXPECT_EQ(order.side, common::v1::SIDE_SELL);
  EXPECT_EQ(order.quantity, D("3"));
  EXPECT_EQ(order.only_reduces, GetParam().only_reduces);
  EXPECT_EQ(order.rests, GetParam().rests);
}

INSTANTIATE_TEST_SUITE_P(
    Orders, OpenOrderTest,
    testing::Values(
        OpenCase{"limit", std::string(kSell) + "quantity: '3' price: '1'", false, true},
        OpenCase{"ioc",
                 std::string(kSell) + "quantity: '3' price: '1' time_in_force: TIME_IN_FORCE_IOC",
                 false, false},
        OpenCase{"market", std::string(kSellMarket) + "quantity: '3'", false, false},
        OpenCase{"stop",
                 "side: SIDE_SELL type: ORDER_TYPE_STOP_MARKET quantity: '3' "
                 "trigger { price: '1' }",
                 false, true},
        OpenCase{"close",
                 "side: SIDE_SELL type: ORDER_TYPE_STOP_MARKET close_position: true "
                 "trigger { price: '1' }",
                 true, true},
        OpenCase{"reduce_only", std::string(kSell) + "quantity: '3' price: '1' reduce_only: true",
                 true, true},
        OpenCase{"out_of_long",
                 std::string(kSell) + "quantity: '3' price: '1' position_side: POSITION_SIDE_LONG",
                 true, true},
        OpenCase{"into_short",
                 std::string(kSell) + "quantity: '3' price: '1' position_side: POSITION_SIDE_SHORT",
                 false, true}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard::order::risk
