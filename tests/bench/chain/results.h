#pragma once

#include <cstdint>
#include <cstdio>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "tests/bench/chain/testbed.h"

// What the cases of all benchmarks write.
namespace switchyard::bench {

const char* NameOf(Side side);
const char* NameOf(Path path);

// One line, at once.
void Write(const nlohmann::json& line, std::FILE* out);

// Microseconds of nanoseconds; 0 without samples. Changes their order.
double Percentile(std::vector<std::int64_t>& samples, double share);

}  // namespace switchyard::bench
