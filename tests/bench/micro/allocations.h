#pragma once

#include <cstdint>

namespace switchyard::bench {

// Allocations of this thread since it began: every malloc, calloc and realloc of the process passes
// through counting versions (glibc alone), so those of gRPC and operator new are seen too.
std::uint64_t Allocations();

}  // namespace switchyard::bench
