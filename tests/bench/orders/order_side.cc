#include "tests/bench/orders/order_side.h"

#include <fmt/format.h>
#include <grpcpp/client_context.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "common/rpc/client_channel.h"
#include "switchyard/order/v1/order_service.grpc.pb.h"

namespace switchyard::bench {
namespace {

constexpr char kListening[] = "listening grpc=";
constexpr char kSecretVariable[] = "SIMULATOR_SECRET";
constexpr std::int64_t kPatienceNs = 20'000'000'000;
constexpr std::int64_t kPollNs = 20'000'000;

nlohmann::json ReadJson(const std::string& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

std::string HostOf(const Testbed& bed) {
  return ReadJson(bed.endpoints())[kOrderExchange]["host"].get<std::string>();
}

// Nothing is compared with the exchange while something is measured.
void WriteConfig(const std::string& path, const std::string& key, const std::string& journal,
                 const std::string& mode) {
  std::ofstream(path) << "exchanges:\n"
                         "  - exchange: "
                      << kOrderExchange
                      << "\n"
                         "    accounts:\n"
                         "      - name: "
                      << kOrderAccount << "\n        api_key: " << key << "\n        secret: ${"
                      << kSecretVariable
                      << "}\n"
                         "orders:\n"
                         "  reconcile_interval_ms: 600000\n"
                         "  journal_directory: "
                      << journal << "\n  journal_synchronous: " << mode << "\n";
}

}  // namespace

OrderSide::OrderSide(const Testbed& bed, const Testbed::Programs& programs, Options options)
    : options_(std::move(options)), tap_(HostOf(bed)) {
  std::filesystem::create_directories(options_.directory);
  if (options_.side == Side::kReal) {
    StartReal(bed, programs);
    return;
  }
  service_ =
      std::make_unique<Process>("floor", programs.floor,
                                std::vector<std::string>{"orders", tap_.address(), options_.mode,
                                                         options_.directory + "/floor.journal",
                                                         std::to_string(options_.frame_bytes)},
                                options_.directory + "/floor.log");
  service_address_ = service_->Await(kListening);
}

void OrderSide::StartReal(const Testbed& bed, const Testbed::Programs& programs) {
  nlohmann::json endpoints = ReadJson(bed.endpoints());
  nlohmann::json& exchange = endpoints[kOrderExchange];
  exchange["host"] = tap_.address();
  const std::string endpoints_file = options_.directory + "/endpoints.json";
  std::ofstream(endpoints_file) << endpoints;
  const nlohmann::json& credentials = exchange["credentials"];
  setenv(kSecretVariable, credentials["secret"].get<std::string>().c_str(), 1);
  const std::string config = options_.directory + "/switchyard.yaml";
  WriteConfig(config, credentials["api_key"].get<std::string>(), options_.directory + "/journal",
              options_.mode);
  const std::string local = "--listen=127.0.0.1:0";
  service_ = std::make_unique<Process>(
      "switchyard", programs.switchyard,
      std::vector<std::string>{"--config=" + config, "--endpoints_file=" + endpoints_file, local},
      options_.directory + "/switchyard.log");
  service_address_ = service_->Await(kListening);
  router_ = std::make_unique<Process>(
      "router", programs.router,
      std::vector<std::string>{local,
                               fmt::format("--backend={}={}", kOrderExchange, service_address_)},
      options_.directory + "/router.log");
  router_address_ = router_->Await(kListening);
}

OrderSide::~OrderSide() {
  router_.reset();
  service_.reset();
  std::filesystem::remove_all(options_.directory);
}

void OrderSide::AwaitReady(Tickets& tickets) {
  const auto stub = order::v1::OrderService::NewStub(Connect(Path::kService));
  const std::int64_t deadline = SteadyNs() + kPatienceNs;
  while (true) {
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    order::v1::PlaceOrderResponse response;
    tap_.Restart();
    const grpc::Status status = stub->PlaceOrder(&context, tickets.Fleeting(), &response);
    if (status.ok()) {
      tap_.AwaitOrder(1);  // or it would be counted later
      return;
    }
    if (SteadyNs() > deadline) Fail("no order is taken: " + status.error_message());
    SleepUntil(SteadyNs() + kPollNs);
  }
}

std::shared_ptr<grpc::Channel> OrderSide::Connect(Path path) const {
  return rpc::MakeChannel(path == Path::kService ? service_address_ : router_address_);
}

}  // namespace switchyard::bench
