#pragma once

#include "common/time/time.h"
#include "switchyard/config/v1/config.pb.h"

namespace switchyard::metrics {
class Metrics;
}  // namespace switchyard::metrics

namespace switchyard::exchange {

using config::v1::ExchangeConfig;

// What a process gives each of its exchange clients; outlives them.
struct ClientContext {
  const Clock& clock;
  metrics::Metrics& metrics;
};

}  // namespace switchyard::exchange
