#pragma once

#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"
#include "common/json/json.h"
#include "common/model/market_data.h"
#include "switchyard/common/v1/values.pb.h"

// Base units to contracts and back, exactly. Pure; any thread.
namespace switchyard::exchanges::gateio::futures {

// Contracts of a base quantity. Errors: InvalidArgument, NOT_REPRESENTABLE, where they are not what
// the contract can be split into.
absl::StatusOr<Decimal> ToContracts(const model::Instrument& instrument, const Decimal& base);
// Errors: OutOfRange.
absl::StatusOr<Decimal> ToBase(const model::Instrument& instrument, const Decimal& contracts);

// A size as Gate.io takes it, negative for sells: a JSON integer where it is whole, else text.
json::Json SizeOf(const Decimal& contracts, common::v1::Side side);

}  // namespace switchyard::exchanges::gateio::futures
