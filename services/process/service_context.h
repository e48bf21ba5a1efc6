#pragma once

#include "common/metrics/metrics.h"
#include "common/time/time.h"
#include "services/process/exchange_clients.h"
#include "services/process/open_streams.h"
#include "services/process/ticker.h"

namespace switchyard::process {

// What a process gives each of its services; outlives them.
struct ServiceContext {
  const ExchangeClients& clients;
  OpenStreams& streams;
  Ticker& ticker;
  metrics::Metrics& metrics;
  const Clock& clock;
};

}  // namespace switchyard::process
