#include "exchanges/lighter/market_data/rest_market_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include "common/json/json.h"
#include "common/status/status.h"
#include "exchanges/lighter/endpoints.h"
#include "exchanges/lighter/rest/answer.h"

namespace switchyard::exchanges::lighter {
namespace {

using json::Json;

// The largest pages. Source: lighter.md, section 1.2.
constexpr std::uint32_t kMostOrders = 250;
constexpr std::uint32_t kMostTrades = 100;
constexpr std::uint32_t kMostCandles = 500;
constexpr std::uint32_t kMostFundings = 100;
constexpr std::int64_t kHour = 3'600;
// `funding-rates` has rows of other exchanges too.
constexpr std::string_view kOwnRates = "lighter";

absl::Status NoSuchPage() {
  return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_INVALID_PAGE_TOKEN,
                   "the page token was not issued by this call");
}

// All page tokens are one number: the time at which the next page begins or ends.
absl::StatusOr<std::int64_t> ParsePageToken(std::string_view token) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (error != std::errc() || end != token.data() + token.size() || value < 0) return NoSuchPage();
  return value;
}

// Whole seconds, rounded to the future: an exclusive end within a second still includes it.
std::int64_t CeilSeconds(TimeNs time) { return TimeNs(time.value + 999'999'999).Seconds(); }

std::string Millis(std::int64_t seconds) { return fmt::to_string(seconds * 1'000); }

// Rows are in milliseconds; the schema's examples, and perhaps older servers, in seconds.
absl::StatusOr<TimeNs> TimeOf(const Json& row, std::string_view field) {
  constexpr std::int64_t kLastSeconds = 100'000'000'000;
  SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t stamp, json::RequireInt64(row, field));
  if (stamp < 0 || stamp > 1'000 * kLastSeconds) {
    return absl::InternalError(fmt::format("{} is {}", field, stamp));
  }
  return stamp <= kLastSeconds ? TimeNs::FromSeconds(stamp) : TimeNs::FromMillis(stamp);
}

absl::StatusOr<std::vector<model::Level>> ReadSide(const Json& answer, const char* side,
                                                   const Units& units, bool bids) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json* const orders, json::RequireArray(answer, side));
  std::vector<model::Level> levels;
  for (const Json& order : *orders) {
    const std::string price = TextOf(order, "price");
    const std::string size = TextOf(order, "remaining_base_amount");
    model::Level level;
    if (!ToLevel({price, size}, units, &level)) {
      return absl::InternalError(fmt::format("{}: order {}", side, json::Serialise(order)));
    }
    if (level.price > 0 && level.quantity > 0) levels.push_back(level);
  }
  std::ranges::sort(levels, [bids](const model::Level& a, const model::Level& b) {
    return bids ? a.price > b.price : a.price < b.price;
  });
  std::vector<model::Level> summed;
  for (const model::Level& level : levels) {
    if (summed.empty() || summed.back().price != level.price) {
      summed.push_back(level);
    } else if (__builtin_add_overflow(summed.back().quantity, level.quantity,
                                      &summed.back().quantity)) {
      return absl::InternalError(fmt::format("{}: a level that does not fit", side));
    }
  }
  // One price alone stays: less than its whole quantity is nearer to the truth than an empty side.
  if (orders->size() >= kMostOrders && summed.size() > 1) summed.pop_back();
  return summed;
}

// The texts that wire::Stats points to.
class StatsRow {
 public:
  explicit StatsRow(const Json& row) {
    for (std::size_t i = 0; i < kFields.size(); ++i) {
      texts_[i] = TextOf(row, kFields[i].first);
      stats_.*kFields[i].second = texts_[i];
    }
  }
  StatsRow(const StatsRow&) = delete;
  StatsRow& operator=(const StatsRow&) = delete;

  const wire::Stats& stats() const { return stats_; }

 private:
  using Field = std::pair<const char*, std::string_view wire::Stats::*>;
  static constexpr std::array<Field, 9> kFields = {{
      {"last_trade_price", &wire::Stats::last_trade_price},
      {"mark_price", &wire::Stats::mark_price},
      {"index_price", &wire::Stats::index_price},
      {"daily_base_token_volume", &wire::Stats::base_volume},
      {"daily_quote_token_volume", &wire::Stats::quote_volume},
      {"daily_price_low", &wire::Stats::low},
      {"daily_price_high", &wire::Stats::high},
      {"daily_price_change", &wire::Stats::change},
      {"open_interest", &wire::Stats::open_interest},
  }};

  std::array<std::string, kFields.size()> texts_;
  wire::Stats stats_;
};

