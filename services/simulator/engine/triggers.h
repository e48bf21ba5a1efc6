#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/simulator/engine/client_order.h"

namespace switchyard::simulator::engine {

// Which price a trigger looks at.
enum class PriceSource : std::uint8_t { kLast, kMark, kIndex };

enum class TriggerState : std::uint8_t { kOpen, kFired, kCancelled, kExpired, kFailed };

// An order that waits for a price.
struct Trigger {
  std::int64_t id = 0;
  OrderRequest order;
  PriceSource source = PriceSource::kLast;
  bool at_least = true;    // fires at or above the price, else at or below
  std::int64_t price = 0;  // ticks
  std::int64_t created_ns = 0;
  std::int64_t expires_ns = 0;    // 0 = never
  std::int64_t expiration_s = 0;  // as asked
  TriggerState state = TriggerState::kOpen;
  std::int64_t finished_ns = 0;
  std::int64_t order_id = 0;  // the order that it became
  std::string reason;         // why it failed
  std::string auto_size;      // as asked
  std::string kind;           // `order_type`, as asked
};

// Prices of a market, ticks.
struct Prices {
  std::int64_t last;
  std::int64_t mark;
  std::int64_t index;
};

// Price-triggered orders. References stay valid. Not thread-safe.
class TriggerBook {
 public:
  explicit TriggerBook(std::int64_t first_id) : next_id_(first_id) {}

  // Gives the trigger its id.
  Trigger& Add(const Trigger& trigger);
  // Null: none, or another user's.
  Trigger* Find(UserId user, std::int64_t id) const;
  // Oldest first.
  std::vector<Trigger*> Of(UserId user) const;
  // Ends a trigger that is open.
  void End(Trigger& trigger, TriggerState state, std::int64_t now_ns);

  // True: some trigger waits for this market.
  bool Watches(const Market& market) const { return open_.contains(&market); }
  // Remembers those whose price has come.
  void Look(const Market& market, const Prices& prices);
  // Those whose price came, or time went by, since the last call; still open.
  std::vector<Trigger*> TakeDue();
  std::vector<Trigger*> TakeExpired(std::int64_t now_ns);

 private:
  std::int64_t next_id_;
  std::map<std::int64_t, std::unique_ptr<Trigger>> all_;
  std::map<const Market*, std::map<std::int64_t, Trigger*>> open_;
  std::map<std::int64_t, Trigger*> due_;
};

}  // namespace switchyard::simulator::engine
