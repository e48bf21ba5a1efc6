#include "tests/bench/floor/tls_sockets.h"

#include <unistd.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <cstdint>
#include <fstream>
#include <memory>
#include <vector>

#include "tests/bench/floor/frame_reader.h"

namespace switchyard::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

// The first ones pay for what all share.
constexpr int kFirst = 10;
constexpr int kFrames = 6;

std::int64_t ResidentKib() {
  std::int64_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * ::sysconf(_SC_PAGESIZE) / 1024;
}

class TlsSocket {
 public:
  TlsSocket(asio::io_context& io, asio::ssl::context& trust,
            const asio::ip::tcp::resolver::results_type& endpoints, const std::string& host)
      : stream_(io, trust) {
    auto& tcp = stream_.next_layer().next_layer();
    asio::connect(tcp, endpoints);
    tcp.set_option(asio::ip::tcp::no_delay(true));
    stream_.next_layer().handshake(asio::ssl::stream_base::client);
    stream_.handshake(host, "/ws/v4/");
    stream_.text(true);
    stream_.write(asio::buffer(SubscribeFrame("BTC_USDT")));
  }

  void Read(int frames) {
    if (frames == 0) return;
    stream_.async_read(buffer_, [this, frames](beast::error_code error, std::size_t) {
      if (error) throw beast::system_error(error);
      buffer_.clear();
      Read(frames - 1);
    });
  }

 private:
  beast::websocket::stream<asio::ssl::stream<asio::ip::tcp::socket>> stream_;
  beast::flat_buffer buffer_;
};

}  // namespace

double TlsSocketKib(const std::string& host, const std::string& port, const std::string& ca_file,
                    int count) {
  asio::io_context io(1);
  asio::ssl::context trust(asio::ssl::context::tls_client);
  trust.load_verify_file(ca_file);
  trust.set_verify_mode(asio::ssl::verify_peer);
  const auto endpoints = asio::ip::tcp::resolver(io).resolve(host, port);
  std::vector<std::unique_ptr<TlsSocket>> sockets;
  const auto open = [&](int more) {
    const std::size_t first = sockets.size();
    for (int i = 0; i < more; ++i) {
      sockets.push_back(std::make_unique<TlsSocket>(io, trust, endpoints, host + ":" + port));
    }
    for (std::size_t i = first; i < sockets.size(); ++i) sockets[i]->Read(kFrames);
    io.restart();
    io.run();
  };
  open(kFirst);
  const std::int64_t before = ResidentKib();
  open(count);
  return static_cast<double>(ResidentKib() - before) / count;
}

}  // namespace switchyard::bench
