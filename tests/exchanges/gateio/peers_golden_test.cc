// What other projects' tests say that public messages mean, against what we read in them. Rows that
// are not public, or that we read otherwise on purpose, say so.
#include <gtest/gtest.h>

#include <functional>
#include <iostream>
#include <map>
#include <set>
#include <string>

#include "common/status/status.h"
#include "exchanges/gateio/auth.h"
#include "exchanges/gateio/errors.h"
#include "exchanges/gateio/spot/market_data/market_data_manager.h"
#include "tests/exchanges/gateio/describe.h"
#include "tests/exchanges/gateio/frames.h"
#include "tests/exchanges/gateio/golden.h"
#include "tests/exchanges/gateio/instruments.h"

namespace switchyard::exchanges::gateio {
namespace {

using json::Json;

// Parses one message; everything lives as long as the object.
struct Reading {
  explicit Reading(const std::string& text)
      : product(ProductOf(text)),
        frame(text),
        parser(product),
        status(parser.Parse(frame.view(), push)) {}

  Product product;
  Frame frame;
  PublicParser parser;
  wire::Push push;
  absl::Status status;
};

// Peers write numbers as JSON numbers: the values are compared, not the digits.
void ExpectNumber(const Json& expected, const char* field, std::string_view understood) {
  if (!expected.contains(field)) return;
  const auto wanted = json::RequireDecimal(expected, field);
  const auto got = Decimal::ParseLenient(understood);
  ASSERT_TRUE(wanted.ok() && got.ok()) << field << ": " << understood;
  EXPECT_EQ(*wanted, *got) << field;
}

// The first three digits of the fraction are all that peers keep.
void ExpectTime(const Json& expected, const char* field, TimeNs understood) {
  if (!expected.contains(field)) return;
  EXPECT_EQ(expected.at(field).get<std::string>().substr(0, 23),
            FormatUtc(understood).substr(0, 23));
}

void ExpectLevels(const Json& expected, const std::vector<wire::Level>& understood) {
  ASSERT_EQ(expected.size(), understood.size());
  for (std::size_t i = 0; i < understood.size(); ++i) {
    ExpectNumber(expected[i], "price", understood[i].price);
    ExpectNumber(expected[i], "amount", understood[i].quantity);
  }
}

// tardis-dev/tardis-node states lists of normalised events.

void ExpectTrade(const Json& expected, const wire::Trade& trade) {
  EXPECT_EQ(expected.at("symbol"), trade.symbol);
  EXPECT_EQ(expected.at("id"), trade.id);
  ExpectNumber(expected, "price", trade.price);
  const bool sold = trade.side.empty() ? trade.size.starts_with('-') : trade.side == "sell";
  EXPECT_EQ(expected.at("side"), sold ? "sell" : "buy");
  ExpectNumber(expected, "amount", sold && trade.side.empty() ? trade.size.substr(1) : trade.size);
  ExpectTime(expected, "timestamp", trade.time);
}

void ExpectTicker(const Json& expected, const wire::Push& push) {
  const wire::Ticker& ticker = push.tickers.front();
  EXPECT_EQ(expected.at("symbol"), ticker.symbol);
  ExpectNumber(expected, "lastPrice", ticker.last);
  ExpectNumber(expected, "openInterest", ticker.total_size);
  ExpectNumber(expected, "fundingRate", ticker.funding_rate);
  ExpectNumber(expected, "predictedFundingRate", ticker.funding_rate_indicative);
  ExpectNumber(expected, "indexPrice", ticker.index_price);
  ExpectNumber(expected, "markPrice", ticker.mark_price);
  ExpectTime(expected, "timestamp", push.time);
}

void ExpectQuote(const Json& expected, const wire::Push& push) {
  EXPECT_EQ(expected.at("symbol"), push.symbol);
  ExpectNumber(expected, "bidPrice", push.book_ticker.bid.price);
  ExpectNumber(expected, "bidAmount", push.book_ticker.bid.quantity);
  ExpectNumber(expected, "askPrice", push.book_ticker.ask.price);
  ExpectNumber(expected, "askAmount", push.book_ticker.ask.quantity);
  ExpectTime(expected, "timestamp", push.book_ticker.time);
}

void ExpectBook(const Json& expected, const wire::Push& push) {
  EXPECT_EQ(expected.at("symbol"), push.symbol);
  const bool snapshot = push.channel == Channel::kBookSnapshot;
  EXPECT_EQ(expected.at("isSnapshot"), snapshot || push.book_update.full);
  ExpectLevels(expected.at("bids"), snapshot ? push.book_snapshot.bids : push.book_update.bids);
  ExpectLevels(expected.at("asks"), snapshot ? push.book_snapshot.asks : push.book_update.asks);
  const TimeNs time = snapshot ? push.book_snapshot.time : push.book_update.time;
  ExpectTime(expected, "timestamp", time.given() ? time : push.time);
}

void ExpectEvents(const Json& expected, const wire::Push& push) {
  ASSERT_EQ(push.event, wire::Event::kUpdate);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::string type = expected[i].at("type");
    if (type == "trade") {
      ASSERT_EQ(expected.size(), push.trades.size());
      ExpectTrade(expected[i], push.trades[i]);
    } else if (type == "derivative_ticker") {
      ExpectTicker(expected[i], push);
    } else if (type == "book_ticker") {
      ExpectQuote(expected[i], push);
    } else {
      ASSERT_EQ(type, "book_change");
      ExpectBook(expected[i], push);
    }
  }
}

// A book that a recorder has put in from REST.
void ExpectRestBook(const Json& expected, const Json& answer) {
  const Units units = UnitsOf(SpotInstrument("BTC_USDT"));
  const auto book = spot::MarketData::DecodeOrderBook(json::Serialise(answer), units);
  ASSERT_TRUE(book.ok()) << book.status();
  const Json described = Describe(*book, units);
  for (const char* const side : {"bids", "asks"}) {
    ASSERT_EQ(expected.at(side).size(), described.at(side).size());
    for (std::size_t i = 0; i < described.at(side).size(); ++i) {
      ExpectNumber(expected.at(side)[i], "price", *json::RequireText(described.at(side)[i], "0"));
      ExpectNumber(expected.at(side)[i], "amount", *json::RequireText(described.at(side)[i], "1"));
    }
  }
  ExpectTime(expected, "timestamp", book->time);
}

class TardisTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(TardisTest);

TEST_P(TardisTest, IsReadAlike) {
  const Json& input = GetParam().fields.at("input");
  const Json& expected = GetParam().fields.at("expected");
  if (input.value("generated", false)) {
    ExpectRestBook(expected.at(0), input.at("result"));
    return;
  }
  const Reading reading(GetParam().raw.at("input"));
  if (input.contains("method")) {
    // The retired JSON-RPC service, which no server of today speaks.
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_EQ(reading.push.event, wire::Event::kUnknown);
    return;
  }
  if (reading.push.channel == Channel::kBookSnapshot && input.value("event", "") == "update") {
    // Changes of the legacy futures book have no range of ids, so no gap in them can be seen: they
    // are not asked for, and read as nothing.
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_EQ(reading.push.event, wire::Event::kUnknown);
    return;
  }
  if (!expected.empty()) {
    ASSERT_TRUE(reading.status.ok()) << reading.status;
    ExpectEvents(expected, reading.push);
    return;
  }
  // Nothing comes out at the peer.
  if (reading.status.ok() && reading.push.event == wire::Event::kUpdate) {
    // Here neither: both sides are empty.
    EXPECT_TRUE(reading.push.book_ticker.bid.price.empty());
    EXPECT_TRUE(reading.push.book_ticker.ask.price.empty());
    EXPECT_TRUE(reading.push.book_snapshot.bids.empty());
    EXPECT_TRUE(reading.push.book_snapshot.asks.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Futures, TardisTest, testing::ValuesIn(LoadGolden("peers_tardis_futures")),
                         EntryName());
INSTANTIATE_TEST_SUITE_P(Spot, TardisTest, testing::ValuesIn(LoadGolden("peers_tardis_spot")),
                         EntryName());

// Messages that a peer only wants to decode, and answers.

bool IsPublicChannel(const std::string& name) {
  for (const Product product : {Product::kSpot, Product::kFutures}) {
    const Channel channel = FromWireName(product, name);
    if (channel >= Channel::kBookUpdate && channel <= Channel::kPong) return true;
  }
  return false;
}

void ExpectCandles(const Json& expected, const wire::Push& push) {
  ASSERT_EQ(expected.size(), push.candles.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const wire::Candle& candle = push.candles[i];
    const Json& first = expected[i].at("Candles").at(0);
    EXPECT_EQ(expected[i].at("Pair"), candle.symbol);
    EXPECT_EQ(expected[i].at("Interval"), candle.interval);
    EXPECT_EQ(first.at("Time").at("unix_s"), candle.open_time.Seconds());
    ExpectNumber(first, "Open", candle.open);
    ExpectNumber(first, "Close", candle.close);
    ExpectNumber(first, "High", candle.high);
    ExpectNumber(first, "Low", candle.low);
    // The field `v`, whatever its unit.
    ExpectNumber(first, "Volume", candle.volume);
  }
}

void ExpectHeader(const Json& expected, const Reading& reading) {
  EXPECT_EQ(expected.at("ID"), reading.push.request_id);
  EXPECT_EQ(expected.at("Channel"), reading.push.channel_name);
  EXPECT_EQ(expected.at("Event"), reading.push.event_name);
  const Json& time = expected.at("Time");
  EXPECT_EQ(reading.push.time, time.contains("unix_ms")
                                   ? TimeNs::FromMillis(time.at("unix_ms").get<std::int64_t>())
                                   : TimeNs::FromSeconds(time.at("unix_s").get<std::int64_t>()));
}

// A push or an answer with its channel.
void CheckFrame(const GoldenEntry& entry) {
  const Reading reading(entry.raw.at("input"));
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_NE(reading.push.event, wire::Event::kUnknown);
  EXPECT_FALSE(reading.push.refused);
  const Json expected = entry.fields.value("expected", Json());
  if (expected.is_null()) {
    // The peer states only that it decodes; what was understood is for people.
    std::cout << "understood: " << Describe(reading.product, reading.push).dump() << std::endl;
  } else if (expected.is_array()) {
    ExpectCandles(expected, reading.push);
  } else if (expected.contains("ID")) {
    ExpectHeader(expected, reading);
  } else if (expected.contains("valid")) {
    EXPECT_EQ(expected.at("channel"), reading.push.channel_name);
  }
}

// The result of an obu push without its envelope.
void CheckObuResult(const GoldenEntry& entry) {
  const Reading reading(R"({"channel":"spot.obu","event":"update","result":)" +
                        entry.raw.at("input") + "}");
  if (entry.fields.at("expected").contains("error")) {
    EXPECT_EQ(reading.status.code(), absl::StatusCode::kInternal);
    return;
  }
  // What becomes of the sequence is the book's matter.
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_EQ(reading.push.symbol, "BTC_USDT");
  EXPECT_EQ(reading.push.book_update.last_id,
            entry.fields.at("input").at("u").get<std::uint64_t>());
}

void CheckLevels(const GoldenEntry& entry) {
  const Json& input = entry.fields.at("input");
  const std::string levels = input.is_string() ? input.get<std::string>() : entry.raw.at("input");
  const Reading reading(
      R"({"channel":"futures.obu","result":{"s":"ob.A_B.50","full":true,"u":1,"b":)" + levels +
      "}}");
  const Json& expected = entry.fields.at("expected");
  if (expected.is_object()) {
    EXPECT_EQ(reading.status.code(), absl::StatusCode::kInternal);
    return;
  }
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  ASSERT_EQ(reading.push.book_update.bids.size(), expected.size());
  ExpectNumber(expected.at(0), "Price", reading.push.book_update.bids[0].price);
  ExpectNumber(expected.at(0), "Amount", reading.push.book_update.bids[0].quantity);
}

void CheckDailyCandles(const GoldenEntry& entry) {
  constexpr std::int64_t kLater = 1'900'000'000;
  const auto page = spot::MarketData::DecodeCandles(
      entry.raw.at("input"), SpotInstrument("BTC_USDT"), {0, kLater, kLater, kLater, 86'400});
  ASSERT_TRUE(page.ok()) << page.status();
  const Json& expected = entry.fields.at("expected");
  ASSERT_EQ(expected.at("count"), page->candles.size());
  const Json& first = expected.at("first");
  const model::Candle& candle = page->candles.front();
  EXPECT_EQ(first.at("Timestamp").at("unix_s"), candle.open_time.Seconds());
  ExpectNumber(first, "QuoteCcyVolume", candle.quote_volume->ToString());
  ExpectNumber(first, "BaseCcyAmount", candle.base_volume->ToString());
  ExpectNumber(first, "ClosePrice", candle.close.ToString());
  ExpectNumber(first, "HighestPrice", candle.high.ToString());
  ExpectNumber(first, "LowestPrice", candle.low.ToString());
  ExpectNumber(first, "OpenPrice", candle.open.ToString());
  EXPECT_EQ(first.at("WindowClosed"), candle.closed);
}

void CheckRestBook(const GoldenEntry& entry) {
  const Units units = UnitsOf(SpotInstrument("BTC_USDT"));
  const auto book = spot::MarketData::DecodeOrderBook(entry.raw.at("input"), units);
  ASSERT_TRUE(book.ok()) << book.status();
  EXPECT_EQ(book->id, entry.fields.at("input").at("id").get<std::uint64_t>());
  EXPECT_EQ(book->bids.size(), entry.fields.at("input").at("bids").size());
}

// The peer's limits: of the pair as it was listed.
void CheckListing(const GoldenEntry& entry) {
  const auto pairs = spot::MarketData::DecodeInstruments(entry.raw.at("input"));
  ASSERT_TRUE(pairs.ok()) << pairs.status();
  EXPECT_EQ(pairs->front().symbol, "BTC-USDT");
  EXPECT_EQ(pairs->front().min_quantity->ToShortString(), "0.001");
  EXPECT_EQ(pairs->front().min_notional->ToShortString(), "1");
  EXPECT_EQ(pairs->front().step.ToShortString(), "0.001");
  EXPECT_EQ(pairs->front().tick.ToShortString(), "0.01");
}

// Rows without a channel of ours. Empty = private, or a product that is not offered.
std::function<void(const GoldenEntry&)> CheckOf(const std::string& name, const Json& input) {
  if (input.is_array() && json::Find(input, "0.amount_precision") != nullptr) return CheckListing;
  if (name.starts_with("order book v2")) return CheckObuResult;
  if (name == "TestUnmarshalJSONOrderbookLevels") return CheckLevels;
  if (name == "REST spot candlesticks") return CheckDailyCandles;
  if (name == "GET /api/v4/spot/order_book") return CheckRestBook;
  return {};
}

class DecodesTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(DecodesTest);

TEST_P(DecodesTest, IsReadAlike) {
  const GoldenEntry& entry = GetParam();
  const std::string name = entry.fields.value("name", "");
  if (name == "subscribe payload") GTEST_SKIP() << "sent: the subscriptions' matter";
  if (name == "pending update check" || name == "snapshot + update bridge") {
    GTEST_SKIP() << "a sequence: the book's matter";
  }
  const Json& input = entry.fields.at("input");
  const std::string channel = input.is_object() ? input.value("channel", "") : "";
  if (channel == "perpetual.trades") {
    // The peer's own name: Gate.io has no such channel.
    const Reading reading(entry.raw.at("input"));
    EXPECT_EQ(reading.push.event, wire::Event::kUnknown);
    return;
  }
  if (IsPublicChannel(channel)) return CheckFrame(entry);
  const auto check = CheckOf(name, input);
  if (!check) GTEST_SKIP() << "private, or not offered";
  check(entry);
}

INSTANTIATE_TEST_SUITE_P(Barter, DecodesTest, testing::ValuesIn(LoadGolden("peers_barter")),
                         EntryName());
INSTANTIATE_TEST_SUITE_P(Gocryptotrader, DecodesTest,
                         testing::ValuesIn(LoadGolden("peers_gocryptotrader")), EntryName());

// crypto-chassis/ccapi and knowm/XChange name their rows after the call.

void CheckSignature(const GoldenEntry& entry) {
  const Json& input = entry.fields.at("input");
  const auto text = [&](const char* field) { return input.value(field, ""); };
  const Auth auth("key", text("secret"));
  std::int64_t seconds = 0;
  std::string signed_text;
  if (input.contains("channel")) {
    seconds = *json::RequireInt64(input, "time");
    signed_text = ChannelSigningText(text("channel"), text("event"), seconds);
  } else {
    seconds = *json::RequireInt64(input, "timestamp");
    signed_text =
        RestSigningText(text("method"), text("path"), text("query"), text("body"), seconds);
  }
  EXPECT_EQ(auth.Signature(signed_text), entry.fields.at("expected").at("sign"));
}

void CheckPairs(const GoldenEntry& entry) {
  const auto pairs = spot::MarketData::DecodeInstruments(entry.raw.at("input"));
  ASSERT_TRUE(pairs.ok()) << pairs.status();
  std::set<std::string> understood, expected;
  for (const model::Instrument& pair : *pairs) understood.insert(pair.base + "/" + pair.quote);
  const Json wanted = entry.fields.value("expected", Json());
  if (wanted.is_null()) {
    EXPECT_EQ(understood, std::set<std::string>{"CHZ/USDT"});
    return;
  }
  for (const Json& pair : wanted) expected.insert(pair.get<std::string>());
  EXPECT_EQ(understood, expected);
}

void ExpectXchangeTicker(const Json& expected, const model::Ticker& ticker) {
  const auto number = [&](const char* field, const std::optional<Decimal>& understood) {
    if (expected.contains(field)) ExpectNumber(expected, field, understood->ToString());
  };
  number("last", ticker.last_price);
  number("ask", ticker.best_ask_price);
  number("bid", ticker.best_bid_price);
  number("high", ticker.high_24h);
  number("low", ticker.low_24h);
  number("volume", ticker.base_volume_24h);
  number("quote_volume", ticker.quote_volume_24h);
  // A fraction here, percent there.
  const Decimal percent = *Decimal::Multiply(*ticker.change_24h, Decimal::FromInt(100));
  ExpectNumber(expected, "percentage_change", percent.ToString());
}

void CheckTickers(const GoldenEntry& entry) {
  const auto table = TableOf({SpotInstrument("BTC_USDT"), SpotInstrument("ETH_USDT")});
  const auto reply = spot::MarketData::DecodeTickers(entry.raw.at("input"), *table, {}, TimeNs());
  ASSERT_TRUE(reply.ok()) << reply.status();
  const Json& expected = entry.fields.at("expected");
  if (expected.contains("count")) {
    EXPECT_EQ(expected.at("count"), reply->tickers.size());
    return;
  }
  ASSERT_EQ(reply->tickers.size(), 1u);
  ExpectXchangeTicker(expected, reply->tickers.front());
}

void CheckBookWithoutId(const GoldenEntry& entry) {
  // The peer asks for a book without id. Ours always has one, because nothing can continue the
  // other; so this answer is refused.
  const Units units = UnitsOf(SpotInstrument("BTC_USDT"));
  EXPECT_FALSE(spot::MarketData::DecodeOrderBook(entry.raw.at("input"), units).ok());
}

// The peer's names of errors.
const std::map<std::string, ErrorReason>& ErrorNames() {
  static const std::map<std::string, ErrorReason> kNames = {
      {"funds exceeded", common::v1::ERROR_REASON_INSUFFICIENT_FUNDS},
      {"order not valid", common::v1::ERROR_REASON_INVALID_FIELD},
      {"amount under the minimum", common::v1::ERROR_REASON_INVALID_FIELD},
      {"rate limit exceeded", common::v1::ERROR_REASON_RATE_LIMITED},
  };
  return kNames;
}

void CheckRefusal(const GoldenEntry& entry) {
  const int http_status = entry.fields.at("status").get<int>();
  const absl::Status status =
      FromRest("call", {http_status, {}, entry.raw.at("input")}, TimeNs::FromSeconds(1));
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(MetadataOf(status).at("exchange_code"), entry.fields.at("input").at("label"));
  const Json expected = entry.fields.value("expected", Json());
  if (!expected.is_null()) {
    EXPECT_EQ(ReasonOf(status), ErrorNames().at(expected.at("error").get<std::string>()));
  }
}

void CheckXchangeFrame(const GoldenEntry& entry) {
  const Reading reading(entry.raw.at("input"));
  ASSERT_TRUE(reading.status.ok()) << reading.status;
  const wire::Push& push = reading.push;
  const Json& expected = entry.fields.at("expected");
  const std::string channel = expected.at("channel");
  EXPECT_TRUE(channel.starts_with(push.channel_name)) << channel;
  if (push.channel == Channel::kTickers) {
    const auto ticker =
        ToTicker(push.tickers.front(), SpotInstrument("BTC_USDT"), push.time, TimeNs());
    ASSERT_TRUE(ticker.ok()) << ticker.status();
    ExpectXchangeTicker(expected, *ticker);
    EXPECT_EQ(expected.at("timestamp_ms"), ticker->exchange_time.Millis());
  } else if (push.channel == Channel::kTrades && push.event == wire::Event::kUpdate) {
    const wire::Trade& trade = push.trades.front();
    EXPECT_EQ(expected.at("id"), trade.id);
    EXPECT_EQ(expected.at("side"), trade.side);
    EXPECT_EQ(expected.at("timestamp_ms"), trade.time.Millis());
    ExpectNumber(expected, "amount", trade.size);
    ExpectNumber(expected, "price", trade.price);
  } else if (push.channel == Channel::kBookSnapshot && push.event == wire::Event::kUpdate) {
    EXPECT_EQ(expected.at("bids"), push.book_snapshot.bids.size());
    EXPECT_EQ(expected.at("asks"), push.book_snapshot.asks.size());
    EXPECT_EQ(expected.at("timestamp_ms"), push.book_snapshot.time.Millis());
  } else {
    EXPECT_NE(push.event, wire::Event::kUnknown);
  }
}

std::function<void(const GoldenEntry&)> NamedCheckOf(const std::string& name) {
  static const std::map<std::string, std::function<void(const GoldenEntry&)>> kChecks = {
      {"signRequest", CheckSignature},
      {"ws signature", CheckSignature},
      {"rest signature", CheckSignature},
      {"api_v4_spot_currency_pairs", CheckPairs},
      {"api_v4_spot_currency_pairs_chz_usdt", CheckPairs},
      {"api_v4_spot_order_book", CheckBookWithoutId},
      {"api_v4_spot_tickers", CheckTickers},
      {"api_v4_spot_tickers_btc-usdt", CheckTickers},
      {"ws spot.order_book.update", CheckXchangeFrame},
      {"ws spot.ticker.update", CheckXchangeFrame},
      {"ws spot.trades.update", CheckXchangeFrame},
      {"ws subscribe.event", CheckXchangeFrame},
      {"ws unsubscribe.event", CheckXchangeFrame},
  };
  if (name.starts_with("exceptions/")) return CheckRefusal;
  const auto found = kChecks.find(name);
  return found == kChecks.end() ? nullptr : found->second;
}

class NamedRowsTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(NamedRowsTest);

TEST_P(NamedRowsTest, IsReadAlike) {
  const auto check = NamedCheckOf(GetParam().fields.value("name", ""));
  if (!check) GTEST_SKIP() << "private";
  check(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Ccapi, NamedRowsTest, testing::ValuesIn(LoadGolden("peers_ccapi")),
                         EntryName());
INSTANTIATE_TEST_SUITE_P(Xchange, NamedRowsTest, testing::ValuesIn(LoadGolden("peers_xchange")),
                         EntryName());

TEST(GoldenFilesTest, AreThere) {
  ExpectEntriesOf({"peers_barter", "peers_ccapi", "peers_gocryptotrader", "peers_tardis_futures",
                   "peers_tardis_spot", "peers_xchange"});
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
