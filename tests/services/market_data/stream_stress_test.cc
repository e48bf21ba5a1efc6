// Many streams at once with random cancels, deadlines and slow readers, while events are published
// and the server shuts down under them. For the thread sanitizer; the assertions say that nobody is
// left behind.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "tests/services/market_data/service_harness.h"

namespace switchyard {
namespace {

namespace v1 = marketdata::v1;
using exchange::Channel;
using testing::ServiceHarness;

constexpr int kClients = 6;
constexpr int kStreamsPerClient = 40;
constexpr std::uint32_t kMostDeadlineMs = 20;

v1::StreamMarketDataRequest RequestFor(std::mt19937& random) {
  v1::StreamMarketDataRequest request;
  for (const char* exchange : {"alpha", "beta"}) {
    auto& subscription = *request.add_subscriptions();
    subscription.set_exchange(exchange);
    subscription.set_symbol("BTC-USDT");
    subscription.set_channel(v1::CHANNEL_ORDER_BOOK);
  }
  if (random() % 2 == 0) request.set_slow_reader_policy(common::v1::SLOW_READER_POLICY_DISCONNECT);
  request.set_heartbeat_interval_ms(100);
  return request;
}

// Opens one stream and leaves it in one of four ways. Returns how many messages came.
int UseStream(v1::MarketDataService::Stub& stub, std::mt19937& random) {
  grpc::ClientContext context;
  const bool by_deadline = random() % 2 == 0;
  const auto deadline = by_deadline ? std::chrono::milliseconds(1 + random() % kMostDeadlineMs)
                                    : std::chrono::milliseconds(20'000);
  context.set_deadline(std::chrono::system_clock::now() + deadline);
  const auto reader = stub.StreamMarketData(&context, RequestFor(random));
  v1::StreamMarketDataResponse response;
  int messages = 0;
  const int wanted = static_cast<int>(random() % 4);
  while (messages < wanted && reader->Read(&response)) ++messages;
  if (!by_deadline) context.TryCancel();
  while (reader->Read(&response)) ++messages;
  EXPECT_FALSE(reader->Finish().ok()) << "a stream ended by itself";
  return messages;
}

TEST(StreamStressTest, NobodyIsLeftBehind) {
  ServiceHarness harness;
  harness.ticker.Start();
  std::atomic<bool> publishing{true};
  std::thread publisher([&] {
    for (std::uint64_t sequence = 1; publishing; ++sequence) {
      harness.alpha.Publish("BTC-USDT", Channel::kOrderBook, sequence);
      harness.beta.Publish("BTC-USDT", Channel::kOrderBook, sequence);
      std::this_thread::yield();
    }
  });
  std::atomic<int> messages{0};
  std::atomic<int> used{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&, i] {
      std::mt19937 random(static_cast<std::uint32_t>(i + 1));
      for (int stream = 0; stream < kStreamsPerClient; ++stream) {
        messages += UseStream(*harness.stub, random);
        // The server goes away while the last quarter is still to come.
        if (++used == kClients * kStreamsPerClient * 3 / 4) harness.streams.Shutdown();
      }
    });
  }
  for (std::thread& client : clients) client.join();
  harness.Shutdown();
  publishing = false;
  publisher.join();
  harness.ticker.Stop();
  EXPECT_GT(messages, kClients);
  EXPECT_EQ(harness.alpha.ReaderCount(), 0u);
  EXPECT_EQ(harness.beta.ReaderCount(), 0u);
  EXPECT_EQ(harness.service->OpenStreams("alpha"), 0u);
  EXPECT_NE(harness.metrics.Expose().find("switchyard_streams_open 0"), std::string::npos);
}

}  // namespace
}  // namespace switchyard
