#include "tests/services/market_data/service_harness.h"

#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <chrono>

namespace switchyard::testing {
namespace {

exchange::Capabilities BookStreamsAlone() {
  exchange::Capabilities capabilities = NoCapabilities("beta");
  capabilities.book_depths = FullCapabilities("beta").book_depths;
  capabilities.order_book = exchange::Path::kWebSocket;
  return capabilities;
}

}  // namespace

ServiceHarness::ServiceHarness()
    : alpha(FullCapabilities("alpha")),
      beta(BookStreamsAlone()),
      ticker(SystemClock()),
      streams(SystemClock(), metrics) {
  clients.Add("alpha", alpha);
  clients.Add("beta", beta);
  ticker.AddTask([this](std::chrono::nanoseconds now) { streams.Tick(now); });
  const process::ServiceContext context{clients, streams, ticker, metrics, SystemClock()};
  service = std::make_unique<market_data::MarketDataService>(context);
  rpc::ServerOptions options;
  options.listen = {"127.0.0.1:0"};
  options.metrics = &metrics;
  auto started = rpc::Server::Start(options, {service.get()});
  EXPECT_TRUE(started.ok()) << started.status();
  server = *std::move(started);
  stub = marketdata::v1::MarketDataService::NewStub(
      grpc::CreateChannel(address(), grpc::InsecureChannelCredentials()));
}

ServiceHarness::~ServiceHarness() { Shutdown(); }

void ServiceHarness::Shutdown() {
  streams.Shutdown();
  server->Shutdown(std::chrono::milliseconds(500));
}

std::string ServiceHarness::address() const {
  return fmt::format("127.0.0.1:{}", server->ports().front());
}

void SetTestDeadline(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
}

}  // namespace switchyard::testing
