// The private connection on loopback servers: tokens, the clock, nonces, both paths of
// transactions. Failures first.
#include "exchanges/lighter/private/private_connection.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "common/metrics/metrics.h"
#include "common/status/status.h"
#include "tests/exchanges/fake_market_data.h"
#include "tests/exchanges/lighter/private/fake_lighter.h"

namespace switchyard::exchanges::lighter {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kKey =
    "0102030405060708010203040506070801020304050607080102030405060708010203040506070f";
constexpr std::string_view kOrders = "/api/v1/accountActiveOrders";

class PrivateConnectionTest : public testing::Test {
 protected:
  PrivateConnectionTest() {
    options_.config.set_exchange("lighter");
    options_.config.set_rest_url(lighter_.rest_url());
    options_.config.set_websocket_url(lighter_.websocket_url());
    options_.config.mutable_reconnect()->set_first_ms(10);
    options_.account.set_name("main");
    options_.account.set_api_key("4");
    options_.account.set_secret(std::string(kKey));
    (*options_.account.mutable_options())["account_index"] = "1077";
  }
  void TearDown() override {
    if (connection_ != nullptr) connection_->Stop();
  }

  void Start() {
    auto made = PrivateConnection::Create(options_, context_, {Channel::kOrders},
                                          {.ready = [this] { ready_.set_value(); },
                                           .lost = [](const absl::Status&) {},
                                           .frame = [](const PrivateFrame&, TimeNs) {}});
    ASSERT_TRUE(made.ok()) << made.status();
    connection_ = *std::move(made);
    connection_->Start();
  }
  void WaitForReady() {
    ASSERT_EQ(ready_.get_future().wait_for(seconds(10)), std::future_status::ready);
  }
  absl::StatusOr<std::string> Read(std::string_view path) {
    std::promise<absl::StatusOr<std::string>> done;
    connection_->Read<std::string>(
        GetRequest(path), [](const std::string& body) { return absl::StatusOr<std::string>(body); },
        [&](absl::StatusOr<std::string> body) { done.set_value(std::move(body)); });
    return done.get_future().get();
  }
  std::future<TransactionOutcome> Submit() {
    auto done = std::make_shared<std::promise<TransactionOutcome>>();
    connection_->connection_thread().Post([this, done] {
      signing::CancelAllOrders cancel;
      cancel.account_index = 1077;
      cancel.api_key_index = 4;
      cancel.time_in_force = signing::CancelAllTime::kImmediate;
      std::vector<Draft> drafts;
      drafts.push_back({cancel, {}});
      connection_->lane().Submit(std::move(drafts), "cancel all", [done](TransactionOutcome out) {
        done->set_value(std::move(out));
      });
    });
    return done->get_future();
  }
  static std::int64_t NonceOf(const json::Json& data) {
    return json::RequireInt64(data["tx_info"], "Nonce").value();
  }

