#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "services/simulator/engine/futures_desk.h"
#include "services/simulator/engine/ledger.h"
#include "services/simulator/engine/order_desk.h"
#include "services/simulator/engine/spot_desk.h"

namespace switchyard::simulator::engine::testing {

inline constexpr UserId kAda = 1;
inline constexpr UserId kBob = 2;

// What was told, in order.
struct Heard final : OrderListener, BalanceListener, FuturesListener {
  void OnOrder(const ClientOrder& order, OrderEvent event) override {
    const char* const names[] = {"put", "update", "finish"};
    told.push_back(names[static_cast<int>(event)] + std::string(" ") + order.text);
  }
  void OnFill(const ClientOrder&, const ClientFill& fill) override { fills.push_back(fill); }
  void OnBalance(const BalanceChange& change) override { balances.push_back(change); }
  void OnEntry(const FuturesEntry& entry) override { entries.push_back(entry); }
  void OnPosition(const Position&) override { ++positions; }
  void OnClose(UserId, const PositionClose& close) override { closes.push_back(close); }
  void OnLiquidation(UserId, const ForcedClose& row) override { liquidations.push_back(row); }
  void OnDeleverage(UserId, const ForcedClose& row) override { deleverages.push_back(row); }

  std::vector<std::string> told;
  std::vector<ClientFill> fills;
  std::vector<BalanceChange> balances;
  std::vector<FuturesEntry> entries;
  std::vector<PositionClose> closes;
  std::vector<ForcedClose> liquidations;
  std::vector<ForcedClose> deleverages;
  int positions = 0;
};

// Brings a market's changes to a desk.
class Bridge final : public MarketListener {
 public:
  Bridge(Market& market, OrderDesk& desk) : market_(market), desk_(desk) {
    market_.set_listener(this);
  }
  ~Bridge() override { market_.set_listener(nullptr); }
  void OnChange(Market& market) override { desk_.OnChange(market); }

 private:
  Market& market_;
  OrderDesk& desk_;
};

inline OrderRequest Limit(Market& market, UserId user, Side side, std::int64_t price,
                          std::int64_t quantity, std::string text = "t") {
  OrderRequest request;
  request.user = user;
  request.market = &market;
  request.side = side;
  request.price = price;
  request.quantity = quantity;
  request.text = std::move(text);
  return request;
}

}  // namespace switchyard::simulator::engine::testing
