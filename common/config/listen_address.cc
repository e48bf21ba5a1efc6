#include "common/config/listen_address.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

namespace switchyard::config {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";
constexpr std::string_view kAllInterfaces = "0.0.0.0";

class Socket {
 public:
  explicit Socket(int family) : descriptor_(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
};

absl::Status Malformed(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(
      fmt::format("listen address \"{}\": {}; expected host:port or unix:/path", text, why));
}

absl::Status BindError(const ListenAddress& address, int error) {
  const std::string message =
      fmt::format("cannot listen on {}: {}", address.ToString(), std::strerror(error));
  if (error == EADDRINUSE) return absl::UnavailableError(message);
  if (error == EACCES || error == EPERM) return absl::PermissionDeniedError(message);
  return absl::InvalidArgumentError(message);
}

absl::Status CheckUnix(const ListenAddress& address) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (address.unix_path.size() >= sizeof(name.sun_path)) return BindError(address, ENAMETOOLONG);
  std::memcpy(name.sun_path, address.unix_path.data(), address.unix_path.size());
  const std::string folder = address.unix_path.substr(0, address.unix_path.rfind('/') + 1);
  if (access(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) != 0) {
    return BindError(address, errno);
  }
  // A socket file that nobody answers on is left over from a process that died: it is taken over.
  const Socket probe(AF_UNIX);
  if (connect(probe.descriptor(), reinterpret_cast<const sockaddr*>(&name), sizeof(name)) == 0) {
    return BindError(address, EADDRINUSE);
  }
  return absl::OkStatus();
}

absl::Status CheckTcp(const ListenAddress& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failure =
      getaddrinfo(address.host.c_str(), fmt::to_string(address.port).c_str(), &hints, &found);
  if (failure != 0) {
    return absl::InvalidArgumentError(
        fmt::format("cannot listen on {}: {}", address.ToString(), gai_strerror(failure)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, freeaddrinfo);
  const Socket probe(found->ai_family);
  const int on = 1;
  // As servers do: connections of an earlier process that are still closing are no obstacle.
  setsockopt(probe.descriptor(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(probe.descriptor(), found->ai_addr, found->ai_addrlen) != 0 ||
      listen(probe.descriptor(), 1) != 0) {
    return BindError(address, errno);
  }
  return absl::OkStatus();
}

}  // namespace

std::string ListenAddress::ToString() const {
  if (is_unix()) return fmt::format("{}{}", kUnixPrefix, unix_path);
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

absl::StatusOr<ListenAddress> ParseListenAddress(std::string_view text) {
  ListenAddress address;
  if (text.starts_with(kUnixPrefix)) {
    address.unix_path = text.substr(kUnixPrefix.size());
    // gRPC's other spelling, unix:///path.
    if (address.unix_path.starts_with("//")) address.unix_path.erase(0, 2);
    if (address.unix_path.empty()) return Malformed(text, "no path");
    return address;
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return Malformed(text, "no port");
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc() || stop != port.data() + port.size()) {
    return Malformed(text, "the port is not a number up to 65535");
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (host.empty()) return Malformed(text, "no host in the brackets");
  } else if (host.find(':') != std::string_view::npos) {
    return Malformed(text, "an IPv6 host needs brackets");
  }
  address.host = host.empty() ? kAllInterfaces : host;
  return address;
}

absl::Status CheckBindable(const ListenAddress& address) {
  return address.is_unix() ? CheckUnix(address) : CheckTcp(address);
}

}  // namespace switchyard::config
