#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/metrics/metrics.h"
#include "services/status/status_board.h"

namespace switchyard::status {

// The status of exchanges as metrics. One thread.
class StatusMetrics {
 public:
  explicit StatusMetrics(metrics::Metrics& metrics) : metrics_(metrics) {}

  void Update(const Subject& subject, const exchange::ClientStatus& status);

 private:
  struct LimitGauges {
    metrics::Gauge& remaining;
    metrics::Gauge& allowed;
  };
  using LimitsByName = std::map<std::string, LimitGauges, std::less<>>;

  void UpdateLimits(const Subject& subject, const metrics::Labels& exchange,
                    const std::vector<exchange::LimitHeadroom>& limits);
  void UpdateConnection(const metrics::Labels& exchange,
                        const exchange::ConnectionStatus& connection);
  // Brings a counter to a total that the client keeps.
  void CountTo(std::string_view name, std::string_view help, const metrics::Labels& labels,
               std::uint64_t total);

  metrics::Metrics& metrics_;
  // By exchange and component. An exchange that limits each market has thousands of them, and to
  // find a gauge by its labels costs more than all else here.
  std::map<std::pair<std::string, std::string>, LimitsByName> limits_;
};

}  // namespace switchyard::status
