#pragma once

#include "absl/status/status.h"
#include "services/order/journal/database.h"

namespace switchyard::order::journal {

// The version that this program writes.
inline constexpr int kSchemaVersion = 2;

// Brings a new or older file to kSchemaVersion, one version at a time, each in a transaction.
// Errors: FailedPrecondition, the file is of a newer program; else as Database::Execute.
absl::Status Migrate(Database& database);

}  // namespace switchyard::order::journal
