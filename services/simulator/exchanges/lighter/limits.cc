#include "services/simulator/exchanges/lighter/limits.h"

namespace switchyard::simulator::lighter {

bool RollingLimit::Spend(const std::string& who, std::int64_t weight, std::int64_t steady_now_ns) {
  Account& account = accounts_[who];
  while (!account.spent.empty() && steady_now_ns - account.spent.front().first >= kWindowNs) {
    account.sum -= account.spent.front().second;
    account.spent.pop_front();
  }
  if (account.sum + weight > maximum_) return false;
  account.spent.emplace_back(steady_now_ns, weight);
  account.sum += weight;
  return true;
}

std::int64_t WeightOf(std::string_view endpoint) {
  static const std::map<std::string_view, std::int64_t> kWeights = {
      {"sendTx", 6},
      {"sendTxBatch", 6},
      {"nextNonce", 6},
      {"publicPoolsMetadata", 50},
      {"txFromL1TxHash", 50},
      {"accountInactiveOrders", 100},
      {"deposit/latest", 100},
      {"apikeys", 150},
      {"transferFeeInfo", 500},
      {"trades", 600},
      {"recentTrades", 600},
      {"changeAccountTier", 3'000},
      {"tokens", 3'000},
      {"tokens/revoke", 3'000},
      {"notification/ack", 3'000},
      {"tokens/create", 23'000},
  };
  constexpr std::int64_t kOther = 300;
  const auto found = kWeights.find(endpoint);
  return found == kWeights.end() ? kOther : found->second;
}

}  // namespace switchyard::simulator::lighter
