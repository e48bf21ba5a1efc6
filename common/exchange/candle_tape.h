#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "common/exchange/market_data_client.h"
#include "common/exchange/topic_board.h"
#include "common/model/market_data.h"
#include "common/time/time.h"

namespace switchyard::exchange {

// Candles on the way to their topics. Behind an outage what closed meanwhile is told first, from
// REST, and what a socket brings waits for it: a candle is final when its successor appears, so
// none may be left out. Connection thread.
class CandleTape {
 public:
  // How long candles of a socket wait for REST. Then they are told, and the hole is logged.
  static constexpr std::chrono::seconds kPatience{30};
  // How many wait for it.
  static constexpr std::size_t kMostWaiting = 64;
  // Asked for at once.
  static constexpr std::uint32_t kPageSize = 200;

  CandleTape(std::string exchange, TopicBoard& board, const Clock& clock)
      : exchange_(std::move(exchange)), board_(board), clock_(clock) {}

  // A candle that a socket told. False where it waits for what REST is to tell.
  bool OnFrame(const DemandKey& demand, const model::Candle& candle, const EventStamp& stamp);
  // What to ask REST for, but for the symbol: all from the last told one on; the newest where none
  // was told.
  CandlesQuery Missing(const DemandKey& demand) const;
  // The answer. `polled`: no socket carries the demand. False where more is to be asked for.
  bool OnPage(const DemandKey& demand, const model::CandlesPage& page, bool polled);

  // No socket carries the demand any more, or it is stuck.
  void OnLost(const DemandKey& demand);
  // Something may be missing between what was told and what comes.
  bool behind(const DemandKey& demand) const;
  // Nobody wants the demand any more.
  void Forget(const DemandKey& demand) { tapes_.erase(demand); }

 private:
  struct Waiting {
    model::Candle candle;
    EventStamp stamp;
  };
  struct Tape {
    std::optional<TimeNs> last;  // open time of the one told last
    bool behind = false;
    std::string page_token;                   // where the next page begins, if not at `last`
    std::map<TimeNs, Waiting> waiting;        // by open time
    std::chrono::nanoseconds waits_since{0};  // steady; valid while some wait
  };

  void Tell(const DemandKey& demand, Tape& tape, const model::Candle& candle,
            const EventStamp& stamp);
  // Nothing is missing any more, or it is given up.
  void CatchUp(const DemandKey& demand, Tape& tape);

  const std::string exchange_;
  TopicBoard& board_;
  const Clock& clock_;
  std::map<DemandKey, Tape> tapes_;
};

}  // namespace switchyard::exchange
