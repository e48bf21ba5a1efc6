#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "switchyard/account/v1/account_service.pb.h"
#include "switchyard/order/v1/order_service.pb.h"
#include "switchyard/position/v1/position_service.pb.h"
#include "switchyard/router/v1/router_service.grpc.pb.h"
#include "switchyard/status/v1/status_service.pb.h"
#include "tests/services/router/router_fixture.h"

namespace switchyard::router {
namespace {

constexpr char kOrders[] = "OrderService/StreamOrderEvents";
constexpr char kPositions[] = "PositionService/StreamPositions";

void OfferRpcs(FakeBackend& backend, const std::vector<std::string>& rpcs) {
  status::v1::GetCapabilitiesResponse response;
  response.add_capabilities()->set_exchange(backend.exchange());
  for (const std::string& rpc : rpcs) {
    auto& entry = *response.mutable_capabilities(0)->add_rpcs();
    entry.set_rpc(rpc);
    entry.set_path(status::v1::PATH_WEBSOCKET);
  }
  backend.OnAnswer("StatusService/GetCapabilities", response);
}

v1::PrivateSubscription Wanted(const std::string& exchange, v1::PrivateChannel channel) {
  v1::PrivateSubscription subscription;
  subscription.set_exchange(exchange);
  subscription.set_account("main");
  subscription.set_channel(channel);
  return subscription;
}

order::v1::StreamOrderEventsResponse Row(std::uint64_t sequence) {
  order::v1::StreamOrderEventsResponse response;
  auto& event = *response.add_events();
  event.set_exchange("alpha");
  event.set_account("main");
  event.set_epoch(77);
  event.set_sequence(sequence);
  return response;
}

position::v1::StreamPositionsResponse Snapshot(std::uint64_t epoch) {
  position::v1::StreamPositionsResponse response;
  auto& event = *response.add_events();
  event.set_exchange("alpha");
  event.set_kind(common::v1::STATE_EVENT_KIND_SNAPSHOT);
  event.set_epoch(epoch);
  event.set_sequence(1);
  return response;
}

class PrivateReader {
 public:
  PrivateReader(RouterUnderTest& router, const v1::StreamPrivateEventsRequest& request)
      : stub_(v1::RouterService::NewStub(router.channel())) {
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
    reader_ = stub_->StreamPrivateEvents(&context_, request);
  }
  ~PrivateReader() { context_.TryCancel(); }

