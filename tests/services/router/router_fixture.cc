#include "tests/services/router/router_fixture.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/sync_stream.h>

#include <future>

#include "common/rpc/client_channel.h"

namespace switchyard::router {

using marketdata::v1::MarketDataEvent;
using marketdata::v1::StreamMarketDataResponse;

config::v1::RouterConfig ConfigFor(const std::vector<const FakeBackend*>& backends) {
  config::v1::RouterConfig config;
  config.mutable_process()->add_listen("127.0.0.1:0");
  config.set_default_deadline_ms(10'000);
  for (const FakeBackend* backend : backends) {
    config::v1::BackendConfig& entry = *config.add_backends();
    entry.set_exchange(backend->exchange());
    entry.add_addresses(backend->address());
  }
  return config;
}

RouterUnderTest::RouterUnderTest(const std::vector<const FakeBackend*>& backends) {
  Start(ConfigFor(backends));
  for (const FakeBackend* backend : backends) {
    EXPECT_TRUE(WaitForHealth(backend->exchange() + "/market_data", true));
  }
}

RouterUnderTest::RouterUnderTest(config::v1::RouterConfig config) { Start(config); }

RouterUnderTest::~RouterUnderTest() = default;

void RouterUnderTest::Start(const config::v1::RouterConfig& config) {
  auto router = Router::Start(config, metrics_, SystemClock());
  ASSERT_TRUE(router.ok()) << router.status();
  router_ = *std::move(router);
  // As our clients do: with little read-ahead.
  channel_ = rpc::MakeChannel(address());
}

std::string RouterUnderTest::address() const {
  return "127.0.0.1:" + std::to_string(router_->port());
}

bool RouterUnderTest::WaitForHealth(const std::string& name, bool serving) {
  // grpc.health.v1, by hand: HealthCheckRequest{service = 1}, HealthCheckResponse{status = 1},
  // where SERVING is 1.
  const grpc::Slice slice("\x0a" + std::string(1, static_cast<char>(name.size())) + name);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  const grpc::internal::RpcMethod method("/grpc.health.v1.Health/Watch",
                                         grpc::internal::RpcMethod::SERVER_STREAMING);
  const std::unique_ptr<grpc::ClientReader<grpc::ByteBuffer>> reader(
      grpc::internal::ClientReaderFactory<grpc::ByteBuffer>::Create(channel_.get(), method,
                                                                    &context, request));
  grpc::ByteBuffer answer;
  bool seen = false;
  while (!seen && reader->Read(&answer)) {
    grpc::Slice bytes;
    if (!answer.DumpToSingleSlice(&bytes).ok()) break;
    const std::string text(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
    seen = (text == std::string("\x08\x01")) == serving;
  }
  context.TryCancel();
  while (reader->Read(&answer)) {
  }
  reader->Finish();
  return seen;
}

absl::Status RouterUnderTest::Call(const std::string& path, const grpc::ByteBuffer& request,
                                   grpc::ByteBuffer* answer, grpc::ClientContext* context) {
  grpc::ClientContext own_context;
  grpc::ByteBuffer own_answer;
  std::promise<grpc::Status> done;
  grpc::GenericStub(channel_).UnaryCall(
      context != nullptr ? context : &own_context, path, {}, &request,
      answer != nullptr ? answer : &own_answer,
      [&done](const grpc::Status& status) { done.set_value(status); });
  return FromGrpcStatus(done.get_future().get());
}

MarketDataReader::MarketDataReader(RouterUnderTest& router,
                                   const marketdata::v1::StreamMarketDataRequest& request)
    : stub_(marketdata::v1::MarketDataService::NewStub(router.channel())) {
  context_.set_deadline(std::chrono::system_clock::now() + kPatience * 3);
  reader_ = stub_->StreamMarketData(&context_, request);
}

MarketDataReader::~MarketDataReader() {
  context_.TryCancel();
  while (reader_->Read(&message_)) {
  }
}

common::v1::StreamAcknowledgement MarketDataReader::ReadAcknowledgement() {
  StreamMarketDataResponse response;
  EXPECT_TRUE(Read(&response));
  EXPECT_TRUE(response.has_acknowledgement()) << response.ShortDebugString();
  return response.acknowledgement();
}

MarketDataEvent MarketDataReader::NextEvent() {
  while (next_ >= message_.events_size()) {
    next_ = 0;
    if (!Read(&message_)) {
      message_.Clear();
      return {};
    }
  }
  return message_.events(next_++);
}

marketdata::v1::MarketDataSubscription Subscription(const std::string& exchange,
                                                    const std::string& symbol) {
  marketdata::v1::MarketDataSubscription subscription;
  subscription.set_exchange(exchange);
  subscription.set_symbol(symbol);
  subscription.set_channel(marketdata::v1::CHANNEL_ORDER_BOOK);
  subscription.set_depth(10);
  return subscription;
}

StreamMarketDataResponse Accepted(int subscriptions, std::uint32_t depth) {
  StreamMarketDataResponse response;
  for (int i = 0; i < subscriptions; ++i) {
    common::v1::SubscriptionResult& result = *response.mutable_acknowledgement()->add_results();
    result.set_index(static_cast<std::uint32_t>(i));
    result.set_granted_depth(depth);
  }
  return response;
}

MarketDataEvent BookEvent(const std::string& exchange, const std::string& symbol,
                          std::uint64_t epoch, std::uint64_t sequence) {
  MarketDataEvent event;
  event.set_exchange(exchange);
  event.set_symbol(symbol);
  event.set_channel(marketdata::v1::CHANNEL_ORDER_BOOK);
  event.set_depth(10);
  event.set_kind(sequence == 1 ? marketdata::v1::EVENT_KIND_SNAPSHOT
                               : marketdata::v1::EVENT_KIND_DELTA);
  event.set_epoch(epoch);
  event.set_sequence(sequence);
  return event;
}

}  // namespace switchyard::router
