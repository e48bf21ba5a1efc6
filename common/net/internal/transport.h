#pragma once

#include <boost/asio/compose.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/net/internal/asio.h"
#include "common/net/tls_context.h"

namespace switchyard::net::internal {

// A TCP socket that counts what it wrote: the proof that nothing of a request
// left, which an answer "not sent, try again" needs. Below TLS, because there a
// failed write does not say how much of it had gone.
class CountedSocket {
 public:
  using executor_type = Executor;
  using lowest_layer_type = TcpSocket;

  explicit CountedSocket(const Executor& executor) : socket_(executor) {}

  executor_type get_executor() { return socket_.get_executor(); }
  lowest_layer_type& lowest_layer() { return socket_; }
  TcpSocket& socket() { return socket_; }
  std::uint64_t bytes_written() const { return bytes_written_; }

  template <typename Buffers, typename Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    socket_.async_read_some(buffers, std::forward<Handler>(handler));
  }

  template <typename Buffers, typename Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    asio::async_compose<Handler, void(ErrorCode, std::size_t)>(WriteOp<Buffers>{this, buffers},
                                                               handler, socket_);
  }

 private:
  template <typename Buffers>
  struct WriteOp {
    template <typename Self>
    void operator()(Self& self) {
      socket->socket_.async_write_some(buffers, std::move(self));
    }
    template <typename Self>
    void operator()(Self& self, ErrorCode error, std::size_t size) {
      socket->bytes_written_ += size;
      self.complete(error, size);
    }

    CountedSocket* socket;
    Buffers buffers;
  };

  TcpSocket socket_;
  std::uint64_t bytes_written_ = 0;
};

// One connection, plain or TLS: one type, so that what is built on it need not
// be a template. Meets Beast's AsyncStream requirements. Must outlive its
// outstanding operations.
class Transport {
 public:
  using executor_type = Executor;

  explicit Transport(const Executor& executor) : socket_(executor) {}

  executor_type get_executor() { return socket_.get_executor(); }
  TcpSocket& socket() { return socket_.socket(); }
  // On the TCP level, TLS and proxy handshakes included.
  std::uint64_t bytes_written() const { return socket_.bytes_written(); }

  // Makes everything from here on TLS with a peer that proves to be `host`.
  absl::Status EnableTls(std::shared_ptr<TlsContext> context, const std::string& host);

  // `handler(ErrorCode)`. After EnableTls.
  template <typename Handler>
  void AsyncTlsHandshake(Handler&& handler) {
    tls_->async_handshake(asio::ssl::stream_base::client, std::forward<Handler>(handler));
  }

  // What the failure of the handshake was, certificate verdict included.
  std::string DescribeTlsFailure(const ErrorCode& error);

  template <typename Buffers, typename Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) {
      tls_->async_read_some(buffers, std::forward<Handler>(handler));
    } else {
      socket_.async_read_some(buffers, std::forward<Handler>(handler));
    }
  }

  template <typename Buffers, typename Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) {
      tls_->async_write_some(buffers, std::forward<Handler>(handler));
    } else {
      socket_.async_write_some(buffers, std::forward<Handler>(handler));
    }
  }

  // Decrypts TLS records that the last read of the socket brought along, without
  // touching the socket; 0 where there are none. Many servers put each message
  // into a record of its own, and a read yields one record.
  std::size_t ReadBuffered(void* data, std::size_t size);

  // Whether the peer has closed (or sent something nobody asked for). For a
  // connection that idles between requests.
  bool IsStale();

  // Tells the peer that nothing more will come.
  void ShutdownSend();

  // Outstanding operations end with operation_aborted. Idempotent.
  void Close();

 private:
  CountedSocket socket_;
  // Keeps the native context of tls_ alive.
  std::shared_ptr<TlsContext> tls_context_;
  std::optional<asio::ssl::stream<CountedSocket&>> tls_;
};

}  // namespace switchyard::net::internal
