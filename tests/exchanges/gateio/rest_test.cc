// Requests, limits and the reader: everything of a REST read but the decoding.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "common/log/log.h"
#include "common/retry/rate_limiter.h"
#include "common/status/status.h"
#include "exchanges/gateio/endpoints.h"
#include "exchanges/gateio/futures/market_data/market_data_manager.h"
#include "exchanges/gateio/rest/rest_reader.h"
#include "exchanges/gateio/rest/rest_request.h"
#include "exchanges/gateio/spot/market_data/market_data_manager.h"
#include "tests/exchanges/gateio/fake_rest.h"
#include "tests/exchanges/gateio/instruments.h"

namespace switchyard::exchanges::gateio {
namespace {

using std::chrono::seconds;

const std::string* FindHeader(const net::HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return &value;
  }
  return nullptr;
}

TEST(RestRequestTest, EncodesTheQueryOnTheWireButNotForSigning) {
  RestRequest request;
  request.path = "/futures/usdt/tickers";
  request.query = {{"contract", "人K_USDT"}, {"settle", "a b+c"}};
  EXPECT_EQ(PlainQuery(request), "contract=人K_USDT&settle=a b+c");
  const net::HttpRequest http = ToHttpRequest(request);
  EXPECT_EQ(http.target, "/api/v4/futures/usdt/tickers?contract=%E4%BA%BAK_USDT&settle=a%20b%2Bc");
  EXPECT_EQ(http.method, "GET");
}

TEST(RestRequestTest, EncodesNamesInThePath) {
  RestRequest request;
  request.path = "/futures/usdt/contracts/人_USDT";
  EXPECT_EQ(ToHttpRequest(request).target, "/api/v4/futures/usdt/contracts/%E4%BA%BA_USDT");
}

TEST(RestRequestTest, AsksForWholeSizes) {
  const net::HttpRequest http = ToHttpRequest({});
  ASSERT_NE(FindHeader(http, "X-Gate-Size-Decimal"), nullptr);
  EXPECT_EQ(*FindHeader(http, "X-Gate-Size-Decimal"), "1");
}

// To clients it does not exist; whoever runs this is told why.
TEST(InstrumentsTest, WhatCannotBeReadIsLeftOutAndNamed) {
  const auto pair = [](const std::string& base, const std::string& precision) {
    return R"({"id":")" + base + R"(_USDT","base":")" + base +
           R"(","quote":"USDT","fee":"0.2","amount_precision":3,"trade_status":"tradable",)" +
           R"("precision":)" + precision + "}";
  };
  std::vector<std::string> lines;
  const log::ScopedSink sink([&lines](std::string_view line) { lines.emplace_back(line); });
  const auto instruments = spot::MarketData::DecodeInstruments(
      "[" + pair("GOOD", "2") + "," + pair("ODD", "100") + "," + pair("ODDER", "\"x\"") + "]");
  ASSERT_TRUE(instruments.ok()) << instruments.status();
  ASSERT_EQ(instruments->size(), 1U);
  EXPECT_EQ(instruments->front().symbol, "GOOD-USDT");
  ASSERT_EQ(lines.size(), 1U);
  for (const char* const told :
       {"instruments_unreadable", "/spot/currency_pairs", "count=2", "first=ODD_USDT", "100"}) {
    EXPECT_NE(lines[0].find(told), std::string::npos) << told << " in " << lines[0];
  }
}

struct TargetRow {
  std::string name;
  RestRequest request;
  std::string target;
  // Of 200; of order books half is for their recovery.
  std::int64_t permits = 200;
};

class TargetTest : public testing::TestWithParam<TargetRow> {};

TEST_P(TargetTest, IsTheDocumentedOne) {
  EXPECT_EQ(ToHttpRequest(GetParam().request).target, "/api/v4" + GetParam().target);
}

TEST_P(TargetTest, CountsAgainstADefinedLimit) {
  retry::RateLimiter limiter;
  ASSERT_TRUE(DefinePublicLimits(limiter, 100).ok());
  EXPECT_EQ(limiter.Headroom(GetParam().request.limit, seconds(1)), GetParam().permits);
}

exchange::TradesQuery Trades(std::uint32_t size, std::string token) {
  return {"", size, std::move(token)};
}

std::vector<const model::Instrument*> One(const model::Instrument& instrument) {
  return {&instrument};
}

