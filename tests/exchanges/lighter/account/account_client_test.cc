// The account client on loopback servers. Failures first.
#include "exchanges/lighter/account/account_client.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/metrics/metrics.h"
#include "common/status/status.h"
#include "tests/exchanges/fake_market_data.h"
#include "tests/exchanges/lighter/private/fake_lighter.h"

namespace switchyard::exchanges::lighter {
namespace {

namespace v1 = account::v1;
using std::chrono::seconds;
using Texts = std::vector<std::string>;

constexpr std::string_view kKey =
    "0102030405060708010203040506070801020304050607080102030405060708010203040506070f";
constexpr const char* kAccountPath = "/api/v1/account";

std::string AccountBody(const std::string& collateral) {
  return R"({"code":200,"total":1,"accounts":[{"index":1077,"available_balance":"80","collateral":")" +
         collateral +
         R"(","total_asset_value":"100","positions":[],"assets":[{"symbol":"USDC","asset_id":3,
            "balance":"10","locked_balance":"4","margin_balance":"90"}]}]})";
}

// What an account client tells, in a line each. Any thread.
class Events final : public exchange::AccountListener {
 public:
  void OnSnapshot(const v1::AccountSnapshot& snapshot) override {
    Add("snapshot of " + snapshot.account().exchange() + " " + snapshot.account().account() + ": " +
        snapshot.account().total().collateral().value() + ", " +
        std::to_string(snapshot.balances_size()) + " balances");
  }
  void OnChange(const v1::AccountEvent& change) override {
    if (change.has_account_update()) {
      const v1::Account& account = change.account_update();
      Add("account " + account.exchange_account_id() + ": available " +
          account.total().available().value() +
          (account.total().margin_used().derived() ? ", margin used is derived" : ""));
    }
    if (change.has_balance_change()) {
      const v1::Balance& balance = change.balance_change().balance();
      Add("balance " + balance.account() + ": " + balance.total() + " " + balance.currency());
    }
  }
  void OnIsolatedMargin(const exchange::IsolatedMargin&) override { Add("margin"); }
  void OnStale(model::StaleReason) override { Add("stale"); }

  // Waits until so many events have come; what came.
  Texts WaitFor(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, seconds(10), [&] { return events_.size() >= count; });
    return events_;
  }

 private:
  void Add(std::string event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  Texts events_;
};

class AccountClientTest : public testing::Test {
 protected:
  AccountClientTest() {
    options_.config.set_exchange("lighter");
    options_.config.set_rest_url(lighter_.rest_url());
    options_.config.set_websocket_url(lighter_.websocket_url());
    options_.config.mutable_reconnect()->set_first_ms(10);
    options_.account.set_name("main");
    options_.account.set_api_key("4");
    options_.account.set_secret(std::string(kKey));
    (*options_.account.mutable_options())["account_index"] = "1077";
    lighter_.OnRest(kAccountPath, {200, AccountBody("90")});
  }
  void TearDown() override {
    if (client_ != nullptr) client_->Stop();
  }
  void Start() {
    auto client = CreateAccountClient(options_, context_);
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
    client_->Start(events_);
  }
  using Got = absl::StatusOr<exchange::SourcedReply<v1::Account>>;
  Got Get(std::chrono::nanoseconds max_age) {
    std::promise<Got> done;
    client_->GetAccount(max_age, [&](Got got) { done.set_value(std::move(got)); });
    return done.get_future().get();
  }

  FakeLighter lighter_;
  FakeMarketData market_data_{nullptr};
  metrics::Metrics metrics_;
  exchange::ClientContext context_{SystemClock(), metrics_};
  AccountOptions options_{{}, {}, seconds(5), market_data_};
  Events events_;
  std::unique_ptr<exchange::AccountClient> client_;
};

const Texts kSnapshot = {"snapshot of lighter main: 90, 2 balances"};

TEST_F(AccountClientTest, AnAccountThatIsNotThereIsAnError) {
  lighter_.OnRest(kAccountPath, {200, R"({"code":200,"total":0,"accounts":[]})"});
  Start();
  EXPECT_EQ(ReasonOf(Get(seconds(0)).status()), common::v1::ERROR_REASON_UNKNOWN_ACCOUNT);
}

TEST_F(AccountClientTest, AReadingThatFailsIsRepeated) {
  lighter_.OnRest(kAccountPath, {400, R"({"code":21100,"message":"account not found"})"});
  Start();
  while (lighter_.requests(kAccountPath).empty()) std::this_thread::yield();
  lighter_.OnRest(kAccountPath, {200, AccountBody("90")});
  EXPECT_EQ(events_.WaitFor(1), kSnapshot);
}

