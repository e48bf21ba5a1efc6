#include "services/process/exchange_clients.h"

#include <fmt/format.h>

#include "common/status/status.h"

namespace switchyard::process {

void ExchangeClients::Add(std::string id, exchange::MarketDataClient& client) {
  clients_.insert_or_assign(std::move(id), &client);
}

absl::StatusOr<exchange::MarketDataClient*> ExchangeClients::Find(std::string_view exchange) const {
  if (exchange.empty()) return InvalidField("exchange", "is required");
  const auto found = clients_.find(exchange);
  if (found != clients_.end()) return found->second;
  std::string served;
  for (const auto& [id, client] : clients_) served += (served.empty() ? "" : ", ") + id;
  return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_UNKNOWN_EXCHANGE,
                   fmt::format("no exchange '{}' here; served: {}", exchange, served),
                   {{"exchange", std::string(exchange)}});
}

}  // namespace switchyard::process
