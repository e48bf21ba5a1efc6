#include "tests/clients/cli/run_yard.h"

#include <sstream>

#include "clients/cli/yard.h"

namespace switchyard::clients::cli {

Outcome RunAt(const std::vector<std::string>& arguments, const std::string& router,
              const Options& options) {
  std::ostringstream out, err;
  Cancellation own;
  Environment environment{out, err, options.cancellation == nullptr ? own : *options.cancellation};
  environment.terminal = options.terminal;
  environment.router = router;
  if (options.answer) environment.read_answer = [&options] { return options.answer; };
  Outcome outcome;
  outcome.code = RunYard(arguments, environment);
  outcome.out = out.str();
  outcome.err = err.str();
  return outcome;
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace switchyard::clients::cli
