// What is sent for each command: bodies, paths, queries, the socket's parameters.
#include <gtest/gtest.h>

#include <string>

#include "common/status/status.h"
#include "exchanges/gateio/futures/order/contracts.h"
#include "exchanges/gateio/order/order_protocol.h"
#include "exchanges/gateio/private/api_requests.h"
#include "tests/exchanges/gateio/golden.h"
#include "tests/exchanges/gateio/order/markets.h"

namespace switchyard::exchanges::gateio {
namespace {

namespace v1 = order::v1;
using exchange::OrderReference;
using exchange::PlaceCommand;
using json::Json;

Decimal D(const char* text) { return *Decimal::Parse(text); }

Json J(const std::string& text) {
  auto parsed = json::Parse(text);
  EXPECT_TRUE(parsed.ok()) << text;
  return parsed.ok() ? *parsed : Json();
}

model::OrderTerms Limit(common::v1::Side side, const char* quantity, const char* price) {
  model::OrderTerms terms;
  terms.side = side;
  terms.type = v1::ORDER_TYPE_LIMIT;
  terms.quantity = D(quantity);
  terms.price = D(price);
  return terms;
}

model::OrderTerms Market(common::v1::Side side, const char* quantity) {
  model::OrderTerms terms;
  terms.side = side;
  terms.type = v1::ORDER_TYPE_MARKET;
  terms.quantity = D(quantity);
  return terms;
}

constexpr auto kBuy = common::v1::SIDE_BUY;
constexpr auto kSell = common::v1::SIDE_SELL;

class SpotTest : public testing::Test {
 protected:
  Json Placed(const model::OrderTerms& terms) {
    EXPECT_TRUE(spot_.Check(market_, terms).ok()) << spot_.Check(market_, terms);
    const auto call = spot_.Place(market_, {market_.symbol, "t-sw1-a", terms});
    EXPECT_TRUE(call.ok()) << call.status();
    return J(call->rest.body);
  }
  absl::StatusCode CheckCode(const model::OrderTerms& terms) {
    return spot_.Check(market_, terms).code();
  }

