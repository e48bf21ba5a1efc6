#pragma once

#include "services/process/component.h"

namespace switchyard::order {

// OrderService over the configured accounts. Without any, calls are answered from the capability
// tables, and with UNKNOWN_ACCOUNT.
process::Component OrderComponent();

}  // namespace switchyard::order
