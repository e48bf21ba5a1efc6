#include <stdlib.h>

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <string>
#include <thread>

#include "switchyard/account/v1/account_service.pb.h"
#include "switchyard/marketdata/v1/market_data_service.pb.h"
#include "switchyard/order/v1/order_service.pb.h"
#include "tests/services/router/router_fixture.h"

namespace switchyard::router {
namespace {

constexpr char kGetOrderBook[] = "/switchyard.marketdata.v1.MarketDataService/GetOrderBook";
constexpr char kPlaceOrder[] = "/switchyard.order.v1.OrderService/PlaceOrder";
constexpr char kGetOrder[] = "/switchyard.order.v1.OrderService/GetOrder";

grpc::ByteBuffer Bytes(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

std::string Text(const grpc::ByteBuffer& bytes) {
  grpc::Slice slice;
  EXPECT_TRUE(bytes.DumpToSingleSlice(&slice).ok());
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

grpc::ByteBuffer BookRequest(const std::string& exchange) {
  marketdata::v1::GetOrderBookRequest request;
  request.set_exchange(exchange);
  request.set_symbol("BTC-USDT");
  return Serialise(request);
}

grpc::ByteBuffer OrderRequest(const std::string& exchange) {
  order::v1::PlaceOrderRequest request;
  request.set_exchange(exchange);
  request.set_account("main");
  return Serialise(request);
}

// A socket's path holds little more than 100 bytes, less than a test's own directory may have.
class SocketPath {
 public:
  SocketPath() { EXPECT_NE(mkdtemp(directory_.data()), nullptr); }
  ~SocketPath() { std::filesystem::remove_all(directory_); }
  std::string address() const { return "unix:" + directory_ + "/socket"; }

 private:
  std::string directory_ = "/tmp/router_test_XXXXXX";
};

marketdata::v1::GetOrderBookResponse BookOf(const std::string& exchange) {
  marketdata::v1::GetOrderBookResponse response;
  response.set_exchange(exchange);
  return response;
}

TEST(UnaryForwarding, GoesToTheBackendOfTheExchange) {
  FakeBackend first("alpha");
  FakeBackend second("beta");
  first.OnAnswer("MarketDataService/GetOrderBook", BookOf("alpha"));
  second.OnAnswer("MarketDataService/GetOrderBook", BookOf("beta"));
  RouterUnderTest router({&first, &second});
  for (const std::string exchange : {"alpha", "beta"}) {
    grpc::ByteBuffer answer;
    ASSERT_TRUE(router.Call(kGetOrderBook, BookRequest(exchange), &answer).ok());
    marketdata::v1::GetOrderBookResponse response;
    ASSERT_TRUE(Parse(answer, &response));
    EXPECT_EQ(response.exchange(), exchange);
  }
  EXPECT_EQ(first.calls("MarketDataService/GetOrderBook"), 1u);
  EXPECT_EQ(second.calls("MarketDataService/GetOrderBook"), 1u);
}

TEST(UnaryForwarding, PassesRequestAndAnswerByteForByte) {
  FakeBackend backend("alpha");
  // Unknown fields, in an order that no parser would write.
  const std::string request = std::string(
      "\x9a\x06\x03xyz\x0a\x05"
      "alpha\x12\x03"
      "BTC",
      18);
  const std::string answer(
      "\x9a\x06\x05"
      "hello\x08\x01",
      10);
  backend.On("MarketDataService/GetOrderBook", [&](const std::shared_ptr<FakeCall>& call) {
    EXPECT_EQ(Text(call->request()), request);
    call->Write(Bytes(answer));
    call->Finish(grpc::Status::OK);
  });
  RouterUnderTest router({&backend});
  grpc::ByteBuffer got;
  const absl::Status status = router.Call(kGetOrderBook, Bytes(request), &got);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(Text(got), answer);
}

TEST(UnaryForwarding, RefusesADuplicateRoutingField) {
  FakeBackend backend("alpha");
  RouterUnderTest router({&backend});
  const absl::Status status = router.Call(kGetOrderBook, Bytes("\x0a\x05"
                                                               "alpha\x0a\x05"
                                                               "alpha"));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_DUPLICATE_ROUTING_FIELD);
  EXPECT_EQ(backend.calls("MarketDataService/GetOrderBook"), 0u);
}

TEST(UnaryForwarding, NamesTheKnownExchangesToWhoAsksForAnother) {
  FakeBackend first("alpha");
  FakeBackend second("beta");
  RouterUnderTest router({&first, &second});
  const absl::Status status = router.Call(kGetOrderBook, BookRequest("gamma"));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_UNKNOWN_EXCHANGE);
  EXPECT_NE(status.message().find("alpha, beta"), absl::string_view::npos) << status;
}

TEST(UnaryForwarding, RefusesAnExchangeWithoutABackendForTheComponent) {
  FakeBackend backend("alpha");
  config::v1::RouterConfig config = ConfigFor({&backend});
  config.mutable_backends(0)->set_component("market_data");
  RouterUnderTest router(config);
  const absl::Status status = router.Call(kPlaceOrder, OrderRequest("alpha"));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_NOT_IN_CAPABILITIES);
}

TEST(UnaryForwarding, CarriesALargeRequestOfUnknownFields) {
  FakeBackend backend("alpha");
  backend.OnAnswer("MarketDataService/GetOrderBook", BookOf("alpha"));
  RouterUnderTest router({&backend});
  // Field 99, 3 MiB, before the routing field.
  std::string request("\x9a\x06\x80\x80\xc0\x01", 6);
  request.append(3 << 20, 'x');
  request.append(
      "\x0a\x05"
      "alpha");
  const absl::Status status = router.Call(kGetOrderBook, Bytes(request));
  EXPECT_TRUE(status.ok()) << status;
}

TEST(UnaryForwarding, PassesAnErrorWithItsDetails) {
  FakeBackend backend("alpha");
  backend.OnFail("MarketDataService/GetOrderBook",
                 ToGrpcStatus(MakeError(absl::StatusCode::kNotFound,
                                        common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT,
                                        "no such instrument", {{"exchange_code", "INVALID"}})));
  RouterUnderTest router({&backend});
  const absl::Status status = router.Call(kGetOrderBook, BookRequest("alpha"));
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT);
  EXPECT_EQ(MetadataOf(status).at("exchange_code"), "INVALID");
}

