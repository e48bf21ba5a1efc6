#include "tests/clients/fake/fake_switchyard.h"

#include <fmt/format.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "common/time/time.h"
#include "switchyard/marketdata/v1/market_data_service.grpc.pb.h"
#include "switchyard/status/v1/status_service.grpc.pb.h"
#include "tests/clients/fake/account_answers.h"
#include "tests/clients/fake/order_answers.h"
#include "tests/clients/fake/router_answers.h"

namespace switchyard::clients::fake {
namespace {

using marketdata::v1::MarketDataEvent;
using marketdata::v1::StreamMarketDataRequest;
using marketdata::v1::StreamMarketDataResponse;

// Between two events of the status stream.
constexpr std::chrono::milliseconds kStatusPause{5};

std::int64_t NowNs() { return SystemClock().Now().value; }

class MarketData final : public marketdata::v1::MarketDataService::Service {
 public:
  MarketData(const Answers& answers, const StopSignal& stopping)
      : answers_(answers), stopping_(stopping) {}

  int streams() const { return streams_; }

  // Two pages of one instrument each.
  grpc::Status ListInstruments(grpc::ServerContext*,
                               const marketdata::v1::ListInstrumentsRequest* request,
                               marketdata::v1::ListInstrumentsResponse* response) override {
    auto& instrument = *response->add_instruments();
    instrument.set_exchange(request->exchange());
    instrument.set_symbol(request->page_token().empty() ? "BTC-USDT" : "ETH-USDT");
    instrument.set_kind(common::v1::INSTRUMENT_KIND_SPOT);
    instrument.set_status(marketdata::v1::INSTRUMENT_STATUS_TRADING);
    instrument.set_tick("0.1");
    instrument.set_step("0.01");
    if (request->page_token().empty()) response->set_next_page_token("second");
    return grpc::Status::OK;
  }

  grpc::Status GetInstrument(grpc::ServerContext*,
                             const marketdata::v1::GetInstrumentRequest* request,
                             marketdata::v1::GetInstrumentResponse* response) override {
    auto& instrument = *response->mutable_instrument();
    instrument.set_exchange(request->exchange());
    instrument.set_symbol(request->symbol());
    instrument.set_exchange_symbol(request->symbol());
    std::replace(instrument.mutable_exchange_symbol()->begin(),
                 instrument.mutable_exchange_symbol()->end(), '-', '_');
    instrument.set_multiplier("1");
    return grpc::Status::OK;
  }

  grpc::Status GetOrderBook(grpc::ServerContext*,
                            const marketdata::v1::GetOrderBookRequest* request,
                            marketdata::v1::GetOrderBookResponse* response) override {
    if (request->symbol().find("NOSUCH") != std::string::npos) {
      return UnknownInstrument(request->symbol());
    }
    MarketDataEvent event = BookEvent(marketdata::v1::EVENT_KIND_SNAPSHOT, 1, 1);
    for (int level = 0; level < 3; ++level) {
      AddBid(event, 1000 - level, 100 + level);
      AddAsk(event, 1002 + level, 200 + level);
    }
    *response->mutable_order_book() = event.order_book();
    response->set_exchange(request->exchange());
    response->set_symbol(request->symbol());
    response->set_depth(request->depth());
    response->mutable_freshness()->set_source(common::v1::SOURCE_WEBSOCKET);
    response->mutable_freshness()->set_age_ns(1'500'000);
    return grpc::Status::OK;
  }

  grpc::Status GetBestBidOffer(grpc::ServerContext*,
                               const marketdata::v1::GetBestBidOfferRequest* request,
                               marketdata::v1::GetBestBidOfferResponse* response) override {
    if (request->symbol().find("NOSUCH") != std::string::npos) {
      return UnknownInstrument(request->symbol());
    }
    auto& quote = *response->mutable_best_bid_offer();
    quote.set_price_exponent(-1);
    quote.set_quantity_exponent(-2);
    quote.set_bid_price_mantissa(answers_.market->best_bid);
    quote.set_bid_quantity_mantissa(100);
    quote.set_ask_price_mantissa(answers_.market->best_bid + 1);
    quote.set_ask_quantity_mantissa(100);
    return grpc::Status::OK;
  }

