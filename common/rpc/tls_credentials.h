#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/metrics/metrics.h"
#include "switchyard/config/v1/config.pb.h"

namespace grpc {
class ChannelCredentials;
class ServerCredentials;
}  // namespace grpc

// TLS 1.2 or newer for gRPC, from files that are read again while it serves (see tls_reloader.h).
// New connections use what was read last; open ones stay. Any thread.
namespace switchyard::rpc {

// For Server. `section` is where the configuration holds it, for errors: "process.tls". `metrics`
// must outlive the credentials.
// Errors: InvalidArgument, naming the field.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const config::v1::ServerTlsConfig& config, const std::string& section,
    metrics::Metrics& metrics);

// For MakeChannel. The channels' certificates are renewed as long as these credentials are kept.
// Errors: InvalidArgument, naming the field.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeClientCredentials(
    const config::v1::ClientTlsConfig& config, const std::string& section,
    metrics::Metrics& metrics);

}  // namespace switchyard::rpc