TEST(UnaryForwarding, CutsDetailsThatATrailerCannotHold) {
  FakeBackend backend("alpha");
  backend.OnFail(
      "MarketDataService/GetOrderBook",
      grpc::Status(grpc::StatusCode::NOT_FOUND, std::string(5'000, 'm'), std::string(6'000, 'd')));
  RouterUnderTest router({&backend});
  const absl::Status status = router.Call(kGetOrderBook, BookRequest("alpha"));
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_LE(status.message().size(), 512u);
  // The connection survived.
  backend.OnAnswer("MarketDataService/GetOrderBook", BookOf("alpha"));
  EXPECT_TRUE(router.Call(kGetOrderBook, BookRequest("alpha")).ok());
}

struct OutcomeCase {
  std::string name;
  grpc::StatusCode upstream;
  absl::StatusCode want;
};

class OutcomeTest : public testing::TestWithParam<OutcomeCase> {};

TEST_P(OutcomeTest, OfACommandThatWasSent) {
  FakeBackend backend("alpha");
  backend.OnFail("OrderService/PlaceOrder", grpc::Status(GetParam().upstream, "bare"));
  RouterUnderTest router({&backend});
  const absl::Status status = router.Call(kPlaceOrder, OrderRequest("alpha"));
  EXPECT_EQ(status.code(), GetParam().want) << status;
  if (GetParam().want == absl::StatusCode::kUnknown) {
    EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Codes, OutcomeTest,
    testing::Values(
        OutcomeCase{"unavailable", grpc::StatusCode::UNAVAILABLE, absl::StatusCode::kUnknown},
        OutcomeCase{"cancelled", grpc::StatusCode::CANCELLED, absl::StatusCode::kUnknown},
        OutcomeCase{"internal", grpc::StatusCode::INTERNAL, absl::StatusCode::kUnknown},
        OutcomeCase{"deadline", grpc::StatusCode::DEADLINE_EXCEEDED, absl::StatusCode::kUnknown},
        OutcomeCase{"refused", grpc::StatusCode::FAILED_PRECONDITION,
                    absl::StatusCode::kFailedPrecondition},
        OutcomeCase{"invalid", grpc::StatusCode::INVALID_ARGUMENT,
                    absl::StatusCode::kInvalidArgument}),
    [](const auto& info) { return info.param.name; });

TEST(UnaryForwarding, BelievesAServiceThatSaysNothingWasSent) {
  FakeBackend backend("alpha");
  backend.OnFail(
      "OrderService/PlaceOrder",
      ToGrpcStatus(MakeError(absl::StatusCode::kUnavailable,
                             common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE, "nothing was sent")));
  RouterUnderTest router({&backend});
  const absl::Status status = router.Call(kPlaceOrder, OrderRequest("alpha"));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE);
}

