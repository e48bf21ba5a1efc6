#include "tests/common/stream/stream_server.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace switchyard::stream {
namespace {

constexpr std::chrono::seconds kPatience{20};

}  // namespace

std::shared_ptr<grpc::Channel> NewChannel(const std::string& address) {
  constexpr int kLookaheadBytes = 65'535;
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kLookaheadBytes);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

class StreamServer::Service final
    : public marketdata::v1::MarketDataService::WithRawCallbackMethod_StreamMarketData<
          marketdata::v1::MarketDataService::Service> {
 public:
  explicit Service(StreamServer& owner) : owner_(owner) {}

  grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamMarketData(
      grpc::CallbackServerContext* /*context*/, const grpc::ByteBuffer* /*request*/) override {
    auto* reactor = owner_.factory_()->StartReactor();
    const std::lock_guard lock(owner_.mutex_);
    owner_.attached_.fetch_add(1);
    owner_.changed_.notify_all();
    return reactor;
  }

 private:
  StreamServer& owner_;
};

void RecordingOwner::Refresh(std::shared_ptr<EventStream> /*stream*/, std::vector<TopicId> topics) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(std::move(topics));
  changed_.notify_all();
}

std::vector<TopicId> RecordingOwner::AwaitRefresh() {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kPatience, [this] { return requests_.size() > taken_; })) return {};
  std::vector<TopicId> topics = requests_[taken_++];
  std::ranges::sort(topics);
  return topics;
}

std::size_t RecordingOwner::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_.size();
}

StreamCall::StreamCall(const std::shared_ptr<grpc::Channel>& channel,
                       std::chrono::milliseconds deadline)
    : stub_(marketdata::v1::MarketDataService::NewStub(channel)) {
  context_.set_deadline(std::chrono::system_clock::now() + deadline);
  context_.set_wait_for_ready(true);
  reader_ = stub_->StreamMarketData(&context_, marketdata::v1::StreamMarketDataRequest());
}

std::vector<MarketDataEvent> StreamCall::ReadEvents(std::size_t count) {
  std::vector<MarketDataEvent> events;
  StreamMarketDataResponse message;
  while (events.size() < count && Read(message)) {
    acknowledgements_ += message.has_acknowledgement() ? 1 : 0;
    heartbeats_ += message.has_heartbeat() ? 1 : 0;
    events.insert(events.end(), message.events().begin(), message.events().end());
  }
  return events;
}

grpc::Status StreamCall::Drain() {
  StreamMarketDataResponse message;
  while (Read(message)) continue;
  return reader_->Finish();
}

StreamServer::StreamServer()
    : StreamServer([this] {
        const std::lock_guard lock(mutex_);
        return std::exchange(next_, nullptr);
      }) {}

StreamServer::StreamServer(Factory factory)
    : factory_(std::move(factory)), service_(std::make_unique<Service>(*this)) {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(service_.get());
  server_ = builder.BuildAndStart();
  address_ = "127.0.0.1:" + std::to_string(port);
}

StreamServer::~StreamServer() { Shutdown(std::chrono::milliseconds(0)); }

void StreamServer::Shutdown(std::chrono::milliseconds grace) {
  server_->Shutdown(std::chrono::system_clock::now() + grace);
  server_->Wait();
}

std::shared_ptr<EventStream> StreamServer::NewStream(StreamOptions options) {
  const std::lock_guard lock(mutex_);
  next_ = EventStream::Create(options, counters_, clock_, [this] { CountEnd(); });
  return next_;
}

std::unique_ptr<StreamCall> StreamServer::Call() {
  const int before = attached_.load();
  // Without the lock: gRPC connects on a thread that may be waiting for it in CountEnd.
  auto call = std::make_unique<StreamCall>(NewChannel(address_), kPatience);
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return attached_.load() > before; }));
  return call;
}

void StreamServer::AwaitEnds(int count) {
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return ends_.load() >= count; }));
}

void StreamServer::CountEnd() {
  const std::lock_guard lock(mutex_);
  ends_.fetch_add(1);
  changed_.notify_all();
}

StreamMarketDataResponse Acknowledgement() {
  StreamMarketDataResponse response;
  response.mutable_acknowledgement()->set_heartbeat_interval_ms(5'000);
  response.mutable_acknowledgement()->add_results()->set_granted_depth(10);
  return response;
}

MarketDataEvent EventOf(const std::string& symbol, std::uint64_t sequence, std::size_t bytes) {
  MarketDataEvent event;
  event.set_symbol(symbol);
  event.set_kind(marketdata::v1::EVENT_KIND_DELTA);
  event.set_sequence(sequence);
  if (bytes != 0) event.set_exchange(std::string(bytes, 'x'));
  return event;
}

}  // namespace switchyard::stream
