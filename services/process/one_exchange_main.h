#pragma once

#include <string_view>
#include <utility>

#include "common/rpc/signals.h"
#include "services/process/command_line.h"
#include "services/process/process.h"

namespace switchyard::process {

// What the configuration of one exchange's process holds.
struct OneExchangeConfig {
  config::v1::ProcessConfig process;
  config::v1::ExchangeConfig exchange;
  config::v1::OrderConfig orders;
};

// Runs one component for one exchange.
int RunOneExchange(const CommandLine& command_line, std::string_view exchange, Component component,
                   OneExchangeConfig config, rpc::ShutdownSignals& signals);

// The main of `{exchange}_{component}`. `Config` has `process` and `exchange`; `orders` where there
// can be orders.
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
  OneExchangeConfig of_one{
      .process = config.process(), .exchange = config.exchange(), .orders = {}};
  if constexpr (requires { config.orders(); }) of_one.orders = config.orders();
  return RunOneExchange(*command_line, exchange, std::move(component), std::move(of_one), signals);
}

}  // namespace switchyard::process