TEST(UnaryForwarding, AReadThatABackendDroppedIsUnavailable) {
  FakeBackend backend("alpha");
  std::promise<void> arrived;
  backend.On("MarketDataService/GetOrderBook",
             [&](const std::shared_ptr<FakeCall>&) { arrived.set_value(); });
  RouterUnderTest router({&backend});
  auto status = std::async(std::launch::async,
                           [&] { return router.Call(kGetOrderBook, BookRequest("alpha")); });
  ASSERT_EQ(arrived.get_future().wait_for(kPatience), std::future_status::ready);
  backend.Kill();
  const absl::Status got = status.get();
  EXPECT_EQ(got.code(), absl::StatusCode::kUnavailable) << got;
  EXPECT_EQ(ReasonOf(got), common::v1::ERROR_REASON_BACKEND_UNAVAILABLE);
}

TEST(UnaryForwarding, ABackendKilledAfterTheWriteLeavesTheOutcomeUnknown) {
  FakeBackend backend("alpha");
  std::promise<void> arrived;
  backend.On("OrderService/PlaceOrder",
             [&](const std::shared_ptr<FakeCall>&) { arrived.set_value(); });
  RouterUnderTest router({&backend});
  auto status = std::async(std::launch::async,
                           [&] { return router.Call(kPlaceOrder, OrderRequest("alpha")); });
  ASSERT_EQ(arrived.get_future().wait_for(kPatience), std::future_status::ready);
  backend.Kill();
  const absl::Status got = status.get();
  EXPECT_EQ(got.code(), absl::StatusCode::kUnknown) << got;
  EXPECT_EQ(ReasonOf(got), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
}

TEST(UnaryForwarding, ABackendThatIsNotThereGetsNothing) {
  FakeBackend backend("alpha");
  RouterUnderTest router({&backend});
  backend.Kill();
  ASSERT_TRUE(router.WaitForHealth("alpha/order", false));
  const absl::Status status = router.Call(kPlaceOrder, OrderRequest("alpha"));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_BACKEND_UNAVAILABLE);
}

TEST(UnaryForwarding, AUnixSocketThatIsNotThereGetsNothingEither) {
  const SocketPath absent;
  config::v1::RouterConfig config = ConfigFor({});
  config.add_backends()->set_exchange("alpha");
  config.mutable_backends(0)->add_addresses(absent.address());
  RouterUnderTest router(config);
  const absl::Status status = router.Call(kPlaceOrder, OrderRequest("alpha"));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_BACKEND_UNAVAILABLE);
}

