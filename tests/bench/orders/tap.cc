#include "tests/bench/orders/tap.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <utility>

#include "tests/bench/chain/process.h"
#include "tests/bench/orders/frame_scanner.h"

namespace switchyard::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::seconds kPatience{20};
constexpr std::string_view kFillMark = "spot.usertrades";
constexpr std::string_view kUpdateMark = "\"update\"";

tcp::endpoint EndpointOf(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  const auto port = std::strtoul(address.c_str() + colon + 1, nullptr, 10);
  return {asio::ip::make_address(address.substr(0, colon)), static_cast<std::uint16_t>(port)};
}

}  // namespace

// Two sockets and what goes between them; kept by its own pending reads and writes.
class Tap::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Tap& tap, tcp::socket service)
      : to_exchange_(std::move(service),
                     FrameScanner([&tap](std::string_view payload, std::int64_t begin_ns) {
                       tap.OnFrameToExchange(payload, begin_ns);
                     })),
        to_service_(tcp::socket(tap.io_),
                    FrameScanner([&tap](std::string_view payload, std::int64_t begin_ns) {
                      tap.OnFrameToService(payload, begin_ns);
                    })) {}

  // Blocks until the exchange has taken the connection.
  void Start(const tcp::endpoint& exchange) {
    error_code error;
    to_service_.from.connect(exchange, error);
    if (error) return;
    to_service_.from.set_option(tcp::no_delay(true), error);
    to_exchange_.from.set_option(tcp::no_delay(true), error);
    Pass(to_exchange_, to_service_.from);
    Pass(to_service_, to_exchange_.from);
  }

 private:
  struct Direction {
    Direction(tcp::socket socket, FrameScanner frames)
        : from(std::move(socket)), scanner(std::move(frames)) {}

    tcp::socket from;
    FrameScanner scanner;
    std::array<char, 65'536> buffer;
  };

  void Pass(Direction& direction, tcp::socket& to) {
    auto read = [this, self = shared_from_this(), &direction, &to](error_code error,
                                                                   std::size_t size) {
      if (error) return Close();
      direction.scanner.Feed({direction.buffer.data(), size}, SteadyNs());
      asio::async_write(to, asio::buffer(direction.buffer.data(), size),
                        [this, self, &direction, &to](error_code failure, std::size_t) {
                          failure ? Close() : Pass(direction, to);
                        });
    };
    direction.from.async_read_some(asio::buffer(direction.buffer), std::move(read));
  }

  void Close() {
    error_code ignored;
    to_exchange_.from.close(ignored);
    to_service_.from.close(ignored);
  }

  Direction to_exchange_, to_service_;
};

Tap::Tap(const std::string& exchange)
    : exchange_(EndpointOf(exchange)),
      acceptor_(io_, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)),
      address_(fmt::format("127.0.0.1:{}", acceptor_.local_endpoint().port())) {
  Accept();
  thread_ = std::thread([this] { io_.run(); });
}

Tap::~Tap() {
  io_.stop();
  thread_.join();
}

void Tap::Accept() {
  acceptor_.async_accept([this](error_code error, tcp::socket service) {
    if (error) return;
    std::make_shared<Connection>(*this, std::move(service))->Start(exchange_);
    Accept();
  });
}

void Tap::OnFrameToExchange(std::string_view payload, std::int64_t begin_ns) {
  if (payload.find(kOrderMark) == std::string_view::npos &&
      payload.find(kBareOrderMark) == std::string_view::npos) {
    return;
  }
  const std::lock_guard lock(mutex_);
  order_bytes_ = payload.size();
  ++orders_;
  latest_order_ns_ = begin_ns;
  changed_.notify_all();
}

void Tap::OnFrameToService(std::string_view payload, std::int64_t begin_ns) {
  if (payload.find(kFillMark) == std::string_view::npos ||
      payload.find(kUpdateMark) == std::string_view::npos) {
    return;
  }
  const std::lock_guard lock(mutex_);
  fills_.push_back({begin_ns, std::string(payload)});
  changed_.notify_all();
}

void Tap::Restart() {
  const std::lock_guard lock(mutex_);
  orders_ = 0;
  fills_.clear();
}

std::int64_t Tap::AwaitOrder(std::uint64_t count) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kPatience, [&] { return orders_ >= count; })) {
    Fail(fmt::format("order {} was not sent", count));
  }
  if (orders_ != count) Fail("an order was sent twice");
  return latest_order_ns_;
}

std::int64_t Tap::AwaitFill(const std::string& exchange_client_id) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kPatience,
                         [&] { return FindFill(exchange_client_id) != nullptr; })) {
    Fail("no fill of " + exchange_client_id);
  }
  return FindFill(exchange_client_id)->sent_ns;
}

const Tap::Fill* Tap::FindFill(const std::string& exchange_client_id) const {
  for (const Fill& fill : fills_) {
    if (fill.payload.find(exchange_client_id) != std::string::npos) return &fill;
  }
  return nullptr;
}

std::size_t Tap::order_bytes() {
  const std::lock_guard lock(mutex_);
  return order_bytes_;
}

}  // namespace switchyard::bench
