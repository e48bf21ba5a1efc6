#include "services/order/risk/terms.h"

#include <gtest/gtest.h>

#include <string>

#include "services/order/risk/ticket.h"
#include "tests/services/order/risk/samples.h"

namespace switchyard::order::risk {
namespace {

constexpr TimeNs kNow{1'000};

v1::OrderTicket Limit(const std::string& patch = "") {
  return With(Parse<v1::OrderTicket>("client_order_id: 'a' symbol: 'BTC-USDT' side: SIDE_BUY "
                                     "type: ORDER_TYPE_LIMIT quantity: '1' price: '100'"),
              patch);
}

v1::OrderTicket Conditional(const std::string& tail) {
  return Parse<v1::OrderTicket>(
      "client_order_id: 'a' symbol: 'BTC-USDT-PERP' side: SIDE_BUY quantity: '1' " + tail);
}

struct Case {
  std::string name;
  bool spot;
  std::string ticket, field;
};

class RefusedTermsTest : public testing::TestWithParam<Case> {};

TEST_P(RefusedTermsTest, NameTheField) {
  const model::Instrument instrument = GetParam().spot ? Spot() : Perpetual();
  const auto ticket = Parse<v1::OrderTicket>("client_order_id: 'a' symbol: 'X' side: SIDE_BUY " +
                                             GetParam().ticket);
  ASSERT_TRUE(CheckTicket(ticket).ok()) << CheckTicket(ticket);
  ExpectField(TermsOf(ticket, instrument, kNow).status(), GetParam().field);
}

constexpr char kLimit[] = "type: ORDER_TYPE_LIMIT quantity: '1' price: '100' ";
constexpr char kStop[] = "type: ORDER_TYPE_STOP_MARKET quantity: '1' ";

INSTANTIATE_TEST_SUITE_P(
    Tickets, RefusedTermsTest,
    testing::Values(
        Case{"spot_reduce_only", true, std::string(kLimit) + "reduce_only: true", "reduce_only"},
        Case{"spot_close_position", true,
             "type: ORDER_TYPE_STOP_MARKET close_position: true trigger { price: '9' }",
             "close_position"},
        Case{"spot_position_side", true, std::string(kLimit) + "position_side: POSITION_SIDE_LONG",
             "position_side"},
        Case{"spot_net", true, std::string(kLimit) + "position_side: POSITION_SIDE_NET",
             "position_side"},
        Case{"spot_mark", true,
             std::string(kStop) + "trigger { price: '9' reference: TRIGGER_REFERENCE_MARK }",
             "trigger.reference"},
        Case{"spot_index", true,
             std::string(kStop) + "trigger { price: '9' reference: TRIGGER_REFERENCE_INDEX }",
             "trigger.reference"},
        Case{"spot_attached_mark", true,
             std::string(kLimit) + "take_profit { client_order_id: 't' trigger { price: '200' "
                                   "reference: TRIGGER_REFERENCE_MARK } }",
             "take_profit.trigger.reference"},
        Case{"spot_attached_index", true,
             std::string(kLimit) + "stop_loss { client_order_id: 't' trigger { price: '50' "
                                   "reference: TRIGGER_REFERENCE_INDEX } }",
             "stop_loss.trigger.reference"},
        Case{"expired", true,
             std::string(kLimit) + "time_in_force: TIME_IN_FORCE_GTD expire_time_ns: 1000",
             "expire_time_ns"},
        Case{"quantity_below_the_smallest", true,
             "type: ORDER_TYPE_LIMIT quantity: '0.009' price: '10000'", "quantity"},
        Case{"quantity_above_the_largest", false,
             "type: ORDER_TYPE_LIMIT quantity: '100.0001' price: '100'", "quantity"},
        Case{"value_below_the_smallest", true,
             "type: ORDER_TYPE_LIMIT quantity: '0.049' price: '100'", "quantity"},
        Case{"quote_quantity_below_the_smallest", true,
             "type: ORDER_TYPE_MARKET quote_quantity: '4.99'", "quote_quantity"}),
    [](const auto& info) { return info.param.name; });

struct PriceCase {
  std::string name, ticket, field;
};

class NotRepresentableTest : public testing::TestWithParam<PriceCase> {};

TEST_P(NotRepresentableTest, NamesTheFieldAndItsNeighbours) {
  const absl::Status status = TermsOf(Conditional(GetParam().ticket), Perpetual(), kNow).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_NOT_REPRESENTABLE) << status;
  EXPECT_EQ(MetadataOf(status)["field"], GetParam().field);
  EXPECT_EQ(MetadataOf(status)["nearest"], "90.0,90.1");
}

INSTANTIATE_TEST_SUITE_P(
    Prices, NotRepresentableTest,
    testing::Values(
        PriceCase{"price", "type: ORDER_TYPE_LIMIT price: '90.05'", "price"},
        PriceCase{"worst_price", "type: ORDER_TYPE_MARKET worst_price: '90.01'", "worst_price"},
        PriceCase{"trigger_price", "type: ORDER_TYPE_STOP_MARKET trigger { price: '90.09' }",
                  "trigger.price"},
        PriceCase{"activation_price",
                  "type: ORDER_TYPE_TRAILING_STOP "
                  "trailing { rate: '0.1' activation_price: '90.05' }",
                  "trailing.activation_price"},
        PriceCase{"take_profit_trigger",
                  "type: ORDER_TYPE_LIMIT price: '80' "
                  "take_profit { client_order_id: 't' trigger { price: '90.05' } }",
                  "take_profit.trigger.price"},
        PriceCase{"take_profit_price",
                  "type: ORDER_TYPE_LIMIT price: '80' "
                  "take_profit { client_order_id: 't' trigger { price: '90' } price: '90.05' }",
                  "take_profit.price"},
        PriceCase{"stop_loss_trigger",
                  "type: ORDER_TYPE_LIMIT price: '95' "
                  "stop_loss { client_order_id: 's' trigger { price: '90.05' } }",
                  "stop_loss.trigger.price"},
        PriceCase{"stop_loss_price",
                  "type: ORDER_TYPE_LIMIT price: '95' "
                  "stop_loss { client_order_id: 's' trigger { price: '90' } price: '90.05' }",
                  "stop_loss.price"}),
    [](const auto& info) { return info.param.name; });

TEST(TermsTest, QuantitiesThatAreNoWholeContractsAreRefusedWithTheNearest) {
  const absl::Status status = TermsOf(Limit("quantity: '0.00025'"), Perpetual(), kNow).status();
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_NOT_REPRESENTABLE) << status;
  EXPECT_EQ(MetadataOf(status)["field"], "quantity");
  EXPECT_EQ(MetadataOf(status)["nearest"], "0.0002,0.0003");
}

TEST(TermsTest, AttachedQuantitiesAreFittedToo) {
  const absl::Status status =
      TermsOf(
          Limit("stop_loss { client_order_id: 's' trigger { price: '9' } quantity: '0.00015' }"),
          Perpetual(), kNow)
          .status();
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_NOT_REPRESENTABLE) << status;
  EXPECT_EQ(MetadataOf(status)["field"], "stop_loss.quantity");
}