  v1::StreamPrivateEventsResponse First() {
    v1::StreamPrivateEventsResponse response;
    EXPECT_TRUE(reader_->Read(&response));
    EXPECT_TRUE(response.has_acknowledgement()) << response.ShortDebugString();
    return response;
  }
  common::v1::StreamAcknowledgement Acknowledgement() { return First().acknowledgement(); }
  v1::PrivateEvent Next() {
    while (next_ >= message_.events_size()) {
      next_ = 0;
      if (!reader_->Read(&message_)) {
        ADD_FAILURE() << "the stream ended: " << FromGrpcStatus(reader_->Finish());
        return {};
      }
    }
    return message_.events(next_++);
  }
  absl::Status End() {
    v1::StreamPrivateEventsResponse response;
    while (reader_->Read(&response)) {
    }
    return FromGrpcStatus(reader_->Finish());
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<v1::RouterService::Stub> stub_;
  std::unique_ptr<grpc::ClientReader<v1::StreamPrivateEventsResponse>> reader_;
  v1::StreamPrivateEventsResponse message_;
  int next_ = 0;
};

TEST(PrivateStream, IsUnimplementedWhereNoTableOffersIt) {
  FakeBackend backend("alpha");
  OfferRpcs(backend, {"MarketDataService/GetOrderBook"});
  RouterUnderTest router({&backend});
  v1::StreamPrivateEventsRequest request;
  *request.add_subscriptions() = Wanted("alpha", v1::PRIVATE_CHANNEL_ORDERS);
  const absl::Status status = PrivateReader(router, request).End();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented) << status;
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_NOT_IN_CAPABILITIES);
}

TEST(PrivateStream, ResumesALogAfterTheLastRowPassedOn) {
  FakeBackend backend("alpha");
  OfferRpcs(backend, {kOrders});
  RouterUnderTest router({&backend});
  v1::StreamPrivateEventsRequest request;
  *request.add_subscriptions() = Wanted("alpha", v1::PRIVATE_CHANNEL_ORDERS);
  *request.add_subscriptions() = Wanted("alpha", v1::PRIVATE_CHANNEL_ACCOUNT);
  request.set_session_id("session-1");
  PrivateReader client(router, request);
  const auto first = backend.WaitForCall(kOrders);
  ASSERT_TRUE(first);
  const auto asked = RequestOf<order::v1::StreamOrderEventsRequest>(*first);
  EXPECT_EQ(asked.account(), "main");
  EXPECT_EQ(asked.session_id(), "session-1");
  EXPECT_FALSE(asked.has_resume_from());
  first->Write(Accepted(1));
  const auto acknowledgement = client.Acknowledgement();
  ASSERT_EQ(acknowledgement.results_size(), 2);
  EXPECT_EQ(acknowledgement.results(0).status().code(), 0u);
  EXPECT_EQ(acknowledgement.results(1).status().reason(),
            common::v1::ERROR_REASON_NOT_IN_CAPABILITIES);
  first->Write(Row(5));
  EXPECT_EQ(client.Next().order().sequence(), 5u);

  backend.Kill();
  backend.Restart();
  const auto again = backend.WaitForCall(kOrders);
  ASSERT_TRUE(again);
  const auto resumed = RequestOf<order::v1::StreamOrderEventsRequest>(*again);
  EXPECT_EQ(resumed.resume_from().epoch(), 77u);
  EXPECT_EQ(resumed.resume_from().sequence(), 5u);
  again->Write(Accepted(1));
  again->Write(Row(6));
  EXPECT_EQ(client.Next().order().sequence(), 6u);
}

TEST(PrivateStream, SaysThatRowsMayBeMissingWhereItCannotResume) {
  FakeBackend backend("alpha");
  OfferRpcs(backend, {kOrders});
  RouterUnderTest router({&backend});
  v1::StreamPrivateEventsRequest request;
  *request.add_subscriptions() = Wanted("alpha", v1::PRIVATE_CHANNEL_ORDERS);
  PrivateReader client(router, request);
  const auto first = backend.WaitForCall(kOrders);
  ASSERT_TRUE(first);
  first->Write(Accepted(1));
  client.Acknowledgement();
  first->Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "restarting"));
  const auto again = backend.WaitForCall(kOrders);
  ASSERT_TRUE(again);
  again->Write(Accepted(1));
  const v1::PrivateEvent gap = client.Next();
  EXPECT_EQ(gap.order().gap().reason(), common::v1::STALE_REASON_BACKEND_LOST);
  EXPECT_GT(gap.order().gap().to_time_ns(), gap.order().gap().from_time_ns());
}

TEST(PrivateStream, SaysThatRowsMayBeMissingWhereTheBackendCameAfterTheAcknowledgement) {
  FakeBackend backend("alpha");
  OfferRpcs(backend, {kOrders});
  RouterUnderTest router({&backend});
  backend.Kill();
  v1::StreamPrivateEventsRequest request;
  *request.add_subscriptions() = Wanted("alpha", v1::PRIVATE_CHANNEL_ORDERS);
  const TimeNs asked = SystemClock().Now();
  PrivateReader client(router, request);
  const auto acknowledgement = client.Acknowledgement();
  const TimeNs acknowledged = SystemClock().Now();
  ASSERT_EQ(acknowledgement.results_size(), 1);
  EXPECT_EQ(acknowledgement.results(0).status().code(), 0u);
  // What is committed from here on is part of the log that was promised.
  backend.Restart();
  const auto call = backend.WaitForCall(kOrders);
  ASSERT_TRUE(call);
  call->Write(Accepted(1));
  call->Write(Row(9));
  const v1::PrivateEvent gap = client.Next();
  ASSERT_TRUE(gap.order().has_gap()) << gap.ShortDebugString();
  EXPECT_EQ(gap.order().account(), "main");
  EXPECT_EQ(gap.order().gap().reason(), common::v1::STALE_REASON_BACKEND_LOST);
  EXPECT_GE(gap.order().gap().from_time_ns(), asked.value);
  EXPECT_LE(gap.order().gap().from_time_ns(), acknowledged.value);
  EXPECT_GE(gap.order().gap().to_time_ns(), acknowledged.value);
  EXPECT_EQ(client.Next().order().sequence(), 9u);
}

