#include "services/simulator/exchanges/gateio/frames.h"

#include "services/simulator/exchanges/gateio/channels.h"
#include "services/simulator/exchanges/gateio/statistics_fields.h"
#include "services/simulator/json_writer.h"

namespace switchyard::simulator::gateio {
namespace {

using engine::AppendDecimal;
using engine::AppendInteger;
using engine::Side;

std::int64_t Seconds(std::int64_t ns) { return ns / 1'000'000'000; }
std::int64_t Millis(std::int64_t ns) { return ns / 1'000'000; }

// {"time":..,"time_ms":..,"channel":"..","event":"..","result":
void AppendHead(std::string& out, const FrameContext& context, std::string_view channel,
                std::string_view event = "update") {
  out += "{\"time\":";
  AppendInteger(out, Seconds(context.now_ns));
  out += ",\"time_ms\":";
  AppendInteger(out, Millis(context.now_ns));
  out += ",\"channel\":\"";
  out += Prefix(context.product);
  out += channel;
  out += "\",\"event\":\"";
  out += event;
  out += "\",\"result\":";
}

void AppendQuoted(std::string& out, engine::Int128 mantissa, int scale) {
  out.push_back('"');
  AppendDecimal(out, mantissa, scale);
  out.push_back('"');
}

// [["p","q"],..]
void AppendPairs(std::string& out, const FrameContext& context,
                 const std::vector<ShownLevel>& levels) {
  out.push_back('[');
  for (const ShownLevel& level : levels) {
    if (out.back() != '[') out.push_back(',');
    out.push_back('[');
    AppendQuoted(out, level.price, context.listing.price_scale());
    out.push_back(',');
    AppendQuoted(out, level.quantity, context.listing.quantity_scale());
    out.push_back(']');
  }
  out.push_back(']');
}

// [{"p":"..","s":..},..]
void AppendObjects(std::string& out, const FrameContext& context,
                   const std::vector<ShownLevel>& levels) {
  out.push_back('[');
  for (const ShownLevel& level : levels) {
    if (out.back() != '[') out.push_back(',');
    out += "{\"p\":";
    AppendQuoted(out, level.price, context.listing.price_scale());
    out += ",\"s\":";
    AppendSize(out, context, level.quantity);
    out.push_back('}');
  }
  out.push_back(']');
}

void AppendLevels(std::string& out, const FrameContext& context,
                  const std::vector<ShownLevel>& levels) {
  if (context.product == Product::kSpot) {
    AppendPairs(out, context, levels);
  } else {
    AppendObjects(out, context, levels);
  }
}

void AppendName(std::string& out, std::string_view key, std::string_view symbol) {
  out += key;
  out += symbol;
  out.push_back('"');
}

}  // namespace

void AppendSize(std::string& out, const FrameContext& context, engine::Int128 lots) {
  const int scale = context.listing.quantity_scale();
  if (context.decimal_sizes) {
    AppendQuoted(out, lots, scale);
  } else {
    AppendDecimal(out, lots / engine::PowerOfTen(scale), 0);
  }
}

void AppendBookUpdate(std::string& out, const FrameContext& context, const BookUpdate& update) {
  AppendHead(out, context, "order_book_update");
  const std::int64_t changed_ms = Millis(context.listing.market.last_change_ns());
  out += "{\"t\":";
  AppendInteger(out, changed_ms);
  if (update.full) out += ",\"full\":true";
  if (context.product == Product::kSpot) {
    out += ",\"e\":\"depthUpdate\",\"E\":";
    AppendInteger(out, changed_ms / 1000);
  }
  AppendName(out, ",\"s\":\"", context.listing.symbol());
  out += ",\"U\":";
  AppendInteger(out, static_cast<std::int64_t>(update.first_id));
  out += ",\"u\":";
  AppendInteger(out, static_cast<std::int64_t>(update.last_id));
  out += ",\"b\":";
  AppendLevels(out, context, update.book.bids);
  out += ",\"a\":";
  AppendLevels(out, context, update.book.asks);
  if (!update.levels.empty()) AppendName(out, ",\"l\":\"", update.levels);
  out += "}}";
}

void AppendObu(std::string& out, const FrameContext& context, int depth, const BookUpdate& update) {
  out += "{\"channel\":\"";
  out += Prefix(context.product);
  out += "obu\",\"result\":{\"t\":";
  AppendInteger(out, Millis(context.listing.market.last_change_ns()));
  if (update.full) out += ",\"full\":true";
  AppendName(out, ",\"s\":\"ob.", context.listing.symbol());
  out.back() = '.';
  AppendInteger(out, depth);
  out += "\",\"u\":";
  AppendInteger(out, static_cast<std::int64_t>(update.last_id));
  if (!update.full) {
    out += ",\"U\":";
    AppendInteger(out, static_cast<std::int64_t>(update.first_id));
  }
  // A missing side means that it did not change.
  if (update.full || !update.book.bids.empty()) {
    out += ",\"b\":";
    AppendPairs(out, context, update.book.bids);
  }
  if (update.full || !update.book.asks.empty()) {
    out += ",\"a\":";
    AppendPairs(out, context, update.book.asks);
  }
  out += "},\"time_ms\":";
  AppendInteger(out, Millis(context.now_ns));
  // The first frame of a futures stream has been seen without `event`.
  if (!update.full || context.product == Product::kSpot) out += ",\"event\":\"update\"";
  out.push_back('}');
}

void AppendBookSnapshot(std::string& out, const FrameContext& context, const ShownBook& book) {
  const bool spot = context.product == Product::kSpot;
  const auto sequence = static_cast<std::int64_t>(context.listing.market.sequence());
  AppendHead(out, context, "order_book", spot ? "update" : "all");
  out += "{\"t\":";
  AppendInteger(out, Millis(context.listing.market.last_change_ns()));
  out += spot ? ",\"lastUpdateId\":" : ",\"id\":";
  AppendInteger(out, sequence);
  AppendName(out, spot ? ",\"s\":\"" : ",\"contract\":\"", context.listing.symbol());
  out += ",\"bids\":";
  AppendLevels(out, context, book.bids);
  out += ",\"asks\":";
  AppendLevels(out, context, book.asks);
  out += "}}";
}

void AppendSignedBookUpdate(std::string& out, const FrameContext& context, const ShownBook& book) {
  AppendHead(out, context, "order_book");
  const auto sequence = static_cast<std::int64_t>(context.listing.market.sequence());
  out.push_back('[');
  const auto append = [&](const std::vector<ShownLevel>& levels, int sign) {
    for (const ShownLevel& level : levels) {
      if (out.back() != '[') out.push_back(',');
      out += "{\"p\":";
      AppendQuoted(out, level.price, context.listing.price_scale());
      out += ",\"s\":";
      AppendSize(out, context, sign * level.quantity);
      AppendName(out, ",\"c\":\"", context.listing.symbol());
      out += ",\"id\":";
      AppendInteger(out, sequence);
      out.push_back('}');
    }
  };
  append(book.bids, 1);
  append(book.asks, -1);
  out += "]}";
}

void AppendBookTicker(std::string& out, const FrameContext& context) {
  const engine::OrderBook& book = context.listing.market.book();
  AppendHead(out, context, "book_ticker");
  out += "{\"t\":";
  AppendInteger(out, Millis(context.listing.market.last_change_ns()));
  out += ",\"u\":";
  AppendInteger(out, static_cast<std::int64_t>(context.listing.market.sequence()));
  AppendName(out, ",\"s\":\"", context.listing.symbol());
  const auto append_best = [&](Side side, std::string_view price_key, std::string_view size_key) {
    const auto levels = book.Levels(side);
    const engine::Level& best = levels.back();
    out += price_key;
    AppendQuoted(out, best.price, context.listing.price_scale());
    out += size_key;
    if (context.product == Product::kSpot) {
      AppendQuoted(out, best.quantity, context.listing.quantity_scale());
    } else {
      AppendSize(out, context, best.quantity);
    }
  };
  append_best(Side::kBuy, ",\"b\":", ",\"B\":");
  append_best(Side::kSell, ",\"a\":", ",\"A\":");
  out += "}}";
}

void AppendTrade(std::string& out, const FrameContext& context, const engine::Trade& trade) {
  AppendHead(out, context, "trades");
  const bool buy = trade.taker_side == Side::kBuy;
  JsonWriter json(out);
  if (context.product == Product::kSpot) {
    const std::string id = std::to_string(trade.id);
    std::string create_time_ms = std::to_string(Millis(trade.time_ns));
    create_time_ms += "." + std::to_string(trade.time_ns / 100 % 10'000 + 10'000).substr(1);
    json.BeginObject()
        .Number("id", trade.id)
        .Number("id_market", trade.id)
        .Number("create_time", Seconds(trade.time_ns))
        .Text("create_time_ms", create_time_ms)
        .Text("side", buy ? "buy" : "sell")
        .Text("currency_pair", context.listing.symbol())
        .Decimal("amount", trade.quantity, context.listing.quantity_scale())
        .Decimal("price", trade.price, context.listing.price_scale())
        .Text("range", id + "-" + id)
        .EndObject();
  } else {
    std::string size;
    AppendSize(size, context, buy ? trade.quantity : -trade.quantity);
    json.BeginArray()
        .BeginObject()
        .Raw("size", size)
        .Number("id", trade.id)
        .Number("create_time", Seconds(trade.time_ns))
        .Number("create_time_ms", Millis(trade.time_ns))
        .Decimal("price", trade.price, context.listing.price_scale())
        .Text("contract", context.listing.symbol())
        .Bool("is_internal", false)
        .EndObject()
        .EndArray();
  }
  out.push_back('}');
}

void AppendTicker(std::string& out, const FrameContext& context) {
  AppendHead(out, context, "tickers");
  JsonWriter json(out);
  if (context.product == Product::kFutures) json.BeginArray();
  json.BeginObject();
  AppendTickerFields(json, context.product, context.listing, /*rest=*/false);
  json.EndObject();
  if (context.product == Product::kFutures) json.EndArray();
  out.push_back('}');
}

void AppendCandle(std::string& out, const FrameContext& context, std::string_view interval,
                  const engine::Candle& candle, bool closed) {
  AppendHead(out, context, "candlesticks");
  const Listing& listing = context.listing;
  const int price_scale = listing.price_scale();
  const std::string name = std::string(interval) + "_" + listing.symbol();
  JsonWriter json(out);
  if (context.product == Product::kSpot) {
    json.BeginObject()
        .Text("t", std::to_string(candle.start_s))
        .Decimal("v", candle.quote_volume, price_scale + listing.quantity_scale());
  } else {
    std::string volume;
    AppendSize(volume, context, candle.base_volume);
    json.BeginArray().BeginObject().Number("t", candle.start_s).Raw("v", volume);
  }
  json.Decimal("c", candle.close, price_scale)
      .Decimal("h", candle.high, price_scale)
      .Decimal("l", candle.low, price_scale)
      .Decimal("o", candle.open, price_scale)
      .Text("n", name);
  if (context.product == Product::kSpot) {
    json.Decimal("a", candle.base_volume, listing.quantity_scale()).Bool("w", closed).EndObject();
  } else {
    json.Decimal("a", candle.quote_volume * listing.multiplier,
                 price_scale + listing.quantity_scale() + listing.multiplier_scale)
        .Bool("w", closed)
        .EndObject()
        .EndArray();
  }
  out.push_back('}');
}

void AppendContractStats(std::string& out, const FrameContext& context) {
  AppendHead(out, context, "contract_stats");
  JsonWriter json(out);
  json.BeginArray().BeginObject();
  AppendContractStatsFields(json, context.listing, Seconds(context.now_ns) / 60 * 60);
  json.EndObject().EndArray();
  out.push_back('}');
}

void AppendPublicLiquidation(std::string& out, const FrameContext& context,
                             const engine::Trade& trade) {
  AppendHead(out, context, "public_liquidates");
  std::string size;
  AppendSize(size, context, trade.taker_side == Side::kBuy ? trade.quantity : -trade.quantity);
  std::string price;
  AppendDecimal(price, trade.price, context.listing.price_scale());
  JsonWriter(out)
      .BeginArray()
      .BeginObject()
      .Raw("price", price)
      .Raw("size", size)
      .Number("time_ms", Millis(trade.time_ns))
      .Text("contract", context.listing.symbol())
      .EndObject()
      .EndArray();
  out.push_back('}');
}

}  // namespace switchyard::simulator::gateio
