#include "services/simulator/exchanges/lighter/frames.h"

#include "fmt/format.h"
#include "services/simulator/exchanges/lighter/text.h"

namespace switchyard::simulator::lighter {
namespace {

using engine::Int128;
using engine::Side;

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kNsPerUs = 1'000;
constexpr std::int64_t kNsPerS = 1'000'000'000;
constexpr std::int64_t kNsPerHour = 3'600 * kNsPerS;
// The first block's time, seconds since 1970: gives heights of a plausible size.
constexpr std::int64_t kGenesisS = 1'550'000'000;
// Funding clamps and the limit of open interest as every market has them.
constexpr char kClampSmall[] = "0.0500";
constexpr char kClampBig[] = "4.0000";
constexpr char kBaseInterest[] = "0.0100";
constexpr char kInterestLimit[] = "72057594037927936.000000";

void WriteLevels(JsonWriter& json, const char* name, const Listing& listing,
                 const std::vector<ShownLevel>& levels) {
  json.Key(name).BeginArray();
  for (const ShownLevel& level : levels) {
    json.BeginObject()
        .Text("price", Fixed(level.price, listing.price_scale()))
        .Text("size", Fixed(level.quantity, listing.size_scale()))
        .EndObject();
  }
  json.EndArray();
}

// The best level of a side; its fields are empty where the side is.
void WriteBest(JsonWriter& json, const char* name, const Listing& listing, Side side) {
  const auto levels = listing.market.book().Levels(side);
  json.Key(name).BeginObject();
  if (levels.empty()) {
    json.Text("price", "").Text("size", "");
  } else {
    json.Text("price", Fixed(levels.back().price, listing.price_scale()))
        .Text("size", Fixed(levels.back().quantity, listing.size_scale()));
  }
  json.EndObject();
}

void WriteIdTwins(JsonWriter& json, std::string_view name, std::int64_t id) {
  json.Number(name, id).Text(fmt::format("{}_str", name), std::to_string(id));
}

// What a party was before the trade. `who` is taker or maker.
void WriteBefore(JsonWriter& json, const Listing& listing, std::string_view who,
                 const TradeParty& party) {
  if (party.fee_ppm != 0) json.Number(fmt::format("{}_fee", who), party.fee_ppm);
  json.Text(fmt::format("{}_position_size_before", who),
            Fixed(party.size_before, listing.size_scale()))
      .Text(fmt::format("{}_entry_quote_before", who),
            Fixed(party.entry_quote_before, kQuoteDecimals))
      .Number(fmt::format("{}_initial_margin_fraction_before", who), party.margin_before);
  if (party.sign_changed) json.Bool(fmt::format("{}_position_sign_changed", who), true);
}

std::string_view TypeOf(const PublicTrade& trade) {
  if (trade.deleverage) return "deleverage";
  return trade.trade.liquidation ? "liquidation" : "trade";
}

// (last - open) / open in percent, six decimals.
std::string ChangePercent(const engine::DayStatistics& day) {
  const Int128 change = static_cast<Int128>(day.last - day.open) * 100 * 1'000'000 / day.open;
  return engine::DecimalText(change, 6);
}

void WritePerpStats(JsonWriter& json, const Listing& listing, std::int64_t now_ns) {
  const std::int64_t hour = now_ns / kNsPerHour;
  const int scale = listing.price_scale();
  json.BeginObject()
      .Text("symbol", listing.symbol())
      .Number("market_id", listing.id())
      .Text("index_price", Fixed(listing.market.fair_price(), scale))
      .Text("mark_price", Fixed(listing.MarkPrice(), scale))
      .Text("mid_price", Fixed(listing.MiddlePrice(), scale))
      .Text("open_interest",
            Fixed(static_cast<Int128>(listing.open_interest) * listing.MarkPrice(), kQuoteDecimals))
      .Text("open_interest_limit", kInterestLimit)
      .Text("funding_clamp_small", kClampSmall)
      .Text("funding_clamp_big", kClampBig)
      .Text("base_interest_rate", kBaseInterest)
      .Text("last_trade_price", Fixed(listing.market.day().last, scale))
      // Percent an hour: the estimate of the coming payment, and the last one.
      .Text("current_funding_rate", Fixed(listing.FundingRate(hour), 4))
      .Text("funding_rate", Fixed(listing.FundingRate(hour - 1), 4))
      .Number("funding_timestamp", hour * kNsPerHour / kNsPerMs);
  WriteDay(json, listing);
  json.EndObject();
}

void WriteSpotStats(JsonWriter& json, const Listing& listing) {
  const int scale = listing.price_scale();
  const auto& book = listing.market.book();
  json.BeginObject()
      .Text("symbol", listing.symbol())
      .Number("market_id", listing.id())
      .Text("index_price", Fixed(listing.market.fair_price(), scale))
      .Text("mid_price", Fixed(listing.MiddlePrice(), scale))
      .Text("best_bid_price", Fixed(book.Best(Side::kBuy), scale))
      .Text("best_ask_price", Fixed(book.Best(Side::kSell), scale))
      .Text("last_trade_price", Fixed(listing.market.day().last, scale));
  WriteDay(json, listing);
  json.EndObject();
}

}  // namespace

std::int64_t HeightAt(std::int64_t now_ns) { return now_ns / kNsPerS - kGenesisS; }

std::string FrameChannel(const TopicKey& key) {
  std::string name(NameOf(key.channel));
  if (key.channel == Channel::kHeight) return name;
  name += ":" + (key.market_id < 0 ? "all" : std::to_string(key.market_id));
  return key.resolution.empty() ? name : name + ":" + key.resolution;
}

std::string FrameType(std::string_view channel, bool snapshot) {
  return fmt::format("{}/{}", snapshot ? "subscribed" : "update", channel);
}

std::string BookFrame(const TopicKey& key, const Listing& listing, const ShownBook& levels,
                      const BookNumbers& numbers, std::int64_t now_ns) {
  std::string frame;
  JsonWriter json(frame);
  const std::int64_t changed_us = listing.market.last_change_ns() / kNsPerUs;
  json.BeginObject()
      .Text("channel", FrameChannel(key))
      .Number("last_updated_at", changed_us)
      .Number("offset", numbers.offset)
      .Key("order_book")
      .BeginObject()
      .Number("code", 0);
  WriteLevels(json, "asks", listing, levels.asks);
  WriteLevels(json, "bids", listing, levels.bids);
  json.Number("offset", numbers.offset)
      .Number("nonce", static_cast<std::int64_t>(numbers.nonce))
      .Number("last_updated_at", changed_us)
      .Number("begin_nonce", static_cast<std::int64_t>(numbers.begin_nonce))
      .EndObject()
      .Number("timestamp", now_ns / kNsPerMs)
      .Text("type", FrameType(NameOf(key.channel), numbers.snapshot))
      .EndObject();
  return frame;
}

std::string TickerFrame(const TopicKey& key, const Listing& listing, bool snapshot,
                        std::int64_t now_ns) {
  std::string frame;
  JsonWriter json(frame);
  const std::int64_t changed_us = listing.market.last_change_ns() / kNsPerUs;
  json.BeginObject()
      .Text("channel", FrameChannel(key))
      .Number("last_updated_at", changed_us)
      .Number("nonce", static_cast<std::int64_t>(listing.market.sequence()))
      .Key("ticker")
      .BeginObject()
      .Text("s", listing.symbol());
  WriteBest(json, "a", listing, Side::kSell);
  WriteBest(json, "b", listing, Side::kBuy);
  json.Number("last_updated_at", changed_us)
      .EndObject()
      .Number("timestamp", now_ns / kNsPerMs)
      .Text("type", FrameType(NameOf(key.channel), snapshot))
      .EndObject();
  return frame;
}

std::string TradeFrame(const TopicKey& key, const Listing& listing,
                       const std::vector<const PublicTrade*>& trades, bool snapshot) {
  std::string frame;
  JsonWriter json(frame);
  json.BeginObject().Text("channel", FrameChannel(key));
  for (const bool liquidations : {true, false}) {
    json.Key(liquidations ? "liquidation_trades" : "trades").BeginArray();
    for (const PublicTrade* trade : trades) {
      if ((TypeOf(*trade) != "trade") == liquidations) WriteTrade(json, listing, *trade);
    }
    json.EndArray();
  }
  json.Number("nonce", static_cast<std::int64_t>(listing.market.sequence()))
      .Text("type", FrameType(NameOf(key.channel), snapshot))
      .EndObject();
  return frame;
}

std::string StatsFrame(const TopicKey& key, const std::vector<const Listing*>& listings,
                       bool snapshot, std::int64_t now_ns) {
  std::string frame;
  JsonWriter json(frame);
  const std::string_view name = NameOf(key.channel);
  json.BeginObject().Text("channel", FrameChannel(key)).Key(name);
  const bool all = key.market_id < 0;
  if (all) json.BeginObject();
  for (const Listing* listing : listings) {
    if (all) json.Key(std::to_string(listing->id()));
    if (listing->is_spot()) {
      WriteSpotStats(json, *listing);
    } else {
      WritePerpStats(json, *listing, now_ns);
    }
  }
  if (all) json.EndObject();
  json.Number("timestamp", now_ns / kNsPerMs).Text("type", FrameType(name, snapshot)).EndObject();
  return frame;
}

std::string CandleFrame(const TopicKey& key, const Listing& listing,
                        const std::vector<engine::Candle>& candles, bool snapshot,
                        std::int64_t now_ns) {
  std::string frame;
  JsonWriter json(frame);
  json.BeginObject().Key("candles").BeginArray();
  for (const engine::Candle& candle : candles) WriteCandle(json, listing, candle);
  json.EndArray()
      .Text("channel", FrameChannel(key))
      .Number("timestamp", now_ns / kNsPerMs)
      .Text("type", FrameType(NameOf(key.channel), snapshot))
      .EndObject();
  return frame;
}

std::string HeightFrame(bool snapshot, std::int64_t now_ns) {
  std::string frame;
  JsonWriter json(frame);
  json.BeginObject()
      .Text("channel", NameOf(Channel::kHeight))
      .Number("height", HeightAt(now_ns))
      .Number("timestamp", now_ns / kNsPerMs)
      .Text("type", FrameType(NameOf(Channel::kHeight), snapshot))
      .EndObject();
  return frame;
}

void WriteTrade(JsonWriter& json, const Listing& listing, const PublicTrade& trade) {
  const engine::Trade& made = trade.trade;
  json.BeginObject();
  WriteIdTwins(json, "trade_id", trade.id);
  json.Text("tx_hash", HexOf(static_cast<std::uint64_t>(trade.id), 40))
      .Text("type", TypeOf(trade))
      .Number("market_id", listing.id())
      .Text("size", Fixed(made.quantity, listing.size_scale()))
      .Text("price", Fixed(made.price, listing.price_scale()))
      .Text("usd_amount", Fixed(static_cast<Int128>(made.price) * made.quantity, kQuoteDecimals));
  WriteIdTwins(json, "ask_id", trade.ask.order_index);
  WriteIdTwins(json, "bid_id", trade.bid.order_index);
  WriteIdTwins(json, "ask_client_id", trade.ask.client_order_index);
  WriteIdTwins(json, "bid_client_id", trade.bid.client_order_index);
  json.Number("ask_account_id", trade.ask.account_index)
      .Number("bid_account_id", trade.bid.account_index)
      .Bool("is_maker_ask", trade.is_maker_ask())
      .Number("block_height", HeightAt(made.time_ns))
      .Number("timestamp", made.time_ns / kNsPerMs);
  WriteBefore(json, listing, "taker", trade.taker());
  WriteBefore(json, listing, "maker", trade.maker());
  json.Number("transaction_time", made.time_ns / kNsPerUs).EndObject();
}

void WriteCandle(JsonWriter& json, const Listing& listing, const engine::Candle& candle) {
  const int scale = listing.price_scale();
  const auto number = [&](const char* name, Int128 mantissa, int decimals) {
    if (mantissa != 0) json.Raw(name, engine::DecimalText(mantissa, decimals));
  };
  json.BeginObject().Number("t", candle.start_s * 1'000);
  number("o", candle.open, scale);
  number("h", candle.high, scale);
  number("l", candle.low, scale);
  number("c", candle.close, scale);
  number("v", candle.base_volume, listing.size_scale());
  number("V", candle.quote_volume, kQuoteDecimals);
  // The last trade in it; those of made-up candles are made up too.
  if (candle.base_volume != 0) json.Number("i", listing.TradeId(candle.start_s / 60));
  json.EndObject();
}

void WriteDay(JsonWriter& json, const Listing& listing, bool bounds) {
  const engine::DayStatistics& day = listing.market.day();
  const int scale = listing.price_scale();
  json.Raw("daily_base_token_volume", engine::DecimalText(day.base_volume, listing.size_scale()))
      .Raw("daily_quote_token_volume", engine::DecimalText(day.quote_volume, kQuoteDecimals));
  if (bounds) {
    json.Raw("daily_price_low", engine::DecimalText(day.low, scale))
        .Raw("daily_price_high", engine::DecimalText(day.high, scale));
  }
  json.Raw("daily_price_change", ChangePercent(day));
}

}  // namespace switchyard::simulator::lighter
