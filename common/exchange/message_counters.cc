#include "common/exchange/message_counters.h"

#include <string>

namespace switchyard::exchange {

MessageCounters::MessageCounters(metrics::Metrics& metrics, std::string_view exchange,
                                 std::string_view side, std::span<const std::string_view> kinds)
    : bytes_(metrics.AddCounter(
          "switchyard_exchange_received_bytes_total", "Bytes of WebSocket messages received.",
          {{"exchange", std::string(exchange)}, {"side", std::string(side)}})),
      parse_errors_(metrics.AddCounter(
          "switchyard_exchange_parse_errors_total", "WebSocket messages that could not be parsed.",
          {{"exchange", std::string(exchange)}, {"side", std::string(side)}})),
      handling_(metrics.AddHistogram(
          "switchyard_frame_to_publish_seconds",
          "From a frame handed over by the socket to its events queued for every reader.",
          {{"exchange", std::string(exchange)}, {"side", std::string(side)}},
          metrics::Buckets::Microseconds())) {
  for (const std::string_view kind : kinds) {
    kinds_.push_back(&metrics.AddCounter("switchyard_exchange_messages_total",
                                         "WebSocket messages received, by kind.",
                                         {{"exchange", std::string(exchange)},
                                          {"side", std::string(side)},
                                          {"kind", std::string(kind)}}));
  }
}

}  // namespace switchyard::exchange