  const OrderRequests& spot_ = spot::Requests();
  const model::Instrument market_ = SpotMarket("BTC_USDT");
};

TEST_F(SpotTest, ALimitOrderNamesBaseAmountAndPrice) {
  EXPECT_EQ(Placed(Limit(kBuy, "0.001", "65000")),
            J(R"({"text":"t-sw1-a","currency_pair":"BTC_USDT","type":"limit","account":"spot",
                  "side":"buy","amount":"0.001","price":"65000","time_in_force":"gtc"})"));
}

TEST_F(SpotTest, PostOnlyIocFokAndSelfTradeRulesAreTheirWords) {
  model::OrderTerms terms = Limit(kSell, "0.001", "70000");
  terms.post_only = true;
  EXPECT_EQ(Placed(terms)["time_in_force"], "poc");
  terms.post_only = false;
  terms.time_in_force = v1::TIME_IN_FORCE_IOC;
  EXPECT_EQ(Placed(terms)["time_in_force"], "ioc");
  terms.time_in_force = v1::TIME_IN_FORCE_FOK;
  terms.self_trade_prevention = v1::SELF_TRADE_PREVENTION_CANCEL_MAKER;
  EXPECT_EQ(Placed(terms)["time_in_force"], "fok");
  EXPECT_EQ(Placed(terms)["stp_act"], "co");
}

TEST_F(SpotTest, AMarketBuyNamesWhatToSpend) {
  model::OrderTerms terms = Market(kBuy, "1");
  terms.quantity.reset();
  terms.quote_quantity = D("10.50");
  EXPECT_EQ(Placed(terms),
            J(R"({"text":"t-sw1-a","currency_pair":"BTC_USDT","type":"market","account":"spot",
                  "side":"buy","amount":"10.5","time_in_force":"ioc"})"));
  terms.time_in_force = v1::TIME_IN_FORCE_FOK;
  EXPECT_EQ(Placed(terms)["time_in_force"], "fok");
}

TEST_F(SpotTest, AMarketSellNamesBaseAmount) {
  EXPECT_EQ(Placed(Market(kSell, "0.001")),
            J(R"({"text":"t-sw1-a","currency_pair":"BTC_USDT","type":"market","account":"spot",
                  "side":"sell","amount":"0.001","time_in_force":"ioc"})"));
}

TEST_F(SpotTest, AMarketOrderWithAWorstPriceIsALimitThatTakesAtOnce) {
  model::OrderTerms terms = Market(kBuy, "0.002");
  terms.worst_price = D("66000");
  const Json body = Placed(terms);
  EXPECT_EQ(body["type"], "limit");
  EXPECT_EQ(body["amount"], "0.002");
  EXPECT_EQ(body["price"], "66000");
  EXPECT_EQ(body["time_in_force"], "ioc");
}

TEST_F(SpotTest, WhatCannotBeExpressedIsRefused) {
  using absl::StatusCode;
  const auto changed = [](auto change) {
    model::OrderTerms terms = Limit(kBuy, "0.001", "65000");
    change(terms);
    return terms;
  };
  EXPECT_EQ(CheckCode(Market(kBuy, "0.001")), StatusCode::kUnimplemented);
  EXPECT_EQ(CheckCode(changed([](auto& t) { t.reduce_only = true; })), StatusCode::kUnimplemented);
  EXPECT_EQ(CheckCode(changed([](auto& t) { t.position_side = common::v1::POSITION_SIDE_LONG; })),
            StatusCode::kUnimplemented);
  EXPECT_EQ(CheckCode(changed([](auto& t) { t.time_in_force = v1::TIME_IN_FORCE_GTD; })),
            StatusCode::kUnimplemented);
  EXPECT_EQ(CheckCode(changed([](auto& t) { t.type = v1::ORDER_TYPE_TRAILING_STOP; })),
            StatusCode::kUnimplemented);
  EXPECT_EQ(CheckCode(changed([](auto& t) { t.take_profit.emplace(); })),
            StatusCode::kUnimplemented);
  EXPECT_EQ(CheckCode(changed(
                [](auto& t) { t.self_trade_prevention = v1::SELF_TRADE_PREVENTION_REDUCE; })),
            StatusCode::kUnimplemented);
  EXPECT_EQ(CheckCode(changed([](auto& t) { t.price.reset(); })), StatusCode::kInvalidArgument);
  EXPECT_EQ(CheckCode(changed([](auto& t) { t.quantity.reset(); })), StatusCode::kInvalidArgument);
  EXPECT_EQ(CheckCode(changed([](auto& t) { t.quantity = D("-1"); })),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(CheckCode(changed([](auto& t) {
              t.post_only = true;
              t.time_in_force = v1::TIME_IN_FORCE_IOC;
            })),
            StatusCode::kInvalidArgument);
  model::OrderTerms by_quote = Market(kSell, "1");
  by_quote.quantity.reset();
  by_quote.quote_quantity = D("10");
  EXPECT_EQ(CheckCode(by_quote), StatusCode::kUnimplemented);
  by_quote.side = kBuy;
  EXPECT_EQ(CheckCode(by_quote), StatusCode::kOk);
  by_quote.worst_price = D("66000");
  EXPECT_EQ(CheckCode(by_quote), StatusCode::kUnimplemented);
}

TEST_F(SpotTest, AQuantityBetweenStepsIsRefusedWithTheNearest) {
  const absl::Status refused = spot_.Check(market_, Limit(kBuy, "0.000015", "65000"));
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(refused), common::v1::ERROR_REASON_NOT_REPRESENTABLE);
  EXPECT_EQ(MetadataOf(refused).at("nearest"), "0.00001,0.00002");
}

TEST_F(SpotTest, AStopWaitsForItsSideOfThePrice) {
  model::OrderTerms terms = Limit(kSell, "0.001", "59000");
  terms.type = v1::ORDER_TYPE_STOP_LIMIT;
  terms.trigger = {D("60000"), v1::TRIGGER_REFERENCE_LAST};
  EXPECT_EQ(Placed(terms), J(R"({"market":"BTC_USDT",
                  "trigger":{"price":"60000","rule":"<=","expiration":2592000},
                  "put":{"type":"limit","side":"sell","price":"59000","amount":"0.001",
                         "account":"normal","time_in_force":"gtc","text":"t-sw1-a"}})"));
  terms.trigger->reference = v1::TRIGGER_REFERENCE_MARK;
  EXPECT_EQ(CheckCode(terms), absl::StatusCode::kUnimplemented);
}

TEST_F(SpotTest, CommandsNameTheirOrderOnBothPaths) {
  const OrderReference order{market_.symbol, "700604309511", "", false};
  const OrderCall cancel = spot_.Cancel(market_, order);
  EXPECT_EQ(cancel.rest.method, "DELETE");
  EXPECT_EQ(cancel.rest.path, "/spot/orders/700604309511");
  EXPECT_EQ(PlainQuery(cancel.rest), "currency_pair=BTC_USDT&account=spot");
  EXPECT_EQ(cancel.channel, "spot.order_cancel");
  EXPECT_EQ(J(cancel.param),
            J(R"({"order_id":"700604309511","currency_pair":"BTC_USDT","account":"spot"})"));

  const auto amend = spot_.Amend(market_, {order, kBuy, std::nullopt, D("64000"), std::nullopt});
  ASSERT_TRUE(amend.ok());
  EXPECT_EQ(amend->rest.method, "PATCH");
  EXPECT_EQ(amend->rest.path, "/spot/orders/700604309511");
  EXPECT_EQ(J(amend->rest.body),
            J(R"({"currency_pair":"BTC_USDT","account":"spot","price":"64000"})"));
  EXPECT_EQ(amend->channel, "spot.order_amend");

  const auto all = SpotMarkets();
  const OrderReference orders[] = {order, {market_.symbol, "", "t-sw9-x", false}};
  const OrderCall batch = spot_.CancelBatch(*all, orders);
  EXPECT_EQ(batch.rest.path, "/spot/cancel_batch_orders");
  EXPECT_EQ(J(batch.rest.body),
            J(R"([{"currency_pair":"BTC_USDT","id":"700604309511","account":"spot"},
                  {"currency_pair":"BTC_USDT","id":"t-sw9-x","account":"spot"}])"));

  EXPECT_EQ(PlainQuery(spot_.CancelAll(&market_, kSell).rest),
            "account=spot&currency_pair=BTC_USDT&side=sell");
  EXPECT_EQ(spot_.CancelAll(nullptr, common::v1::SIDE_UNSPECIFIED).channel, "");
  EXPECT_EQ(J(spot_.Countdown(std::chrono::seconds(30)).rest.body), J(R"({"timeout":30})"));
}

class FuturesTest : public testing::Test {
 protected:
  Json Placed(const model::OrderTerms& terms) {
    EXPECT_TRUE(futures_.Check(market_, terms).ok()) << futures_.Check(market_, terms);
    const auto call = futures_.Place(market_, {market_.symbol, "t-sw1-a", terms});
    EXPECT_TRUE(call.ok()) << call.status();
    return J(call->rest.body);
  }

