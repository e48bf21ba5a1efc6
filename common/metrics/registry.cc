#include "common/metrics/registry.h"

#include <prometheus/check_names.h>

#include <cstdio>
#include <cstdlib>
#include <limits>
#include <utility>

namespace switchyard::metrics {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

[[noreturn]] void Die(std::string_view name, const char* why) {
  std::fprintf(stderr, "metric %.*s: %s\n", static_cast<int>(name.size()), name.data(), why);
  std::abort();
}

ClientMetric WithLabels(const Labels& labels) {
  ClientMetric metric;
  for (const auto& [name, value] : labels) metric.label.push_back({name, value});
  return metric;
}

void SetValue(ClientMetric& metric, MetricType type, double value) {
  if (type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
}

ClientMetric CollectHistogram(const Labels& labels, const Histogram& histogram) {
  ClientMetric metric = WithLabels(labels);
  const Buckets& buckets = histogram.buckets();
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i <= buckets.bounds.size(); ++i) {
    cumulative += histogram.bucket_count(i);
    const bool is_last = i == buckets.bounds.size();
    const double bound = is_last ? std::numeric_limits<double>::infinity()
                                 : static_cast<double>(buckets.bounds[i]) * buckets.unit;
    metric.histogram.bucket.push_back({cumulative, bound});
  }
  // The sum of the buckets just read, so that the two always agree.
  metric.histogram.sample_count = cumulative;
  metric.histogram.sample_sum = static_cast<double>(histogram.sum()) * buckets.unit;
  return metric;
}

}  // namespace

Metrics::Registry::Family& Metrics::Registry::FindFamily(MetricType type, std::string_view name,
                                                         std::string_view help,
                                                         const Labels& labels) {
  if (!prometheus::CheckMetricName(std::string(name))) Die(name, "not a Prometheus metric name");
  for (const auto& [label, value] : labels) {
    if (!prometheus::CheckLabelName(label)) Die(name, "has a label with a bad name");
  }
  const auto [found, is_new] = families_.try_emplace(std::string(name));
  Family& family = found->second;
  if (is_new) {
    family.type = type;
    family.help = help;
  }
  if (family.type != type) Die(name, "was added with another type");
  return family;
}

Counter& Metrics::Registry::AddCounter(std::string_view name, std::string_view help,
                                       const Labels& labels) {
  const std::lock_guard lock(mutex_);
  auto& counter = FindFamily(MetricType::Counter, name, help, labels).counters[labels];
  if (counter == nullptr) counter = std::make_unique<Counter>();
  return *counter;
}

Gauge& Metrics::Registry::AddGauge(std::string_view name, std::string_view help,
                                   const Labels& labels) {
  const std::lock_guard lock(mutex_);
  auto& gauge = FindFamily(MetricType::Gauge, name, help, labels).gauges[labels];
  if (gauge == nullptr) gauge = std::make_unique<Gauge>();
  return *gauge;
}

Histogram& Metrics::Registry::AddHistogram(std::string_view name, std::string_view help,
                                           const Labels& labels, Buckets buckets) {
  const std::lock_guard lock(mutex_);
  auto& histogram = FindFamily(MetricType::Histogram, name, help, labels).histograms[labels];
  if (histogram == nullptr) histogram = std::make_unique<Histogram>(std::move(buckets));
  return *histogram;
}

std::uint64_t Metrics::Registry::AddCallback(MetricType type, std::string_view name,
                                             std::string_view help, const Labels& labels,
                                             std::function<double()> read) {
  {
    const std::lock_guard lock(mutex_);
    FindFamily(type, name, help, labels);
  }
  const std::lock_guard lock(callbacks_mutex_);
  callbacks_.push_back({next_id_, std::string(name), labels, std::move(read)});
  return next_id_++;
}

void Metrics::Registry::RemoveCallback(std::uint64_t id) {
  const std::lock_guard lock(callbacks_mutex_);
  std::erase_if(callbacks_, [id](const CallbackEntry& entry) { return entry.id == id; });
}

MetricFamily Metrics::Registry::CollectFamily(const std::string& name, const Family& family) {
  MetricFamily collected{name, family.help, family.type, {}};
  for (const auto& [labels, counter] : family.counters) {
    collected.metric.push_back(WithLabels(labels));
    collected.metric.back().counter.value = static_cast<double>(counter->value());
  }
  for (const auto& [labels, gauge] : family.gauges) {
    collected.metric.push_back(WithLabels(labels));
    collected.metric.back().gauge.value = gauge->value();
  }
  for (const auto& [labels, histogram] : family.histograms) {
    collected.metric.push_back(CollectHistogram(labels, *histogram));
  }
  return collected;
}

void Metrics::Registry::CollectCallbacks(std::map<std::string, MetricFamily>& families) const {
  const std::lock_guard lock(callbacks_mutex_);
  // The newest of equal labels wins: its predecessor's owner is about to remove it.
  std::map<std::pair<std::string, Labels>, const CallbackEntry*> newest;
  for (const CallbackEntry& entry : callbacks_) newest[{entry.name, entry.labels}] = &entry;
  for (const auto& [key, entry] : newest) {
    const auto family = families.find(entry->name);
    // Added after the families were read: the next scrape has it.
    if (family == families.end()) continue;
    ClientMetric metric = WithLabels(entry->labels);
    SetValue(metric, family->second.type, entry->read());
    family->second.metric.push_back(std::move(metric));
  }
}

std::vector<MetricFamily> Metrics::Registry::Collect() const {
  std::map<std::string, MetricFamily> families;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, family] : families_) families[name] = CollectFamily(name, family);
  }
  CollectCallbacks(families);
  std::vector<MetricFamily> collected;
  for (auto& [name, family] : families) {
    if (!family.metric.empty()) collected.push_back(std::move(family));
  }
  return collected;
}

}  // namespace switchyard::metrics
