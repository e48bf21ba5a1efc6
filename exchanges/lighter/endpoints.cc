#include "exchanges/lighter/endpoints.h"

#include <fmt/format.h>

#include <charconv>
#include <iterator>
#include <utility>

#include "common/status/status.h"

namespace switchyard::exchanges::lighter {
namespace {

constexpr int kMostRequestsPerMinute = 1'000'000;

absl::StatusOr<Network> ParseNetwork(std::string_view name) {
  std::string names;
  for (std::size_t i = 0; i < std::size(kNetworks); ++i) {
    if (kNetworks[i].name == name) return static_cast<Network>(i);
    names += fmt::format("{}{}", i == 0 ? "" : ", ", kNetworks[i].name);
  }
  return InvalidField("options.network", fmt::format("'{}' is none of {}", name, names));
}

absl::StatusOr<bool> ParseSwitch(const std::string& field, std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return InvalidField(field, fmt::format("'{}' is neither true nor false", text));
}

absl::StatusOr<int> ParseRequests(const std::string& field, std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1 ||
      number > kMostRequestsPerMinute) {
    return InvalidField(
        field, fmt::format("'{}' is no number from 1 to {}", text, kMostRequestsPerMinute));
  }
  return number;
}

}  // namespace

absl::StatusOr<ExchangeOptions> ExchangeOptions::From(const config::v1::ExchangeConfig& config) {
  ExchangeOptions options;
  for (const auto& [key, value] : config.options()) {
    const std::string field = "options." + key;
    if (key == "network") {
      SWITCHYARD_ASSIGN_OR_RETURN(options.network, ParseNetwork(value));
    } else if (key == "read_only_socket") {
      SWITCHYARD_ASSIGN_OR_RETURN(options.read_only_socket, ParseSwitch(field, value));
    } else if (key == "requests_per_minute") {
      SWITCHYARD_ASSIGN_OR_RETURN(options.requests_per_minute, ParseRequests(field, value));
    } else {
      return InvalidField(field, "not an option of this exchange");
    }
  }
  return options;
}

Endpoints MakeEndpoints(const ExchangeOptions& options, const config::v1::ExchangeConfig& config) {
  const NetworkTraits& network = TraitsOf(options.network);
  std::string rest = config.rest_url().empty() ? std::string(network.rest_url) : config.rest_url();
  while (rest.ends_with('/')) rest.pop_back();
  if (rest.ends_with(kApiPath)) rest.resize(rest.size() - kApiPath.size());

  std::string socket = config.websocket_url();
  if (socket.empty()) socket = network.websocket_url;
  const std::size_t scheme = socket.find("://");
  const std::size_t path = socket.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  if (path == std::string::npos || path + 1 == socket.size()) {
    socket.resize(path == std::string::npos ? socket.size() : path);
    socket += kWebSocketPath;
    if (options.read_only_socket) socket += kReadOnlyQuery;
  }
  return {std::move(rest), std::move(socket)};
}

}  // namespace switchyard::exchanges::lighter
