#pragma once

#include "common/exchange/topic_board.h"
#include "common/model/market_data.h"

namespace switchyard::exchanges::gateio {

// Publishes what a ticker from REST says of one of the topics that tickers feed: ticker, mark price
// or funding rate of its instrument. Nothing where it says nothing of it. Connection thread.
void PublishTicker(exchange::TopicBoard& board, const exchange::DemandKey& demand,
                   const model::Instrument& instrument, const model::Ticker& ticker,
                   const exchange::EventStamp& stamp);

}  // namespace switchyard::exchanges::gateio
