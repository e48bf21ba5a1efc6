#pragma once

#include "services/process/component.h"

namespace switchyard::order {

// OrderService as far as it exists: every RPC is answered from the capability tables.
process::Component OrderComponent();

}  // namespace switchyard::order
