#include "tests/bench/chain/results.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>

namespace switchyard::bench {

const char* NameOf(Side side) { return side == Side::kFloor ? "floor" : "real"; }
const char* NameOf(Path path) { return path == Path::kService ? "service" : "router"; }

void Write(const nlohmann::json& line, std::FILE* out) {
  fmt::print(out, "{}\n", line.dump());
  std::fflush(out);
}

double Percentile(std::vector<std::int64_t>& samples, double share) {
  if (samples.empty()) return 0;
  const auto index = static_cast<std::ptrdiff_t>(share * static_cast<double>(samples.size() - 1));
  std::nth_element(samples.begin(), samples.begin() + index, samples.end());
  return static_cast<double>(samples[static_cast<std::size_t>(index)]) / 1e3;
}

}  // namespace switchyard::bench
