#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/order/order_service.h"
#include "switchyard/order/v1/order_service.grpc.pb.h"
#include "tests/services/accounts/service_host.h"
#include "tests/services/order/fake_order_client.h"

namespace switchyard::testing {

using order::v1::Order;
using order::v1::OrderEvent;
using Act = FakeOrderClient::Act;

// A reader of StreamOrderEvents.
class EventReader {
 public:
  EventReader(order::v1::OrderService::Stub& stub,
              std::optional<common::v1::JournalPosition> resume_from = {},
              const std::string& session = {})
      : reader_(stub, &order::v1::OrderService::Stub::StreamOrderEvents,
                Request(std::move(resume_from), session)) {
    const auto first = reader_.Next();
    EXPECT_TRUE(first.has_value() && first->has_acknowledgement());
  }

  OrderEvent Next() { return reader_.NextEvent(); }
  // The first event from now on that `wanted` accepts.
  template <typename Wanted>
  OrderEvent Until(Wanted wanted) {
    while (true) {
      OrderEvent event = Next();
      if (event.exchange().empty() || wanted(event)) return event;  // the former: it has ended
    }
  }
  Order UntilState(order::v1::OrderState state) {
    return Until([&](const OrderEvent& event) {
             return event.has_order() && event.order().state() == state;
           })
        .order();
  }
  absl::Status Finish() { return reader_.Finish(); }

 private:
  static order::v1::StreamOrderEventsRequest Request(
      std::optional<common::v1::JournalPosition> resume_from, const std::string& session) {
    order::v1::StreamOrderEventsRequest request;
    request.set_exchange("alpha");
    request.set_session_id(session);
    if (resume_from.has_value()) *request.mutable_resume_from() = *std::move(resume_from);
    return request;
  }

