#pragma once

#include <string>
#include <string_view>

#include "switchyard/common/v1/options.pb.h"

namespace google::protobuf {
class MethodDescriptor;
class ServiceDescriptor;
}  // namespace google::protobuf

namespace switchyard::access {

// What a request says of the exchanges and accounts that it is about.
enum class Scope {
  // Nothing that holds for all of it: the handler itself leaves out what is not granted.
  kSpanning,
  // Field 1, `exchange`.
  kExchange,
  // The same; empty = all exchanges.
  kExchangeOrAll,
  // Fields 1 and 2, `exchange` and `account`.
  kExchangeAndAccount,
  // Field 1, `subscriptions`, each with an `exchange`.
  kSubscriptions,
};

// What the descriptors say of an RPC.
struct Method {
  explicit Method(const google::protobuf::MethodDescriptor& descriptor);

  const google::protobuf::MethodDescriptor& descriptor;
  // "/switchyard.order.v1.OrderService/PlaceOrder".
  std::string path;
  // "OrderService/PlaceOrder".
  std::string name;
  // `market_data`, `order`, `position`, `account`, `status` or `router`.
  std::string component;
  // ROLE_UNSPECIFIED: nobody may call it.
  common::v1::Role role;
  // Not marked NO_SIDE_EFFECTS.
  bool has_effects;
  // Takes back: it passes where new orders no longer may.
  bool cancels;
  bool streams;
  Scope scope;
};

// The service of a component, named as Method's. Null where it is not linked in or there is none.
const google::protobuf::ServiceDescriptor* ServiceOf(std::string_view component);

}  // namespace switchyard::access
