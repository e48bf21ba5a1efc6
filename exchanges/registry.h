#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/exchange/account_client.h"
#include "common/exchange/client_context.h"
#include "common/exchange/market_data_client.h"
#include "common/exchange/order_client.h"
#include "common/exchange/position_client.h"

// Exchanges by id. Holds whatever was linked into the binary (each exchange's register.cc) and
// names none.
namespace switchyard::exchanges {

// Which half of an exchange a client is for.
enum class Component { kMarketData, kOrder, kPosition, kAccount };

// Hears a connection's life. Connection thread; must not block.
struct ConnectionHandlers {
  std::function<void()> connected, authenticated, resubscribed;
  std::function<void(const absl::Status& why)> disconnected;
};

struct CreateOptions {
  Component component = Component::kMarketData;
  bool is_private = false;
  // Channels to bind at start, by house name ("spot.orderbook"); all others on demand.
  std::vector<std::string> bind_channels;
  ConnectionHandlers connection_handlers;
};

using Factory = std::function<absl::StatusOr<std::unique_ptr<exchange::MarketDataClient>>(
    const exchange::ExchangeConfig& config, const exchange::ClientContext& context,
    const CreateOptions& options)>;

// Called by register.cc before main; an id twice ends the process.
bool Register(std::string_view id, Factory factory);

// Ids, sorted.
std::vector<std::string> RegisteredIds();

// A client that is not started yet; everything in `config` has been validated. Errors: NotFound (no
// such id; the message lists those there are), InvalidArgument (names the field).
absl::StatusOr<std::unique_ptr<exchange::MarketDataClient>> Create(
    std::string_view id, const exchange::ExchangeConfig& config,
    const exchange::ClientContext& context, const CreateOptions& options);

// What the private half of an exchange is made from.
struct AccountOptions {
  exchange::ExchangeConfig config;
  config::v1::AccountConfig account;  // one of config.accounts, its references resolved
  std::chrono::nanoseconds command_timeout = std::chrono::seconds(5);
  // The same exchange's instruments and prices; outlives the client.
  exchange::MarketDataClient& market_data;
};

template <typename Client>
using PrivateFactory = std::function<absl::StatusOr<std::unique_ptr<Client>>(
    const AccountOptions& options, const exchange::ClientContext& context)>;

// The private half of one exchange. An unset factory = it has no such thing (positions on spot).
struct PrivateFactories {
  PrivateFactory<exchange::OrderClient> order;
  PrivateFactory<exchange::PositionClient> position;
  PrivateFactory<exchange::AccountClient> account;
};

// Called by register_private.cc before main; an id twice ends the process.
bool RegisterPrivate(std::string_view id, PrivateFactories factories);

// The private half that was linked into the binary. Null = none was.
const PrivateFactories* FindPrivate(std::string_view id);

}  // namespace switchyard::exchanges
