#include "tests/bench/orders/order_cases.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grpcpp/client_context.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "switchyard/order/v1/order_service.grpc.pb.h"
#include "tests/bench/chain/results.h"
#include "tests/bench/orders/fill_reader.h"

namespace switchyard::bench {
namespace {

using order::v1::OrderService;

constexpr int kWarmUpPercent = 10;
constexpr std::chrono::seconds kPatience{20};

order::v1::Order Place(OrderService::Stub& stub, const order::v1::PlaceOrderRequest& request) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  order::v1::PlaceOrderResponse response;
  const grpc::Status status = stub.PlaceOrder(&context, request, &response);
  if (!status.ok()) Fail("PlaceOrder: " + status.error_message());
  return response.order();
}

nlohmann::json Line(const char* name, const OrderSide& side, int round) {
  return {{"case", name}, {"side", NameOf(side.side())}, {"mode", side.mode()}, {"round", round}};
}

// Calls that are always under way, each followed by the next, until a moment.
class Callers {
 public:
  Callers(OrderService::Stub& stub, Tickets& tickets, std::int64_t begin, std::int64_t end)
      : stub_(stub), tickets_(tickets), begin_(begin), end_(end) {}

  // Returns when every call is gone: the last user of a channel must not be its own callback.
  void Run(int callers) {
    for (int i = 0; i < callers; ++i) Next();
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kPatience, [this] { return calls_ == 0; })) {
      Fail("orders are not answered");
    }
  }

  std::uint64_t sent() const { return sent_; }
  std::vector<std::int64_t>& latencies() { return latencies_; }
  // Orders that were not taken, and why the latest was not.
  std::uint64_t refused() const { return refused_; }
  const std::string& refusal() const { return refusal_; }

 private:
  // Counts the calls that exist.
  struct Presence {
    explicit Presence(Callers& all) : callers(all) {
      const std::lock_guard lock(callers.mutex_);
      ++callers.calls_;
    }
    ~Presence() {
      const std::lock_guard lock(callers.mutex_);
      if (--callers.calls_ == 0) callers.changed_.notify_all();
    }
    Callers& callers;
  };
  struct Call {
    explicit Call(Callers& callers) : presence(callers) {}

    const Presence presence;  // first, so that it ends last
    grpc::ClientContext context;
    order::v1::PlaceOrderRequest request;
    order::v1::PlaceOrderResponse response;
    std::int64_t begin = 0;
  };

  void Next() {
    const auto call = std::make_shared<Call>(*this);  // kept by its own callback
    call->request = tickets_.Fleeting();
    call->context.set_deadline(std::chrono::system_clock::now() + kPatience);
    call->begin = SteadyNs();
    stub_.async()->PlaceOrder(&call->context, &call->request, &call->response,
                              [this, call](const grpc::Status& status) { Done(*call, status); });
  }

  void Done(const Call& call, const grpc::Status& status) {
    const std::int64_t now = SteadyNs();
    {
      const std::lock_guard lock(mutex_);
      ++sent_;
      if (!status.ok()) {
        ++refused_;
        refusal_ = status.error_message();
      } else if (now >= begin_ && now < end_) {
        latencies_.push_back(now - call.begin);
      }
    }
    if (now < end_) Next();
  }

  OrderService::Stub& stub_;
  Tickets& tickets_;
  const std::int64_t begin_, end_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  int calls_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t refused_ = 0;
  std::string refusal_;
  std::vector<std::int64_t> latencies_;
};

}  // namespace

void MeasurePlace(OrderSide& side, Tickets& tickets, const Pace& pace, int round, std::FILE* out) {
  const auto stub = OrderService::NewStub(side.Connect(Path::kService));
  const int warm_up = pace.orders * kWarmUpPercent / 100;
  std::vector<std::int64_t> first_bytes, answers;
  std::int64_t cpu_before = 0;
  side.tap().Restart();
  std::int64_t due = SteadyNs();
  for (int i = 0; i < pace.orders; ++i) {
    SleepUntil(due += pace.interval_ns);
    if (i == warm_up) cpu_before = side.service().cpu().count();
    const order::v1::PlaceOrderRequest request = tickets.Fleeting();
    const std::int64_t begin = SteadyNs();
    Place(*stub, request);
    const std::int64_t answered = SteadyNs();
    const std::int64_t sent = side.tap().AwaitOrder(static_cast<std::uint64_t>(i) + 1);
    if (i < warm_up) continue;
    first_bytes.push_back(sent - begin);
    answers.push_back(answered - begin);
  }
  const auto cpu = static_cast<double>(side.service().cpu().count() - cpu_before);
  nlohmann::json line = Line("place", side, round);
  line["samples"] = first_bytes.size();
  line["first_byte_p50_us"] = Percentile(first_bytes, 0.5);
  line["first_byte_p99_us"] = Percentile(first_bytes, 0.99);
  line["answer_p50_us"] = Percentile(answers, 0.5);
  line["answer_p99_us"] = Percentile(answers, 0.99);
  line["cpu_us"] = cpu / 1e3 / static_cast<double>(first_bytes.size());
  line["frame_bytes"] = side.tap().order_bytes();
  Write(line, out);
}

