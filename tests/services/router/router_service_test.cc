#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "switchyard/account/v1/account_service.pb.h"
#include "switchyard/order/v1/order_service.pb.h"
#include "switchyard/position/v1/position_service.pb.h"
#include "switchyard/router/v1/router_service.grpc.pb.h"
#include "switchyard/status/v1/status_service.pb.h"
#include "tests/services/router/router_fixture.h"

namespace switchyard::router {
namespace {

using marketdata::v1::MarketDataEvent;
using marketdata::v1::StreamMarketDataRequest;
using marketdata::v1::StreamMarketDataResponse;

constexpr char kStream[] = "MarketDataService/StreamMarketData";

marketdata::v1::Instrument InstrumentOf(const std::string& exchange, const std::string& quote) {
  marketdata::v1::Instrument instrument;
  instrument.set_exchange(exchange);
  instrument.set_symbol("BTC-" + quote);
  instrument.set_kind(common::v1::INSTRUMENT_KIND_SPOT);
  instrument.set_base("BTC");
  instrument.set_quote(quote);
  return instrument;
}

// One level a side.
void FillBook(std::int64_t bid, std::int64_t ask, marketdata::v1::OrderBookLevels* book) {
  book->add_bid_price_mantissas(bid);
  book->add_bid_quantity_mantissas(1);
  book->add_ask_price_mantissas(ask);
  book->add_ask_quantity_mantissas(1);
}

// An exchange with BTC against one quote currency, and nothing private.
void Offer(FakeBackend& backend, const std::string& quote, std::int64_t bid, std::int64_t ask) {
  marketdata::v1::ListInstrumentsResponse instruments;
  *instruments.add_instruments() = InstrumentOf(backend.exchange(), quote);
  backend.OnAnswer("MarketDataService/ListInstruments", instruments);
  marketdata::v1::GetInstrumentResponse instrument;
  *instrument.mutable_instrument() = InstrumentOf(backend.exchange(), quote);
  backend.OnAnswer("MarketDataService/GetInstrument", instrument);
  marketdata::v1::GetOrderBookResponse book;
  FillBook(bid, ask, book.mutable_order_book());
  backend.OnAnswer("MarketDataService/GetOrderBook", book);
}

void OfferRpcs(FakeBackend& backend, const std::vector<std::string>& rpcs) {
  status::v1::GetCapabilitiesResponse response;
  auto& capabilities = *response.add_capabilities();
  capabilities.set_exchange(backend.exchange());
  for (const std::string& rpc : rpcs) {
    auto& entry = *capabilities.add_rpcs();
    entry.set_rpc(rpc);
    entry.set_path(status::v1::PATH_REST);
  }
  auto& none = *capabilities.add_rpcs();
  none.set_rpc("AccountService/Withdraw");
  none.set_path(status::v1::PATH_NONE);
  backend.OnAnswer("StatusService/GetCapabilities", response);
}

class RouterServiceTest : public testing::Test {
 protected:
  std::unique_ptr<v1::RouterService::Stub> Stub(RouterUnderTest& router) {
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
    return v1::RouterService::NewStub(router.channel());
  }

