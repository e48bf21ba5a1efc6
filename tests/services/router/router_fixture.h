#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/metrics/metrics.h"
#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "services/router/router.h"
#include "switchyard/config/v1/config.pb.h"
#include "switchyard/marketdata/v1/market_data_service.grpc.pb.h"
#include "tests/services/router/fake_backend.h"

namespace switchyard::router {

// A router on a free port in front of fake backends, and a client's channel to it.
class RouterUnderTest {
 public:
  // Each backend serves all four components of its exchange.
  explicit RouterUnderTest(const std::vector<const FakeBackend*>& backends);
  explicit RouterUnderTest(config::v1::RouterConfig config);
  ~RouterUnderTest();

  // Waits until the router's health says that this one function is served, or not.
  bool WaitForHealth(const std::string& name, bool serving);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  std::string address() const;
  Router& router() { return *router_; }
  std::string metrics() const { return metrics_.Expose(); }

  // A unary call of bytes; what came back is in `answer`.
  absl::Status Call(const std::string& path, const grpc::ByteBuffer& request,
                    grpc::ByteBuffer* answer = nullptr, grpc::ClientContext* context = nullptr);

 private:
  void Start(const config::v1::RouterConfig& config);

  metrics::Metrics metrics_;
  std::unique_ptr<Router> router_;
  std::shared_ptr<grpc::Channel> channel_;
};

config::v1::RouterConfig ConfigFor(const std::vector<const FakeBackend*>& backends);

// A client's market data stream, read message by message.
class MarketDataReader {
 public:
  MarketDataReader(RouterUnderTest& router, const marketdata::v1::StreamMarketDataRequest& request);
  ~MarketDataReader();

  // False at the end of the stream.
  bool Read(marketdata::v1::StreamMarketDataResponse* response) { return reader_->Read(response); }
  // The first message; fails the test when it is no acknowledgement.
  common::v1::StreamAcknowledgement ReadAcknowledgement();
  // The next event, whatever the messages they come in; heartbeats are passed over. An event
  // without exchange at the end of the stream.
  marketdata::v1::MarketDataEvent NextEvent();
  // Reads nothing more.
  absl::Status Finish() { return FromGrpcStatus(reader_->Finish()); }
  void Cancel() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<marketdata::v1::MarketDataService::Stub> stub_;
  std::unique_ptr<grpc::ClientReader<marketdata::v1::StreamMarketDataResponse>> reader_;
  marketdata::v1::StreamMarketDataResponse message_;
  int next_ = 0;
};

marketdata::v1::MarketDataSubscription Subscription(const std::string& exchange,
                                                    const std::string& symbol);
// An acknowledgement that accepts so many, books with the depth.
marketdata::v1::StreamMarketDataResponse Accepted(int subscriptions, std::uint32_t depth = 10);
marketdata::v1::MarketDataEvent BookEvent(const std::string& exchange, const std::string& symbol,
                                          std::uint64_t epoch, std::uint64_t sequence);

}  // namespace switchyard::router
