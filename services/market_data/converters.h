#pragma once

#include "common/model/market_data.h"
#include "services/market_data/order_price.h"
#include "switchyard/marketdata/v1/market_data_service.pb.h"

// House words to the answers of MarketDataService, beside common/exchange/market_data_proto.h,
// which spells what answers and events share. Each fills an empty message.
namespace switchyard::market_data {

common::v1::InstrumentKind ToProto(model::InstrumentKind kind);
marketdata::v1::ContractDirection ToProto(model::ContractDirection direction);
marketdata::v1::InstrumentStatus ToProto(model::InstrumentStatus status);
marketdata::v1::PrecisionSource ToProto(model::PrecisionSource source);

void FillInstrument(const model::Instrument& instrument, marketdata::v1::Instrument& message);
// A clock that was set back makes no negative age.
void FillFreshness(model::Source source, std::chrono::nanoseconds age,
                   common::v1::Freshness& message);
void FillBook(const model::BookView& book, marketdata::v1::GetOrderBookResponse& response);
void FillQuote(const model::Quote& quote, marketdata::v1::GetBestBidOfferResponse& response);
void FillOrderPrice(const OrderPrice& price, marketdata::v1::GetOrderPriceResponse& response);
// Errors: OutOfRange.
absl::Status FillTrades(const model::TradesPage& page,
                        marketdata::v1::ListTradesResponse& response);

}  // namespace switchyard::market_data
