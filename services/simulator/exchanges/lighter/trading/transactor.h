#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "services/simulator/exchanges/lighter/limits.h"
#include "services/simulator/exchanges/lighter/trading/desk.h"
#include "services/simulator/exchanges/lighter/trading/key_ring.h"
#include "services/simulator/faults/fault_table.h"

namespace switchyard::simulator::lighter {

// A transaction as it came.
struct RawTransaction {
  std::int64_t type = 0;
  std::string info;  // JSON object
};

// What becomes of transactions that were sent together.
struct Submission {
  int code = 200;
  std::string message;
  std::vector<std::string> hashes;
  faults::OrderFate fate;

  bool ok() const { return code == 200; }
};

// Verifies transactions, keeps their nonces and applies them. I/O thread only.
class Transactor {
 public:
  // All must outlive it.
  Transactor(Desk& desk, KeyRing& keys, faults::FaultTable& faults, std::int64_t limit_scale)
      : desk_(desk), keys_(keys), faults_(faults), limit_(kTransactionsPerMinute * limit_scale) {}

  // All of them or none. `path` of REST or `channel` of the WebSocket, for the filters of faults.
  Submission Submit(const std::vector<RawTransaction>& raw, std::string_view path,
                    std::string_view channel);
  // Cancels what is scheduled for now; every 10 ms.
  void OnTick();
  // When the account's orders will be cancelled, milliseconds; 0 = not scheduled.
  std::int64_t CancelAllTimeMs(std::int64_t account) const;

 private:
  using Transaction = signatures::Transaction;

  // kNone: accepted. Nothing is done yet.
  Code CheckNonces(const std::vector<Transaction>& transactions);
  Code Check(const Transaction& transaction);
  Code CheckOrder(const Transaction& transaction, const signatures::CreateOrder& order);
  void Apply(const Transaction& transaction, std::int64_t parts);
  Order Draft(const Transaction& transaction, const signatures::CreateOrder& order,
              std::int64_t parts) const;
  // Null: none that is active on that market.
  Order* ActiveOrder(const Transaction& transaction, std::int64_t market, std::int64_t index);
  // The symbol that transactions are about; empty = of none or of several.
  std::string SymbolOf(const std::vector<Transaction>& transactions) const;
  void CancelAll(const Transaction& transaction, const signatures::CancelAllOrders& cancel);
  Code Move(const Transaction& transaction, bool check_only);

  Desk& desk_;
  KeyRing& keys_;
  faults::FaultTable& faults_;
  RollingLimit limit_;
  std::map<std::int64_t, std::int64_t> scheduled_ms_;
};

}  // namespace switchyard::simulator::lighter
