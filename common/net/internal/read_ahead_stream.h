#pragma once

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/role.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "common/net/internal/asio.h"
#include "common/net/internal/frame_scanner.h"
#include "common/net/internal/transport.h"

namespace switchyard::net::internal {

// What Beast's WebSocket stream reads from and writes to: a Transport with a
// fixed read-ahead buffer, so that one system call brings many frames, and with
// the knowledge of what that buffer holds. Messages that it holds completely are
// read synchronously, without a turn of the event loop for each.
class ReadAheadStream {
 public:
  using executor_type = Executor;

  explicit ReadAheadStream(std::unique_ptr<Transport> transport)
      : transport_(std::move(transport)) {}

  executor_type get_executor() { return transport_->get_executor(); }
  Transport& transport() { return *transport_; }
  FrameScanner& scanner() { return scanner_; }
  const FrameScanner& scanner() const { return scanner_; }
  // Wall clock of the last read of the socket, ns since 1970 UTC.
  std::int64_t last_read_time_ns() const { return last_read_time_ns_; }
  std::uint64_t bytes_received() const { return bytes_received_; }

  template <typename Buffers, typename Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (available() > 0) {
      asio::post(get_executor(), boost::beast::bind_front_handler(std::forward<Handler>(handler),
                                                                  ErrorCode(), Take(buffers)));
      return;
    }
    asio::async_compose<Handler, void(ErrorCode, std::size_t)>(ReadOp<Buffers>{this, buffers},
                                                               handler, get_executor());
  }

  template <typename Buffers, typename Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    transport_->async_write_some(buffers, std::forward<Handler>(handler));
  }

  // Only for messages that scanner() says are there.
  template <typename Buffers>
  std::size_t read_some(const Buffers& buffers, ErrorCode& error) {
    if (available() == 0) {
      error = asio::error::would_block;
      return 0;
    }
    error = {};
    return Take(buffers);
  }

  // Beast writes synchronously only to announce that a synchronous read has
  // failed. Blocking for that is out of the question, and the connection is cut
  // anyway: the bytes are dropped.
  template <typename Buffers>
  std::size_t write_some(const Buffers& buffers, ErrorCode& error) {
    error = {};
    return asio::buffer_size(buffers);
  }

  // Beast's SyncStream concept asks for these as well; nothing calls them, so that
  // they have no definition.
  template <typename Buffers>
  std::size_t read_some(const Buffers& buffers);
  template <typename Buffers>
  std::size_t write_some(const Buffers& buffers);

  // Found by Beast through argument-dependent look-up. Both sides have sent their
  // close frames by now, so the peer's end of the TCP connection is not waited
  // for: a new connection would have to wait as well.
  template <typename Handler>
  friend void async_teardown(boost::beast::role_type, ReadAheadStream& stream, Handler&& handler) {
    stream.transport_->ShutdownSend();
    asio::post(stream.get_executor(),
               boost::beast::bind_front_handler(std::forward<Handler>(handler), ErrorCode()));
  }
  friend void teardown(boost::beast::role_type, ReadAheadStream& stream, ErrorCode& error) {
    stream.transport_->Close();
    error = {};
  }
  friend void beast_close_socket(ReadAheadStream& stream) { stream.transport_->Close(); }

 private:
  static constexpr std::size_t kCapacity = 16 * 1024;

  template <typename Buffers>
  struct ReadOp {
    template <typename Self>
    void operator()(Self& self) {
      stream->transport_->async_read_some(asio::buffer(stream->storage_), std::move(self));
    }
    template <typename Self>
    void operator()(Self& self, const ErrorCode& error, std::size_t size) {
      if (error) {
        self.complete(error, 0);
        return;
      }
      stream->OnFilled(size);
      self.complete(error, stream->Take(buffers));
    }

    ReadAheadStream* stream;
    Buffers buffers;
  };

  // Bytes that may be handed out now.
  std::size_t available() const { return barrier_ - begin_; }

  template <typename Buffers>
  std::size_t Take(const Buffers& buffers) {
    const std::size_t count =
        asio::buffer_copy(buffers, asio::buffer(storage_.data() + begin_, available()));
    begin_ += count;
    if (begin_ == barrier_) barrier_ = end_;
    return count;
  }

  // `size` bytes have been read into the empty buffer.
  void OnFilled(std::size_t size);
  // The offset behind the end of the HTTP header, or `end_` where it is not there.
  std::size_t FindHeaderEnd();

  std::unique_ptr<Transport> transport_;
  FrameScanner scanner_;
  std::array<std::uint8_t, kCapacity> storage_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  // Between the answer to the handshake and the frames behind it: Beast fails if
  // it gets more of these with the answer than its own 1536 bytes can hold.
  std::size_t barrier_ = 0;
  bool is_in_handshake_ = true;
  std::size_t matched_of_header_end_ = 0;
  std::int64_t last_read_time_ns_ = 0;
  std::uint64_t bytes_received_ = 0;
};

}  // namespace switchyard::net::internal
