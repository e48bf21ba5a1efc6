#include "exchanges/gateio/rest/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"
#include "exchanges/gateio/market_data/page_token.h"
#include "exchanges/gateio/wire_fields.h"

namespace switchyard::exchanges::gateio {
namespace {

constexpr std::uint32_t kUsualPage = 100;
constexpr std::uint32_t kLargestPage = 1'000;

// Texts that a wire struct's members point to.
template <typename Message, std::size_t kCount>
class TextFields {
 public:
  explicit TextFields(const wire::TextField<Message> (&fields)[kCount]) : fields_(fields) {}

  void Fill(const json::Json& object, Message& message) {
    for (std::size_t i = 0; i < kCount; ++i) {
      const auto& [name, member] = fields_[i];
      texts_[i] = TextOf(object, name.data());
      if (!texts_[i].empty()) message.*member = texts_[i];
    }
  }

 private:
  const wire::TextField<Message> (&fields_)[kCount];
  std::array<std::string, kCount> texts_;
};

// Spot: text of milliseconds. Futures: seconds with a fraction, although the name says otherwise;
// what is too large for that are milliseconds, as on the WebSocket.
TimeNs TradeTime(Product product, const json::Json& trade) {
  const std::string fine = TextOf(trade, "create_time_ms");
  std::optional<TimeNs> time;
  if (product == Product::kFutures) time = TimeFromSeconds(fine);
  if (!time) time = TimeFromMillis(fine);
  if (!time) time = TimeFromSeconds(TextOf(trade, "create_time"));
  return time.value_or(TimeNs());
}

std::int64_t IdOf(const model::Trade& trade) {
  std::int64_t id = 0;
  const std::string& text = trade.trade_id;
  std::from_chars(text.data(), text.data() + text.size(), id);
  return id;
}

}  // namespace

absl::Status Unreadable(std::string_view what, const absl::Status& cause) {
  return MakeError(
      absl::StatusCode::kInternal, common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE,
      fmt::format("cannot read the answer to {}: {}", what, std::string(cause.message())));
}

absl::StatusOr<json::Json> ParseBody(std::string_view what, const std::string& body) {
  absl::StatusOr<json::Json> parsed = json::Parse(body);
  if (!parsed.ok()) return Unreadable(what, parsed.status());
  return parsed;
}

absl::StatusOr<json::Json> ParseList(std::string_view what, const std::string& body) {
  SWITCHYARD_ASSIGN_OR_RETURN(json::Json parsed, ParseBody(what, body));
  if (parsed.is_array()) return parsed;
  if (!parsed.is_object()) return Unreadable(what, absl::InternalError("no list"));
  json::Json list = json::Json::array();
  list.push_back(std::move(parsed));
  return list;
}

std::string TextOf(const json::Json& object, const char* field) {
  if (!object.is_object()) return {};
  const auto found = object.find(field);
  if (found == object.end()) return {};
  absl::StatusOr<std::string> text = json::RequireText(*found, "");
  return text.ok() ? *std::move(text) : std::string();
}

absl::StatusOr<std::optional<Decimal>> OptionalPercent(const json::Json& object,
                                                       std::string_view field) {
  SWITCHYARD_ASSIGN_OR_RETURN(const std::optional<Decimal> percent,
                              json::OptionalDecimal(object, field));
  if (!percent) return percent;
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal fraction,
                              Decimal::FromMantissa(percent->mantissa(), percent->scale() + 2));
  return std::optional(fraction.Normalised());
}

absl::StatusOr<std::vector<model::Level>> ReadSide(const json::Json& answer, const char* side,
                                                   const Units& units) {
  SWITCHYARD_ASSIGN_OR_RETURN(const json::Json* const list, json::RequireArray(answer, side));
  std::vector<model::Level> levels;
  levels.reserve(list->size());
  for (const json::Json& entry : *list) {
    const bool pair = entry.is_array();
    const auto price = json::RequireText(entry, pair ? "0" : "p");
    const auto size = json::RequireText(entry, pair ? "1" : "s");
    model::Level level;
    if (!price.ok() || !size.ok() || !ToLevel({*price, *size}, units, &level)) {
      return absl::InternalError(fmt::format("{}: level {}", side, json::Serialise(entry)));
    }
    levels.push_back(level);
  }
  return levels;
}

