#include "exchanges/lighter/websocket/payload_reader.h"

#include <charconv>
#include <utility>

namespace switchyard::exchanges::lighter {
namespace {

namespace ondemand = simdjson::ondemand;

bool ReadNonce(ondemand::value value, std::uint64_t* nonce) {
  std::int64_t number = 0;
  if (!ReadInteger(value, &number) || number < 0) return false;
  *nonce = static_cast<std::uint64_t>(number);
  return true;
}

bool ReadMillis(ondemand::value value, TimeNs* time) {
  constexpr std::int64_t kLast = 9'000'000'000'000;
  std::int64_t stamp = 0;
  if (!ReadInteger(value, &stamp) || stamp < 0 || stamp > kLast) return false;
  *time = TimeNs::FromMillis(stamp);
  return true;
}

bool IsNull(ondemand::value value) {
  bool null = false;
  return !value.is_null().get(null) && null;
}

// Calls `read(key, value)` for each field of an object.
template <typename Read>
bool EachField(ondemand::value value, Read read) {
  ondemand::object object;
  if (value.get_object().get(object)) return false;
  for (auto item : object) {
    std::string_view key;
    ondemand::value field;
    if (item.unescaped_key().get(key) || item.value().get(field) || !read(key, field)) return false;
  }
  return true;
}

// Calls `read(value)` for each entry of a list; null is none.
template <typename Read>
bool EachEntry(ondemand::value value, Read read) {
  if (IsNull(value)) return true;
  ondemand::array array;
  if (value.get_array().get(array)) return false;
  for (auto item : array) {
    ondemand::value entry;
    if (item.get(entry) || !read(entry)) return false;
  }
  return true;
}

template <typename Message>
using TextField = std::pair<std::string_view, std::string_view Message::*>;

constexpr TextField<wire::Stats> kStatsFields[] = {
    {"index_price", &wire::Stats::index_price},
    {"mark_price", &wire::Stats::mark_price},
    {"last_trade_price", &wire::Stats::last_trade_price},
    {"best_bid_price", &wire::Stats::best_bid_price},
    {"best_ask_price", &wire::Stats::best_ask_price},
    {"current_funding_rate", &wire::Stats::current_funding_rate},
    {"daily_base_token_volume", &wire::Stats::base_volume},
    {"daily_quote_token_volume", &wire::Stats::quote_volume},
    {"daily_price_low", &wire::Stats::low},
    {"daily_price_high", &wire::Stats::high},
    {"daily_price_change", &wire::Stats::change},
};
constexpr TextField<wire::Candle> kCandleFields[] = {
    {"o", &wire::Candle::open},        {"h", &wire::Candle::high},
    {"l", &wire::Candle::low},         {"c", &wire::Candle::close},
    {"v", &wire::Candle::base_volume}, {"V", &wire::Candle::quote_volume},
};
constexpr TextField<wire::Trade> kTradeFields[] = {
    {"trade_id", &wire::Trade::id},
    {"type", &wire::Trade::type},
    {"price", &wire::Trade::price},
    {"size", &wire::Trade::size},
};

// False where a field of `fields` has another form; others are left alone.
template <typename Message, std::size_t kCount>
bool ReadTexts(const TextField<Message> (&fields)[kCount], std::string_view key,
               ondemand::value value, Message& message) {
  for (const auto& [name, member] : fields) {
    if (name == key) return ReadText(value, &(message.*member));
  }
  return true;
}

bool ReadLevel(ondemand::value value, wire::Level* level) {
  return EachField(value, [level](std::string_view key, ondemand::value field) {
    if (key == "price") return ReadText(field, &level->price);
    if (key == "size") return ReadText(field, &level->size);
    return true;
  });
}

bool ReadLevels(ondemand::value value, std::vector<wire::Level>* levels) {
  return EachEntry(value, [levels](ondemand::value entry) {
    wire::Level& level = levels->emplace_back();
    return ReadLevel(entry, &level) && !level.price.empty() && !level.size.empty();
  });
}

bool ReadTrade(ondemand::value value, wire::Trade* trade) {
  const bool read = EachField(value, [trade](std::string_view key, ondemand::value field) {
    if (key == "is_maker_ask") return field.get_bool().get(trade->is_maker_ask) == 0;
    if (key == "timestamp") return ReadMillis(field, &trade->time);
    return ReadTexts(kTradeFields, key, field, *trade);
  });
  return read && !trade->id.empty() && !trade->price.empty() && !trade->size.empty() &&
         trade->time.given();
}

// `rows`: where rows by market id are put, which may stand in the place of fields; null where they
// may not.
bool ReadStatsFields(ondemand::value value, wire::Stats* stats, std::vector<wire::Stats>* rows) {
  bool has_market = false;
  const bool read = EachField(value, [&](std::string_view key, ondemand::value field) {
    ondemand::json_type type;
    if (field.type().get(type)) return false;
    if (type == ondemand::json_type::object) {
      wire::Stats row;
      if (rows == nullptr || !ReadStatsFields(field, &row, nullptr)) return false;
      rows->push_back(row);
      return true;
    }
    if (key == "market_id") return has_market = ReadInteger(field, &stats->market);
    if (key == "funding_timestamp") return ReadMillis(field, &stats->funding_time);
    return ReadTexts(kStatsFields, key, field, *stats);
  });
  return read && (has_market || (rows != nullptr && !rows->empty()));
}

}  // namespace

bool ReadText(ondemand::value value, std::string_view* text) {
  const std::string_view token = value.raw_json_token();
  if (token.empty()) return false;
  if (token.front() == '"') return value.get_string().get(*text) == 0;
  const std::string_view bare = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
  *text = bare == "null" ? std::string_view() : bare;
  return text->empty() || text->front() == '-' || (text->front() >= '0' && text->front() <= '9');
}

bool ReadInteger(ondemand::value value, std::int64_t* number) {
  std::string_view text;
  if (!ReadText(value, &text)) return false;
  std::int64_t parsed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  *number = parsed;
  return true;
}

bool ReadOrderBook(ondemand::value value, wire::OrderBook* book) {
  book->nonce = book->begin_nonce = 0;
  book->has_begin_nonce = false;
  book->bids.clear();
  book->asks.clear();
  bool has_nonce = false;
  const bool read = EachField(value, [&](std::string_view key, ondemand::value field) {
    if (key == "asks") return ReadLevels(field, &book->asks);
    if (key == "bids") return ReadLevels(field, &book->bids);
    if (key == "nonce") return has_nonce = ReadNonce(field, &book->nonce);
    if (key == "begin_nonce") {
      return book->has_begin_nonce = ReadNonce(field, &book->begin_nonce);
    }
    return true;
  });
  return read && has_nonce;
}

bool ReadTicker(ondemand::value value, wire::Ticker* ticker) {
  return EachField(value, [ticker](std::string_view key, ondemand::value field) {
    if (key == "a") return IsNull(field) || ReadLevel(field, &ticker->ask);
    if (key == "b") return IsNull(field) || ReadLevel(field, &ticker->bid);
    return true;
  });
}

bool ReadTrades(ondemand::value value, std::vector<wire::Trade>* trades) {
  return EachEntry(
      value, [trades](ondemand::value entry) { return ReadTrade(entry, &trades->emplace_back()); });
}

bool ReadCandles(ondemand::value value, std::vector<wire::Candle>* candles) {
  return EachEntry(value, [candles](ondemand::value entry) {
    wire::Candle& candle = candles->emplace_back();
    const bool read = EachField(entry, [&candle](std::string_view key, ondemand::value field) {
      if (key == "t") return ReadMillis(field, &candle.open_time);
      return ReadTexts(kCandleFields, key, field, candle);
    });
    return read && candle.open_time.given();
  });
}

bool ReadStats(ondemand::value value, std::vector<wire::Stats>* stats) {
  wire::Stats one;
  if (!ReadStatsFields(value, &one, stats)) return false;
  if (stats->empty()) stats->push_back(one);
  return true;
}

}  // namespace switchyard::exchanges::lighter
