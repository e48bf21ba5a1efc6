#pragma once

#include <cstdint>
#include <string>

#include "services/simulator/engine/amount.h"
#include "services/simulator/engine/decimal_text.h"

namespace switchyard::simulator::lighter {

// mantissa x 10^-scale with all `scale` decimals, as the exchange prints prices, sizes and amounts:
// "2325.00", "0.0000". scale is 0 to 30.
std::string Fixed(engine::Int128 mantissa, int scale);

// An amount with so many decimals; what is finer is cut off.
std::string Fixed(engine::Amount amount, int decimals);

// `bytes` pseudo-random bytes in hex, the same for the same seed: stands in for hashes that nobody
// can check.
std::string HexOf(std::uint64_t seed, int bytes);

}  // namespace switchyard::simulator::lighter
