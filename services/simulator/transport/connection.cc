#include "services/simulator/transport/connection.h"

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <chrono>
#include <deque>
#include <string>
#include <utility>

namespace switchyard::simulator::transport {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;

using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;
using BeastRequest = http::request<http::string_body>;

// Not documented by any exchange; long enough for a client that idles between requests.
constexpr auto kHttpIdleTimeout = std::chrono::minutes(5);
// A protocol ping goes out after half of this without a byte from the client, a cut after all.
constexpr auto kWebSocketIdleTimeout = std::chrono::seconds(60);
constexpr std::size_t kMaximumRequestBytes = 1 << 20;
constexpr std::size_t kMaximumFrameBytes = 1 << 20;

HttpRequest ToRequest(const BeastRequest& message, const std::string& remote_address) {
  HttpRequest request;
  request.method = std::string(message.method_string());
  SplitTarget({message.target().data(), message.target().size()}, request);
  for (const auto& field : message) {
    request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  request.body = message.body();
  request.remote_address = remote_address;
  return request;
}

http::response<http::string_body> ToBeast(HttpResponse&& response, unsigned version) {
  http::response<http::string_body> message;
  message.version(version);
  message.result(response.status);
  message.set(http::field::content_type, response.content_type);
  for (const auto& [name, value] : response.headers) message.set(name, value);
  message.body() = std::move(response.body);
  message.prepare_payload();
  return message;
}

void CutLowest(beast::tcp_stream& stream) {
  beast::error_code ignored;
  stream.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  stream.close();
}

template <typename Stream>
class WebSocketConnection final : public Socket,
                                  public std::enable_shared_from_this<WebSocketConnection<Stream>> {
 public:
  // `owner` is only kept alive: it is how the server finds this socket.
  WebSocketConnection(Stream stream, std::shared_ptr<Connection> owner)
      : stream_(std::move(stream)), owner_(std::move(owner)) {
    websocket::stream_base::timeout timeouts{};
    timeouts.handshake_timeout = std::chrono::seconds(10);
    timeouts.idle_timeout = kWebSocketIdleTimeout;
    timeouts.keep_alive_pings = true;
    stream_.set_option(timeouts);
    stream_.read_message_max(kMaximumFrameBytes);
    stream_.auto_fragment(false);
    stream_.text(true);
  }

  void Start(const BeastRequest& message, HttpRequest request, ServerHandler& handler) {
    // The lowest layer's timer would cut a socket that the WebSocket layer watches itself.
    beast::get_lowest_layer(stream_).expires_never();
    stream_.async_accept(message, [self = this->shared_from_this(), request = std::move(request),
                                   &handler](beast::error_code error) {
      if (error) return;
      self->open_ = true;
      self->handler_ = handler.OnSocket(request, *self);
      self->Read();
    });
  }

  void Send(Frame frame) override {
    if (!open_ || closing_) return;
    queued_bytes_ += frame->size();
    queue_.push_back(std::move(frame));
    if (queued_bytes_ > kMaximumQueuedBytes) {
      Close(0);
    } else if (!writing_) {
      Write();
    }
  }

  void Close(std::uint16_t code) override {
    if (code == 0) {
      open_ = false;
      CutLowest(beast::get_lowest_layer(stream_));
      return;
    }
    if (!open_ || closing_) return;
    closing_ = true;
    close_code_ = code;
    if (!writing_) SendClose();
  }

  std::size_t queued_bytes() const override { return queued_bytes_; }

 private:
  void Read() {
    stream_.async_read(
        buffer_, [self = this->shared_from_this()](beast::error_code error, std::size_t) {
          if (error) {
            self->End();
            return;
          }
          const auto bytes = self->buffer_.cdata();
          self->handler_->OnText({static_cast<const char*>(bytes.data()), bytes.size()});
          self->buffer_.consume(self->buffer_.size());
          self->Read();
        });
  }

  void Write() {
    writing_ = true;
    stream_.async_write(asio::buffer(*queue_.front()),
                        [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                          self->writing_ = false;
                          self->queued_bytes_ -= self->queue_.front()->size();
                          self->queue_.pop_front();
                          if (error || !self->open_) {
                            self->queue_.clear();
                            self->queued_bytes_ = 0;
                          } else if (!self->queue_.empty()) {
                            self->Write();
                          } else if (self->closing_) {
                            self->SendClose();
                          }
                        });
  }

  void SendClose() {
    // The pending read ends with the client's answer.
    stream_.async_close(websocket::close_reason(close_code_),
                        [self = this->shared_from_this()](beast::error_code) {});
  }

  void End() {
    open_ = false;
    handler_.reset();
  }

  websocket::stream<Stream> stream_;
  std::shared_ptr<Connection> owner_;
  beast::flat_buffer buffer_;
  std::deque<Frame> queue_;
  std::size_t queued_bytes_ = 0;
  bool open_ = false;
  bool writing_ = false;
  bool closing_ = false;
  std::uint16_t close_code_ = 0;
  std::unique_ptr<SocketHandler> handler_;
};

template <typename Stream>
class HttpConnection final : public Connection,
                             public std::enable_shared_from_this<HttpConnection<Stream>> {
 public:
  HttpConnection(Stream stream, ServerHandler& handler)
      : stream_(std::move(stream)), handler_(handler) {
    beast::error_code error;
    const auto endpoint = beast::get_lowest_layer(stream_).socket().remote_endpoint(error);
    if (!error) remote_address_ = endpoint.address().to_string();
  }

  void Start() {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      beast::get_lowest_layer(stream_).expires_after(std::chrono::seconds(10));
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](beast::error_code error) {
                                if (!error) self->Read();
                              });
    } else {
      Read();
    }
  }

  void Cut() override {
    if (const auto socket = socket_.lock()) {
      socket->Close(0);
    } else if (!upgraded_) {
      CutLowest(beast::get_lowest_layer(stream_));
    }
  }

 private:
  void Read() {
    parser_.emplace();
    parser_->body_limit(kMaximumRequestBytes);
    beast::get_lowest_layer(stream_).expires_after(kHttpIdleTimeout);
    http::async_read(stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                       if (!error) self->Dispatch();
                     });
  }

  void Dispatch() {
    const BeastRequest& message = parser_->get();
    HttpRequest request = ToRequest(message, remote_address_);
    keep_alive_ = message.keep_alive();
    version_ = message.version();
    if (!websocket::is_upgrade(message)) {
      handler_.OnRequest(request, [self = this->shared_from_this()](HttpResponse response) {
        self->Respond(std::move(response));
      });
      return;
    }
    if (auto refusal = handler_.OnHandshake(request)) {
      keep_alive_ = false;
      Respond(std::move(*refusal));
      return;
    }
    upgraded_ = true;
    const auto socket =
        std::make_shared<WebSocketConnection<Stream>>(std::move(stream_), this->shared_from_this());
    socket_ = socket;
    socket->Start(message, std::move(request), handler_);
  }

  void Respond(HttpResponse response) {
    if (response.cut) {
      CutLowest(beast::get_lowest_layer(stream_));
      return;
    }
    auto message =
        std::make_shared<http::response<http::string_body>>(ToBeast(std::move(response), version_));
    message->keep_alive(keep_alive_);
    http::async_write(
        stream_, *message,
        [self = this->shared_from_this(), message](beast::error_code error, std::size_t) {
          if (error || !self->keep_alive_) {
            CutLowest(beast::get_lowest_layer(self->stream_));
          } else {
            self->Read();
          }
        });
  }

  Stream stream_;
  ServerHandler& handler_;
  std::string remote_address_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  bool keep_alive_ = false;
  unsigned version_ = 11;
  bool upgraded_ = false;
  std::weak_ptr<WebSocketConnection<Stream>> socket_;
};

}  // namespace

std::shared_ptr<Connection> StartConnection(asio::ip::tcp::socket socket, asio::ssl::context* tls,
                                            ServerHandler& handler) {
  beast::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  if (tls == nullptr) {
    auto connection =
        std::make_shared<HttpConnection<PlainStream>>(PlainStream(std::move(socket)), handler);
    connection->Start();
    return connection;
  }
  auto connection =
      std::make_shared<HttpConnection<TlsStream>>(TlsStream(std::move(socket), *tls), handler);
  connection->Start();
  return connection;
}

}  // namespace switchyard::simulator::transport
