#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include "tests/bench/chain/testbed.h"

// What is measured through the real processes. Each case writes one JSON object a line; report.py
// makes medians and verdicts of them.
namespace switchyard::bench {

// A load and who reads it.
struct Load {
  std::string name;
  std::size_t symbols = 1;
  std::uint32_t updates_per_second = 1'000;  // of each symbol
  std::size_t subscribers = 1;               // on a connection each, of all symbols
  std::size_t stuck = 0;                     // more of them, who stop reading; they count nowhere
  std::uint32_t batch = 1;                   // updates in one message of the floor
  std::int64_t duration_ns = 2'000'000'000;
};

// Latency from frame to client, rates, CPU time per delivered update.
void MeasureLoad(Testbed& bed, Side side, Path path, const Load& load, int round, std::FILE* out);

// Resident memory of each process, and what an idle subscriber adds to the service: with a shared
// connection and with its own. Meaningful before any load alone.
void MeasureMemory(Testbed& bed, Side side, std::FILE* out);

// From the exchange closing its sockets to the first update behind it at the client.
void MeasureReconnect(Testbed& bed, Side side, int round, std::FILE* out);

// GetOrderBook from memory, one call after the other.
void MeasureUnary(Testbed& bed, Side side, int round, std::FILE* out);

}  // namespace switchyard::bench
