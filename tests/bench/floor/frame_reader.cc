#include "tests/bench/floor/frame_reader.h"

#include <fmt/format.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <utility>

namespace switchyard::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

std::int64_t UnixSeconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

}  // namespace

std::string SubscribeFrame(const std::string& symbol) {
  return fmt::format(R"({{"time":{},"channel":"spot.order_book_update","event":"subscribe",)"
                     R"("payload":["{}","100ms"]}})",
                     UnixSeconds(), symbol);
}

FrameReader::FrameReader(std::string host, std::string port, Handlers handlers)
    : host_(std::move(host)),
      port_(std::move(port)),
      handlers_(std::move(handlers)),
      work_(asio::make_work_guard(io_)),
      thread_([this] { io_.run(); }) {}

FrameReader::~FrameReader() {
  io_.stop();
  thread_.join();
}

void FrameReader::Start(std::vector<std::string> symbols) {
  asio::post(io_, [this, symbols = std::move(symbols)] {
    symbols_ = symbols;
    Connect();
  });
}

void FrameReader::Stop() {
  asio::post(io_, [this] {
    symbols_.clear();
    paused_ = false;
    if (socket_ == nullptr) return;
    beast::error_code ignored;
    socket_->next_layer().close(ignored);
  });
}

void FrameReader::Resume() {
  asio::post(io_, [this] {
    if (std::exchange(paused_, false) && socket_ != nullptr) Read();
  });
}

// Blocks the thread: nothing else is to be done until frames flow. Throws where the simulator is
// not there, which ends the benchmark.
void FrameReader::Connect() {
  asio::ip::tcp::resolver resolver(io_);
  socket_ = std::make_unique<Socket>(io_);
  asio::connect(socket_->next_layer(), resolver.resolve(host_, port_));
  socket_->next_layer().set_option(asio::ip::tcp::no_delay(true));
  socket_->handshake(host_ + ":" + port_, "/ws/v4/");
  socket_->text(true);
  for (const std::string& symbol : symbols_) {
    socket_->write(asio::buffer(SubscribeFrame(symbol)));
  }
  ReadSnapshot(symbols_.front());
  buffer_.clear();
  Read();
}

// A book needs one, so the bare chain pays for one too.
void FrameReader::ReadSnapshot(const std::string& symbol) {
  asio::ip::tcp::resolver resolver(io_);
  asio::ip::tcp::socket connection(io_);
  asio::connect(connection, resolver.resolve(host_, port_));
  http::request<http::empty_body> request(
      http::verb::get,
      fmt::format("/api/v4/spot/order_book?currency_pair={}&limit=100&with_id=true", symbol), 11);
  request.set(http::field::host, host_);
  http::write(connection, request);
  beast::flat_buffer buffer;
  http::response<http::string_body> response;
  http::read(connection, buffer, response);
}

void FrameReader::Read() {
  Socket* const socket = socket_.get();
  socket->async_read(buffer_, [this, socket](beast::error_code error, std::size_t) {
    if (socket != socket_.get()) return;
    if (error) {
      if (symbols_.empty()) {
        socket_.reset();
        return;
      }
      Connect();
      handlers_.on_reconnect();
      return;
    }
    const auto data = buffer_.data();
    const bool more = handlers_.on_frame({static_cast<const char*>(data.data()), data.size()});
    buffer_.clear();
    if (more) {
      Read();
    } else {
      paused_ = true;
    }
  });
}

}  // namespace switchyard::bench
