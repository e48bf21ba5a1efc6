// The unary RPCs over a real server: what each answers, and every way to be refused.
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "tests/services/market_data/service_harness.h"

namespace switchyard {
namespace {

namespace v1 = marketdata::v1;
using testing::FakeMarketDataClient;
using testing::ServiceHarness;
using testing::SetTestDeadline;
using Stub = v1::MarketDataService::Stub;

template <typename Request, typename Response>
using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

class MarketDataServiceTest : public ::testing::Test {
 protected:
  // Calls the method; the response is meaningful where the status is OK.
  template <typename Request, typename Response>
  absl::Status Call(Method<Request, Response> method, const Request& request, Response* response) {
    grpc::ClientContext context;
    SetTestDeadline(context);
    return FromGrpcStatus((harness_.stub.get()->*method)(&context, request, response));
  }

  template <typename Request>
  static Request ForBtc() {
    Request request;
    request.set_exchange("alpha");
    request.set_symbol("BTC-USDT");
    return request;
  }

  ServiceHarness harness_;
  FakeMarketDataClient& alpha_ = harness_.alpha;
};

TEST_F(MarketDataServiceTest, ListsInstrumentsBySymbolWithTheirAge) {
  v1::ListInstrumentsRequest request;
  request.set_exchange("alpha");
  v1::ListInstrumentsResponse response;
  ASSERT_TRUE(Call(&Stub::ListInstruments, request, &response).ok());
  ASSERT_EQ(response.instruments_size(), 3);
  EXPECT_EQ(response.instruments(0).symbol(), "BTC-USDT");
  EXPECT_EQ(response.instruments(1).symbol(), "BTC-USDT-PERP");
  EXPECT_EQ(response.instruments(2).symbol(), "ETH-USDT");
  EXPECT_EQ(response.instruments(1).kind(), common::v1::INSTRUMENT_KIND_PERPETUAL);
  EXPECT_EQ(response.instruments(1).tick(), "0.1");
  EXPECT_EQ(response.instruments(1).min_notional(), "5");
  EXPECT_EQ(response.instruments(1).max_quantity(), "");
  EXPECT_EQ(response.next_page_token(), "");
  EXPECT_EQ(response.freshness().source(), common::v1::SOURCE_CACHE);
  EXPECT_GT(response.freshness().age_ns(), 0);
}

TEST_F(MarketDataServiceTest, FiltersInstruments) {
  v1::ListInstrumentsRequest request;
  request.set_exchange("alpha");
  request.set_base("BTC");
  request.set_kind(common::v1::INSTRUMENT_KIND_SPOT);
  v1::ListInstrumentsResponse response;
  ASSERT_TRUE(Call(&Stub::ListInstruments, request, &response).ok());
  ASSERT_EQ(response.instruments_size(), 1);
  EXPECT_EQ(response.instruments(0).symbol(), "BTC-USDT");
  request.set_quote("EUR");
  ASSERT_TRUE(Call(&Stub::ListInstruments, request, &response).ok());
  EXPECT_EQ(response.instruments_size(), 0);
}

TEST_F(MarketDataServiceTest, PagesThroughInstruments) {
  v1::ListInstrumentsRequest request;
  request.set_exchange("alpha");
  request.set_page_size(1);
  std::vector<std::string> symbols;
  do {
    v1::ListInstrumentsResponse response;
    ASSERT_TRUE(Call(&Stub::ListInstruments, request, &response).ok());
    ASSERT_EQ(response.instruments_size(), 1);
    symbols.push_back(response.instruments(0).symbol());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(symbols, (std::vector<std::string>{"BTC-USDT", "BTC-USDT-PERP", "ETH-USDT"}));
}

TEST_F(MarketDataServiceTest, ATokenOfOneListDoesNotContinueAnother) {
  v1::ListInstrumentsRequest request;
  request.set_exchange("alpha");
  request.set_page_size(1);
  v1::ListInstrumentsResponse response;
  ASSERT_TRUE(Call(&Stub::ListInstruments, request, &response).ok());
  request.set_page_token(response.next_page_token());
  request.set_base("BTC");
  const absl::Status status = Call(&Stub::ListInstruments, request, &response);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_INVALID_PAGE_TOKEN);
}

TEST_F(MarketDataServiceTest, GetsOneInstrument) {
  v1::GetInstrumentResponse response;
  ASSERT_TRUE(Call(&Stub::GetInstrument, ForBtc<v1::GetInstrumentRequest>(), &response).ok());
  EXPECT_EQ(response.instrument().exchange(), "alpha");
  EXPECT_EQ(response.instrument().symbol(), "BTC-USDT");
  EXPECT_EQ(response.instrument().exchange_symbol(), "xBTC-USDT");
}

TEST_F(MarketDataServiceTest, LoadsInstrumentsWhereThereAreNone) {
  alpha_.ForgetInstruments();
  v1::GetInstrumentResponse response;
  EXPECT_TRUE(Call(&Stub::GetInstrument, ForBtc<v1::GetInstrumentRequest>(), &response).ok());
}

TEST_F(MarketDataServiceTest, PassesOnWhyInstrumentsCannotBeLoaded) {
  alpha_.SetInstruments(MakeError(absl::StatusCode::kUnavailable,
                                  common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE, "no route"));
  v1::GetOrderBookResponse response;
  const absl::Status status =
      Call(&Stub::GetOrderBook, ForBtc<v1::GetOrderBookRequest>(), &response);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE);
}

TEST_F(MarketDataServiceTest, GetsABookWithExactMantissas) {
  v1::GetOrderBookResponse response;
  ASSERT_TRUE(Call(&Stub::GetOrderBook, ForBtc<v1::GetOrderBookRequest>(), &response).ok());
  EXPECT_EQ(response.exchange(), "alpha");
  EXPECT_EQ(response.symbol(), "BTC-USDT");
  EXPECT_EQ(response.depth(), 10u);
  EXPECT_EQ(response.order_book().price_exponent(), -1);
  EXPECT_EQ(response.order_book().quantity_exponent(), -3);
  ASSERT_EQ(response.order_book().bid_price_mantissas_size(), 2);
  EXPECT_EQ(response.order_book().bid_price_mantissas(0), 1000);
  EXPECT_EQ(response.order_book().bid_quantity_mantissas(0), 2000);
  EXPECT_EQ(response.order_book().ask_price_mantissas(1), 1003);
  EXPECT_EQ(response.order_book().exchange_sequence(), 9u);
  EXPECT_EQ(response.freshness().source(), common::v1::SOURCE_WEBSOCKET);
  EXPECT_EQ(response.freshness().age_ns(), 3'000'000);
  EXPECT_EQ(response.exchange_time_ns(), 77);
  EXPECT_FALSE(response.one_sided());
}

TEST_F(MarketDataServiceTest, AOneSidedBookIsValidAndSaysSo) {
  alpha_.book->asks.clear();
  v1::GetOrderBookResponse response;
  ASSERT_TRUE(Call(&Stub::GetOrderBook, ForBtc<v1::GetOrderBookRequest>(), &response).ok());
  EXPECT_TRUE(response.one_sided());
}

TEST_F(MarketDataServiceTest, PassesDepthSourcesAndAgeToTheClient) {
  auto request = ForBtc<v1::GetOrderBookRequest>();
  request.set_depth(50);
  request.add_allowed_sources(common::v1::SOURCE_WEBSOCKET);
  request.add_allowed_sources(common::v1::SOURCE_CACHE);
  request.set_max_age_ns(5'000);
  v1::GetOrderBookResponse response;
  ASSERT_TRUE(Call(&Stub::GetOrderBook, request, &response).ok());
  EXPECT_EQ(alpha_.last_book.depth, 50u);
  EXPECT_TRUE(alpha_.last_book.allowed.websocket);
  EXPECT_TRUE(alpha_.last_book.allowed.cache);
  EXPECT_FALSE(alpha_.last_book.allowed.rest);
  EXPECT_EQ(alpha_.last_book.max_age, std::chrono::nanoseconds(5'000));
}

TEST_F(MarketDataServiceTest, ACachedAnswerIsNeverOlderThanASecond) {
  auto request = ForBtc<v1::GetOrderBookRequest>();
  request.set_max_age_ns(60'000'000'000);
  v1::GetOrderBookResponse response;
  ASSERT_TRUE(Call(&Stub::GetOrderBook, request, &response).ok());
  EXPECT_EQ(alpha_.last_book.max_age, std::chrono::seconds(1));
}

TEST_F(MarketDataServiceTest, TheClientsErrorArrivesWithItsDetails) {
  alpha_.book = WithRetryAfter(
      MakeError(absl::StatusCode::kResourceExhausted, common::v1::ERROR_REASON_RATE_LIMITED,
                "too many requests", {{"exchange", "alpha"}, {"exchange_code", "429"}}),
      std::chrono::seconds(2));
  v1::GetOrderBookResponse response;
  const absl::Status status =
      Call(&Stub::GetOrderBook, ForBtc<v1::GetOrderBookRequest>(), &response);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_RATE_LIMITED);
  EXPECT_EQ(MetadataOf(status).at("exchange_code"), "429");
  EXPECT_EQ(RetryAfterOf(status), std::chrono::seconds(2));
}

TEST_F(MarketDataServiceTest, GetsTheBestBidAndOffer) {
  auto request = ForBtc<v1::GetBestBidOfferRequest>();
  request.set_max_age_ns(7);
  v1::GetBestBidOfferResponse response;
  ASSERT_TRUE(Call(&Stub::GetBestBidOffer, request, &response).ok());
  EXPECT_EQ(response.best_bid_offer().bid_price_mantissa(), 1000);
  EXPECT_EQ(response.best_bid_offer().ask_quantity_mantissa(), 1000);
  EXPECT_EQ(response.best_bid_offer().price_exponent(), -1);
  EXPECT_EQ(response.exchange_time_ns(), 78);
  EXPECT_EQ(alpha_.last_quote.max_age, std::chrono::nanoseconds(7));
}

TEST_F(MarketDataServiceTest, PricesAnOrderFromTheDeepestBook) {
  auto request = ForBtc<v1::GetOrderPriceRequest>();
  request.set_side(common::v1::SIDE_BUY);
  request.set_quantity("3");
  v1::GetOrderPriceResponse response;
  ASSERT_TRUE(Call(&Stub::GetOrderPrice, request, &response).ok());
  EXPECT_EQ(response.post_only_price(), "100.1");
  EXPECT_EQ(response.worst_price(), "100.3");
  // (1 x 100.2 + 2 x 100.3) / 3 = 100.2666..., rounded up at 1 + 8 decimals.
  EXPECT_EQ(response.average_price(), "100.266666667");
  EXPECT_EQ(response.freshness().source(), common::v1::SOURCE_WEBSOCKET);
  EXPECT_EQ(alpha_.last_book.depth, 50u);
}

TEST_F(MarketDataServiceTest, RefusesToPriceMoreThanTheBookShows) {
  auto request = ForBtc<v1::GetOrderPriceRequest>();
  request.set_side(common::v1::SIDE_SELL);
  request.set_quantity("7.001");
  v1::GetOrderPriceResponse response;
  EXPECT_EQ(Call(&Stub::GetOrderPrice, request, &response).code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(MarketDataServiceTest, ListsTradesAndWrapsTheClientsPageToken) {
  alpha_.trades->next_page_token = "client-position";
  auto request = ForBtc<v1::ListTradesRequest>();
  v1::ListTradesResponse response;
  ASSERT_TRUE(Call(&Stub::ListTrades, request, &response).ok());
  ASSERT_EQ(response.trades_size(), 1);
  EXPECT_EQ(response.trades(0).trade_id(), "t2");
  EXPECT_EQ(response.trades(0).taker_side(), common::v1::SIDE_SELL);
  EXPECT_EQ(response.trades(0).price(), "100.1");
  EXPECT_EQ(response.trades(0).quantity(), "0.250");
  EXPECT_EQ(alpha_.last_trades.page_size, 100u);
  EXPECT_NE(response.next_page_token(), "client-position");
  request.set_page_token(response.next_page_token());
  request.set_page_size(7);
  ASSERT_TRUE(Call(&Stub::ListTrades, request, &response).ok());
  EXPECT_EQ(alpha_.last_trades.page_token, "client-position");
  EXPECT_EQ(alpha_.last_trades.page_size, 7u);
}

TEST_F(MarketDataServiceTest, ListsCandles) {
  auto request = ForBtc<v1::ListCandlesRequest>();
  request.set_interval_seconds(60);
  request.set_start_time_ns(5);
  request.set_end_time_ns(6);
  v1::ListCandlesResponse response;
  ASSERT_TRUE(Call(&Stub::ListCandles, request, &response).ok());
  ASSERT_EQ(response.candles_size(), 1);
  EXPECT_EQ(response.candles(0).close(), "100.1");
  EXPECT_TRUE(response.candles(0).closed());
  EXPECT_EQ(alpha_.last_candles.interval_seconds, 60u);
  EXPECT_EQ(alpha_.last_candles.start, TimeNs(5));
  EXPECT_EQ(alpha_.last_candles.end, TimeNs(6));
}

TEST_F(MarketDataServiceTest, GetsOneTicker) {
  v1::GetTickerResponse response;
  ASSERT_TRUE(Call(&Stub::GetTicker, ForBtc<v1::GetTickerRequest>(), &response).ok());
  EXPECT_EQ(response.ticker().symbol(), "BTC-USDT");
  EXPECT_EQ(response.ticker().exchange(), "alpha");
  EXPECT_EQ(response.ticker().last_price(), "100.5");
  EXPECT_EQ(alpha_.last_symbols, std::vector<std::string>{"BTC-USDT"});
}

TEST_F(MarketDataServiceTest, AMissingTickerIsTheExchangesFault) {
  alpha_.tickers->tickers.clear();
  v1::GetTickerResponse response;
  const absl::Status status = Call(&Stub::GetTicker, ForBtc<v1::GetTickerRequest>(), &response);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_EXCHANGE_FAULT);
}

TEST_F(MarketDataServiceTest, PagesThroughTickers) {
  v1::ListTickersRequest request;
  request.set_exchange("alpha");
  request.set_page_size(2);
  v1::ListTickersResponse response;
  ASSERT_TRUE(Call(&Stub::ListTickers, request, &response).ok());
  EXPECT_EQ(response.tickers_size(), 2);
  request.set_page_token(response.next_page_token());
  v1::ListTickersResponse rest;
  ASSERT_TRUE(Call(&Stub::ListTickers, request, &rest).ok());
  ASSERT_EQ(rest.tickers_size(), 1);
  EXPECT_EQ(rest.tickers(0).symbol(), "ETH-USDT");
  EXPECT_EQ(rest.next_page_token(), "");
}

TEST_F(MarketDataServiceTest, ListsFundingRatesComparably) {
  v1::ListFundingRatesRequest request;
  request.set_exchange("alpha");
  request.add_symbols("BTC-USDT-PERP");
  v1::ListFundingRatesResponse response;
  ASSERT_TRUE(Call(&Stub::ListFundingRates, request, &response).ok());
  ASSERT_EQ(response.funding_rates_size(), 1);
  EXPECT_EQ(response.funding_rates(0).rate(), "0.0001");
  EXPECT_EQ(response.funding_rates(0).rate_8h(), "0.0002");
  EXPECT_EQ(response.funding_rates(0).kind(), v1::FUNDING_RATE_KIND_PREDICTED);
}

TEST_F(MarketDataServiceTest, ListsFundingRateHistory) {
  v1::ListFundingRateHistoryRequest request;
  request.set_exchange("alpha");
  request.set_symbol("BTC-USDT-PERP");
  request.set_end_time_ns(9);
  v1::ListFundingRateHistoryResponse response;
  ASSERT_TRUE(Call(&Stub::ListFundingRateHistory, request, &response).ok());
  ASSERT_EQ(response.funding_rates_size(), 1);
  EXPECT_EQ(response.funding_rates(0).kind(), v1::FUNDING_RATE_KIND_LAST);
  EXPECT_EQ(alpha_.last_funding_history.end, TimeNs(9));
}

TEST_F(MarketDataServiceTest, ALateReplyAfterACancelIsDropped) {
  alpha_.Hold();
  grpc::ClientContext context;
  SetTestDeadline(context);
  const auto request = ForBtc<v1::GetOrderBookRequest>();
  v1::GetOrderBookResponse response;
  std::promise<grpc::Status> ended;
  harness_.stub->async()->GetOrderBook(&context, &request, &response,
                                       [&](grpc::Status status) { ended.set_value(status); });
  alpha_.WaitForHeld(1);
  context.TryCancel();
  EXPECT_EQ(ended.get_future().get().error_code(), grpc::StatusCode::CANCELLED);
  // The call is over on the server too before the reply comes: its request and response are gone.
  harness_.Shutdown();
  alpha_.Release();
}

TEST_F(MarketDataServiceTest, CountsReadsBySource) {
  v1::GetOrderBookResponse response;
  ASSERT_TRUE(Call(&Stub::GetOrderBook, ForBtc<v1::GetOrderBookRequest>(), &response).ok());
  EXPECT_NE(harness_.metrics.Expose().find(
                R"(switchyard_read_seconds_count{exchange="alpha",source="websocket"} 1)"),
            std::string::npos);
}

}  // namespace
}  // namespace switchyard
