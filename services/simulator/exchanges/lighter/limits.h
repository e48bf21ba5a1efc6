#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace switchyard::simulator::lighter {

// Counts weights in a rolling minute, by who spends them. I/O thread only.
class RollingLimit {
 public:
  static constexpr std::int64_t kWindowNs = 60'000'000'000;

  explicit RollingLimit(std::int64_t maximum) : maximum_(maximum) {}

  // True, and counted: it fits. `steady_now_ns` never goes back.
  bool Spend(const std::string& who, std::int64_t weight, std::int64_t steady_now_ns);

 private:
  struct Account {
    std::deque<std::pair<std::int64_t, std::int64_t>> spent;  // when, weight
    std::int64_t sum = 0;
  };

  const std::int64_t maximum_;
  std::map<std::string, Account> accounts_;
};

// Weight of a REST request. `endpoint` is what follows "/api/v1/". Source: the venue's page of
// limits of July 2026.
std::int64_t WeightOf(std::string_view endpoint);

// Limits of a premium account, and of an address.
inline constexpr std::int64_t kRestWeightPerMinute = 24'000;
inline constexpr std::int64_t kTransactionsPerMinute = 4'000;
inline constexpr std::int64_t kMessagesPerMinute = 200;
inline constexpr std::int64_t kNewConnectionsPerMinute = 255;
inline constexpr std::size_t kConnections = 255;
inline constexpr std::size_t kSubscriptionsPerConnection = 500;
inline constexpr std::size_t kAccountsPerConnection = 500;

}  // namespace switchyard::simulator::lighter
