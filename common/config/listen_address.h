#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace switchyard::config {

// Where a server listens: host:port (port 0 = any free one; an empty host = all IPv4 interfaces;
// IPv6 in brackets) or unix:/path.
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
  std::string unix_path;

  bool is_unix() const { return !unix_path.empty(); }
  // As it was parsed, with the empty host filled in.
  std::string ToString() const;
};

// Errors: InvalidArgument, naming the text.
absl::StatusOr<ListenAddress> ParseListenAddress(std::string_view text);

// Binds for a moment, so that the reason of a failure is known: servers' own libraries say only
// that they failed, and gRPC takes over a unix socket that another process still serves.
// Errors: InvalidArgument (no such host or interface), Unavailable (in use), PermissionDenied; all
// name the address.
absl::Status CheckBindable(const ListenAddress& address);

}  // namespace switchyard::config
