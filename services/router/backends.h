#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/client_channel.h"
#include "common/time/time.h"
#include "services/router/backend_connection.h"
#include "switchyard/config/v1/config.pb.h"

namespace switchyard::router {

// The names of the four components, ordered.
const std::vector<std::string>& ComponentNames();

// One service of one exchange. Lives as long as the router; any thread.
class Backend {
 public:
  Backend(std::string exchange, std::string component, std::vector<BackendConnection*> connections)
      : exchange_(std::move(exchange)),
        component_(std::move(component)),
        connections_(std::move(connections)) {}

  const std::string& exchange() const { return exchange_; }
  const std::string& component() const { return component_; }
  // In order of preference.
  const std::vector<BackendConnection*>& connections() const { return connections_; }

  // The first that is ready; the most preferred one when none is (calls then fail fast).
  BackendConnection& Pick() const;
  bool ready() const { return Pick().ready(); }
  // None is ready, but a first attempt is still under way.
  bool undecided() const;

 private:
  const std::string exchange_;
  const std::string component_;
  const std::vector<BackendConnection*> connections_;
};

// The error of a backend that cannot be reached: Unavailable, BACKEND_UNAVAILABLE.
absl::Status BackendUnavailable(const Backend& backend, std::string_view why);

// All backends by exchange and component. Immutable after Create; any thread.
class Backends {
 public:
  // Errors: InvalidArgument naming the field: no backends, an exchange without id, an unknown
  // component, a backend without addresses, two entries for the same service. `channel` is how all
  // are connected to.
  static absl::StatusOr<std::unique_ptr<Backends>> Create(
      const google::protobuf::RepeatedPtrField<config::v1::BackendConfig>& configs,
      const Clock& clock, const rpc::ChannelOptions& channel = {});

  // Errors: InvalidArgument (UNKNOWN_EXCHANGE), listing those known; Unimplemented
  // (NOT_IN_CAPABILITIES) for an exchange that has no backend for the component.
  absl::StatusOr<const Backend*> Find(std::string_view exchange, std::string_view component) const;
  // Errors: InvalidArgument (UNKNOWN_EXCHANGE).
  absl::Status CheckExchange(std::string_view exchange) const;
  // Null where there is none.
  const Backend* FindOrNull(std::string_view exchange, std::string_view component) const;

  // Ordered by exchange, then component.
  const std::vector<std::unique_ptr<Backend>>& all() const { return backends_; }
  // Ordered.
  const std::vector<std::string>& exchanges() const { return exchanges_; }
  const std::vector<std::shared_ptr<BackendConnection>>& connections() const {
    return connections_;
  }

 private:
  Backends(const Clock& clock, const rpc::ChannelOptions& channel)
      : clock_(clock), channel_(channel) {}
  absl::Status Add(const config::v1::BackendConfig& config, std::string_view component,
                   const std::vector<BackendConnection*>& connections);
  absl::Status AddAll(const config::v1::BackendConfig& config);
  BackendConnection* ConnectionTo(const std::string& address);
  void Sort();

  const Clock& clock_;
  // Kept: certificates are renewed as long as the credentials live.
  const rpc::ChannelOptions channel_;
  std::vector<std::shared_ptr<BackendConnection>> connections_;
  std::vector<std::unique_ptr<Backend>> backends_;
  std::map<std::string, std::map<std::string, const Backend*, std::less<>>, std::less<>> by_name_;
  std::vector<std::string> exchanges_;
};

}  // namespace switchyard::router
