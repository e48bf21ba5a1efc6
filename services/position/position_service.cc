#include "services/position/position_service.h"

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "services/accounts/requests.h"
#include "services/market_data/instrument_lookup.h"
#include "services/market_data/page_token.h"
#include "services/market_data/validation.h"
#include "services/position/close_position.h"
#include "services/position/position_lookup.h"

namespace switchyard::position {
namespace {

using accounts::CallPtr;
using exchange::CommandFate;
using exchange::PositionsReply;
using market_data::CheckSymbol;
using market_data::CheckSymbols;
using market_data::MakePageToken;
using market_data::PagePosition;
using market_data::ParsePageSize;

constexpr char kStreamMethod[] = "/switchyard.position.v1.PositionService/StreamPositions";
constexpr std::uint32_t kDefaultPage = 100;
constexpr std::uint32_t kDefaultMarkInterval = 1'000;

absl::Status CheckSide(common::v1::PositionSide side) {
  return common::v1::PositionSide_IsValid(side) ? absl::OkStatus()
                                                : InvalidField("position_side", "is no such side");
}

// ListFundingPayments and ListLiquidations ask alike.
template <typename Request>
absl::StatusOr<exchange::HistoryQuery> ParseHistory(const Request& request) {
  exchange::HistoryQuery query;
  query.symbol = request.symbol();
  query.start = request.start_time_ns();
  query.end = request.end_time_ns();
  SWITCHYARD_RETURN_IF_ERROR(
      market_data::CheckTimes(request.start_time_ns(), request.end_time_ns()));
  SWITCHYARD_RETURN_IF_ERROR(accounts::ParseMaxAge(request.max_age_ns()).status());
  SWITCHYARD_ASSIGN_OR_RETURN(query.page_size, ParsePageSize(request.page_size(), kDefaultPage));
  SWITCHYARD_ASSIGN_OR_RETURN(query.page_token, PagePosition(request));
  return query;
}

std::vector<std::string> SymbolsOf(const std::string& symbol) {
  return symbol.empty() ? std::vector<std::string>() : std::vector<std::string>{symbol};
}

}  // namespace

PositionService::PositionService(const process::ServiceContext& context, Accounts accounts)
    : context_(context), desks_(context.clients, context.streams, std::move(accounts)) {
  desks_
      .Open([this](const PositionAccount& account) -> absl::StatusOr<std::unique_ptr<Desk>> {
        return std::make_unique<Desk>(account, context_.clock);
      })
      .IgnoreError();  // every account can have one
  context_.ticker.AddTask([this](std::chrono::nanoseconds now) {
    desks_.ForEach([now](Desk& desk) { desk.feed.Tick(now); });
  });
}

void PositionService::Drain(std::chrono::nanoseconds timeout) {
  desks_.ForEach([timeout](Desk& desk) {
    desk.closes.Drain(timeout);
    desk.margins.Drain(timeout);
  });
}

grpc::ServerUnaryReactor* PositionService::ListPositions(Context*,
                                                         const v1::ListPositionsRequest* request,
                                                         v1::ListPositionsResponse* response) {
  return desks_.Serve(
      *request, "PositionService/ListPositions",
      [&](const Target& target, const CallPtr& call) -> absl::Status {
        SWITCHYARD_RETURN_IF_ERROR(CheckSymbols(request->symbols()));
        SWITCHYARD_ASSIGN_OR_RETURN(const auto max_age,
                                    accounts::ParseMaxAge(request->max_age_ns()));
        SWITCHYARD_ASSIGN_OR_RETURN(const std::uint32_t page_size,
                                    ParsePageSize(request->page_size(), kDefaultPage));
        SWITCHYARD_ASSIGN_OR_RETURN(const std::string place, PagePosition(*request));
        std::vector<std::string> symbols(request->symbols().begin(), request->symbols().end());
        market_data::WithInstruments(
            *target.market_data, symbols, call, [=](const model::InstrumentTable&) {
              target.account->client->ListPositions(
                  symbols, max_age,
                  accounts::Answering<PositionsReply>(call, [=](PositionsReply& reply) {
                    SortPositions(reply.positions);
                    for (v1::Position& position : reply.positions) {
                      if (!place.empty() && PlaceOf(position) <= place) continue;
                      if (response->positions_size() == static_cast<int>(page_size)) {
                        response->set_next_page_token(
                            MakePageToken(*request, PlaceOf(*response->positions().rbegin())));
                        break;
                      }
                      *response->add_positions() = std::move(position);
                    }
                    accounts::FillFreshness(reply.source, reply.age,
                                            *response->mutable_freshness());
                    return absl::OkStatus();
                  }));
            });
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PositionService::GetPosition(Context*,
                                                       const v1::GetPositionRequest* request,
                                                       v1::GetPositionResponse* response) {
  return desks_.Serve(
      *request, "PositionService/GetPosition",
      [&](const Target& target, const CallPtr& call) -> absl::Status {
        SWITCHYARD_RETURN_IF_ERROR(CheckSymbol(request->symbol()));
        SWITCHYARD_RETURN_IF_ERROR(CheckSide(request->position_side()));
        SWITCHYARD_ASSIGN_OR_RETURN(const auto max_age,
                                    accounts::ParseMaxAge(request->max_age_ns()));
        const std::string symbol = request->symbol();
        const common::v1::PositionSide side = request->position_side();
        market_data::WithInstrument(
            *target.market_data, symbol, call, [=](const model::Instrument& instrument) {
              target.account->client->ListPositions(
                  {symbol}, max_age,
                  accounts::Answering<PositionsReply>(
                      call, [=, account = target.account](PositionsReply& reply) -> absl::Status {
                        SWITCHYARD_ASSIGN_OR_RETURN(const v1::Position* const found,
                                                    FindPosition(reply.positions, symbol, side));
                        *response->mutable_position() =
                            found != nullptr
                                ? *found
                                : FlatPosition(instrument, account->name(), side, reply);
                        accounts::FillFreshness(reply.source, reply.age,
                                                *response->mutable_freshness());
                        return absl::OkStatus();
                      }));
            });
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PositionService::ClosePosition(Context*,
                                                         const v1::ClosePositionRequest* request,
                                                         v1::ClosePositionResponse* response) {
  return desks_.Serve(
      *request, "PositionService/ClosePosition",
      [&](const Target& target, const CallPtr& call) -> absl::Status {
        SWITCHYARD_RETURN_IF_ERROR(CheckSymbol(request->symbol()));
        SWITCHYARD_RETURN_IF_ERROR(CheckSide(request->position_side()));
        SWITCHYARD_RETURN_IF_ERROR(accounts::CheckRequestId("request_id", request->request_id()));
        position::ClosePosition::Terms terms;
        terms.request = *request;
        if (!request->quantity().empty()) {
          SWITCHYARD_ASSIGN_OR_RETURN(terms.quantity,
                                      accounts::ParsePositive("quantity", request->quantity()));
        }
        if (!request->worst_price().empty()) {
          SWITCHYARD_ASSIGN_OR_RETURN(
              terms.worst_price, accounts::ParsePositive("worst_price", request->worst_price()));
        }
        SWITCHYARD_ASSIGN_OR_RETURN(terms.collar, Collar::From(target.account->config.risk()));
        market_data::WithInstrument(
            *target.market_data, request->symbol(), call,
            [=, this](const model::Instrument& instrument) {
              const auto begun = target.desk->closes.Begin(
                  terms.request.request_id(),
                  accounts::FingerprintOf(terms.request, target.account->name()),
                  accounts::AnsweringOnce(call, response));
              if (!begun.ok()) return call->End(begun.status());
              if (begun->turn == CloseLedger::Turn::kWait) return;
              position::ClosePosition::Terms known = terms;
              known.instrument = instrument;
              known.unknown_since = begun->unknown_since;
              position::ClosePosition::Run(
                  {*target.account, *target.market_data, target.desk->closes, context_.clock},
                  std::move(known));
            });
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PositionService::AdjustPositionMargin(
    Context*, const v1::AdjustPositionMarginRequest* request,
    v1::AdjustPositionMarginResponse* response) {
  return desks_.Serve(
      *request, "PositionService/AdjustPositionMargin",
      [&](const Target& target, const CallPtr& call) -> absl::Status {
        SWITCHYARD_RETURN_IF_ERROR(CheckSymbol(request->symbol()));
        SWITCHYARD_RETURN_IF_ERROR(CheckSide(request->position_side()));
        SWITCHYARD_RETURN_IF_ERROR(accounts::CheckRequestId("request_id", request->request_id()));
        const auto amount = Decimal::Parse(request->amount());
        if (!amount.ok()) return InvalidField("amount", std::string(amount.status().message()));
        if (amount->is_zero()) return InvalidField("amount", "must not be 0");
        const exchange::MarginCommand command{request->symbol(), request->position_side(), *amount};
        const std::string id = request->request_id();
        const std::string fingerprint = accounts::FingerprintOf(*request, target.account->name());
        market_data::WithInstrument(
            *target.market_data, request->symbol(), call, [=, this](const model::Instrument&) {
              MarginLedger& ledger = target.desk->margins;
              const auto begun =
                  ledger.Begin(id, fingerprint, accounts::AnsweringOnce(call, response));
              if (!begun.ok()) return call->End(begun.status());
              if (begun->turn == MarginLedger::Turn::kWait) return;
              if (begun->turn == MarginLedger::Turn::kResolve) {
                // Nothing names such a command at the exchange, so nothing can settle it.
                return ledger.Settle(id, CommandFate::kUnknown,
                                     accounts::ErrorOf(CommandFate::kUnknown,
                                                       absl::UnknownError("look at the position"),
                                                       "adjusting margin"),
                                     begun->unknown_since);
              }
              const TimeNs sent_at = context_.clock.Now();
              target.account->client->AdjustMargin(
                  command, [=, &ledger](absl::StatusOr<exchange::MarginResult> result) {
                    const CommandFate fate = result.ok() ? result->fate : CommandFate::kUnknown;
                    if (fate != CommandFate::kConfirmed) {
                      return ledger.Settle(
                          id, fate,
                          accounts::ErrorOf(fate, result.ok() ? result->status : result.status(),
                                            "adjusting margin"),
                          sent_at);
                    }
                    v1::AdjustPositionMarginResponse answer;
                    if (result->margin) {
                      answer.mutable_margin()->set_value(result->margin->ToString());
                      answer.mutable_margin()->set_source(common::v1::SOURCE_REST);
                    }
                    ledger.Settle(id, fate, std::move(answer), sent_at);
                  });
            });
        return absl::OkStatus();
      });
}

// Serves ListFundingPayments or ListLiquidations: `list` asks the client, `add` makes room in the
// response.
template <typename T, typename Request, typename Response>
grpc::ServerUnaryReactor* PositionService::ListHistory(
    std::string_view rpc, const Request* request, Response* response,
    void (exchange::PositionClient::*list)(exchange::HistoryQuery,
                                           exchange::Reply<exchange::Page<T>>),
    T* (Response::*add)()) {
  return desks_.Serve(
      *request, rpc, [&](const Target& target, const CallPtr& call) -> absl::Status {
        SWITCHYARD_ASSIGN_OR_RETURN(const exchange::HistoryQuery query, ParseHistory(*request));
        using Page = exchange::Page<T>;
        market_data::WithInstruments(
            *target.market_data, SymbolsOf(query.symbol), call, [=](const model::InstrumentTable&) {
              (target.account->client->*list)(
                  query, accounts::Answering<Page>(call, [=](Page& page) {
                    for (T& each : page.items) *(response->*add)() = std::move(each);
                    response->set_next_page_token(MakePageToken(*request, page.next_page_token));
                    accounts::FillFreshness(model::Source::kRest, {},
                                            *response->mutable_freshness());
                    return absl::OkStatus();
                  }));
            });
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PositionService::ListFundingPayments(
    Context*, const v1::ListFundingPaymentsRequest* request,
    v1::ListFundingPaymentsResponse* response) {
  return ListHistory("PositionService/ListFundingPayments", request, response,
                     &exchange::PositionClient::ListFundingPayments,
                     &v1::ListFundingPaymentsResponse::add_payments);
}

grpc::ServerUnaryReactor* PositionService::ListLiquidations(
    Context*, const v1::ListLiquidationsRequest* request, v1::ListLiquidationsResponse* response) {
  return ListHistory("PositionService/ListLiquidations", request, response,
                     &exchange::PositionClient::ListLiquidations,
                     &v1::ListLiquidationsResponse::add_liquidations);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* PositionService::StreamPositions(
    Context*, const grpc::ByteBuffer* encoded) {
  return desks_.Stream<v1::StreamPositionsRequest, v1::StreamPositionsResponse>(
      *encoded, kStreamMethod, [](PositionFeed& feed, const auto& stream, const auto& request) {
        const std::uint32_t interval =
            request.mark_interval_ms() == 0 ? kDefaultMarkInterval : request.mark_interval_ms();
        feed.Attach(stream, std::chrono::milliseconds(std::clamp(interval, 100u, 60'000u)));
      });
}

}  // namespace switchyard::position
