#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/exchange/topic_board.h"
#include "exchanges/gateio/utils/converters.h"
#include "exchanges/gateio/websocket/recent_trades.h"
#include "exchanges/gateio/wire.h"

namespace switchyard::exchanges::gateio {

// Public trades on the way to their topics: each is told once, whichever socket or poll brings it,
// and what may be missing is told as a GAP. Connection thread.
class TradeTape {
 public:
  TradeTape(std::string exchange, exchange::TopicBoard& board, const Clock& clock)
      : exchange_(std::move(exchange)), board_(board), clock_(clock) {}

  // Trades of one instrument in one frame.
  void OnFrame(model::InstrumentId instrument, std::span<const wire::Trade> trades,
               const Units& units, TimeNs received);
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
  const std::string exchange_;
  exchange::TopicBoard& board_;
  const Clock& clock_;
  std::map<model::InstrumentId, RecentTrades> recent_;
  std::vector<model::Trade> news_;  // reused from frame to frame
};

}  // namespace switchyard::exchanges::gateio
