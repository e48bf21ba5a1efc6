#include "services/order/risk/limit_table.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/services/order/risk/samples.h"

namespace switchyard::order::risk {
namespace {

struct Case {
  std::string name, account, field;
};

class BadConfigTest : public testing::TestWithParam<Case> {};

TEST_P(BadConfigTest, NamesTheField) {
  ExpectField(ParseLimits(Parse<config::v1::AccountConfig>(GetParam().account)).status(),
              GetParam().field);
}

INSTANTIATE_TEST_SUITE_P(
    Fields, BadConfigTest,
    testing::Values(Case{"order_quantity", "risk { symbols { max_order_quantity: 'x' } }",
                         "risk.symbols[0].max_order_quantity"},
                    Case{"order_notional",
                         "risk { symbols { } symbols { symbol: 'A' max_order_notional: '0' } }",
                         "risk.symbols[1].max_order_notional"},
                    Case{"position_quantity", "risk { symbols { max_position_quantity: '-1' } }",
                         "risk.symbols[0].max_position_quantity"},
                    Case{"position_notional", "risk { symbols { max_position_notional: '1e9' } }",
                         "risk.symbols[0].max_position_notional"},
                    Case{"symbol_twice", "risk { symbols { symbol: 'A' } symbols { symbol: 'A' } }",
                         "risk.symbols[1].symbol"},
                    Case{"others_twice", "risk { symbols { } symbols { symbol: 'A' } symbols { } }",
                         "risk.symbols[2].symbol"},
                    Case{"collar", "risk { price_collar: '5%' }", "risk.price_collar"},
                    Case{"collar_of_zero", "risk { price_collar: '0' }", "risk.price_collar"},
                    Case{"position_mismatch", "risk { on_position_mismatch: 'IGNORE' }",
                         "risk.on_position_mismatch"},
                    Case{"input_age", "risk { max_input_age_ms: 0 }", "risk.max_input_age_ms"}),
    [](const auto& info) { return info.param.name; });

TEST(LimitTableTest, WithoutConfigurationOnlyMarketOrdersHaveACollar) {
  const auto table = ParseLimits({});
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->price_collar.ToString(), "0.05");
  EXPECT_FALSE(table->collar_on_limit_prices);
  EXPECT_EQ(table->max_open_orders, 0u);
  EXPECT_EQ(table->max_orders_per_second, 0u);
  EXPECT_EQ(table->max_input_age, std::chrono::seconds(5));
  EXPECT_FALSE(table->Of("A").order_quantity);
}

TEST(LimitTableTest, ASymbolOfItsOwnReplacesTheEntryOfAllOthers) {
  const auto table = ParseLimits(Parse<config::v1::AccountConfig>(
      "risk { symbols { max_order_quantity: '1' max_order_notional: '2' "
      "max_position_quantity: '3' max_position_notional: '4' } "
      "symbols { symbol: 'A' max_order_quantity: '10' } max_open_orders: 7 "
      "max_orders_per_second: 8 price_collar: '0.1' max_input_age_ms: 250 }"));
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->Of("A").order_quantity->ToString(), "10");
  EXPECT_FALSE(table->Of("A").order_notional);
  EXPECT_EQ(table->Of("B").order_quantity->ToString(), "1");
  EXPECT_EQ(table->Of("B").order_notional->ToString(), "2");
  EXPECT_EQ(table->Of("B").position_quantity->ToString(), "3");
  EXPECT_EQ(table->Of("B").position_notional->ToString(), "4");
  EXPECT_EQ(table->max_open_orders, 7u);
  EXPECT_EQ(table->max_orders_per_second, 8u);
  EXPECT_EQ(table->price_collar.ToString(), "0.1");
  EXPECT_TRUE(table->collar_on_limit_prices);
  EXPECT_EQ(table->max_input_age, std::chrono::milliseconds(250));
}

}  // namespace
}  // namespace switchyard::order::risk
