#include "services/process/account_clients.h"

#include <gtest/gtest.h>

namespace switchyard::process {
namespace {

// The test's exchange has a private half.
[[maybe_unused]] const bool kRegistered = exchanges::RegisterPrivate("alpha", {});

class AccountClientsTest : public ::testing::Test {
 protected:
  AccountClientsTest() {
    config_.set_exchange("alpha");
    account_.set_name("main");
    account_.set_api_key("common key");
    account_.set_secret("common secret");
  }
  config::v1::ServiceKeyConfig& AddKey(const std::string& service) {
    config::v1::ServiceKeyConfig& key = *account_.add_service_keys();
    key.set_service(service);
    key.set_api_key(service + " key");
    key.set_secret(service + " secret");
    return key;
  }

  config::v1::ExchangeConfig config_;
  config::v1::AccountConfig& account_ = *config_.add_accounts();
};

TEST_F(AccountClientsTest, AServiceUsesItsOwnKeyWhereThereIsOne) {
  AddKey("order");
  AddKey("account");
  ASSERT_TRUE(CheckAccounts(config_).ok());
  const config::v1::AccountConfig order = WithKeyOf(kServiceOf<exchange::OrderClient>, account_);
  EXPECT_EQ(order.api_key(), "order key");
  EXPECT_EQ(order.secret(), "order secret");
  EXPECT_EQ(order.name(), "main");
  const auto position = WithKeyOf(kServiceOf<exchange::PositionClient>, account_);
  EXPECT_EQ(position.api_key(), "common key");
  EXPECT_EQ(position.secret(), "common secret");
}

TEST_F(AccountClientsTest, AServiceIsNotToldTheKeysOfTheOthers) {
  AddKey("order");
  EXPECT_EQ(WithKeyOf("order", account_).service_keys_size(), 0);
  EXPECT_EQ(WithKeyOf("position", account_).service_keys_size(), 0);
}

TEST_F(AccountClientsTest, AFaultyServiceKeyIsNamed) {
  struct Case {
    std::string service, api_key, secret, want;
  };
  for (const Case& c : {Case{"orders", "k", "s", "service_keys[1].service"},
                        Case{"", "k", "s", "service_keys[1].service"},
                        Case{"order", "k", "s", "'order' occurs twice"},
                        Case{"account", "", "s", "service_keys[1].api_key"},
                        Case{"account", "k", "", "service_keys[1].secret"}}) {
    account_.clear_service_keys();
    AddKey("order");
    config::v1::ServiceKeyConfig& key = AddKey(c.service);
    key.set_api_key(c.api_key);
    key.set_secret(c.secret);
    const absl::Status status = CheckAccounts(config_);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.want;
    EXPECT_NE(status.message().find(c.want), absl::string_view::npos) << status;
    EXPECT_NE(status.message().find("accounts[0]"), absl::string_view::npos) << status;
  }
}

}  // namespace
}  // namespace switchyard::process
