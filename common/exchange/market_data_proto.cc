#include "common/exchange/market_data_proto.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace switchyard::exchange {
namespace {

std::string Text(const std::optional<Decimal>& value) {
  return value ? value->ToString() : std::string();
}

// How many last digits of a field are 0 in every trade, `most` at most, and ten to that power.
struct SpareDigits {
  int count = 0;
  std::int64_t power = 1;
};
SpareDigits CountSpareDigits(std::span<const model::Trade> trades,
                             std::int64_t model::Trade::*field, int most) {
  SpareDigits spare;
  while (spare.count < most) {
    const std::int64_t next = spare.power * 10;
    const auto exact = [&](const model::Trade& trade) { return trade.*field % next == 0; };
    if (!std::ranges::all_of(trades, exact)) break;
    spare.power = next;
    ++spare.count;
  }
  return spare;
}

}  // namespace

Scales ScalesOf(const model::Instrument& instrument) {
  const auto least = [](const Decimal& step, int scale) {
    return step.is_zero() ? scale : std::min(step.scale(), scale);
  };
  return {instrument.price_scale, instrument.quantity_scale,
          least(instrument.tick, instrument.price_scale),
          least(instrument.step, instrument.quantity_scale)};
}

void Shorten(const Scales& scales, model::TradesPage& page) {
  const SpareDigits prices =
      CountSpareDigits(page.trades, &model::Trade::price, page.price_scale - scales.least_price);
  const SpareDigits quantities = CountSpareDigits(page.trades, &model::Trade::quantity,
                                                  page.quantity_scale - scales.least_quantity);
  for (model::Trade& trade : page.trades) {
    trade.price /= prices.power;
    trade.quantity /= quantities.power;
  }
  page.price_scale -= prices.count;
  page.quantity_scale -= quantities.count;
}

common::v1::Source ToProto(model::Source source) {
  switch (source) {
    case model::Source::kWebSocket:
      return common::v1::SOURCE_WEBSOCKET;
    case model::Source::kCache:
      return common::v1::SOURCE_CACHE;
    case model::Source::kRest:
      return common::v1::SOURCE_REST;
  }
  return common::v1::SOURCE_UNSPECIFIED;
}

common::v1::Side ToProto(model::Side side) {
  return side == model::Side::kBuy ? common::v1::SIDE_BUY : common::v1::SIDE_SELL;
}

common::v1::StaleReason ToProto(model::StaleReason reason) {
  return static_cast<common::v1::StaleReason>(reason);
}

void FillLevels(std::span<const model::Level> bids, std::span<const model::Level> asks,
                int price_scale, int quantity_scale, marketdata::v1::OrderBookLevels& levels) {
  levels.Clear();
  levels.set_price_exponent(-price_scale);
  levels.set_quantity_exponent(-quantity_scale);
  for (const model::Level& level : bids) {
    levels.add_bid_price_mantissas(level.price);
    levels.add_bid_quantity_mantissas(level.quantity);
  }
  for (const model::Level& level : asks) {
    levels.add_ask_price_mantissas(level.price);
    levels.add_ask_quantity_mantissas(level.quantity);
  }
}

void FillQuote(const model::Quote& quote, marketdata::v1::BestBidOffer& message) {
  message.set_price_exponent(-quote.price_scale);
  message.set_quantity_exponent(-quote.quantity_scale);
  message.set_bid_price_mantissa(quote.bid.price);
  message.set_bid_quantity_mantissa(quote.bid.quantity);
  message.set_ask_price_mantissa(quote.ask.price);
  message.set_ask_quantity_mantissa(quote.ask.quantity);
  message.set_exchange_sequence(quote.exchange_sequence);
}

void FillTrades(std::span<const model::Trade> trades, const Scales& scales,
                marketdata::v1::Trades& message) {
  const SpareDigits prices =
      CountSpareDigits(trades, &model::Trade::price, scales.price - scales.least_price);
  const SpareDigits quantities =
      CountSpareDigits(trades, &model::Trade::quantity, scales.quantity - scales.least_quantity);
  message.Clear();
  message.set_price_exponent(prices.count - scales.price);
  message.set_quantity_exponent(quantities.count - scales.quantity);
  for (const model::Trade& trade : trades) {
    marketdata::v1::Trade& added = *message.add_trades();
    added.set_trade_id(trade.trade_id);
    added.set_taker_side(ToProto(trade.taker_side));
    added.set_price_mantissa(trade.price / prices.power);
    added.set_quantity_mantissa(trade.quantity / quantities.power);
    added.set_exchange_time_ns(trade.exchange_time.value);
  }
}

void FillTicker(std::string_view exchange, const model::Ticker& ticker,
                marketdata::v1::Ticker& message) {
  message.set_exchange(std::string(exchange));
  message.set_symbol(ticker.symbol);
  message.set_last_price(Text(ticker.last_price));
  message.set_best_bid_price(Text(ticker.best_bid_price));
  message.set_best_bid_quantity(Text(ticker.best_bid_quantity));
  message.set_best_ask_price(Text(ticker.best_ask_price));
  message.set_best_ask_quantity(Text(ticker.best_ask_quantity));
  message.set_high_24h(Text(ticker.high_24h));
  message.set_low_24h(Text(ticker.low_24h));
  message.set_base_volume_24h(Text(ticker.base_volume_24h));
  message.set_quote_volume_24h(Text(ticker.quote_volume_24h));
  message.set_change_24h(Text(ticker.change_24h));
  message.set_mark_price(Text(ticker.mark_price));
  message.set_index_price(Text(ticker.index_price));
  message.set_open_interest(Text(ticker.open_interest));
  message.set_funding_rate(Text(ticker.funding_rate));
  message.set_exchange_time_ns(ticker.exchange_time.value);
  message.set_receive_time_ns(ticker.receive_time.value);
}

void FillCandle(const model::Candle& candle, marketdata::v1::Candle& message) {
  message.set_open_time_ns(candle.open_time.value);
  message.set_interval_seconds(candle.interval_seconds);
  message.set_open(candle.open.ToString());
  message.set_high(candle.high.ToString());
  message.set_low(candle.low.ToString());
  message.set_close(candle.close.ToString());
  message.set_base_volume(Text(candle.base_volume));
  message.set_quote_volume(Text(candle.quote_volume));
  message.set_closed(candle.closed);
}

void FillMarkPrice(const model::MarkPrice& price, marketdata::v1::MarkPrice& message) {
  message.set_mark_price(price.mark_price.ToString());
  message.set_index_price(Text(price.index_price));
}

void FillFundingRate(std::string_view exchange, const model::FundingRate& rate,
                     marketdata::v1::FundingRate& message) {
  message.Clear();
  message.set_exchange(std::string(exchange));
  message.set_symbol(rate.symbol);
  message.set_rate(rate.rate.ToString());
  message.set_interval_seconds(rate.interval_seconds);
  if (const auto per_8h = model::RatePer8Hours(rate); per_8h.ok()) {
    message.set_rate_8h(per_8h->ToString());
  }
  message.set_kind(rate.kind == model::FundingRateKind::kLast
                       ? marketdata::v1::FUNDING_RATE_KIND_LAST
                       : marketdata::v1::FUNDING_RATE_KIND_PREDICTED);
  message.set_next_payment_time_ns(rate.next_payment_time.value);
  message.set_payment_time_ns(rate.payment_time.value);
  message.set_mark_price(Text(rate.mark_price));
  message.set_receive_time_ns(rate.receive_time.value);
}

}  // namespace switchyard::exchange