  FakeBackend alpha_{"alpha"};
  FakeBackend beta_{"beta"};
  grpc::ClientContext context_;
};

v1::LegSelector AllBtc() {
  v1::LegSelector selector;
  selector.mutable_base()->set_base("BTC");
  selector.mutable_base()->set_kind(common::v1::INSTRUMENT_KIND_SPOT);
  return selector;
}

v1::LegSelector One(const std::string& exchange, const std::string& symbol) {
  v1::LegSelector selector;
  selector.mutable_instrument()->set_exchange(exchange);
  selector.mutable_instrument()->set_symbol(symbol);
  return selector;
}

TEST_F(RouterServiceTest, MergesTheBooksOfABaseOverAllExchanges) {
  Offer(alpha_, "USDT", 100, 102);
  Offer(beta_, "USDC", 101, 103);
  RouterUnderTest router({&alpha_, &beta_});
  v1::GetConsolidatedBookRequest request;
  *request.add_legs() = AllBtc();
  v1::GetConsolidatedBookResponse response;
  ASSERT_TRUE(Stub(router)->GetConsolidatedBook(&context_, request, &response).ok());
  const v1::ConsolidatedBook& book = response.book();
  ASSERT_EQ(book.legs_size(), 2);
  EXPECT_EQ(book.legs(0).exchange(), "alpha");
  EXPECT_EQ(book.legs(1).quote(), "USDC");
  EXPECT_TRUE(book.mixed_quotes());
  ASSERT_EQ(book.bid_legs_size(), 2);
  EXPECT_EQ(book.bid_price_mantissas(0), 101);
  EXPECT_EQ(book.bid_legs(0), 1u);
  EXPECT_EQ(book.ask_legs(0), 0u);
  EXPECT_EQ(response.errors_size(), 0);
}

TEST_F(RouterServiceTest, AnswersWithoutADeadExchangeAndNamesIt) {
  Offer(alpha_, "USDT", 100, 102);
  RouterUnderTest router({&alpha_, &beta_});
  beta_.Kill();
  v1::GetConsolidatedBookRequest request;
  *request.add_legs() = AllBtc();
  v1::GetConsolidatedBookResponse response;
  ASSERT_TRUE(Stub(router)->GetConsolidatedBook(&context_, request, &response).ok());
  ASSERT_EQ(response.book().legs_size(), 1);
  EXPECT_EQ(response.book().bid_legs_size(), 1);
  ASSERT_EQ(response.errors_size(), 1);
  EXPECT_EQ(response.errors(0).exchange(), "beta");
  EXPECT_EQ(response.errors(0).status().reason(), common::v1::ERROR_REASON_BACKEND_UNAVAILABLE);
}

TEST_F(RouterServiceTest, ShowsALegWhoseBookFailsAsFailed) {
  Offer(alpha_, "USDT", 100, 102);
  Offer(beta_, "USDT", 101, 103);
  beta_.OnFail("MarketDataService/GetOrderBook",
               ToGrpcStatus(MakeError(absl::StatusCode::kUnavailable,
                                      common::v1::ERROR_REASON_BOOK_NOT_READY, "not yet")));
  RouterUnderTest router({&alpha_, &beta_});
  v1::GetConsolidatedBookRequest request;
  *request.add_legs() = One("beta", "BTC-USDT");
  *request.add_legs() = One("alpha", "BTC-USDT");
  v1::GetConsolidatedBookResponse response;
  ASSERT_TRUE(Stub(router)->GetConsolidatedBook(&context_, request, &response).ok());
  ASSERT_EQ(response.book().legs_size(), 2);
  EXPECT_EQ(response.book().legs(0).state(), v1::LEG_STATE_FAILED);
  EXPECT_EQ(response.book().legs(0).status().reason(), common::v1::ERROR_REASON_BOOK_NOT_READY);
  EXPECT_EQ(response.book().legs(1).state(), v1::LEG_STATE_LIVE);
}

TEST_F(RouterServiceTest, FindsNoBookOfAnUnknownInstrument) {
  const grpc::Status none = ToGrpcStatus(MakeError(
      absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT, "no such"));
  alpha_.OnFail("MarketDataService/GetInstrument", none);
  RouterUnderTest router({&alpha_});
  v1::GetConsolidatedBookRequest request;
  *request.add_legs() = One("alpha", "NO-SUCH");
  v1::GetConsolidatedBookResponse response;
  const absl::Status status =
      FromGrpcStatus(Stub(router)->GetConsolidatedBook(&context_, request, &response));
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT);
}

struct BadLegs {
  std::string name;
  std::vector<v1::LegSelector> legs;
};

class BadLegsTest : public testing::TestWithParam<BadLegs> {};

TEST_P(BadLegsTest, AreRefused) {
  FakeBackend backend("alpha");
  RouterUnderTest router({&backend});
  v1::GetConsolidatedBookRequest request;
  for (const auto& leg : GetParam().legs) *request.add_legs() = leg;
  v1::GetConsolidatedBookResponse response;
  grpc::ClientContext context;
  const grpc::Status status = v1::RouterService::NewStub(router.channel())
                                  ->GetConsolidatedBook(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << status.error_message();
}

INSTANTIATE_TEST_SUITE_P(Selectors, BadLegsTest,
                         testing::Values(BadLegs{"none", {}}, BadLegs{"empty", {v1::LegSelector()}},
                                         BadLegs{"unknown_exchange", {One("nowhere", "BTC-USDT")}},
                                         BadLegs{"no_symbol", {One("alpha", "")}},
                                         BadLegs{"too_many", std::vector<v1::LegSelector>(
                                                                 33, One("alpha", "BTC-USDT"))}),
                         [](const auto& info) { return info.param.name; });

// A consolidated stream, read event by event.
class BookReader {
 public:
  BookReader(RouterUnderTest& router, const v1::StreamConsolidatedBookRequest& request)
      : stub_(v1::RouterService::NewStub(router.channel())) {
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
    reader_ = stub_->StreamConsolidatedBook(&context_, request);
  }
  ~BookReader() { context_.TryCancel(); }

  v1::StreamConsolidatedBookResponse Next() {
    v1::StreamConsolidatedBookResponse response;
    reader_->Read(&response);
    return response;
  }
  // Passes over older states until the legs are in the wanted ones.
  v1::ConsolidatedBookEvent Until(const std::vector<v1::LegState>& wanted) {
    v1::StreamConsolidatedBookResponse response;
    v1::ConsolidatedBookEvent last;
    while (reader_->Read(&response)) {
      for (const v1::ConsolidatedBookEvent& event : response.events()) {
        EXPECT_TRUE(event.epoch() != epoch_ || event.sequence() > sequence_);
        epoch_ = event.epoch();
        sequence_ = event.sequence();
        std::vector<v1::LegState> states;
        for (const v1::Leg& leg : event.book().legs()) states.push_back(leg.state());
        if (states == wanted) return event;
        last = event;
      }
    }
    ADD_FAILURE() << "the stream ended: " << FromGrpcStatus(reader_->Finish()) << " after "
                  << last.ShortDebugString();
    return {};
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<v1::RouterService::Stub> stub_;
  std::unique_ptr<grpc::ClientReader<v1::StreamConsolidatedBookResponse>> reader_;
  std::uint64_t epoch_ = 0;
  std::uint64_t sequence_ = 0;
};

StreamMarketDataResponse Book(const std::string& exchange, const std::string& symbol,
                              std::uint64_t epoch, std::uint64_t sequence, std::int64_t bid,
                              std::int64_t ask) {
  StreamMarketDataResponse response;
  MarketDataEvent& event = *response.add_events();
  event = BookEvent(exchange, symbol, epoch, sequence);
  FillBook(bid, ask, event.mutable_order_book());
  return response;
}

constexpr auto kLive = v1::LEG_STATE_LIVE;
constexpr auto kStale = v1::LEG_STATE_STALE;
constexpr auto kWaiting = v1::LEG_STATE_WAITING;

TEST_F(RouterServiceTest, StreamsTheMergedBookAsItsLegsComeAndGo) {
  Offer(alpha_, "USDT", 0, 0);
  Offer(beta_, "USDT", 0, 0);
  RouterUnderTest router({&alpha_, &beta_});
  v1::StreamConsolidatedBookRequest request;
  *request.add_legs() = AllBtc();
  request.set_depth(5);
  BookReader client(router, request);
  const v1::StreamConsolidatedBookResponse first = client.Next();
  ASSERT_TRUE(first.has_acknowledgement()) << first.ShortDebugString();
  EXPECT_EQ(first.acknowledgement().results(0).granted_depth(), 5u);
  EXPECT_EQ(client.Until({kWaiting, kWaiting}).kind(), common::v1::STATE_EVENT_KIND_STALE);

  const auto to_alpha = alpha_.WaitForCall(kStream);
  const auto to_beta = beta_.WaitForCall(kStream);
  ASSERT_TRUE(to_alpha && to_beta);
  EXPECT_EQ(RequestOf<StreamMarketDataRequest>(*to_alpha).subscriptions(0).depth(), 5u);
  to_alpha->Write(Accepted(1));
  to_beta->Write(Accepted(1));
  to_alpha->Write(Book("alpha", "BTC-USDT", 1, 1, 100, 102));
  const auto half = client.Until({kLive, kWaiting});
  EXPECT_EQ(half.kind(), common::v1::STATE_EVENT_KIND_SNAPSHOT);
  EXPECT_EQ(half.book().bid_legs_size(), 1);
  to_beta->Write(Book("beta", "BTC-USDT", 4, 1, 101, 103));
  const auto both = client.Until({kLive, kLive});
  ASSERT_EQ(both.book().bid_legs_size(), 2);
  EXPECT_EQ(both.book().bid_price_mantissas(0), 101);
  EXPECT_EQ(both.book().bid_legs(0), 1u);

  beta_.Kill();
  const auto lost = client.Until({kLive, kStale});
  EXPECT_EQ(lost.book().legs(1).stale_reason(), common::v1::STALE_REASON_BACKEND_LOST);
  ASSERT_EQ(lost.book().bid_legs_size(), 1);
  EXPECT_EQ(lost.book().bid_price_mantissas(0), 100);

  beta_.Restart();
  const auto again = beta_.WaitForCall(kStream);
  ASSERT_TRUE(again);
  again->Write(Accepted(1));
  again->Write(Book("beta", "BTC-USDT", 5, 1, 99, 103));
  const auto back = client.Until({kLive, kLive});
  EXPECT_EQ(back.book().bid_price_mantissas(1), 99);
}

TEST_F(RouterServiceTest, SubscribesAnewWhenALegBreaksItsSequence) {
  Offer(alpha_, "USDT", 0, 0);
  RouterUnderTest router({&alpha_});
  v1::StreamConsolidatedBookRequest request;
  *request.add_legs() = One("alpha", "BTC-USDT");
  BookReader client(router, request);
  const auto call = alpha_.WaitForCall(kStream);
  ASSERT_TRUE(call);
  call->Write(Accepted(1));
  call->Write(Book("alpha", "BTC-USDT", 1, 1, 100, 102));
  client.Until({kLive});
  call->Write(Book("alpha", "BTC-USDT", 1, 3, 90, 91));
  const auto stale = client.Until({kStale});
  EXPECT_EQ(stale.book().legs(0).stale_reason(), common::v1::STALE_REASON_SEQUENCE_GAP);
  EXPECT_EQ(stale.book().bid_legs_size(), 0);
  const auto again = alpha_.WaitForCall(kStream);
  ASSERT_TRUE(again);
  again->Write(Accepted(1));
  again->Write(Book("alpha", "BTC-USDT", 1, 1, 95, 96));
  EXPECT_EQ(client.Until({kLive}).book().bid_price_mantissas(0), 95);
}

TEST_F(RouterServiceTest, AsksAgainForALegThatWasRefusedForNow) {
  Offer(alpha_, "USDT", 0, 0);
  Offer(beta_, "USDT", 0, 0);
  RouterUnderTest router({&alpha_, &beta_});
  v1::StreamConsolidatedBookRequest request;
  *request.add_legs() = AllBtc();
  BookReader client(router, request);
  const auto to_alpha = alpha_.WaitForCall(kStream);
  const auto to_beta = beta_.WaitForCall(kStream);
  ASSERT_TRUE(to_alpha && to_beta);
  to_alpha->Write(Accepted(1));
  to_alpha->Write(Book("alpha", "BTC-USDT", 1, 1, 100, 102));
  StreamMarketDataResponse full = Accepted(1);
  *full.mutable_acknowledgement()->mutable_results(0)->mutable_status() = ToProto(MakeError(
      absl::StatusCode::kResourceExhausted, common::v1::ERROR_REASON_SUBSCRIPTION_LIMIT, "full"));
  to_beta->Write(full);
  const auto refused = client.Until({kLive, v1::LEG_STATE_FAILED});
  EXPECT_EQ(refused.book().legs(1).status().reason(), common::v1::ERROR_REASON_SUBSCRIPTION_LIMIT);
  const auto alpha_again = alpha_.WaitForCall(kStream);
  const auto beta_again = beta_.WaitForCall(kStream);
  ASSERT_TRUE(alpha_again && beta_again);
  alpha_again->Write(Accepted(1));
  alpha_again->Write(Book("alpha", "BTC-USDT", 2, 1, 100, 102));
  beta_again->Write(Accepted(1));
  beta_again->Write(Book("beta", "BTC-USDT", 4, 1, 101, 103));
  const auto both = client.Until({kLive, kLive});
  EXPECT_EQ(both.book().legs(1).status().code(), 0u);
  EXPECT_EQ(both.book().bid_legs_size(), 2);
}

TEST_F(RouterServiceTest, AddsTheLegsOfAnExchangeThatComesLater) {
  Offer(alpha_, "USDT", 0, 0);
  Offer(beta_, "USDT", 0, 0);
  beta_.Kill();
  RouterUnderTest router(ConfigFor({&alpha_, &beta_}));
  ASSERT_TRUE(router.WaitForHealth("alpha/market_data", true));
  v1::StreamConsolidatedBookRequest request;
  *request.add_legs() = AllBtc();
  BookReader client(router, request);
  const auto before = client.Until({kWaiting});
  beta_.Restart();
  const auto after = client.Until({kWaiting, kWaiting});
  EXPECT_NE(after.epoch(), before.epoch());
  EXPECT_EQ(after.book().legs(1).exchange(), "beta");
}

status::v1::GetStatusResponse ReadyMarketData(const std::string& exchange) {
  status::v1::GetStatusResponse response;
  status::v1::ExchangeStatus& status = *response.add_statuses();
  status.set_exchange(exchange);
  status.set_component("market_data");
  status.set_ready(true);
  return response;
}

TEST_F(RouterServiceTest, ListsExchangesWithTheHealthOfTheirServices) {
  alpha_.OnAnswer("StatusService/GetStatus", ReadyMarketData("alpha"));
  RouterUnderTest router({&alpha_, &beta_});
  beta_.Kill();
  v1::ListExchangesResponse response;
  ASSERT_TRUE(Stub(router)->ListExchanges(&context_, {}, &response).ok());
  ASSERT_EQ(response.exchanges_size(), 2);
  EXPECT_EQ(response.exchanges(0).exchange(), "alpha");
  ASSERT_EQ(response.exchanges(0).components_size(), 4);
  EXPECT_EQ(response.exchanges(0).components(1).component(), "market_data");
  EXPECT_TRUE(response.exchanges(0).components(1).ready());
  EXPECT_FALSE(response.exchanges(0).components(2).ready());
  EXPECT_EQ(response.errors_size(), 4);
  EXPECT_EQ(response.errors(0).exchange(), "beta");
}

TEST_F(RouterServiceTest, ListsExchangesPageByPage) {
  alpha_.OnAnswer("StatusService/GetStatus", ReadyMarketData("alpha"));
  beta_.OnAnswer("StatusService/GetStatus", ReadyMarketData("beta"));
  RouterUnderTest router({&alpha_, &beta_});
  const auto stub = Stub(router);
  v1::ListExchangesRequest request;
  request.set_page_size(1);
  std::vector<std::string> seen;
  do {
    grpc::ClientContext context;
    v1::ListExchangesResponse response;
    ASSERT_TRUE(stub->ListExchanges(&context, request, &response).ok());
    ASSERT_EQ(response.exchanges_size(), 1);
    seen.push_back(response.exchanges(0).exchange());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(seen, (std::vector<std::string>{"alpha", "beta"}));
  request.set_page_token("not a token");
  v1::ListExchangesResponse response;
  const absl::Status status = FromGrpcStatus(stub->ListExchanges(&context_, request, &response));
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_INVALID_PAGE_TOKEN);
}

TEST_F(RouterServiceTest, ComparesFundingOverPagesAndExchanges) {
  alpha_.On("MarketDataService/ListFundingRates", [](const std::shared_ptr<FakeCall>& call) {
    const auto request = RequestOf<marketdata::v1::ListFundingRatesRequest>(*call);
    const bool first = request.page_token().empty();
    marketdata::v1::ListFundingRatesResponse response;
    auto& rate = *response.add_funding_rates();
    rate.set_exchange("alpha");
    rate.set_symbol(first ? "BTC-USDT-PERP" : "ETH-USDT-PERP");
    rate.set_rate_8h("0.0003");
    if (first) response.set_next_page_token("more");
    call->Answer(response);
  });
  marketdata::v1::ListFundingRatesResponse rates;
  rates.add_funding_rates()->set_exchange("beta");
  rates.mutable_funding_rates(0)->set_symbol("BTC-USDT-PERP");
  rates.mutable_funding_rates(0)->set_rate_8h("0.0001");
  beta_.OnAnswer("MarketDataService/ListFundingRates", rates);
  FakeBackend spot("spot");
  spot.OnFail("MarketDataService/ListFundingRates", ToGrpcStatus(NotInCapabilities("spot", "it")));
  FakeBackend dead("zeta");
  RouterUnderTest router({&alpha_, &beta_, &spot, &dead});
  dead.Kill();
  v1::ListFundingRatesAcrossResponse response;
  ASSERT_TRUE(Stub(router)->ListFundingRatesAcross(&context_, {}, &response).ok());
  ASSERT_EQ(response.comparisons_size(), 2);
  EXPECT_EQ(response.comparisons(0).base(), "BTC");
  EXPECT_EQ(response.comparisons(0).spread_8h(), "0.0002");
  EXPECT_EQ(response.comparisons(1).base(), "ETH");
  ASSERT_EQ(response.errors_size(), 1);
  EXPECT_EQ(response.errors(0).exchange(), "zeta");
}

TEST_F(RouterServiceTest, HasNoPortfolioWhereNoTableOffersOne) {
  OfferRpcs(alpha_, {"MarketDataService/GetOrderBook"});
  OfferRpcs(beta_, {});
  RouterUnderTest router({&alpha_, &beta_});
  const auto stub = Stub(router);
  for (int i = 0; i < 2; ++i) {
    grpc::ClientContext context;
    v1::GetPortfolioResponse response;
    const absl::Status status = FromGrpcStatus(stub->GetPortfolio(&context, {}, &response));
    EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
    EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_NOT_IN_CAPABILITIES);
  }
  v1::CancelEverythingRequest cancel;
  cancel.set_request_id("stop-1");
  v1::CancelEverythingResponse canceled;
  EXPECT_EQ(stub->CancelEverything(&context_, cancel, &canceled).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
  // The tables were asked once.
  EXPECT_EQ(alpha_.calls("StatusService/GetCapabilities"), 1u);
}

TEST_F(RouterServiceTest, GathersThePortfolioOfWhoOffersIt) {
  OfferRpcs(alpha_, {"AccountService/GetAccount", "AccountService/ListBalances",
                     "PositionService/ListPositions"});
  OfferRpcs(beta_, {});
  account::v1::GetAccountResponse account;
  account.mutable_account()->set_currency("USDT");
  account.mutable_account()->mutable_total()->mutable_equity()->set_value("12.5");
  alpha_.OnAnswer("AccountService/GetAccount", account);
  account::v1::ListBalancesResponse balances;
  balances.add_balances()->set_currency("USDT");
  balances.mutable_balances(0)->set_total("10");
  balances.add_balances()->set_currency("DUST");
  balances.mutable_balances(1)->set_total("0.00");
  alpha_.OnAnswer("AccountService/ListBalances", balances);
  alpha_.OnFail("PositionService/ListPositions",
                grpc::Status(grpc::StatusCode::UNAVAILABLE, "asleep"));
  RouterUnderTest router({&alpha_, &beta_});
  v1::GetPortfolioResponse response;
  ASSERT_TRUE(Stub(router)->GetPortfolio(&context_, {}, &response).ok());
  ASSERT_EQ(response.accounts_size(), 1);
  EXPECT_EQ(response.accounts(0).exchange(), "alpha");
  EXPECT_EQ(response.accounts(0).balances_size(), 1);
  ASSERT_EQ(response.totals_size(), 1);
  EXPECT_EQ(response.totals(0).total(), "10");
  EXPECT_EQ(response.totals(0).equity(), "12.5");
  ASSERT_EQ(response.errors_size(), 1);
  EXPECT_EQ(response.errors(0).component(), "position");
}

TEST_F(RouterServiceTest, CancelsEverythingAndSaysWhatItDoesNotKnow) {
  OfferRpcs(alpha_, {"OrderService/CancelAllOrders"});
  OfferRpcs(beta_, {"OrderService/CancelAllOrders"});
  order::v1::CancelAllOrdersResponse canceled;
  canceled.add_results();
  canceled.add_results()->mutable_status()->set_code(5);
  canceled.set_remaining_open(1);
  alpha_.On("OrderService/CancelAllOrders", [canceled](const std::shared_ptr<FakeCall>& call) {
    EXPECT_EQ(RequestOf<order::v1::CancelAllOrdersRequest>(*call).request_id(), "stop-1");
    call->Answer(canceled);
  });
  beta_.OnFail("OrderService/CancelAllOrders",
               grpc::Status(grpc::StatusCode::UNAVAILABLE, "cut off"));
  RouterUnderTest router({&alpha_, &beta_});
  v1::CancelEverythingRequest request;
  request.set_request_id("stop-1");
  v1::CancelEverythingResponse response;
  ASSERT_TRUE(Stub(router)->CancelEverything(&context_, request, &response).ok());
  ASSERT_EQ(response.results_size(), 2);
  EXPECT_EQ(response.results(0).status().code(), 0u);
  EXPECT_EQ(response.results(0).canceled(), 1u);
  EXPECT_EQ(response.results(0).remaining_open(), 1u);
  EXPECT_EQ(response.results(1).exchange(), "beta");
  EXPECT_EQ(response.results(1).status().reason(), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
}

TEST_F(RouterServiceTest, CancelEverythingNeedsARequestId) {
  RouterUnderTest router({&alpha_});
  v1::CancelEverythingRequest request;
  request.set_request_id("not allowed!");
  v1::CancelEverythingResponse response;
  const absl::Status status =
      FromGrpcStatus(Stub(router)->CancelEverything(&context_, request, &response));
  EXPECT_EQ(MetadataOf(status)["field"], "request_id");
}

}  // namespace
}  // namespace switchyard::router