TEST(UnaryForwarding, AUnixSocketThatDiesAfterTheWriteLeavesTheOutcomeUnknown) {
  const SocketPath socket;
  FakeBackend backend("alpha", socket.address());
  std::promise<void> arrived;
  backend.On("OrderService/PlaceOrder",
             [&](const std::shared_ptr<FakeCall>&) { arrived.set_value(); });
  RouterUnderTest router({&backend});
  auto status = std::async(std::launch::async,
                           [&] { return router.Call(kPlaceOrder, OrderRequest("alpha")); });
  ASSERT_EQ(arrived.get_future().wait_for(kPatience), std::future_status::ready);
  backend.Kill();
  const absl::Status got = status.get();
  EXPECT_EQ(ReasonOf(got), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN) << got;
}

TEST(UnaryForwarding, ADeadExchangeLeavesTheOthersAlone) {
  FakeBackend dead("alpha");
  FakeBackend alive("beta");
  alive.OnAnswer("MarketDataService/GetOrderBook", BookOf("beta"));
  RouterUnderTest router({&dead, &alive});
  dead.Kill();
  EXPECT_FALSE(router.Call(kGetOrderBook, BookRequest("alpha")).ok());
  EXPECT_TRUE(router.Call(kGetOrderBook, BookRequest("beta")).ok());
}

TEST(UnaryForwarding, CarriesTheDeadline) {
  FakeBackend backend("alpha");
  std::promise<std::chrono::system_clock::time_point> seen;
  backend.On("MarketDataService/GetOrderBook", [&](const std::shared_ptr<FakeCall>& call) {
    seen.set_value(call->deadline());
    call->Answer(BookOf("alpha"));
  });
  RouterUnderTest router({&backend});
  grpc::ClientContext context;
  const auto deadline = std::chrono::system_clock::now() + std::chrono::seconds(7);
  context.set_deadline(deadline);
  ASSERT_TRUE(router.Call(kGetOrderBook, BookRequest("alpha"), nullptr, &context).ok());
  const auto difference = seen.get_future().get() - deadline;
  EXPECT_LT(std::chrono::abs(difference), std::chrono::milliseconds(900));
}

TEST(UnaryForwarding, GivesADeadlineToCallsWithoutOne) {
  FakeBackend backend("alpha");
  std::promise<std::chrono::system_clock::time_point> seen;
  backend.On("MarketDataService/GetOrderBook", [&](const std::shared_ptr<FakeCall>& call) {
    seen.set_value(call->deadline());
    call->Answer(BookOf("alpha"));
  });
  RouterUnderTest router({&backend});
  ASSERT_TRUE(router.Call(kGetOrderBook, BookRequest("alpha")).ok());
  const auto left = seen.get_future().get() - std::chrono::system_clock::now();
  EXPECT_GT(left, std::chrono::seconds(5));
  EXPECT_LT(left, std::chrono::seconds(12));
}

