#include "services/order/component.h"

#include <memory>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "services/order/desk_config.h"
#include "services/order/journal/identity.h"
#include "services/order/order_service.h"
#include "services/process/account_clients.h"

namespace switchyard::order {
namespace {

absl::StatusOr<process::ServedComponent> Make(const process::ServiceContext& context) {
  SWITCHYARD_ASSIGN_OR_RETURN(const DeskOptions options, ParseDeskOptions(context.orders));
  SWITCHYARD_ASSIGN_OR_RETURN(
      auto clients, process::MakeAccountClients(context, &exchanges::PrivateFactories::order,
                                                options.command_timeout));
  std::vector<std::unique_ptr<AccountDesk>> desks;
  for (auto& [exchange, account, client] : clients) {
    SWITCHYARD_ASSIGN_OR_RETURN(DeskSpec spec,
                                ParseDeskSpec(exchange, account, context.orders, options));
    spec.journal.first_number = journal::FirstNumberAt(context.clock.Now());
    SWITCHYARD_ASSIGN_OR_RETURN(exchange::MarketDataClient * market_data,
                                context.clients.Find(exchange));
    SWITCHYARD_ASSIGN_OR_RETURN(std::unique_ptr<AccountDesk> desk,
                                AccountDesk::Create(std::move(spec), std::move(client),
                                                    *market_data, context.metrics, context.clock));
    desks.push_back(std::move(desk));
  }
  const bool has_accounts = !desks.empty();
  auto service = std::make_unique<OrderService>(context, std::move(desks));
  OrderService& served = *service;
  process::ServedComponent component{.service = std::move(service)};
  component.client_streams = [&served](std::string_view exchange) {
    return served.OpenStreams(exchange);
  };
  component.start = [&served] { served.Start(); };
  component.drain = [&served] { served.Drain(); };
  component.stop = [&served] { served.Stop(); };
  if (has_accounts) {
    component.status = [&served](std::string_view exchange,
                                 exchange::Reply<exchange::ClientStatus> reply) {
      served.GetStatus(exchange, std::move(reply));
    };
  }
  return component;
}

}  // namespace

process::Component OrderComponent() {
  return {.name = "order",
          .role = exchanges::Component::kOrder,
          .needs_connection = false,
          .make = Make};
}

}  // namespace switchyard::order
