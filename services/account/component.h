#pragma once

#include "services/process/component.h"

namespace switchyard::account {

// AccountService over the accounts that the configuration names.
process::Component AccountComponent();

}  // namespace switchyard::account
