#include "services/order/component.h"

#include <google/protobuf/descriptor.h>

#include "services/process/table_service.h"
#include "switchyard/order/v1/order_service.pb.h"

namespace switchyard::order {

process::Component OrderComponent() {
  return {.name = "order",
          .role = exchanges::Component::kOrder,
          .needs_connection = false,
          .make = [](const process::ServiceContext& context) {
            const auto& file = *v1::PlaceOrderRequest::descriptor()->file();
            return process::ServedComponent::Of(
                process::TableService::Create(*file.FindServiceByName("OrderService"), context));
          }};
}

}  // namespace switchyard::order
