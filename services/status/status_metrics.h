#pragma once

#include <map>
#include <string>

#include "common/metrics/metrics.h"
#include "services/status/status_board.h"

namespace switchyard::status {

// The status of exchanges as metrics. One thread.
class StatusMetrics {
 public:
  explicit StatusMetrics(metrics::Metrics& metrics) : metrics_(metrics) {}

  void Update(const Subject& subject, const exchange::ClientStatus& status);

 private:
  void UpdateConnection(const metrics::Labels& exchange,
                        const exchange::ConnectionStatus& connection);
  // Brings a counter to a total that the client keeps.
  void CountTo(std::string_view name, std::string_view help, const metrics::Labels& labels,
               std::uint64_t total);

  metrics::Metrics& metrics_;
};

}  // namespace switchyard::status
