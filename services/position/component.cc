#include "services/position/component.h"

#include <google/protobuf/descriptor.h>

#include "services/process/table_service.h"
#include "switchyard/position/v1/position_service.pb.h"

namespace switchyard::position {

process::Component PositionComponent() {
  return {.name = "position",
          .role = exchanges::Component::kPosition,
          .needs_connection = false,
          .make = [](const process::ServiceContext& context) {
            const auto& file = *v1::GetPositionRequest::descriptor()->file();
            return process::ServedComponent::Of(
                process::TableService::Create(*file.FindServiceByName("PositionService"), context));
          }};
}

}  // namespace switchyard::position