TEST(UnaryForwarding, ACommandThatIsNotAnsweredInTimeIsOfUnknownOutcome) {
  FakeBackend backend("alpha");
  const auto never = [](const std::shared_ptr<FakeCall>&) {};
  backend.On("OrderService/PlaceOrder", never);
  backend.On("OrderService/GetOrder", never);
  config::v1::RouterConfig config = ConfigFor({&backend});
  config.set_default_deadline_ms(500);
  RouterUnderTest router(config);
  ASSERT_TRUE(router.WaitForHealth("alpha/order", true));
  const absl::Status command = router.Call(kPlaceOrder, OrderRequest("alpha"));
  EXPECT_EQ(backend.calls("OrderService/PlaceOrder"), 1u);
  EXPECT_EQ(command.code(), absl::StatusCode::kUnknown) << command;
  EXPECT_EQ(ReasonOf(command), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
  const absl::Status read = router.Call(kGetOrder, OrderRequest("alpha"));
  EXPECT_EQ(read.code(), absl::StatusCode::kDeadlineExceeded) << read;
}

TEST(UnaryForwarding, CarriesACancellation) {
  FakeBackend backend("alpha");
  std::promise<std::shared_ptr<FakeCall>> arrived;
  backend.On("OrderService/GetOrder",
             [&](const std::shared_ptr<FakeCall>& call) { arrived.set_value(call); });
  RouterUnderTest router({&backend});
  grpc::ClientContext context;
  auto status = std::async(std::launch::async, [&] {
    return router.Call(kGetOrder, OrderRequest("alpha"), nullptr, &context);
  });
  const std::shared_ptr<FakeCall> call = arrived.get_future().get();
  context.TryCancel();
  EXPECT_TRUE(call->WaitUntilCancelled());
  EXPECT_EQ(status.get().code(), absl::StatusCode::kCancelled);
}

TEST(UnaryForwarding, PassesAllowedMetadataAlone) {
  FakeBackend backend("alpha");
  std::promise<std::map<std::string, std::string>> seen;
  backend.On("MarketDataService/GetOrderBook", [&](const std::shared_ptr<FakeCall>& call) {
    seen.set_value(call->metadata());
    call->Answer(BookOf("alpha"));
  });
  RouterUnderTest router({&backend});
  grpc::ClientContext context;
  context.AddMetadata("traceparent", "00-1-2-01");
  context.AddMetadata("x-request-id", "r1");
  context.AddMetadata("authorization", "Bearer secret");
  context.AddMetadata("x-switchyard-principal", "somebody else");
  ASSERT_TRUE(router.Call(kGetOrderBook, BookRequest("alpha"), nullptr, &context).ok());
  const auto metadata = seen.get_future().get();
  EXPECT_EQ(metadata.at("traceparent"), "00-1-2-01");
  EXPECT_EQ(metadata.at("x-request-id"), "r1");
  EXPECT_FALSE(metadata.contains("authorization"));
  EXPECT_FALSE(metadata.contains("x-switchyard-principal"));
}

TEST(UnaryForwarding, PrefersTheFirstAddressAndFallsBackToTheNext) {
  FakeBackend standby("alpha");
  standby.OnAnswer("MarketDataService/GetOrderBook", BookOf("alpha"));
  FakeBackend active("alpha");
  active.OnAnswer("MarketDataService/GetOrderBook", BookOf("alpha"));
  config::v1::RouterConfig config = ConfigFor({&active});
  config.mutable_backends(0)->add_addresses(standby.address());
  RouterUnderTest router(config);
  ASSERT_TRUE(router.WaitForHealth("alpha/market_data", true));
  active.Kill();
  // Until the loss is noticed a read may fail; it never goes on failing.
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  while (!router.Call(kGetOrderBook, BookRequest("alpha")).ok()) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up);
  }
  EXPECT_GE(standby.calls("MarketDataService/GetOrderBook"), 1u);
}

TEST(UnaryForwarding, CountsCallsByMethodAndCode) {
  FakeBackend backend("alpha");
  backend.OnAnswer("MarketDataService/GetOrderBook", BookOf("alpha"));
  RouterUnderTest router({&backend});
  ASSERT_TRUE(router.Call(kGetOrderBook, BookRequest("alpha")).ok());
  EXPECT_FALSE(router.Call(kGetOrderBook, BookRequest("gamma")).ok());
  const std::string metrics = router.metrics();
  EXPECT_NE(metrics.find("switchyard_router_forwarded_calls_total{code=\"OK\",method="
                         "\"MarketDataService/GetOrderBook\"} 1"),
            std::string::npos)
      << metrics;
  EXPECT_NE(metrics.find("code=\"INVALID_ARGUMENT\",method=\"MarketDataService/GetOrderBook\"} 1"),
            std::string::npos);
}

}  // namespace
}  // namespace switchyard::router
