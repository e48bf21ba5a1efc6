#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/metrics/metrics.h"

namespace switchyard::metrics {

// What Metrics holds, in the form that prometheus-cpp scrapes. Any thread.
class Metrics::Registry final : public prometheus::Collectable {
 public:
  Counter& AddCounter(std::string_view name, std::string_view help, const Labels& labels);
  Gauge& AddGauge(std::string_view name, std::string_view help, const Labels& labels);
  Histogram& AddHistogram(std::string_view name, std::string_view help, const Labels& labels,
                          Buckets buckets);
  // Returns the id for RemoveCallback.
  std::uint64_t AddCallback(prometheus::MetricType type, std::string_view name,
                            std::string_view help, const Labels& labels,
                            std::function<double()> read);
  // Waits for a call under way.
  void RemoveCallback(std::uint64_t id);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  struct Family {
    prometheus::MetricType type;
    std::string help;
    std::map<Labels, std::unique_ptr<Counter>> counters;
    std::map<Labels, std::unique_ptr<Gauge>> gauges;
    std::map<Labels, std::unique_ptr<Histogram>> histograms;
  };
  struct CallbackEntry {
    std::uint64_t id;
    std::string name;
    Labels labels;
    std::function<double()> read;
  };

  // The family of that name. Ends the process on a bad name or a clash of types. Needs mutex_.
  Family& FindFamily(prometheus::MetricType type, std::string_view name, std::string_view help,
                     const Labels& labels);
  static prometheus::MetricFamily CollectFamily(const std::string& name, const Family& family);
  void CollectCallbacks(std::map<std::string, prometheus::MetricFamily>& families) const;

  // Guards the maps, not the values.
  mutable std::mutex mutex_;
  std::map<std::string, Family, std::less<>> families_;

  // Held while callbacks run; apart from mutex_, so that a slow one delays only scrapes.
  mutable std::mutex callbacks_mutex_;
  std::vector<CallbackEntry> callbacks_;
  std::uint64_t next_id_ = 1;
};

}  // namespace switchyard::metrics
