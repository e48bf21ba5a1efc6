// What other projects' tests say of orders and fills: the same messages are understood alike here.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "exchanges/gateio/order/order_protocol.h"
#include "exchanges/gateio/order/order_words.h"
#include "exchanges/gateio/private/private_message_handler.h"
#include "exchanges/gateio/rest/answer.h"
#include "tests/exchanges/gateio/golden.h"
#include "tests/exchanges/gateio/order/markets.h"

namespace switchyard::exchanges::gateio {
namespace {

namespace v1 = order::v1;
using json::Json;
using model::OrderReport;

// Contracts of one base unit, so that sizes are quantities as in the peers' words.
Origin OriginOf(Product product) {
  static const auto spot =
      TableOf({SpotMarket("BTC_USDT"), SpotMarket("GT_USDT"), SpotMarket("ETH_BTC"),
               SpotMarket("HNS_USDT"), SpotMarket("REX_USDT"), SpotMarket("ETH_USDT"),
               SpotMarket("LIKE_ETH"), SpotMarket("VAI_USDT")});
  static const auto futures =
      TableOf({FuturesMarket("BTC_USDT", "1"), FuturesMarket("BTC_USD", "1"),
               FuturesMarket("CWIF_USDT", "1"), FuturesMarket("REX_USDT", "1")});
  return {product == Product::kSpot ? *spot : *futures, TimeNs(1), model::Source::kRest};
}

// A number that the row states, exactly; nothing is compared where it states none.
void ExpectNumber(const Json& expected, const char* field, const std::optional<Decimal>& value) {
  const auto wanted = json::OptionalDecimal(expected, field);
  ASSERT_TRUE(wanted.ok()) << field;
  if (!*wanted) return;
  ASSERT_TRUE(value.has_value()) << field;
  EXPECT_EQ(*value, **wanted) << field << " " << value->ToString();
}

void ExpectText(const Json& expected, const char* field, const std::string& value) {
  if (!expected.contains(field)) return;
  EXPECT_EQ(value, TextOf(expected, field)) << field;
}

// Whatever the row says of the quantity: of a market buy on spot it is the quote amount.
const std::optional<Decimal>& AmountOf(const OrderReport& report) {
  return report.terms.quantity ? report.terms.quantity : report.terms.quote_quantity;
}

std::string StatusOf(const OrderReport& report) {
  switch (report.finish_reason) {
    case v1::FINISH_REASON_UNSPECIFIED:
      return "Open";
    case v1::FINISH_REASON_FILLED:
      return "Filled";
    case v1::FINISH_REASON_LIQUIDATION:
      return "Liquidated";
    case v1::FINISH_REASON_AUTO_DELEVERAGING:
      return "AutoDeleverage";
    case v1::FINISH_REASON_POSITION_CLOSED:
      return "Closed";
    case v1::FINISH_REASON_SELF_TRADE:
      return "STP";
    default:
      return "Cancelled";
  }
}

std::string TimeInForceOf(const OrderReport& report) {
  if (report.terms.post_only) return "PostOnly";
  static const std::map<int, std::string> kNames = {
      {v1::TIME_IN_FORCE_GTC, "GoodTillCancel"},
      {v1::TIME_IN_FORCE_IOC, "ImmediateOrCancel"},
      {v1::TIME_IN_FORCE_FOK, "FillOrKill"},
  };
  return kNames.at(report.terms.time_in_force);
}

void ExpectGocryptotrader(const Json& expected, Product product, const OrderReport& report) {
  const bool buys = report.terms.side == common::v1::SIDE_BUY;
  const bool spot = product == Product::kSpot;
  ExpectText(expected, "OrderID", report.exchange_order_id);
  ExpectText(expected, "ClientOrderID", report.exchange_client_id);
  ExpectText(expected, "Side", spot ? (buys ? "Buy" : "Sell") : (buys ? "Long" : "Short"));
  ExpectText(expected, "Type", report.terms.type == v1::ORDER_TYPE_MARKET ? "Market" : "Limit");
  ExpectText(expected, "Status", StatusOf(report));
  ExpectText(expected, "TimeInForce", TimeInForceOf(report));
  ExpectNumber(expected, "Amount", AmountOf(report));
  ExpectNumber(expected, "Price", report.terms.price);
  if (report.finish_reason == v1::FINISH_REASON_UNSPECIFIED) {
    ExpectNumber(expected, "RemainingAmount", report.remaining_quantity);
  }
  EXPECT_EQ(report.terms.reduce_only, expected.value("ReduceOnly", false));
  ExpectText(expected.value("Date", Json::object()), "unix_ms",
             std::to_string(report.exchange_create_time.Millis()));
  ExpectText(expected.value("LastUpdated", Json::object()), "unix_ms",
             std::to_string(report.exchange_update_time.Millis()));
}

// The row's own bytes, so that numbers keep their text.
Json RawOf(const GoldenEntry& entry, const char* field) {
  const auto parsed = json::Parse(entry.raw.at(field));
  EXPECT_TRUE(parsed.ok());
  return parsed.ok() ? *parsed : Json();
}

class GocryptotraderTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(GocryptotraderTest);

TEST_P(GocryptotraderTest, IsReadAlike) {
  const GoldenEntry& entry = GetParam();
  Json input = RawOf(entry, "input");
  Product product = Product::kFutures;
  if (input.contains("channel")) {
    const std::string channel = input["channel"];
    product = channel.starts_with("spot.") ? Product::kSpot : Product::kFutures;
    const auto frame = ParsePrivateFrame(product, entry.raw.at("input"));
    ASSERT_TRUE(frame.ok()) << frame.status();
    if (frame->channel == Channel::kFills) {
      const auto fill =
          OrderProtocolOf(product).reports.ReadFill(frame->result[0], OriginOf(product));
      ASSERT_TRUE(fill.ok()) << fill.status();
      return;
    }
    input = frame->result[0];
  } else if (input.contains("currency_pair") || input.contains("label")) {
    product = Product::kSpot;
  }
  const auto report = OrderProtocolOf(product).reports.ReadOrder(input, OriginOf(product));
  if (input.contains("label")) {
    EXPECT_FALSE(report.ok());
    return;
  }
  ASSERT_TRUE(report.ok()) << report.status();
  const Json expected = RawOf(entry, "expected");
  if (!expected.is_null()) ExpectGocryptotrader(expected, product, *report);
}

std::vector<GoldenEntry> GocryptotraderRows() {
  static const std::set<std::string> kNames = {
      "wsSpotOrderPushDataJSON",
      "wsUserTradePushDataJSON",
      "status of a futures order push from status + finish_as",
      "TestDeriveSpotWebsocketOrderResponse",
      "spot order reply over the websocket",
      "spot batch order reply over the websocket",
      "TestDeriveFuturesWebsocketOrderResponse",
      "futures order reply over the websocket",
  };
  std::vector<GoldenEntry> out;
  for (GoldenEntry& entry : LoadGolden("peers_gocryptotrader")) {
    if (kNames.contains(entry.fields.value("name", ""))) out.push_back(std::move(entry));
  }
  return out;
}

INSTANTIATE_TEST_SUITE_P(Rows, GocryptotraderTest, testing::ValuesIn(GocryptotraderRows()),
                         EntryName());

TEST(GocryptotraderRowsTest, AreAllLookedAt) {
  if (std::getenv("GOLDEN_DIR") != nullptr) GTEST_SKIP();
  EXPECT_EQ(GocryptotraderRows().size(), 27u);
}

class XchangeTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(XchangeTest);

TEST_P(XchangeTest, IsReadAlike) {
  const GoldenEntry& entry = GetParam();
  const Json input = RawOf(entry, "input");
  const Json expected = RawOf(entry, "expected");
  const Json& order = input.is_array() ? input[0] : input;
  const Json& wanted = expected.is_array() ? expected[0] : expected;
  const auto report =
      OrderProtocolOf(Product::kSpot).reports.ReadOrder(order, OriginOf(Product::kSpot));
  ASSERT_TRUE(report.ok()) << report.status();
  ExpectText(wanted, "order_id", report->exchange_order_id);
  ExpectText(wanted, "id", report->exchange_order_id);
  ExpectText(wanted, "side", std::string(SideText(report->terms.side)));
  ExpectText(wanted, "type", report->terms.type == v1::ORDER_TYPE_MARKET ? "market" : "limit");
  ExpectText(wanted, "status", report->state == v1::ORDER_STATE_FILLED ? "FILLED" : "OPEN");
  ExpectNumber(wanted, "amount", AmountOf(*report));
  ExpectNumber(wanted, "limit_price", report->terms.price);
  ExpectNumber(wanted, "fee", report->fees.front().amount);
  // Of a market buy it counts what was spent.
  ExpectNumber(wanted, "cumulative_amount",
               report->filled_quantity ? report->filled_quantity : report->filled_quote_quantity);
  const bool cancelled = wanted.value("cancelled", false);
  EXPECT_EQ(report->state == v1::ORDER_STATE_CANCELED, cancelled);
  // Texts that are not the owner's are no client ids here.
  const std::string client = TextOf(wanted, "client_id");
  if (!client.empty()) {
    EXPECT_EQ(report->exchange_client_id, client.starts_with("t-") ? client : std::string());
  }
}

std::vector<GoldenEntry> XchangeOrders() {
  std::vector<GoldenEntry> out;
  for (GoldenEntry& entry : LoadGolden("peers_xchange")) {
    if (entry.fields.value("name", "").starts_with("api_v4_spot_orders")) {
      out.push_back(std::move(entry));
    }
  }
  return out;
}

INSTANTIATE_TEST_SUITE_P(Orders, XchangeTest, testing::ValuesIn(XchangeOrders()), EntryName());

GoldenEntry RowOf(const std::string& file, const std::string& name) {
  for (GoldenEntry& entry : LoadGolden(file)) {
    if (entry.fields.value("name", "") == name) return entry;
  }
  ADD_FAILURE() << "no row " << name;
  return {};
}

void ExpectFill(const Json& wanted, const model::FillReport& fill) {
  ExpectText(wanted, "id", fill.trade_id);
  ExpectText(wanted, "order_id", fill.exchange_order_id);
  ExpectText(wanted, "side", std::string(SideText(fill.side)));
  ExpectNumber(wanted, "amount", fill.quantity);
  ExpectNumber(wanted, "price", fill.price);
  ExpectNumber(wanted, "fee", fill.fees.front().amount);
  ExpectText(wanted, "fee_currency", fill.fees.front().currency);
  ExpectText(wanted, "timestamp_ms", std::to_string(fill.exchange_time.Millis()));
}

TEST(XchangeFillsTest, AreReadAlike) {
  if (std::getenv("GOLDEN_DIR") != nullptr) GTEST_SKIP();
  const GoldenEntry rest = RowOf("peers_xchange", "api_v4_spot_my_trades");
  const Json list = RawOf(rest, "input");
  ASSERT_EQ(list.size(), 2u);
  // That client turns the list around.
  const auto last =
      OrderProtocolOf(Product::kSpot).reports.ReadFill(list[1], OriginOf(Product::kSpot));
  ASSERT_TRUE(last.ok()) << last.status();
  ExpectFill(RawOf(rest, "expected")["first"], *last);
  EXPECT_EQ(last->role, v1::LIQUIDITY_ROLE_TAKER);

  const GoldenEntry push = RowOf("peers_xchange", "ws spot.usertrades.update");
  const auto frame = ParsePrivateFrame(Product::kSpot, push.raw.at("input"));
  ASSERT_TRUE(frame.ok()) << frame.status();
  const auto fill =
      OrderProtocolOf(Product::kSpot).reports.ReadFill(frame->result[0], OriginOf(Product::kSpot));
  ASSERT_TRUE(fill.ok()) << fill.status();
  ExpectFill(RawOf(push, "expected"), *fill);
}

TEST(CcapiTest, OrdersAndFillsAreReadAlike) {
  if (std::getenv("GOLDEN_DIR") != nullptr) GTEST_SKIP();
  const Origin origin = OriginOf(Product::kSpot);
  const OrderReports& spot = OrderProtocolOf(Product::kSpot).reports;
  const GoldenEntry get = RowOf("peers_ccapi", "convertTextMessageToMessageRestGetOrder");
  const auto order = spot.ReadOrder(RawOf(get, "input"), origin);
  ASSERT_TRUE(order.ok()) << order.status();
  const Json wanted = RawOf(get, "expected");
  ExpectText(wanted, "order_id", order->exchange_order_id);
  ExpectText(wanted, "client_order_id", order->exchange_client_id);
  ExpectText(wanted, "order_side", std::string(SideText(order->terms.side)));
  ExpectNumber(wanted, "order_quantity", order->terms.quantity);
  ExpectNumber(wanted, "order_limit_price", order->terms.price);
  EXPECT_EQ(order->state, v1::ORDER_STATE_CANCELED);
  // That client shows the quote value as the filled quantity; half of the order is filled.
  EXPECT_EQ(*order->filled_quantity, *Decimal::Parse("0.5"));
  ExpectNumber(wanted, "order_cumulative_filled_quantity", order->filled_quote_quantity);

  for (const char* const name : {"createEventUserTrades", "createEventOrders"}) {
    const GoldenEntry event = RowOf("peers_ccapi", name);
    const auto frame = ParsePrivateFrame(Product::kSpot, event.raw.at("input"));
    ASSERT_TRUE(frame.ok()) << frame.status();
    const Json expected = RawOf(event, "expected");
    if (frame->channel == Channel::kFills) {
      const auto fill = spot.ReadFill(frame->result[0], origin);
      ASSERT_TRUE(fill.ok()) << fill.status();
      ExpectText(expected, "trade_id", fill->trade_id);
      ExpectNumber(expected, "order_last_executed_price", fill->price);
      ExpectNumber(expected, "order_last_executed_size", fill->quantity);
      EXPECT_EQ(fill->role, v1::LIQUIDITY_ROLE_TAKER);
      continue;
    }
    const auto pushed = spot.ReadOrder(frame->result[0], origin);
    ASSERT_TRUE(pushed.ok()) << pushed.status();
    ExpectText(expected, "order_id", pushed->exchange_order_id);
    ExpectText(expected, "client_order_id", pushed->exchange_client_id);
    ExpectNumber(expected, "order_remaining_quantity", pushed->remaining_quantity);
    EXPECT_EQ(pushed->state, v1::ORDER_STATE_OPEN);
  }
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
