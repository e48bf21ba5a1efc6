// Streams opened, cancelled and cut at random by several clients at once, for the thread sanitizer.
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/services/router/router_fixture.h"

namespace switchyard::router {
namespace {

using marketdata::v1::StreamMarketDataRequest;
using marketdata::v1::StreamMarketDataResponse;

constexpr std::chrono::seconds kDuration{4};

// Answers every stream at once: acknowledgement, a burst of events, and sometimes the end.
void ServeBursts(FakeBackend& backend) {
  backend.On("MarketDataService/StreamMarketData",
             [&backend, calls = std::make_shared<std::atomic<int>>(0)](
                 const std::shared_ptr<FakeCall>& call) {
               const auto request = RequestOf<StreamMarketDataRequest>(*call);
               call->Write(Accepted(request.subscriptions_size()));
               for (std::uint64_t sequence = 1; sequence <= 50; ++sequence) {
                 StreamMarketDataResponse response;
                 *response.add_events() = BookEvent(backend.exchange(), "S", 1, sequence);
                 call->Write(response);
               }
               if (calls->fetch_add(1) % 3 == 0) {
                 call->Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "restarting"));
               }
             });
}

// Opens streams and leaves them after a random number of messages, in all ways there are.
std::size_t RunClient(RouterUnderTest& router, unsigned seed,
                      std::chrono::steady_clock::time_point end) {
  std::mt19937 random(seed);
  std::size_t events = 0;
  while (std::chrono::steady_clock::now() < end) {
    StreamMarketDataRequest request;
    *request.add_subscriptions() = Subscription("alpha", "S");
    if (random() % 2 == 0) *request.add_subscriptions() = Subscription("beta", "S");
    request.set_heartbeat_interval_ms(100);
    MarketDataReader client(router, request);
    StreamMarketDataResponse message;
    for (unsigned left = random() % 60; left > 0 && client.Read(&message); --left) {
      events += static_cast<std::size_t>(message.events_size());
    }
    if (random() % 3 == 0) client.Cancel();
  }
  return events;
}

TEST(StreamStress, SurvivesRandomCancelsAndLostBackends) {
  FakeBackend first("alpha");
  FakeBackend second("beta");
  ServeBursts(first);
  ServeBursts(second);
  std::atomic<std::size_t> events{0};
  {
    RouterUnderTest router({&first, &second});
    const auto end = std::chrono::steady_clock::now() + kDuration;
    std::vector<std::thread> clients;
    for (unsigned i = 0; i < 4; ++i) {
      clients.emplace_back([&, i] { events += RunClient(router, i, end); });
    }
    // Backends die and come back meanwhile.
    while (std::chrono::steady_clock::now() < end) {
      second.Kill();
      EXPECT_TRUE(router.WaitForHealth("beta/market_data", false));
      second.Restart();
      EXPECT_TRUE(router.WaitForHealth("beta/market_data", true));
    }
    for (std::thread& client : clients) client.join();
    EXPECT_NE(router.metrics().find("switchyard_router_open_streams"), std::string::npos);
  }
  EXPECT_GT(events.load(), 100u);
}

}  // namespace
}  // namespace switchyard::router
