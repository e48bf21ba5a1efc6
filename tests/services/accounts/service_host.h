#pragma once

#include <fmt/format.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "common/metrics/metrics.h"
#include "common/rpc/server.h"
#include "common/status/grpc_status.h"
#include "common/time/time.h"
#include "services/process/exchange_clients.h"
#include "services/process/open_streams.h"
#include "services/process/service_context.h"
#include "services/process/ticker.h"
#include "tests/services/market_data/fake_market_data_client.h"

namespace switchyard::testing {

// Offers every RPC; leverage is set per market.
inline exchange::Capabilities EverythingOffered(std::string_view exchange) {
  exchange::Capabilities capabilities = FullCapabilities(exchange);
  for (const exchange::RpcEntry& entry : exchange::RpcEntries()) {
    capabilities.*entry.path = exchange::Path::kRest;
  }
  capabilities.leverage_scope = exchange::Scope::kMarket;
  return capabilities;
}

// What a private service needs around it: exchange "alpha" that offers everything, "beta" that
// offers nothing private, a server once the service is there. The ticker has no thread: tests tick.
class ServiceHost {
 public:
  ServiceHost()
      : alpha(EverythingOffered("alpha")),
        beta(NoCapabilities("beta")),
        ticker(SystemClock()),
        streams(SystemClock(), metrics) {
    clients.Add("alpha", alpha);
    clients.Add("beta", beta);
  }
  ~ServiceHost() { Shutdown(); }

  // Ends streams and the server, as a process does at its end: before the service goes. Idempotent.
  void Shutdown() {
    streams.Shutdown();
    if (server != nullptr) server->Shutdown(std::chrono::milliseconds(500));
  }

  process::ServiceContext context() { return {clients, streams, ticker, metrics, SystemClock()}; }
  std::shared_ptr<grpc::Channel> Serve(grpc::Service& service) {
    rpc::ServerOptions options;
    options.listen = {"127.0.0.1:0"};
    options.metrics = &metrics;
    auto started = rpc::Server::Start(options, {&service});
    EXPECT_TRUE(started.ok()) << started.status();
    server = *std::move(started);
    return grpc::CreateChannel(fmt::format("127.0.0.1:{}", server->ports().front()),
                               grpc::InsecureChannelCredentials());
  }
  // As if `span` had passed.
  void TickAfter(std::chrono::nanoseconds span) { ticker.Tick(SystemClock().Steady() + span); }

  FakeMarketDataClient alpha, beta;
  process::ExchangeClients clients;
  metrics::Metrics metrics;
  process::Ticker ticker;
  process::OpenStreams streams;
  std::unique_ptr<rpc::Server> server;
};

inline void SetDeadline(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
}

// Calls a unary method of a stub: the response, or what it was refused with.
template <typename Response, typename Stub, typename Method, typename Request>
absl::StatusOr<Response> Ask(Stub& stub, Method method, const Request& request) {
  grpc::ClientContext context;
  SetDeadline(context);
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return FromGrpcStatus(status);
  return response;
}

// Reads one stream of `Response`s; acknowledgement and heartbeats are told apart from events.
template <typename Response, typename Event>
class StreamReader {
 public:
  template <typename Stub, typename Method, typename Request>
  StreamReader(Stub& stub, Method method, const Request& request) {
    SetDeadline(context_);
    reader_ = (stub.*method)(&context_, request);
  }
  ~StreamReader() {
    context_.TryCancel();
    (void)Finish();  // only to end the call
  }

  // The next message; nullopt where the stream has ended.
  std::optional<Response> Next() {
    Response response;
    if (!reader_->Read(&response)) return std::nullopt;
    return response;
  }
  // The next event; messages without one are skipped. Fails the test where the stream has ended.
  Event NextEvent() {
    while (queue_.empty()) {
      const std::optional<Response> message = Next();
      EXPECT_TRUE(message.has_value()) << "the stream has ended";
      if (!message) return {};
      queue_.assign(message->events().begin(), message->events().end());
    }
    Event event = queue_.front();
    queue_.pop_front();
    return event;
  }
  absl::Status Finish() {
    if (!finished_) {
      Response rest;
      while (reader_->Read(&rest)) {
      }
      status_ = FromGrpcStatus(reader_->Finish());
      finished_ = true;
    }
    return status_;
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<Response>> reader_;
  std::deque<Event> queue_;
  bool finished_ = false;
  absl::Status status_;
};

}  // namespace switchyard::testing
