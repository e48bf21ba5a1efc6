#include "exchanges/lighter/market_data/rest_market_data.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "common/retry/rate_limiter.h"
#include "common/status/status.h"
#include "exchanges/lighter/market_data/market_data_manager.h"
#include "tests/common/exchange/manual_thread.h"
#include "tests/exchanges/lighter/describe.h"
#include "tests/exchanges/lighter/fake_rest.h"
#include "tests/exchanges/lighter/markets.h"
#include "tests/exchanges/lighter/samples.h"

namespace switchyard::exchanges::lighter {
namespace {

using absl::StatusCode;
using json::Json;

constexpr TimeNs kNow = TimeNs::FromSeconds(1'778'709'700);

class MarketDataTest : public testing::Test {
 protected:
  MarketDataTest() { index_.Update(table_); }
  const model::Instrument& At(const char* symbol) const { return *table_->Find(symbol); }
  const model::Instrument& eth() const { return At("ETH-USDC-PERP"); }
  const model::Instrument& pepe() const { return At("PEPE-USDC-PERP"); }

  const std::shared_ptr<const model::InstrumentTable> table_ = SampleMarkets();
  MarketIndex index_;
};

void ExpectMalformed(const absl::Status& status) {
  EXPECT_EQ(status.code(), StatusCode::kInternal) << status;
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE);
}

std::string OrderRow(const std::string& price, const std::string& size) {
  return R"({"price":")" + price + R"(","remaining_base_amount":")" + size + R"("})";
}

std::string BookBody(const std::string& bids, const std::string& asks) {
  return R"({"code":200,"bids":[)" + bids + R"(],"asks":[)" + asks + "]}";
}

std::map<std::string, std::string> QueryOf(const RestRequest& request) {
  return {request.query.begin(), request.query.end()};
}

// Books.

TEST_F(MarketDataTest, ABookWithAnOrderThatDoesNotFitIsAnError) {
  const Units units = UnitsOf(eth());
  for (const std::string& bad :
       {OrderRow("10.001", "1"), OrderRow("10", "0.00001"), OrderRow("-1", "1"),
        OrderRow("10", "-1"), OrderRow("", "1"), OrderRow("10", ""), OrderRow("1e3", "1"),
        std::string("{}"), std::string("7")}) {
    ExpectMalformed(MarketData::DecodeOrderBook(BookBody(bad, ""), units).status());
    ExpectMalformed(MarketData::DecodeOrderBook(BookBody("", bad), units).status());
  }
  ExpectMalformed(MarketData::DecodeOrderBook(R"({"code":200,"bids":[]})", units).status());
}

TEST_F(MarketDataTest, OrdersAreSummedPerPriceAndSortedBestFirst) {
  const auto book = MarketData::DecodeOrderBook(
      BookBody(OrderRow("10.00", "1") + "," + OrderRow("10.50", "2") + "," +
                   OrderRow("10.0", "0.5") + "," + OrderRow("9.00", "0.0000") + "," +
                   OrderRow("0", "4"),
               OrderRow("11.00", "3") + "," + OrderRow("10.75", "0.2500")),
      UnitsOf(eth()));
  ASSERT_TRUE(book.ok()) << book.status();
  EXPECT_EQ(Describe(book->bids, 2, 4), Json::parse(R"([["10.50","2.0000"],["10.00","1.5000"]])"));
  EXPECT_EQ(Describe(book->asks, 2, 4), Json::parse(R"([["10.75","0.2500"],["11.00","3.0000"]])"));
}

TEST_F(MarketDataTest, ASumThatDoesNotFitIsAnError) {
  const std::string most = OrderRow("10", "900000000000000");
  ExpectMalformed(
      MarketData::DecodeOrderBook(BookBody(most + "," + most, ""), UnitsOf(eth())).status());
}

TEST_F(MarketDataTest, OfASideThatWasCutTheLastPriceIsLeftOut) {
  std::string orders = OrderRow("11.00", "1");
  for (int i = 1; i < 250; ++i) orders += "," + OrderRow(i < 200 ? "11.00" : "12.00", "1");
  auto book = MarketData::DecodeOrderBook(BookBody("", orders), UnitsOf(eth()));
  ASSERT_TRUE(book.ok()) << book.status();
  EXPECT_EQ(Describe(book->asks, 2, 4), Json::parse(R"([["11.00","200.0000"]])"));
  // Where it is the only one it stays: the side is not empty.
  orders = OrderRow("11.00", "1");
  for (int i = 1; i < 250; ++i) orders += "," + OrderRow("11.00", "1");
  book = MarketData::DecodeOrderBook(BookBody("", orders), UnitsOf(eth()));
  ASSERT_TRUE(book.ok()) << book.status();
  EXPECT_EQ(Describe(book->asks, 2, 4), Json::parse(R"([["11.00","250.0000"]])"));
}

TEST_F(MarketDataTest, ABookOfLotsIsInTokens) {
  const auto book =
      MarketData::DecodeOrderBook(BookBody(OrderRow("0.012345", "20.5"), ""), UnitsOf(pepe()));
  ASSERT_TRUE(book.ok()) << book.status();
  EXPECT_EQ(Describe(book->bids, pepe().price_scale, pepe().quantity_scale),
            Json::parse(R"([["0.000012345","20500"]])"));
}

// Trades.

TEST_F(MarketDataTest, ATradeThatCannotBeReadIsAnError) {
  for (const char* const row :
       {R"({"price":"1","size":"1","timestamp":1777945103092})",
        R"({"trade_id":1,"price":"x","size":"1","timestamp":1777945103092})",
        R"({"trade_id":1,"price":"1","size":"0.0000","timestamp":1777945103092})",
        R"({"trade_id":1,"price":"1","size":"1"})",
        R"({"trade_id":1,"price":"1","size":"1","timestamp":-5})"}) {
    ExpectMalformed(
        MarketData::DecodeTrades(R"({"code":200,"trades":[)" + std::string(row) + "]}", eth())
            .status());
  }
}

TEST_F(MarketDataTest, TradesAreNewestFirstAndHaveNoFurtherPages) {
  const auto page = MarketData::DecodeTrades(
      R"({"code":200,"trades":[
          {"trade_id":999,"price":"1.5","size":"1","timestamp":1777945103092},
          {"trade_id":1001,"price":"1.5","size":"2","timestamp":1777945103093,"is_maker_ask":true},
          {"trade_id":1000,"price":"1.5","size":"3","timestamp":1777945103093}]})",
      eth());
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->trades.size(), 3U);
  EXPECT_EQ(page->trades[0].trade_id, "1001");
  EXPECT_EQ(page->trades[0].taker_side, model::Side::kBuy);
  EXPECT_EQ(page->trades[1].taker_side, model::Side::kSell);
  EXPECT_EQ(page->trades[2].trade_id, "999");
  EXPECT_EQ(page->next_page_token, "");
  const auto next = MarketData::TradesRequest(eth(), {eth().symbol, 100, "999"});
  EXPECT_EQ(next.status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(next.status()), common::v1::ERROR_REASON_INVALID_PAGE_TOKEN);
}

