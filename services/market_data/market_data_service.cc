#include "services/market_data/market_data_service.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "common/exchange/market_data_proto.h"
#include "common/status/status.h"
#include "services/market_data/converters.h"
#include "services/market_data/instrument_lookup.h"
#include "services/market_data/order_price.h"
#include "services/market_data/page_token.h"
#include "services/market_data/paging.h"
#include "services/market_data/validation.h"
#include "services/process/offered.h"

namespace switchyard::market_data {
namespace {

namespace v1 = marketdata::v1;
using exchange::MarketDataClient;
using model::Instrument;
using model::InstrumentTable;
using process::CheckOffered;
using process::UnaryCall;

bool Matches(const Instrument& instrument, const v1::ListInstrumentsRequest& request) {
  return (request.kind() == common::v1::INSTRUMENT_KIND_UNSPECIFIED ||
          request.kind() == ToProto(instrument.kind)) &&
         (request.base().empty() || request.base() == instrument.base) &&
         (request.quote().empty() || request.quote() == instrument.quote);
}

absl::Status NoFunding(std::string_view field, const Instrument& instrument) {
  return InvalidField(field, fmt::format("{} is no perpetual", instrument.symbol));
}

// What a list by symbols asks for.
struct SymbolList {
  MarketDataClient* client;
  std::vector<std::string> symbols;  // empty = all
  std::uint32_t page_size;
  std::string position;  // after which the page begins
};

// Errors: InvalidArgument, the field's; Unimplemented, `rpc` is not in the capability table.
template <typename Request>
absl::StatusOr<SymbolList> ParseSymbolList(const process::ExchangeClients& clients,
                                           const Request& request, std::string_view rpc) {
  SymbolList list;
  SWITCHYARD_ASSIGN_OR_RETURN(list.client, clients.Find(request.exchange()));
  SWITCHYARD_RETURN_IF_ERROR(CheckSymbols(request.symbols()));
  SWITCHYARD_ASSIGN_OR_RETURN(list.page_size, ParsePageSize(request.page_size(), kMaxListed));
  SWITCHYARD_ASSIGN_OR_RETURN(list.position, PagePosition(request));
  SWITCHYARD_RETURN_IF_ERROR(CheckOffered(list.client->capabilities(), rpc));
  list.symbols = {request.symbols().begin(), request.symbols().end()};
  return list;
}

}  // namespace

MarketDataService::MarketDataService(const process::ServiceContext& context)
    : clients_(context.clients),
      clock_(context.clock),
      read_metrics_(context.metrics),
      streams_(context) {
  for (const auto& [id, client] : clients_.all()) read_metrics_.AddExchange(id);
}

template <typename Begin>
grpc::ServerUnaryReactor* MarketDataService::Serve(Begin begin) {
  const CallPtr call = UnaryCall::Create();
  if (const absl::Status status = begin(call); !status.ok()) call->End(status);
  return call.get();  // gRPC holds it until the call is over
}

template <typename T, typename Fill>
exchange::Reply<T> MarketDataService::Answering(CallPtr call, Fill fill) {
  return [call = std::move(call), fill = std::move(fill)](absl::StatusOr<T> reply) {
    if (!call->Claim()) return;
    call->Answer(reply.ok() ? fill(*reply) : reply.status());
  };
}

template <typename T, typename Fill>
exchange::Reply<T> MarketDataService::AnsweringRead(const MarketDataClient& client, CallPtr call,
                                                    Fill fill) {
  const auto began = clock_.Steady();
  const std::string_view exchange = client.capabilities().exchange;
  return Answering<T>(std::move(call), [this, began, exchange, fill = std::move(fill)](T& value) {
    if constexpr (requires { value.source; }) {
      read_metrics_.Observe(exchange, value.source, clock_.Steady() - began);
    } else {
      read_metrics_.Observe(exchange, model::Source::kRest, clock_.Steady() - began);
    }
    return fill(value);
  });
}

grpc::ServerUnaryReactor* MarketDataService::ListInstruments(
    Context*, const v1::ListInstrumentsRequest* request, v1::ListInstrumentsResponse* response) {
  return Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(MarketDataClient * client, clients_.Find(request->exchange()));
    SWITCHYARD_RETURN_IF_ERROR(CheckKind(request->kind()));
    SWITCHYARD_ASSIGN_OR_RETURN(const std::uint32_t page_size,
                                ParsePageSize(request->page_size(), kMaxListed));
    SWITCHYARD_ASSIGN_OR_RETURN(const std::string position, PagePosition(*request));
    SWITCHYARD_RETURN_IF_ERROR(
        CheckOffered(client->capabilities(), "MarketDataService/ListInstruments"));
    WithInstruments(*client, {}, call, [=, this](const InstrumentTable& table) {
      if (!call->Claim()) return;
      std::vector<const Instrument*> ordered = OrderedBySymbol(table.all());
      std::erase_if(ordered, [&](const Instrument* each) { return !Matches(*each, *request); });
      const std::string next =
          VisitPage(ordered, position, page_size, [&](const Instrument& instrument) {
            FillInstrument(instrument, *response->add_instruments());
          });
      response->set_next_page_token(MakePageToken(*request, next));
      FillFreshness(model::Source::kCache, clock_.Now() - table.loaded_at(),
                    *response->mutable_freshness());
      call->Answer(absl::OkStatus());
    });
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* MarketDataService::GetInstrument(Context*,
                                                           const v1::GetInstrumentRequest* request,
                                                           v1::GetInstrumentResponse* response) {
  return Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(MarketDataClient * client, clients_.Find(request->exchange()));
    SWITCHYARD_RETURN_IF_ERROR(CheckSymbol(request->symbol()));
    SWITCHYARD_RETURN_IF_ERROR(
        CheckOffered(client->capabilities(), "MarketDataService/GetInstrument"));
    const std::string symbol = request->symbol();
    WithInstruments(*client, {symbol}, call, [=, this](const InstrumentTable& table) {
      if (!call->Claim()) return;
      FillInstrument(*table.Find(symbol), *response->mutable_instrument());
      FillFreshness(model::Source::kCache, clock_.Now() - table.loaded_at(),
                    *response->mutable_freshness());
      call->Answer(absl::OkStatus());
    });
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* MarketDataService::GetOrderBook(Context*,
                                                          const v1::GetOrderBookRequest* request,
                                                          v1::GetOrderBookResponse* response) {
  return Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(MarketDataClient * client, clients_.Find(request->exchange()));
    SWITCHYARD_ASSIGN_OR_RETURN(exchange::BookQuery query,
                                ParseQuery(*request, client->capabilities()));
    SWITCHYARD_RETURN_IF_ERROR(
        CheckOffered(client->capabilities(), "MarketDataService/GetOrderBook"));
    WithInstrument(*client, request->symbol(), call, [=, this](const Instrument&) {
      const std::uint32_t depth = query.depth;
      client->GetOrderBook(
          query, AnsweringRead<model::BookView>(*client, call, [=](const model::BookView& book) {
            response->set_exchange(request->exchange());
            response->set_symbol(request->symbol());
            response->set_depth(depth);
            FillBook(book, *response);
            return absl::OkStatus();
          }));
    });
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* MarketDataService::GetBestBidOffer(
    Context*, const v1::GetBestBidOfferRequest* request, v1::GetBestBidOfferResponse* response) {
  return Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(MarketDataClient * client, clients_.Find(request->exchange()));
    SWITCHYARD_ASSIGN_OR_RETURN(exchange::QuoteQuery query, ParseQuery(*request));
    SWITCHYARD_RETURN_IF_ERROR(
        CheckOffered(client->capabilities(), "MarketDataService/GetBestBidOffer"));
    WithInstrument(*client, request->symbol(), call, [=, this](const Instrument&) {
      client->GetQuote(query,
                       AnsweringRead<model::Quote>(*client, call, [=](const model::Quote& quote) {
                         response->set_exchange(request->exchange());
                         response->set_symbol(request->symbol());
                         FillQuote(quote, *response);
                         return absl::OkStatus();
                       }));
    });
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* MarketDataService::GetOrderPrice(Context*,
                                                           const v1::GetOrderPriceRequest* request,
                                                           v1::GetOrderPriceResponse* response) {
  return Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(MarketDataClient * client, clients_.Find(request->exchange()));
    SWITCHYARD_ASSIGN_OR_RETURN(exchange::BookQuery query,
                                ParseQuery(*request, client->capabilities()));
    SWITCHYARD_ASSIGN_OR_RETURN(const model::Side side, ParseSide(request->side()));
    SWITCHYARD_ASSIGN_OR_RETURN(const Decimal quantity, ParseQuantity(request->quantity()));
    SWITCHYARD_RETURN_IF_ERROR(
        CheckOffered(client->capabilities(), "MarketDataService/GetOrderPrice"));
    WithInstrument(*client, request->symbol(), call, [=, this](const Instrument& instrument) {
      client->GetOrderBook(
          query, AnsweringRead<model::BookView>(
                     *client, call, [=](const model::BookView& book) -> absl::Status {
                       SWITCHYARD_ASSIGN_OR_RETURN(const OrderPrice price,
                                                   PriceOrder(book, instrument, side, quantity));
                       FillOrderPrice(price, *response);
                       FillFreshness(book.source, book.age, *response->mutable_freshness());
                       return absl::OkStatus();
                     }));
    });
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* MarketDataService::ListTrades(Context*,
                                                        const v1::ListTradesRequest* request,
                                                        v1::ListTradesResponse* response) {
  return Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(MarketDataClient * client, clients_.Find(request->exchange()));
    SWITCHYARD_ASSIGN_OR_RETURN(exchange::TradesQuery query, ParseQuery(*request));
    SWITCHYARD_RETURN_IF_ERROR(
        CheckOffered(client->capabilities(), "MarketDataService/ListTrades"));
    WithInstrument(*client, request->symbol(), call, [=, this](const Instrument&) {
      client->ListTrades(
          query,
          AnsweringRead<model::TradesPage>(*client, call, [=](const model::TradesPage& page) {
            response->set_next_page_token(MakePageToken(*request, page.next_page_token));
            FillFreshness(model::Source::kRest, {}, *response->mutable_freshness());
            return FillTrades(page, *response);
          }));
    });
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* MarketDataService::ListCandles(Context*,
                                                         const v1::ListCandlesRequest* request,
                                                         v1::ListCandlesResponse* response) {
  return Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(MarketDataClient * client, clients_.Find(request->exchange()));
    // Before the interval: an exchange without candles offers no interval either.
    SWITCHYARD_RETURN_IF_ERROR(
        CheckOffered(client->capabilities(), "MarketDataService/ListCandles"));
    SWITCHYARD_ASSIGN_OR_RETURN(exchange::CandlesQuery query,
                                ParseQuery(*request, client->capabilities()));
    WithInstrument(*client, request->symbol(), call, [=, this](const Instrument&) {
      client->ListCandles(
          query,
          AnsweringRead<model::CandlesPage>(*client, call, [=](const model::CandlesPage& page) {
            for (const model::Candle& candle : page.candles) {
              exchange::FillCandle(candle, *response->add_candles());
            }
            response->set_next_page_token(MakePageToken(*request, page.next_page_token));
            FillFreshness(model::Source::kRest, {}, *response->mutable_freshness());
            return absl::OkStatus();
          }));
    });
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* MarketDataService::GetTicker(Context*,
                                                       const v1::GetTickerRequest* request,
                                                       v1::GetTickerResponse* response) {
  return Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(MarketDataClient * client, clients_.Find(request->exchange()));
    SWITCHYARD_RETURN_IF_ERROR(CheckSymbol(request->symbol()));
    SWITCHYARD_RETURN_IF_ERROR(CheckOffered(client->capabilities(), "MarketDataService/GetTicker"));
    const std::string symbol = request->symbol();
    WithInstrument(*client, symbol, call, [=, this](const Instrument&) {
      client->ListTickers(
          {symbol},
          AnsweringRead<model::TickersReply>(
              *client, call, [=](const model::TickersReply& reply) -> absl::Status {
                FillFreshness(reply.source, reply.age, *response->mutable_freshness());
                for (const model::Ticker& ticker : reply.tickers) {
                  if (ticker.symbol != symbol) continue;
                  exchange::FillTicker(request->exchange(), ticker, *response->mutable_ticker());
                  return absl::OkStatus();
                }
                return MakeError(
                    absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_EXCHANGE_FAULT,
                    fmt::format("{} answered no ticker of {}", request->exchange(), symbol),
                    {{"exchange", request->exchange()}});
              }));
    });
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* MarketDataService::ListTickers(Context*,
                                                         const v1::ListTickersRequest* request,
                                                         v1::ListTickersResponse* response) {
  return Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(
        const SymbolList list,
        ParseSymbolList(clients_, *request, "MarketDataService/ListTickers"));
    WithInstruments(*list.client, list.symbols, call, [=, this](const InstrumentTable&) {
      list.client->ListTickers(
          list.symbols,
          AnsweringRead<model::TickersReply>(
              *list.client, call, [=](const model::TickersReply& reply) {
                const std::string next = VisitPage(
                    OrderedBySymbol(reply.tickers), list.position, list.page_size,
                    [&](const model::Ticker& ticker) {
                      exchange::FillTicker(request->exchange(), ticker, *response->add_tickers());
                    });
                response->set_next_page_token(MakePageToken(*request, next));
                FillFreshness(reply.source, reply.age, *response->mutable_freshness());
                return absl::OkStatus();
              }));
    });
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* MarketDataService::ListFundingRates(
    Context*, const v1::ListFundingRatesRequest* request, v1::ListFundingRatesResponse* response) {
  return Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(
        const SymbolList list,
        ParseSymbolList(clients_, *request, "MarketDataService/ListFundingRates"));
    WithInstruments(*list.client, list.symbols, call, [=, this](const InstrumentTable& table) {
      for (const std::string& symbol : list.symbols) {
        const Instrument& instrument = *table.Find(symbol);
        if (instrument.kind == model::InstrumentKind::kPerpetual) continue;
        return call->End(NoFunding("symbols", instrument));
      }
      list.client->ListFundingRates(
          list.symbols,
          AnsweringRead<model::FundingRatesReply>(
              *list.client, call, [=](const model::FundingRatesReply& reply) {
                const std::string next =
                    VisitPage(OrderedBySymbol(reply.rates), list.position, list.page_size,
                              [&](const model::FundingRate& rate) {
                                exchange::FillFundingRate(request->exchange(), rate,
                                                          *response->add_funding_rates());
                              });
                response->set_next_page_token(MakePageToken(*request, next));
                FillFreshness(reply.source, reply.age, *response->mutable_freshness());
                return absl::OkStatus();
              }));
    });
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* MarketDataService::ListFundingRateHistory(
    Context*, const v1::ListFundingRateHistoryRequest* request,
    v1::ListFundingRateHistoryResponse* response) {
  return Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(MarketDataClient * client, clients_.Find(request->exchange()));
    SWITCHYARD_ASSIGN_OR_RETURN(exchange::FundingHistoryQuery query, ParseQuery(*request));
    SWITCHYARD_RETURN_IF_ERROR(
        CheckOffered(client->capabilities(), "MarketDataService/ListFundingRateHistory"));
    WithInstrument(*client, request->symbol(), call, [=, this](const Instrument& instrument) {
      if (instrument.kind != model::InstrumentKind::kPerpetual) {
        return call->End(NoFunding("symbol", instrument));
      }
      client->ListFundingRateHistory(
          query,
          AnsweringRead<model::FundingRatesReply>(
              *client, call, [=](const model::FundingRatesReply& reply) {
                for (const model::FundingRate& rate : reply.rates) {
                  exchange::FillFundingRate(request->exchange(), rate,
                                            *response->add_funding_rates());
                }
                response->set_next_page_token(MakePageToken(*request, reply.next_page_token));
                FillFreshness(reply.source, reply.age, *response->mutable_freshness());
                return absl::OkStatus();
              }));
    });
    return absl::OkStatus();
  });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* MarketDataService::StreamMarketData(
    Context*, const grpc::ByteBuffer* request) {
  return streams_.Open(*request);
}

}  // namespace switchyard::market_data
