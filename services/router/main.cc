#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/config/flags.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/rpc/signals.h"
#include "common/time/time.h"
#include "services/router/router.h"
#include "services/router/router_config.h"

namespace switchyard::router {
namespace {

// Time for calls under way; the process is gone within 2 s of the signal.
constexpr std::chrono::milliseconds kShutdownGrace{1'000};

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "router: %s\n", std::string(status.message()).c_str());
  return 1;
}

// Where clients connect: the port that was really taken, or the unix socket as configured.
std::string ListenText(const std::string& listen, int port) {
  if (port == 0) return listen;
  return listen.substr(0, listen.rfind(':') + 1) + std::to_string(port);
}

int Run(const config::v1::RouterConfig& config, rpc::ShutdownSignals& signals) {
  const config::v1::ProcessConfig& process = config.process();
  log::SetLevel(*log::ParseLevel(process.log_level()));
  metrics::Metrics metrics;
  metrics.AddProcessMetrics();
  std::unique_ptr<metrics::MetricsServer> metrics_server;
  if (!process.metrics_listen().empty()) {
    auto served = metrics::Serve(process.metrics_listen(), metrics);
    if (!served.ok()) return Fail(served.status());
    metrics_server = *std::move(served);
  }
  auto router = Router::Start(config, metrics, SystemClock());
  if (!router.ok()) return Fail(router.status());
  const std::string metrics_text =
      metrics_server ? ListenText(process.metrics_listen(), metrics_server->port()) : "off";
  std::printf("router listening grpc=%s metrics=%s\n",
              ListenText(process.listen(0), (*router)->port()).c_str(), metrics_text.c_str());
  std::fflush(stdout);
  const int signal = signals.Wait();
  log::Info("shutting_down", {{"signal", signal}});
  (*router)->Shutdown(kShutdownGrace);
  return 0;
}

int Main(int argc, char** argv) {
  rpc::ShutdownSignals signals;
  config::FlagParser parser("router", "Forwards Switchyard's calls to the services of exchanges.");
  RouterFlags flags;
  flags.AddTo(parser);
  const auto outcome = parser.Parse(argc, argv);
  if (!outcome.ok()) return Fail(outcome.status());
  if (*outcome == config::FlagsOutcome::kHelp) {
    std::fputs(parser.Help().c_str(), stdout);
    return 0;
  }
  const auto config = LoadConfig(flags);
  if (!config.ok()) return Fail(config.status());
  return Run(*config, signals);
}

}  // namespace
}  // namespace switchyard::router

int main(int argc, char** argv) { return switchyard::router::Main(argc, argv); }