// The instrument of a row, where it is wanted.
const model::Instrument* WantedOf(const Json& row, const MarketIndex& markets,
                                  const std::vector<const model::Instrument*>& wanted) {
  const auto market = json::RequireInt64(row, "market_id");
  const auto id = market.ok() ? markets.Find(*market) : std::nullopt;
  if (!id) return nullptr;
  const auto same = [&](const model::Instrument* one) { return one->id == *id; };
  if (!wanted.empty() && std::ranges::none_of(wanted, same)) return nullptr;
  return &markets.at(*id);
}

absl::StatusOr<std::optional<model::Candle>> ReadCandle(const Json& row,
                                                        const model::Instrument& instrument,
                                                        std::uint32_t interval_seconds) {
  const std::string open = TextOf(row, "o"), high = TextOf(row, "h"), low = TextOf(row, "l"),
                    close = TextOf(row, "c"), base = TextOf(row, "v"), quote = TextOf(row, "V");
  wire::Candle candle{{}, open, high, low, close, base, quote};
  SWITCHYARD_ASSIGN_OR_RETURN(candle.open_time, TimeOf(row, "t"));
  return ToCandle(candle, instrument, interval_seconds);
}

absl::StatusOr<model::Trade> ReadTrade(const Json& row, const Units& units) {
  const std::string id = TextOf(row, "trade_id"), price = TextOf(row, "price"),
                    size = TextOf(row, "size");
  if (id.empty()) return absl::InternalError("a trade without an id");
  wire::Trade trade;
  trade.id = id;
  trade.price = price;
  trade.size = size;
  SWITCHYARD_ASSIGN_OR_RETURN(trade.time, TimeOf(row, "timestamp"));
  // False is left out.
  SWITCHYARD_ASSIGN_OR_RETURN(const std::optional<bool> maker_ask,
                              json::OptionalBool(row, "is_maker_ask"));
  trade.is_maker_ask = maker_ask.value_or(false);
  return ToTrade(trade, units);
}

absl::StatusOr<model::FundingRate> ReadFunding(const Json& row, const model::Instrument& instrument,
                                               TimeNs receive_time) {
  model::FundingRate out;
  out.symbol = instrument.symbol;
  out.kind = model::FundingRateKind::kLast;
  out.interval_seconds = kHour;
  out.receive_time = receive_time;
  SWITCHYARD_ASSIGN_OR_RETURN(out.payment_time, TimeOf(row, "timestamp"));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal percent, json::RequireDecimal(row, "rate"));
  SWITCHYARD_ASSIGN_OR_RETURN(const auto fraction, FromPercent(percent));
  // Who pays stands beside the rate.
  const std::string direction = TextOf(row, "direction");
  if (direction == "long") {
    out.rate = *fraction;
  } else if (direction == "short") {
    out.rate = fraction->Negated();
  } else {
    return absl::InternalError(fmt::format("direction is '{}'", direction));
  }
  return out;
}

std::vector<std::pair<std::string_view, std::string>> MarketQuery(
    const model::Instrument& instrument) {
  return {{"market_id", instrument.exchange_id}};
}

}  // namespace

RestRequest MarketData::ServerTimeRequest() { return GetRequest(paths::kStatus); }

absl::StatusOr<TimeNs> MarketData::DecodeServerTime(const std::string& body) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json answer, ParseAnswer(paths::kStatus, body));
  const auto time = json::RequireInt64(answer, "timestamp");
  if (!time.ok()) return Unreadable(paths::kStatus, time.status());
  return TimeNs::FromSeconds(*time) + std::chrono::milliseconds(500);
}

RestRequest MarketData::OrderBookRequest(const model::Instrument& instrument) {
  RestRequest request = GetRequest(paths::kOrderBookOrders, MarketQuery(instrument));
  request.query.emplace_back("limit", fmt::to_string(kMostOrders));
  return request;
}

absl::StatusOr<BookSnapshot> MarketData::DecodeOrderBook(const std::string& body,
                                                         const Units& units) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json answer, ParseAnswer(paths::kOrderBookOrders, body));
  BookSnapshot book;
  auto bids = ReadSide(answer, "bids", units, /*bids=*/true);
  if (!bids.ok()) return Unreadable(paths::kOrderBookOrders, bids.status());
  auto asks = ReadSide(answer, "asks", units, /*bids=*/false);
  if (!asks.ok()) return Unreadable(paths::kOrderBookOrders, asks.status());
  book.bids = *std::move(bids);
  book.asks = *std::move(asks);
  return book;
}

absl::StatusOr<RestRequest> MarketData::TradesRequest(const model::Instrument& instrument,
                                                      const exchange::TradesQuery& query) {
  if (!query.page_token.empty()) return NoSuchPage();
  RestRequest request = GetRequest(paths::kRecentTrades, MarketQuery(instrument));
  request.query.emplace_back("limit", fmt::to_string(PageSize(query.page_size, kMostTrades)));
  return request;
}

