#pragma once

#include "services/process/component.h"

namespace switchyard::position {

// PositionService over the accounts that the configuration names.
process::Component PositionComponent();

}  // namespace switchyard::position
