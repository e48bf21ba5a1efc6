#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/net/internal/asio.h"
#include "common/net/internal/connector.h"
#include "common/net/internal/read_ahead_stream.h"
#include "common/net/internal/thread_check.h"
#include "common/net/websocket_client.h"

namespace switchyard::net::internal {

// What a client and its sessions share. Shared, because the last handlers of a
// session may outlive the client.
struct WebSocketShared {
  WebSocketOptions options;
  WebSocketCallbacks callbacks;
  WebSocketStatistics statistics;
  ThreadCheck thread;
};

// One connection of a WebSocketClient, from Connect() to on_close. Lives on the
// io_context's thread, kept alive by its operations.
class WebSocketSession : public std::enable_shared_from_this<WebSocketSession> {
 public:
  WebSocketSession(asio::io_context& io, std::shared_ptr<WebSocketShared> shared);
  ~WebSocketSession();

  void Start();
  absl::Status Send(std::string text);
  void Close(int code);

  // Cuts the connection; no callback comes any more. Idempotent.
  void Detach();

  bool is_open() const { return is_open_ && !is_closing_ && !has_peer_closed_ && !has_ended_; }
  bool has_ended() const { return has_ended_; }

 private:
  using Stream = boost::beast::websocket::stream<ReadAheadStream>;

  void OnConnected(absl::StatusOr<std::unique_ptr<Transport>> made);
  void StartHandshake(std::unique_ptr<Transport> transport);
  void ConfigureStream();
  void OnHandshake(const ErrorCode& error);
  void StartRead();
  void OnRead(const ErrorCode& error);
  void DeliverMessage();
  void OnReadFailed(const ErrorCode& error);
  void OnControlFrame(boost::beast::websocket::frame_type kind);
  void WriteNext();
  void OnWritten(const ErrorCode& error);
  void SchedulePing();
  void SendPing();
  // Ends the session where it has not ended by itself within `timeout`.
  void CutAfter(std::chrono::nanoseconds timeout, std::string why);
  void End(const absl::Status& why, int close_code, const HttpResponse* refusal = nullptr);
  absl::Status Unavailable(std::string_view what) const;

  asio::io_context& io_;
  const std::shared_ptr<WebSocketShared> shared_;
  const WebSocketOptions& options_;
  std::shared_ptr<Connector> connector_;
  std::optional<Stream> stream_;
  boost::beast::websocket::response_type handshake_response_;
  boost::beast::flat_buffer buffer_;
  std::deque<std::string> send_queue_;  // the front one is being written
  std::size_t queued_bytes_ = 0;
  Timer cut_timer_;                   // of the handshake, then of the closing handshake
  Timer ping_timer_;                  // until the next ping, then until the verdict on it
  Timer::time_point last_ping_time_;  // or when the connection opened
  bool is_ping_in_flight_ = false;    // being written
  bool is_pong_awaited_ = false;
  std::uint64_t bytes_at_ping_ = 0;
  bool is_open_ = false;
  bool is_closing_ = false;       // by Close()
  bool has_peer_closed_ = false;  // its close frame was read
  bool has_ended_ = false;
  bool is_detached_ = false;
};

}  // namespace switchyard::net::internal
