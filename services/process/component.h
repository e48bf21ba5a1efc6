#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "exchanges/registry.h"
#include "grpcpp/impl/service_type.h"
#include "services/process/service_context.h"

namespace switchyard::process {

// A service that a process has made of a component.
struct ServedComponent {
  std::unique_ptr<grpc::Service> service;
  // Open client streams that read something of an exchange; unset = none are possible.
  std::function<std::uint32_t(std::string_view exchange)> client_streams{};
  // The life of what the service has besides: private connections, journals. Unset = nothing.
  std::function<void()> start{};  // before anything is served
  // A shutdown begins: nothing new is taken; returns when what is under way is done.
  std::function<void()> drain{};
  std::function<void()> stop{};  // the server has stopped
  // How the private connections to an exchange are; unset = there are none.
  std::function<void(std::string_view exchange, exchange::Reply<exchange::ClientStatus> reply)>
      status{};

  template <typename Service>
  static absl::StatusOr<ServedComponent> Of(absl::StatusOr<std::unique_ptr<Service>> service) {
    if (!service.ok()) return std::move(service).status();
    return ServedComponent{.service = *std::move(service)};
  }
};

// One of the four services, as a process can hold it.
struct Component {
  std::string name;  // `market_data`, `order`, `position` or `account`
  exchanges::Component role;
  // False: what it serves needs no connection to the exchange; it is always ready.
  bool needs_connection;
  // Called once, when the exchange clients exist.
  std::function<absl::StatusOr<ServedComponent>(const ServiceContext& context)> make;
};

}  // namespace switchyard::process
