#include "common/net/internal/http_connection.h"

#include <fmt/format.h>

#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <utility>

namespace switchyard::net::internal {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::uint32_t kMaxHeaderBytes = 64 * 1024;
constexpr unsigned kSwitchingProtocols = 101;

// Errors by which a connection shows that the peer has closed it.
bool IsPeerClose(const ErrorCode& error) {
  return error == http::error::end_of_stream || error == asio::error::eof ||
         error == asio::error::connection_reset || error == asio::error::connection_aborted ||
         error == asio::error::broken_pipe || error == asio::ssl::error::stream_truncated;
}

HttpResponse ToResponse(http::response<http::string_body>&& message) {
  HttpResponse response;
  response.status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  response.body = std::move(message.body());
  return response;
}

}  // namespace

struct HttpConnection::Reading {
  beast::flat_buffer buffer;
  std::optional<http::response_parser<http::string_body>> parser;
};

std::shared_ptr<HttpConnection> HttpConnection::Create(std::unique_ptr<Transport> transport,
                                                       std::size_t max_body_bytes) {
  return std::shared_ptr<HttpConnection>(new HttpConnection(std::move(transport), max_body_bytes));
}

HttpConnection::HttpConnection(std::unique_ptr<Transport> transport, std::size_t max_body_bytes)
    : transport_(std::move(transport)),
      max_body_bytes_(max_body_bytes),
      reading_(std::make_unique<Reading>()) {}

HttpConnection::~HttpConnection() = default;

void HttpConnection::Exchange(std::string wire, bool is_head, Done done) {
  ++idle_spell_;
  ErrorCode ignored;
  transport_->socket().cancel(ignored);  // the idle watch
  wire_ = std::move(wire);
  is_head_ = is_head;
  done_ = std::move(done);
  written_before_ = transport_->bytes_written();
  asio::async_write(
      *transport_, asio::buffer(wire_),
      [self = shared_from_this()](const ErrorCode& error, std::size_t) { self->OnWritten(error); });
}

void HttpConnection::OnWritten(const ErrorCode& error) {
  if (error) {
    Fail(fmt::format("write the request: {}", error.message()), IsPeerClose(error));
    return;
  }
  ReadAnswer();
}

void HttpConnection::ReadAnswer() {
  reading_->parser.emplace();
  reading_->parser->header_limit(kMaxHeaderBytes);
  reading_->parser->body_limit(max_body_bytes_);
  reading_->parser->skip(is_head_);
  http::async_read(
      *transport_, reading_->buffer, *reading_->parser,
      [self = shared_from_this()](const ErrorCode& error, std::size_t) { self->OnRead(error); });
}

void HttpConnection::OnRead(const ErrorCode& error) {
  auto& parser = *reading_->parser;
  if (error == http::error::body_limit) {
    Fail(fmt::format("the answer's body exceeds {} bytes", max_body_bytes_), false);
    return;
  }
  if (error) {
    const bool unanswered = !parser.got_some() && reading_->buffer.size() == 0;
    Fail(fmt::format("read the answer: {}", error.message()), unanswered && IsPeerClose(error));
    return;
  }
  const unsigned status = parser.get().result_int();
  if (status < 200 && status != kSwitchingProtocols) {
    ReadAnswer();  // an interim answer (RFC 9110 section 15.2); the real one follows
    return;
  }
  const bool reusable =
      parser.keep_alive() && reading_->buffer.size() == 0 && status != kSwitchingProtocols;
  Finish({.response = ToResponse(parser.release()), .wrote = true, .reusable = reusable});
}

void HttpConnection::Fail(const std::string& what, bool closed_unanswered) {
  const bool wrote = transport_->bytes_written() != written_before_;
  Close();
  Finish({.response = absl::UnknownError(what),
          .wrote = wrote,
          .closed_unanswered = closed_unanswered});
}

void HttpConnection::Finish(ExchangeOutcome outcome) {
  reading_->parser.reset();
  wire_.clear();
  const Done done = std::exchange(done_, nullptr);
  done(std::move(outcome));
}

void HttpConnection::WatchIdle(std::function<void()> closed) {
  transport_->socket().async_wait(TcpSocket::wait_read,
                                  [self = shared_from_this(), spell = idle_spell_,
                                   closed = std::move(closed)](const ErrorCode& error) {
                                    if (!error && spell == self->idle_spell_) closed();
                                  });
}

void HttpConnection::Close() {
  ++idle_spell_;
  transport_->Close();
}

}  // namespace switchyard::net::internal
