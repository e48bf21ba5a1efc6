#include "exchanges/lighter/websocket/state_poll.h"

#include <algorithm>

namespace switchyard::exchanges::lighter {

void StatePoll::Poll(const exchange::DemandKey& demand, const std::string& symbol) {
  if (demand.channel == exchange::Channel::kFundingRate) {
    Serve(funding_rates_, {demand, symbol}, [this](auto take) {
      hooks_.funding_rates([take](absl::StatusOr<model::FundingRatesReply> reply) {
        if (!reply.ok()) return take(reply.status());
        take(std::move(reply->rates));
      });
    });
  } else {
    Serve(tickers_, {demand, symbol}, [this](auto take) {
      hooks_.tickers([take](absl::StatusOr<model::TickersReply> reply) {
        if (!reply.ok()) return take(reply.status());
        take(std::move(reply->tickers));
      });
    });
  }
}

template <typename Row, typename Read>
void StatePoll::Serve(List<Row>& list, Asked asked, Read read) {
  if (list.answered_at && clock_.Steady() - *list.answered_at < hold_) {
    Tell(list, asked);
    return board_.Flush();
  }
  list.waiting.push_back(std::move(asked));
  if (list.waiting.size() > 1) return;
  read([this, &list](absl::StatusOr<std::vector<Row>> rows) {
    const std::vector<Asked> waiting = std::exchange(list.waiting, {});
    if (!rows.ok()) return;
    list.rows = *std::move(rows);
    list.received = clock_.Now();
    list.answered_at = clock_.Steady();
    for (const Asked& each : waiting) Tell(list, each);
    board_.Flush();
  });
}

template <typename Row>
void StatePoll::Tell(const List<Row>& list, const Asked& asked) {
  if (!hooks_.useful(asked.demand)) return;
  const auto row = std::ranges::find(list.rows, asked.symbol, &Row::symbol);
  if (row == list.rows.end()) return;
  Publish(asked, *row,
          {.receive_time = list.received, .source = model::Source::kRest, .polled = true});
}

void StatePoll::Publish(const Asked& asked, const model::Ticker& ticker,
                        const exchange::EventStamp& stamp) {
  if (asked.demand.channel == exchange::Channel::kTicker) {
    board_.PublishTicker(asked.demand.instrument, ticker, stamp);
  } else if (ticker.mark_price) {
    board_.PublishMarkPrice(asked.demand.instrument, {*ticker.mark_price, ticker.index_price},
                            stamp);
  }
}

void StatePoll::Publish(const Asked& asked, const model::FundingRate& rate,
                        const exchange::EventStamp& stamp) {
  board_.PublishFundingRate(asked.demand.instrument, rate, stamp);
}

}  // namespace switchyard::exchanges::lighter
