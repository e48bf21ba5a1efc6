// From configured accounts to the clients of a component.
#include "services/accounts/owned_accounts.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "services/accounts/account_status.h"
#include "services/position/component.h"
#include "tests/services/accounts/service_host.h"
#include "tests/services/position/fake_position_client.h"

namespace switchyard::accounts {
namespace {

using Owned = OwnedAccounts<exchange::PositionClient>;

const exchange::Capabilities kOffered = testing::EverythingOffered("alpha");

// "alpha" has positions; an account named "broken" is refused.
[[maybe_unused]] const bool kRegistered = exchanges::RegisterPrivate(
    "alpha",
    {.order = {},
     .position = [](const exchanges::AccountOptions& options, const exchange::ClientContext&)
         -> absl::StatusOr<std::unique_ptr<exchange::PositionClient>> {
       if (options.account.name() == "broken") return InvalidField("options.x", "is no option");
       return std::make_unique<testing::FakePositionClient>(kOffered);
     },
     .account = {}});
[[maybe_unused]] const bool kSpotRegistered = exchanges::RegisterPrivate("beta", {});

class OwnedAccountsTest : public ::testing::Test {
 protected:
  process::ServiceContext With(const std::string& exchange, std::vector<std::string> names) {
    process::ServiceContext context = host_.context();
    config::v1::ExchangeConfig& config = context.exchanges.emplace_back();
    config.set_exchange(exchange);
    for (const std::string& name : names) {
      config::v1::AccountConfig& account = *config.add_accounts();
      account.set_name(name);
      account.set_api_key("key");
      account.set_secret("secret");
    }
    return context;
  }
  static auto Create(const process::ServiceContext& context) {
    return Owned::Create(context, &exchanges::PrivateFactories::position);
  }

  testing::ServiceHost host_;
};

TEST_F(OwnedAccountsTest, EachAccountHasItsClient) {
  const auto owned = Create(With("alpha", {"main", "second"}));
  ASSERT_TRUE(owned.ok()) << owned.status();
  const auto main = (*owned)->directory().Find("alpha", "main");
  const auto second = (*owned)->directory().Find("alpha", "second");
  ASSERT_TRUE(main.ok() && second.ok());
  EXPECT_NE((*main)->client, (*second)->client);
}

TEST_F(OwnedAccountsTest, AnExchangeWithoutThatHalfHasNone) {
  const auto owned = Create(With("beta", {"main"}));
  ASSERT_TRUE(owned.ok()) << owned.status();
  EXPECT_FALSE((*owned)->directory().Find("beta", "main").ok());
}

TEST_F(OwnedAccountsTest, WhatIsWrongNamesTheAccount) {
  const auto owned = Create(With("alpha", {"main", "broken"}));
  EXPECT_EQ(owned.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(std::string(owned.status().message()).find("broken"), std::string::npos);
}

TEST_F(OwnedAccountsTest, AnExchangeWithoutAccountsIsReady) {
  absl::StatusOr<exchange::ClientStatus> status = absl::UnknownError("no reply");
  ReadStatus(AccountDirectory<exchange::PositionClient>(), "alpha",
             [&](auto reply) { status = std::move(reply); });
  ASSERT_TRUE(status.ok());
  EXPECT_TRUE(status->ready);
}

TEST_F(OwnedAccountsTest, OneAccountThatIsNotReadyMakesTheExchangeNotReady) {
  const auto owned = Create(With("alpha", {"main", "second"}));
  ASSERT_TRUE(owned.ok()) << owned.status();
  absl::StatusOr<exchange::ClientStatus> status = absl::UnknownError("no reply");
  ReadStatus((*owned)->directory(), "alpha", [&](auto reply) { status = std::move(reply); });
  ASSERT_TRUE(status.ok());
  EXPECT_FALSE(status->ready) << "the fakes never are";
}

TEST_F(OwnedAccountsTest, TheComponentServesThem) {
  const auto served = position::PositionComponent().make(With("alpha", {"main"}));
  ASSERT_TRUE(served.ok()) << served.status();
  ASSERT_TRUE(served->service && served->start && served->stop && served->status);
  EXPECT_EQ(served->client_streams("alpha"), 0u);
  served->start();
  served->stop();
}

}  // namespace
}  // namespace switchyard::accounts
