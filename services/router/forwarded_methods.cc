#include "services/router/forwarded_methods.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include "switchyard/account/v1/account_service.pb.h"
#include "switchyard/marketdata/v1/market_data_service.pb.h"
#include "switchyard/order/v1/order_service.pb.h"
#include "switchyard/position/v1/position_service.pb.h"

namespace switchyard::router {
namespace {

using google::protobuf::MethodDescriptor;
using google::protobuf::MethodOptions;
using google::protobuf::ServiceDescriptor;

// The file of a message also holds its service; naming a message links the descriptors in.
template <typename Message>
const ServiceDescriptor* ServiceBeside(const char* name) {
  return Message::descriptor()->file()->FindServiceByName(name);
}

}  // namespace

const std::vector<ForwardedService>& ForwardedServices() {
  static const auto& services = *new std::vector<ForwardedService>{
      {ServiceBeside<marketdata::v1::GetOrderBookRequest>("MarketDataService"), "market_data",
       access::RoutedBy::kExchange},
      {ServiceBeside<order::v1::PlaceOrderRequest>("OrderService"), "order",
       access::RoutedBy::kExchangeAndAccount},
      {ServiceBeside<position::v1::ListPositionsRequest>("PositionService"), "position",
       access::RoutedBy::kExchangeAndAccount},
      {ServiceBeside<account::v1::GetAccountRequest>("AccountService"), "account",
       access::RoutedBy::kExchangeAndAccount},
  };
  return services;
}

ForwardedMethod::ForwardedMethod(const MethodDescriptor& method)
    : path(fmt::format("/{}/{}", method.service()->full_name(), method.name())),
      short_name(fmt::format("{}/{}", method.service()->name(), method.name())),
      has_effects(method.options().idempotency_level() != MethodOptions::NO_SIDE_EFFECTS),
      server_streaming(method.server_streaming()),
      role(method.options().GetExtension(common::v1::role)) {}

}  // namespace switchyard::router
