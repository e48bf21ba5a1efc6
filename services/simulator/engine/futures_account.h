#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "services/simulator/engine/position.h"

namespace switchyard::simulator::engine {

// Kinds of entries in a futures account's book.
enum class EntryKind : std::uint8_t { kTransfer, kPnl, kFee, kFunding };

// One change of a futures balance.
struct FuturesEntry {
  std::int64_t id = 0;
  UserId user = 0;
  EntryKind kind = EntryKind::kTransfer;
  Amount change;
  Amount balance;  // after it
  const Market* market = nullptr;
  std::int64_t order_id = 0;
  std::int64_t trade_id = 0;
  std::int64_t time_ns = 0;
};

// A position that was closed wholly.
struct PositionClose {
  std::int64_t time_ns = 0;
  bool was_long = true;
  std::string text;
  Position position;  // just before its sums were cleared
};

// What a liquidation or a deleveraging met and did.
struct ForcedClose {
  std::int64_t time_ns = 0;
  Position before;
  std::int64_t mark = 0;  // ticks
  Amount margin;          // what stood behind the position
  std::int64_t order_id = 0;
  std::string order_price;
  std::string fill_price;
  std::int64_t size = 0;  // signed lots that were closed
  std::int64_t left = 0;
};

// One user's futures account.
struct FuturesAccount {
  UserId user = 0;
  Amount balance;  // without unrealised profit
  bool dual = false;
  // Sums of the entries by kind.
  Amount transferred;
  Amount pnl;
  Amount fee;
  Amount funding;
  // Oldest first.
  std::vector<FuturesEntry> entries;
  std::vector<PositionClose> closes;
  std::vector<ForcedClose> liquidations;
  std::vector<ForcedClose> deleverages;
};

// What an account amounts to now.
struct AccountFigures {
  Amount unrealised;
  Amount cross_unrealised;
  Amount isolated_margin;
  Amount cross_margin;  // initial margin of cross positions
  Amount order_margin;
  Amount maintenance;
  Amount cross_maintenance;
  Amount available;
};

// Hears of what happens to futures accounts.
class FuturesListener {
 public:
  virtual ~FuturesListener() = default;
  virtual void OnEntry(const FuturesEntry& entry) = 0;
  virtual void OnPosition(const Position& position) = 0;
  virtual void OnClose(UserId user, const PositionClose& close) = 0;
  virtual void OnLiquidation(UserId user, const ForcedClose& liquidation) = 0;
  virtual void OnDeleverage(UserId user, const ForcedClose& deleverage) = 0;
};

}  // namespace switchyard::simulator::engine
