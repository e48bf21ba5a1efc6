#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>

#include "tests/services/router/router_fixture.h"

namespace switchyard::router {
namespace {

using marketdata::v1::MarketDataEvent;
using marketdata::v1::StreamMarketDataRequest;
using marketdata::v1::StreamMarketDataResponse;

constexpr char kStream[] = "MarketDataService/StreamMarketData";

StreamMarketDataRequest RequestFor(
    const std::vector<std::pair<std::string, std::string>>& subscriptions) {
  StreamMarketDataRequest request;
  for (const auto& [exchange, symbol] : subscriptions) {
    *request.add_subscriptions() = Subscription(exchange, symbol);
  }
  return request;
}

StreamMarketDataResponse EventsOf(const std::vector<MarketDataEvent>& events) {
  StreamMarketDataResponse response;
  for (const MarketDataEvent& event : events) *response.add_events() = event;
  return response;
}

TEST(MarketDataStream, MergesAcknowledgementsInTheClientsOrder) {
  FakeBackend first("alpha");
  FakeBackend second("beta");
  RouterUnderTest router({&first, &second});
  MarketDataReader client(
      router, RequestFor({{"beta", "B0"}, {"alpha", "A0"}, {"nowhere", "X"}, {"beta", "B1"}}));
  const auto to_first = first.WaitForCall(kStream);
  const auto to_second = second.WaitForCall(kStream);
  ASSERT_TRUE(to_first && to_second);
  EXPECT_EQ(RequestOf<StreamMarketDataRequest>(*to_first).subscriptions_size(), 1);
  EXPECT_EQ(RequestOf<StreamMarketDataRequest>(*to_second).subscriptions(1).symbol(), "B1");
  StreamMarketDataResponse refusal = Accepted(2, 50);
  auto& refused = *refusal.mutable_acknowledgement()->mutable_results(1);
  refused.mutable_status()->set_code(5);
  refused.mutable_status()->set_reason(common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT);
  to_second->Write(refusal);
  to_first->Write(Accepted(1, 20));
  const auto acknowledgement = client.ReadAcknowledgement();
  ASSERT_EQ(acknowledgement.results_size(), 4);
  EXPECT_EQ(acknowledgement.heartbeat_interval_ms(), 5'000u);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(acknowledgement.results(i).index(), static_cast<std::uint32_t>(i));
  }
  EXPECT_EQ(acknowledgement.results(0).granted_depth(), 50u);
  EXPECT_EQ(acknowledgement.results(1).granted_depth(), 20u);
  EXPECT_EQ(acknowledgement.results(2).status().reason(),
            common::v1::ERROR_REASON_UNKNOWN_EXCHANGE);
  EXPECT_EQ(acknowledgement.results(3).status().reason(),
            common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT);
}

TEST(MarketDataStream, ForwardsEventsOfAllExchangesAndNothingElse) {
  FakeBackend first("alpha");
  FakeBackend second("beta");
  RouterUnderTest router({&first, &second});
  MarketDataReader client(router, RequestFor({{"alpha", "A"}, {"beta", "B"}}));
  const auto to_first = first.WaitForCall(kStream);
  const auto to_second = second.WaitForCall(kStream);
  ASSERT_TRUE(to_first && to_second);
  StreamMarketDataResponse heartbeat;
  heartbeat.mutable_heartbeat()->set_conflated_events(7);
  for (const auto& call : {to_first, to_second}) {
    call->Write(Accepted(1));
    call->Write(heartbeat);
  }
  client.ReadAcknowledgement();
  to_first->Write(EventsOf({BookEvent("alpha", "A", 1, 1), BookEvent("alpha", "A", 1, 2)}));
  to_second->Write(EventsOf({BookEvent("beta", "B", 9, 1)}));
  std::map<std::string, std::vector<std::uint64_t>> seen;
  for (int i = 0; i < 3; ++i) {
    const MarketDataEvent event = client.NextEvent();
    seen[event.exchange()].push_back(event.sequence());
  }
  EXPECT_EQ(seen["alpha"], (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(seen["beta"], (std::vector<std::uint64_t>{1}));
}

TEST(MarketDataStream, MakesItsOwnHeartbeats) {
  FakeBackend backend("alpha");
  RouterUnderTest router({&backend});
  StreamMarketDataRequest request = RequestFor({{"alpha", "A"}});
  request.set_heartbeat_interval_ms(100);
  MarketDataReader client(router, request);
  const auto call = backend.WaitForCall(kStream);
  ASSERT_TRUE(call);
  call->Write(Accepted(1));
  EXPECT_EQ(client.ReadAcknowledgement().heartbeat_interval_ms(), 100u);
  StreamMarketDataResponse message;
  ASSERT_TRUE(client.Read(&message));
  EXPECT_TRUE(message.has_heartbeat()) << message.ShortDebugString();
  EXPECT_GT(message.heartbeat().publish_time_ns(), 0);
}

TEST(MarketDataStream, SurvivesTheLossOfABackend) {
  FakeBackend lost("alpha");
  FakeBackend alive("beta");
  RouterUnderTest router({&lost, &alive});
  MarketDataReader client(router, RequestFor({{"alpha", "A"}, {"alpha", "A"}, {"beta", "B"}}));
  const auto to_lost = lost.WaitForCall(kStream);
  const auto to_alive = alive.WaitForCall(kStream);
  ASSERT_TRUE(to_lost && to_alive);
  to_lost->Write(Accepted(2, 20));
  to_alive->Write(Accepted(1));
  client.ReadAcknowledgement();
  to_lost->Write(EventsOf({BookEvent("alpha", "A", 1, 1)}));
  EXPECT_EQ(client.NextEvent().epoch(), 1u);

  lost.Kill();
  const MarketDataEvent stale = client.NextEvent();
  EXPECT_EQ(stale.exchange(), "alpha");
  EXPECT_EQ(stale.symbol(), "A");
  EXPECT_EQ(stale.channel(), marketdata::v1::CHANNEL_ORDER_BOOK);
  EXPECT_EQ(stale.depth(), 20u);
  EXPECT_EQ(stale.kind(), marketdata::v1::EVENT_KIND_STALE);
  EXPECT_EQ(stale.reason(), common::v1::STALE_REASON_BACKEND_LOST);
  EXPECT_EQ(stale.epoch(), 0u);
  EXPECT_EQ(stale.sequence(), 0u);
  // The same topic was asked for twice and is told once; the other exchange goes on.
  to_alive->Write(EventsOf({BookEvent("beta", "B", 5, 1)}));
  EXPECT_EQ(client.NextEvent().exchange(), "beta");

  lost.Restart();
  const auto again = lost.WaitForCall(kStream);
  ASSERT_TRUE(again);
  EXPECT_EQ(RequestOf<StreamMarketDataRequest>(*again).subscriptions_size(), 2);
  again->Write(Accepted(2, 20));
  again->Write(EventsOf({BookEvent("alpha", "A", 2, 1)}));
  const MarketDataEvent fresh = client.NextEvent();
  EXPECT_EQ(fresh.kind(), marketdata::v1::EVENT_KIND_SNAPSHOT);
  EXPECT_EQ(fresh.epoch(), 2u);
  const std::string metrics = router.metrics();
  EXPECT_NE(metrics.find("switchyard_router_upstream_reconnects_total 1"), std::string::npos);
  EXPECT_NE(metrics.find("switchyard_router_backend_lost_events_total 1"), std::string::npos);
}

// Its connection stands and answers pings; the client hears the router's heartbeats all the while.
TEST(MarketDataStream, LosesABackendThatHangs) {
  FakeBackend hung("alpha");
  RouterUnderTest router({&hung});
  StreamMarketDataRequest request = RequestFor({{"alpha", "A"}});
  request.set_heartbeat_interval_ms(100);
  MarketDataReader client(router, request);
  const auto call = hung.WaitForCall(kStream);
  ASSERT_TRUE(call);
  StreamMarketDataResponse accepted = Accepted(1);
  accepted.mutable_acknowledgement()->set_heartbeat_interval_ms(100);
  call->Write(accepted);
  client.ReadAcknowledgement();
  call->Write(EventsOf({BookEvent("alpha", "A", 1, 1)}));
  EXPECT_EQ(client.NextEvent().epoch(), 1u);

  const MarketDataEvent stale = client.NextEvent();
  EXPECT_EQ(stale.kind(), marketdata::v1::EVENT_KIND_STALE);
  EXPECT_EQ(stale.reason(), common::v1::STALE_REASON_BACKEND_LOST);
  EXPECT_TRUE(call->WaitUntilCancelled());

  const auto again = hung.WaitForCall(kStream);
  ASSERT_TRUE(again);
  again->Write(accepted);
  again->Write(EventsOf({BookEvent("alpha", "A", 2, 1)}));
  EXPECT_EQ(client.NextEvent().epoch(), 2u);
}

TEST(MarketDataStream, TellsWhichTradesALostBackendMayHaveMissed) {
  FakeBackend lost("alpha");
  RouterUnderTest router({&lost});
  StreamMarketDataRequest request = RequestFor({{"alpha", "A"}});
  request.mutable_subscriptions(0)->set_channel(marketdata::v1::CHANNEL_TRADES);
  MarketDataReader client(router, request);
  const auto call = lost.WaitForCall(kStream);
  ASSERT_TRUE(call);
  call->Write(Accepted(1));
  client.ReadAcknowledgement();
  MarketDataEvent trade;
  trade.set_exchange("alpha");
  trade.set_symbol("A");
  trade.set_channel(marketdata::v1::CHANNEL_TRADES);
  trade.set_kind(marketdata::v1::EVENT_KIND_DELTA);
  trade.set_sequence(7);
  call->Write(EventsOf({trade}));
  EXPECT_EQ(client.NextEvent().sequence(), 7u);
  const TimeNs read = SystemClock().Now();
  lost.Kill();
  EXPECT_EQ(client.NextEvent().kind(), marketdata::v1::EVENT_KIND_STALE);
  lost.Restart();
  const auto again = lost.WaitForCall(kStream);
  ASSERT_TRUE(again);
  again->Write(Accepted(1));
  again->Write(EventsOf({trade}));
  const MarketDataEvent gap = client.NextEvent();
  EXPECT_EQ(gap.kind(), marketdata::v1::EVENT_KIND_GAP);
  EXPECT_EQ(gap.channel(), marketdata::v1::CHANNEL_TRADES);
  EXPECT_GT(gap.gap_from_time_ns(), 0);
  EXPECT_LE(gap.gap_from_time_ns(), read.value);
  EXPECT_GE(gap.gap_to_time_ns(), read.value);
  EXPECT_EQ(client.NextEvent().sequence(), 7u);
}

TEST(MarketDataStream, AcceptsAnExchangeWhoseBackendIsNotThereYet) {
  FakeBackend late("alpha");
  late.Kill();
  RouterUnderTest router(ConfigFor({&late}));
  MarketDataReader client(router, RequestFor({{"alpha", "A"}}));
  const auto acknowledgement = client.ReadAcknowledgement();
  EXPECT_EQ(acknowledgement.results(0).status().code(), 0u);
  EXPECT_EQ(acknowledgement.results(0).granted_depth(), 10u);
  EXPECT_EQ(client.NextEvent().reason(), common::v1::STALE_REASON_BACKEND_LOST);
  late.Restart();
  const auto call = late.WaitForCall(kStream);
  ASSERT_TRUE(call);
  call->Write(Accepted(1));
  call->Write(EventsOf({BookEvent("alpha", "A", 1, 1)}));
  EXPECT_EQ(client.NextEvent().kind(), marketdata::v1::EVENT_KIND_SNAPSHOT);
}

TEST(MarketDataStream, TellsALateRefusalAsUnsubscribedAndAsksNoMore) {
  FakeBackend late("alpha");
  late.Kill();
  RouterUnderTest router(ConfigFor({&late}));
  MarketDataReader client(router, RequestFor({{"alpha", "A"}, {"alpha", "GONE"}}));
  client.ReadAcknowledgement();
  client.NextEvent();
  client.NextEvent();
  late.Restart();
  const auto call = late.WaitForCall(kStream);
  ASSERT_TRUE(call);
  StreamMarketDataResponse answer = Accepted(2);
  answer.mutable_acknowledgement()->mutable_results(1)->mutable_status()->set_code(5);
  call->Write(answer);
  const MarketDataEvent told = client.NextEvent();
  EXPECT_EQ(told.symbol(), "GONE");
  EXPECT_EQ(told.reason(), common::v1::STALE_REASON_UNSUBSCRIBED);
  call->Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "restarting"));
  const auto again = late.WaitForCall(kStream);
  ASSERT_TRUE(again);
  EXPECT_EQ(RequestOf<StreamMarketDataRequest>(*again).subscriptions_size(), 1);
}

TEST(MarketDataStream, PutsABackendsFinalRefusalIntoTheAcknowledgement) {
  FakeBackend refusing("alpha");
  FakeBackend serving("beta");
  RouterUnderTest router({&refusing, &serving});
  MarketDataReader client(router, RequestFor({{"alpha", "A"}, {"beta", "B"}}));
  const auto refused = refusing.WaitForCall(kStream);
  const auto served = serving.WaitForCall(kStream);
  ASSERT_TRUE(refused && served);
  refused->Finish(ToGrpcStatus(NotInCapabilities("alpha", "streams")));
  served->Write(Accepted(1));
  const auto acknowledgement = client.ReadAcknowledgement();
  EXPECT_EQ(acknowledgement.results(0).status().reason(),
            common::v1::ERROR_REASON_NOT_IN_CAPABILITIES);
  EXPECT_EQ(acknowledgement.results(1).status().code(), 0u);
  served->Write(EventsOf({BookEvent("beta", "B", 1, 1)}));
  EXPECT_EQ(client.NextEvent().exchange(), "beta");
}

TEST(MarketDataStream, AsksABackendAgainThatIsNotReadyYet) {
  FakeBackend backend("alpha");
  RouterUnderTest router({&backend});
  MarketDataReader client(router, RequestFor({{"alpha", "A"}}));
  const auto loading = backend.WaitForCall(kStream);
  ASSERT_TRUE(loading);
  StreamMarketDataResponse not_yet = Accepted(1);
  not_yet.mutable_acknowledgement()->mutable_results(0)->mutable_status()->set_code(14);
  loading->Write(not_yet);
  EXPECT_EQ(client.ReadAcknowledgement().results(0).status().code(), 0u);
  EXPECT_EQ(client.NextEvent().reason(), common::v1::STALE_REASON_BACKEND_LOST);
  EXPECT_TRUE(loading->WaitUntilCancelled());
  const auto loaded = backend.WaitForCall(kStream);
  ASSERT_TRUE(loaded);
  loaded->Write(Accepted(1));
  loaded->Write(EventsOf({BookEvent("alpha", "A", 1, 1)}));
  EXPECT_EQ(client.NextEvent().kind(), marketdata::v1::EVENT_KIND_SNAPSHOT);
}

TEST(MarketDataStream, OneRefusalThatMayPassDoesNotHoldBackTheOthers) {
  FakeBackend backend("alpha");
  RouterUnderTest router({&backend});
  MarketDataReader client(router, RequestFor({{"alpha", "A"}, {"alpha", "FULL"}}));
  const auto call = backend.WaitForCall(kStream);
  ASSERT_TRUE(call);
  StreamMarketDataResponse answer = Accepted(2);
  answer.mutable_acknowledgement()->mutable_results(1)->mutable_status()->set_code(14);
  call->Write(answer);
  const auto acknowledgement = client.ReadAcknowledgement();
  EXPECT_EQ(acknowledgement.results(0).status().code(), 0u);
  EXPECT_EQ(acknowledgement.results(1).status().code(), 14u);
  call->Write(EventsOf({BookEvent("alpha", "A", 1, 1)}));
  EXPECT_EQ(client.NextEvent().symbol(), "A");
}

TEST(MarketDataStream, AHungBackendDoesNotHoldBackTheAcknowledgement) {
  FakeBackend hung("alpha");
  FakeBackend serving("beta");
  RouterUnderTest router({&hung, &serving});
  MarketDataReader client(router, RequestFor({{"alpha", "A"}, {"beta", "B"}}));
  const auto silent = hung.WaitForCall(kStream);
  const auto served = serving.WaitForCall(kStream);
  ASSERT_TRUE(silent && served);
  served->Write(Accepted(1));
  client.ReadAcknowledgement();
  EXPECT_EQ(client.NextEvent().reason(), common::v1::STALE_REASON_BACKEND_LOST);
  silent->Write(Accepted(1));
  silent->Write(EventsOf({BookEvent("alpha", "A", 3, 1)}));
  EXPECT_EQ(client.NextEvent().epoch(), 3u);
}

TEST(MarketDataStream, AnAcknowledgementThatLacksAResultAcceptsNothing) {
  FakeBackend backend("alpha");
  RouterUnderTest router({&backend});
  MarketDataReader client(router, RequestFor({{"alpha", "A"}, {"alpha", "B"}}));
  const auto half = backend.WaitForCall(kStream);
  ASSERT_TRUE(half);
  half->Write(Accepted(1));
  EXPECT_TRUE(half->WaitUntilCancelled());
  const auto whole = backend.WaitForCall(kStream);
  ASSERT_TRUE(whole);
  whole->Write(Accepted(2));
  whole->Write(EventsOf({BookEvent("alpha", "B", 3, 1)}));
  client.ReadAcknowledgement();
  MarketDataEvent event = client.NextEvent();
  while (event.kind() == marketdata::v1::EVENT_KIND_STALE) event = client.NextEvent();
  EXPECT_EQ(event.epoch(), 3u);
}

TEST(MarketDataStream, EndsWithTheSlowReaderThatABackendFound) {
  FakeBackend backend("alpha");
  RouterUnderTest router({&backend});
  MarketDataReader client(router, RequestFor({{"alpha", "A"}}));
  const auto call = backend.WaitForCall(kStream);
  ASSERT_TRUE(call);
  call->Write(Accepted(1));
  client.ReadAcknowledgement();
  call->Finish(ToGrpcStatus(MakeError(absl::StatusCode::kResourceExhausted,
                                      common::v1::ERROR_REASON_SLOW_READER, "too slow")));
  StreamMarketDataResponse message;
  EXPECT_FALSE(client.Read(&message));
  const absl::Status status = client.Finish();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_SLOW_READER);
}

TEST(MarketDataStream, CancelsUpstreamWhenTheClientGoes) {
  FakeBackend backend("alpha");
  RouterUnderTest router({&backend});
  MarketDataReader client(router, RequestFor({{"alpha", "A"}}));
  const auto call = backend.WaitForCall(kStream);
  ASSERT_TRUE(call);
  call->Write(Accepted(1));
  client.ReadAcknowledgement();
  client.Cancel();
  EXPECT_TRUE(call->WaitUntilCancelled());
}

TEST(MarketDataStream, StopsReadingUpstreamWhenTheClientStops) {
  FakeBackend backend("alpha");
  FakeBackend other("beta");
  RouterUnderTest router({&backend, &other});
  MarketDataReader stuck(router, RequestFor({{"alpha", "A"}}));
  const auto call = backend.WaitForCall(kStream);
  ASSERT_TRUE(call);
  call->Write(Accepted(1));
  stuck.ReadAcknowledgement();
  MarketDataEvent large = BookEvent("alpha", "A", 1, 1);
  for (int i = 0; i < 5'000; ++i) {
    large.mutable_order_book()->add_bid_price_mantissas(i);
    large.mutable_order_book()->add_bid_quantity_mantissas(i);
  }
  // 1,000 messages of 20 kB: far more than what may wait in buffers on the way.
  constexpr std::size_t kMessages = 1'000;
  const grpc::ByteBuffer message = Serialise(EventsOf({large}));
  for (std::size_t i = 0; i < kMessages; ++i) call->Write(message);
  // Another client is served meanwhile, which also gives the stuck stream's bytes time to flow.
  MarketDataReader healthy(router, RequestFor({{"beta", "B"}}));
  const auto served = other.WaitForCall(kStream);
  ASSERT_TRUE(served);
  served->Write(Accepted(1));
  healthy.ReadAcknowledgement();
  for (std::uint64_t i = 1; i <= 2'000; ++i) {
    served->Write(EventsOf({BookEvent("beta", "B", 1, i)}));
    ASSERT_EQ(healthy.NextEvent().sequence(), i);
  }
  EXPECT_LT(call->written(), 100u);
  // Nothing was lost: what the backend keeps arrives as the client reads on.
  for (std::size_t i = 0; i < kMessages; ++i) ASSERT_EQ(stuck.NextEvent().exchange(), "alpha");
}

TEST(MarketDataStream, DecodesAMixOf1000SubscriptionsExactly) {
  FakeBackend first("alpha");
  FakeBackend second("beta");
  RouterUnderTest router({&first, &second});
  StreamMarketDataRequest request;
  for (int i = 0; i < 1'000; ++i) {
    *request.add_subscriptions() =
        Subscription(i % 2 == 0 ? "alpha" : "beta", "S" + std::to_string(i));
  }
  MarketDataReader client(router, request);
  std::map<std::string, std::vector<std::string>> sent;
  for (FakeBackend* backend : {&first, &second}) {
    const auto call = backend->WaitForCall(kStream);
    ASSERT_TRUE(call);
    const auto got = RequestOf<StreamMarketDataRequest>(*call);
    ASSERT_EQ(got.subscriptions_size(), 500);
    call->Write(Accepted(500));
    for (std::uint64_t sequence = 1; sequence <= 4; ++sequence) {
      StreamMarketDataResponse batch;
      for (const auto& subscription : got.subscriptions()) {
        MarketDataEvent event =
            BookEvent(subscription.exchange(), subscription.symbol(), 7, sequence);
        // Sizes from a few bytes to some kB, so that records straddle slices.
        for (std::uint64_t level = 0; level < sequence * sequence * 20; ++level) {
          event.mutable_order_book()->add_ask_price_mantissas(
              static_cast<std::int64_t>(level * 1'000'003));
          event.mutable_order_book()->add_ask_quantity_mantissas(static_cast<std::int64_t>(level));
        }
        sent[subscription.symbol()].push_back(event.SerializeAsString());
        *batch.add_events() = event;
        if (batch.events_size() == 16) {
          call->Write(batch);
          batch.Clear();
        }
      }
      if (batch.events_size() > 0) call->Write(batch);
    }
  }
  client.ReadAcknowledgement();
  std::map<std::string, std::vector<std::string>> received;
  for (int i = 0; i < 4'000; ++i) {
    const MarketDataEvent event = client.NextEvent();
    received[event.symbol()].push_back(event.SerializeAsString());
  }
  EXPECT_EQ(received, sent);
}

TEST(MarketDataStream, RefusesAnEmptyRequestAndOneThatIsTooLarge) {
  FakeBackend backend("alpha");
  RouterUnderTest router({&backend});
  StreamMarketDataResponse message;
  MarketDataReader empty(router, {});
  EXPECT_FALSE(empty.Read(&message));
  EXPECT_EQ(empty.Finish().code(), absl::StatusCode::kInvalidArgument);
  StreamMarketDataRequest request;
  for (int i = 0; i < 1'001; ++i) *request.add_subscriptions() = Subscription("alpha", "A");
  MarketDataReader large(router, request);
  EXPECT_FALSE(large.Read(&message));
  EXPECT_EQ(ReasonOf(large.Finish()), common::v1::ERROR_REASON_REQUEST_TOO_LARGE);
}

TEST(MarketDataStream, EndsWithShuttingDown) {
  FakeBackend backend("alpha");
  RouterUnderTest router({&backend});
  MarketDataReader client(router, RequestFor({{"alpha", "A"}}));
  const auto call = backend.WaitForCall(kStream);
  ASSERT_TRUE(call);
  call->Write(Accepted(1));
  client.ReadAcknowledgement();
  const auto started = std::chrono::steady_clock::now();
  router.router().Shutdown(std::chrono::milliseconds(1'500));
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(2));
  StreamMarketDataResponse message;
  EXPECT_FALSE(client.Read(&message));
  const absl::Status status = client.Finish();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_SHUTTING_DOWN);
}

TEST(PrivateStream, IsForwardedAsItIsAndEndsWithItsBackend) {
  FakeBackend backend("alpha");
  RouterUnderTest router({&backend});
  const grpc::Slice slice(
      "\x0a\x05"
      "alpha");
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  const grpc::internal::RpcMethod method("/switchyard.order.v1.OrderService/StreamOrderEvents",
                                         grpc::internal::RpcMethod::SERVER_STREAMING);
  const std::unique_ptr<grpc::ClientReader<grpc::ByteBuffer>> reader(
      grpc::internal::ClientReaderFactory<grpc::ByteBuffer>::Create(router.channel().get(), method,
                                                                    &context, request));
  const auto call = backend.WaitForCall("OrderService/StreamOrderEvents");
  ASSERT_TRUE(call);
  call->Write(Accepted(1));
  grpc::ByteBuffer message;
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(KindOf(message), MessageKind::kAcknowledgement);
  backend.Kill();
  EXPECT_FALSE(reader->Read(&message));
  const absl::Status status = FromGrpcStatus(reader->Finish());
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_BACKEND_UNAVAILABLE) << status;
}

}  // namespace
}  // namespace switchyard::router