TEST(TermsTest, ValuesAreSentWithTheInstrumentsDecimals) {
  const auto terms = TermsOf(Limit("quantity: '1.5'"), Spot(), kNow);
  ASSERT_TRUE(terms.ok()) << terms.status();
  const v1::SentValues sent = SentOf(*terms);
  EXPECT_EQ(sent.quantity(), "1.500");
  EXPECT_EQ(sent.price(), "100.00");
  EXPECT_EQ(sent.quote_quantity(), "");
  EXPECT_EQ(sent.worst_price(), "");
  EXPECT_EQ(sent.trigger_price(), "");
}

TEST(TermsTest, RoundsQuantityAndPriceIndependently) {
  const auto refused = TermsOf(
      Limit("quantity: '1.5555' price: '100.009' quantity_rounding: ROUNDING_DOWN"), Spot(), kNow);
  EXPECT_EQ(MetadataOf(refused.status())["field"], "price");
  const auto terms =
      TermsOf(Limit("quantity: '1.5555' price: '100.009' quantity_rounding: ROUNDING_DOWN "
                    "price_rounding: ROUNDING_DOWN"),
              Spot(), kNow);
  ASSERT_TRUE(terms.ok()) << terms.status();
  EXPECT_EQ(SentOf(*terms).quantity(), "1.555");
  EXPECT_EQ(SentOf(*terms).price(), "100.00");
}

TEST(TermsTest, AwayFromMarketIsDownForABuyAndUpForItsAttachedOrders) {
  const auto terms = TermsOf(
      Limit("price: '100.05' price_rounding: ROUNDING_AWAY_FROM_MARKET "
            "take_profit { client_order_id: 't' trigger { price: '120.05' } price: '119.95' } "
            "stop_loss { client_order_id: 's' trigger { price: '80.05' } price: '79.95' }"),
      Perpetual(), kNow);
  ASSERT_TRUE(terms.ok()) << terms.status();
  const v1::SentValues sent = SentOf(*terms);
  EXPECT_EQ(sent.price(), "100.0");
  EXPECT_EQ(sent.take_profit_trigger_price(), "120.1");
  EXPECT_EQ(sent.take_profit_price(), "120.0");
  EXPECT_EQ(sent.stop_loss_trigger_price(), "80.1");
  EXPECT_EQ(sent.stop_loss_price(), "80.0");
}

TEST(TermsTest, AwayFromMarketIsUpForASell) {
  const auto terms =
      TermsOf(Limit("side: SIDE_SELL price: '100.01' price_rounding: ROUNDING_AWAY_FROM_MARKET"),
              Perpetual(), kNow);
  ASSERT_TRUE(terms.ok()) << terms.status();
  EXPECT_EQ(SentOf(*terms).price(), "100.1");
}

