#include "services/access/methods.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <array>
#include <utility>

namespace switchyard::access {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::MethodOptions;

constexpr char kStatus[] = "status";
constexpr char kRouter[] = "router";
constexpr std::array<std::pair<std::string_view, const char*>, 6> kServices = {{
    {"market_data", "switchyard.marketdata.v1.MarketDataService"},
    {"order", "switchyard.order.v1.OrderService"},
    {"position", "switchyard.position.v1.PositionService"},
    {"account", "switchyard.account.v1.AccountService"},
    {kStatus, "switchyard.status.v1.StatusService"},
    {kRouter, "switchyard.router.v1.RouterService"},
}};

std::string ComponentOf(const std::string& service) {
  for (const auto& [component, name] : kServices) {
    if (service == name) return std::string(component);
  }
  return "";
}

bool IsText(const Descriptor& message, int number, const char* name) {
  const FieldDescriptor* const field = message.FindFieldByNumber(number);
  return field != nullptr && field->name() == name && !field->is_repeated() &&
         field->type() == FieldDescriptor::TYPE_STRING;
}

Scope ScopeOf(const MethodDescriptor& method, const std::string& component) {
  const Descriptor& request = *method.input_type();
  if (component == kRouter) return Scope::kSpanning;
  if (component == kStatus) return Scope::kExchangeOrAll;
  const FieldDescriptor* const first = request.FindFieldByNumber(1);
  if (first != nullptr && first->name() == "subscriptions") return Scope::kSubscriptions;
  return IsText(request, 2, "account") ? Scope::kExchangeAndAccount : Scope::kExchange;
}

}  // namespace

Method::Method(const MethodDescriptor& descriptor)
    : descriptor(descriptor),
      path(fmt::format("/{}/{}", descriptor.service()->full_name(), descriptor.name())),
      name(fmt::format("{}/{}", descriptor.service()->name(), descriptor.name())),
      component(ComponentOf(descriptor.service()->full_name())),
      role(descriptor.options().GetExtension(common::v1::role)),
      has_effects(descriptor.options().idempotency_level() != MethodOptions::NO_SIDE_EFFECTS),
      cancels(descriptor.name().rfind("Cancel", 0) == 0),
      streams(descriptor.server_streaming()),
      scope(ScopeOf(descriptor, component)) {}

const google::protobuf::ServiceDescriptor* ServiceOf(std::string_view component) {
  for (const auto& [each, name] : kServices) {
    if (each == component) {
      return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    }
  }
  return nullptr;
}

}  // namespace switchyard::access