  StreamReader<order::v1::StreamOrderEventsResponse, OrderEvent> reader_;
};

// OrderService with one account, "main" of "alpha", on a scripted exchange. Restart is a new
// process on the same journal and exchange.
class OrderHarness : public ::testing::Test {
 protected:
  OrderHarness() {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              (std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(folder_);
    options_.resolve_first = std::chrono::milliseconds(5);
    options_.fills_grace = std::chrono::milliseconds(5);
    options_.orphan_wait = std::chrono::milliseconds(20);
    options_.tick = std::chrono::milliseconds(5);
    options_.reconcile_interval = std::chrono::hours(1);
    options_.drain = std::chrono::seconds(2);
  }
  ~OrderHarness() override { Stop(); }

  void Start() {
    host_ = std::make_unique<ServiceHost>();
    config::v1::AccountConfig account;
    account.set_name("main");
    if (risk_.has_value()) *account.mutable_risk() = *risk_;
    order::DeskSpec spec;
    spec.exchange = "alpha";
    spec.account = "main";
    spec.limits = *order::risk::ParseLimits(account);
    spec.options = options_;
    spec.journal.path = folder_ / "alpha.main.journal";
    spec.journal.exchange = "alpha";
    spec.journal.account = "main";
    spec.journal.synchronous = order::journal::Synchronous::kOff;
    auto desk =
        order::AccountDesk::Create(std::move(spec), std::make_unique<BorrowedOrderClient>(exchange),
                                   host_->alpha, host_->metrics, SystemClock());
    ASSERT_TRUE(desk.ok()) << desk.status();
    std::vector<std::unique_ptr<order::AccountDesk>> desks;
    desks.push_back(*std::move(desk));
    service_ = std::make_unique<order::OrderService>(host_->context(), std::move(desks));
    service_->Start();
    stub_ = order::v1::OrderService::NewStub(host_->Serve(*service_));
  }
  // Started, and reconciled.
  void StartReady() {
    Start();
    WaitUntilAccepting();
  }
  void WaitUntilAccepting() {
    order::v1::GetRiskLimitsResponse limits;
    do {
      limits = Limits();
    } while (!limits.accepting_orders() && !::testing::Test::HasFailure());
  }
  void Stop() {
    if (service_ == nullptr) return;
    service_->Drain();
    host_->Shutdown();
    service_->Stop();
    stub_.reset();
    service_.reset();
    host_.reset();
  }

  static order::v1::OrderTicket Ticket(const std::string& id, const std::string& quantity = "3",
                                       const std::string& price = "100.5") {
    order::v1::OrderTicket ticket;
    ticket.set_client_order_id(id);
    ticket.set_symbol("BTC-USDT");
    ticket.set_side(common::v1::SIDE_BUY);
    ticket.set_type(order::v1::ORDER_TYPE_LIMIT);
    ticket.set_quantity(quantity);
    ticket.set_price(price);
    return ticket;
  }
  // How the exchange knows the order that was placed as number `number`.
  static std::string ExchangeId(int number, const std::string& id) {
    return "t-" + std::to_string(number) + "-" + id;
  }

  template <typename Response, typename Request, typename Method>
  absl::StatusOr<Response> Call(Method method, Request request) {
    request.set_exchange("alpha");
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    Response response;
    const absl::Status status = FromGrpcStatus(((*stub_).*method)(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  }

  absl::StatusOr<order::v1::PlaceOrderResponse> Place(const order::v1::OrderTicket& ticket) {
    order::v1::PlaceOrderRequest request;
    *request.mutable_ticket() = ticket;
    return Call<order::v1::PlaceOrderResponse>(&order::v1::OrderService::Stub::PlaceOrder, request);
  }
  absl::StatusOr<order::v1::CancelOrderResponse> Cancel(const std::string& id,
                                                        const std::string& request_id) {
    order::v1::CancelOrderRequest request;
    request.mutable_order()->set_client_order_id(id);
    request.set_request_id(request_id);
    return Call<order::v1::CancelOrderResponse>(&order::v1::OrderService::Stub::CancelOrder,
                                                request);
  }
  absl::StatusOr<order::v1::AmendOrderResponse> Amend(const std::string& id,
                                                      const std::string& request_id,
                                                      const std::string& price) {
    order::v1::AmendOrderRequest request;
    request.mutable_order()->set_client_order_id(id);
    request.set_request_id(request_id);
    request.set_price(price);
    return Call<order::v1::AmendOrderResponse>(&order::v1::OrderService::Stub::AmendOrder, request);
  }
  // As the journal knows it.
  absl::StatusOr<order::v1::GetOrderResponse> Get(const std::string& id) {
    order::v1::GetOrderRequest request;
    request.mutable_order()->set_client_order_id(id);
    request.set_max_age_ns(std::int64_t{3'600} * 1'000'000'000);
    request.set_include_fills(true);
    return Call<order::v1::GetOrderResponse>(&order::v1::OrderService::Stub::GetOrder, request);
  }
  absl::StatusOr<Order> Wait(const std::string& id, order::v1::WaitCondition condition) {
    order::v1::WaitForOrderRequest request;
    request.mutable_order()->set_client_order_id(id);
    request.set_condition(condition);
    auto waited = Call<order::v1::WaitForOrderResponse>(
        &order::v1::OrderService::Stub::WaitForOrder, request);
    if (!waited.ok()) return waited.status();
    EXPECT_FALSE(waited->timed_out());
    return waited->order();
  }
  order::v1::GetRiskLimitsResponse Limits() {
    auto limits = Call<order::v1::GetRiskLimitsResponse>(
        &order::v1::OrderService::Stub::GetRiskLimits, order::v1::GetRiskLimitsRequest());
    EXPECT_TRUE(limits.ok()) << limits.status();
    return limits.ok() ? *limits : order::v1::GetRiskLimitsResponse();
  }

  // Outlives restarts.
  FakeOrderClient exchange{EverythingOffered("alpha")};
  std::filesystem::path folder_;
  order::DeskOptions options_;
  std::optional<config::v1::RiskConfig> risk_;
  std::unique_ptr<ServiceHost> host_;
  std::unique_ptr<order::OrderService> service_;
  std::unique_ptr<order::v1::OrderService::Stub> stub_;
};

}  // namespace switchyard::testing
