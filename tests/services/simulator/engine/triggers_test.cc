#include "services/simulator/engine/triggers.h"

#include <gtest/gtest.h>

namespace switchyard::simulator::engine {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000'000'000;

class TriggersTest : public ::testing::Test {
 protected:
  Trigger& Add(PriceSource source, bool at_least, std::int64_t price) {
    Trigger trigger;
    trigger.order.user = 1;
    trigger.order.market = &market_;
    trigger.source = source;
    trigger.at_least = at_least;
    trigger.price = price;
    return book_.Add(trigger);
  }

  Market market_{{"BTC_USDT", 1, 3, 1'000, 1, 1'000, /*has_flow=*/false}, 1, kNow};
  TriggerBook book_{10};
};

TEST_F(TriggersTest, FiresWhenItsOwnPriceComes) {
  const Trigger& last = Add(PriceSource::kLast, true, 110);
  const Trigger& mark = Add(PriceSource::kMark, false, 90);
  book_.Look(market_, {109, 91, 80});
  EXPECT_TRUE(book_.TakeDue().empty());
  book_.Look(market_, {110, 91, 80});
  EXPECT_EQ(book_.TakeDue(), std::vector<Trigger*>{book_.Find(1, last.id)});
  book_.Look(market_, {100, 90, 80});
  EXPECT_EQ(book_.TakeDue(), std::vector<Trigger*>{book_.Find(1, mark.id)});
}

TEST_F(TriggersTest, WhatHasEndedDoesNotFire) {
  Trigger& trigger = Add(PriceSource::kLast, true, 110);
  book_.Look(market_, {120, 0, 0});
  book_.End(trigger, TriggerState::kCancelled, kNow);
  EXPECT_TRUE(book_.TakeDue().empty());
  EXPECT_FALSE(book_.Watches(market_));
}

TEST_F(TriggersTest, RunsOut) {
  Trigger& trigger = Add(PriceSource::kLast, true, 110);
  trigger.expires_ns = kNow;
  EXPECT_TRUE(book_.TakeExpired(kNow - 1).empty());
  EXPECT_EQ(book_.TakeExpired(kNow), std::vector<Trigger*>{&trigger});
}

TEST_F(TriggersTest, IsItsUsersAlone) {
  const Trigger& trigger = Add(PriceSource::kLast, true, 110);
  EXPECT_EQ(book_.Find(2, trigger.id), nullptr);
  EXPECT_TRUE(book_.Of(2).empty());
}

}  // namespace
}  // namespace switchyard::simulator::engine
