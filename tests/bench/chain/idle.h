#pragma once

#include <cstdio>

#include "tests/bench/chain/testbed.h"

namespace switchyard::bench {

// So many rest beside the busy one; the test bed needs one symbol more.
inline constexpr std::size_t kIdle = 500;
// ExchangeConfig.stall_check_ms of the test bed: twice as often as by default.
inline constexpr int kStallCheckMs = 4'000;

// A busy book with one reader: alone, beside resting books with one reader, beside idle readers of
// one resting book, and alone again. `rounds` of each, one after the other, for to open the others
// takes longer than to measure.
void MeasureIdle(Testbed& bed, int rounds, std::FILE* out);

}  // namespace switchyard::bench
