#include "services/status/status_metrics.h"

#include <gtest/gtest.h>

#include "tests/services/market_data/fake_market_data_client.h"

namespace switchyard::status {
namespace {

class StatusMetricsTest : public ::testing::Test {
 protected:
  StatusMetricsTest() {
    subject_.exchange = "alpha";
    subject_.component = "market_data";
    subject_.client = &client_;
    status_.ready = true;
    status_.valid_books = 3;
    status_.gaps = 2;
    exchange::ConnectionStatus connection;
    connection.name = "ws-0";
    connection.state = exchange::ConnectionState::kReady;
    connection.reconnects = 1;
    status_.connections = {connection};
    status_.limits = {{.name = "rest", .remaining = 7, .limit = 10}};
  }

  bool Exposes(const std::string& line) const {
    return metrics_.Expose().find("\n" + line + "\n") != std::string::npos;
  }

  testing::FakeMarketDataClient client_{testing::FullCapabilities("alpha")};
  metrics::Metrics metrics_;
  StatusMetrics exported_{metrics_};
  Subject subject_;
  exchange::ClientStatus status_;
};

TEST_F(StatusMetricsTest, ShowTheStatus) {
  exported_.Update(subject_, status_);
  EXPECT_TRUE(Exposes(R"(switchyard_ready{component="market_data",exchange="alpha"} 1)"));
  EXPECT_TRUE(
      Exposes(R"(switchyard_books{component="market_data",exchange="alpha",state="valid"} 3)"));
  EXPECT_TRUE(Exposes(
      R"(switchyard_limit_remaining{component="market_data",exchange="alpha",limit="rest"} 7)"));
  EXPECT_TRUE(Exposes(R"(switchyard_connection_state{component="market_data",connection="ws-0",)"
                      R"(exchange="alpha",state="ready"} 1)"));
}

TEST_F(StatusMetricsTest, AStateThatWasLeftIsZero) {
  exported_.Update(subject_, status_);
  status_.connections[0].state = exchange::ConnectionState::kBackoff;
  exported_.Update(subject_, status_);
  EXPECT_TRUE(Exposes(R"(switchyard_connection_state{component="market_data",connection="ws-0",)"
                      R"(exchange="alpha",state="ready"} 0)"));
  EXPECT_TRUE(Exposes(R"(switchyard_connection_state{component="market_data",connection="ws-0",)"
                      R"(exchange="alpha",state="backoff"} 1)"));
}

TEST_F(StatusMetricsTest, CountersFollowTheClientsTotals) {
  exported_.Update(subject_, status_);
  exported_.Update(subject_, status_);
  EXPECT_TRUE(
      Exposes(R"(switchyard_sequence_gaps_total{component="market_data",exchange="alpha"} 2)"));
  status_.gaps = 5;
  exported_.Update(subject_, status_);
  EXPECT_TRUE(
      Exposes(R"(switchyard_sequence_gaps_total{component="market_data",exchange="alpha"} 5)"));
}

}  // namespace
}  // namespace switchyard::status