TEST(PrivateStream, AStateTopicBecomesStaleAndBeginsAnew) {
  FakeBackend backend("alpha");
  OfferRpcs(backend, {kPositions});
  RouterUnderTest router({&backend});
  v1::StreamPrivateEventsRequest request;
  *request.add_subscriptions() = Wanted("alpha", v1::PRIVATE_CHANNEL_POSITIONS);
  PrivateReader client(router, request);
  const auto first = backend.WaitForCall(kPositions);
  ASSERT_TRUE(first);
  first->Write(Accepted(1));
  client.Acknowledgement();
  first->Write(Snapshot(1));
  EXPECT_EQ(client.Next().position().epoch(), 1u);
  backend.Kill();
  const v1::PrivateEvent stale = client.Next();
  EXPECT_EQ(stale.position().kind(), common::v1::STATE_EVENT_KIND_STALE);
  EXPECT_EQ(stale.position().reason(), common::v1::STALE_REASON_BACKEND_LOST);
  EXPECT_EQ(stale.position().account(), "main");
  backend.Restart();
  const auto again = backend.WaitForCall(kPositions);
  ASSERT_TRUE(again);
  again->Write(Accepted(1));
  again->Write(Snapshot(2));
  EXPECT_EQ(client.Next().position().epoch(), 2u);
}

TEST(PrivateStream, EndsWhenAServiceFindsTheReaderTooSlow) {
  FakeBackend backend("alpha");
  OfferRpcs(backend, {kOrders});
  RouterUnderTest router({&backend});
  v1::StreamPrivateEventsRequest request;
  *request.add_subscriptions() = Wanted("alpha", v1::PRIVATE_CHANNEL_ORDERS);
  PrivateReader client(router, request);
  const auto call = backend.WaitForCall(kOrders);
  ASSERT_TRUE(call);
  call->Write(Accepted(1));
  client.Acknowledgement();
  call->Finish(ToGrpcStatus(MakeError(absl::StatusCode::kResourceExhausted,
                                      common::v1::ERROR_REASON_SLOW_READER, "too slow")));
  EXPECT_EQ(ReasonOf(client.End()), common::v1::ERROR_REASON_SLOW_READER);
}

void TellAccounts(FakeBackend& backend, const std::vector<std::string>& names) {
  status::v1::GetStatusResponse response;
  for (const char* component : {"account", "market_data", "order", "position"}) {
    auto& status = *response.add_statuses();
    status.set_exchange(backend.exchange());
    status.set_component(component);
    status.set_ready(true);
    if (component == std::string("market_data")) continue;
    for (const std::string& name : names) status.add_accounts(name);
  }
  backend.OnAnswer("StatusService/GetStatus", response);
}

// The calls of two accounts come in any order: by account.
std::map<std::string, std::shared_ptr<FakeCall>> WaitForCalls(FakeBackend& backend, int count) {
  std::map<std::string, std::shared_ptr<FakeCall>> calls;
  for (int i = 0; i < count; ++i) {
    const std::shared_ptr<FakeCall> call = backend.WaitForCall(kOrders);
    if (call == nullptr) break;
    calls[RequestOf<order::v1::StreamOrderEventsRequest>(*call).account()] = call;
  }
  return calls;
}

TEST(PrivateStream, AnOpenSubscriptionIsAStreamOfEachAccount) {
  FakeBackend backend("alpha");
  OfferRpcs(backend, {kOrders});
  TellAccounts(backend, {"second", "main"});
  RouterUnderTest router({&backend});
  v1::StreamPrivateEventsRequest request;
  request.add_subscriptions();
  PrivateReader client(router, request);
  const auto calls = WaitForCalls(backend, 2);
  ASSERT_EQ(calls.size(), 2u);
  // One is refused: the other flows.
  order::v1::StreamOrderEventsResponse refused = Row(1);
  refused.clear_events();
  *refused.mutable_acknowledgement()->add_results()->mutable_status() = ToProto(MakeError(
      absl::StatusCode::kUnauthenticated, common::v1::ERROR_REASON_BAD_SIGNATURE, "wrong secret"));
  calls.at("main")->Write(refused);
  calls.at("second")->Write(Accepted(1));
  const v1::StreamPrivateEventsResponse first = client.First();
  ASSERT_EQ(first.acknowledgement().results_size(), 2);
  EXPECT_EQ(first.acknowledgement().results(0).account(), "main");
  EXPECT_EQ(first.acknowledgement().results(0).status().reason(),
            common::v1::ERROR_REASON_BAD_SIGNATURE);
  EXPECT_EQ(first.acknowledgement().results(1).exchange(), "alpha");
  EXPECT_EQ(first.acknowledgement().results(1).account(), "second");
  EXPECT_EQ(first.acknowledgement().results(1).status().code(), 0u);
  calls.at("second")->Write(Row(4));
  EXPECT_EQ(client.Next().order().sequence(), 4u);
}

