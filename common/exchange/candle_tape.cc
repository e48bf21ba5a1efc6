#include "common/exchange/candle_tape.h"

#include <span>
#include <utility>

#include "common/log/log.h"

namespace switchyard::exchange {

bool CandleTape::OnFrame(const DemandKey& demand, const model::Candle& candle,
                         const EventStamp& stamp) {
  Tape& tape = tapes_[demand];
  if (!tape.behind) {
    Tell(demand, tape, candle, stamp);
    return true;
  }
  if (tape.waiting.empty() && candle.open_time <= *tape.last) {
    // The one told last goes on: none has closed meanwhile.
    CatchUp(demand, tape);
    Tell(demand, tape, candle, stamp);
    return true;
  }
  const std::chrono::nanoseconds now = clock_.Steady();
  if (tape.waiting.empty()) tape.waits_since = now;
  tape.waiting.insert_or_assign(candle.open_time, Waiting{candle, stamp});
  if (now - tape.waits_since <= kPatience && tape.waiting.size() <= kMostWaiting) return false;
  log::Warning("candles_missing", {{"exchange", exchange_},
                                   {"instrument", demand.instrument.value},
                                   {"interval_s", demand.interval_seconds},
                                   {"from", FormatUtc(*tape.last)},
                                   {"to", FormatUtc(tape.waiting.begin()->first)}});
  CatchUp(demand, tape);
  return true;
}

CandlesQuery CandleTape::Missing(const DemandKey& demand) const {
  CandlesQuery query;
  query.interval_seconds = demand.interval_seconds;
  query.page_size = 1;
  const auto found = tapes_.find(demand);
  if (found == tapes_.end() || !found->second.last) return query;
  query.page_size = kPageSize;
  // The last one was perhaps not final when it was told.
  query.start = *found->second.last;
  query.page_token = found->second.page_token;
  return query;
}

bool CandleTape::OnPage(const DemandKey& demand, const model::CandlesPage& page, bool polled) {
  Tape& tape = tapes_[demand];
  std::span<const model::Candle> news = page.candles;
  if (!tape.last && !news.empty()) news = news.last(1);
  EventStamp stamp;
  stamp.receive_time = clock_.Now();
  stamp.source = model::Source::kRest;
  stamp.polled = polled;
  for (const model::Candle& candle : news) {
    // An answer that was overtaken by another.
    if (tape.last && candle.open_time < *tape.last) continue;
    // From there on the socket has told them, and later than this answer was made.
    if (!tape.waiting.empty() && candle.open_time >= tape.waiting.begin()->first) break;
    Tell(demand, tape, candle, stamp);
  }
  tape.page_token = page.next_page_token;
  if (!tape.page_token.empty()) return false;
  // Only a socket that carries the candles continues them.
  if (!polled) CatchUp(demand, tape);
  return true;
}

void CandleTape::OnLost(const DemandKey& demand) {
  const auto found = tapes_.find(demand);
  if (found == tapes_.end() || !found->second.last) return;
  Tape& tape = found->second;
  tape.behind = true;
  // The newest of them was perhaps not final: all of them are had from REST.
  tape.waiting.clear();
  tape.page_token.clear();
}

bool CandleTape::behind(const DemandKey& demand) const {
  const auto found = tapes_.find(demand);
  return found != tapes_.end() && found->second.behind;
}

void CandleTape::Tell(const DemandKey& demand, Tape& tape, const model::Candle& candle,
                      const EventStamp& stamp) {
  tape.last = candle.open_time;
  board_.PublishCandle(demand.instrument, candle, stamp);
}

void CandleTape::CatchUp(const DemandKey& demand, Tape& tape) {
  tape.behind = false;
  tape.page_token.clear();
  for (const auto& [open_time, waiting] : std::exchange(tape.waiting, {})) {
    Tell(demand, tape, waiting.candle, waiting.stamp);
  }
}

}  // namespace switchyard::exchange