  grpc::Status ListTrades(grpc::ServerContext*, const marketdata::v1::ListTradesRequest*,
                          marketdata::v1::ListTradesResponse* response) override {
    auto& trade = *response->add_trades();
    trade.set_trade_id("t-1");
    trade.set_taker_side(common::v1::SIDE_SELL);
    trade.set_price("100.1");
    trade.set_quantity("0.25");
    trade.set_exchange_time_ns(1'767'323'045'123'000'000);  // 2026-01-02T03:04:05.123Z
    return grpc::Status::OK;
  }

  grpc::Status ListCandles(grpc::ServerContext*, const marketdata::v1::ListCandlesRequest* request,
                           marketdata::v1::ListCandlesResponse* response) override {
    auto& candle = *response->add_candles();
    candle.set_open_time_ns(1'767'323'040'000'000'000);
    candle.set_interval_seconds(request->interval_seconds());
    candle.set_open("100");
    candle.set_high("102");
    candle.set_low("99");
    candle.set_close("101");
    candle.set_base_volume(fmt::format("{}", request->interval_seconds()));
    return grpc::Status::OK;
  }

  grpc::Status GetTicker(grpc::ServerContext*, const marketdata::v1::GetTickerRequest* request,
                         marketdata::v1::GetTickerResponse* response) override {
    auto& ticker = *response->mutable_ticker();
    ticker.set_exchange(request->exchange());
    ticker.set_symbol(request->symbol());
    ticker.set_last_price("100.1");
    ticker.set_best_bid_price("100.0");
    response->mutable_freshness()->set_source(common::v1::SOURCE_REST);
    return grpc::Status::OK;
  }

  grpc::Status ListFundingRates(grpc::ServerContext*,
                                const marketdata::v1::ListFundingRatesRequest* request,
                                marketdata::v1::ListFundingRatesResponse* response) override {
    for (const std::string& symbol : request->symbols()) {
      auto& rate = *response->add_funding_rates();
      rate.set_symbol(symbol);
      rate.set_rate("0.0001");
      rate.set_rate_8h("0.0002");
      rate.set_interval_seconds(14'400);
      rate.set_kind(marketdata::v1::FUNDING_RATE_KIND_PREDICTED);
    }
    return grpc::Status::OK;
  }

  grpc::Status StreamMarketData(grpc::ServerContext* context,
                                const StreamMarketDataRequest* request,
                                grpc::ServerWriter<StreamMarketDataResponse>* writer) override {
    MarketDataScript script(*context, *writer, stopping_, streams_++);
    return answers_.stream_market_data(*request, script);
  }

 private:
  const Answers& answers_;
  const StopSignal& stopping_;
  std::atomic<int> streams_{0};
};

class StatusAnswers final : public status::v1::StatusService::Service {
 public:
  explicit StatusAnswers(const StopSignal& stopping) : stopping_(stopping) {}

  grpc::Status GetCapabilities(grpc::ServerContext*,
                               const status::v1::GetCapabilitiesRequest* request,
                               status::v1::GetCapabilitiesResponse* response) override {
    auto& capabilities = *response->add_capabilities();
    capabilities.set_exchange(request->exchange());
    capabilities.set_api_version("v4");
    auto& rpc = *capabilities.add_rpcs();
    rpc.set_rpc("MarketDataService/GetOrderBook");
    rpc.set_path(status::v1::PATH_WEBSOCKET);
    capabilities.add_book_depths(20);
    return grpc::Status::OK;
  }

  grpc::Status GetStatus(grpc::ServerContext*, const status::v1::GetStatusRequest*,
                         status::v1::GetStatusResponse* response) override {
    *response->add_statuses() = OneStatus();
    response->add_statuses()->set_exchange("mexc");
    response->mutable_statuses(1)->set_component("market_data");
    response->mutable_statuses(1)->set_ready(true);
    *response->add_statuses() = OneStatus();
    response->mutable_statuses(2)->set_component("order");
    response->set_version("1.2.3");
    response->set_start_time_ns(NowNs());
    return grpc::Status::OK;
  }

