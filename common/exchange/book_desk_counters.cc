#include "common/exchange/book_desk_counters.h"

namespace switchyard::exchange {

BookDeskCounters BookDeskCounters::Make(metrics::Metrics& metrics, const std::string& exchange) {
  const auto add = [&](std::string_view name, std::string_view help) -> metrics::Counter& {
    return metrics.AddCounter(name, help, {{"exchange", exchange}});
  };
  return {
      .gaps = add("switchyard_book_gaps_total", "Holes found in the sequence of a book."),
      .crossed =
          add("switchyard_book_crossed_total", "Books that the exchange's own messages crossed."),
      .malformed = add("switchyard_book_malformed_total",
                       "Book messages whose levels could not be read exactly."),
      .resyncs = add("switchyard_book_resyncs_total", "Books synchronised anew after a fault."),
      .stalls = add("switchyard_book_stalls_total",
                    "Books whose stream had stopped on a living connection."),
  };
}

}  // namespace switchyard::exchange
