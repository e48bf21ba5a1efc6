#pragma once

#include "absl/status/statusor.h"
#include "services/simulator/exchanges/lighter/signatures/field_reader.h"
#include "services/simulator/exchanges/lighter/signatures/transaction.h"

namespace switchyard::simulator::lighter::signatures {

// Reads the fields that a type of transaction has beyond account, API key, nonce and expiry, and
// checks their ranges. Errors: of Refuse.
absl::StatusOr<TransactionBody> ReadBody(TransactionType type, FieldReader& fields);

}  // namespace switchyard::simulator::lighter::signatures
