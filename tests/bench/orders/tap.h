#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace switchyard::bench {

// The wire between a service and the exchange: passes on every byte both ways, and knows when an
// order's frame came from the service and when a fill's frame goes to it, nanoseconds of the steady
// clock. Own thread.
class Tap {
 public:
  // What a frame must hold to be an order: of Switchyard, of the bare chain.
  static constexpr std::string_view kOrderMark = "spot.order_place";
  static constexpr std::string_view kBareOrderMark = "bare-order";

  // `exchange`: host:port.
  explicit Tap(const std::string& exchange);
  ~Tap();
  Tap(const Tap&) = delete;
  Tap& operator=(const Tap&) = delete;

  // host:port for the service. Every connection is one to the exchange.
  const std::string& address() const { return address_; }

  // From now on orders and fills are counted from 0. Any thread, as the rest.
  void Restart();
  // When the first byte of order `count` came, counted from 1. Ends the benchmark after 20 s.
  std::int64_t AwaitOrder(std::uint64_t count);
  // When the first fill's frame went that names the order by the exchange's client id.
  std::int64_t AwaitFill(const std::string& exchange_client_id);
  // Payload of the latest order's frame.
  std::size_t order_bytes();

 private:
  class Connection;
  struct Fill {
    std::int64_t sent_ns = 0;
    std::string payload;
  };

  void Accept();
  void OnFrameToExchange(std::string_view payload, std::int64_t begin_ns);
  void OnFrameToService(std::string_view payload, std::int64_t begin_ns);
  const Fill* FindFill(const std::string& exchange_client_id) const;

  boost::asio::io_context io_{1};
  const boost::asio::ip::tcp::endpoint exchange_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::string address_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::uint64_t orders_ = 0;
  std::int64_t latest_order_ns_ = 0;
  std::size_t order_bytes_ = 0;
  std::vector<Fill> fills_;

  std::thread thread_;
};

}  // namespace switchyard::bench
