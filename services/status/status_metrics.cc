#include "services/status/status_metrics.h"

#include <array>
#include <string_view>

namespace switchyard::status {
namespace {

struct StateName {
  exchange::ConnectionState state;
  std::string_view name;
};
constexpr std::array<StateName, 6> kStates = {{
    {exchange::ConnectionState::kIdle, "idle"},
    {exchange::ConnectionState::kConnecting, "connecting"},
    {exchange::ConnectionState::kSubscribing, "subscribing"},
    {exchange::ConnectionState::kReady, "ready"},
    {exchange::ConnectionState::kBackoff, "backoff"},
    {exchange::ConnectionState::kDown, "down"},
}};

metrics::Labels With(metrics::Labels labels, std::string_view key, std::string_view value) {
  labels[std::string(key)] = value;
  return labels;
}

}  // namespace

void StatusMetrics::Update(const Subject& subject, const exchange::ClientStatus& status) {
  const metrics::Labels exchange = {{"exchange", subject.exchange},
                                    {"component", subject.component}};
  metrics_.AddGauge("switchyard_ready", "1 when calls can be served as declared.", exchange)
      .Set(status.ready ? 1 : 0);
  // What follows is of connections; a component without a client has none.
  if (!subject.connects()) return;
  for (const exchange::ConnectionStatus& each : status.connections) {
    UpdateConnection(exchange, each);
  }
  CountTo("switchyard_book_resyncs_total", "Book resynchronisations.", exchange, status.resyncs);
  CountTo("switchyard_sequence_gaps_total", "Sequence gaps.", exchange, status.gaps);
  CountTo("switchyard_rest_fallbacks_total", "Reads that REST served as WebSocket could not.",
          exchange, status.rest_fallbacks);
  constexpr std::string_view kBooksHelp = "Wanted books, by whether they are valid now.";
  metrics_.AddGauge("switchyard_books", kBooksHelp, With(exchange, "state", "valid"))
      .Set(std::int64_t{status.valid_books});
  metrics_.AddGauge("switchyard_books", kBooksHelp, With(exchange, "state", "stale"))
      .Set(std::int64_t{status.stale_books});
  metrics_.AddGauge("switchyard_clock_offset_seconds", "Exchange clock minus ours.", exchange)
      .Set(status.clock_offset);
  UpdateLimits(subject, exchange, status.limits);
}

void StatusMetrics::UpdateLimits(const Subject& subject, const metrics::Labels& exchange,
                                 const std::vector<exchange::LimitHeadroom>& limits) {
  LimitsByName& known = limits_[{subject.exchange, subject.component}];
  for (const exchange::LimitHeadroom& limit : limits) {
    auto found = known.find(limit.name);
    if (found == known.end()) {
      const metrics::Labels labels = With(exchange, "limit", limit.name);
      const LimitGauges gauges{
          .remaining = metrics_.AddGauge("switchyard_limit_remaining",
                                         "What is left of a limit now.", labels),
          .allowed = metrics_.AddGauge("switchyard_limit_allowed",
                                       "What a limit allows in a window.", labels)};
      found = known.emplace(limit.name, gauges).first;
    }
    found->second.remaining.Set(std::int64_t{limit.remaining});
    found->second.allowed.Set(std::int64_t{limit.limit});
  }
}

void StatusMetrics::UpdateConnection(const metrics::Labels& exchange,
                                     const exchange::ConnectionStatus& connection) {
  const metrics::Labels labels = With(exchange, "connection", connection.name);
  for (const StateName& each : kStates) {
    metrics_
        .AddGauge("switchyard_connection_state", "1 for the state that a connection is in.",
                  With(labels, "state", each.name))
        .Set(each.state == connection.state ? 1 : 0);
  }
  metrics_.AddGauge("switchyard_connection_uptime_seconds", "Connected without a break.", labels)
      .Set(connection.uptime);
  metrics_
      .AddGauge("switchyard_connection_last_message_age_seconds",
                "Since the last message; -1e-9 = none yet.", labels)
      .Set(connection.last_message_age);
  metrics_.AddGauge("switchyard_connection_subscriptions", "Confirmed subscriptions.", labels)
      .Set(std::int64_t{connection.subscriptions});
  CountTo("switchyard_connection_reconnects_total", "Reconnects.", labels, connection.reconnects);
}

void StatusMetrics::CountTo(std::string_view name, std::string_view help,
                            const metrics::Labels& labels, std::uint64_t total) {
  metrics::Counter& counter = metrics_.AddCounter(name, help, labels);
  if (total > counter.value()) counter.Increment(total - counter.value());
}

}  // namespace switchyard::status
