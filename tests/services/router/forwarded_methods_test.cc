#include "services/router/forwarded_methods.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace switchyard::router {
namespace {

std::map<std::string, ForwardedMethod> AllMethods() {
  std::map<std::string, ForwardedMethod> methods;
  for (const ForwardedService& service : ForwardedServices()) {
    for (int i = 0; i < service.descriptor->method_count(); ++i) {
      const ForwardedMethod method(*service.descriptor->method(i));
      methods.emplace(method.short_name, method);
    }
  }
  return methods;
}

TEST(ForwardedMethods, AreThoseOfTheFourServices) {
  std::map<std::string, std::string> components;
  for (const ForwardedService& service : ForwardedServices()) {
    components[service.descriptor->full_name()] = service.component;
  }
  EXPECT_EQ(components, (std::map<std::string, std::string>{
                            {"switchyard.marketdata.v1.MarketDataService", "market_data"},
                            {"switchyard.order.v1.OrderService", "order"},
                            {"switchyard.position.v1.PositionService", "position"},
                            {"switchyard.account.v1.AccountService", "account"}}));
}

TEST(ForwardedMethods, EachStatesARole) {
  for (const auto& [name, method] : AllMethods()) {
    EXPECT_NE(method.role, common::v1::ROLE_UNSPECIFIED) << name;
  }
}

struct Case {
  std::string name;
  std::string method;
  bool has_effects;
  bool server_streaming;
};

class EffectsTest : public testing::TestWithParam<Case> {};

TEST_P(EffectsTest, ComeFromTheDescriptor) {
  const auto methods = AllMethods();
  const auto method = methods.find(GetParam().method);
  ASSERT_NE(method, methods.end());
  EXPECT_EQ(method->second.has_effects, GetParam().has_effects);
  EXPECT_EQ(method->second.server_streaming, GetParam().server_streaming);
}

INSTANTIATE_TEST_SUITE_P(
    Methods, EffectsTest,
    testing::Values(Case{"book", "MarketDataService/GetOrderBook", false, false},
                    Case{"stream", "MarketDataService/StreamMarketData", false, true},
                    Case{"place", "OrderService/PlaceOrder", true, false},
                    Case{"cancel_all", "OrderService/CancelAllOrders", true, false},
                    Case{"get", "OrderService/GetOrder", false, false},
                    Case{"close", "PositionService/ClosePosition", true, false},
                    Case{"leverage", "AccountService/SetLeverage", true, false},
                    Case{"withdraw", "AccountService/Withdraw", true, false}),
    [](const auto& info) { return info.param.name; });

TEST(ForwardedMethods, KnowTheirPath) {
  EXPECT_EQ(AllMethods().at("OrderService/PlaceOrder").path,
            "/switchyard.order.v1.OrderService/PlaceOrder");
}

}  // namespace
}  // namespace switchyard::router