  const OrderRequests& futures_ = futures::Requests();
  const model::Instrument market_ = FuturesMarket("BTC_USDT", "0.0001");
};

// R-56: the sign is the side, sizes are contracts, each contract has its multiplier.
TEST_F(FuturesTest, R56TheSignOfTheSizeIsTheSide) {
  EXPECT_EQ(Placed(Limit(kBuy, "0.001", "65000")),
            J(R"({"contract":"BTC_USDT","size":10,"price":"65000","tif":"gtc","text":"t-sw1-a"})"));
  EXPECT_EQ(Placed(Limit(kSell, "0.001", "70000"))["size"], -10);
}

TEST_F(FuturesTest, AMarketOrderIsAPriceOfZeroThatTakesAtOnce) {
  const Json body = Placed(Market(kSell, "0.0001"));
  EXPECT_EQ(body["price"], "0");
  EXPECT_EQ(body["tif"], "ioc");
  EXPECT_EQ(body["size"], -1);
  model::OrderTerms bounded = Market(kBuy, "0.0001");
  bounded.worst_price = D("66000");
  EXPECT_EQ(Placed(bounded)["price"], "66000");
  EXPECT_EQ(Placed(bounded)["tif"], "ioc");
}

TEST_F(FuturesTest, PostOnlyAndReduceOnlyAreSaid) {
  model::OrderTerms terms = Limit(kBuy, "0.0001", "60000");
  terms.post_only = true;
  EXPECT_EQ(Placed(terms)["tif"], "poc");
  EXPECT_FALSE(Placed(terms).contains("reduce_only"));
  terms.reduce_only = true;
  EXPECT_EQ(Placed(terms)["reduce_only"], true);
}

TEST_F(FuturesTest, InDualModeWhatReducesSaysSo) {
  model::OrderTerms terms = Limit(kBuy, "0.0001", "60000");
  terms.position_side = common::v1::POSITION_SIDE_LONG;
  EXPECT_FALSE(Placed(terms).contains("reduce_only"));
  terms.side = kSell;
  EXPECT_EQ(Placed(terms)["reduce_only"], true);
  EXPECT_EQ(Placed(terms)["size"], -1);
  terms.position_side = common::v1::POSITION_SIDE_SHORT;
  EXPECT_FALSE(Placed(terms).contains("reduce_only"));
  terms.side = kBuy;
  EXPECT_EQ(Placed(terms)["reduce_only"], true);
  EXPECT_EQ(Placed(terms)["size"], 1);
  terms.side = kSell;
  terms.reduce_only = true;
  EXPECT_EQ(futures_.Check(market_, terms).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(FuturesTest, AStopThatClosesAPositionNamesWhichInDualMode) {
  model::OrderTerms terms = Market(kSell, "1");
  terms.quantity.reset();
  terms.type = v1::ORDER_TYPE_STOP_MARKET;
  terms.close_position = true;
  terms.trigger = {D("60000"), v1::TRIGGER_REFERENCE_MARK};
  EXPECT_EQ(Placed(terms),
            J(R"({"initial":{"contract":"BTC_USDT","size":0,"close":true,"price":"0","tif":"ioc",
                             "text":"t-sw1-a"},
                  "trigger":{"strategy_type":0,"price_type":1,"price":"60000","rule":2,
                             "expiration":0}})"));
  terms.position_side = common::v1::POSITION_SIDE_LONG;
  const Json initial = Placed(terms)["initial"];
  EXPECT_EQ(initial["auto_size"], "close_long");
  EXPECT_EQ(initial["reduce_only"], true);
  EXPECT_FALSE(initial.contains("close"));
}

TEST_F(FuturesTest, R56QuantitiesBetweenContractsAreRefusedWithTheNearest) {
  const absl::Status refused = futures_.Check(market_, Limit(kBuy, "0.00015", "65000"));
  EXPECT_EQ(ReasonOf(refused), common::v1::ERROR_REASON_NOT_REPRESENTABLE);
  EXPECT_EQ(MetadataOf(refused).at("nearest"), "0.0001,0.0002");
}

TEST_F(FuturesTest, R56ContractsAndBaseUnitsConvertExactly) {
  model::Instrument split = FuturesMarket("ETH_USDT", "0.01");
  split.quantity_scale = split.multiplier.scale() + 2;
  split.step = D("0.001");
  EXPECT_EQ(*futures::ToContracts(split, D("0.123")), D("12.3"));
  EXPECT_EQ(*futures::ToBase(split, D("12.3")), D("0.123"));
  EXPECT_EQ(futures::SizeOf(D("12.3"), kSell), "-12.3");
  EXPECT_EQ(futures::SizeOf(D("12"), kSell), -12);
  EXPECT_FALSE(futures::ToContracts(split, D("0.00001")).ok());
  const model::Instrument large = FuturesMarket("SHIB_USDT", "10000");
  EXPECT_EQ(*futures::ToContracts(large, D("1000000000000")), D("100000000"));
  EXPECT_FALSE(futures::ToContracts(large, D("10001")).ok());
}

TEST_F(FuturesTest, CommandsNameTheirOrderOnBothPaths) {
  const OrderReference order{market_.symbol, "36028797827161124", "", false};
  const OrderCall cancel = futures_.Cancel(market_, order);
  EXPECT_EQ(cancel.rest.path, "/futures/usdt/orders/36028797827161124");
  EXPECT_EQ(J(cancel.param), J(R"({"order_id":"36028797827161124"})"));
  const auto amend = futures_.Amend(market_, {order, kSell, D("0.002"), D("64000"), std::nullopt});
  ASSERT_TRUE(amend.ok());
  EXPECT_EQ(amend->rest.method, "PUT");
  EXPECT_EQ(J(amend->rest.body), J(R"({"size":-20,"price":"64000"})"));
  EXPECT_EQ(J(amend->param), J(R"({"order_id":"36028797827161124","size":-20,"price":"64000"})"));
  const auto all = FuturesMarkets();
  const OrderReference orders[] = {order, {market_.symbol, "5", "", false}};
  EXPECT_EQ(J(futures_.CancelBatch(*all, orders).rest.body), J(R"(["36028797827161124","5"])"));
  EXPECT_EQ(PlainQuery(futures_.CancelAll(&market_, kBuy).rest), "contract=BTC_USDT&side=bid");
  EXPECT_EQ(J(futures_.CancelAll(&market_, kSell).param),
            J(R"({"contract":"BTC_USDT","side":"ask"})"));
  const OrderReference conditional{market_.symbol, "77", "", true};
  EXPECT_EQ(futures_.Cancel(market_, conditional).rest.path, "/futures/usdt/price_orders/77");
  EXPECT_EQ(futures_.Cancel(market_, conditional).channel, "");
}

TEST_F(FuturesTest, AConditionalOrderIsAmendedByItsOwnIdAndOnlyInWhatIsGiven) {
  const OrderReference order{market_.symbol, "2007048638370418688", "t-sw1-a", true};
  const auto all = futures_.Amend(market_, {order, kSell, D("0.002"), D("64000"), D("64500.5")});
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->rest.method, "PUT");
  EXPECT_EQ(all->rest.path, "/futures/usdt/price_orders/amend/2007048638370418688");
  EXPECT_EQ(J(all->rest.body), J(R"({"order_id":2007048638370418688,"size":-20,"price":"64000",
                                     "trigger_price":"64500.5"})"));
  EXPECT_EQ(all->channel, "") << "the socket has no such request";
  const auto one = futures_.Amend(market_, {order, kBuy, {}, {}, D("64500")});
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_EQ(J(one->rest.body), J(R"({"order_id":2007048638370418688,"trigger_price":"64500"})"));
}

TEST_F(FuturesTest, AConditionalOrderWhoseIdIsNotKnownIsNotAmended) {
  for (const char* const id : {"", "t-sw1-a", "12x", "-5", "99999999999999999999"}) {
    const OrderReference order{market_.symbol, id, "t-sw1-a", true};
    const auto amend = futures_.Amend(market_, {order, kBuy, {}, {}, D("64500")});
    EXPECT_EQ(amend.status().code(), absl::StatusCode::kInvalidArgument) << id;
  }
}

TEST_F(FuturesTest, OnlyAConditionalOrderHasATriggerPriceToAmend) {
  const OrderReference order{market_.symbol, "36028797827161124", "", false};
  EXPECT_EQ(futures_.Amend(market_, {order, kBuy, {}, {}, D("64500")}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(SpotTest, ConditionalOrdersAreNotAmended) {
  const OrderReference order{market_.symbol, "77", "", true};
  EXPECT_EQ(spot_.Amend(market_, {order, kBuy, {}, {}, D("64500")}).status().code(),
            absl::StatusCode::kUnimplemented);
}

// The requests of the documentation, made here from the terms that they state.
class ApiRequestTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ApiRequestTest);

OrderCall CallOf(const std::string& name) {
  const OrderRequests& on_spot = spot::Requests();
  const OrderRequests& on_futures = futures::Requests();
  const model::Instrument gt = SpotMarket("GT_USDT");
  const model::Instrument btc = FuturesMarket("BTC_USDT", "0.0001");
  if (name == "spot_order_place") {
    return *on_spot.Place(gt, {gt.symbol, "t-my-custom-id", Limit(kBuy, "1", "1")});
  }
  if (name == "spot_order_cancel") {
    return on_spot.Cancel(gt, {gt.symbol, "1700664330", "", false});
  }
  if (name == "spot_order_cancel_ids") {
    const OrderReference orders[] = {{gt.symbol, "1700664343", "", false}};
    return on_spot.CancelBatch(*SpotMarkets(), orders);
  }
  if (name == "spot_order_amend") {
    return *on_spot.Amend(gt, {{gt.symbol, "1700664330", "", false}, kBuy, {}, D("2"), {}});
  }
  if (name == "futures_order_place") {
    return *on_futures.Place(btc,
                             {btc.symbol, "t-my-custom-id", Limit(kBuy, "0.001", "31503.280000")});
  }
  if (name == "futures_order_cancel") {
    return on_futures.Cancel(btc, {btc.symbol, "74046514", "", false});
  }
  if (name == "futures_order_cancel_cp") return on_futures.CancelAll(&btc, kBuy);
  return {};
}

// What the sample leaves to its default is left out, prices are compared by value.
void RemoveDefaults(Json& param, const Json& sample) {
  if (param.is_array()) {
    for (std::size_t i = 0; i < param.size(); ++i) RemoveDefaults(param[i], sample[i]);
    return;
  }
  for (const char* const name : {"time_in_force", "account"}) {
    const bool is_default = param.value(name, "") == "gtc" || param.value(name, "") == "spot";
    if (!sample.contains(name) && is_default) param.erase(name);
  }
}

TEST_P(ApiRequestTest, SaysWhatTheSampleSays) {
  const Json& sample = GetParam().fields.at("message");
  const OrderCall call = CallOf(GetParam().name);
  ASSERT_EQ(call.channel, sample.at("channel"));
  const std::string id = sample.at("payload").at("req_id");
  const TimeNs now = TimeNs::FromSeconds(sample.at("time").get<std::int64_t>());
  const Json frame = J(ApiFrame(call.channel, id, call.param, now + std::chrono::seconds(5), now));
  EXPECT_EQ(frame.at("time"), sample.at("time"));
  EXPECT_EQ(frame.at("event"), "api");
  EXPECT_EQ(frame.at("payload").at("req_id"), id);
  EXPECT_EQ(frame.at("payload").at("req_header").at("x-gate-exptime"),
            std::to_string(now.Millis() + 5'000));
  Json param = frame.at("payload").at("req_param");
  Json wanted = sample.at("payload").at("req_param");
  RemoveDefaults(param, wanted);
  if (wanted.is_object() && wanted.contains("price")) {
    EXPECT_EQ(D(param["price"].get<std::string>().c_str()),
              D(wanted["price"].get<std::string>().c_str()));
    param.erase("price");
    wanted.erase("price");
  }
  EXPECT_EQ(param, wanted);
}

std::vector<GoldenEntry> ApiRequestEntries() {
  std::vector<GoldenEntry> out;
  for (GoldenEntry& entry : LoadGolden("ws_api")) {
    const bool is_read = entry.name.ends_with("_status") || entry.name.ends_with("_list");
    if (entry.fields.value("direction", "") == "c->s" && !is_read) out.push_back(std::move(entry));
  }
  return out;
}

INSTANTIATE_TEST_SUITE_P(Samples, ApiRequestTest, testing::ValuesIn(ApiRequestEntries()),
                         EntryName());

}  // namespace
}  // namespace switchyard::exchanges::gateio
