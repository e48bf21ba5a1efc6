#include <gtest/gtest.h>

#include <string>

#include "services/order/risk/terms.h"
#include "tests/services/order/risk/samples.h"

namespace switchyard::order::risk {
namespace {

v1::AmendOrderRequest Request(const std::string& patch) {
  return Parse<v1::AmendOrderRequest>("order { client_order_id: 'a' } request_id: 'r' " + patch);
}

struct FormCase {
  std::string name, request, field;
};

class AmendFormTest : public testing::TestWithParam<FormCase> {};

TEST_P(AmendFormTest, IsCheckedFieldByField) {
  ExpectField(CheckAmend(Parse<v1::AmendOrderRequest>(GetParam().request)), GetParam().field);
}

constexpr char kKey[] = "order { client_order_id: 'a' } request_id: 'r' ";

INSTANTIATE_TEST_SUITE_P(
    Requests, AmendFormTest,
    testing::Values(
        FormCase{"no_order", "request_id: 'r' quantity: '1'", "order"},
        FormCase{"no_request_id", "order { client_order_id: 'a' } quantity: '1'", "request_id"},
        FormCase{"nothing_to_amend", kKey, "quantity"},
        FormCase{"empty_quantity", std::string(kKey) + "quantity: ''", "quantity"},
        FormCase{"empty_price", std::string(kKey) + "price: ''", "price"},
        FormCase{"zero_trigger_price", std::string(kKey) + "trigger_price: '0'", "trigger_price"},
        FormCase{"exponent", std::string(kKey) + "price: '1e2'", "price"},
        FormCase{"quantity_away_from_market",
                 std::string(kKey) + "quantity: '1' quantity_rounding: ROUNDING_AWAY_FROM_MARKET",
                 "quantity_rounding"},
        FormCase{"unknown_price_rounding", std::string(kKey) + "price: '1' price_rounding: 77",
                 "price_rounding"},
        FormCase{"quantity_alone", std::string(kKey) + "quantity: '1'", ""},
        FormCase{"price_alone", std::string(kKey) + "price: '1'", ""},
        FormCase{"trigger_price_alone", std::string(kKey) + "trigger_price: '1'", ""}),
    [](const auto& info) { return info.param.name; });

model::OrderTerms Resting() {
  model::OrderTerms terms;
  terms.side = common::v1::SIDE_SELL;
  terms.type = v1::ORDER_TYPE_LIMIT;
  terms.quantity = D("1.0000");
  terms.price = D("100.0");
  return terms;
}

TEST(AmendmentTest, KeepsWhatIsNotAmended) {
  const auto amendment = AmendmentOf(Request("price: '101'"), Resting(), D("0.4"), Perpetual());
  ASSERT_TRUE(amendment.ok()) << amendment.status();
  EXPECT_FALSE(amendment->quantity);
  EXPECT_FALSE(amendment->trigger_price);
  EXPECT_EQ(amendment->price->ToString(), "101.0");
  EXPECT_EQ(SentOf(amendment->terms).quantity(), "1.0000");
  EXPECT_EQ(SentOf(amendment->terms).price(), "101.0");
}

TEST(AmendmentTest, RoundsAsAskedByTheOrdersSide) {
  const auto amendment =
      AmendmentOf(Request("quantity: '2.00019' quantity_rounding: ROUNDING_DOWN "
                          "price: '101.01' price_rounding: ROUNDING_AWAY_FROM_MARKET"),
                  Resting(), Decimal(), Perpetual());
  ASSERT_TRUE(amendment.ok()) << amendment.status();
  EXPECT_EQ(amendment->quantity->ToString(), "2.0001");
  EXPECT_EQ(amendment->price->ToString(), "101.1");
}

TEST(AmendmentTest, RefusesWhatIsNotRepresentable) {
  const absl::Status status =
      AmendmentOf(Request("quantity: '2.00019'"), Resting(), Decimal(), Perpetual()).status();
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_NOT_REPRESENTABLE) << status;
  EXPECT_EQ(MetadataOf(status)["nearest"], "2.0001,2.0002");
}

TEST(AmendmentTest, RefusesAQuantityThatIsFilledAlready) {
  ExpectField(AmendmentOf(Request("quantity: '0.4'"), Resting(), D("0.4"), Perpetual()).status(),
              "quantity");
  ExpectField(AmendmentOf(Request("quantity: '0.4001'"), Resting(), D("0.4"), Perpetual()).status(),
              "");
}

TEST(AmendmentTest, RefusesValuesThatTheOrderDoesNotHave) {
  ExpectField(
      AmendmentOf(Request("trigger_price: '1'"), Resting(), Decimal(), Perpetual()).status(),
      "trigger_price");
  model::OrderTerms stop = Resting();
  stop.type = v1::ORDER_TYPE_STOP_MARKET;
  stop.price.reset();
  stop.quantity.reset();
  stop.close_position = true;
  stop.trigger = model::OrderTrigger{D("90"), v1::TRIGGER_REFERENCE_LAST};
  ExpectField(AmendmentOf(Request("price: '1'"), stop, Decimal(), Perpetual()).status(), "price");
  ExpectField(AmendmentOf(Request("quantity: '1'"), stop, Decimal(), Perpetual()).status(),
              "quantity");
  const auto moved = AmendmentOf(Request("trigger_price: '91'"), stop, Decimal(), Perpetual());
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(moved->terms.trigger->price.ToString(), "91.0");
  stop.trailing = model::OrderTrailing{D("0.01"), {}, {}};
  ExpectField(AmendmentOf(Request("trigger_price: '91'"), stop, Decimal(), Perpetual()).status(),
              "trigger_price");
}

TEST(AmendmentTest, KeepsToTheInstrumentsBounds) {
  ExpectField(AmendmentOf(Request("quantity: '101'"), Resting(), Decimal(), Perpetual()).status(),
              "quantity");
  model::Instrument instrument = Perpetual();
  instrument.min_notional = D("5");
  ExpectField(AmendmentOf(Request("quantity: '0.01'"), Resting(), Decimal(), instrument).status(),
              "quantity");
  ExpectField(AmendmentOf(Request("price: '4.9'"), Resting(), Decimal(), instrument).status(),
              "price");
}

}  // namespace
}  // namespace switchyard::order::risk
