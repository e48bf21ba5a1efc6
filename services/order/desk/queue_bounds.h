#pragma once

#include <chrono>
#include <cstddef>

namespace switchyard::order {

// Bounds of a CommandQueue.
struct QueueBounds {
  std::size_t limit = 256;  // commands that wait
  // How long a command may wait since it came; 0 = it does not wait.
  std::chrono::nanoseconds wait = std::chrono::seconds(2);
};

}  // namespace switchyard::order
