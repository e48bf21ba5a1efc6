#include "common/net/internal/websocket_session.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/option.hpp>
#include <string_view>
#include <utility>

namespace switchyard::net::internal {
namespace {

namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using std::chrono::nanoseconds;

constexpr std::chrono::seconds kCloseTimeout{1};
// Holds most messages of exchanges without growing.
constexpr std::size_t kInitialBufferBytes = 4 * 1024;
// Close code of a close frame that carries none (RFC 6455 section 7.1.5).
constexpr int kNoStatusReceived = 1005;

HttpResponse ToRefusal(const websocket::response_type& message) {
  HttpResponse refusal;
  refusal.status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    refusal.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  refusal.body = message.body();
  return refusal;
}

}  // namespace

WebSocketSession::WebSocketSession(asio::io_context& io, std::shared_ptr<WebSocketShared> shared)
    : io_(io),
      shared_(std::move(shared)),
      options_(shared_->options),
      cut_timer_(io.get_executor()),
      ping_timer_(io.get_executor()) {}

WebSocketSession::~WebSocketSession() = default;

void WebSocketSession::Start() {
  CutAfter(options_.connect_timeout, "timed out before the connection was open");
  ConnectOptions connect{
      .endpoint = options_.endpoint,
      .tls = options_.tls,
      .proxy = options_.proxy,
      .timeout = options_.connect_timeout,
  };
  connector_ = Connector::Start(io_, std::move(connect), [self = shared_from_this()](auto made) {
    self->OnConnected(std::move(made));
  });
}

void WebSocketSession::OnConnected(absl::StatusOr<std::unique_ptr<Transport>> made) {
  shared_->thread.Bind();
  connector_.reset();
  if (has_ended_ || is_closing_) return;
  if (!made.ok()) {
    End(made.status(), kAbnormalClosure);
    return;
  }
  StartHandshake(*std::move(made));
}

void WebSocketSession::StartHandshake(std::unique_ptr<Transport> transport) {
  stream_.emplace(std::move(transport));
  ConfigureStream();
  stream_->async_handshake(
      handshake_response_, HostHeader(options_.endpoint), options_.target,
      [self = shared_from_this()](const ErrorCode& error) { self->OnHandshake(error); });
}

void WebSocketSession::ConfigureStream() {
  stream_->set_option(
      websocket::stream_base::decorator([shared = shared_](websocket::request_type& request) {
        for (const auto& [name, value] : shared->options.headers) request.set(name, value);
      }));
  websocket::permessage_deflate deflate;
  deflate.client_enable = options_.permessage_deflate;
  stream_->set_option(deflate);
  stream_->read_message_max(options_.max_message_bytes);
  stream_->text(true);
  // Some servers do not put fragments together.
  stream_->auto_fragment(false);
  // Owned by the stream and with that by *this.
  stream_->control_callback(
      [this](websocket::frame_type kind, beast::string_view) { OnControlFrame(kind); });
}

void WebSocketSession::OnHandshake(const ErrorCode& error) {
  shared_->thread.Bind();
  if (has_ended_ || is_closing_) return;
  if (error == websocket::error::upgrade_declined) {
    const HttpResponse refusal = ToRefusal(handshake_response_);
    End(Unavailable(fmt::format("the server refused the upgrade with status {}", refusal.status)),
        kAbnormalClosure, &refusal);
    return;
  }
  if (error) {
    End(Unavailable(fmt::format("websocket handshake: {}", error.message())), kAbnormalClosure);
    return;
  }
  cut_timer_.cancel();
  handshake_response_ = {};
  buffer_.reserve(kInitialBufferBytes);
  is_open_ = true;
  last_ping_time_ = Timer::clock_type::now();
  SchedulePing();
  StartRead();
  shared_->callbacks.on_open(shared_->callbacks.context);
}

void WebSocketSession::StartRead() {
  stream_->async_read(buffer_, [self = shared_from_this()](const ErrorCode& error, std::size_t) {
    self->OnRead(error);
  });
}

void WebSocketSession::OnRead(const ErrorCode& error) {
  shared_->thread.Bind();
  if (has_ended_) return;
  if (error) {
    OnReadFailed(error);
    return;
  }
  if (is_closing_) {
    buffer_.consume(buffer_.size());
    StartRead();
    return;
  }
  const auto batch_end_time = Timer::clock_type::now() + kMaxBatchTime;
  const FrameScanner& scanner = stream_->next_layer().scanner();
  ErrorCode failure;
  DeliverMessage();
  for (int count = 1; is_open() && count < kMaxBatchMessages && scanner.IsNextMessageReady() &&
                      Timer::clock_type::now() < batch_end_time;
       ++count) {
    // Cannot block: the scanner has seen the message to its end.
    stream_->read(buffer_, failure);
    if (failure) break;
    DeliverMessage();
  }
  if (is_detached_) return;
  shared_->callbacks.on_batch_end(shared_->callbacks.context);
  if (has_ended_) return;
  if (failure) {
    OnReadFailed(failure);
  } else {
    StartRead();
  }
}

void WebSocketSession::DeliverMessage() {
  ReadAheadStream& source = stream_->next_layer();
  source.scanner().MarkDelivered();
  const std::size_t size = buffer_.size();
  if (buffer_.capacity() < size + kMessagePadding) buffer_.reserve(size + kMessagePadding);
  const std::string_view message(static_cast<const char*>(buffer_.data().data()), size);
  const std::int64_t receive_time_ns = source.last_read_time_ns();
  WebSocketStatistics& statistics = shared_->statistics;
  ++statistics.messages;
  statistics.bytes += size;
  statistics.last_message_time = receive_time_ns;
  shared_->callbacks.on_message(shared_->callbacks.context, message, stream_->got_binary(),
                                receive_time_ns);
  buffer_.consume(size);
}

void WebSocketSession::OnReadFailed(const ErrorCode& error) {
  if (!has_peer_closed_) {
    End(Unavailable(fmt::format("read: {}", error.message())), kAbnormalClosure);
    return;
  }
  const websocket::close_reason& reason = stream_->reason();
  const int code = reason.code == websocket::close_code::none ? kNoStatusReceived
                                                              : static_cast<int>(reason.code);
  if (is_closing_) {
    End(absl::OkStatus(), code);
    return;
  }
  End(Unavailable(fmt::format("the server closed with code {} ({})", code,
                              std::string_view(reason.reason.data(), reason.reason.size()))),
      code);
}

void WebSocketSession::OnControlFrame(websocket::frame_type kind) {
  shared_->statistics.last_message_time = stream_->next_layer().last_read_time_ns();
  switch (kind) {
    case websocket::frame_type::ping:
      ++shared_->statistics.pings;
      break;
    case websocket::frame_type::pong:
      ++shared_->statistics.pongs;
      if (is_pong_awaited_) SchedulePing();
      break;
    case websocket::frame_type::close:
      has_peer_closed_ = true;
      // The answer may be stuck behind what the peer does not read any more.
      CutAfter(kCloseTimeout, "the server closed, and the answer to it could not be written");
      break;
  }
}

absl::Status WebSocketSession::Send(std::string text) {
  if (!is_open()) return absl::FailedPreconditionError("send: the websocket is not open");
  if (text.size() > options_.max_queued_bytes - queued_bytes_) {
    return absl::ResourceExhaustedError(
        fmt::format("send: {} bytes wait already, and {} more would exceed {}", queued_bytes_,
                    text.size(), options_.max_queued_bytes));
  }
  queued_bytes_ += text.size();
  send_queue_.push_back(std::move(text));
  if (send_queue_.size() == 1) WriteNext();
  return absl::OkStatus();
}

void WebSocketSession::WriteNext() {
  stream_->async_write(
      asio::buffer(send_queue_.front()),
      [self = shared_from_this()](const ErrorCode& error, std::size_t) { self->OnWritten(error); });
}

void WebSocketSession::OnWritten(const ErrorCode& error) {
  shared_->thread.Bind();
  if (has_ended_) return;
  if (error) {
    // While closing, the end of the closing handshake has the better reason.
    if (!is_closing_ && !has_peer_closed_) {
      End(Unavailable(fmt::format("write: {}", error.message())), kAbnormalClosure);
    }
    return;
  }
  queued_bytes_ -= send_queue_.front().size();
  send_queue_.pop_front();
  if (!send_queue_.empty() && is_open()) WriteNext();
}

void WebSocketSession::SchedulePing() {
  if (options_.ping_interval <= nanoseconds(0)) return;
  is_pong_awaited_ = false;
  ping_timer_.expires_at(last_ping_time_ + options_.ping_interval);
  ping_timer_.async_wait([self = shared_from_this()](const ErrorCode& error) {
    self->shared_->thread.Bind();
    if (!error && self->is_open()) self->SendPing();
  });
}

void WebSocketSession::SendPing() {
  last_ping_time_ = Timer::clock_type::now();
  bytes_at_ping_ = stream_->next_layer().bytes_received();
  is_pong_awaited_ = true;
  // A ping that waits behind a stuck write is not repeated: only one may be
  // outstanding, and the verdict is the same.
  if (!is_ping_in_flight_) {
    is_ping_in_flight_ = true;
    stream_->async_ping({}, [self = shared_from_this()](const ErrorCode&) {
      // A failure shows in the read as well.
      self->is_ping_in_flight_ = false;
    });
  }
  ping_timer_.expires_after(options_.pong_timeout);
  ping_timer_.async_wait([self = shared_from_this()](const ErrorCode& error) {
    self->shared_->thread.Bind();
    if (error || !self->is_open()) return;
    // Data proves the connection alive as well: some servers answer late.
    if (self->stream_->next_layer().bytes_received() == self->bytes_at_ping_) {
      self->End(self->Unavailable("nothing arrived within pong_timeout of a ping"),
                kAbnormalClosure);
    } else {
      self->SchedulePing();
    }
  });
}

void WebSocketSession::Close(int code) {
  if (has_ended_ || is_closing_) return;
  is_closing_ = true;
  if (!is_open_) {
    if (connector_ != nullptr) connector_->Cancel();
    CutAfter(nanoseconds(0), "closed before it was open");
    return;
  }
  ping_timer_.cancel();
  // The answer to the peer's own close frame is on its way already.
  if (has_peer_closed_) return;
  CutAfter(kCloseTimeout, "the server did not answer the close frame");
  stream_->async_close(websocket::close_reason(static_cast<websocket::close_code>(code)),
                       [self = shared_from_this()](const ErrorCode& error) {
                         self->shared_->thread.Bind();
                         if (self->has_ended_) return;
                         // Beast reads the peer's close frame here or in the read.
                         if (!error || self->has_peer_closed_) {
                           self->has_peer_closed_ = true;
                           self->OnReadFailed(error);
                         } else {
                           self->End(self->Unavailable(fmt::format("close: {}", error.message())),
                                     kAbnormalClosure);
                         }
                       });
}

void WebSocketSession::CutAfter(nanoseconds timeout, std::string why) {
  cut_timer_.expires_after(timeout);
  cut_timer_.async_wait([self = shared_from_this(), why = std::move(why)](const ErrorCode& error) {
    self->shared_->thread.Bind();
    if (!error) self->End(self->Unavailable(why), kAbnormalClosure);
  });
}

void WebSocketSession::Detach() {
  is_detached_ = true;
  has_ended_ = true;
  cut_timer_.cancel();
  ping_timer_.cancel();
  if (connector_ != nullptr) connector_->Cancel();
  if (stream_) stream_->next_layer().transport().Close();
}

void WebSocketSession::End(const absl::Status& why, int close_code, const HttpResponse* refusal) {
  if (has_ended_) return;
  // The client may be destroyed by the callback, the session is not.
  const auto self = shared_from_this();
  const bool was_detached = is_detached_;
  Detach();
  is_detached_ = was_detached;
  shared_->callbacks.on_close(shared_->callbacks.context, why, close_code,
                              refusal != nullptr ? refusal->status : 0, refusal);
}

absl::Status WebSocketSession::Unavailable(std::string_view what) const {
  return absl::UnavailableError(fmt::format(
      "websocket to {}: {}", HostAndPort(options_.endpoint.host, options_.endpoint.port), what));
}

}  // namespace switchyard::net::internal