// Candles.

exchange::CandlesQuery CandleQuery(std::int64_t start, std::int64_t end, std::uint32_t size) {
  exchange::CandlesQuery query;
  query.interval_seconds = 60;
  if (start != 0) query.start = TimeNs::FromSeconds(start);
  if (end != 0) query.end = TimeNs::FromSeconds(end);
  query.page_size = size;
  return query;
}

TEST_F(MarketDataTest, AnIntervalThatIsNotOfferedIsAnError) {
  exchange::CandlesQuery query;
  query.interval_seconds = 120;
  const auto range = MarketData::RangeOf(query, kNow);
  EXPECT_EQ(range.status().code(), StatusCode::kInvalidArgument);
  query = CandleQuery(0, 0, 10);
  query.page_token = "tomorrow";
  EXPECT_EQ(ReasonOf(MarketData::RangeOf(query, kNow).status()),
            common::v1::ERROR_REASON_INVALID_PAGE_TOKEN);
}

TEST_F(MarketDataTest, CandlesAreReadPageByPage) {
  auto query = CandleQuery(1'778'700'000, 1'778'700'000 + 25 * 60, 10);
  auto range = MarketData::RangeOf(query, kNow);
  ASSERT_TRUE(range.ok());
  EXPECT_EQ(QueryOf(MarketData::CandlesRequest(eth(), *range)),
            (std::map<std::string, std::string>{{"market_id", "0"},
                                                {"resolution", "1m"},
                                                {"start_timestamp", "1778700000000"},
                                                {"end_timestamp", "1778700600000"},
                                                {"count_back", "11"}}));
  const auto page = MarketData::DecodeCandles(
      R"({"code":200,"r":"1m","c":[
          {"t":1778700600000,"o":2,"h":2,"l":2,"c":2,"v":1,"V":2},
          {"t":1778700060000,"o":1,"h":1.5,"l":1,"c":1},
          {"t":1778700000000}]})",
      eth(), *range);
  ASSERT_TRUE(page.ok()) << page.status();
  // The next page's first is not this one's; what has no prices is no candle; no volume is zero.
  ASSERT_EQ(page->candles.size(), 1U);
  EXPECT_EQ(page->candles[0].open_time, TimeNs::FromSeconds(1'778'700'060));
  EXPECT_EQ(page->candles[0].base_volume, Decimal());
  EXPECT_TRUE(page->candles[0].closed);
  EXPECT_EQ(page->next_page_token, "1778700600");
  query.page_token = page->next_page_token;
  range = MarketData::RangeOf(query, kNow);
  ASSERT_TRUE(range.ok());
  EXPECT_EQ(range->from, 1'778'700'600);
}

TEST_F(MarketDataTest, ACandleWithoutOneOfItsPricesIsAnError) {
  const auto range = MarketData::RangeOf(CandleQuery(1'778'700'000, 0, 10), kNow);
  ASSERT_TRUE(range.ok());
  for (const char* const row :
       {R"({"t":1778700000000,"o":1,"h":1,"l":1})", R"({"o":1,"h":1,"l":1,"c":1})",
        R"({"t":1778700000000,"o":"x","h":1,"l":1,"c":1})"}) {
    ExpectMalformed(
        MarketData::DecodeCandles(R"({"code":200,"c":[)" + std::string(row) + "]}", eth(), *range)
            .status());
  }
}

TEST_F(MarketDataTest, TheCandleThatRunsIsNotClosedAndLotsAreTokens) {
  const auto range = MarketData::RangeOf(CandleQuery(kNow.Seconds() - 40, 0, 10), kNow);
  ASSERT_TRUE(range.ok());
  const auto page = MarketData::DecodeCandles(
      R"({"code":200,"c":[{"t":1778709660000,"o":0.0123,"h":0.0125,"l":0.0120,"c":0.0124,)"
      R"("v":7.5,"V":0.093}]})",
      pepe(), *range);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->candles.size(), 1U);
  EXPECT_FALSE(page->candles[0].closed);
  EXPECT_EQ(page->candles[0].high.ToString(), "0.0000125");
  EXPECT_EQ(page->candles[0].base_volume->ToString(), "7500");
  EXPECT_EQ(page->candles[0].quote_volume->ToString(), "0.093");
}

// Funding.

TEST_F(MarketDataTest, AFundingRateWithoutADirectionIsAnError) {
  const FundingRange range{0, kNow.Seconds(), false};
  for (const char* const row : {R"({"timestamp":1778702400,"rate":"0.0012"})",
                                R"({"timestamp":1778702400,"rate":"0.0012","direction":"up"})",
                                R"({"timestamp":1778702400,"rate":"","direction":"long"})",
                                R"({"rate":"0.0012","direction":"long"})"}) {
    ExpectMalformed(MarketData::DecodeFundingHistory(
                        R"({"code":200,"fundings":[)" + std::string(row) + "]}", eth(), range, kNow)
                        .status());
  }
}

TEST_F(MarketDataTest, FundingIsReadBackwardsPageByPage) {
  exchange::FundingHistoryQuery query;
  query.page_size = 2;
  auto range = MarketData::RangeOf(query, TimeNs::FromSeconds(1'778'706'100));
  ASSERT_TRUE(range.ok());
  EXPECT_EQ(range->from, 1'778'706'101 - 7'200);
  EXPECT_EQ(QueryOf(MarketData::FundingHistoryRequest(eth(), *range)).at("resolution"), "1h");
  const auto page = MarketData::DecodeFundingHistory(
      R"({"code":200,"fundings":[
          {"timestamp":1778702400,"rate":"0.0012","direction":"long"},
          {"timestamp":1778706000,"rate":"0.0002","direction":"short"}]})",
      eth(), *range, kNow);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->rates.size(), 2U);
  EXPECT_EQ(page->rates[0].rate.ToString(), "-0.000002");
  EXPECT_EQ(page->rates[1].rate.ToString(), "0.000012");
  query.page_token = page->next_page_token;
  query.start = TimeNs::FromSeconds(1'778'695'200);
  range = MarketData::RangeOf(query, TimeNs::FromSeconds(1'778'706'100));
  ASSERT_TRUE(range.ok());
  EXPECT_EQ(range->to, 1'778'706'101 - 7'200);
  EXPECT_EQ(range->from, 1'778'695'200);
  EXPECT_FALSE(range->more);
}

TEST_F(MarketDataTest, RatesOfOtherExchangesAreNotLighters) {
  const auto reply = MarketData::DecodeFundingRates(
      R"({"code":200,"funding_rates":[
          {"market_id":0,"exchange":"binance","symbol":"ETH","rate":0.0001},
          {"market_id":1,"exchange":"lighter","symbol":"BTC","rate":-0.00008},
          {"market_id":777,"exchange":"lighter","symbol":"NEW","rate":0.1}]})",
      index_, {}, kNow);
  ASSERT_TRUE(reply.ok()) << reply.status();
  ASSERT_EQ(reply->rates.size(), 1U);
  EXPECT_EQ(reply->rates[0].symbol, "BTC-USDC-PERP");
  EXPECT_EQ(reply->rates[0].rate.ToString(), "-0.00001");
  EXPECT_EQ(reply->rates[0].interval_seconds, 3'600U);
}

// Tickers.

TEST_F(MarketDataTest, OnlyWantedTickersAreToldAndLotsAreTokens) {
  const std::string body =
      R"({"code":200,"order_book_details":[
          {"market_id":0,"last_trade_price":3550.69},
          {"market_id":5,"last_trade_price":0.0123,"daily_base_token_volume":3.5,
           "open_interest":12,"mark_price":"0.0124"}]})";
  const auto reply = MarketData::DecodeTickers(body, index_, {&pepe()}, kNow);
  ASSERT_TRUE(reply.ok()) << reply.status();
  ASSERT_EQ(reply->tickers.size(), 1U);
  EXPECT_EQ(Describe(reply->tickers[0]), Json::parse(R"({"symbol":"PEPE-USDC-PERP",
      "last_price":"0.0000123","mark_price":"0.0000124","base_volume_24h":"3500",
      "open_interest":"12000"})"));
}

