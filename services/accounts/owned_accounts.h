#pragma once

#include <chrono>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/status/status.h"
#include "services/accounts/account_directory.h"
#include "services/accounts/account_status.h"
#include "services/process/account_clients.h"
#include "services/process/component.h"

namespace switchyard::accounts {

// How long commands under way may take at shutdown.
inline std::chrono::milliseconds DrainOf(const process::ServiceContext& context) {
  return std::chrono::milliseconds(context.orders.has_drain_ms() ? context.orders.drain_ms()
                                                                 : 5'000);
}

// The private clients of one component, and how requests find them. Starting them is the service's;
// they are stopped here.
template <typename Client>
class OwnedAccounts {
 public:
  // Of every account that `context` configures; `half` is the clients' factory.
  // Errors: InvalidArgument, naming the field.
  static absl::StatusOr<std::shared_ptr<OwnedAccounts>> Create(
      const process::ServiceContext& context,
      exchanges::PrivateFactory<Client> exchanges::PrivateFactories::*half) {
    const std::chrono::milliseconds timeout(
        context.orders.has_command_timeout_ms() ? context.orders.command_timeout_ms() : 5'000);
    auto owned = std::make_shared<OwnedAccounts>();
    SWITCHYARD_ASSIGN_OR_RETURN(owned->clients_,
                                process::MakeAccountClients<Client>(context, half, timeout));
    for (const auto& each : owned->clients_) {
      owned->directory_.Add(each.exchange, each.config, *each.client);
    }
    return owned;
  }

  const AccountDirectory<Client>& directory() const { return directory_; }
  void Stop() {
    for (const auto& each : clients_) each.client->Stop();
  }

  // `service` over `owned`, as a process serves it.
  template <typename Service>
  static process::ServedComponent Serving(const process::ServiceContext& context,
                                          const std::shared_ptr<OwnedAccounts>& owned,
                                          std::unique_ptr<Service> service) {
    Service& served = *service;
    // The functions own the clients, and so end before the service that these tell.
    return process::ServedComponent{
        .service = std::move(service),
        .client_streams = [&served](std::string_view id) { return served.OpenStreams(id); },
        .start = [&served] { served.Start(); },
        .drain = [&served, drain = DrainOf(context)] { served.Drain(drain); },
        .stop = [owned] { owned->Stop(); },
        .status = [owned](std::string_view id,
                          auto reply) { ReadStatus(owned->directory(), id, std::move(reply)); }};
  }

 private:
  std::vector<process::AccountClient<Client>> clients_;
  AccountDirectory<Client> directory_;
};

}  // namespace switchyard::accounts
