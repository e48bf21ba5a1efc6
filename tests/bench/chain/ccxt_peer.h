#pragma once

#include <cstdio>
#include <string>

#include "tests/bench/chain/testbed.h"

namespace switchyard::bench {

// CPU time per frame of one book: of ccxt in its own process, from the socket to the caller's book
// (the floor); of the service from the socket to the book, its only client being stuck, and with a
// client that gets each event. `script`: ccxt/watch.js. `log`: a file for what
// it says. The test bed's books come by the channel that ccxt reads, obu_50.
void MeasureCcxt(Testbed& bed, const std::string& script, const std::string& log, int rounds,
                 std::FILE* out);

}  // namespace switchyard::bench
