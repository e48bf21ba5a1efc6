#include "services/router/router_config.h"

#include <fmt/format.h>

#include "common/config/yaml.h"
#include "common/log/log.h"
#include "common/status/status.h"

namespace switchyard::router {
namespace {

constexpr char kDefaultListen[] = "127.0.0.1:50050";
constexpr std::uint32_t kDefaultDeadlineMs = 10'000;
constexpr std::uint32_t kMaxDeadlineMs = 600'000;

config::v1::BackendConfig* FindOrAdd(const std::string& exchange, const std::string& component,
                                     config::v1::RouterConfig* config) {
  for (config::v1::BackendConfig& backend : *config->mutable_backends()) {
    if (backend.exchange() == exchange && backend.component() == component) return &backend;
  }
  config::v1::BackendConfig* const added = config->add_backends();
  added->set_exchange(exchange);
  added->set_component(component);
  return added;
}

void Override(const std::string& flag, std::string* value) {
  if (!flag.empty()) *value = flag;
}

}  // namespace

void RouterFlags::AddTo(config::FlagParser& parser) {
  common.AddTo(parser);
  parser.AddStringList("backend",
                       "Where a service of an exchange is: EXCHANGE[/COMPONENT]=ADDRESS, for "
                       "instance acme/order=unix:/run/order.sock. Without a component: all four. "
                       "Again with the same name: a further address, in order of preference.",
                       &backends);
}

absl::Status AddBackend(const std::string& text, config::v1::RouterConfig* config) {
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  if (equals == std::string::npos || name.empty() || equals + 1 == text.size()) {
    return InvalidField("backend", fmt::format("`{}` is not EXCHANGE[/COMPONENT]=ADDRESS", text));
  }
  const std::size_t slash = name.find('/');
  const std::string component = slash == std::string::npos ? "" : name.substr(slash + 1);
  if (slash != std::string::npos && component.empty()) {
    return InvalidField("backend", fmt::format("`{}` has an empty component", text));
  }
  FindOrAdd(name.substr(0, slash), component, config)->add_addresses(text.substr(equals + 1));
  return absl::OkStatus();
}

absl::StatusOr<config::v1::RouterConfig> LoadConfig(const RouterFlags& flags) {
  config::v1::RouterConfig config;
  if (!flags.common.config.empty()) {
    SWITCHYARD_RETURN_IF_ERROR(config::LoadYamlFile(flags.common.config, &config));
  }
  config::v1::ProcessConfig& process = *config.mutable_process();
  if (!flags.common.listen.empty()) {
    process.clear_listen();
    process.add_listen(flags.common.listen);
  }
  if (process.listen().empty()) process.add_listen(kDefaultListen);
  Override(flags.common.health_listen, process.mutable_health_listen());
  Override(flags.common.metrics_listen, process.mutable_metrics_listen());
  Override(flags.common.log_level, process.mutable_log_level());
  if (process.log_level().empty()) process.set_log_level("info");
  SWITCHYARD_RETURN_IF_ERROR(log::ParseLevel(process.log_level()).status());
  for (const std::string& backend : flags.backends) {
    SWITCHYARD_RETURN_IF_ERROR(AddBackend(backend, &config));
  }
  if (!config.has_default_deadline_ms()) config.set_default_deadline_ms(kDefaultDeadlineMs);
  if (config.default_deadline_ms() == 0 || config.default_deadline_ms() > kMaxDeadlineMs) {
    return InvalidField(
        "default_deadline_ms",
        fmt::format("{} is not within 1..{}", config.default_deadline_ms(), kMaxDeadlineMs));
  }
  return config;
}

}  // namespace switchyard::router
