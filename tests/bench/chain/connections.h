#pragma once

#include <cstdio>
#include <string>

#include "tests/bench/chain/testbed.h"

namespace switchyard::bench {

// Memory that a further TLS connection to the exchange takes: of Switchyard, the same books over a
// connection each and over one; of bare Beast, a connection more. `scratch` holds certificate.pem
// and key.pem for 127.0.0.1. Starts test beds of its own.
void MeasureConnections(const Testbed::Programs& programs, const std::string& scratch,
                        std::FILE* out);

}  // namespace switchyard::bench
