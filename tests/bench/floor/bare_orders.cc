#include "tests/bench/floor/bare_orders.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/websocket.hpp>
#include <cstdio>
#include <thread>
#include <utility>

namespace switchyard::bench {
namespace {

namespace asio = boost::asio;

// About what an order leaves in the journal's own rows.
constexpr std::size_t kRecordBytes = 512;

[[noreturn]] void Die(const char* what) {
  fmt::print(stderr, "floor: cannot {}\n", what);
  std::fflush(stderr);
  _exit(2);
}

// As a real one.
std::string Answer() {
  order::v1::PlaceOrderResponse response;
  order::v1::Order& order = *response.mutable_order();
  order.set_exchange("gateio");
  order.set_account("main");
  order::v1::OrderTicket& ticket = *order.mutable_ticket();
  ticket.set_client_order_id("bench-0000000000001");
  ticket.set_symbol("BTC-USDT");
  ticket.set_quantity("0.0003");
  ticket.set_price("94210.05");
  order.mutable_sent()->set_quantity("0.0003");
  order.mutable_sent()->set_price("94210.1");
  order.set_exchange_order_id("1000000000001");
  order.set_exchange_client_id("t-so1z-bench-0000000000001");
  order.set_state(order::v1::ORDER_STATE_CANCELED);
  order.set_version(3);
  order.set_remaining_quantity("0");
  order.set_raw_finish_reason("ioc");
  order.set_raw_state("cancelled");
  for (const auto set :
       {&order::v1::Order::set_create_time_ns, &order::v1::Order::set_submit_time_ns,
        &order::v1::Order::set_acknowledge_time_ns}) {
    (order.*set)(1'700'000'000'000'000'000);
  }
  return response.SerializeAsString();
}

// A masked text frame (RFC 6455, section 5.2) that the simulator answers with a pong.
std::string Frame(std::size_t payload_bytes) {
  std::string payload = R"({"time":1700000000,"channel":"spot.ping","is":"bare-order","pad":")";
  const std::size_t used = payload.size() + 2;
  payload.append(payload_bytes > used ? payload_bytes - used : 0, 'x').append("\"}");
  if (payload.size() < 126 || payload.size() > 65'535) Die("make a frame of that size");
  constexpr std::string_view kMask = "\x12\x34\x56\x78";
  std::string frame = "\x81\xFE";
  frame.push_back(static_cast<char>(payload.size() >> 8));
  frame.push_back(static_cast<char>(payload.size() & 0xFF));
  frame.append(kMask);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame.push_back(static_cast<char>(payload[i] ^ kMask[i % kMask.size()]));
  }
  return frame;
}

}  // namespace

// A WebSocket whose frame is ready beforehand. What the simulator says is thrown away.
class BareOrders::Socket {
 public:
  explicit Socket(const Options& options) : frame_(Frame(options.frame_bytes)), stream_(io_) {
    asio::ip::tcp::resolver resolver(io_);
    asio::connect(stream_.next_layer(), resolver.resolve(options.host, options.port));
    stream_.next_layer().set_option(asio::ip::tcp::no_delay(true));
    stream_.handshake(options.host + ":" + options.port, "/ws/v4/");
    reader_ = std::thread([handle = handle()] {
      char buffer[4'096];
      while (::recv(handle, buffer, sizeof(buffer), 0) > 0) {
      }
    });
  }
  ~Socket() {
    ::shutdown(handle(), SHUT_RDWR);
    reader_.join();
  }

  void Write() {
    const ssize_t sent = ::send(handle(), frame_.data(), frame_.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(frame_.size())) Die("send a frame");
  }

 private:
  int handle() { return stream_.next_layer().native_handle(); }

  const std::string frame_;
  asio::io_context io_{1};
  boost::beast::websocket::stream<asio::ip::tcp::socket> stream_;
  std::thread reader_;
};

BareOrders::Options BareOrders::OptionsOf(std::string_view mode, std::string journal) {
  Options options;
  if (mode != "OFF") options.journal = std::move(journal);
  options.sync = mode == "FULL";
  return options;
}

BareOrders::BareOrders(const Options& options)
    : sync_(options.sync),
      answer_(Answer()),
      record_(kRecordBytes, 'r'),
      socket_(std::make_unique<Socket>(options)) {
  if (options.journal.empty()) return;
  file_ =
      ::open(options.journal.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  if (file_ < 0) Die("open the journal");
}

BareOrders::~BareOrders() {
  if (file_ >= 0) ::close(file_);
}

grpc::ServerUnaryReactor* BareOrders::PlaceOrder(grpc::CallbackServerContext* context,
                                                 const grpc::ByteBuffer* /*request*/,
                                                 grpc::ByteBuffer* response) {
  const grpc::Slice slice(answer_);
  *response = grpc::ByteBuffer(&slice, 1);
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  std::vector<grpc::ServerUnaryReactor*> calls;
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(reactor);
    if (std::exchange(busy_, true)) return reactor;
    calls.swap(waiting_);
  }
  while (!calls.empty()) {
    Send(calls);
    calls.clear();
    const std::lock_guard lock(mutex_);
    calls.swap(waiting_);
    busy_ = !calls.empty();
  }
  return reactor;
}

void BareOrders::Send(const std::vector<grpc::ServerUnaryReactor*>& calls) {
  if (file_ >= 0) {
    std::string records;
    for (std::size_t i = 0; i < calls.size(); ++i) records += record_;
    if (::write(file_, records.data(), records.size()) != static_cast<ssize_t>(records.size()) ||
        (sync_ && ::fdatasync(file_) != 0)) {
      Die("write the journal");
    }
  }
  for (grpc::ServerUnaryReactor* const call : calls) {
    socket_->Write();
    call->Finish(grpc::Status::OK);
  }
}

}  // namespace switchyard::bench
