#pragma once

#include <string>

namespace switchyard::bench {

// What a TLS connection to an exchange cannot do without: opens `count` WebSockets of Beast over
// OpenSSL, each subscribed to one book, and reads a few frames of each. KiB of resident memory that
// each adds. Throws where the simulator is not there, which ends the benchmark.
double TlsSocketKib(const std::string& host, const std::string& port, const std::string& ca_file,
                    int count);

}  // namespace switchyard::bench
