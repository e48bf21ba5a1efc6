#pragma once

#include <cstdint>
#include <vector>

#include "tests/bench/chain/testbed.h"

namespace switchyard::bench {

// What processes and the simulator did meanwhile.
struct Spent {
  std::vector<std::int64_t> cpu_ns;  // of each process
  std::int64_t growth_kib = 0;       // resident memory of the first one
  std::uint64_t frames = 0;          // sent by the simulator
};

// Returns when the window has ended. Call before it begins.
Spent Watch(Testbed& bed, const std::vector<const Process*>& processes, const Window& window);

// That long from now on, after a pause.
Window WindowIn(std::int64_t pause_ns, std::int64_t duration_ns);

}  // namespace switchyard::bench
