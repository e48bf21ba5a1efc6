#include "services/order/order_service.h"

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "common/status/status.h"
#include "services/accounts/stream_options.h"
#include "services/order/order_requests.h"
#include "services/order/reads/answer.h"
#include "services/order/request_checks.h"
#include "services/order/risk/kill_switch.h"
#include "services/order/risk/ticket.h"
#include "services/process/gather.h"
#include "services/process/offered.h"

namespace switchyard::order {
namespace {

constexpr char kStreamMethod[] = "/switchyard.order.v1.OrderService/StreamOrderEvents";
constexpr std::chrono::milliseconds kDefaultWait{30'000};
// A burst of a whole book of orders, and what a page of the journal adds to it.
constexpr std::size_t kMaxQueuedEvents = 4'096;
constexpr std::size_t kMaxQueuedBytes = 4 << 20;

v1::PlaceOrderResult ResultOf(const CommandOutcome& outcome, TimeNs now) {
  v1::PlaceOrderResult result;
  *result.mutable_status() = ToProto(outcome.status);
  if (outcome.order.has_value()) *result.mutable_order() = Told(*outcome.order, now);
  result.set_replayed(outcome.replayed);
  return result;
}

std::vector<std::string> SymbolsOf(const AccountDesk& desk,
                                   const std::vector<v1::OrderTicket>& tickets) {
  std::vector<std::string> symbols;
  for (const v1::OrderTicket& ticket : tickets) {
    const bool listed = std::find(symbols.begin(), symbols.end(), ticket.symbol()) != symbols.end();
    if (desk.NeedsMarket(ticket.type()) && !listed) symbols.push_back(ticket.symbol());
  }
  return symbols;
}

}  // namespace

OrderService::OrderService(const process::ServiceContext& context,
                           std::vector<std::unique_ptr<AccountDesk>> desks)
    : context_(context), desks_(std::move(desks)) {
  for (const auto& [id, client] : context_.clients.all()) {
    streams_[id] = &context_.metrics.AddGauge("switchyard_order_stream_readers",
                                              "Open streams of order events of an exchange.",
                                              {{"exchange", id}});
  }
  for (const std::unique_ptr<AccountDesk>& desk : desks_) {
    config::v1::AccountConfig config;
    config.set_name(desk->context().account);
    directory_.Add(desk->context().exchange, std::move(config), *desk);
  }
}

OrderService::~OrderService() { Stop(); }

void OrderService::Start() {
  for (const auto& desk : desks_) desk->Start();
}

void OrderService::Drain() {
  // Together they take as long as the slowest.
  std::vector<std::thread> draining;
  for (const auto& desk : desks_) draining.emplace_back([&desk] { desk->BeginDrain(); });
  for (std::thread& each : draining) each.join();
}

void OrderService::Stop() {
  for (const auto& desk : desks_) desk->Stop();
}

void OrderService::GetStatus(std::string_view exchange,
                             exchange::Reply<exchange::ClientStatus> reply) const {
  std::vector<AccountDesk*> desks;
  directory_.ForEach([&](const Directory::Account& account) {
    if (account.exchange == exchange) desks.push_back(account.client);
  });
  const auto gather = std::make_shared<process::Gather<exchange::ClientStatus>>(
      desks.size(), [desks, reply = std::move(reply)](const auto& answers) {
        exchange::ClientStatus all;
        all.ready = true;
        for (std::size_t i = 0; i < desks.size(); ++i) {
          all.ready = all.ready && desks[i]->is_ready();
          if (!answers[i].has_value() || !answers[i]->ok()) continue;
          const exchange::ClientStatus& one = **answers[i];
          all.ready = all.ready && one.ready;
          all.connections.insert(all.connections.end(), one.connections.begin(),
                                 one.connections.end());
          all.limits.insert(all.limits.end(), one.limits.begin(), one.limits.end());
          all.rest_fallbacks += one.rest_fallbacks;
          all.clock_offset = one.clock_offset;
        }
        reply(std::move(all));
      });
  if (desks.empty()) return gather->Expire();
  for (std::size_t i = 0; i < desks.size(); ++i) {
    desks[i]->client().GetStatus([gather, i](auto status) { gather->Set(i, std::move(status)); });
  }
}

std::uint32_t OrderService::OpenStreams(std::string_view exchange) const {
  const auto found = streams_.find(exchange);
  return found == streams_.end() ? 0 : static_cast<std::uint32_t>(found->second->value());
}

template <typename Request>
absl::StatusOr<AccountDesk*> OrderService::Find(const Request& request,
                                                std::string_view rpc) const {
  SWITCHYARD_ASSIGN_OR_RETURN(const exchange::MarketDataClient* client,
                              context_.clients.Find(request.exchange()));
  const auto account = directory_.Find(request.exchange(), request.account());
  // An account that is named must exist; whether one must be named is asked after the table.
  if (!account.ok() && !request.account().empty()) return account.status();
  SWITCHYARD_RETURN_IF_ERROR(process::CheckOffered(client->capabilities(), rpc));
  if (!account.ok()) return account.status();
  return (*account)->client;
}

template <typename Response>
std::function<void(absl::StatusOr<Response>)> OrderService::Answering(CallPtr call,
                                                                      Response* response) {
  return [call = std::move(call), response](absl::StatusOr<Response> answer) {
    if (!call->Claim()) return;
    if (answer.ok()) *response = *std::move(answer);
    call->Answer(answer.status());
  };
}

grpc::ServerUnaryReactor* OrderService::PlaceOrder(Context*, const v1::PlaceOrderRequest* request,
                                                   v1::PlaceOrderResponse* response) {
  return accounts::Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(AccountDesk * desk, Find(*request, "OrderService/PlaceOrder"));
    SWITCHYARD_RETURN_IF_ERROR(CheckRequest(*request));
    std::vector<v1::OrderTicket> tickets(1, request->ticket());
    std::vector<std::string> symbols = SymbolsOf(*desk, tickets);
    // Runs once, so that it gives the tickets away.
    desk->WithMarkets(std::move(symbols), [desk, tickets = std::move(tickets), call, response](
                                              const OrderCommands::Markets& markets) mutable {
      desk->commands().Place(std::move(tickets), markets,
                             [desk, call, response](std::vector<CommandOutcome> outcomes) {
                               if (!call->Claim()) return;
                               CommandOutcome& outcome = outcomes.front();
                               if (outcome.status.ok()) {
                                 *response->mutable_order() =
                                     Told(*outcome.order, desk->context().clock.Now());
                                 response->set_replayed(outcome.replayed);
                               }
                               call->Answer(outcome.status);
                             });
    });
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* OrderService::PlaceOrders(Context*, const v1::PlaceOrdersRequest* request,
                                                    v1::PlaceOrdersResponse* response) {
  return accounts::Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(AccountDesk * desk, Find(*request, "OrderService/PlaceOrders"));
    SWITCHYARD_RETURN_IF_ERROR(CheckRequest(*request));
    // Tickets that are wrong in themselves are answered as they are; the others go on.
    std::vector<absl::Status> checked;
    std::vector<v1::OrderTicket> tickets;
    for (const v1::OrderTicket& ticket : request->tickets()) {
      checked.push_back(risk::CheckTicket(ticket));
      if (checked.back().ok()) tickets.push_back(ticket);
    }
    const auto answer = [desk, checked, call, response](std::vector<CommandOutcome> outcomes) {
      if (!call->Claim()) return;
      std::size_t next = 0;
      for (const absl::Status& status : checked) {
        const CommandOutcome refused{.status = status};
        *response->add_results() =
            ResultOf(status.ok() ? outcomes[next++] : refused, desk->context().clock.Now());
      }
      call->Answer(absl::OkStatus());
    };
    if (tickets.empty()) {
      answer({});
      return absl::OkStatus();
    }
    desk->WithMarkets(SymbolsOf(*desk, tickets),
                      [desk, tickets, answer](const OrderCommands::Markets& markets) {
                        desk->commands().Place(tickets, markets, answer);
                      });
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* OrderService::AmendOrder(Context*, const v1::AmendOrderRequest* request,
                                                   v1::AmendOrderResponse* response) {
  return accounts::Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(AccountDesk * desk, Find(*request, "OrderService/AmendOrder"));
    SWITCHYARD_RETURN_IF_ERROR(CheckRequest(*request));
    desk->Post([desk, request = *request, answer = Answering(call, response)] {
      ServeAmend(*desk, request, answer);
    });
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* OrderService::CancelOrder(Context*, const v1::CancelOrderRequest* request,
                                                    v1::CancelOrderResponse* response) {
  return accounts::Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(AccountDesk * desk, Find(*request, "OrderService/CancelOrder"));
    SWITCHYARD_RETURN_IF_ERROR(CheckRequest(*request));
    desk->Post([desk, request = *request, answer = Answering(call, response)] {
      ServeCancel(*desk, request, answer);
    });
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* OrderService::CancelOrders(Context*,
                                                     const v1::CancelOrdersRequest* request,
                                                     v1::CancelOrdersResponse* response) {
  return accounts::Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(AccountDesk * desk, Find(*request, "OrderService/CancelOrders"));
    SWITCHYARD_RETURN_IF_ERROR(CheckRequest(*request));
    desk->Post([desk, request = *request, answer = Answering(call, response)] {
      ServeCancels(*desk, request, answer);
    });
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* OrderService::CancelAllOrders(Context*,
                                                        const v1::CancelAllOrdersRequest* request,
                                                        v1::CancelAllOrdersResponse* response) {
  return accounts::Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(AccountDesk * desk, Find(*request, "OrderService/CancelAllOrders"));
    SWITCHYARD_RETURN_IF_ERROR(CheckRequest(*request));
    desk->Post([desk, request = *request, answer = Answering(call, response)] {
      ServeCancelAll(*desk, request, answer);
    });
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* OrderService::GetOrder(Context*, const v1::GetOrderRequest* request,
                                                 v1::GetOrderResponse* response) {
  return accounts::Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(AccountDesk * desk, Find(*request, "OrderService/GetOrder"));
    SWITCHYARD_RETURN_IF_ERROR(CheckRequest(*request));
    desk->Post([desk, request = *request, answer = Answering(call, response)] {
      desk->reads().GetOrder(request, answer);
    });
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* OrderService::WaitForOrder(Context*,
                                                     const v1::WaitForOrderRequest* request,
                                                     v1::WaitForOrderResponse* response) {
  return accounts::Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(AccountDesk * desk, Find(*request, "OrderService/WaitForOrder"));
    SWITCHYARD_RETURN_IF_ERROR(CheckRequest(*request));
    const std::chrono::milliseconds timeout =
        request->timeout_ms() == 0 ? kDefaultWait
                                   : std::chrono::milliseconds(request->timeout_ms());
    desk->Post([desk, request = *request, timeout, answer = Answering(call, response)] {
      desk->reads().WithOrder(request.order(), [=](absl::StatusOr<std::uint64_t> number) {
        if (!number.ok()) return answer(number.status());
        const Clock& clock = desk->context().clock;
        desk->waits().Wait(*number, request.condition(), clock.Steady() + timeout,
                           [answer, &clock](const v1::Order& order, bool timed_out) {
                             v1::WaitForOrderResponse waited;
                             *waited.mutable_order() = Told(order, clock.Now());
                             waited.set_timed_out(timed_out);
                             answer(waited);
                           });
      });
    });
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* OrderService::ListOpenOrders(Context*,
                                                       const v1::ListOpenOrdersRequest* request,
                                                       v1::ListOpenOrdersResponse* response) {
  return accounts::Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(AccountDesk * desk, Find(*request, "OrderService/ListOpenOrders"));
    SWITCHYARD_ASSIGN_OR_RETURN(const std::uint64_t before, CheckPage(*request));
    desk->Post([desk, request = *request, before, answer = Answering(call, response)] {
      desk->reads().ListOpenOrders(request, before, answer);
    });
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* OrderService::ListOrders(Context*, const v1::ListOrdersRequest* request,
                                                   v1::ListOrdersResponse* response) {
  return accounts::Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(AccountDesk * desk, Find(*request, "OrderService/ListOrders"));
    SWITCHYARD_ASSIGN_OR_RETURN(PastPosition position, CheckPage(*request));
    desk->Post([desk, request = *request, position, answer = Answering(call, response)] {
      desk->reads().ListOrders(request, position, answer);
    });
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* OrderService::ListFills(Context*, const v1::ListFillsRequest* request,
                                                  v1::ListFillsResponse* response) {
  return accounts::Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(AccountDesk * desk, Find(*request, "OrderService/ListFills"));
    SWITCHYARD_ASSIGN_OR_RETURN(PastPosition position, CheckPage(*request));
    desk->Post([desk, request = *request, position, answer = Answering(call, response)] {
      desk->reads().ListFills(request, position, answer);
    });
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* OrderService::GetRiskLimits(Context*,
                                                      const v1::GetRiskLimitsRequest* request,
                                                      v1::GetRiskLimitsResponse* response) {
  return accounts::Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(AccountDesk * desk, Find(*request, "OrderService/GetRiskLimits"));
    desk->Post([desk, symbol = request->symbol(), answer = Answering(call, response)] {
      std::vector<std::string> symbols = {symbol};
      if (symbol.empty()) symbols = desk->context().limits.exposure().Symbols();
      desk->WithMarkets(symbols, [desk, symbol, answer](const OrderCommands::Markets& markets) {
        answer(RiskLimits(*desk, symbol, markets));
      });
    });
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* OrderService::SetKillSwitch(Context* context,
                                                      const v1::SetKillSwitchRequest* request,
                                                      v1::SetKillSwitchResponse* response) {
  return accounts::Serve([&](const CallPtr& call) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(AccountDesk * desk, Find(*request, "OrderService/SetKillSwitch"));
    desk->Post(
        [desk, request = *request, peer = context->peer(), answer = Answering(call, response)] {
          ServeKillSwitch(*desk, request, peer, answer);
        });
    return absl::OkStatus();
  });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* OrderService::StreamOrderEvents(
    Context*, const grpc::ByteBuffer* encoded) {
  const auto request = accounts::ParseStreamRequest<v1::StreamOrderEventsRequest>(*encoded);
  absl::StatusOr<AccountDesk*> found = request.ok()
                                           ? Find(*request, "OrderService/StreamOrderEvents")
                                           : absl::StatusOr<AccountDesk*>(request.status());
  if (found.ok()) {
    if (const absl::Status checked = CheckRequest(*request); !checked.ok()) found = checked;
  }
  if (!found.ok()) {
    const auto refused = context_.streams.Open({}, kStreamMethod, [](const auto&) {});
    refused->Finish(found.status());
    return refused->StartReactor();
  }
  AccountDesk* const desk = *found;
  OrderLog& log = desk->log();
  const std::uint64_t id = log.NextId();
  stream::StreamOptions options;
  options.slow_reader = stream::SlowReader::kDisconnect;
  options.max_queued_events = kMaxQueuedEvents;
  options.max_queued_bytes = kMaxQueuedBytes;
  options.on_drained = [&log, id] { log.OnDrained(id); };
  if (const std::uint32_t wanted = request->heartbeat_interval_ms(); wanted != 0) {
    options.heartbeat_interval = std::chrono::milliseconds(std::clamp(wanted, 100u, 15'000u));
  }
  metrics::Gauge& readers = *streams_.find(request->exchange())->second;
  readers.Add(1);
  const std::string session = request->session_id();
  const auto stream = context_.streams.Open(
      options, kStreamMethod, [desk, id, session, &log, &readers](const auto&) {
        readers.Add(-1);
        log.Unfollow(id);
        desk->Post([desk, session] { desk->context().sessions.StreamClosed(session); });
      });
  desk->Post([desk, session] { desk->context().sessions.StreamOpened(session); });
  auto* const reactor = stream->StartReactor();
  stream->Acknowledge(accounts::Acknowledgement<v1::StreamOrderEventsResponse>(options));
  log.Follow(id, stream,
             request->has_resume_from() ? std::optional(request->resume_from()) : std::nullopt);
  return reactor;
}

}  // namespace switchyard::order
