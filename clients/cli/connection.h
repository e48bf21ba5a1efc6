#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "clients/cli/command_line.h"
#include "common/config/secret.h"
#include "common/metrics/metrics.h"

namespace switchyard::clients::cli {

// Where the program talks to, and as whom: a channel, in TLS where that was asked for, and the
// bearer token that goes with each call. Any thread.
class Connection {
 public:
  // `token_from_environment` is SWITCHYARD_TOKEN's value; --token_file beats it. Connects lazily.
  // Errors: InvalidArgument with a line for the user: a file that cannot be read or does not serve,
  // or a token that would go over plaintext TCP.
  static absl::StatusOr<Connection> Create(const CommandLine& line,
                                           const std::string& token_from_environment);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  void Authorize(grpc::ClientContext& context) const;

 private:
  Connection() = default;

  // Of the certificates; nobody reads them here.
  std::unique_ptr<metrics::Metrics> metrics_ = std::make_unique<metrics::Metrics>();
  std::shared_ptr<grpc::Channel> channel_;
  config::Secret token_;
};

}  // namespace switchyard::clients::cli
