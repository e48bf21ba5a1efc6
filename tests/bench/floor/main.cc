#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "common/rpc/signals.h"
#include "tests/bench/floor/bare_forwarder.h"
#include "tests/bench/floor/bare_service.h"

// The bare chain that benchmarks are compared with.
//   floor service HOST:PORT       reads the simulator's spot books
//   floor forwarder HOST:PORT     passes on the streams of another
// Prints "listening grpc=HOST:PORT" and serves until it is told to stop.
int main(int argc, char** argv) {
  using namespace switchyard;
  rpc::ShutdownSignals signals;
  if (argc != 3) {
    fmt::print(stderr, "usage: floor service|forwarder HOST:PORT\n");
    return 2;
  }
  const std::string role = argv[1];
  const std::string address = argv[2];
  std::unique_ptr<grpc::Service> service;
  if (role == "service") {
    const std::size_t colon = address.rfind(':');
    service =
        std::make_unique<bench::BareService>(address.substr(0, colon), address.substr(colon + 1));
  } else {
    service = std::make_unique<bench::BareForwarder>(address);
  }
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
