#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// Counters, gauges and histograms for Prometheus. Adding takes a lock and belongs to start-up or to
// new connections; the references that it returns live as long as the Metrics object, and updating
// them is a relaxed atomic operation from any thread.
namespace switchyard::metrics {

using Labels = std::map<std::string, std::string>;

class Counter {
 public:
  void Increment(std::uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void Set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void Add(std::int64_t by) { value_.fetch_add(by, std::memory_order_relaxed); }
  // Seconds in the exposition; do not mix with Set on one gauge.
  void Set(std::chrono::nanoseconds span);
  double value() const;

 private:
  std::atomic<std::int64_t> value_{0};
  std::atomic<bool> is_duration_{false};
};

// Upper bounds of a histogram, ascending; a value equal to a bound is inside it.
struct Buckets {
  std::vector<std::int64_t> bounds;
  // What one unit of a bound is in the exposition: 1e-9 for nanoseconds shown as seconds.
  double unit = 1;

  // 1 us to 10 s in steps of 1, 2, 5; exposed in seconds, so name the metric `*_seconds`.
  static Buckets Microseconds();
  // 1 ms to 60 s: for calls over the network.
  static Buckets Milliseconds();
  // Powers of two from 1 to `most`.
  static Buckets Counts(std::int64_t most);
};

class Histogram {
 public:
  explicit Histogram(Buckets buckets);

  void Observe(std::chrono::nanoseconds span) { Observe(span.count()); }
  void Observe(std::int64_t value);

  const Buckets& buckets() const { return buckets_; }
  // Not cumulative; the last one counts what is above all bounds.
  std::uint64_t bucket_count(std::size_t index) const;
  std::uint64_t count() const;
  std::int64_t sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  const Buckets buckets_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> counts_;
  std::atomic<std::int64_t> sum_{0};
};

class MetricsServer;

// The registry of one process. Adding the same name and labels again returns the same object. A
// name that is no Prometheus name, or one already used for another type, ends the process with a
// message: names are constants of the program. Any thread.
class Metrics {
 public:
  Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  ~Metrics();

  Counter& AddCounter(std::string_view name, std::string_view help, const Labels& labels = {});
  Gauge& AddGauge(std::string_view name, std::string_view help, const Labels& labels = {});
  Histogram& AddHistogram(std::string_view name, std::string_view help, const Labels& labels,
                          Buckets buckets);

  // Called at each scrape on the server's thread until the handle goes; the handle's destructor
  // waits for a call under way. The handle may outlive the Metrics object. `read` adds and removes
  // no callbacks. Of several with the same name and labels the newest counts.
  class [[nodiscard]] Callback;
  Callback AddCallbackGauge(std::string_view name, std::string_view help, const Labels& labels,
                            std::function<double()> read);
  Callback AddCallbackCounter(std::string_view name, std::string_view help, const Labels& labels,
                              std::function<double()> read);

  // Memory, CPU time, file descriptors and start time under Prometheus's standard names
  // (process_*), read from /proc at each scrape.
  void AddProcessMetrics();

  // The text exposition, as a scrape would see it.
  std::string Expose() const;

 private:
  class Registry;
  friend class Callback;
  friend absl::StatusOr<std::unique_ptr<MetricsServer>> Serve(const std::string& listen,
                                                              Metrics& metrics);

  std::shared_ptr<Registry> registry_;
};

class [[nodiscard]] Metrics::Callback {
 public:
  Callback() = default;
  Callback(Callback&&) noexcept;
  Callback& operator=(Callback&& other) noexcept;
  ~Callback();

 private:
  friend class Metrics;
  Callback(std::weak_ptr<Registry> registry, std::uint64_t id);
  void Remove();

  std::weak_ptr<Registry> registry_;
  std::uint64_t id_ = 0;
};

// Serves `/metrics` over HTTP from threads of its own until it goes.
class MetricsServer {
 public:
  virtual ~MetricsServer() = default;
  // The actual port, also where 0 was asked for.
  virtual int port() const = 0;
};

// `listen` is host:port; an empty host is 0.0.0.0.
// Errors: InvalidArgument (address), Unavailable (port in use), both naming the address.
absl::StatusOr<std::unique_ptr<MetricsServer>> Serve(const std::string& listen, Metrics& metrics);

}  // namespace switchyard::metrics
