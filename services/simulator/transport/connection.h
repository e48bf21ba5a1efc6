#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "services/simulator/transport/server.h"

namespace switchyard::simulator::transport {

// One TCP connection, from its first byte to its end. Keeps itself alive while it has I/O pending.
class Connection {
 public:
  virtual ~Connection() = default;
  // Ends it at once.
  virtual void Cut() = 0;
};

// Starts to serve an accepted connection. `tls` may be null; it and `handler` must outlive it.
std::shared_ptr<Connection> StartConnection(boost::asio::ip::tcp::socket socket,
                                            boost::asio::ssl::context* tls, ServerHandler& handler);

}  // namespace switchyard::simulator::transport
