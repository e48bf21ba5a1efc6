#include "tests/exchanges/gateio/describe.h"

#include <optional>
#include <vector>

#include "common/status/status.h"

namespace switchyard::exchanges::gateio {
namespace {

using json::Json;

constexpr std::size_t kMostLevels = 8;

void Put(Json& out, const char* name, std::string_view text) {
  if (!text.empty()) out[name] = std::string(text);
}
void Put(Json& out, const char* name, const Decimal& value) { out[name] = value.ToShortString(); }
void Put(Json& out, const char* name, const std::optional<Decimal>& value) {
  if (value) Put(out, name, *value);
}
void Put(Json& out, const char* name, TimeNs time) {
  if (time.given()) out[name] = time.value;
}

Json Pair(const wire::Level& level) {
  return Json::array({std::string(level.price), std::string(level.quantity)});
}
std::string Text(std::int64_t mantissa, int scale) {
  return Decimal::FromMantissa(mantissa, scale)->ToShortString();
}

template <typename Levels, typename ToPair>
Json Side(const Levels& levels, ToPair to_pair) {
  Json list = Json::array();
  if (levels.size() <= kMostLevels) {
    for (const auto& level : levels) list.push_back(to_pair(level));
    return list;
  }
  return {{"count", levels.size()},
          {"first", to_pair(levels.front())},
          {"last", to_pair(levels.back())}};
}

Json DescribeTrade(const wire::Trade& trade) {
  Json out;
  Put(out, "symbol", trade.symbol);
  Put(out, "id", trade.id);
  Put(out, "time_ns", trade.time);
  Put(out, "price", trade.price);
  Put(out, "size", trade.size);
  Put(out, "side", trade.side);
  if (trade.is_internal) out["is_internal"] = true;
  return out;
}

Json DescribeTicker(const wire::Ticker& ticker) {
  Json out;
  Put(out, "symbol", ticker.symbol);
  Put(out, "last", ticker.last);
  Put(out, "change_percentage", ticker.change_percentage);
  Put(out, "high", ticker.high_24h);
  Put(out, "low", ticker.low_24h);
  Put(out, "ask", ticker.lowest_ask);
  Put(out, "ask_size", ticker.lowest_size);
  Put(out, "bid", ticker.highest_bid);
  Put(out, "bid_size", ticker.highest_size);
  Put(out, "base_volume", ticker.base_volume);
  Put(out, "quote_volume", ticker.quote_volume);
  Put(out, "mark_price", ticker.mark_price);
  Put(out, "index_price", ticker.index_price);
  Put(out, "funding_rate", ticker.funding_rate);
  Put(out, "funding_rate_indicative", ticker.funding_rate_indicative);
  Put(out, "open_interest_contracts", ticker.total_size);
  return out;
}

Json DescribeCandle(const wire::Candle& candle) {
  Json out;
  Put(out, "symbol", candle.symbol);
  Put(out, "interval", candle.interval);
  Put(out, "open_time_ns", candle.open_time);
  Put(out, "open", candle.open);
  Put(out, "high", candle.high);
  Put(out, "low", candle.low);
  Put(out, "close", candle.close);
  Put(out, "volume", candle.volume);
  Put(out, "amount", candle.amount);
  if (candle.closed) out["closed"] = true;
  return out;
}

Json DescribeLiquidation(const wire::Liquidation& liquidation) {
  Json out;
  Put(out, "symbol", liquidation.symbol);
  Put(out, "time_ns", liquidation.time);
  Put(out, "price", liquidation.price);
  Put(out, "size", liquidation.size);
  return out;
}

template <typename List, typename One>
Json Many(const List& list, One one) {
  Json out = Json::array();
  for (const auto& entry : list) out.push_back(one(entry));
  return out;
}

void PutData(const wire::Push& push, Json& out) {
  switch (push.channel) {
    case Channel::kBookUpdate:
    case Channel::kBookStream:
      if (push.book_update.first_id != 0) out["first_id"] = push.book_update.first_id;
      out["last_id"] = push.book_update.last_id;
      Put(out, "book_time_ns", push.book_update.time);
      if (push.book_update.full) out["full"] = true;
      Put(out, "level", push.book_update.level);
      out["bids"] = Side(push.book_update.bids, Pair);
      out["asks"] = Side(push.book_update.asks, Pair);
      break;
    case Channel::kBookSnapshot:
      out["id"] = push.book_snapshot.id;
      Put(out, "book_time_ns", push.book_snapshot.time);
      out["bids"] = Side(push.book_snapshot.bids, Pair);
      out["asks"] = Side(push.book_snapshot.asks, Pair);
      break;
    case Channel::kBookTicker:
      out["id"] = push.book_ticker.id;
      Put(out, "book_time_ns", push.book_ticker.time);
      out["bid"] = Pair(push.book_ticker.bid);
      out["ask"] = Pair(push.book_ticker.ask);
      break;
    case Channel::kTrades:
      out["trades"] = Many(push.trades, DescribeTrade);
      break;
    case Channel::kTickers:
      out["tickers"] = Many(push.tickers, DescribeTicker);
      break;
    case Channel::kCandles:
      out["candles"] = Many(push.candles, DescribeCandle);
      break;
    case Channel::kLiquidations:
      out["liquidations"] = Many(push.liquidations, DescribeLiquidation);
      break;
    default:
      break;
  }
}

const char* EventName(wire::Event event) {
  switch (event) {
    case wire::Event::kUpdate:
      return "update";
    case wire::Event::kSubscribed:
      return "subscribed";
    case wire::Event::kUnsubscribed:
      return "unsubscribed";
    case wire::Event::kPong:
      return "pong";
    case wire::Event::kUpgrade:
      return "upgrade";
    case wire::Event::kUnknown:
      break;
  }
  return "unknown";
}

const char* StatusName(model::InstrumentStatus status) {
  constexpr const char* kNames[] = {"trading",  "prelaunch", "halted",    "delisting",
                                    "delisted", "buy_only",  "sell_only", "unrecognised"};
  return kNames[static_cast<std::size_t>(status)];
}

}  // namespace

Json Describe(Product product, const wire::Push& push) {
  Json out = {{"event", EventName(push.event)}};
  Put(out, "channel", WireName(product, push.channel));
  Put(out, "time_ns", push.time);
  if (push.event == wire::Event::kUpdate) {
    Put(out, "symbol", push.symbol);
    PutData(push, out);
    return out;
  }
  if (push.request_id != 0) out["id"] = push.request_id;
  if (!push.payload.empty()) {
    out["payload"] = Many(push.payload, [](std::string_view text) { return std::string(text); });
  }
  if (push.refused) out["error"] = {{"code", push.error.code}, {"message", push.error.message}};
  return out;
}

Json Describe(const model::Instrument& instrument) {
  Json out = {{"symbol", instrument.symbol},
              {"exchange_symbol", instrument.exchange_symbol},
              {"base", instrument.base},
              {"quote", instrument.quote},
              {"status", StatusName(instrument.status)},
              {"price_scale", instrument.price_scale},
              {"quantity_scale", instrument.quantity_scale}};
  Put(out, "settle", instrument.settle);
  Put(out, "tick", instrument.tick);
  Put(out, "step", instrument.step);
  Put(out, "min_quantity", instrument.min_quantity);
  Put(out, "max_quantity", instrument.max_quantity);
  Put(out, "min_notional", instrument.min_notional);
  Put(out, "multiplier", instrument.multiplier);
  Put(out, "max_leverage", instrument.max_leverage);
  Put(out, "maker_fee", instrument.maker_fee);
  Put(out, "taker_fee", instrument.taker_fee);
  if (instrument.funding_interval_seconds != 0) {
    out["funding_interval_seconds"] = instrument.funding_interval_seconds;
  }
  return out;
}

Json Describe(const BookSnapshot& book, const Units& units) {
  const auto pair = [&](const model::Level& level) {
    return Json::array(
        {Text(level.price, units.price_scale), Text(level.quantity, units.quantity_scale)});
  };
  Json out = {{"id", book.id}, {"bids", Side(book.bids, pair)}, {"asks", Side(book.asks, pair)}};
  Put(out, "time_ns", book.time);
  return out;
}

Json Describe(const model::TradesPage& page) {
  return Many(page.trades, [&](const model::Trade& trade) {
    Json out = {{"id", trade.trade_id},
                {"side", trade.taker_side == model::Side::kBuy ? "buy" : "sell"},
                {"price", Text(trade.price, page.price_scale)},
                {"quantity", Text(trade.quantity, page.quantity_scale)}};
    Put(out, "time_ns", trade.exchange_time);
    return out;
  });
}

Json Describe(const model::CandlesPage& page) {
  return Many(page.candles, [](const model::Candle& candle) {
    Json out = {{"open_time_ns", candle.open_time.value},
                {"interval_seconds", candle.interval_seconds},
                {"closed", candle.closed}};
    Put(out, "open", candle.open);
    Put(out, "high", candle.high);
    Put(out, "low", candle.low);
    Put(out, "close", candle.close);
    Put(out, "base_volume", candle.base_volume);
    Put(out, "quote_volume", candle.quote_volume);
    return out;
  });
}

Json Describe(const model::TickersReply& reply) {
  return Many(reply.tickers, [](const model::Ticker& ticker) {
    Json out = {{"symbol", ticker.symbol}};
    Put(out, "last", ticker.last_price);
    Put(out, "bid", ticker.best_bid_price);
    Put(out, "bid_quantity", ticker.best_bid_quantity);
    Put(out, "ask", ticker.best_ask_price);
    Put(out, "ask_quantity", ticker.best_ask_quantity);
    Put(out, "high", ticker.high_24h);
    Put(out, "low", ticker.low_24h);
    Put(out, "base_volume", ticker.base_volume_24h);
    Put(out, "quote_volume", ticker.quote_volume_24h);
    Put(out, "change", ticker.change_24h);
    Put(out, "mark_price", ticker.mark_price);
    Put(out, "index_price", ticker.index_price);
    Put(out, "open_interest", ticker.open_interest);
    Put(out, "funding_rate", ticker.funding_rate);
    return out;
  });
}

Json Describe(const model::FundingRatesReply& reply) {
  return Many(reply.rates, [](const model::FundingRate& rate) {
    Json out = {{"symbol", rate.symbol},
                {"kind", rate.kind == model::FundingRateKind::kPredicted ? "predicted" : "last"},
                {"interval_seconds", rate.interval_seconds}};
    Put(out, "rate", rate.rate);
    Put(out, "mark_price", rate.mark_price);
    Put(out, "next_payment_ns", rate.next_payment_time);
    Put(out, "paid_ns", rate.payment_time);
    return out;
  });
}

Json Describe(const absl::Status& status) {
  Json out = {{"code", absl::StatusCodeToString(status.code())},
              {"reason", ReasonName(ReasonOf(status))}};
  const ErrorMetadata metadata = MetadataOf(status);
  for (const auto& [key, value] : metadata) out[key] = value;
  if (const auto pause = RetryAfterOf(status)) out["retry_after_ns"] = pause->count();
  return out;
}

}  // namespace switchyard::exchanges::gateio
