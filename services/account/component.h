#pragma once

#include "services/process/component.h"

namespace switchyard::account {

// AccountService as far as it exists: every RPC is answered from the capability tables.
process::Component AccountComponent();

}  // namespace switchyard::account