absl::StatusOr<model::TradesPage> MarketData::DecodeTrades(const std::string& body,
                                                           const model::Instrument& instrument) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json answer, ParseAnswer(paths::kRecentTrades, body));
  const auto rows = json::OptionalArray(answer, "trades");
  if (!rows.ok()) return Unreadable(paths::kRecentTrades, rows.status());
  model::TradesPage page;
  page.price_scale = instrument.price_scale;
  page.quantity_scale = instrument.quantity_scale;
  if (*rows == nullptr) return page;
  for (const Json& row : **rows) {
    auto trade = ReadTrade(row, UnitsOf(instrument));
    if (!trade.ok()) return Unreadable(paths::kRecentTrades, trade.status());
    page.trades.push_back(*std::move(trade));
  }
  std::ranges::stable_sort(page.trades, [](const model::Trade& a, const model::Trade& b) {
    // Ids grow; as texts of one length and of the longer one.
    return a.trade_id.size() != b.trade_id.size() ? a.trade_id.size() > b.trade_id.size()
                                                  : a.trade_id > b.trade_id;
  });
  return page;
}

absl::StatusOr<CandleRange> MarketData::RangeOf(const exchange::CandlesQuery& query, TimeNs now) {
  if (ResolutionText(query.interval_seconds).empty()) {
    return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_DEPTH_NOT_OFFERED,
                     fmt::format("no candles of {} s are offered", query.interval_seconds));
  }
  const std::int64_t span =
      std::int64_t{query.interval_seconds} * PageSize(query.page_size, kMostCandles);
  CandleRange range;
  range.interval_seconds = query.interval_seconds;
  range.now = now.Seconds();
  range.end = range.now + 1;
  if (query.end.given()) range.end = std::min(range.end, CeilSeconds(query.end));
  if (!query.page_token.empty()) {
    SWITCHYARD_ASSIGN_OR_RETURN(range.from, ParsePageToken(query.page_token));
  } else if (query.start.given()) {
    range.from = CeilSeconds(query.start);
  } else {
    range.from = std::max<std::int64_t>(range.end - span, 0);
  }
  range.to = std::min(range.from + span, range.end);
  return range;
}

RestRequest MarketData::CandlesRequest(const model::Instrument& instrument,
                                       const CandleRange& range) {
  RestRequest request = GetRequest(paths::kCandles, MarketQuery(instrument));
  // Whether the end belongs to the range is not documented: what lies outside is dropped.
  const std::int64_t count = (range.to - range.from) / range.interval_seconds + 1;
  request.query.emplace_back("resolution", ResolutionText(range.interval_seconds));
  request.query.emplace_back("start_timestamp", Millis(range.from));
  request.query.emplace_back("end_timestamp", Millis(std::max(range.from, range.to)));
  request.query.emplace_back("count_back",
                             fmt::to_string(std::clamp<std::int64_t>(count, 1, kMostCandles)));
  return request;
}

absl::StatusOr<model::CandlesPage> MarketData::DecodeCandles(const std::string& body,
                                                             const model::Instrument& instrument,
                                                             const CandleRange& range) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json answer, ParseAnswer(paths::kCandles, body));
  const auto rows = json::OptionalArray(answer, "c");
  if (!rows.ok()) return Unreadable(paths::kCandles, rows.status());
  model::CandlesPage page;
  if (range.to < range.end) page.next_page_token = fmt::to_string(range.to);
  if (*rows == nullptr) return page;
  for (const Json& row : **rows) {
    auto candle = ReadCandle(row, instrument, range.interval_seconds);
    if (!candle.ok()) return Unreadable(paths::kCandles, candle.status());
    if (!candle->has_value()) continue;
    const std::int64_t open = (*candle)->open_time.Seconds();
    if (open < range.from || open >= range.to) continue;
    (*candle)->closed = open + range.interval_seconds <= range.now;
    page.candles.push_back(**std::move(candle));
  }
  std::ranges::sort(page.candles, {}, &model::Candle::open_time);
  return page;
}

RestRequest MarketData::TickersRequest(const std::vector<const model::Instrument*>& wanted) {
  if (wanted.size() == 1) return GetRequest(paths::kOrderBookDetails, MarketQuery(*wanted.front()));
  return GetRequest(paths::kOrderBookDetails, {{"filter", "all"}});
}

