#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "services/simulator/clock.h"
#include "services/simulator/engine/futures_desk.h"
#include "services/simulator/engine/ledger.h"
#include "services/simulator/exchanges/gateio/trading/api.h"
#include "services/simulator/exchanges/gateio/trading/private_rest.h"
#include "services/simulator/json_writer.h"

namespace switchyard::simulator::gateio {

// Transfers between a user's accounts and users, and withdrawals that go through their states by
// the clock. Nothing leaves the simulator. Source: gateio.md section 14. I/O thread only.
class Wallet {
 public:
  // All must outlive it.
  Wallet(engine::Ledger& ledger, engine::FuturesDesk& futures, const ExchangeClock& clock)
      : ledger_(ledger), futures_(futures), clock_(clock) {}

  void AddRoutes(PrivateRest& rest);

 private:
  // A withdrawal rests in a state for so long.
  static constexpr std::int64_t kStepNs = 5 * kNsPerS;

  struct Withdrawal {
    std::int64_t id = 0;
    engine::UserId user = 0;
    std::string currency, address, memo, chain, order_id;
    engine::Amount amount;  // with the fee
    engine::Amount fee;
    std::int64_t created_ns = 0;
    std::int64_t cancelled_ns = 0;  // 0 = was not
    bool returned = false;
  };

  ApiResult Transfer(const Caller& caller, const Json& body);
  ApiResult OrderStatus(const Json& parameters) const;
  ApiResult Withdraw(const Caller& caller, const Json& body);
  ApiResult CancelWithdrawal(const Caller& caller, std::string_view id);
  ApiResult ListWithdrawals(const Caller& caller, const Json& parameters);
  ApiResult Push(const Caller& caller, const Json& body);
  ApiResult WithdrawStatus(const Json& parameters) const;
  ApiResult DepositAddress(const Json& parameters) const;

  // Currency and amount of a body; not ok: what is wrong.
  ApiResult ReadMoney(const Json& body, std::string& currency, engine::Amount& amount) const;
  void Move(engine::UserId user, const std::string& currency, engine::Amount change,
            engine::BalanceReason reason, std::string_view text);
  std::string_view StatusOf(const Withdrawal& withdrawal) const;
  void AppendRecord(JsonWriter& json, const Withdrawal& withdrawal) const;
  // Gives back what was cancelled long enough ago.
  void Settle();

  engine::Ledger& ledger_;
  engine::FuturesDesk& futures_;
  const ExchangeClock& clock_;
  std::int64_t last_transfer_ = 59'636'381'000;
  std::int64_t last_withdrawal_ = 64'413'000;
  std::map<std::string, std::int64_t> transfers_;  // by client_order_id, and by id
  std::vector<Withdrawal> withdrawals_;
};

}  // namespace switchyard::simulator::gateio
