#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/simulator/transport/http_message.h"
#include "services/simulator/transport/socket.h"

namespace switchyard::simulator::transport {

// What listens behind a port. I/O thread only.
class ServerHandler {
 public:
  virtual ~ServerHandler() = default;
  // Answers by calling `reply` once, now or later.
  virtual void OnRequest(const HttpRequest& request, Reply reply) = 0;
  // Looks at a WebSocket handshake: an answer refuses it.
  virtual std::optional<HttpResponse> OnHandshake(const HttpRequest& request) = 0;
  // A WebSocket is open. `socket` outlives the handler that is returned.
  virtual std::unique_ptr<SocketHandler> OnSocket(const HttpRequest& request, Socket& socket) = 0;
  // True: the new TCP connection is left without any answer.
  virtual bool OnAccept() = 0;
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0 = any free one
  // PEM files; both empty = plain HTTP and WS.
  std::string certificate_file;
  std::string key_file;
};

// HTTP/1.1 and WebSockets on one TCP port, on the thread that runs the io_context.
class Server {
 public:
  // Binds and listens. `io` and `handler` must outlive the server.
  // Errors: Unavailable, the port is in use or the address not ours; InvalidArgument, a bad address
  // or certificate.
  static absl::StatusOr<std::unique_ptr<Server>> Create(boost::asio::io_context& io,
                                                        const ServerOptions& options,
                                                        ServerHandler& handler);
  virtual ~Server() = default;

  virtual std::uint16_t port() const = 0;
  // Closes the port (clients are refused), or opens the same one again.
  // Errors: Unavailable, somebody else took the port.
  virtual absl::Status SetListening(bool listening) = 0;
  // Cuts the connections that OnAccept left hanging.
  virtual void CutHanging() = 0;
  // Closes the port and every connection; the io_context then runs out of work.
  virtual void Shutdown() = 0;
};

}  // namespace switchyard::simulator::transport