const model::Instrument& Spot() {
  static const model::Instrument instrument = SpotInstrument("BTC_USDT");
  return instrument;
}
const model::Instrument& Contract() {
  static const model::Instrument instrument = FuturesInstrument("BTC_USDT", "0.0001");
  return instrument;
}

exchange::FundingHistoryQuery History(TimeNs start, TimeNs end, std::string token) {
  return {"", start, end, 50, std::move(token)};
}

INSTANTIATE_TEST_SUITE_P(
    Reads, TargetTest,
    testing::Values(
        TargetRow{"time", spot::MarketData::ServerTimeRequest(), "/spot/time"},
        TargetRow{"pairs", spot::MarketData::InstrumentsRequest(), "/spot/currency_pairs"},
        TargetRow{"spot_book", spot::MarketData::OrderBookRequest("BTC_USDT", 100),
                  "/spot/order_book?currency_pair=BTC_USDT&limit=100&with_id=true", 100},
        TargetRow{"spot_trades", *spot::MarketData::TradesRequest("BTC_USDT", Trades(0, "")),
                  "/spot/trades?currency_pair=BTC_USDT&limit=100"},
        TargetRow{"spot_older_trades",
                  *spot::MarketData::TradesRequest("BTC_USDT", Trades(5'000, "77")),
                  "/spot/trades?currency_pair=BTC_USDT&limit=1000&last_id=77&reverse=true"},
        TargetRow{"spot_tickers", spot::MarketData::TickersRequest({}), "/spot/tickers"},
        TargetRow{"spot_ticker", spot::MarketData::TickersRequest(One(Spot())),
                  "/spot/tickers?currency_pair=BTC_USDT"},
        TargetRow{"contracts", futures::MarketData::InstrumentsRequest(),
                  "/futures/usdt/contracts"},
        TargetRow{"futures_book", futures::MarketData::OrderBookRequest("BTC_USDT", 50),
                  "/futures/usdt/order_book?contract=BTC_USDT&limit=50&with_id=true", 100},
        TargetRow{"futures_older_trades",
                  *futures::MarketData::TradesRequest("BTC_USDT", Trades(10, "9")),
                  "/futures/usdt/trades?contract=BTC_USDT&limit=10&last_id=9"},
        TargetRow{"futures_ticker", futures::MarketData::TickersRequest(One(Contract())),
                  "/futures/usdt/tickers?contract=BTC_USDT"},
        TargetRow{"running_rates", futures::FundingAdapter::RatesRequest({}),
                  "/futures/usdt/contracts"},
        TargetRow{"running_rate", futures::FundingAdapter::RatesRequest(One(Contract())),
                  "/futures/usdt/contracts/BTC_USDT"},
        TargetRow{"paid_rates",
                  *futures::FundingAdapter::HistoryRequest("BTC_USDT", History({}, {}, "")),
                  "/futures/usdt/funding_rate?contract=BTC_USDT&limit=50"},
        TargetRow{"paid_rates_between",
                  *futures::FundingAdapter::HistoryRequest(
                      "BTC_USDT", History(TimeNs::FromSeconds(100), TimeNs::FromSeconds(200), "")),
                  "/futures/usdt/funding_rate?contract=BTC_USDT&limit=50&from=100&to=199"},
        TargetRow{"paid_rates_next_page",
                  *futures::FundingAdapter::HistoryRequest("BTC_USDT", History({}, {}, "150")),
                  "/futures/usdt/funding_rate?contract=BTC_USDT&limit=50&to=149"}),
    [](const auto& info) { return info.param.name; });

TEST(PageTokenTest, OnlyNumbersAreTokens) {
  for (const char* const bad : {"x", "-1", "1.5", "1 ", "99999999999999999999"}) {
    const auto request = spot::MarketData::TradesRequest("BTC_USDT", Trades(1, bad));
    EXPECT_EQ(request.status().code(), absl::StatusCode::kInvalidArgument) << bad;
    EXPECT_EQ(ReasonOf(request.status()), common::v1::ERROR_REASON_INVALID_PAGE_TOKEN);
  }
}

TEST(EndpointsTest, AreGateIosUnlessConfigured) {
  config::v1::ExchangeConfig config;
  EXPECT_EQ(MakeEndpoints(Product::kSpot, config).rest_url, "https://api.gateio.ws");
  EXPECT_EQ(MakeEndpoints(Product::kSpot, config).websocket_url, "wss://api.gateio.ws/ws/v4/");
  EXPECT_EQ(MakeEndpoints(Product::kFutures, config).websocket_url,
            "wss://fx-ws.gateio.ws/v4/ws/usdt");
}

TEST(EndpointsTest, AConfiguredBaseGetsGateIosPaths) {
  config::v1::ExchangeConfig config;
  config.set_rest_url("http://127.0.0.1:18001/api/v4/");
  config.set_websocket_url("ws://127.0.0.1:18001/");
  EXPECT_EQ(MakeEndpoints(Product::kSpot, config).rest_url, "http://127.0.0.1:18001");
  EXPECT_EQ(MakeEndpoints(Product::kSpot, config).websocket_url, "ws://127.0.0.1:18001/ws/v4/");
  EXPECT_EQ(MakeEndpoints(Product::kFutures, config).websocket_url,
            "ws://127.0.0.1:18001/v4/ws/usdt");
  config.set_websocket_url("ws://127.0.0.1:18001/own/path");
  EXPECT_EQ(MakeEndpoints(Product::kSpot, config).websocket_url, "ws://127.0.0.1:18001/own/path");
}

class RestReaderTest : public testing::Test {
 protected:
  RestReaderTest() { EXPECT_TRUE(DefinePublicLimits(limiter_, 1).ok()); }

  // Reads the server's time with the given answer.
  absl::StatusOr<TimeNs> Read(absl::StatusOr<net::HttpResponse> answer) {
    rest_.Answer(std::move(answer));
    absl::StatusOr<TimeNs> result = absl::UnknownError("no reply");
    reader_.Read<TimeNs>(spot::MarketData::ServerTimeRequest(), &spot::MarketData::DecodeServerTime,
                         [&](absl::StatusOr<TimeNs> reply) { result = std::move(reply); });
    return result;
  }

  FakeRest rest_;
  ManualClock clock_{TimeNs::FromSeconds(1'700'000'000)};
  retry::RateLimiter limiter_;
  RestReader<FakeRest> reader_{rest_, limiter_, clock_, seconds(3)};
};

TEST_F(RestReaderTest, DecodesAnAnswer) {
  const auto time = Read(Ok(R"({"server_time":1731448079476})"));
  ASSERT_TRUE(time.ok()) << time.status();
  EXPECT_EQ(*time, TimeNs::FromMillis(1'731'448'079'476));
  EXPECT_EQ(rest_.targets(), std::vector<std::string>{"/api/v4/spot/time"});
  EXPECT_EQ(rest_.last_timeout(), seconds(3));
}

TEST_F(RestReaderTest, AnAnswerThatIsNotTheProtocolIsMalformed) {
  for (const char* const body : {"", "{}", R"({"server_time":"soon"})", "[1]"}) {
    clock_.Advance(seconds(10));
    const auto time = Read(Ok(body));
    EXPECT_EQ(time.status().code(), absl::StatusCode::kInternal) << body;
    EXPECT_EQ(ReasonOf(time.status()), common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE);
  }
}

TEST_F(RestReaderTest, ALostAnswerIsUnavailableBecauseAReadMayBeRepeated) {
  EXPECT_EQ(Read(absl::UnknownError("cut")).status().code(), absl::StatusCode::kUnavailable);
  const auto unreachable = Read(absl::UnavailableError("no route"));
  EXPECT_EQ(unreachable.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(unreachable.status()), common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE);
}

TEST_F(RestReaderTest, ATimeoutSaysSo) {
  const auto late = Read(absl::DeadlineExceededError("3 s"));
  EXPECT_EQ(late.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(ReasonOf(late.status()), common::v1::ERROR_REASON_EXCHANGE_TIMEOUT);
}

TEST_F(RestReaderTest, AUsedUpLimitSendsNothingAndSaysWhen) {
  EXPECT_TRUE(Read(Ok(R"({"server_time":1})")).ok());
  EXPECT_TRUE(Read(Ok(R"({"server_time":1})")).ok());
  const auto refused = Read(Ok(R"({"server_time":1})"));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused.status()), common::v1::ERROR_REASON_RATE_LIMITED);
  ASSERT_TRUE(RetryAfterOf(refused.status()).has_value());
  EXPECT_GT(*RetryAfterOf(refused.status()), seconds(0));
  EXPECT_EQ(rest_.targets().size(), 2u);
  clock_.Advance(*RetryAfterOf(refused.status()));
  EXPECT_TRUE(Read(Ok(R"({"server_time":1})")).ok());
}

TEST_F(RestReaderTest, TheExchangesOwnCountTightensTheLimit) {
  net::HttpResponse answer = *Ok(R"({"server_time":1})");
  answer.headers = {{"X-Gate-RateLimit-Requests-Remain", "0"},
                    {"X-Gate-RateLimit-Limit", "200"},
                    {"X-Gate-RateLimit-Reset-Timestamp", "1700000004"}};
  EXPECT_TRUE(Read(answer).ok());
  const auto refused = Read(Ok("{}"));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(rest_.targets().size(), 1u);
  clock_.Advance(seconds(10));
  EXPECT_TRUE(Read(Ok(R"({"server_time":1})")).ok());
}

TEST_F(RestReaderTest, A429StopsTheEndpointUntilItsReset) {
  net::HttpResponse answer = *Ok(R"({"label":"TOO_MANY_REQUESTS","message":"slow down"})");
  answer.status = 429;
  answer.headers = {{"X-Gate-RateLimit-Reset-Timestamp", "1700000005"}};
  const auto limited = Read(answer);
  EXPECT_EQ(limited.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(RetryAfterOf(limited.status()), seconds(5));
  EXPECT_EQ(Read(Ok("{}")).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(rest_.targets().size(), 1u);
  clock_.Advance(seconds(11));
  EXPECT_TRUE(Read(Ok(R"({"server_time":1})")).ok());
}

TEST_F(RestReaderTest, ARetryAfterStopsTheEndpoint) {
  net::HttpResponse answer = *Ok(R"({"label":"TOO_MANY_REQUESTS","message":"slow down"})");
  answer.status = 429;
  answer.headers = {{"Retry-After", "20"}};
  EXPECT_EQ(RetryAfterOf(Read(answer).status()), seconds(20));
  clock_.Advance(seconds(19));
  EXPECT_EQ(RetryAfterOf(Read(Ok("{}")).status()), seconds(1));
  EXPECT_EQ(rest_.targets().size(), 1u);
  clock_.Advance(seconds(1));
  EXPECT_TRUE(Read(Ok(R"({"server_time":1})")).ok());
}

// It is the address that is refused, so no other endpoint is asked either.
TEST_F(RestReaderTest, A418StopsEveryEndpoint) {
  net::HttpResponse answer = *Ok("<html>teapot</html>");
  answer.status = 418;
  answer.headers = {{"Retry-After", "30"}};
  EXPECT_EQ(Read(answer).status().code(), absl::StatusCode::kResourceExhausted);
  for (const std::string_view path :
       {paths::kSpotTime, paths::kSpotTrades, paths::kSpotOrderBook}) {
    const auto permission = limiter_.Acquire(path, retry::Priority::kUrgent, clock_.Steady());
    EXPECT_FALSE(permission.granted) << path;
    EXPECT_EQ(permission.next_at, clock_.Steady() + seconds(30)) << path;
  }
}

// Users who read books as fast as they can take nothing from the recovery of books, nor do books
// that all recover at once shut the users out.
TEST(BookLimitTest, ReadersAndRecoveriesDoNotStarveOneAnother) {
  for (const bool readers_first : {true, false}) {
    ManualClock clock(TimeNs::FromSeconds(1'700'000'000));
    retry::RateLimiter limiter;
    ASSERT_TRUE(DefinePublicLimits(limiter, 100).ok());
    FakeRest rest;
    RestReader<FakeRest> reader(rest, limiter, clock, seconds(3));
    spot::MarketDataManager<FakeRest> manager(reader);
    const model::Instrument instrument = SpotInstrument("BTC_USDT");
    const auto sent_of = [&](retry::Priority priority) {
      const std::size_t before = rest.targets().size();
      for (int i = 0; i < 300; ++i) {
        manager.ReadOrderBook(
            instrument, 10, [](const absl::StatusOr<BookSnapshot>&) {}, priority);
      }
      return rest.targets().size() - before;
    };
    if (readers_first) {
      EXPECT_EQ(sent_of(retry::Priority::kNormal), 100u);
      EXPECT_EQ(sent_of(retry::Priority::kUrgent), 100u);
    } else {
      EXPECT_EQ(sent_of(retry::Priority::kUrgent), 180u);
      EXPECT_EQ(sent_of(retry::Priority::kNormal), 20u);
    }
  }
}

TEST_F(RestReaderTest, ARefusalKeepsTheExchangesWords) {
  net::HttpResponse answer = *Ok(R"({"label":"INVALID_CURRENCY_PAIR","message":"no such pair"})");
  answer.status = 400;
  const auto refused = Read(answer);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(MetadataOf(refused.status()).at("exchange_message"), "no such pair");
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
