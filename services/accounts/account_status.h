#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "common/exchange/market_data_client.h"
#include "services/accounts/account_directory.h"
#include "services/process/gather.h"

namespace switchyard::accounts {

// How the private connections of all accounts of an exchange are, as one: ready when all are. An
// exchange without accounts needs no connection and is ready.
template <typename Client>
void ReadStatus(const AccountDirectory<Client>& accounts, std::string_view exchange,
                exchange::Reply<exchange::ClientStatus> reply) {
  std::vector<Client*> clients;
  accounts.ForEach([&](const ServedAccount<Client>& account) {
    if (account.exchange == exchange) clients.push_back(account.client);
  });
  exchange::ClientStatus merged;
  merged.ready = true;
  if (clients.empty()) return reply(std::move(merged));
  using Gathered = process::Gather<exchange::ClientStatus>;
  const auto gather = std::make_shared<Gathered>(
      clients.size(), [merged, reply = std::move(reply)](Gathered::Answers answers) mutable {
        for (const auto& answer : answers) {
          if (!answer || !answer->ok()) {
            merged.ready = false;
            continue;
          }
          const exchange::ClientStatus& each = **answer;
          merged.ready = merged.ready && each.ready;
          merged.connections.insert(merged.connections.end(), each.connections.begin(),
                                    each.connections.end());
          merged.limits.insert(merged.limits.end(), each.limits.begin(), each.limits.end());
          merged.clock_offset = each.clock_offset;
        }
        reply(std::move(merged));
      });
  for (std::size_t i = 0; i < clients.size(); ++i) {
    clients[i]->GetStatus([gather, i](absl::StatusOr<exchange::ClientStatus> status) {
      gather->Set(i, std::move(status));
    });
  }
}

}  // namespace switchyard::accounts
