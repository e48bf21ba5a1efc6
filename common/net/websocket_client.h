#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/net/endpoint.h"
#include "common/net/http_message.h"
#include "common/net/proxy.h"
#include "common/net/tls_context.h"
#include "common/net/websocket_callbacks.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace switchyard::net {

struct WebSocketOptions {
  Endpoint endpoint = {};
  std::string target = "/";
  // Besides those of the handshake itself; Host and User-Agent may be given.
  HttpHeaders headers = {};
  // Required where `endpoint.tls`, ignored otherwise.
  std::shared_ptr<TlsContext> tls = {};
  std::optional<ProxyOptions> proxy = {};
  // For name resolution, TCP, proxy, TLS and the upgrade together.
  std::chrono::nanoseconds connect_timeout = std::chrono::seconds(5);
  // Time between protocol pings; 0: none are sent.
  std::chrono::nanoseconds ping_interval = std::chrono::seconds(0);
  // The connection is cut where nothing at all arrives for so long after a ping.
  std::chrono::nanoseconds pong_timeout = std::chrono::seconds(5);
  std::size_t max_message_bytes = 16 * 1024 * 1024;
  // Bound of what Send() may have waiting.
  std::size_t max_queued_bytes = 1024 * 1024;
  bool permessage_deflate = false;
};

// Totals over all connections of the client.
struct WebSocketStatistics {
  std::uint64_t messages = 0;  // received
  std::uint64_t bytes = 0;     // of received messages, after decompression
  std::uint64_t pings = 0;     // received
  std::uint64_t pongs = 0;     // received
  // Wall clock (ns since 1970 UTC) at which the last frame of any kind, control
  // frames included, was read; 0: none yet.
  std::int64_t last_message_time = 0;
};

// A WebSocket client (RFC 6455) that one Connect() after the other may reuse;
// when to reconnect is the owner's decision.
//
// Lives on the one thread that runs its io_context: every call (except Create)
// is made there, and so is every callback. The io_context must outlive the
// client. Receive memory is bounded: 16 KiB of read-ahead, TLS's own buffers
// and one message of at most max_message_bytes.
class WebSocketClient {
 public:
  // Connects nothing yet.
  // Errors: InvalidArgument, with the option's name.
  static absl::StatusOr<std::unique_ptr<WebSocketClient>> Create(boost::asio::io_context& io,
                                                                 WebSocketOptions options,
                                                                 WebSocketCallbacks callbacks);

  // Cuts the connection. No callback comes from here nor afterwards.
  ~WebSocketClient();
  WebSocketClient(const WebSocketClient&) = delete;
  WebSocketClient& operator=(const WebSocketClient&) = delete;

  // Starts one connection attempt; its end is always told by on_close, never from
  // within this call. Allowed before the first attempt and again from on_close
  // on; has no effect in between.
  void Connect();

  // Queues a text message; messages leave in the order of the calls.
  // Errors: FailedPrecondition, not open; ResourceExhausted, the message would
  // take the queue above max_queued_bytes. Nothing is sent in either case.
  absl::Status Send(std::string text);

  // Sends a close frame behind the message being written (others that wait are
  // dropped) and cuts the connection when the peer has not answered within a
  // second. No message is delivered any more. A connection that is not open yet
  // is given up at once. `code`: 1000, or 3000 to 4999 for the peer's own.
  void Close(int code);

  bool is_open() const;
  WebSocketStatistics statistics() const;

 private:
  class Impl;
  explicit WebSocketClient(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace switchyard::net
