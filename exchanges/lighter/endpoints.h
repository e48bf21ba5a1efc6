#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "switchyard/config/v1/config.pb.h"

// Every URL and path of Lighter, so that a configuration can point the whole exchange elsewhere.
// Source: lighter.md, section 0 and 1.2.
namespace switchyard::exchanges::lighter {

// Separate exchanges: accounts, keys, nonces and market ids of one mean nothing on another.
enum class Network : std::uint8_t { kMainnet, kTestnet, kRobinhood, kRobinhoodTestnet };

struct NetworkTraits {
  std::string_view name;  // in the configuration
  std::string_view rest_url;
  std::string_view websocket_url;
  std::uint32_t chain_id = 0;  // signed with every transaction
  std::string_view collateral;
};

inline constexpr NetworkTraits kNetworks[] = {
    {"mainnet", "https://mainnet.zklighter.elliot.ai", "wss://mainnet.zklighter.elliot.ai", 304,
     "USDC"},
    {"testnet", "https://testnet.zklighter.elliot.ai", "wss://testnet.zklighter.elliot.ai", 300,
     "USDC"},
    {"robinhood", "https://api.rh.lighter.xyz", "wss://api.rh.lighter.xyz", 466'324, "USDG"},
    // No source names its socket: the host is its REST API's, as for the three others.
    {"robinhood_testnet", "https://api.rh-testnet.lighter.xyz", "wss://api.rh-testnet.lighter.xyz",
     300, "USDG"},
};
constexpr const NetworkTraits& TraitsOf(Network network) {
  return kNetworks[static_cast<std::size_t>(network)];
}

inline constexpr std::string_view kApiPath = "/api/v1";
inline constexpr std::string_view kWebSocketPath = "/stream";
// With this query the socket gives market data alone, also where trading is restricted.
inline constexpr std::string_view kReadOnlyQuery = "?readonly=true";

// From the host on.
namespace paths {
inline constexpr std::string_view kStatus = "/";
inline constexpr std::string_view kOrderBookDetails = "/api/v1/orderBookDetails";
inline constexpr std::string_view kOrderBookOrders = "/api/v1/orderBookOrders";
inline constexpr std::string_view kRecentTrades = "/api/v1/recentTrades";
inline constexpr std::string_view kCandles = "/api/v1/candles";
inline constexpr std::string_view kFundings = "/api/v1/fundings";
inline constexpr std::string_view kFundingRates = "/api/v1/funding-rates";
// Private.
inline constexpr std::string_view kSendTx = "/api/v1/sendTx";
inline constexpr std::string_view kSendTxBatch = "/api/v1/sendTxBatch";
inline constexpr std::string_view kNextNonce = "/api/v1/nextNonce";
inline constexpr std::string_view kAccount = "/api/v1/account";
inline constexpr std::string_view kAccountActiveOrders = "/api/v1/accountActiveOrders";
inline constexpr std::string_view kAccountInactiveOrders = "/api/v1/accountInactiveOrders";
inline constexpr std::string_view kTrades = "/api/v1/trades";
}  // namespace paths

// What only this exchange's configuration has: `options` of ExchangeConfig.
struct ExchangeOptions {
  Network network = Network::kMainnet;
  bool read_only_socket = false;
  // REST requests that the address may send in any minute; 60 is a standard account's limit.
  int requests_per_minute = 60;

  // Errors: InvalidArgument, naming the field (also of a key that is not an option).
  static absl::StatusOr<ExchangeOptions> From(const config::v1::ExchangeConfig& config);
};

// Where the exchange is.
struct Endpoints {
  std::string rest_url;       // scheme, host and port; no path
  std::string websocket_url;  // whole
};

// The configured bases (scheme, host, port) with Lighter's paths behind them; the network's own
// where nothing is configured. A WebSocket URL that already has a path is taken as it is.
Endpoints MakeEndpoints(const ExchangeOptions& options, const config::v1::ExchangeConfig& config);

}  // namespace switchyard::exchanges::lighter
