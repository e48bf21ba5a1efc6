#include "services/process/command_line.h"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "common/config/yaml.h"
#include "common/json/json.h"
#include "common/status/status.h"

namespace switchyard::process {
namespace {

constexpr char kDefaultListen[] = "127.0.0.1:50051";

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return absl::NotFoundError(fmt::format("endpoints file {}: cannot be read", path));
  }
  return text.str();
}

absl::Status InEndpointsFile(const std::string& path, const absl::Status& status) {
  return absl::InvalidArgumentError(
      fmt::format("endpoints file {}: {}", path, std::string(status.message())));
}

absl::Status Redirect(const json::Json& endpoints, config::v1::ExchangeConfig* exchange) {
  const json::Json* entry = json::Find(endpoints, exchange->exchange());
  if (entry == nullptr) {
    return absl::NotFoundError(fmt::format("has no exchange '{}'", exchange->exchange()));
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const std::string host, json::RequireString(*entry, "host"));
  SWITCHYARD_ASSIGN_OR_RETURN(const auto tls, json::OptionalBool(*entry, "tls"));
  const std::string secure = tls.value_or(false) ? "s" : "";
  exchange->set_rest_url(fmt::format("http{}://{}", secure, host));
  exchange->set_websocket_url(fmt::format("ws{}://{}", secure, host));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CommandLine> ParseCommandLine(int argc, const char* const* argv,
                                             std::string_view program, std::string_view summary) {
  CommandLine command_line;
  config::FlagParser parser(program, summary);
  command_line.flags.AddTo(parser);
  parser.AddString("endpoints_file", "JSON of the simulator: where to find the exchanges instead",
                   &command_line.endpoints_file);
  SWITCHYARD_ASSIGN_OR_RETURN(const config::FlagsOutcome outcome, parser.Parse(argc, argv));
  if (outcome == config::FlagsOutcome::kHelp) {
    command_line.help = true;
    fmt::print("{}", parser.Help());
  }
  return command_line;
}

absl::Status ReadConfig(const CommandLine& command_line, google::protobuf::Message* config) {
  const std::string& path = command_line.flags.config;
  return path.empty() ? absl::OkStatus() : config::LoadYamlFile(path, config);
}

void Override(const CommandLine& command_line, config::v1::ProcessConfig* process) {
  const config::CommonFlags& flags = command_line.flags;
  if (!flags.listen.empty()) {
    process->clear_listen();
    process->add_listen(flags.listen);
  }
  if (process->listen().empty()) process->add_listen(kDefaultListen);
  if (!flags.health_listen.empty()) process->set_health_listen(flags.health_listen);
  if (!flags.metrics_listen.empty()) process->set_metrics_listen(flags.metrics_listen);
  if (!flags.log_level.empty()) process->set_log_level(flags.log_level);
}

absl::Status ApplyEndpoints(const CommandLine& command_line,
                            std::vector<config::v1::ExchangeConfig>* exchanges) {
  const std::string& path = command_line.endpoints_file;
  if (path.empty()) return absl::OkStatus();
  SWITCHYARD_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  const absl::StatusOr<json::Json> endpoints = json::Parse(text);
  if (!endpoints.ok()) return InEndpointsFile(path, endpoints.status());
  for (config::v1::ExchangeConfig& exchange : *exchanges) {
    const absl::Status status = Redirect(*endpoints, &exchange);
    if (!status.ok()) return InEndpointsFile(path, status);
  }
  return absl::OkStatus();
}

int ReportFailure(std::string_view program, const absl::Status& status) {
  fmt::print(stderr, "{}: {}\n", program, std::string(status.message()));
  return 1;
}

}  // namespace switchyard::process