// The manager.

class ManagerTest : public testing::Test {
 protected:
  using Reader = RestReader<FakeRest, exchange::ManualTimer>;

  exchange::ManualThread thread_;
  retry::RateLimiter limiter_;
  FakeRest rest_;
  Reader reader_{rest_, limiter_, thread_.clock(), thread_, std::chrono::seconds(5)};
  MarketDataManager<Reader> manager_{reader_, "lighter", "USDC"};
};

TEST_F(ManagerTest, AFailedLoadLeavesTheEarlierTable) {
  const std::string body = R"({"code":200,"order_book_details":[)" +
                           SampleOf("rest_orderBookDetails_2026_09_row").body + "]}";
  rest_.Answer(Ok(body));
  manager_.LoadInstruments([](const auto& table) { EXPECT_TRUE(table.ok()) << table.status(); });
  ASSERT_NE(manager_.instruments(), nullptr);
  rest_.Answer(Ok(R"({"code":200,"order_book_details":[]})"));
  manager_.LoadInstruments([](const auto& table) { EXPECT_FALSE(table.ok()); });
  EXPECT_NE(manager_.instruments()->Find("ETH-USDC-PERP"), nullptr);
  EXPECT_EQ(rest_.targets().back(), "/api/v1/orderBookDetails?filter=all");
}

