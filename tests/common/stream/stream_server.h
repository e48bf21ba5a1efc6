#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "common/stream/event_stream.h"
#include "common/time/time.h"
#include "switchyard/marketdata/v1/market_data_service.grpc.pb.h"

// Real gRPC on loopback around the streams that a test makes. Bounds are generous deadlines: they
// end a test that hangs and decide nothing else.
namespace switchyard::stream {

using marketdata::v1::MarketDataEvent;
using marketdata::v1::StreamMarketDataResponse;

// Moves only when told; any thread, unlike ManualClock.
class SharedClock final : public Clock {
 public:
  TimeNs Now() const override { return {1'700'000'000'000'000'000 + elapsed_.load()}; }
  std::chrono::nanoseconds Steady() const override {
    return std::chrono::nanoseconds(elapsed_.load());
  }
  void Advance(std::chrono::nanoseconds span) { elapsed_.fetch_add(span.count()); }

 private:
  std::atomic<std::int64_t> elapsed_{1};
};

// Records what it was asked for; the test answers when it likes. Any thread.
class RecordingOwner final : public TopicOwner {
 public:
  void Refresh(std::shared_ptr<EventStream> stream, std::vector<TopicId> topics) override;
  // The topics of the next request, sorted; empty after 20 s without one.
  std::vector<TopicId> AwaitRefresh();
  std::size_t requests() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::vector<TopicId>> requests_;
  std::size_t taken_ = 0;
};

// A channel of its own, with the window settings of the project's hops: a client that stops reading
// soon stops the server's writes.
std::shared_ptr<grpc::Channel> NewChannel(const std::string& address);

// A client's typed call. One thread, but for Cancel.
class StreamCall {
 public:
  StreamCall(const std::shared_ptr<grpc::Channel>& channel, std::chrono::milliseconds deadline);

  // Waits for the next message; false when the stream is over.
  bool Read(StreamMarketDataResponse& message) { return reader_->Read(&message); }
  // Reads messages until `count` events have come (heartbeats are counted apart) or the end.
  std::vector<MarketDataEvent> ReadEvents(std::size_t count);
  // Reads what is left and gives the final status.
  grpc::Status Drain();
  void Cancel() { context_.TryCancel(); }

  int acknowledgements() const { return acknowledgements_; }
  int heartbeats() const { return heartbeats_; }

 private:
  std::unique_ptr<marketdata::v1::MarketDataService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<StreamMarketDataResponse>> reader_;
  int acknowledgements_ = 0;
  int heartbeats_ = 0;
};

class StreamServer {
 public:
  // Makes the stream of a call; runs on gRPC's thread.
  using Factory = std::function<std::shared_ptr<EventStream>()>;

  // Each call gets the stream made by the latest NewStream.
  StreamServer();
  explicit StreamServer(Factory factory);
  ~StreamServer();

  // A stream for the next call; its ends are counted.
  std::shared_ptr<EventStream> NewStream(StreamOptions options = {});
  // Calls, and returns when the server has attached the stream.
  std::unique_ptr<StreamCall> Call();
  // Waits until so many calls are over.
  void AwaitEnds(int count);
  int ends() const { return ends_.load(); }
  void Shutdown(std::chrono::milliseconds grace);

  const std::string& address() const { return address_; }
  SharedClock& clock() { return clock_; }
  StreamCounters& counters() { return counters_; }
  // For factories: what a stream's `on_end` must call.
  void CountEnd();

 private:
  class Service;
  SharedClock clock_;
  StreamCounters counters_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<EventStream> next_;
  std::atomic<int> attached_{0};
  std::atomic<int> ends_{0};
  Factory factory_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

// An acknowledgement as services send it.
StreamMarketDataResponse Acknowledgement();
// An event of `bytes` or a little more.
MarketDataEvent EventOf(const std::string& symbol, std::uint64_t sequence, std::size_t bytes = 0);

}  // namespace switchyard::stream
