#pragma once

#include <span>
#include <string_view>

#include "common/model/market_data.h"
#include "switchyard/common/v1/values.pb.h"
#include "switchyard/marketdata/v1/events.pb.h"

// House words to the contract's messages: the one place where market data is spelt for the wire.
// Total functions; each overwrites its target's fields.
namespace switchyard::exchange {

// Decimals of an instrument's mantissas. They leave room for prices finer than its tick; a trade is
// told with fewer of them where that is exact, down to those of tick and step.
struct Scales {
  int price = 0;
  int quantity = 0;
  int least_price = 0;
  int least_quantity = 0;
};
Scales ScalesOf(const model::Instrument& instrument);
// Brings a page's mantissas to the fewest decimals that are exact for all of them.
void Shorten(const Scales& scales, model::TradesPage& page);

common::v1::Source ToProto(model::Source source);
common::v1::Side ToProto(model::Side side);
common::v1::StaleReason ToProto(model::StaleReason reason);

// `bids` and `asks` best first, at the given scales.
void FillLevels(std::span<const model::Level> bids, std::span<const model::Level> asks,
                int price_scale, int quantity_scale, marketdata::v1::OrderBookLevels& levels);
void FillQuote(const model::Quote& quote, marketdata::v1::BestBidOffer& message);
void FillTrades(std::span<const model::Trade> trades, const Scales& scales,
                marketdata::v1::Trades& message);
void FillTicker(std::string_view exchange, const model::Ticker& ticker,
                marketdata::v1::Ticker& message);
void FillCandle(const model::Candle& candle, marketdata::v1::Candle& message);
void FillMarkPrice(const model::MarkPrice& price, marketdata::v1::MarkPrice& message);
// rate_8h stays empty where it cannot be computed.
void FillFundingRate(std::string_view exchange, const model::FundingRate& rate,
                     marketdata::v1::FundingRate& message);

}  // namespace switchyard::exchange
