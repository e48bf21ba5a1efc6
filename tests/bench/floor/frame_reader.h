#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace switchyard::bench {

// The exchange's request for the updates of a spot book. `symbol` as the exchange writes it.
std::string SubscribeFrame(const std::string& symbol);

// The least that a WebSocket client can be: reads frames of the simulator's spot books and gives
// them away as they are. Own thread; `on_frame` and `on_reconnect` run there.
class FrameReader {
 public:
  struct Handlers {
    // False: stop reading until Resume.
    std::function<bool(std::string_view frame)> on_frame;
    // The exchange has closed the socket; a new one is subscribed.
    std::function<void()> on_reconnect;
  };

  FrameReader(std::string host, std::string port, Handlers handlers);
  ~FrameReader();
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;

  // Connects and subscribes to the books of `symbols` (the exchange's own). Any thread.
  void Start(std::vector<std::string> symbols);
  // Cuts the connection. Any thread.
  void Stop();
  // Any thread.
  void Resume();

 private:
  using Socket = boost::beast::websocket::stream<boost::asio::ip::tcp::socket>;

  void Connect();
  void ReadSnapshot(const std::string& symbol);
  void Read();

  const std::string host_, port_;
  const Handlers handlers_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::unique_ptr<Socket> socket_;
  boost::beast::flat_buffer buffer_;
  std::vector<std::string> symbols_;
  bool paused_ = false;
  std::thread thread_;
};

}  // namespace switchyard::bench
