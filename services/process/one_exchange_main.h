#pragma once

#include <string_view>
#include <utility>

#include "common/rpc/signals.h"
#include "services/process/command_line.h"
#include "services/process/process.h"

namespace switchyard::process {

// Runs one component for one exchange.
int RunOneExchange(const CommandLine& command_line, std::string_view exchange, Component component,
                   config::v1::ProcessConfig process, config::v1::ExchangeConfig config,
                   rpc::ShutdownSignals& signals);

// The main of `{exchange}_{component}`. `Config` has `process` and `exchange`.
template <typename Config>
int OneExchangeMain(int argc, char** argv, std::string_view exchange, Component component) {
  rpc::ShutdownSignals signals;
  const std::string program = std::string(exchange) + "_" + component.name;
  const auto command_line = ParseCommandLine(
      argc, argv, program, "Serves " + component.name + " of " + std::string(exchange) + ".");
  if (!command_line.ok()) return ReportFailure(program, command_line.status());
  if (command_line->help) return 0;
  Config config;
  if (const absl::Status status = ReadConfig(*command_line, &config); !status.ok()) {
    return ReportFailure(program, status);
  }
  return RunOneExchange(*command_line, exchange, std::move(component), config.process(),
                        config.exchange(), signals);
}

}  // namespace switchyard::process
