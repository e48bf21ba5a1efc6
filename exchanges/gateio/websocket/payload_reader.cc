#include "exchanges/gateio/websocket/payload_reader.h"

#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "exchanges/gateio/utils/converters.h"
#include "exchanges/gateio/wire_fields.h"

namespace switchyard::exchanges::gateio {
namespace {

namespace ondemand = simdjson::ondemand;

// 1 where `key` is one of `fields` and was read, 0 where it is none of them, -1 where it has
// another form.
template <typename Message, std::size_t kCount>
int ReadTextField(const wire::TextField<Message> (&fields)[kCount], std::string_view key,
                  ondemand::value value, Message& message) {
  for (const auto& [name, member] : fields) {
    if (name == key) return ReadText(value, &(message.*member)) ? 1 : -1;
  }
  return 0;
}

bool ReadId(ondemand::value value, std::uint64_t* id) {
  std::string_view text;
  if (!ReadNumberText(value, &text)) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *id);
  return error == std::errc() && end == text.data() + text.size();
}

bool ReadMillis(ondemand::value value, TimeNs* time) {
  std::string_view text;
  if (!ReadNumberText(value, &text)) return false;
  const std::optional<TimeNs> parsed = TimeFromMillis(text);
  if (parsed) *time = *parsed;
  return parsed.has_value();
}

bool ReadSeconds(ondemand::value value, TimeNs* time) {
  std::string_view text;
  if (!ReadNumberText(value, &text)) return false;
  const std::optional<TimeNs> parsed = TimeFromSeconds(text);
  if (parsed) *time = *parsed;
  return parsed.has_value();
}

bool ReadBool(ondemand::value value, bool* flag) { return value.get_bool().get(*flag) == 0; }

// Spot: ["price","quantity"].
bool ReadPairLevel(ondemand::value value, wire::Level* level) {
  ondemand::array pair;
  if (value.get_array().get(pair)) return false;
  int index = 0;
  for (auto item : pair) {
    ondemand::value text;
    if (item.get(text)) return false;
    if (index < 2 && !ReadNumberText(text, index == 0 ? &level->price : &level->quantity))
      return false;
    ++index;
  }
  return index >= 2;
}

// Futures: {"p":"price","s":quantity}.
bool ReadObjectLevel(ondemand::value value, wire::Level* level) {
  ondemand::object object;
  if (value.get_object().get(object)) return false;
  *level = {};
  for (auto item : object) {
    ondemand::field field;
    if (std::move(item).get(field)) return false;
    const std::string_view key = KeyOf(field);
    if (key == "p" && !ReadNumberText(field.value(), &level->price)) return false;
    if (key == "s" && !ReadNumberText(field.value(), &level->quantity)) return false;
  }
  return !level->quantity.empty();
}

// Either form; null is a side without levels.
bool ReadLevels(ondemand::value value, std::vector<wire::Level>& levels) {
  levels.clear();
  ondemand::array array;
  if (IsNull(value)) return true;
  if (value.get_array().get(array)) return false;
  for (auto item : array) {
    ondemand::value entry;
    ondemand::json_type type;
    if (item.get(entry) || entry.type().get(type)) return false;
    wire::Level& level = levels.emplace_back();
    const bool read = type == ondemand::json_type::array ? ReadPairLevel(entry, &level)
                                                         : ReadObjectLevel(entry, &level);
    if (!read || level.price.empty()) return false;
  }
  return true;
}

// "ob.BTC_USDT.50" -> symbol and depth; another text is the symbol itself.
void SplitStreamName(std::string_view name, std::string_view* symbol, std::string_view* depth) {
  *symbol = name;
  const std::size_t dot = name.rfind('.');
  if (!name.starts_with("ob.") || dot < 3 || dot == std::string_view::npos) return;
  *symbol = name.substr(3, dot - 3);
  *depth = name.substr(dot + 1);
}

// Calls `read` with the object that `value` is, or with each object of the list that it is.
template <typename Read>
bool ReadOneOrMany(ondemand::value value, Read read) {
  ondemand::json_type type;
  if (value.type().get(type)) return false;
  ondemand::object object;
  if (type != ondemand::json_type::array) {
    return !value.get_object().get(object) && read(object);
  }
  ondemand::array array;
  if (value.get_array().get(array)) return false;
  for (auto item : array) {
    if (item.get_object().get(object) || !read(object)) return false;
  }
  return true;
}

}  // namespace

