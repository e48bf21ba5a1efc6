#pragma once

#include <vector>

#include "common/metrics/metrics.h"
#include "common/time/time.h"
#include "services/process/exchange_clients.h"
#include "services/process/open_streams.h"
#include "services/process/ticker.h"
#include "switchyard/config/v1/config.pb.h"

namespace switchyard::process {

// What a process gives each of its services; outlives them.
struct ServiceContext {
  const ExchangeClients& clients;
  OpenStreams& streams;
  Ticker& ticker;
  metrics::Metrics& metrics;
  const Clock& clock;
  // As configured, with their accounts.
  std::vector<config::v1::ExchangeConfig> exchanges{};
  config::v1::OrderConfig orders{};
};

}  // namespace switchyard::process
