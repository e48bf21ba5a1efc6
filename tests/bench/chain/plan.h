#pragma once

#include <cstdio>
#include <string>

#include "tests/bench/chain/testbed.h"

namespace switchyard::bench {

struct Setting {
  Testbed::Programs programs;
  std::string scratch;  // an existing directory, with certificate.pem and key.pem for 127.0.0.1
  std::string ccxt;     // ccxt/watch.js; empty: ccxt is left out
  bool is_short = false;
};

// Everything, in rounds. Writes one JSON object a line.
void RunAll(const Setting& setting, std::FILE* out);

}  // namespace switchyard::bench
