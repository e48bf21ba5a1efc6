#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/metrics/metrics.h"
#include "common/rpc/server.h"
#include "common/time/time.h"
#include "services/market_data/market_data_service.h"
#include "services/process/exchange_clients.h"
#include "services/process/open_streams.h"
#include "services/process/service_context.h"
#include "services/process/ticker.h"
#include "switchyard/marketdata/v1/market_data_service.grpc.pb.h"
#include "tests/services/market_data/fake_market_data_client.h"

namespace switchyard::testing {

// MarketDataService of two exchanges on a real server: "alpha" offers everything, "beta" order
// books on streams alone. The ticker has no thread: tests tick.
class ServiceHarness {
 public:
  ServiceHarness();
  ~ServiceHarness();

  // Ends streams and the server, as a process does at its end. Idempotent.
  void Shutdown();
  // As if `span` had passed, for heartbeats and timeouts.
  void TickAfter(std::chrono::nanoseconds span) { ticker.Tick(SystemClock().Steady() + span); }
  std::string address() const;

  FakeMarketDataClient alpha;
  FakeMarketDataClient beta;
  process::ExchangeClients clients;
  metrics::Metrics metrics;
  process::Ticker ticker;
  process::OpenStreams streams;
  std::unique_ptr<market_data::MarketDataService> service;
  std::unique_ptr<rpc::Server> server;
  std::unique_ptr<marketdata::v1::MarketDataService::Stub> stub;
};

// A deadline far enough that only a hanging test meets it.
void SetTestDeadline(grpc::ClientContext& context);

}  // namespace switchyard::testing
