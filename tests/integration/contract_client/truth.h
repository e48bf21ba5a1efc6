#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "clients/cli/local_book.h"
#include "switchyard/marketdata/v1/instrument.pb.h"
#include "switchyard/simulator/v1/simulator_service.pb.h"

namespace switchyard::contract_client {

// Compares a kept book with the simulator's own, of which the best `depth` levels are seen. The
// truth is in the exchange's units: quantities are multiplied by the instrument's multiplier; the
// price of a 1000x symbol (its name begins with the multiplier, or with k) is divided by it.
// Returns the first difference; empty = equal. Errors: InvalidArgument, OutOfRange (a truth that is
// not decimal or does not fit).
absl::StatusOr<std::string> DifferenceFromTruth(const clients::cli::LocalBook& book,
                                                const simulator::v1::GetBookResponse& truth,
                                                const marketdata::v1::Instrument& instrument,
                                                std::uint32_t depth);

}  // namespace switchyard::contract_client