absl::StatusOr<model::TickersReply> MarketData::DecodeTickers(
    const std::string& body, const MarketIndex& markets,
    const std::vector<const model::Instrument*>& wanted, TimeNs receive_time) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json answer, ParseAnswer(paths::kOrderBookDetails, body));
  model::TickersReply reply;
  for (const char* const list : {"order_book_details", "spot_order_book_details"}) {
    const auto rows = json::OptionalArray(answer, list);
    if (!rows.ok()) return Unreadable(paths::kOrderBookDetails, rows.status());
    if (*rows == nullptr) continue;
    for (const Json& row : **rows) {
      const model::Instrument* const instrument = WantedOf(row, markets, wanted);
      if (instrument == nullptr) continue;
      const StatsRow texts(row);
      auto ticker = ToTicker(texts.stats(), *instrument, TimeNs(), receive_time);
      if (!ticker.ok()) return Unreadable(instrument->symbol, ticker.status());
      reply.tickers.push_back(*std::move(ticker));
    }
  }
  std::ranges::sort(reply.tickers, {}, &model::Ticker::symbol);
  return reply;
}

RestRequest MarketData::FundingRatesRequest() { return GetRequest(paths::kFundingRates); }

absl::StatusOr<model::FundingRatesReply> MarketData::DecodeFundingRates(
    const std::string& body, const MarketIndex& markets,
    const std::vector<const model::Instrument*>& wanted, TimeNs receive_time) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json answer, ParseAnswer(paths::kFundingRates, body));
  const auto rows = json::RequireArray(answer, "funding_rates");
  if (!rows.ok()) return Unreadable(paths::kFundingRates, rows.status());
  model::FundingRatesReply reply;
  for (const Json& row : **rows) {
    if (TextOf(row, "exchange") != kOwnRates) continue;
    const model::Instrument* const instrument = WantedOf(row, markets, wanted);
    if (instrument == nullptr) continue;
    const auto rate_8h = json::RequireDecimal(row, "rate");
    if (!rate_8h.ok()) return Unreadable(paths::kFundingRates, rate_8h.status());
    // An eighth is 0.125: exact.
    auto rate = Decimal::Multiply(*rate_8h, *Decimal::FromMantissa(125, 3));
    if (!rate.ok()) return Unreadable(paths::kFundingRates, rate.status());
    model::FundingRate out;
    out.symbol = instrument->symbol;
    out.rate = rate->Normalised();
    out.interval_seconds = kHour;
    out.kind = model::FundingRateKind::kPredicted;
    out.next_payment_time = TimeNs::FromSeconds((receive_time.Seconds() / kHour + 1) * kHour);
    out.receive_time = receive_time;
    reply.rates.push_back(std::move(out));
  }
  std::ranges::sort(reply.rates, {}, &model::FundingRate::symbol);
  return reply;
}

absl::StatusOr<FundingRange> MarketData::RangeOf(const exchange::FundingHistoryQuery& query,
                                                 TimeNs now) {
  FundingRange range;
  range.to = query.end.given() ? CeilSeconds(query.end) : now.Seconds() + 1;
  if (!query.page_token.empty()) {
    SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t before, ParsePageToken(query.page_token));
    range.to = std::min(range.to, before);
  }
  const std::int64_t first = query.start.given() ? CeilSeconds(query.start) : 0;
  const std::int64_t page =
      std::max<std::int64_t>(range.to - kHour * PageSize(query.page_size, kMostFundings), 0);
  range.from = std::max(first, page);
  range.more = page > first;
  return range;
}

RestRequest MarketData::FundingHistoryRequest(const model::Instrument& instrument,
                                              const FundingRange& range) {
  RestRequest request = GetRequest(paths::kFundings, MarketQuery(instrument));
  request.query.emplace_back("resolution", "1h");
  request.query.emplace_back("start_timestamp", Millis(range.from));
  request.query.emplace_back("end_timestamp", Millis(std::max(range.from, range.to)));
  request.query.emplace_back(
      "count_back", fmt::to_string(std::clamp<std::int64_t>((range.to - range.from) / kHour + 1, 1,
                                                            kMostFundings)));
  return request;
}

absl::StatusOr<model::FundingRatesReply> MarketData::DecodeFundingHistory(
    const std::string& body, const model::Instrument& instrument, const FundingRange& range,
    TimeNs receive_time) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json answer, ParseAnswer(paths::kFundings, body));
  const auto rows = json::OptionalArray(answer, "fundings");
  if (!rows.ok()) return Unreadable(paths::kFundings, rows.status());
  model::FundingRatesReply reply;
  if (*rows == nullptr) return reply;
  for (const Json& row : **rows) {
    auto rate = ReadFunding(row, instrument, receive_time);
    if (!rate.ok()) return Unreadable(paths::kFundings, rate.status());
    const std::int64_t paid = rate->payment_time.Seconds();
    if (paid >= range.from && paid < range.to) reply.rates.push_back(*std::move(rate));
  }
  std::ranges::sort(reply.rates, std::ranges::greater(), &model::FundingRate::payment_time);
  // Before a market's first payment there is nothing more.
  if (range.more && !reply.rates.empty()) reply.next_page_token = fmt::to_string(range.from);
  return reply;
}

}  // namespace switchyard::exchanges::lighter
