#include "services/position/component.h"

#include <memory>
#include <utility>

#include "common/status/status.h"
#include "services/accounts/account_status.h"
#include "services/accounts/owned_accounts.h"
#include "services/position/position_service.h"

namespace switchyard::position {
namespace {

absl::StatusOr<process::ServedComponent> Make(const process::ServiceContext& context) {
  using Owned = accounts::OwnedAccounts<exchange::PositionClient>;
  SWITCHYARD_ASSIGN_OR_RETURN(const std::shared_ptr<Owned> owned,
                              Owned::Create(context, &exchanges::PrivateFactories::position));
  auto service = std::make_unique<PositionService>(context, owned->directory());
  PositionService& served = *service;
  // The functions own the clients, and so end before the service that these tell.
  return process::ServedComponent{
      .service = std::move(service),
      .client_streams = [&served](std::string_view id) { return served.OpenStreams(id); },
      .start = [&served] { served.Start(); },
      .drain = [&served, drain = accounts::DrainOf(context)] { served.Drain(drain); },
      .stop = [owned] { owned->Stop(); },
      .status =
          [owned](std::string_view id, auto reply) {
            accounts::ReadStatus(owned->directory(), id, std::move(reply));
          }};
}

}  // namespace

process::Component PositionComponent() {
  return {.name = "position",
          .role = exchanges::Component::kPosition,
          .needs_connection = false,
          .make = &Make};
}

}  // namespace switchyard::position
