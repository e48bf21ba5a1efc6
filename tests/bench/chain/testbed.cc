#include "tests/bench/chain/testbed.h"

#include <fmt/format.h>
#include <grpcpp/client_context.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "common/rpc/client_channel.h"

namespace switchyard::bench {
namespace {

constexpr char kExchange[] = "gateio";
constexpr std::int64_t kPollNs = 20'000'000;
constexpr std::int64_t kQuietNs = 20'000'000'000;

template <typename Response, typename Request, typename Method>
Response Call(simulator::v1::SimulatorService::Stub& stub, Method method, const Request& request) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) Fail("the simulator refuses: " + status.error_message());
  return response;
}

nlohmann::json ReadEndpoints(const std::string& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

// Subscriptions end with their last reader, so that one side is quiet while the other is measured;
// lost connections come back without a pause.
void WriteConfig(const std::string& path, const TestbedOptions& options) {
  std::ofstream file(path);
  file << "exchanges:\n"
          "  - exchange: gateio\n"
          "    linger_ms: 1\n"
          "    reconnect: {first_ms: 1, cap_ms: 1}\n";
  if (!options.certificate.empty()) file << "    ca_file: " << options.certificate << "\n";
  for (const std::string& line : options.config) file << "    " << line << "\n";
}

std::vector<std::string> SimulatorArguments(const std::string& endpoints,
                                            const TestbedOptions& options) {
  std::vector<std::string> arguments = {"--endpoints_file=" + endpoints,
                                        "--push_every_change",
                                        "--stamp",
                                        "--updates_per_second=0",
                                        "--rate_limit_scale=1000",
                                        fmt::format("--symbols={}", options.symbols)};
  if (!options.certificate.empty()) {
    arguments.insert(arguments.end(),
                     {"--tls", "--certificate=" + options.certificate, "--key=" + options.key});
  }
  return arguments;
}

std::string Replaced(std::string text, char from, char to) {
  std::replace(text.begin(), text.end(), from, to);
  return text;
}

}  // namespace

Testbed::Testbed(const Programs& programs, const std::string& scratch,
                 const TestbedOptions& options)
    : endpoints_(scratch + "/endpoints.json") {
  std::filesystem::create_directories(scratch);
  WriteConfig(scratch + "/switchyard.yaml", options);
  simulator_ = std::make_unique<Process>("simulator", programs.simulator,
                                         SimulatorArguments(endpoints_, options),
                                         scratch + "/simulator.log");
  simulator_->Await("{");
  const nlohmann::json known = ReadEndpoints(endpoints_);
  host_ = known[kExchange]["host"].get<std::string>();
  control_ = simulator::v1::SimulatorService::NewStub(
      rpc::MakeChannel(known["simulator"]["grpc"].get<std::string>()));
  StartChains(programs, scratch);
  LoadSymbols();
}

void Testbed::StartChains(const Programs& programs, const std::string& scratch) {
  const std::string local = "--listen=127.0.0.1:0";
  switchyard_ =
      std::make_unique<Process>("switchyard", programs.switchyard,
                                std::vector<std::string>{"--config=" + scratch + "/switchyard.yaml",
                                                         "--endpoints_file=" + endpoints_, local,
                                                         "--metrics_listen=127.0.0.1:0"},
                                scratch + "/switchyard.log");
  floor_ = std::make_unique<Process>(
      "floor", programs.floor, std::vector<std::string>{"service", host_}, scratch + "/floor.log");
  constexpr char kListening[] = "listening grpc=";
  service_address_ = switchyard_->Await(kListening);
  floor_address_ = floor_->Await(kListening);
  router_ = std::make_unique<Process>(
      "router", programs.router,
      std::vector<std::string>{local, fmt::format("--backend={}={}", kExchange, service_address_)},
      scratch + "/router.log");
  forwarder_ = std::make_unique<Process>("forwarder", programs.floor,
                                         std::vector<std::string>{"forwarder", floor_address_},
                                         scratch + "/forwarder.log");
  router_address_ = router_->Await(kListening);
  forwarder_address_ = forwarder_->Await(kListening);
}

void Testbed::LoadSymbols() {
  const auto stub =
      marketdata::v1::MarketDataService::NewStub(Connect(Side::kReal, Path::kService));
  marketdata::v1::ListInstrumentsRequest request;
  request.set_exchange(kExchange);
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  marketdata::v1::ListInstrumentsResponse response;
  const grpc::Status status = stub->ListInstruments(&context, request, &response);
  if (!status.ok()) Fail("no instruments: " + status.error_message());
  for (const auto& instrument : response.instruments()) {
    symbols_.push_back(Replaced(instrument.symbol(), '-', '_'));
  }
  // The load's own symbol first.
  const auto bitcoin = std::find(symbols_.begin(), symbols_.end(), "BTC_USDT");
  if (bitcoin == symbols_.end()) Fail("BTC_USDT is not listed");
  std::iter_swap(symbols_.begin(), bitcoin);
}

