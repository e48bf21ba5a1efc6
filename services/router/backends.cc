#include "services/router/backends.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "common/config/listen_address.h"
#include "common/status/status.h"

namespace switchyard::router {

const std::vector<std::string>& ComponentNames() {
  static const auto& names =
      *new std::vector<std::string>{"account", "market_data", "order", "position"};
  return names;
}

BackendConnection& Backend::Pick() const {
  for (BackendConnection* connection : connections_) {
    if (connection->ready()) return *connection;
  }
  return *connections_.front();
}

bool Backend::undecided() const {
  if (ready()) return false;
  return std::any_of(connections_.begin(), connections_.end(),
                     [](const BackendConnection* connection) { return connection->undecided(); });
}

namespace {

absl::Status BadAddress(const std::string& address, std::string_view why) {
  return InvalidField("backends.addresses",
                      fmt::format("`{}`: {}; an address is host:port, unix:/path or "
                                  "dns:///name:port",
                                  address, why));
}

// A misspelt address would only be found out by a backend that never gets ready.
absl::Status CheckAddress(const std::string& address) {
  constexpr std::string_view kDns = "dns:///";
  const std::string_view name =
      address.starts_with(kDns) ? std::string_view(address).substr(kDns.size()) : address;
  const absl::StatusOr<config::ListenAddress> parsed = config::ParseListenAddress(name);
  if (!parsed.ok()) return BadAddress(address, std::string(parsed.status().message()));
  if (parsed->is_unix()) return absl::OkStatus();
  if (name.front() == ':') return BadAddress(address, "the host is missing");
  if (parsed->port == 0) return BadAddress(address, "port 0 cannot be connected to");
  return absl::OkStatus();
}

}  // namespace

absl::Status BackendUnavailable(const Backend& backend, std::string_view why) {
  return MakeError(
      absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_BACKEND_UNAVAILABLE,
      fmt::format("no {} backend of {}: {}", backend.component(), backend.exchange(), why),
      {{"exchange", backend.exchange()}, {"component", backend.component()}});
}

absl::StatusOr<std::unique_ptr<Backends>> Backends::Create(
    const google::protobuf::RepeatedPtrField<config::v1::BackendConfig>& configs,
    const Clock& clock, const rpc::ChannelOptions& channel) {
  if (configs.empty()) {
    return InvalidField("backends",
                        "at least one is needed (--backend=EXCHANGE[/COMPONENT]=ADDRESS)");
  }
  auto backends = std::unique_ptr<Backends>(new Backends(clock, channel));
  for (const config::v1::BackendConfig& config : configs) {
    SWITCHYARD_RETURN_IF_ERROR(backends->AddAll(config));
  }
  backends->Sort();
  return backends;
}

absl::Status Backends::AddAll(const config::v1::BackendConfig& config) {
  if (config.exchange().empty()) return InvalidField("backends.exchange", "required");
  const std::vector<std::string>& names = ComponentNames();
  if (!config.component().empty() &&
      std::find(names.begin(), names.end(), config.component()) == names.end()) {
    return InvalidField("backends.component", fmt::format("`{}` is none of {}", config.component(),
                                                          fmt::join(names, ", ")));
  }
  if (config.addresses().empty()) {
    return InvalidField("backends.addresses",
                        fmt::format("at least one is needed for {}", config.exchange()));
  }
  std::vector<BackendConnection*> connections;
  for (const std::string& address : config.addresses()) {
    SWITCHYARD_RETURN_IF_ERROR(CheckAddress(address));
    connections.push_back(ConnectionTo(address));
  }
  if (!config.component().empty()) return Add(config, config.component(), connections);
  for (const std::string& name : names) {
    SWITCHYARD_RETURN_IF_ERROR(Add(config, name, connections));
  }
  return absl::OkStatus();
}

absl::Status Backends::Add(const config::v1::BackendConfig& config, std::string_view component,
                           const std::vector<BackendConnection*>& connections) {
  auto backend = std::make_unique<Backend>(config.exchange(), std::string(component), connections);
  if (!by_name_[config.exchange()].emplace(component, backend.get()).second) {
    return InvalidField("backends", fmt::format("{} of {} is given twice; list all its addresses "
                                                "in one entry",
                                                component, config.exchange()));
  }
  backends_.push_back(std::move(backend));
  return absl::OkStatus();
}

BackendConnection* Backends::ConnectionTo(const std::string& address) {
  for (const auto& connection : connections_) {
    if (connection->address() == address) return connection.get();
  }
  return connections_.emplace_back(std::make_shared<BackendConnection>(address, clock_, channel_))
      .get();
}

void Backends::Sort() {
  std::sort(backends_.begin(), backends_.end(), [](const auto& left, const auto& right) {
    return std::pair(left->exchange(), left->component()) <
           std::pair(right->exchange(), right->component());
  });
  for (const auto& [exchange, components] : by_name_) exchanges_.push_back(exchange);
}

absl::Status Backends::CheckExchange(std::string_view exchange) const {
  if (by_name_.find(exchange) != by_name_.end()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_UNKNOWN_EXCHANGE,
                   fmt::format("exchange `{}` is not served here; known: {}",
                               exchange.substr(0, 64), fmt::join(exchanges_, ", ")),
                   {{"exchange", std::string(exchange.substr(0, 64))}});
}

const Backend* Backends::FindOrNull(std::string_view exchange, std::string_view component) const {
  const auto components = by_name_.find(exchange);
  if (components == by_name_.end()) return nullptr;
  const auto backend = components->second.find(component);
  return backend == components->second.end() ? nullptr : backend->second;
}

absl::StatusOr<const Backend*> Backends::Find(std::string_view exchange,
                                              std::string_view component) const {
  SWITCHYARD_RETURN_IF_ERROR(CheckExchange(exchange));
  if (const Backend* backend = FindOrNull(exchange, component)) return backend;
  return NotInCapabilities(exchange, fmt::format("a {} service through this router", component));
}

}  // namespace switchyard::router
