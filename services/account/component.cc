#include "services/account/component.h"

#include <memory>
#include <utility>

#include "common/status/status.h"
#include "services/account/account_service.h"
#include "services/accounts/owned_accounts.h"

namespace switchyard::account {
namespace {

absl::StatusOr<process::ServedComponent> Make(const process::ServiceContext& context) {
  using Owned = accounts::OwnedAccounts<exchange::AccountClient>;
  SWITCHYARD_ASSIGN_OR_RETURN(const std::shared_ptr<Owned> owned,
                              Owned::Create(context, &exchanges::PrivateFactories::account));
  SWITCHYARD_ASSIGN_OR_RETURN(auto service, AccountService::Create(context, owned->directory()));
  return Owned::Serving(context, owned, std::move(service));
}

}  // namespace

process::Component AccountComponent() {
  return {.name = "account",
          .role = exchanges::Component::kAccount,
          .needs_connection = false,
          .make = &Make};
}

}  // namespace switchyard::account
