// What an account's configuration makes, and which field is named where it is wrong.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "common/status/status.h"
#include "exchanges/gateio/private/private_options.h"
#include "tests/exchanges/fake_market_data.h"

namespace switchyard::exchanges::gateio {
namespace {

class PrivateOptionsTest : public testing::Test {
 protected:
  PrivateOptionsTest() {
    options_.config.set_exchange("gateio");
    options_.account.set_name("main");
    options_.account.set_api_key("key");
    options_.account.set_secret("secret");
  }
  std::string WrongField() {
    const auto made = MakePrivateOptions(Product::kSpot, options_);
    EXPECT_EQ(made.status().code(), absl::StatusCode::kInvalidArgument) << made.status();
    return MetadataOf(made.status())["field"];
  }

  FakeMarketData market_data_{nullptr};
  AccountOptions options_{{}, {}, std::chrono::seconds(5), market_data_};
};

TEST_F(PrivateOptionsTest, DefaultsWork) {
  const auto made = MakePrivateOptions(Product::kFutures, options_);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->http.endpoint.host, "api.gateio.ws");
  EXPECT_EQ(made->connection.socket.endpoint.host, "fx-ws.gateio.ws");
  EXPECT_EQ(made->connection.socket.target, "/v4/ws/usdt");
  EXPECT_TRUE(made->orders_over_websocket);
  EXPECT_TRUE(made->websocket);
  EXPECT_EQ(made->secret.Reveal(), "secret");
}

TEST_F(PrivateOptionsTest, OptionsOfTheAccountAreRead) {
  (*options_.account.mutable_options())["user_id"] = "20011";
  (*options_.account.mutable_options())["order_entry"] = "rest";
  (*options_.account.mutable_options())["not_received_after_ms"] = "7000";
  const auto made = MakePrivateOptions(Product::kFutures, options_);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->user_id, "20011");
  EXPECT_FALSE(made->orders_over_websocket);
  EXPECT_EQ(made->not_received_after, std::chrono::seconds(7));
}

TEST_F(PrivateOptionsTest, WhatIsMissingIsNamed) {
  options_.account.clear_api_key();
  EXPECT_EQ(WrongField(), "accounts.api_key");
  options_.account.set_api_key("key");
  options_.account.clear_secret();
  EXPECT_EQ(WrongField(), "accounts.secret");
}

TEST_F(PrivateOptionsTest, WhatIsWrongIsNamed) {
  const std::pair<const char*, const char*> rows[] = {{"user_id", "me"},
                                                      {"user_id", ""},
                                                      {"order_entry", "pigeon"},
                                                      {"not_received_after_ms", "0"},
                                                      {"not_received_after_ms", "1s"},
                                                      {"colour", "red"}};
  for (const auto& [key, value] : rows) {
    options_.account.clear_options();
    (*options_.account.mutable_options())[key] = value;
    EXPECT_EQ(WrongField(), std::string("accounts.options.") + key) << value;
  }
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