void Testbed::SetFlow(std::size_t symbols, std::uint32_t updates_per_second) {
  using Stub = simulator::v1::SimulatorService::Stub;
  simulator::v1::SetFlowRequest request;
  request.set_exchange(kExchange);
  request.set_updates_per_second(0);
  Call<simulator::v1::SetFlowResponse>(*control_, &Stub::SetFlow, request);
  request.set_updates_per_second(updates_per_second);
  for (std::size_t i = 0; i < std::min(symbols, symbols_.size()) && updates_per_second != 0; ++i) {
    request.set_symbol(symbols_[i]);
    Call<simulator::v1::SetFlowResponse>(*control_, &Stub::SetFlow, request);
  }
}

simulator::v1::ExchangeStatistics Testbed::Statistics() {
  simulator::v1::GetStatisticsRequest request;
  request.set_exchange(kExchange);
  return Call<simulator::v1::GetStatisticsResponse>(
             *control_, &simulator::v1::SimulatorService::Stub::GetStatistics, request)
      .statistics(0);
}

std::uint64_t Testbed::frames_sent() { return Statistics().frames_sent(); }
std::uint32_t Testbed::open_sockets() { return Statistics().open_sockets(); }

void Testbed::MoveMarket(const std::string& symbol, std::int32_t per_million) {
  simulator::v1::SetFlowRequest request;
  request.set_exchange(kExchange);
  request.set_symbol(symbol);
  request.set_move_per_million(per_million);
  Call<simulator::v1::SetFlowResponse>(*control_, &simulator::v1::SimulatorService::Stub::SetFlow,
                                       request);
}

void Testbed::CloseSockets() {
  simulator::v1::SetFaultRequest request;
  request.mutable_fault()->set_kind(simulator::v1::FAULT_KIND_CLOSE_SOCKETS);
  request.mutable_fault()->set_exchange(kExchange);
  request.mutable_fault()->set_close_code(1'001);
  Call<simulator::v1::SetFaultResponse>(*control_, &simulator::v1::SimulatorService::Stub::SetFault,
                                        request);
}

void Testbed::Use(Side side) {
  if (std::exchange(side_, side) != side) AwaitQuiet();
}

void Testbed::AwaitQuiet() {
  const std::int64_t deadline = SteadyNs() + kQuietNs;
  while (Statistics().subscriptions() != 0) {
    if (SteadyNs() > deadline) Fail("a side goes on to read the simulator without readers");
    SleepUntil(SteadyNs() + kPollNs);
  }
}

std::shared_ptr<grpc::Channel> Testbed::Connect(Side side, Path path) const {
  const bool direct = path == Path::kService;
  if (side == Side::kReal) return rpc::MakeChannel(direct ? service_address_ : router_address_);
  return rpc::MakeChannel(direct ? floor_address_ : forwarder_address_);
}

Reader::Options Testbed::ReaderOptions(Side side, std::shared_ptr<grpc::Channel> channel,
                                       Books books, std::uint32_t batch) const {
  Reader::Options options;
  options.channel = std::move(channel);
  options.place = side == Side::kReal ? StampPlace::kFirstBid : StampPlace::kEpoch;
  options.check_sequence = side == Side::kReal;
  const std::size_t end = std::min(books.first + books.count, symbols_.size());
  for (std::size_t i = books.first; i < end; ++i) {
    auto& subscription = *options.request.add_subscriptions();
    subscription.set_exchange(kExchange);
    subscription.set_channel(marketdata::v1::CHANNEL_ORDER_BOOK);
    subscription.set_symbol(side == Side::kReal ? Replaced(symbols_[i], '_', '-') : symbols_[i]);
    subscription.set_depth(side == Side::kReal ? 50 : batch);
  }
  return options;
}

std::vector<const Process*> Testbed::Chain(Side side, Path path) const {
  std::vector<const Process*> chain = {side == Side::kReal ? switchyard_.get() : floor_.get()};
  if (path == Path::kRouter) {
    chain.push_back(side == Side::kReal ? router_.get() : forwarder_.get());
  }
  return chain;
}

}  // namespace switchyard::bench
