#pragma once

#include <memory>
#include <string>

#include "common/metrics/metrics.h"
#include "common/time/time.h"
#include "services/market_data/market_data_streams.h"
#include "services/market_data/read_metrics.h"
#include "services/process/exchange_clients.h"
#include "services/process/service_context.h"
#include "services/process/unary_call.h"
#include "switchyard/marketdata/v1/market_data_service.grpc.pb.h"

namespace switchyard::market_data {

// MarketDataService over the clients of a process: validates, asks the capability table, calls the
// client and finishes from its reply. Holds no exchange state. Called by gRPC's threads; outlives
// the server.
class MarketDataService final
    : public marketdata::v1::MarketDataService::WithRawCallbackMethod_StreamMarketData<
          marketdata::v1::MarketDataService::CallbackService> {
 public:
  // What `context` refers to must outlive this object.
  explicit MarketDataService(const process::ServiceContext& context);

  // How many streams read something of `exchange`.
  std::uint32_t OpenStreams(std::string_view exchange) const {
    return streams_.OpenStreams(exchange);
  }

 private:
  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;
  using CallPtr = std::shared_ptr<process::UnaryCall>;

  Unary* ListInstruments(Context* context, const marketdata::v1::ListInstrumentsRequest* request,
                         marketdata::v1::ListInstrumentsResponse* response) override;
  Unary* GetInstrument(Context* context, const marketdata::v1::GetInstrumentRequest* request,
                       marketdata::v1::GetInstrumentResponse* response) override;
  Unary* GetOrderBook(Context* context, const marketdata::v1::GetOrderBookRequest* request,
                      marketdata::v1::GetOrderBookResponse* response) override;
  Unary* GetBestBidOffer(Context* context, const marketdata::v1::GetBestBidOfferRequest* request,
                         marketdata::v1::GetBestBidOfferResponse* response) override;
  Unary* GetOrderPrice(Context* context, const marketdata::v1::GetOrderPriceRequest* request,
                       marketdata::v1::GetOrderPriceResponse* response) override;
  Unary* ListTrades(Context* context, const marketdata::v1::ListTradesRequest* request,
                    marketdata::v1::ListTradesResponse* response) override;
  Unary* ListCandles(Context* context, const marketdata::v1::ListCandlesRequest* request,
                     marketdata::v1::ListCandlesResponse* response) override;
  Unary* GetTicker(Context* context, const marketdata::v1::GetTickerRequest* request,
                   marketdata::v1::GetTickerResponse* response) override;
  Unary* ListTickers(Context* context, const marketdata::v1::ListTickersRequest* request,
                     marketdata::v1::ListTickersResponse* response) override;
  Unary* ListFundingRates(Context* context, const marketdata::v1::ListFundingRatesRequest* request,
                          marketdata::v1::ListFundingRatesResponse* response) override;
  Unary* ListFundingRateHistory(Context* context,
                                const marketdata::v1::ListFundingRateHistoryRequest* request,
                                marketdata::v1::ListFundingRateHistoryResponse* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamMarketData(
      Context* context, const grpc::ByteBuffer* request) override;

  // Runs `begin(call)`, which starts the call or says why not.
  template <typename Begin>
  static Unary* Serve(Begin begin);

  // A reply that answers the call with `fill(value)`, unless the call is over. `fill` may use the
  // call's request and response; it returns a status.
  template <typename T, typename Fill>
  static exchange::Reply<T> Answering(CallPtr call, Fill fill);

  // As Answering, for what knows its source: `fill(value)` must leave value.source as it is.
  template <typename T, typename Fill>
  exchange::Reply<T> AnsweringRead(const exchange::MarketDataClient& client, CallPtr call,
                                   Fill fill);

  const process::ExchangeClients& clients_;
  const Clock& clock_;
  ReadMetrics read_metrics_;
  MarketDataStreams streams_;
};

}  // namespace switchyard::market_data
