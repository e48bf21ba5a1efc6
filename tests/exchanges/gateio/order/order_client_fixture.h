#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/metrics/metrics.h"
#include "exchanges/gateio/order/order_client.h"
#include "tests/exchanges/fake_market_data.h"
#include "tests/exchanges/gateio/order/fake_gate.h"
#include "tests/exchanges/gateio/order/markets.h"
#include "tests/exchanges/order_events.h"

namespace switchyard::exchanges::gateio {

// The system's clock, and as much later as a test says. Any thread.
class ShiftedClock final : public Clock {
 public:
  TimeNs Now() const override { return SystemClock().Now() + shift(); }
  std::chrono::nanoseconds Steady() const override { return SystemClock().Steady() + shift(); }
  void Advance(std::chrono::nanoseconds span) { shift_ += span.count(); }

 private:
  std::chrono::nanoseconds shift() const { return std::chrono::nanoseconds(shift_.load()); }

  std::atomic<std::int64_t> shift_{0};
};

inline json::Json OrderOf(const json::Json& param, const std::string& id) {
  return {{"id", id},
          {"text", param["text"]},
          {"currency_pair", param["currency_pair"]},
          {"status", "open"},
          {"finish_as", "open"},
          {"type", "limit"},
          {"side", param["side"]},
          {"amount", param["amount"]},
          {"left", param["amount"]},
          {"price", param["price"]},
          {"time_in_force", "gtc"}};
}

// An order client on a fake exchange.
class OrderClientTest : public testing::Test {
 protected:
  void Start(Product product = Product::kSpot,
             std::chrono::milliseconds timeout = std::chrono::seconds(5)) {
    market_data_ = std::make_unique<FakeMarketData>(product == Product::kSpot ? SpotMarkets()
                                                                              : FuturesMarkets());
    AccountOptions options{{}, {}, timeout, *market_data_};
    options.config.set_exchange(product == Product::kSpot ? "gateio" : "gateio_futures");
    options.config.set_rest_url(gate_.rest_url());
    options.config.set_websocket_url(gate_.websocket_url());
    options.config.mutable_reconnect()->set_first_ms(10);
    if (rollover_seconds_ != 0) options.config.set_rollover_seconds(rollover_seconds_);
    options.account.set_name("main");
    options.account.set_api_key("key");
    options.account.set_secret("secret");
    auto client = CreateOrderClient(product, options, context_);
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
    client_->Start(listener_);
  }
  void TearDown() override {
    if (client_ != nullptr) client_->Stop();
  }

  static exchange::PlaceCommand Bid(const std::string& id, const std::string& symbol = "BTC-USDT") {
    exchange::PlaceCommand command{symbol, id, {}};
    command.terms.side = common::v1::SIDE_BUY;
    command.terms.type = order::v1::ORDER_TYPE_LIMIT;
    command.terms.quantity = *Decimal::Parse("0.001");
    command.terms.price = *Decimal::Parse("65000");
    return command;
  }
  template <typename T>
  static T Wait(std::promise<T>& promise) {
    auto future = promise.get_future();
    if (future.wait_for(std::chrono::seconds(10)) != std::future_status::ready) {
      ADD_FAILURE() << "no reply";
      return T();
    }
    return future.get();
  }
  std::vector<exchange::CommandResult> Place(std::vector<exchange::PlaceCommand> commands) {
    std::promise<std::vector<exchange::CommandResult>> done;
    client_->Place(std::move(commands), [&](auto results) { done.set_value(*results); });
    return Wait(done);
  }
  std::size_t RestCalls(const std::string& prefix) const {
    std::size_t count = 0;
    for (const std::string& request : gate_.rest_requests()) {
      if (request.starts_with(prefix)) ++count;
    }
    return count;
  }

  FakeGate gate_;
  metrics::Metrics metrics_;
  ShiftedClock clock_;
  exchange::ClientContext context_{clock_, metrics_};
  OrderEvents listener_;
  std::uint32_t rollover_seconds_ = 0;  // before Start; 0 = the exchange's own
  std::unique_ptr<FakeMarketData> market_data_;
  std::unique_ptr<exchange::OrderClient> client_;
};

}  // namespace switchyard::exchanges::gateio