  grpc::Status WatchStatus(grpc::ServerContext*, const status::v1::WatchStatusRequest*,
                           grpc::ServerWriter<status::v1::WatchStatusResponse>* writer) override {
    status::v1::WatchStatusResponse acknowledgement;
    acknowledgement.mutable_acknowledgement()->set_heartbeat_interval_ms(5000);
    acknowledgement.mutable_acknowledgement()->add_results();
    writer->Write(acknowledgement);
    status::v1::WatchStatusResponse events;
    *events.add_events() = OneStatus();
    while (writer->Write(events) && !stopping_.WaitFor(kStatusPause)) {
    }
    return grpc::Status::OK;
  }

 private:
  static status::v1::ExchangeStatus OneStatus() {
    status::v1::ExchangeStatus status;
    status.set_exchange("gateio");
    status.set_component("market_data");
    status.set_ready(true);
    status.set_valid_books(2);
    auto& connection = *status.add_connections();
    connection.set_name("ws-0");
    connection.set_state(status::v1::CONNECTION_STATE_READY);
    connection.set_since_time_ns(NowNs());
    connection.set_subscriptions(2);
    return status;
  }

  const StopSignal& stopping_;
};

// Levels around the market; a whole book, or the best ones.
void AddLevels(MarketDataEvent& event, const Market& market, int levels) {
  const std::uint64_t sequence = event.sequence();
  for (int level = 0; level < levels; ++level) {
    AddBid(event, market.best_bid - level, static_cast<std::int64_t>(10 + (sequence + level) % 50));
    AddAsk(event, market.best_bid + 1 + level,
           static_cast<std::int64_t>(10 + (sequence * 3 + level) % 50));
  }
}

// One topic's next event: a snapshot, then deltas; where the market wanders, now and then a stale
// book and a snapshot a tick away.
class BookFlow {
 public:
  BookFlow(Market& market, bool wander) : market_(market), wander_(wander) {}

  MarketDataEvent Next() {
    ++sequence_;
    const bool moves = wander_ && sequence_ % kMoveEvery == 0;
    if (moves && ++moves_ % kStaleEvery == 0) {
      stale_ = true;
      return BookEvent(marketdata::v1::EVENT_KIND_STALE, epoch_, sequence_);
    }
    if (moves) market_.best_bid = kStart + moves_ % kSpan;
    if (std::exchange(stale_, false)) {
      ++epoch_;
      sequence_ = 1;
    }
    const bool whole = moves || sequence_ == 1;
    MarketDataEvent event =
        BookEvent(whole ? marketdata::v1::EVENT_KIND_SNAPSHOT : marketdata::v1::EVENT_KIND_DELTA,
                  epoch_, sequence_);
    AddLevels(event, market_, whole ? kLevels : 1);
    return event;
  }

 private:
  static constexpr int kLevels = 10;
  static constexpr std::uint64_t kMoveEvery = 8;
  static constexpr int kStaleEvery = 4;
  static constexpr std::int64_t kStart = 1000;
  static constexpr int kSpan = 5;