TEST(PrivateStream, AnAccountThatIsToldLaterIsAdded) {
  FakeBackend backend("alpha");
  OfferRpcs(backend, {kOrders});
  TellAccounts(backend, {"main"});
  RouterUnderTest router({&backend});
  v1::StreamPrivateEventsRequest request;
  request.add_subscriptions()->set_exchange("alpha");
  PrivateReader client(router, request);
  const auto first = backend.WaitForCall(kOrders);
  ASSERT_TRUE(first);
  first->Write(Accepted(1));
  client.Acknowledgement();
  backend.Kill();
  TellAccounts(backend, {"main", "new"});
  backend.Restart();
  const auto calls = WaitForCalls(backend, 2);
  ASSERT_TRUE(calls.contains("new"));
  calls.at("new")->Write(Accepted(1));
  calls.at("new")->Write(Row(1));
  // It is part of what the client was acknowledged: its rows since may be missing.
  const v1::PrivateEvent gap = client.Next();
  ASSERT_TRUE(gap.order().has_gap()) << gap.ShortDebugString();
  EXPECT_EQ(gap.order().account(), "new");
  EXPECT_EQ(client.Next().order().sequence(), 1u);
}

TEST(PrivateStream, RefusesTheSameTopicTwice) {
  FakeBackend backend("alpha");
  RouterUnderTest router({&backend});
  v1::StreamPrivateEventsRequest request;
  *request.add_subscriptions() = Wanted("alpha", v1::PRIVATE_CHANNEL_ORDERS);
  // UNSPECIFIED is ORDERS.
  *request.add_subscriptions() = Wanted("alpha", v1::PRIVATE_CHANNEL_UNSPECIFIED);
  EXPECT_EQ(PrivateReader(router, request).End().code(), absl::StatusCode::kInvalidArgument);
}

TEST(PrivateStream, ABackendThatHangsIsLostAndAskedAgain) {
  FakeBackend backend("alpha");
  OfferRpcs(backend, {kPositions});
  RouterUnderTest router({&backend});
  v1::StreamPrivateEventsRequest request;
  *request.add_subscriptions() = Wanted("alpha", v1::PRIVATE_CHANNEL_POSITIONS);
  request.set_heartbeat_interval_ms(15'000);
  PrivateReader client(router, request);
  const auto hung = backend.WaitForCall(kPositions);
  ASSERT_TRUE(hung);
  // What the client likes would take too long.
  EXPECT_EQ(RequestOf<position::v1::StreamPositionsRequest>(*hung).heartbeat_interval_ms(), 3'000u);
  auto promise = Accepted(1);
  promise.mutable_acknowledgement()->set_heartbeat_interval_ms(100);
  hung->Write(promise);
  client.Acknowledgement();
  hung->Write(Snapshot(1));
  EXPECT_EQ(client.Next().position().epoch(), 1u);
  // From here it says nothing more, though its connection lives.
  const auto stale = client.Next().position();
  EXPECT_EQ(stale.kind(), common::v1::STATE_EVENT_KIND_STALE);
  EXPECT_EQ(stale.reason(), common::v1::STALE_REASON_BACKEND_LOST);
  EXPECT_TRUE(hung->WaitUntilCancelled());
  const auto again = backend.WaitForCall(kPositions);
  ASSERT_TRUE(again);
  again->Write(promise);
  again->Write(Snapshot(2));
  EXPECT_EQ(client.Next().position().epoch(), 2u);
}

TEST(PrivateStream, AnAcknowledgementWithoutAResultAcceptsNothing) {
  FakeBackend backend("alpha");
  OfferRpcs(backend, {kOrders});
  RouterUnderTest router({&backend});
  v1::StreamPrivateEventsRequest request;
  *request.add_subscriptions() = Wanted("alpha", v1::PRIVATE_CHANNEL_ORDERS);
  PrivateReader client(router, request);
  const auto half = backend.WaitForCall(kOrders);
  ASSERT_TRUE(half);
  order::v1::StreamOrderEventsResponse empty;
  empty.mutable_acknowledgement();
  half->Write(empty);
  EXPECT_TRUE(half->WaitUntilCancelled());
  const auto whole = backend.WaitForCall(kOrders);
  ASSERT_TRUE(whole);
  whole->Write(Accepted(1));
  whole->Write(Row(5));
  EXPECT_EQ(client.Acknowledgement().results(0).status().code(), 0u);
  // The log of what happened between the two is not there.
  EXPECT_TRUE(client.Next().order().has_gap());
  EXPECT_EQ(client.Next().order().sequence(), 5u);
}

}  // namespace
}  // namespace switchyard::router