TEST_F(ManagerTest, BeforeTheFirstLoadThereIsNothingToRead) {
  absl::Status status;
  manager_.ListTickers({"ETH-USDC-PERP"}, [&](const auto& reply) { status = reply.status(); });
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_TRUE(rest_.targets().empty());
}

TEST_F(ManagerTest, ASpotMarketHasNoFunding) {
  absl::Status status;
  manager_.ListFundingRateHistory(*SampleMarkets()->Find("ETH-USDC"), {},
                                  [&](const auto& reply) { status = reply.status(); });
  EXPECT_EQ(status.code(), StatusCode::kUnimplemented);

  rest_.Answer(Ok(R"({"code":200,"spot_order_book_details":[{"market_id":2048,"symbol":"ETH/USDC",
      "market_type":"spot","status":"active","min_base_amount":"0.1","min_quote_amount":"10",
      "supported_size_decimals":4,"supported_price_decimals":2}]})"));
  manager_.LoadInstruments([](const auto& table) { ASSERT_TRUE(table.ok()) << table.status(); });
  status = absl::OkStatus();
  manager_.ListFundingRates({"ETH-USDC"}, [&](const auto& reply) { status = reply.status(); });
  EXPECT_EQ(status.code(), StatusCode::kUnimplemented);
  EXPECT_EQ(rest_.targets().size(), 1U);  // the instruments
}

