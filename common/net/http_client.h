#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/net/endpoint.h"
#include "common/net/http_message.h"
#include "common/net/proxy.h"
#include "common/net/tls_context.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace switchyard::net {

struct HttpClientOptions {
  Endpoint endpoint = {};
  // Required where `endpoint.tls`, ignored otherwise.
  std::shared_ptr<TlsContext> tls = {};
  std::optional<ProxyOptions> proxy = {};
  int max_connections = 8;
  // Requests that wait for a connection; one more is refused.
  std::size_t max_queued = 1024;
  // For name resolution, TCP, proxy and TLS together.
  std::chrono::nanoseconds connect_timeout = std::chrono::seconds(5);
  // A connection unused for so long is closed.
  std::chrono::nanoseconds idle_timeout = std::chrono::seconds(50);
  std::size_t max_body_bytes = 64 * 1024 * 1024;
  std::string user_agent = "switchyard";
};

struct HttpStatistics {
  std::uint64_t requests = 0;        // handed to Send
  std::uint64_t responses = 0;       // whole answers, of any status
  std::uint64_t failures = 0;        // requests that ended with an error
  std::uint64_t retries = 0;         // tried again after a kept connection proved closed
  std::uint64_t connects = 0;        // connections opened successfully
  std::uint64_t bytes_sent = 0;      // of requests, before TLS
  std::uint64_t bytes_received = 0;  // of response bodies
  std::size_t open_connections = 0;  // being opened, busy or idle
  std::size_t idle_connections = 0;
  std::size_t queued = 0;
};

// An HTTP/1.1 client of one endpoint with a pool of kept connections.
//
// Lives on the one thread that runs its io_context: every call (except Create)
// is made there, and so is every callback. The io_context must outlive the
// client and keep running for outstanding callbacks to come. Redirects are not
// followed and no compressed answer is asked for.
class HttpClient {
 public:
  using Done = std::function<void(absl::StatusOr<HttpResponse>)>;

  // Connects nothing yet.
  // Errors: InvalidArgument, with the option's name.
  static absl::StatusOr<std::unique_ptr<HttpClient>> Create(boost::asio::io_context& io,
                                                            HttpClientOptions options);

  // As Close().
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Sends `request` on a kept or a new connection, in the order of the calls,
  // and gives up `timeout` from now. `done` is called exactly once and never
  // before Send returned; it may destroy the client.
  //
  // Any HTTP status is a response. Otherwise the code says what may have
  // happened to the request:
  //   InvalidArgument    it cannot be put on the wire (line breaks, bad method)
  //   ResourceExhausted  max_queued requests wait already; nothing was sent
  //   Unavailable        no byte of it was written: resolution, connect, proxy,
  //                      TLS, or the timeout struck before
  //   DeadlineExceeded   the timeout struck after the first byte was written
  //   Unknown            bytes were written, and the connection broke, or the
  //                      answer was malformed or above max_body_bytes
  //   Cancelled          Close() or destruction; the message says whether bytes
  //                      had been written
  //
  // A request whose kept connection turns out to be closed is tried once more on
  // a new connection: of any method while no byte was written, GET and HEAD also
  // after that, as long as no byte of an answer came.
  void Send(HttpRequest request, std::chrono::nanoseconds timeout, Done done);

  // Closes all connections and ends all requests, later ones too, with Cancelled.
  void Close();

  HttpStatistics statistics() const;

 private:
  class Impl;
  explicit HttpClient(std::shared_ptr<Impl> impl);

  // Shared with the handlers of operations in flight, which may outlive *this.
  std::shared_ptr<Impl> impl_;
};

}  // namespace switchyard::net
