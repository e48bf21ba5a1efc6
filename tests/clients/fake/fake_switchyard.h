#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>
#include <grpcpp/support/sync_stream.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "switchyard/marketdata/v1/market_data_service.pb.h"
#include "switchyard/router/v1/router_service.pb.h"
#include "switchyard/status/v1/status_service.pb.h"
#include "tests/clients/fake/book_events.h"

namespace switchyard::clients::fake {

// What a scripted stream may do. Lives while its call does.
template <typename Response>
class StreamScript {
 public:
  StreamScript(grpc::ServerContext& context, grpc::ServerWriter<Response>& writer,
               const std::atomic<bool>& stopping, int attempt)
      : context_(context), writer_(writer), stopping_(stopping), attempt_(attempt) {}

  // 0 for the first stream of this method, 1 for the next, ...
  int attempt() const { return attempt_; }
  // False when the client is gone.
  bool Write(const Response& response) { return writer_.Write(response); }
  // Returns when the client or the server ends it.
  void HoldOpen();
  // As HoldOpen, but at most about this long. True while both are there.
  bool Pause(int milliseconds);

 private:
  grpc::ServerContext& context_;
  grpc::ServerWriter<Response>& writer_;
  const std::atomic<bool>& stopping_;
  int attempt_;
};

using MarketDataScript = StreamScript<marketdata::v1::StreamMarketDataResponse>;
using ConsolidatedScript = StreamScript<router::v1::StreamConsolidatedBookResponse>;

// What the fake answers. Set before Start.
struct Answers {
  // Without RouterService, as a service alone is.
  bool router = true;
  std::function<grpc::Status(const marketdata::v1::StreamMarketDataRequest&, MarketDataScript&)>
      stream_market_data;
  std::function<grpc::Status(const router::v1::StreamConsolidatedBookRequest&, ConsolidatedScript&)>
      stream_consolidated_book;
};

// Answers whose streams flow: books of every asked topic that move `updates_per_second` times a
// second, and a merged book; a base or symbol that contains "NOSUCH" is refused as the contract
// says.
Answers LiveAnswers(int updates_per_second);

// A server written from the contract alone, on a loopback port: fixed answers to reads (exchange
// `gateio` with BTC-USDT and ETH-USDT), scripted streams. Any thread.
class FakeSwitchyard {
 public:
  explicit FakeSwitchyard(Answers answers, int port = 0);
  FakeSwitchyard(const FakeSwitchyard&) = delete;
  FakeSwitchyard& operator=(const FakeSwitchyard&) = delete;
  // Ends all calls.
  ~FakeSwitchyard();

  // host:port; empty when the port is taken.
  std::string address() const;
  int market_data_streams() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The parts of scripts.
marketdata::v1::StreamMarketDataResponse Acknowledge(int topics, int heartbeat_interval_ms);
// A message of one event.
marketdata::v1::StreamMarketDataResponse Message(const marketdata::v1::MarketDataEvent& event);
// NOT_FOUND, UNKNOWN_INSTRUMENT, as a server sends it.
grpc::Status UnknownInstrument(const std::string& symbol);

}  // namespace switchyard::clients::fake
