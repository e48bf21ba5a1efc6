#pragma once

#include <string>
#include <vector>

namespace switchyard::clients::cli {

struct Environment;

// The whole program but its signals. `arguments` is what follows the program's name. Returns the
// exit code: 0 done, 1 the call failed, 2 wrong usage, 3 nobody knows whether it was done.
int RunYard(const std::vector<std::string>& arguments, Environment& environment);

}  // namespace switchyard::clients::cli
