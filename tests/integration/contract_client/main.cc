#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>

#include "common/config/flags.h"
#include "common/rpc/signals.h"
#include "tests/integration/contract_client/check_run.h"

// Prints the report; exits with 0 when the contract was kept, 1 when not, 2 when nothing could be
// checked.
int main(int argc, char** argv) {
  switchyard::rpc::ShutdownSignals signals;
  switchyard::contract_client::CheckOptions options;
  options.target = "127.0.0.1:50050";
  options.symbols = {"BTC-USDT"};
  std::int64_t depth = 10, seconds = 10, clients = 1;
  switchyard::config::FlagParser parser("contract_client", "checks streamed books by the contract");
  parser.AddString("target", "The router or a market data service.", &options.target);
  parser.AddString("exchange", "Exchange id. Required.", &options.exchange);
  parser.AddStringList("symbols", "Canonical symbols.", &options.symbols);
  parser.AddInt64("depth", "Levels a side.", &depth);
  parser.AddInt64("seconds", "How long to watch; SIGINT ends it earlier.", &seconds);
  parser.AddString("simulator",
                   "gRPC address of the simulator behind the target: its flow of the exchange is "
                   "stopped at the end, and the books are compared with its own. Empty = do not.",
                   &options.simulator);
  parser.AddInt64("clients", "Independent streams.", &clients);
  parser.AddBool("json", "The report on one line.", &options.one_line);
  const auto outcome = parser.Parse(argc, argv);
  if (!outcome.ok() || *outcome == switchyard::config::FlagsOutcome::kHelp) {
    (outcome.ok() ? std::cout : std::cerr)
        << (outcome.ok() ? parser.Help() : outcome.status().ToString()) << '\n';
    return outcome.ok() ? 0 : 2;
  }
  if (options.exchange.empty() || depth < 1 || clients < 1 || seconds < 0) {
    std::cerr << "contract_client: --exchange is required; --depth and --clients are at least 1\n";
    return 2;
  }
  options.depth = static_cast<std::uint32_t>(depth);
  options.clients = static_cast<std::uint32_t>(clients);
  options.watch = [&] { signals.WaitFor(std::chrono::seconds(seconds)); };
  const auto report = switchyard::contract_client::RunCheck(options);
  if (!report.ok()) {
    std::cerr << "contract_client: " << report.status().ToString() << '\n';
    return 2;
  }
  std::cout << report->json << '\n';
  return report->ok ? 0 : 1;
}
