#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clients/cli/session.h"

namespace switchyard::clients::cli {

// What one run of the program did.
struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

struct Options {
  bool terminal = false;
  Cancellation* cancellation = nullptr;
  // What the person at the terminal types when asked. Empty = nobody is there.
  std::optional<std::string> answer = {};
};

// Runs `yard` with SWITCHYARD_ROUTER set to `router`.
Outcome RunAt(const std::vector<std::string>& arguments, const std::string& router,
              const Options& options = {});

std::vector<std::string> LinesOf(const std::string& text);

}  // namespace switchyard::clients::cli