TEST(TermsTest, DefaultsAreResolved) {
  const auto terms =
      TermsOf(With(Conditional("type: ORDER_TYPE_STOP_MARKET trigger { price: '90' }"),
                   "position_side: POSITION_SIDE_NET"),
              Perpetual(), kNow);
  ASSERT_TRUE(terms.ok()) << terms.status();
  EXPECT_EQ(terms->time_in_force, v1::TIME_IN_FORCE_IOC);
  EXPECT_EQ(terms->trigger->reference, v1::TRIGGER_REFERENCE_LAST);
  EXPECT_EQ(terms->position_side, common::v1::POSITION_SIDE_UNSPECIFIED);
  EXPECT_EQ(SentOf(*terms).trigger_price(), "90.0");
}

TEST(TermsTest, ATrailingStopHasNoTriggerPrice) {
  const auto terms = TermsOf(Conditional("type: ORDER_TYPE_TRAILING_STOP "
                                         "trigger { reference: TRIGGER_REFERENCE_MARK } "
                                         "trailing { rate: '0.015' activation_price: '95' }"),
                             Perpetual(), kNow);
  ASSERT_TRUE(terms.ok()) << terms.status();
  EXPECT_EQ(terms->trigger->reference, v1::TRIGGER_REFERENCE_MARK);
  EXPECT_EQ(terms->trailing->rate->ToString(), "0.015");
  EXPECT_FALSE(terms->trailing->amount);
  EXPECT_EQ(SentOf(*terms).activation_price(), "95.0");
  EXPECT_EQ(SentOf(*terms).trigger_price(), "");
}

TEST(TermsTest, AMarketOrderByQuoteQuantityKeepsItsDigits) {
  const auto terms = TermsOf(
      Parse<v1::OrderTicket>("side: SIDE_BUY type: ORDER_TYPE_MARKET quote_quantity: '50.123456' "
                             "worst_price: '101.5'"),
      Spot(), kNow);
  ASSERT_TRUE(terms.ok()) << terms.status();
  EXPECT_FALSE(terms->quantity);
  EXPECT_EQ(SentOf(*terms).quote_quantity(), "50.123456");
  EXPECT_EQ(SentOf(*terms).worst_price(), "101.50");
  EXPECT_EQ(SentOf(*terms).quantity(), "");
}

TEST(TermsTest, EveryOtherFieldIsTakenOver) {
  const auto terms = TermsOf(
      Limit("side: SIDE_SELL time_in_force: TIME_IN_FORCE_GTD expire_time_ns: 1001 post_only: true "
            "reduce_only: true position_side: POSITION_SIDE_LONG "
            "self_trade_prevention: SELF_TRADE_PREVENTION_CANCEL_BOTH"),
      Perpetual(), kNow);
  ASSERT_TRUE(terms.ok()) << terms.status();
  EXPECT_EQ(terms->side, common::v1::SIDE_SELL);
  EXPECT_EQ(terms->type, v1::ORDER_TYPE_LIMIT);
  EXPECT_EQ(terms->time_in_force, v1::TIME_IN_FORCE_GTD);
  EXPECT_EQ(terms->expire_time, TimeNs(1'001));
  EXPECT_TRUE(terms->post_only);
  EXPECT_TRUE(terms->reduce_only);
  EXPECT_FALSE(terms->close_position);
  EXPECT_EQ(terms->position_side, common::v1::POSITION_SIDE_LONG);
  EXPECT_EQ(terms->self_trade_prevention, v1::SELF_TRADE_PREVENTION_CANCEL_BOTH);
}

TEST(TermsTest, AReducingOrderMayBeWorthLessThanTheSmallest) {
  model::Instrument instrument = Perpetual();
  instrument.min_notional = D("5");
  ExpectField(TermsOf(Limit("quantity: '0.0001'"), instrument, kNow).status(), "quantity");
  ExpectField(TermsOf(Limit("quantity: '0.0001' reduce_only: true"), instrument, kNow).status(),
              "");
}

TEST(TermsTest, ClosingAPositionHasNoQuantity) {
  const auto terms = TermsOf(Parse<v1::OrderTicket>("side: SIDE_SELL type: ORDER_TYPE_STOP_MARKET "
                                                    "close_position: true trigger { price: '90' }"),
                             Perpetual(), kNow);
  ASSERT_TRUE(terms.ok()) << terms.status();
  EXPECT_TRUE(terms->close_position);
  EXPECT_FALSE(terms->quantity);
}

TEST(TermsTest, ThirtyEightDigitsSurvive) {
  model::Instrument instrument = Spot();
  instrument.step = instrument.tick = D("0.000000000000000001");
  instrument.min_quantity = instrument.min_notional = std::nullopt;
  const std::string digits = "12345678901234567890.123456789012345678";
  const auto terms = TermsOf(Limit("price: '" + digits + "'"), instrument, kNow);
  ASSERT_TRUE(terms.ok()) << terms.status();
  EXPECT_EQ(SentOf(*terms).price(), digits);
}

}  // namespace
}  // namespace switchyard::order::risk
