#include "services/accounts/account_directory.h"

#include <gtest/gtest.h>

namespace switchyard::accounts {
namespace {

struct Client {};

config::v1::AccountConfig Named(const std::string& name) {
  config::v1::AccountConfig config;
  config.set_name(name);
  return config;
}

class AccountDirectoryTest : public ::testing::Test {
 protected:
  AccountDirectoryTest() {
    directory_.Add("alpha", Named("main"), main_);
    directory_.Add("alpha", Named("second"), second_);
    directory_.Add("beta", Named("only"), only_);
  }
  void ExpectUnknown(std::string_view exchange, std::string_view account) {
    const auto found = directory_.Find(exchange, account);
    ASSERT_FALSE(found.ok());
    EXPECT_EQ(found.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(ReasonOf(found.status()), common::v1::ERROR_REASON_UNKNOWN_ACCOUNT);
  }

  Client main_, second_, only_;
  AccountDirectory<Client> directory_;
};

TEST_F(AccountDirectoryTest, FindsByExchangeAndName) {
  const auto found = directory_.Find("alpha", "second");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ((*found)->client, &second_);
  EXPECT_EQ((*found)->name(), "second");
  EXPECT_EQ((*found)->exchange, "alpha");
}

TEST_F(AccountDirectoryTest, AnEmptyNameIsTheOnlyAccount) {
  const auto found = directory_.Find("beta", "");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ((*found)->client, &only_);
}

TEST_F(AccountDirectoryTest, AnEmptyNameAmongSeveralIsRefused) { ExpectUnknown("alpha", ""); }
TEST_F(AccountDirectoryTest, AnUnknownNameIsRefused) { ExpectUnknown("beta", "main"); }
TEST_F(AccountDirectoryTest, AnExchangeWithoutAccountsIsRefused) { ExpectUnknown("gamma", ""); }

}  // namespace
}  // namespace switchyard::accounts
