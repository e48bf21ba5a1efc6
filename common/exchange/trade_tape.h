#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/exchange/recent_trades.h"
#include "common/exchange/topic_board.h"

namespace switchyard::exchange {

// Public trades on the way to their topics: each is told once, whichever socket or poll brings it,
// and what may be missing is told as a GAP. Connection thread.
class TradeTape {
 public:
  TradeTape(std::string exchange, TopicBoard& board, const Clock& clock)
      : exchange_(std::move(exchange)), board_(board), clock_(clock) {}

  // Trades of one instrument in one frame, of the exchange's own form: `id`, a text, and `time`.
  // `convert` makes an absl::StatusOr<model::Trade> of one; what it cannot read is told as a gap.
  template <typename Wire, typename Convert>
  void OnFrame(model::InstrumentId instrument, std::span<const Wire> trades, TimeNs received,
               Convert convert) {
    RecentTrades& recent = Begin(instrument, received);
    for (const Wire& wire : trades) {
      if (recent.Insert(wire.id)) Add(instrument, recent, convert(wire), wire.time);
    }
    Publish(instrument, received);
  }
  // The same of trades that a stream tells as it begins, which were before. Those newer than what
  // is known are told; where nothing is known the tape begins behind them.
  template <typename Wire, typename Convert>
  void OnBacklog(model::InstrumentId instrument, std::span<const Wire> trades, TimeNs received,
                 Convert convert) {
    RecentTrades& recent = Begin(instrument, received);
    const bool begins = recent.empty();
    const TimeNs known = recent.newest;
    for (const Wire& wire : trades) {
      if (!recent.Insert(wire.id)) continue;
      if (!begins && wire.time >= known) {
        Add(instrument, recent, convert(wire), wire.time);
      } else if (begins) {
        recent.newest = std::max(recent.newest, wire.time);
      }
    }
    Publish(instrument, received);
  }
  // The newest trades as REST told them, without a socket. The first page is where the tape begins:
  // what it holds is not news. A page that does not reach back to what is known leaves a gap.
  void OnPage(model::InstrumentId instrument, const model::TradesPage& page);

  // The exchange carries the trades from now on; they are not carried any more.
  void OnConfirmed(model::InstrumentId instrument);
  void OnLost(model::InstrumentId instrument);
  // Nobody wants the trades any more.
  void Forget(model::InstrumentId instrument) { recent_.erase(instrument); }

  // Empty where none are wanted.
  const RecentTrades& recent(model::InstrumentId instrument) const;
  // Instruments of which something is kept.
  std::size_t size() const { return recent_.size(); }

 private:
  RecentTrades& Begin(model::InstrumentId instrument, TimeNs received);
  void Add(model::InstrumentId instrument, RecentTrades& recent, absl::StatusOr<model::Trade> trade,
           TimeNs time);
  void Publish(model::InstrumentId instrument, TimeNs received);

  const std::string exchange_;
  TopicBoard& board_;
  const Clock& clock_;
  std::map<model::InstrumentId, RecentTrades> recent_;
  std::vector<model::Trade> news_;  // reused from frame to frame
};

}  // namespace switchyard::exchange
