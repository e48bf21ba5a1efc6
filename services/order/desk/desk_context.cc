#include "services/order/desk/desk_context.h"

#include <fmt/format.h>

#include "common/status/status.h"
#include "services/order/risk/ticket.h"

namespace switchyard::order {
namespace {

metrics::Histogram& RoundTrip(metrics::Metrics& metrics, const std::string& exchange,
                              const std::string& account, const char* command) {
  return metrics.AddHistogram("switchyard_order_round_trip_seconds",
                              "From when a command came to the answer of the exchange's client, "
                              "the commit to the journal and the wait for room included.",
                              {{"exchange", exchange}, {"account", account}, {"command", command}},
                              metrics::Buckets::Microseconds());
}

}  // namespace

DeskMetrics::DeskMetrics(metrics::Metrics& metrics, const std::string& exchange,
                         const std::string& account)
    : place_seconds(RoundTrip(metrics, exchange, account, "place")),
      amend_seconds(RoundTrip(metrics, exchange, account, "amend")),
      cancel_seconds(RoundTrip(metrics, exchange, account, "cancel")),
      queued_commands(metrics.AddGauge("switchyard_order_commands_queued",
                                       "Commands that wait for room within the exchange's limits.",
                                       {{"exchange", exchange}, {"account", account}})),
      owed_cancels(
          metrics.AddGauge("switchyard_orders_owed_cancels",
                           "Orders that the gateway itself has to cancel, until their end.",
                           {{"exchange", exchange}, {"account", account}})),
      unknown_orders(metrics.AddGauge("switchyard_orders_unknown",
                                      "Orders of which a command's outcome is unknown.",
                                      {{"exchange", exchange}, {"account", account}})),
      resolved(metrics.AddCounter("switchyard_orders_resolved_total",
                                  "Unknown outcomes that were settled.",
                                  {{"exchange", exchange}, {"account", account}})),
      unresolved_alarms(metrics.AddCounter("switchyard_orders_unresolved_alarms_total",
                                           "Orders whose outcome many queries did not settle.",
                                           {{"exchange", exchange}, {"account", account}})),
      reconciliations(metrics.AddCounter("switchyard_reconciliations_total",
                                         "Comparisons with the exchange that succeeded.",
                                         {{"exchange", exchange}, {"account", account}})),
      reconciliation_failures(metrics.AddCounter("switchyard_reconciliation_failures_total",
                                                 "Comparisons with the exchange that failed.",
                                                 {{"exchange", exchange}, {"account", account}})),
      reconciled_fills(metrics.AddCounter("switchyard_reconciled_fills_total",
                                          "Fills that no private stream had told.",
                                          {{"exchange", exchange}, {"account", account}})),
      contradictory_fills(
          metrics.AddCounter("switchyard_contradictory_fills_total",
                             "Fills of another market or side than the order that they name.",
                             {{"exchange", exchange}, {"account", account}})),
      accepting(metrics.AddGauge("switchyard_orders_accepted",
                                 "1 while new orders are taken, else 0.",
                                 {{"exchange", exchange}, {"account", account}})) {}

Cause DeskContext::MakeCause(v1::ChangeOrigin origin, std::string_view symbol,
                             model::Source source) const {
  Cause cause{.origin = origin, .now = clock.Now(), .source = source};
  const auto table = market_data.instruments();
  const model::Instrument* const instrument = table == nullptr ? nullptr : table->Find(symbol);
  if (instrument != nullptr) cause.tick_scale = instrument->tick.Normalised().scale();
  return cause;
}

absl::StatusOr<const model::Instrument*> DeskContext::FindInstrument(
    std::string_view symbol, std::shared_ptr<const model::InstrumentTable>& table) const {
  table = market_data.instruments();
  if (table == nullptr) {
    return MakeError(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE,
                     fmt::format("{}: its instruments are not loaded yet", exchange),
                     {{"exchange", exchange}});
  }
  const model::Instrument* const instrument = table->Find(symbol);
  if (instrument != nullptr) return instrument;
  return MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT,
                   fmt::format("{} has no instrument '{}'", exchange, symbol),
                   {{"exchange", exchange}});
}

exchange::OrderReference ReferenceTo(const v1::Order& order) {
  const bool waits = risk::IsConditional(order.ticket().type()) &&
                     order.trigger_state() != v1::TRIGGER_STATE_TRIGGERED;
  return {.symbol = order.ticket().symbol(),
          .exchange_order_id = order.exchange_order_id(),
          .exchange_client_id = order.exchange_client_id(),
          .conditional = waits};
}

}  // namespace switchyard::order
