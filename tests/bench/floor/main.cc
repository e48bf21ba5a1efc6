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

namespace switchyard::bench {
namespace {

// Null: no such role.
std::unique_ptr<grpc::Service> MakeService(const std::vector<std::string>& arguments) {
  const std::string& role = arguments[0];
  const std::string& address = arguments[1];
  if (role == "forwarder") return std::make_unique<BareForwarder>(address);
  const std::size_t colon = address.rfind(':');
  const std::string host = address.substr(0, colon);
  const std::string port = address.substr(colon + 1);
  if (role == "service") return std::make_unique<BareService>(host, port);
  if (role != "orders" || arguments.size() != 5) return nullptr;
  BareOrders::Options options = BareOrders::OptionsOf(arguments[2], arguments[3]);
  options.host = host;
  options.port = port;
  options.frame_bytes = std::strtoull(arguments[4].c_str(), nullptr, 10);
  return std::make_unique<BareOrders>(options);
}

}  // namespace
}  // namespace switchyard::bench

// The bare chain that benchmarks are compared with.
//   floor service HOST:PORT       reads the simulator's spot books
//   floor forwarder HOST:PORT     passes on the streams of another
//   floor orders HOST:PORT OFF|NORMAL|FULL JOURNAL BYTES
//                                 sends frames of that many bytes, journals in the file JOURNAL
// Prints "listening grpc=HOST:PORT" and serves until it is told to stop.
int main(int argc, char** argv) {
  using namespace switchyard;
  rpc::ShutdownSignals signals;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::unique_ptr<grpc::Service> service =
      arguments.size() < 2 ? nullptr : bench::MakeService(arguments);
  if (service == nullptr) {
    fmt::print(stderr, "usage: floor service|forwarder|orders HOST:PORT ...\n");
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
