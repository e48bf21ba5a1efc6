#include <utility>

#include "common/rpc/signals.h"
#include "services/process/command_line.h"
#include "services/process/process.h"
#include "services/standalone/standalone.h"

int main(int argc, char** argv) {
  namespace process = switchyard::process;
  namespace standalone = switchyard::standalone;
  switchyard::rpc::ShutdownSignals signals;
  const auto command_line = process::ParseCommandLine(
      argc, argv, standalone::kProgram, "Serves all services of all exchanges in one process.");
  if (!command_line.ok()) {
    return process::ReportFailure(standalone::kProgram, command_line.status());
  }
  if (command_line->help) return 0;
  switchyard::config::v1::StandaloneConfig config;
  if (const absl::Status status = process::ReadConfig(*command_line, &config); !status.ok()) {
    return process::ReportFailure(standalone::kProgram, status);
  }
  auto spec = standalone::MakeSpec(*command_line, config);
  if (!spec.ok()) return process::ReportFailure(standalone::kProgram, spec.status());
  return process::RunProcess(*std::move(spec), signals);
}
