// What an account's configuration must say, and what it means.
#include "exchanges/lighter/private/account_options.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "common/status/status.h"

namespace switchyard::exchanges::lighter {
namespace {

using config::v1::AccountConfig;
using config::v1::ExchangeConfig;
using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string kSecret =
    "0x01020304050607080102030405060708010203040506070801020304050607080102030405060708";

AccountConfig Account() {
  AccountConfig out;
  out.set_name("main");
  out.set_api_key("4");
  out.set_secret(kSecret);
  (*out.mutable_options())["account_index"] = "1077";
  return out;
}

ExchangeConfig Config(const std::string& network = "") {
  ExchangeConfig out;
  out.set_exchange("lighter");
  if (!network.empty()) (*out.mutable_options())["network"] = network;
  return out;
}

struct Case {
  std::string name, field;
  std::function<void(AccountConfig&)> change;
};

class AccountOptionsTest : public testing::TestWithParam<Case> {};

TEST_P(AccountOptionsTest, IsRefusedWithTheFieldsName) {
  AccountConfig account = Account();
  GetParam().change(account);
  const auto made = MakePrivateAccountOptions(Config(), account, seconds(5));
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MetadataOf(made.status())["field"], GetParam().field);
  if (!account.secret().empty()) {
    EXPECT_EQ(std::string(made.status().message()).find(account.secret()), std::string::npos);
  }
}

void Put(AccountConfig& account, const std::string& key, const std::string& value) {
  (*account.mutable_options())[key] = value;
}

INSTANTIATE_TEST_SUITE_P(
    Fields, AccountOptionsTest,
    testing::Values(
        Case{"no_key", "accounts.api_key", [](auto& a) { a.clear_api_key(); }},
        Case{"key_that_is_no_number", "accounts.api_key", [](auto& a) { a.set_api_key("four"); }},
        Case{"key_of_all_keys", "accounts.api_key", [](auto& a) { a.set_api_key("255"); }},
        Case{"negative_key", "accounts.api_key", [](auto& a) { a.set_api_key("-1"); }},
        Case{"no_secret", "accounts.secret", [](auto& a) { a.clear_secret(); }},
        Case{"short_secret", "accounts.secret", [](auto& a) { a.set_secret("0x0102"); }},
        Case{"secret_of_zero", "accounts.secret",
             [](auto& a) { a.set_secret(std::string(80, '0')); }},
        Case{"no_account", "accounts.options.account_index",
             [](auto& a) { a.mutable_options()->clear(); }},
        Case{"account_that_is_no_number", "accounts.options.account_index",
             [](auto& a) { Put(a, "account_index", "main"); }},
        Case{"account_out_of_range", "accounts.options.account_index",
             [](auto& a) { Put(a, "account_index", "281474976710655"); }},
        Case{"unknown_entry", "accounts.options.order_entry",
             [](auto& a) { Put(a, "order_entry", "fix"); }},
        Case{"life_below_the_timeout", "accounts.options.transaction_life_ms",
             [](auto& a) { Put(a, "transaction_life_ms", "4999"); }},
        Case{"life_too_long", "accounts.options.transaction_life_ms",
             [](auto& a) { Put(a, "transaction_life_ms", "600001"); }},
        Case{"unknown_option", "accounts.options.colour",
             [](auto& a) { Put(a, "colour", "red"); }}),
    [](const auto& info) { return info.param.name; });

TEST(AccountOptionsMeaningTest, OfWhatIsRequired) {
  const auto made = MakePrivateAccountOptions(Config(), Account(), seconds(5));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->exchange, "lighter");
  EXPECT_EQ(made->account, "main");
  EXPECT_EQ(made->owner.account_index, 1077);
  EXPECT_EQ(made->owner.api_key_index, 4);
  EXPECT_EQ(made->chain, signing::ChainId::kMainnet);
  EXPECT_TRUE(made->orders_over_websocket);
  EXPECT_EQ(made->transaction_life, seconds(60));
  EXPECT_EQ(made->NotReceivedAfter(), seconds(62));
}

TEST(AccountOptionsMeaningTest, OfOptions) {
  AccountConfig account = Account();
  Put(account, "order_entry", "rest");
  Put(account, "transaction_life_ms", "5000");
  const auto made = MakePrivateAccountOptions(Config("testnet"), account, seconds(5));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_FALSE(made->orders_over_websocket);
  EXPECT_EQ(made->chain, signing::ChainId::kTestnet);
  EXPECT_EQ(made->transaction_life, milliseconds(5000));
  const auto robinhood = MakePrivateAccountOptions(Config("robinhood"), account, seconds(5));
  EXPECT_EQ(robinhood->chain, signing::ChainId::kRobinhood);
}

TEST(AccountOptionsMeaningTest, ACommandMayNotOutliveItsTransaction) {
  const auto made = MakePrivateAccountOptions(Config(), Account(), seconds(61));
  EXPECT_EQ(MetadataOf(made.status())["field"], "command_timeout_ms");
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
