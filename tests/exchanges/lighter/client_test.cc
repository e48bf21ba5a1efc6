#include "exchanges/lighter/client.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/metrics/metrics.h"
#include "common/status/status.h"

namespace switchyard::exchanges::lighter {
namespace {

class ClientTest : public testing::Test {
 protected:
  ClientTest() { config_.set_exchange("lighter"); }

  absl::StatusOr<std::unique_ptr<exchange::MarketDataClient>> Create(
      std::vector<std::string> bind_channels = {}) {
    CreateOptions options;
    options.bind_channels = std::move(bind_channels);
    return CreateClient(config_, {SystemClock(), metrics_}, options);
  }
  void ExpectRefused(const absl::Status& status, const std::string& field) {
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(status.message().find(field), absl::string_view::npos) << status;
  }

  exchange::ExchangeConfig config_;
  metrics::Metrics metrics_;
};

TEST_F(ClientTest, ABadValueIsNamed) {
  config_.mutable_options()->insert({"book_feed", "obu_50"});
  ExpectRefused(Create().status(), "options.book_feed");
  config_.clear_options();
  config_.mutable_options()->insert({"network", "moonnet"});
  ExpectRefused(Create().status(), "options.network");
  config_.clear_options();
  config_.set_rest_url("ftp://nowhere");
  ExpectRefused(Create().status(), "rest_url");
}

TEST_F(ClientTest, PublicChannelsAloneAreBound) {
  EXPECT_TRUE(Create({"markets.orderbook", "perpetuals.ticker"}).ok());
  ExpectRefused(Create({"account.orders"}).status(), "account.orders");
  ExpectRefused(Create({"markets.orderbok"}).status(), "markets.orderbok");
}

TEST_F(ClientTest, WithoutASocketIsPolledAsOftenAsTheLimitAllows) {
  config_.set_websocket(false);
  const auto interval_ms = [this](const char* requests, std::uint32_t share) {
    config_.clear_options();
    config_.mutable_options()->insert({"requests_per_minute", requests});
    config_.set_limit_share_percent(share);
    const auto client = Create();
    EXPECT_TRUE(client.ok()) << client.status();
    return client.ok() ? (*client)->capabilities().poll_interval_ms : 0;
  };
  // Readers have three quarters: of four topics each is read so often.
  EXPECT_EQ(interval_ms("60", 100), 6'000U);
  EXPECT_EQ(interval_ms("60", 50), 11'000U);
  EXPECT_EQ(interval_ms("24000", 100), 1'000U);
  EXPECT_EQ(interval_ms("1", 1), 240'000U);
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
