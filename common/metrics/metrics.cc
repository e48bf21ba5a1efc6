#include "common/metrics/metrics.h"

#include <fmt/format.h>
#include <netdb.h>
#include <prometheus/exposer.h>
#include <prometheus/text_serializer.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "common/config/listen_address.h"
#include "common/metrics/process_metrics.h"
#include "common/metrics/registry.h"

namespace switchyard::metrics {
namespace {

using prometheus::MetricType;

constexpr double kNanosecond = 1e-9;

// 1, 2 and 5 times each power of ten from `first` to `last`, both included.
Buckets DurationBuckets(std::chrono::nanoseconds first, std::chrono::nanoseconds last) {
  Buckets buckets{{}, kNanosecond};
  for (std::int64_t decade = first.count(); decade <= last.count(); decade *= 10) {
    for (const std::int64_t step : {1, 2, 5}) {
      if (decade * step <= last.count()) buckets.bounds.push_back(decade * step);
    }
  }
  if (buckets.bounds.back() < last.count()) buckets.bounds.push_back(last.count());
  return buckets;
}

// Connects to a server of this machine and hangs up.
void Knock(const std::string& host, int port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  // The unspecified address as a destination means this machine.
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return;
  const int fd = socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, 0);
  if (fd >= 0) {
    (void)connect(fd, found->ai_addr, found->ai_addrlen);  // refused = it has ended
    close(fd);
  }
  freeaddrinfo(found);
}

class ExposerServer final : public MetricsServer {
 public:
  ExposerServer(std::unique_ptr<prometheus::Exposer> exposer, std::string host, int port)
      : exposer_(std::move(exposer)), host_(std::move(host)), port_(port) {}

  // CivetWeb, below the Exposer, sees that it is to stop when its poll for connections returns,
  // which takes up to 2 s: connections are made until it does.
  ~ExposerServer() override {
    std::future<void> stopped = std::async(std::launch::async, [this] { exposer_.reset(); });
    do {
      Knock(host_, port_);
    } while (stopped.wait_for(std::chrono::milliseconds(5)) != std::future_status::ready);
  }
  int port() const override { return port_; }

 private:
  std::unique_ptr<prometheus::Exposer> exposer_;
  const std::string host_;
  const int port_;
};

}  // namespace

void Gauge::Set(std::chrono::nanoseconds span) {
  is_duration_.store(true, std::memory_order_relaxed);
  value_.store(span.count(), std::memory_order_relaxed);
}

double Gauge::value() const {
  const auto value = static_cast<double>(value_.load(std::memory_order_relaxed));
  return is_duration_.load(std::memory_order_relaxed) ? value * kNanosecond : value;
}

Buckets Buckets::Microseconds() {
  return DurationBuckets(std::chrono::microseconds(1), std::chrono::seconds(10));
}

Buckets Buckets::Milliseconds() {
  return DurationBuckets(std::chrono::milliseconds(1), std::chrono::seconds(60));
}

Buckets Buckets::Counts(std::int64_t most) {
  Buckets buckets;
  for (std::int64_t bound = 1; bound < most; bound *= 2) buckets.bounds.push_back(bound);
  buckets.bounds.push_back(most);
  return buckets;
}

Histogram::Histogram(Buckets buckets)
    : buckets_(std::move(buckets)),
      counts_(std::make_unique<std::atomic<std::uint64_t>[]>(buckets_.bounds.size() + 1)) {}

void Histogram::Observe(std::int64_t value) {
  const auto bound = std::lower_bound(buckets_.bounds.begin(), buckets_.bounds.end(), value);
  counts_[static_cast<std::size_t>(bound - buckets_.bounds.begin())].fetch_add(
      1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::uint64_t Histogram::bucket_count(std::size_t index) const {
  return counts_[index].load(std::memory_order_relaxed);
}

std::uint64_t Histogram::count() const {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i <= buckets_.bounds.size(); ++i) total += bucket_count(i);
  return total;
}

Metrics::Metrics() : registry_(std::make_shared<Registry>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::AddCounter(std::string_view name, std::string_view help, const Labels& labels) {
  return registry_->AddCounter(name, help, labels);
}

Gauge& Metrics::AddGauge(std::string_view name, std::string_view help, const Labels& labels) {
  return registry_->AddGauge(name, help, labels);
}

Histogram& Metrics::AddHistogram(std::string_view name, std::string_view help, const Labels& labels,
                                 Buckets buckets) {
  return registry_->AddHistogram(name, help, labels, std::move(buckets));
}

Metrics::Callback Metrics::AddCallbackGauge(std::string_view name, std::string_view help,
                                            const Labels& labels, std::function<double()> read) {
  return {registry_,
          registry_->AddCallback(MetricType::Gauge, name, help, labels, std::move(read))};
}

Metrics::Callback Metrics::AddCallbackCounter(std::string_view name, std::string_view help,
                                              const Labels& labels, std::function<double()> read) {
  return {registry_,
          registry_->AddCallback(MetricType::Counter, name, help, labels, std::move(read))};
}

void Metrics::AddProcessMetrics() {
  for (const ProcessMetric& metric : kProcessMetrics) {
    registry_->AddCallback(metric.is_counter ? MetricType::Counter : MetricType::Gauge, metric.name,
                           metric.help, {}, metric.read);
  }
}

std::string Metrics::Expose() const {
  return prometheus::TextSerializer().Serialize(registry_->Collect());
}

Metrics::Callback::Callback(std::weak_ptr<Registry> registry, std::uint64_t id)
    : registry_(std::move(registry)), id_(id) {}

Metrics::Callback::Callback(Callback&&) noexcept = default;

Metrics::Callback& Metrics::Callback::operator=(Callback&& other) noexcept {
  if (this == &other) return *this;
  Remove();
  registry_ = std::move(other.registry_);
  id_ = other.id_;
  return *this;
}

Metrics::Callback::~Callback() { Remove(); }

void Metrics::Callback::Remove() {
  if (const auto registry = registry_.lock()) registry->RemoveCallback(id_);
}

absl::StatusOr<std::unique_ptr<MetricsServer>> Serve(const std::string& listen, Metrics& metrics) {
  const absl::StatusOr<config::ListenAddress> address = config::ParseListenAddress(listen);
  if (!address.ok()) return address.status();
  if (address->is_unix()) {
    return absl::InvalidArgumentError(
        fmt::format("metrics listen address {}: needs host:port", listen));
  }
  if (absl::Status status = config::CheckBindable(*address); !status.ok()) return status;
  // CivetWeb, below the Exposer, throws when it cannot listen.
  try {
    // Each thread has one connection: whoever opens one and asks nothing holds it for the timeout
    // (milliseconds).
    std::vector<std::string> options = {
        "listening_ports", address->ToString(), "num_threads", "2", "request_timeout_ms", "1000"};
    auto exposer = std::make_unique<prometheus::Exposer>(std::move(options));
    exposer->RegisterCollectable(metrics.registry_);
    const int port = exposer->GetListeningPorts().at(0);
    return std::make_unique<ExposerServer>(std::move(exposer), address->host, port);
  } catch (const std::exception& error) {
    return absl::UnavailableError(
        fmt::format("cannot serve metrics on {}: {}", address->ToString(), error.what()));
  }
}

}  // namespace switchyard::metrics
