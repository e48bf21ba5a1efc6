#include "services/account/component.h"

#include <google/protobuf/descriptor.h>

#include "services/process/table_service.h"
#include "switchyard/account/v1/account_service.pb.h"

namespace switchyard::account {

process::Component AccountComponent() {
  return {.name = "account",
          .role = exchanges::Component::kAccount,
          .needs_connection = false,
          .make = [](const process::ServiceContext& context) {
            const auto& file = *v1::GetAccountRequest::descriptor()->file();
            return process::ServedComponent::Of(
                process::TableService::Create(*file.FindServiceByName("AccountService"), context));
          }};
}

}  // namespace switchyard::account
