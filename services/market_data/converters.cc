#include "services/market_data/converters.h"

#include <algorithm>
#include <string>

#include "common/exchange/market_data_proto.h"
#include "common/status/status.h"

namespace switchyard::market_data {
namespace {

namespace v1 = marketdata::v1;

std::string Text(const std::optional<Decimal>& value) {
  return value ? value->ToString() : std::string();
}

}  // namespace

common::v1::InstrumentKind ToProto(model::InstrumentKind kind) {
  switch (kind) {
    case model::InstrumentKind::kSpot:
      return common::v1::INSTRUMENT_KIND_SPOT;
    case model::InstrumentKind::kPerpetual:
      return common::v1::INSTRUMENT_KIND_PERPETUAL;
  }
  return common::v1::INSTRUMENT_KIND_UNSPECIFIED;
}

v1::ContractDirection ToProto(model::ContractDirection direction) {
  switch (direction) {
    case model::ContractDirection::kNone:
      return v1::CONTRACT_DIRECTION_UNSPECIFIED;
    case model::ContractDirection::kLinear:
      return v1::CONTRACT_DIRECTION_LINEAR;
    case model::ContractDirection::kInverse:
      return v1::CONTRACT_DIRECTION_INVERSE;
  }
  return v1::CONTRACT_DIRECTION_UNSPECIFIED;
}

v1::InstrumentStatus ToProto(model::InstrumentStatus status) {
  switch (status) {
    case model::InstrumentStatus::kTrading:
      return v1::INSTRUMENT_STATUS_TRADING;
    case model::InstrumentStatus::kPrelaunch:
      return v1::INSTRUMENT_STATUS_PRELAUNCH;
    case model::InstrumentStatus::kHalted:
      return v1::INSTRUMENT_STATUS_HALTED;
    case model::InstrumentStatus::kDelisting:
      return v1::INSTRUMENT_STATUS_DELISTING;
    case model::InstrumentStatus::kDelisted:
      return v1::INSTRUMENT_STATUS_DELISTED;
    case model::InstrumentStatus::kBuyOnly:
      return v1::INSTRUMENT_STATUS_BUY_ONLY;
    case model::InstrumentStatus::kSellOnly:
      return v1::INSTRUMENT_STATUS_SELL_ONLY;
    case model::InstrumentStatus::kUnrecognised:
      return v1::INSTRUMENT_STATUS_UNRECOGNISED;
  }
  return v1::INSTRUMENT_STATUS_UNSPECIFIED;
}

v1::PrecisionSource ToProto(model::PrecisionSource source) {
  switch (source) {
    case model::PrecisionSource::kExchange:
      return v1::PRECISION_SOURCE_EXCHANGE;
    case model::PrecisionSource::kInferred:
      return v1::PRECISION_SOURCE_INFERRED;
  }
  return v1::PRECISION_SOURCE_UNSPECIFIED;
}

void FillInstrument(const model::Instrument& instrument, v1::Instrument& message) {
  message.set_exchange(instrument.exchange);
  message.set_symbol(instrument.symbol);
  message.set_kind(ToProto(instrument.kind));
  message.set_base(instrument.base);
  message.set_quote(instrument.quote);
  message.set_settle(instrument.settle);
  message.set_direction(ToProto(instrument.direction));
  message.set_exchange_symbol(instrument.exchange_symbol);
  message.set_exchange_id(instrument.exchange_id);
  message.set_tick(instrument.tick.ToString());
  message.set_step(instrument.step.ToString());
  message.set_min_quantity(Text(instrument.min_quantity));
  message.set_max_quantity(Text(instrument.max_quantity));
  message.set_min_notional(Text(instrument.min_notional));
  message.set_multiplier(instrument.multiplier.ToString());
  message.set_max_leverage(Text(instrument.max_leverage));
  message.set_maker_fee(Text(instrument.maker_fee));
  message.set_taker_fee(Text(instrument.taker_fee));
  message.set_status(ToProto(instrument.status));
  message.set_raw_status(instrument.raw_status);
  message.set_precision_source(ToProto(instrument.precision_source));
  message.set_funding_interval_seconds(instrument.funding_interval_seconds);
}

void FillFreshness(model::Source source, std::chrono::nanoseconds age,
                   common::v1::Freshness& message) {
  message.set_source(exchange::ToProto(source));
  message.set_age_ns(std::max<std::int64_t>(0, age.count()));
}

void FillBook(const model::BookView& book, v1::GetOrderBookResponse& response) {
  v1::OrderBookLevels& levels = *response.mutable_order_book();
  levels.mutable_bid_price_mantissas()->Reserve(static_cast<int>(book.bids.size()));
  levels.mutable_bid_quantity_mantissas()->Reserve(static_cast<int>(book.bids.size()));
  levels.mutable_ask_price_mantissas()->Reserve(static_cast<int>(book.asks.size()));
  levels.mutable_ask_quantity_mantissas()->Reserve(static_cast<int>(book.asks.size()));
  exchange::FillLevels(book.bids, book.asks, book.price_scale, book.quantity_scale, levels);
  levels.set_exchange_sequence(book.exchange_sequence);
  FillFreshness(book.source, book.age, *response.mutable_freshness());
  response.set_one_sided(book.bids.empty() || book.asks.empty());
  response.set_exchange_time_ns(book.exchange_time.value);
}

void FillQuote(const model::Quote& quote, v1::GetBestBidOfferResponse& response) {
  exchange::FillQuote(quote, *response.mutable_best_bid_offer());
  FillFreshness(quote.source, quote.age, *response.mutable_freshness());
  response.set_exchange_time_ns(quote.exchange_time.value);
}

void FillOrderPrice(const OrderPrice& price, v1::GetOrderPriceResponse& response) {
  response.set_post_only_price(Text(price.post_only));
  response.set_worst_price(price.worst.ToString());
  response.set_average_price(price.average.ToString());
}

absl::Status FillTrades(const model::TradesPage& page, v1::ListTradesResponse& response) {
  for (const model::Trade& trade : page.trades) {
    SWITCHYARD_ASSIGN_OR_RETURN(const Decimal price,
                                Decimal::FromMantissa(trade.price, page.price_scale));
    SWITCHYARD_ASSIGN_OR_RETURN(const Decimal quantity,
                                Decimal::FromMantissa(trade.quantity, page.quantity_scale));
    v1::PublicTrade& message = *response.add_trades();
    message.set_trade_id(trade.trade_id);
    message.set_taker_side(exchange::ToProto(trade.taker_side));
    message.set_price(price.ToString());
    message.set_quantity(quantity.ToString());
    message.set_exchange_time_ns(trade.exchange_time.value);
  }
  return absl::OkStatus();
}

}  // namespace switchyard::market_data
