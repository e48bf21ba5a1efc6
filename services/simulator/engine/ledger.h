#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/simulator/engine/client_order.h"

namespace switchyard::simulator::engine {

struct Balance {
  Amount available;
  Amount locked;
  std::int64_t update_id = 0;  // grows with each change

  Amount total() const { return available + locked; }
};

// Why a balance changed; the exchange's module words it.
enum class BalanceReason : std::uint8_t {
  kOrderCreate,
  kOrderMatch,
  kFee,
  kOrderUpdate,
  kDeposit,
  kWithdraw,
  kTransfer,
};

// One change of one balance.
struct BalanceChange {
  std::int64_t id = 0;
  UserId user = 0;
  std::string currency;
  Amount available_change;
  Amount locked_change;
  Balance after;
  BalanceReason reason = BalanceReason::kDeposit;
  std::int64_t time_ns = 0;
  std::string text;

  Amount total_change() const { return available_change + locked_change; }
};

class BalanceListener {
 public:
  virtual ~BalanceListener() = default;
  virtual void OnBalance(const BalanceChange& change) = 0;
};

// Balances of a wallet by user and currency, and the history of their totals. Not thread-safe.
class Ledger {
 public:
  // `listener` must outlive the ledger.
  explicit Ledger(BalanceListener& listener) : listener_(listener) {}

  // What is asked to change; `after` and `id` are filled in. The caller has checked that neither
  // part falls below 0.
  void Apply(BalanceChange change);
  Balance Of(UserId user, std::string_view currency) const;
  // By currency.
  const std::map<std::string, Balance, std::less<>>& AllOf(UserId user) const;
  // Changes of totals, oldest first.
  const std::vector<BalanceChange>& HistoryOf(UserId user) const;

 private:
  BalanceListener& listener_;
  std::int64_t last_id_ = 0;
  std::map<UserId, std::map<std::string, Balance, std::less<>>> balances_;
  std::map<UserId, std::vector<BalanceChange>> history_;
};

}  // namespace switchyard::simulator::engine