  Market& market_;
  const bool wander_;
  std::uint64_t epoch_ = 7;
  std::uint64_t sequence_ = 0;
  int moves_ = 0;
  bool stale_ = false;
};

grpc::Status FlowBooks(const StreamMarketDataRequest& request, MarketDataScript& script,
                       BookFlow flow, int updates_per_second) {
  StreamMarketDataResponse acknowledgement = Acknowledge(request.subscriptions_size(), 1000);
  for (int index = 0; index < request.subscriptions_size(); ++index) {
    if (request.subscriptions(index).symbol().find("NOSUCH") == std::string::npos) continue;
    *acknowledgement.mutable_acknowledgement()->mutable_results(index)->mutable_status() =
        ToProto(FromGrpcStatus(UnknownInstrument(request.subscriptions(index).symbol())));
  }
  script.Write(acknowledgement);
  do {
    StreamMarketDataResponse batch;
    MarketDataEvent event = flow.Next();
    for (const auto& subscription : request.subscriptions()) {
      if (subscription.symbol().find("NOSUCH") != std::string::npos) continue;
      event.set_exchange(subscription.exchange());
      event.set_symbol(subscription.symbol());
      *batch.add_events() = event;
    }
    if (!script.Write(batch)) break;
  } while (script.Pause(1000 / updates_per_second));
  return grpc::Status::OK;
}

}  // namespace

Answers LiveAnswers(int updates_per_second, bool wander) {
  Answers answers;
  answers.stream_market_data = [=, market = answers.market](const auto& request,
                                                            MarketDataScript& script) {
    return FlowBooks(request, script, BookFlow(*market, wander), updates_per_second);
  };
  answers.stream_consolidated_book = [=](const auto& request, ConsolidatedScript& script) {
    return FlowMergedBooks(request, script, updates_per_second);
  };
  return answers;
}

struct FakeSwitchyard::State {
  explicit State(Answers given)
      : answers(std::move(given)),
        accounts(*answers.market, answers.fill_every),
        market_data(answers, stopping),
        router(answers, stopping, accounts),
        orders(answers, stopping, accounts),
        positions(accounts),
        account(answers, accounts),
        status(stopping) {}

  const Answers answers;
  StopSignal stopping;
  FakeAccounts accounts;
  MarketData market_data;
  RouterAnswers router;
  OrderAnswers orders;
  PositionAnswers positions;
  AccountAnswers account;
  StatusAnswers status;
  int port = 0;
  std::unique_ptr<grpc::Server> server;
};

FakeSwitchyard::FakeSwitchyard(Answers answers, int port)
    : state_(std::make_unique<State>(std::move(answers))) {
  grpc::ServerBuilder builder;
  // Two processes must not share a port unnoticed.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddListeningPort(fmt::format("127.0.0.1:{}", port), grpc::InsecureServerCredentials(),
                           &state_->port);
  builder.RegisterService(&state_->market_data);
  if (state_->answers.router) builder.RegisterService(&state_->router);
  builder.RegisterService(&state_->orders);
  builder.RegisterService(&state_->positions);
  builder.RegisterService(&state_->account);
  builder.RegisterService(&state_->status);
  state_->server = builder.BuildAndStart();
}

FakeSwitchyard::~FakeSwitchyard() {
  state_->stopping.Set();
  if (state_->server != nullptr) state_->server->Shutdown(std::chrono::system_clock::now());
}

std::string FakeSwitchyard::address() const {
  return state_->server == nullptr ? "" : fmt::format("127.0.0.1:{}", state_->port);
}

int FakeSwitchyard::market_data_streams() const { return state_->market_data.streams(); }

int FakeSwitchyard::order_streams() const { return state_->orders.streams(); }

int FakeSwitchyard::private_streams() const { return state_->router.private_streams(); }

FakeAccount& FakeSwitchyard::account(const std::string& exchange) {
  return **state_->accounts.Find(exchange, "main");
}

StreamMarketDataResponse Acknowledge(int topics, int heartbeat_interval_ms) {
  auto response = AcknowledgeAll<StreamMarketDataResponse>(topics, heartbeat_interval_ms);
  for (auto& result : *response.mutable_acknowledgement()->mutable_results()) {
    result.set_granted_depth(10);
  }
  return response;
}

StreamMarketDataResponse Message(const MarketDataEvent& event) {
  return OneEvent<StreamMarketDataResponse>(event);
}

grpc::Status UnknownInstrument(const std::string& symbol) {
  return ToGrpcStatus(MakeError(absl::StatusCode::kNotFound,
                                common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT,
                                fmt::format("no instrument {}", symbol), {{"exchange", "gateio"}}));
}

}  // namespace switchyard::clients::fake
