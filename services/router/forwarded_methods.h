#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/access/routing_fields.h"
#include "switchyard/common/v1/options.pb.h"

namespace google::protobuf {
class MethodDescriptor;
class ServiceDescriptor;
}  // namespace google::protobuf

namespace switchyard::router {

// A service of the backends that the router offers by forwarding.
struct ForwardedService {
  const google::protobuf::ServiceDescriptor* descriptor;
  // `market_data`, `order`, `position` or `account`: which backend serves it.
  std::string_view component;
  access::RoutedBy routed_by;
};

// All four; lives for the whole process.
const std::vector<ForwardedService>& ForwardedServices();

// What the router knows of a method, from the descriptors alone.
struct ForwardedMethod {
  explicit ForwardedMethod(const google::protobuf::MethodDescriptor& method);

  // "/switchyard.order.v1.OrderService/PlaceOrder".
  std::string path;
  // "OrderService/PlaceOrder", as capabilities and metrics name it.
  std::string short_name;
  // Not marked NO_SIDE_EFFECTS: the outcome of a call that got no answer is unknown.
  bool has_effects;
  bool server_streaming;
  // ROLE_UNSPECIFIED: nobody may call it.
  common::v1::Role role;
};

}  // namespace switchyard::router
