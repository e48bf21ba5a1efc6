#include "services/access/methods.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <tuple>

#include "switchyard/account/v1/account_service.pb.h"
#include "switchyard/marketdata/v1/market_data_service.pb.h"
#include "switchyard/order/v1/order_service.pb.h"
#include "switchyard/position/v1/position_service.pb.h"
#include "switchyard/router/v1/router_service.pb.h"
#include "switchyard/status/v1/status_service.pb.h"

namespace switchyard::access {
namespace {

using common::v1::ROLE_ADMIN;
using common::v1::ROLE_READ;
using common::v1::ROLE_TRADE;

constexpr const char* kComponents[] = {"market_data", "order",  "position",
                                       "account",     "status", "router"};

std::map<std::string, Method> AllMethods() {
  // Naming a message links its file's descriptors in.
  (void)marketdata::v1::GetOrderBookRequest::descriptor();
  (void)order::v1::PlaceOrderRequest::descriptor();
  (void)position::v1::ListPositionsRequest::descriptor();
  (void)account::v1::GetAccountRequest::descriptor();
  (void)router::v1::ListExchangesRequest::descriptor();
  (void)status::v1::GetStatusRequest::descriptor();
  std::map<std::string, Method> methods;
  for (const char* component : kComponents) {
    const google::protobuf::ServiceDescriptor* const service = ServiceOf(component);
    EXPECT_NE(service, nullptr) << component;
    for (int i = 0; service != nullptr && i < service->method_count(); ++i) {
      const Method method(*service->method(i));
      EXPECT_EQ(method.component, component);
      methods.emplace(method.name, method);
    }
  }
  return methods;
}

// Written by hand from what each RPC does; the contract may not grow one that nobody judged.
const std::map<std::string, common::v1::Role>& Effects() {
  static const auto& effects = *new std::map<std::string, common::v1::Role>{
      {"OrderService/PlaceOrder", ROLE_TRADE},
      {"OrderService/PlaceOrders", ROLE_TRADE},
      {"OrderService/AmendOrder", ROLE_TRADE},
      {"OrderService/CancelOrder", ROLE_TRADE},
      {"OrderService/CancelOrders", ROLE_TRADE},
      {"OrderService/CancelAllOrders", ROLE_TRADE},
      {"OrderService/SetKillSwitch", ROLE_ADMIN},
      {"PositionService/ClosePosition", ROLE_TRADE},
      {"PositionService/AdjustPositionMargin", ROLE_TRADE},
      {"AccountService/SetLeverage", ROLE_TRADE},
      {"AccountService/SetMarginMode", ROLE_TRADE},
      {"AccountService/SetPositionMode", ROLE_TRADE},
      {"AccountService/Withdraw", ROLE_ADMIN},
      {"AccountService/Transfer", ROLE_ADMIN},
      {"RouterService/CancelEverything", ROLE_TRADE}};
  return effects;
}

TEST(Methods, WithEffectsNeedMoreThanReadingAndAllOthersRead) {
  for (const auto& [name, method] : AllMethods()) {
    const auto effect = Effects().find(name);
    EXPECT_EQ(method.has_effects, effect != Effects().end()) << name;
    EXPECT_EQ(method.role, effect == Effects().end() ? ROLE_READ : effect->second) << name;
  }
  EXPECT_EQ(AllMethods().size(), 55u);
}

TEST(Methods, OfAccountsAreJudgedByAccount) {
  for (const auto& [name, method] : AllMethods()) {
    const bool is_private = method.component == "order" || method.component == "position" ||
                            method.component == "account";
    EXPECT_EQ(method.scope == Scope::kExchangeAndAccount, is_private) << name;
  }
}

TEST(Methods, OfMarketDataAreJudgedByExchange) {
  for (const auto& [name, method] : AllMethods()) {
    if (method.component != "market_data") continue;
    const bool is_stream = name == "MarketDataService/StreamMarketData";
    EXPECT_EQ(method.scope, is_stream ? Scope::kSubscriptions : Scope::kExchange) << name;
    EXPECT_EQ(method.streams, is_stream) << name;
  }
}

TEST(Methods, OfAllExchangesAreKnown) {
  const auto methods = AllMethods();
  EXPECT_EQ(methods.at("StatusService/GetStatus").scope, Scope::kExchangeOrAll);
  EXPECT_EQ(methods.at("RouterService/GetPortfolio").scope, Scope::kSpanning);
}

TEST(Methods, CancellationsAreKnown) {
  const auto methods = AllMethods();
  EXPECT_TRUE(methods.at("OrderService/CancelAllOrders").cancels);
  EXPECT_TRUE(methods.at("RouterService/CancelEverything").cancels);
  EXPECT_FALSE(methods.at("OrderService/PlaceOrder").cancels);
  EXPECT_FALSE(methods.at("PositionService/ClosePosition").cancels);
}

TEST(Methods, KnowTheirPath) {
  EXPECT_EQ(AllMethods().at("OrderService/PlaceOrder").path,
            "/switchyard.order.v1.OrderService/PlaceOrder");
  EXPECT_EQ(ServiceOf("nothing"), nullptr);
}

}  // namespace
}  // namespace switchyard::access