bool ReadText(ondemand::value value, std::string_view* text) {
  if (!ReadNumberText(value, text)) return false;
  // Only a string can hold one.
  return text->find('\\') == std::string_view::npos || !value.get_string().get(*text);
}

bool PayloadReader::Read(Channel channel, ondemand::value result, wire::Push& push) {
  problem_ = "no result of the expected form";
  const auto each = [&](bool (PayloadReader::*read)(ondemand::object, wire::Push&)) {
    return ReadOneOrMany(result,
                         [&](ondemand::object& object) { return (this->*read)(object, push); });
  };
  switch (channel) {
    case Channel::kBookUpdate:
    case Channel::kBookStream:
      return ReadBookUpdate(result, push);
    case Channel::kBookSnapshot:
      return ReadBookSnapshot(result, push);
    case Channel::kBookTicker:
      return ReadBookTicker(result, push);
    case Channel::kTrades:
      push.trades.clear();
      return each(&PayloadReader::ReadTrade);
    case Channel::kTickers:
      push.tickers.clear();
      return each(&PayloadReader::ReadTicker);
    case Channel::kCandles:
      push.candles.clear();
      return each(&PayloadReader::ReadCandle);
    case Channel::kLiquidations:
      push.liquidations.clear();
      return each(&PayloadReader::ReadLiquidation);
    default:
      return Fail("not a public channel with data");
  }
}

bool PayloadReader::ReadBookUpdate(ondemand::value result, wire::Push& push) {
  wire::BookUpdate& book = push.book_update;
  book.first_id = book.last_id = 0;
  book.time = {};
  book.full = false;
  book.level = {};
  book.bids.clear();
  book.asks.clear();
  ondemand::object object;
  if (result.get_object().get(object)) return Fail("result is no object");
  bool has_last = false, has_first = false;
  for (auto item : object) {
    ondemand::field field;
    if (std::move(item).get(field)) return Fail("result is cut short");
    const std::string_view key = KeyOf(field);
    ondemand::value value = field.value();
    bool read = true;
    if (key == "b") {
      read = ReadLevels(value, book.bids);
    } else if (key == "a") {
      read = ReadLevels(value, book.asks);
    } else if (key == "u") {
      read = has_last = ReadId(value, &book.last_id);
    } else if (key == "U") {
      read = has_first = ReadId(value, &book.first_id);
    } else if (key == "t") {
      read = ReadMillis(value, &book.time);
    } else if (key == "s") {
      std::string_view name;
      read = ReadText(value, &name);
      SplitStreamName(name, &push.symbol, &book.level);
    } else if (key == "l") {
      read = ReadText(value, &book.level);
    } else if (key == "full") {
      read = ReadBool(value, &book.full);
    }
    if (!read) return Fail(key);
  }
  if (push.symbol.empty()) return Fail("no symbol");
  if (!has_last) return Fail("no u");
  return has_first || book.full || Fail("neither U nor full");
}

bool PayloadReader::ReadBookSnapshot(ondemand::value result, wire::Push& push) {
  wire::BookSnapshot& book = push.book_snapshot;
  book.id = 0;
  book.time = {};
  book.bids.clear();
  book.asks.clear();
  ondemand::object object;
  if (result.get_object().get(object)) return Fail("result is no object");
  for (auto item : object) {
    ondemand::field field;
    if (std::move(item).get(field)) return Fail("result is cut short");
    const std::string_view key = KeyOf(field);
    bool read = true;
    if (key == "bids") {
      read = ReadLevels(field.value(), book.bids);
    } else if (key == "asks") {
      read = ReadLevels(field.value(), book.asks);
    } else if (key == "lastUpdateId" || key == "id") {
      read = ReadId(field.value(), &book.id);
    } else if (key == "t") {
      read = ReadMillis(field.value(), &book.time);
    } else if (key == "s" || key == "contract") {
      read = ReadText(field.value(), &push.symbol);
    }
    if (!read) return Fail(key);
  }
  return !push.symbol.empty() || Fail("no symbol");
}