// Samples.

class RestSampleTest : public MarketDataTest, public testing::WithParamInterface<Sample> {
 protected:
  absl::StatusOr<Json> Understand(const std::string& name, const std::string& body) const {
    Json out = Json::array();
    if (name == "rest_status") {
      SWITCHYARD_ASSIGN_OR_RETURN(const TimeNs time, MarketData::DecodeServerTime(body));
      return Json(time.value);
    }
    if (name == "rest_orderBookOrders") {
      SWITCHYARD_ASSIGN_OR_RETURN(const BookSnapshot book,
                                  MarketData::DecodeOrderBook(body, UnitsOf(eth())));
      return Json{{"bids", Describe(book.bids, 2, 4)}, {"asks", Describe(book.asks, 2, 4)}};
    }
    if (name == "rest_recentTrades" || name == "rest_trades") {
      SWITCHYARD_ASSIGN_OR_RETURN(const auto page, MarketData::DecodeTrades(body, eth()));
      for (const auto& trade : page.trades) out.push_back(Describe(trade, 2, 4));
    } else if (name == "rest_candles") {
      const CandleRange range{1'767'700'000, 1'767'701'000, 1'767'701'000, 1'767'700'530, 60};
      SWITCHYARD_ASSIGN_OR_RETURN(const auto page, MarketData::DecodeCandles(body, eth(), range));
      for (const auto& candle : page.candles) out.push_back(Describe(candle));
    } else if (name == "rest_fundings") {
      const FundingRange range{0, kNow.Seconds(), false};
      SWITCHYARD_ASSIGN_OR_RETURN(const auto reply,
                                  MarketData::DecodeFundingHistory(body, eth(), range, kNow));
      for (const auto& rate : reply.rates) out.push_back(Describe(rate));
    } else if (name == "rest_funding-rates") {
      SWITCHYARD_ASSIGN_OR_RETURN(const auto reply,
                                  MarketData::DecodeFundingRates(body, index_, {}, kNow));
      for (const auto& rate : reply.rates) out.push_back(Describe(rate));
    } else {
      const std::string rows =
          body.starts_with(R"({"code")") ? body : R"({"order_book_details":[)" + body + "]}";
      SWITCHYARD_ASSIGN_OR_RETURN(const auto reply,
                                  MarketData::DecodeTickers(rows, index_, {}, kNow));
      for (const auto& ticker : reply.tickers) out.push_back(Describe(ticker));
    }
    return out;
  }
};

TEST_P(RestSampleTest, MeansWhatIsExpected) {
  const auto understood = Understand(GetParam().name, GetParam().body);
  ASSERT_TRUE(understood.ok()) << understood.status();
  CheckAgainstExpected(GetParam(), *understood);
}

INSTANTIATE_TEST_SUITE_P(Samples, RestSampleTest, testing::ValuesIn(LoadSamples("rest_")),
                         SampleName());
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RestSampleTest);

TEST(RestSampleFilesTest, AreAllThere) { ExpectSamples("rest_", 11); }

}  // namespace
}  // namespace switchyard::exchanges::lighter
