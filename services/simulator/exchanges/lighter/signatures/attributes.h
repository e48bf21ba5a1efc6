#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "services/simulator/exchanges/lighter/signatures/field_reader.h"
#include "services/simulator/exchanges/lighter/signatures/transaction.h"

// The attributes of a transaction: L2TxAttributes.
// Source: lighter.md section 3.10, "Attributes".
namespace switchyard::simulator::lighter::signatures {

struct ReadAttributes {
  Attributes attributes;
  // Nothing where none has another value than the one that stands for "not set".
  std::optional<Quintic> hash;
};

// `object` is an object or null. Errors: of Refuse.
absl::StatusOr<ReadAttributes> ParseAttributes(const Json& object);

}  // namespace switchyard::simulator::lighter::signatures
