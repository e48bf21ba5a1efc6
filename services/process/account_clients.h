#pragma once

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/status/status.h"
#include "exchanges/registry.h"
#include "services/process/service_context.h"

namespace switchyard::process {

// The private client of one configured account; not started.
template <typename Client>
struct AccountClient {
  std::string exchange;
  config::v1::AccountConfig config;
  std::unique_ptr<Client> client;
};

// Errors: InvalidArgument, naming the field: a name or service that is missing, malformed or given
// twice, a missing key or secret, and accounts of an exchange of which this program has no private
// half.
absl::Status CheckAccounts(const config::v1::ExchangeConfig& exchange);

// The account as `service` (`order`, `position`, `account`) uses it: with its own key, where one is
// configured, and without those of the others.
config::v1::AccountConfig WithKeyOf(std::string_view service,
                                    const config::v1::AccountConfig& account);

// The service that a private client is of, as configurations name it.
template <typename Client>
inline constexpr std::string_view kServiceOf;
template <>
inline constexpr std::string_view kServiceOf<exchange::OrderClient> = "order";
template <>
inline constexpr std::string_view kServiceOf<exchange::PositionClient> = "position";
template <>
inline constexpr std::string_view kServiceOf<exchange::AccountClient> = "account";

// The clients of all configured accounts for one service; `half` is its factory among an exchange's
// private ones. An exchange without that half (positions on spot) has none.
// Errors: as CheckAccounts, and what the exchange says of an account.
template <typename Client>
absl::StatusOr<std::vector<AccountClient<Client>>> MakeAccountClients(
    const ServiceContext& context,
    exchanges::PrivateFactory<Client> exchanges::PrivateFactories::*half,
    std::chrono::nanoseconds command_timeout) {
  std::vector<AccountClient<Client>> clients;
  for (const config::v1::ExchangeConfig& exchange : context.exchanges) {
    SWITCHYARD_RETURN_IF_ERROR(CheckAccounts(exchange));
    for (const config::v1::AccountConfig& account : exchange.accounts()) {
      const auto& make = exchanges::FindPrivate(exchange.exchange())->*half;
      if (!make) continue;
      SWITCHYARD_ASSIGN_OR_RETURN(exchange::MarketDataClient * market_data,
                                  context.clients.Find(exchange.exchange()));
      const exchanges::AccountOptions options{.config = exchange,
                                              .account = WithKeyOf(kServiceOf<Client>, account),
                                              .command_timeout = command_timeout,
                                              .market_data = *market_data};
      auto client = make(options, {context.clock, context.metrics});
      if (!client.ok()) {
        return absl::Status(client.status().code(),
                            fmt::format("exchange {}, account {}: {}", exchange.exchange(),
                                        account.name(), std::string(client.status().message())));
      }
      clients.push_back({exchange.exchange(), account, *std::move(client)});
    }
  }
  return clients;
}

}  // namespace switchyard::process