bool PayloadReader::ReadBookTicker(ondemand::value result, wire::Push& push) {
  wire::BookTicker& ticker = push.book_ticker;
  ticker = {};
  ondemand::object object;
  if (result.get_object().get(object)) return Fail("result is no object");
  bool has_id = false;
  for (auto item : object) {
    ondemand::field field;
    if (std::move(item).get(field)) return Fail("result is cut short");
    const std::string_view key = KeyOf(field);
    bool read = true;
    if (key == "b") {
      read = ReadText(field.value(), &ticker.bid.price);
    } else if (key == "B") {
      read = ReadText(field.value(), &ticker.bid.quantity);
    } else if (key == "a") {
      read = ReadText(field.value(), &ticker.ask.price);
    } else if (key == "A") {
      read = ReadText(field.value(), &ticker.ask.quantity);
    } else if (key == "u") {
      read = has_id = ReadId(field.value(), &ticker.id);
    } else if (key == "t") {
      read = ReadMillis(field.value(), &ticker.time);
    } else if (key == "s") {
      read = ReadText(field.value(), &push.symbol);
    }
    if (!read) return Fail(key);
  }
  if (push.symbol.empty()) return Fail("no symbol");
  return has_id || Fail("no u");
}

bool PayloadReader::ReadTrade(ondemand::object object, wire::Push& push) {
  wire::Trade& trade = push.trades.emplace_back();
  TimeNs seconds;
  for (auto item : object) {
    ondemand::field field;
    if (std::move(item).get(field)) return Fail("trade is cut short");
    const std::string_view key = KeyOf(field);
    int read = ReadTextField(wire::kTradeFields, key, field.value(), trade);
    if (key == "create_time_ms") {
      read = ReadMillis(field.value(), &trade.time) ? 1 : -1;
    } else if (key == "create_time") {
      read = ReadSeconds(field.value(), &seconds) ? 1 : -1;
    } else if (key == "is_internal") {
      read = ReadBool(field.value(), &trade.is_internal) ? 1 : -1;
    }
    if (read < 0) return Fail(key);
  }
  if (!trade.time.given()) trade.time = seconds;
  if (push.trades.size() == 1) push.symbol = trade.symbol;
  if (trade.symbol.empty()) return Fail("no symbol");
  return !(trade.id.empty() || trade.price.empty() || trade.size.empty()) ||
         Fail("no id, price or size");
}

bool PayloadReader::ReadTicker(ondemand::object object, wire::Push& push) {
  wire::Ticker& ticker = push.tickers.emplace_back();
  for (auto item : object) {
    ondemand::field field;
    if (std::move(item).get(field)) return Fail("ticker is cut short");
    const std::string_view key = KeyOf(field);
    if (ReadTextField(wire::kTickerFields, key, field.value(), ticker) < 0) return Fail(key);
  }
  if (push.tickers.size() == 1) push.symbol = ticker.symbol;
  return !ticker.symbol.empty() || Fail("no symbol");
}

bool PayloadReader::ReadCandle(ondemand::object object, wire::Push& push) {
  wire::Candle& candle = push.candles.emplace_back();
  std::string_view name;
  for (auto item : object) {
    ondemand::field field;
    if (std::move(item).get(field)) return Fail("candle is cut short");
    const std::string_view key = KeyOf(field);
    int read = ReadTextField(wire::kCandleFields, key, field.value(), candle);
    if (key == "t") {
      read = ReadSeconds(field.value(), &candle.open_time) ? 1 : -1;
    } else if (key == "n") {
      read = ReadText(field.value(), &name) ? 1 : -1;
    } else if (key == "w") {
      read = ReadBool(field.value(), &candle.closed) ? 1 : -1;
    }
    if (read < 0) return Fail(key);
  }
  const std::size_t line = name.find('_');
  if (line == std::string_view::npos) return Fail("n is not an interval with a symbol");
  candle.interval = name.substr(0, line);
  candle.symbol = name.substr(line + 1);
  if (push.candles.size() == 1) push.symbol = candle.symbol;
  return candle.open_time.given() || Fail("no t");
}

bool PayloadReader::ReadLiquidation(ondemand::object object, wire::Push& push) {
  wire::Liquidation& liquidation = push.liquidations.emplace_back();
  for (auto item : object) {
    ondemand::field field;
    if (std::move(item).get(field)) return Fail("liquidation is cut short");
    const std::string_view key = KeyOf(field);
    int read = ReadTextField(wire::kLiquidationFields, key, field.value(), liquidation);
    if (key == "time_ms") read = ReadMillis(field.value(), &liquidation.time) ? 1 : -1;
    if (read < 0) return Fail(key);
  }
  if (push.liquidations.size() == 1) push.symbol = liquidation.symbol;
  return !liquidation.symbol.empty() || Fail("no symbol");
}

}  // namespace switchyard::exchanges::gateio