  FakeLighter lighter_;
  FakeMarketData market_data_{nullptr};
  metrics::Metrics metrics_;
  const Clock& clock_ = SystemClock();
  exchange::ClientContext context_{clock_, metrics_};
  AccountOptions options_{{}, {}, seconds(5), market_data_};
  std::promise<void> ready_;
  std::unique_ptr<PrivateConnection> connection_;
};

TEST_F(PrivateConnectionTest, OptionsThatCannotWorkStopTheStart) {
  options_.config.mutable_options()->insert({"read_only_socket", "true"});
  EXPECT_EQ(MakePrivateSettings(options_).status().code(), absl::StatusCode::kInvalidArgument);
  options_.config.clear_options();
  options_.account.clear_secret();
  EXPECT_EQ(MakePrivateSettings(options_).status().code(), absl::StatusCode::kInvalidArgument);
  options_.account.set_secret(std::string(kKey));
  options_.command_timeout = seconds(0);
  EXPECT_EQ(MakePrivateSettings(options_).status().code(), absl::StatusCode::kInvalidArgument);
}

// R-33: a token that was refused is not used again, and the read does not fail for it.
TEST_F(PrivateConnectionTest, R33_ARefusedTokenIsReplacedAndTheReadRepeatedOnce) {
  lighter_.OnRest(
      std::string(kOrders), [refused = std::string()](const FakeLighter::Request& request) mutable {
        if (refused.empty() || refused == request.authorization) {
          refused = request.authorization;
          return FakeLighter::Answer{400, R"({"code":21120,"message":"invalid signature"})"};
        }
        return FakeLighter::Answer{200, R"({"code":200,"orders":[]})"};
      });
  Start();
  const auto body = Read(kOrders);
  ASSERT_TRUE(body.ok()) << body.status();
  EXPECT_EQ(lighter_.requests(std::string(kOrders)).size(), 2u);
}

TEST_F(PrivateConnectionTest, ATokenThatIsRefusedForeverFailsTheReadAfterTwoRequests) {
  lighter_.OnRest(std::string(kOrders), {400, R"({"code":21120,"message":"invalid signature"})"});
  Start();
  EXPECT_EQ(Read(kOrders).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(lighter_.requests(std::string(kOrders)).size(), 2u);
}

TEST_F(PrivateConnectionTest, ReadsCarryATokenByTheExchangesClock) {
  lighter_.ShiftClock(std::chrono::hours(2));
  lighter_.OnRest(std::string(kOrders), {200, R"({"code":200,"orders":[]})"});
  Start();
  WaitForReady();
  ASSERT_TRUE(Read(kOrders).ok());
  const std::string token = lighter_.requests(std::string(kOrders)).back().authorization;
  ASSERT_NE(token.find(":1077:4:"), std::string::npos) << token;
  const std::int64_t deadline = std::stoll(token.substr(0, token.find(':')));
  const std::int64_t ahead = deadline - clock_.Now().Seconds();
  EXPECT_NEAR(static_cast<double>(ahead), 9 * 3600, 60) << "7 h of a clock that is 2 h ahead";
}

// R-45: ten at once reach the exchange in the order of their nonces.
TEST_F(PrivateConnectionTest, R45_TenAtOnceGoOutInTheOrderOfTheirNonces) {
  lighter_.SetNonce(100);
  Start();
  WaitForReady();
  std::vector<std::future<TransactionOutcome>> all;
  for (int i = 0; i < 10; ++i) all.push_back(Submit());
  for (auto& one : all) EXPECT_EQ(one.get().fate, exchange::CommandFate::kConfirmed);
  const auto transactions = lighter_.transactions();
  ASSERT_EQ(transactions.size(), 10u);
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(NonceOf(transactions[i]), 100 + static_cast<std::int64_t>(i));
  }
}

// R-45: what was refused for its nonce is signed again; what has no answer never is.
TEST_F(PrivateConnectionTest, R45_ARefusedNonceIsReadAgainAndSignedAnew) {
  lighter_.SetNonce(100);
  lighter_.OnTransaction([](const json::Json& data) {
    const bool stale = NonceOf(data) == 101;
    return FakeLighter::Frames{stale ? FakeLighter::Refused(data, 21104, "invalid nonce")
                                     : FakeLighter::Accepted(data)};
  });
  Start();
  WaitForReady();
  ASSERT_EQ(Submit().get().fate, exchange::CommandFate::kConfirmed);
  lighter_.SetNonce(140);
  EXPECT_EQ(Submit().get().fate, exchange::CommandFate::kConfirmed);
  const auto transactions = lighter_.transactions();
  ASSERT_EQ(transactions.size(), 3u);
  EXPECT_EQ(NonceOf(transactions[1]), 101);
  EXPECT_EQ(NonceOf(transactions[2]), 140);
}

TEST_F(PrivateConnectionTest, ATransactionWhoseSocketIsCutIsUnknownAndNotSentAgain) {
  lighter_.OnTransaction([](const json::Json&) { return FakeLighter::Frames{"CUT"}; });
  Start();
  WaitForReady();
  const TransactionOutcome outcome = Submit().get();
  EXPECT_EQ(outcome.fate, exchange::CommandFate::kUnknown);
  EXPECT_EQ(ReasonOf(outcome.status), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
  lighter_.OnTransaction(nullptr);
  lighter_.OnRest("/api/v1/sendTx", {200, R"({"code":200,"tx_hash":"ab"})"});
  ASSERT_EQ(Submit().get().fate, exchange::CommandFate::kConfirmed);
  const bool over_rest = !lighter_.requests("/api/v1/sendTx").empty();
  EXPECT_EQ(lighter_.transactions().size() + (over_rest ? 1 : 0), 2u);
}

TEST_F(PrivateConnectionTest, WithoutASocketTransactionsGoOverRest) {
  options_.config.set_websocket(false);
  lighter_.OnRest("/api/v1/sendTx", {200, R"({"code":200,"tx_hash":"ab"})"});
  Start();
  EXPECT_EQ(Submit().get().fate, exchange::CommandFate::kConfirmed);
  const auto posts = lighter_.requests("/api/v1/sendTx");
  ASSERT_EQ(posts.size(), 1u);
  EXPECT_TRUE(posts[0].body.starts_with("tx_type=16&tx_info=")) << posts[0].body;
  EXPECT_TRUE(lighter_.subscriptions().empty());
}

TEST_F(PrivateConnectionTest, AUsedUpLimitSendsNothingAndSaysWhenThereIsRoom) {
  options_.config.set_websocket(false);
  options_.config.mutable_options()->insert({"requests_per_minute", "4"});
  lighter_.OnRest("/api/v1/sendTx", {200, R"({"code":200,"tx_hash":"ab"})"});
  Start();
  TransactionOutcome outcome;
  int sent = 0;
  while (true) {
    outcome = Submit().get();
    if (outcome.fate != exchange::CommandFate::kConfirmed) break;
    ASSERT_LT(++sent, 5);
  }
  EXPECT_EQ(outcome.fate, exchange::CommandFate::kNotSent);
  EXPECT_EQ(ReasonOf(outcome.status), common::v1::ERROR_REASON_RATE_LIMITED);
  EXPECT_TRUE(RetryAfterOf(outcome.status).has_value());
  EXPECT_EQ(lighter_.requests("/api/v1/sendTx").size(), static_cast<std::size_t>(sent));
}

TEST_F(PrivateConnectionTest, StoppingSettlesWhatWasWrittenAsUnknown) {
  lighter_.OnTransaction([](const json::Json&) { return FakeLighter::Frames(); });
  Start();
  WaitForReady();
  auto outcome = Submit();
  ASSERT_TRUE(lighter_.WaitForTransactions(1));
  connection_->Stop();
  EXPECT_EQ(outcome.get().fate, exchange::CommandFate::kUnknown);
}

TEST_F(PrivateConnectionTest, StatusTellsBothConnections) {
  Start();
  WaitForReady();
  std::promise<exchange::ClientStatus> told;
  connection_->GetStatus([&](auto status) { told.set_value(*status); });
  const exchange::ClientStatus status = told.get_future().get();
  EXPECT_TRUE(status.ready);
  ASSERT_EQ(status.connections.size(), 2u);
  EXPECT_EQ(status.connections[0].name, "private-1");
  EXPECT_EQ(status.connections[0].subscriptions, 1u);
  EXPECT_EQ(status.connections[1].name, "rest-private");
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