void MeasureSustained(OrderSide& side, Tickets& tickets, const Throng& throng, int round,
                      std::FILE* out) {
  const auto stub = OrderService::NewStub(side.Connect(Path::kService));
  side.tap().Restart();
  const std::int64_t begin = SteadyNs() + throng.duration_ns * kWarmUpPercent / 100;
  const std::int64_t end = begin + throng.duration_ns;
  Callers callers(*stub, tickets, begin, end);
  const std::int64_t cpu_before = side.service().cpu().count();
  callers.Run(throng.callers);
  const auto cpu = static_cast<double>(side.service().cpu().count() - cpu_before);
  if (callers.refused() != 0) {
    Fail(fmt::format("{} of {} orders were refused: {}", callers.refused(), callers.sent(),
                     callers.refusal()));
  }
  // Each was sent, and once.
  side.tap().AwaitOrder(callers.sent());
  nlohmann::json line = Line("sustained", side, round);
  line["callers"] = throng.callers;
  line["orders_per_s"] = static_cast<double>(callers.latencies().size()) * 1e9 /
                         static_cast<double>(throng.duration_ns);
  line["p50_us"] = Percentile(callers.latencies(), 0.5);
  line["p99_us"] = Percentile(callers.latencies(), 0.99);
  line["cpu_us"] = cpu / 1e3 / static_cast<double>(callers.sent());
  Write(line, out);
}

void MeasureFills(Testbed& bed, OrderSide& side, Tickets& tickets, int fills, int round,
                  std::FILE* out) {
  constexpr std::int64_t kBelowPerMille = 2;
  constexpr std::int32_t kMovePerMillion = 10'000;
  const auto stub = OrderService::NewStub(side.Connect(Path::kService));
  constexpr Path kPaths[] = {Path::kService, Path::kRouter};
  std::vector<std::unique_ptr<FillReader>> readers;
  for (const Path path : kPaths) {
    readers.push_back(std::make_unique<FillReader>(side.Connect(path)));
  }
  std::vector<std::vector<std::int64_t>> latencies(readers.size());
  const int warm_up = fills * kWarmUpPercent / 100;
  side.tap().Restart();
  for (int i = 0; i < fills; ++i) {
    const order::v1::PlaceOrderRequest request = tickets.Resting(kBelowPerMille);
    const order::v1::Order order = Place(*stub, request);
    std::string symbol = request.ticket().symbol();
    std::replace(symbol.begin(), symbol.end(), '-', '_');
    bed.MoveMarket(symbol, -kMovePerMillion);
    const std::int64_t told = side.tap().AwaitFill(order.exchange_client_id());
    for (std::size_t reader = 0; reader < readers.size(); ++reader) {
      const std::int64_t arrived = readers[reader]->AwaitFill(order.ticket().client_order_id());
      if (i >= warm_up) latencies[reader].push_back(arrived - told);
    }
    bed.MoveMarket(symbol, kMovePerMillion);
  }
  for (std::size_t reader = 0; reader < readers.size(); ++reader) {
    nlohmann::json line = Line("fill", side, round);
    line["path"] = NameOf(kPaths[reader]);
    line["samples"] = latencies[reader].size();
    line["p50_us"] = Percentile(latencies[reader], 0.5);
    line["p99_us"] = Percentile(latencies[reader], 0.99);
    Write(line, out);
  }
}

void MeasureSync(const std::string& directory, const Pace& pace, int round, std::FILE* out) {
  constexpr std::size_t kRecordBytes = 512;
  const std::string path = directory + "/sync";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) Fail("cannot write " + path);
  const std::string record(kRecordBytes, 'r');
  std::vector<std::int64_t> samples;
  std::int64_t due = SteadyNs();
  for (int i = 0; i < pace.orders; ++i) {
    SleepUntil(due += pace.interval_ns);
    const std::int64_t begin = SteadyNs();
    if (::write(file, record.data(), record.size()) < 0 || ::fdatasync(file) != 0) {
      Fail("cannot write " + path);
    }
    samples.push_back(SteadyNs() - begin);
  }
  ::close(file);
  ::unlink(path.c_str());
  Write({{"case", "sync"},
         {"round", round},
         {"p50_us", Percentile(samples, 0.5)},
         {"p99_us", Percentile(samples, 0.99)}},
        out);
}

}  // namespace switchyard::bench