absl::StatusOr<model::TickersReply> ReadTickers(const std::string& body,
                                                const model::InstrumentTable& table,
                                                const std::vector<const model::Instrument*>& wanted,
                                                TimeNs receive_time) {
  SWITCHYARD_ASSIGN_OR_RETURN(const json::Json list, ParseList("tickers", body));
  model::TickersReply reply;
  TextFields fields(wire::kTickerFields);
  for (const json::Json& entry : list) {
    wire::Ticker ticker;
    fields.Fill(entry, ticker);
    const model::Instrument* const instrument = table.FindExchangeSymbol(ticker.symbol);
    if (instrument == nullptr) continue;
    const auto same = [&](const model::Instrument* one) { return one->id == instrument->id; };
    if (!wanted.empty() && std::none_of(wanted.begin(), wanted.end(), same)) continue;
    auto converted = ToTicker(ticker, *instrument, TimeNs(), receive_time);
    if (!converted.ok()) return Unreadable(ticker.symbol, converted.status());
    reply.tickers.push_back(*std::move(converted));
  }
  std::sort(reply.tickers.begin(), reply.tickers.end(),
            [](const model::Ticker& a, const model::Ticker& b) { return a.symbol < b.symbol; });
  return reply;
}

absl::StatusOr<model::TradesPage> ReadTrades(Product product, const std::string& body,
                                             const Units& units,
                                             const exchange::TradesQuery& query) {
  std::int64_t before = 0;
  if (!query.page_token.empty()) {
    SWITCHYARD_ASSIGN_OR_RETURN(before, ParsePageToken(query.page_token));
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const json::Json list, ParseList("trades", body));
  model::TradesPage page;
  page.price_scale = units.price_scale;
  page.quantity_scale = units.quantity_scale;
  TextFields fields(wire::kTradeFields);
  for (const json::Json& entry : list) {
    wire::Trade trade;
    fields.Fill(entry, trade);
    trade.time = TradeTime(product, entry);
    auto converted = ToTrade(trade, units);
    if (!converted.ok()) return Unreadable("trades", converted.status());
    if (trade.id.empty()) return Unreadable("trades", absl::InternalError("no id"));
    page.trades.push_back(*std::move(converted));
  }
  std::erase_if(page.trades,
                [&](const model::Trade& t) { return before != 0 && IdOf(t) >= before; });
  std::stable_sort(page.trades.begin(), page.trades.end(),
                   [](const model::Trade& a, const model::Trade& b) { return IdOf(a) > IdOf(b); });
  if (list.size() >= PageSize(query.page_size) && !page.trades.empty()) {
    page.next_page_token = page.trades.back().trade_id;
  }
  return page;
}

absl::StatusOr<BookSnapshot> ReadOrderBook(std::string_view what, const std::string& body,
                                           const Units& units,
                                           std::optional<TimeNs> (*time)(std::string_view)) {
  SWITCHYARD_ASSIGN_OR_RETURN(const json::Json answer, ParseBody(what, body));
  BookSnapshot book;
  const auto id = json::RequireInt64(answer, "id");
  if (!id.ok() || *id < 0) {
    return Unreadable(what, id.ok() ? absl::InternalError("id below 0") : id.status());
  }
  book.id = static_cast<std::uint64_t>(*id);
  for (const char* const field : {"update", "current"}) {
    if (!book.time.given()) book.time = time(TextOf(answer, field)).value_or(TimeNs());
  }
  auto bids = ReadSide(answer, "bids", units);
  if (!bids.ok()) return Unreadable(what, bids.status());
  auto asks = ReadSide(answer, "asks", units);
  if (!asks.ok()) return Unreadable(what, asks.status());
  book.bids = *std::move(bids);
  book.asks = *std::move(asks);
  return book;
}

absl::StatusOr<std::vector<model::Instrument>> ReadInstruments(
    std::string_view what, const std::string& body,
    absl::StatusOr<model::Instrument> (*read)(const json::Json&)) {
  SWITCHYARD_ASSIGN_OR_RETURN(const json::Json list, ParseList(what, body));
  std::vector<model::Instrument> instruments;
  absl::Status first_problem = absl::InternalError("an empty list");
  std::string first_symbol;
  std::size_t unreadable = 0;
  for (const json::Json& entry : list) {
    absl::StatusOr<model::Instrument> instrument = read(entry);
    if (instrument.ok()) {
      instruments.push_back(*std::move(instrument));
    } else if (++unreadable == 1) {
      first_problem = instrument.status();
      first_symbol = TextOf(entry, "id") + TextOf(entry, "name");  // a pair's, a contract's
    }
  }
  if (instruments.empty()) return Unreadable(what, first_problem);
  // To clients they do not exist.
  if (unreadable != 0) {
    log::Warning(
        "instruments_unreadable",
        {{"path", what}, {"count", unreadable}, {"first", first_symbol}, {"error", first_problem}});
  }
  return instruments;
}

std::uint32_t PageSize(std::uint32_t asked) {
  return asked == 0 ? kUsualPage : std::min(asked, kLargestPage);
}

}  // namespace switchyard::exchanges::gateio
