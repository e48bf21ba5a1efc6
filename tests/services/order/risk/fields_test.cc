#include "services/order/risk/fields.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/services/order/risk/samples.h"

namespace switchyard::order::risk {
namespace {

struct IdCase {
  std::string name, id;
  bool valid;
};

class IdTest : public testing::TestWithParam<IdCase> {};

TEST_P(IdTest, TakesOneTo36OfItsCharacters) {
  ExpectField(CheckId("client_order_id", GetParam().id), GetParam().valid ? "" : "client_order_id");
}

INSTANTIATE_TEST_SUITE_P(Forms, IdTest,
                         testing::Values(IdCase{"empty", "", false}, IdCase{"space", "a b", false},
                                         IdCase{"dot", "a.b", false}, IdCase{"slash", "a/b", false},
                                         IdCase{"umlaut", "\xc3\xa4", false},
                                         IdCase{"zero_byte", {"a\0b", 3}, false},
                                         IdCase{"newline", "a\n", false},
                                         IdCase{"too_long", std::string(37, 'a'), false},
                                         IdCase{"longest", std::string(36, 'a'), true},
                                         IdCase{"shortest", "0", true},
                                         IdCase{"all_kinds", "azAZ09_-", true}),
                         [](const auto& info) { return info.param.name; });

TEST(SessionIdTest, MayHave64Characters) {
  ExpectField(CheckId("session_id", std::string(64, 's'), kMaxSessionIdLength), "");
  ExpectField(CheckId("session_id", std::string(65, 's'), kMaxSessionIdLength), "session_id");
}

struct KeyCase {
  std::string name, key, field;
};

class OrderKeyTest : public testing::TestWithParam<KeyCase> {};

TEST_P(OrderKeyTest, NamesOneOrder) {
  ExpectField(CheckOrderKey("order", Parse<v1::OrderKey>(GetParam().key)), GetParam().field);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, OrderKeyTest,
    testing::Values(KeyCase{"nothing", "", "order"},
                    KeyCase{"symbol_alone", "symbol: 'A'", "order"},
                    KeyCase{"empty_client_id", "client_order_id: ''", "order.client_order_id"},
                    KeyCase{"bad_client_id", "client_order_id: 'a b'", "order.client_order_id"},
                    KeyCase{"empty_exchange_id", "exchange_order_id: '' symbol: 'A'",
                            "order.exchange_order_id"},
                    KeyCase{"exchange_id_without_symbol", "exchange_order_id: '7'", "order.symbol"},
                    KeyCase{"client_id", "client_order_id: 'a'", ""},
                    KeyCase{"exchange_id", "exchange_order_id: '7' symbol: 'A'", ""}),
    [](const auto& info) { return info.param.name; });

struct DecimalCase {
  std::string name, text;
  bool valid;
};

class PositiveTest : public testing::TestWithParam<DecimalCase> {};

TEST_P(PositiveTest, TakesTheContractsDecimalsAboveZero) {
  ExpectField(ParsePositive("price", GetParam().text).status(), GetParam().valid ? "" : "price");
}

INSTANTIATE_TEST_SUITE_P(
    Forms, PositiveTest,
    testing::Values(DecimalCase{"empty", "", false}, DecimalCase{"zero", "0.00", false},
                    DecimalCase{"negative", "-1", false}, DecimalCase{"exponent", "1e-7", false},
                    DecimalCase{"plus", "+1", false}, DecimalCase{"comma", "1,5", false},
                    DecimalCase{"no_integer", ".5", false}, DecimalCase{"no_fraction", "5.", false},
                    DecimalCase{"space", " 1", false}, DecimalCase{"not_a_number", "NaN", false},
                    DecimalCase{"digits_39", "1" + std::string(38, '0'), false},
                    DecimalCase{"digits_38", std::string(38, '9'), true},
                    DecimalCase{"smallest", "0.000000000000000001", true},
                    DecimalCase{"plain", "12.50", true}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard::order::risk