TEST_F(AccountClientTest, ACutSocketMakesTheStateStaleUntilItWasReadAgain) {
  Start();
  ASSERT_EQ(events_.WaitFor(1), kSnapshot);
  lighter_.OnRest(kAccountPath, {200, AccountBody("70")});
  lighter_.CutAll();
  EXPECT_EQ(events_.WaitFor(3),
            (Texts{kSnapshot[0], "stale", "snapshot of lighter main: 70, 2 balances"}));
}

TEST_F(AccountClientTest, AFrameThatCannotBeReadHasTheAccountReadAgain) {
  Start();
  ASSERT_EQ(events_.WaitFor(1), kSnapshot);
  lighter_.Push(
      R"({"type":"update/user_stats","channel":"user_stats:1077","stats":{"collateral":"no"}})");
  EXPECT_EQ(events_.WaitFor(3), (Texts{kSnapshot[0], "stale", kSnapshot[0]}));
}

TEST_F(AccountClientTest, WhatIsNotOfferedIsRefusedAndNothingIsSent) {
  Start();
  ASSERT_EQ(events_.WaitFor(1), kSnapshot);
  client_->SetLeverage("ETH-USDC-PERP", common::v1::POSITION_SIDE_NET, Decimal::FromInt(5),
                       [](auto result) {
                         EXPECT_EQ(result->fate, exchange::CommandFate::kNotSent);
                         EXPECT_EQ(result->status.code(), absl::StatusCode::kUnimplemented);
                       });
  client_->Transfer({},
                    [](auto result) { EXPECT_EQ(result->fate, exchange::CommandFate::kNotSent); });
  EXPECT_TRUE(lighter_.transactions().empty());
}

// R-64: which figures are the exchange's own word is told with each.
TEST_F(AccountClientTest, R64_ChangesOfTheAccountComeFromTheSocket) {
  Start();
  ASSERT_EQ(events_.WaitFor(1), kSnapshot);
  lighter_.Push(
      R"({"type":"update/user_stats","channel":"user_stats:1077","timestamp":1781161854677,
      "stats":{"collateral":"90","portfolio_value":"100","leverage":"1","available_balance":"75",
      "margin_usage":"25","buying_power":"0"}})");
  lighter_.Push(R"({"type":"update/account_all_assets","channel":"account_all_assets:1077",
      "assets":{"3":{"symbol":"USDC","asset_id":3,"balance":"11","locked_balance":"4"}}})");
  EXPECT_EQ(events_.WaitFor(3),
            (Texts{kSnapshot[0], "account 1077: available 75, margin used is derived",
                   "balance main: 11 USDC"}));
}

TEST_F(AccountClientTest, ReadsAskTheExchangeUnlessAnOlderAnswerWillDo) {
  Start();
  ASSERT_EQ(events_.WaitFor(1), kSnapshot);
  const Got cached = Get(seconds(60));
  ASSERT_TRUE(cached.ok()) << cached.status();
  EXPECT_EQ(cached->source, model::Source::kCache);
  EXPECT_EQ(lighter_.requests(kAccountPath).size(), 1u);
  const Got asked = Get(seconds(0));
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_EQ(asked->source, model::Source::kRest);
  EXPECT_EQ(asked->value.total().available().value(), "80");
  EXPECT_EQ(asked->value.currency(), "USDC");
  EXPECT_EQ(lighter_.requests(kAccountPath).size(), 2u);
}

TEST_F(AccountClientTest, BalancesAreOfBothWallets) {
  Start();
  std::promise<std::vector<v1::Balance>> done;
  client_->ListBalances(seconds(0), [&](auto got) { done.set_value(std::move(got->value)); });
  const auto balances = done.get_future().get();
  ASSERT_EQ(balances.size(), 2u);
  EXPECT_EQ(balances[0].exchange() + " " + balances[0].account(), "lighter main");
  EXPECT_EQ(balances[0].wallet(), v1::WALLET_SPOT);
  EXPECT_EQ(balances[0].available(), "6");
  EXPECT_EQ(balances[1].wallet(), v1::WALLET_CONTRACT);
  EXPECT_EQ(balances[1].total(), "90");
}

TEST_F(AccountClientTest, WithoutASocketTheAccountIsPolled) {
  options_.config.set_websocket(false);
  Start();
  EXPECT_EQ(events_.WaitFor(1), kSnapshot);
  EXPECT_TRUE(lighter_.subscriptions().empty());
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
