#include "exchanges/gateio/websocket/ticker_topics.h"

namespace switchyard::exchanges::gateio {

void PublishTicker(exchange::TopicBoard& board, const exchange::DemandKey& demand,
                   const model::Instrument& instrument, const model::Ticker& ticker,
                   const exchange::EventStamp& stamp) {
  if (demand.channel == exchange::Channel::kTicker) {
    board.PublishTicker(demand.instrument, ticker, stamp);
  } else if (demand.channel == exchange::Channel::kMarkPrice && ticker.mark_price) {
    board.PublishMarkPrice(demand.instrument, {*ticker.mark_price, ticker.index_price}, stamp);
  } else if (demand.channel == exchange::Channel::kFundingRate && ticker.funding_rate) {
    model::FundingRate rate;
    rate.symbol = ticker.symbol;
    rate.rate = *ticker.funding_rate;
    rate.interval_seconds = instrument.funding_interval_seconds;
    rate.receive_time = stamp.receive_time;
    rate.mark_price = ticker.mark_price;
    board.PublishFundingRate(demand.instrument, rate, stamp);
  }
}

}  // namespace switchyard::exchanges::gateio
