#include "services/process/one_exchange_main.h"

#include <fmt/format.h>

#include <string>

#include "common/status/status.h"

namespace switchyard::process {
namespace {

// Four processes of an exchange share an address's limits; market data reads the most.
constexpr std::uint32_t kDefaultLimitSharePercent = 50;

}  // namespace

int RunOneExchange(const CommandLine& command_line, std::string_view exchange, Component component,
                   OneExchangeConfig of_one, rpc::ShutdownSignals& signals) {
  config::v1::ExchangeConfig& config = of_one.exchange;
  const std::string program = fmt::format("{}_{}", exchange, component.name);
  if (config.exchange().empty()) config.set_exchange(std::string(exchange));
  if (config.exchange() != exchange) {
    return ReportFailure(program, InvalidField("exchange.exchange",
                                               fmt::format("'{}' is not what this program serves",
                                                           config.exchange())));
  }
  if (!config.has_limit_share_percent()) {
    config.set_limit_share_percent(kDefaultLimitSharePercent);
  }
  Override(command_line, &of_one.process);
  ProcessSpec spec{.name = program,
                   .components = {std::move(component)},
                   .process = std::move(of_one.process),
                   .exchanges = {std::move(config)},
                   .orders = std::move(of_one.orders)};
  if (const absl::Status status = ApplyEndpoints(command_line, &spec.exchanges); !status.ok()) {
    return ReportFailure(program, status);
  }
  return RunProcess(std::move(spec), signals);
}

}  // namespace switchyard::process
