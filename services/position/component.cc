#include "services/position/component.h"

#include <memory>
#include <utility>

#include "common/status/status.h"
#include "services/accounts/owned_accounts.h"
#include "services/position/position_service.h"

namespace switchyard::position {
namespace {

absl::StatusOr<process::ServedComponent> Make(const process::ServiceContext& context) {
  using Owned = accounts::OwnedAccounts<exchange::PositionClient>;
  SWITCHYARD_ASSIGN_OR_RETURN(const std::shared_ptr<Owned> owned,
                              Owned::Create(context, &exchanges::PrivateFactories::position));
  return Owned::Serving(context, owned,
                        std::make_unique<PositionService>(context, owned->directory()));
}

}  // namespace

process::Component PositionComponent() {
  return {.name = "position",
          .role = exchanges::Component::kPosition,
          .needs_connection = false,
          .make = &Make};
}

}  // namespace switchyard::position
