#pragma once

#include "services/process/component.h"

namespace switchyard::position {

// PositionService as far as it exists: every RPC is answered from the capability tables.
process::Component PositionComponent();

}  // namespace switchyard::position
