#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "common/rpc/signals.h"
#include "tests/bench/floor/bare_forwarder.h"
#include "tests/bench/floor/bare_orders.h"
#include "tests/bench/floor/bare_service.h"
#include "tests/bench/floor/tls_sockets.h"

namespace switchyard::bench {
namespace {

struct Address {
  explicit Address(const std::string& text)
      : host(text.substr(0, text.rfind(':'))), port(text.substr(text.rfind(':') + 1)) {}
  const std::string host, port;
};

// Null: no such role.
std::unique_ptr<grpc::Service> MakeService(const std::vector<std::string>& arguments) {
  const std::string& role = arguments[0];
  if (role == "forwarder") return std::make_unique<BareForwarder>(arguments[1]);
  const auto [host, port] = Address(arguments[1]);
  if (role == "service") return std::make_unique<BareService>(host, port);
  if (role != "orders" || arguments.size() != 5) return nullptr;
  BareOrders::Options options = BareOrders::OptionsOf(arguments[2], arguments[3]);
  options.host = host;
  options.port = port;
  options.frame_bytes = std::strtoull(arguments[4].c_str(), nullptr, 10);
  return std::make_unique<BareOrders>(options);
}

void PrintSockets(const std::vector<std::string>& arguments) {
  const auto [host, port] = Address(arguments[1]);
  const int count = std::atoi(arguments[3].c_str());
  fmt::print("kib={}\n", TlsSocketKib(host, port, arguments[2], count));
}

}  // namespace
}  // namespace switchyard::bench

// The bare chain that benchmarks are compared with.
//   floor service HOST:PORT       reads the simulator's spot books
//   floor forwarder HOST:PORT     passes on the streams of another
//   floor sockets HOST:PORT CA_FILE COUNT
//                                 prints "kib=..." of so many TLS sockets, and ends
//   floor orders HOST:PORT OFF|NORMAL|FULL JOURNAL BYTES
//                                 sends frames of that many bytes, journals in the file JOURNAL
// Prints "listening grpc=HOST:PORT" and serves until it is told to stop.
int main(int argc, char** argv) {
  using namespace switchyard;
  rpc::ShutdownSignals signals;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 4 && arguments[0] == "sockets") {
    bench::PrintSockets(arguments);
    return 0;
  }
  const std::unique_ptr<grpc::Service> service =
      arguments.size() < 2 ? nullptr : bench::MakeService(arguments);
  if (service == nullptr) {
    fmt::print(stderr, "usage: floor service|forwarder|orders|sockets HOST:PORT ...\n");
    return 2;
  }
  const std::string& role = arguments[0];
  grpc::ServerBuilder builder;
  // As our own servers.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 65'535);
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(service.get());
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  fmt::print("{} listening grpc=127.0.0.1:{}\n", role, port);
  std::fflush(stdout);
  signals.Wait();
  server->Shutdown(std::chrono::system_clock::now());
  return 0;
}
