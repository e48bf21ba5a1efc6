#include "tests/services/simulator/test_client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <utility>
#include <variant>

namespace switchyard::simulator::testing {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using Plain = beast::tcp_stream;
using Tls = beast::ssl_stream<beast::tcp_stream>;

asio::ssl::context& AnyServer() {
  static asio::ssl::context context(asio::ssl::context::tls_client);
  return context;
}

asio::ip::tcp::endpoint Loopback(std::uint16_t port) {
  return {asio::ip::make_address("127.0.0.1"), port};
}

// Runs until the operation has ended.
template <typename Start>
beast::error_code Run(asio::io_context& io, Start start) {
  beast::error_code result = asio::error::timed_out;
  start([&result](beast::error_code error, auto&&...) { result = error; });
  io.restart();
  io.run();
  return result;
}

template <typename Message>
HttpAnswer ToAnswer(const Message& message) {
  HttpAnswer answer;
  answer.status = message.result_int();
  for (const auto& field : message) {
    answer.headers[std::string(field.name_string())] = std::string(field.value());
  }
  answer.body = message.body();
  return answer;
}

template <typename Stream>
HttpAnswer Exchange(asio::io_context& io, Stream& stream,
                    const http::request<http::string_body>& request) {
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(128 << 20);
  beast::error_code error = Run(io, [&](auto done) { http::async_write(stream, request, done); });
  if (!error) error = Run(io, [&](auto done) { http::async_read(stream, buffer, parser, done); });
  return error ? HttpAnswer() : ToAnswer(parser.get());
}

HttpAnswer Perform(http::verb verb, std::uint16_t port, const std::string& target,
                   const Headers& headers, bool tls, std::chrono::milliseconds timeout,
                   const std::string& body = {}) {
  asio::io_context io;
  http::request<http::string_body> request(verb, target, 11);
  request.body() = body;
  if (!body.empty()) request.prepare_payload();
  request.set(http::field::host, "127.0.0.1");
  for (const auto& [name, value] : headers) request.set(name, value);
  Tls stream(io, AnyServer());
  Plain& plain = stream.next_layer();
  plain.expires_after(timeout);
  if (Run(io, [&](auto done) { plain.async_connect(Loopback(port), done); })) return {};
  if (!tls) return Exchange(io, plain, request);
  if (Run(io, [&](auto done) { stream.async_handshake(asio::ssl::stream_base::client, done); })) {
    return {};
  }
  return Exchange(io, stream, request);
}

}  // namespace

HttpAnswer Get(std::uint16_t port, const std::string& target, const Headers& headers, bool tls,
               std::chrono::milliseconds timeout) {
  return Perform(http::verb::get, port, target, headers, tls, timeout);
}

HttpAnswer Request(const std::string& method, std::uint16_t port, const std::string& target,
                   const Headers& headers, const std::string& body,
                   std::chrono::milliseconds timeout) {
  return Perform(http::string_to_verb(method), port, target, headers, false, timeout, body);
}

struct TestSocket::State {
  asio::io_context io;
  std::variant<websocket::stream<Plain>, websocket::stream<Tls>> stream;
  beast::flat_buffer buffer;
  HttpAnswer refusal;
  bool connected = false;
  bool closed = false;

  explicit State(bool tls)
      : stream(tls ? decltype(stream)(std::in_place_index<1>, io, AnyServer())
                   : decltype(stream)(std::in_place_index<0>, io)) {}

  template <typename Use>
  auto With(Use use) {
    return std::visit(use, stream);
  }
};

TestSocket::TestSocket(std::uint16_t port, const std::string& path, const Headers& headers,
                       bool tls)
    : state_(std::make_unique<State>(tls)) {
  State& state = *state_;
  state.With([&](auto& stream) {
    auto& lowest = beast::get_lowest_layer(stream);
    lowest.expires_after(std::chrono::seconds(10));
    if (Run(state.io, [&](auto done) { lowest.async_connect(Loopback(port), done); })) return;
    if constexpr (std::is_same_v<std::decay_t<decltype(stream)>, websocket::stream<Tls>>) {
      if (Run(state.io, [&](auto done) {
            stream.next_layer().async_handshake(asio::ssl::stream_base::client, done);
          })) {
        return;
      }
    }
    stream.set_option(websocket::stream_base::decorator([&](websocket::request_type& request) {
      for (const auto& [name, value] : headers) request.set(name, value);
    }));
    stream.read_message_max(64 << 20);
    websocket::response_type response;
    const beast::error_code error = Run(
        state.io, [&](auto done) { stream.async_handshake(response, "127.0.0.1", path, done); });
    state.connected = !error;
    if (error) state.refusal = ToAnswer(response);
  });
}

TestSocket::~TestSocket() = default;
TestSocket::TestSocket(TestSocket&&) noexcept = default;

bool TestSocket::connected() const { return state_->connected; }
unsigned TestSocket::refusal_status() const { return state_->refusal.status; }
const HttpAnswer& TestSocket::refusal() const { return state_->refusal; }

void TestSocket::Send(const std::string& text) {
  State& state = *state_;
  state.With([&](auto& stream) {
    beast::get_lowest_layer(stream).expires_after(std::chrono::seconds(10));
    if (Run(state.io, [&](auto done) { stream.async_write(asio::buffer(text), done); })) {
      state.closed = true;
    }
  });
}

std::optional<std::string> TestSocket::Receive(std::chrono::milliseconds timeout) {
  State& state = *state_;
  if (state.closed || !state.connected) return std::nullopt;
  return state.With([&](auto& stream) -> std::optional<std::string> {
    state.buffer.clear();
    beast::get_lowest_layer(stream).expires_after(timeout);
    if (Run(state.io, [&](auto done) { stream.async_read(state.buffer, done); })) {
      state.closed = true;
      return std::nullopt;
    }
    return beast::buffers_to_string(state.buffer.cdata());
  });
}

bool TestSocket::closed() const { return state_->closed; }

std::uint16_t TestSocket::close_code() const {
  return state_->With([](const auto& stream) { return stream.reason().code; });
}

}  // namespace switchyard::simulator::testing
