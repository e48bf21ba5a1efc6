#pragma once

#include <cstdint>
#include <string>

namespace switchyard::simulator::engine {

// Wide enough for a price in ticks times a day's volume in lots.
__extension__ typedef __int128 Int128;

// Appends mantissa x 10^-scale without trailing zeros, as Gate.io and most exchanges print it
// ("111666", "0.05"). Exact; scale is 0 to 30.
void AppendDecimal(std::string& out, Int128 mantissa, int scale);

// The same as a value.
std::string DecimalText(Int128 mantissa, int scale);

// Appends a plain integer.
void AppendInteger(std::string& out, std::int64_t value);

// 10^exponent; exponent is 0 to 18.
std::int64_t PowerOfTen(int exponent);

}  // namespace switchyard::simulator::engine
