#include "clients/cli/local_portfolio.h"

#include <gtest/gtest.h>

#include <string>

namespace switchyard::clients::cli {
namespace {

using common::v1::STATE_EVENT_KIND_DELTA;
using common::v1::STATE_EVENT_KIND_SNAPSHOT;
using common::v1::STATE_EVENT_KIND_STALE;
using router::v1::PrivateEvent;

PrivateEvent AccountEventOf(common::v1::StateEventKind kind, std::uint64_t epoch,
                            std::uint64_t sequence) {
  PrivateEvent event;
  event.mutable_account()->set_exchange("gateio");
  event.mutable_account()->set_account("main");
  event.mutable_account()->set_kind(kind);
  event.mutable_account()->set_epoch(epoch);
  event.mutable_account()->set_sequence(sequence);
  return event;
}

PrivateEvent Snapshot(std::uint64_t epoch, std::uint64_t sequence) {
  PrivateEvent event = AccountEventOf(STATE_EVENT_KIND_SNAPSHOT, epoch, sequence);
  auto& balance = *event.mutable_account()->mutable_snapshot()->add_balances();
  balance.set_currency("USDT");
  balance.set_total("10");
  return event;
}

PrivateEvent Balance(std::uint64_t epoch, std::uint64_t sequence, const std::string& currency,
                     const std::string& total) {
  PrivateEvent event = AccountEventOf(STATE_EVENT_KIND_DELTA, epoch, sequence);
  auto& balance = *event.mutable_account()->mutable_balance_change()->mutable_balance();
  balance.set_currency(currency);
  balance.set_total(total);
  return event;
}

PrivateEvent Position(common::v1::StateEventKind kind, std::uint64_t sequence,
                      const std::string& size) {
  PrivateEvent event;
  auto& positions = *event.mutable_position();
  positions.set_exchange("gateio");
  positions.set_account("main");
  positions.set_kind(kind);
  positions.set_epoch(1);
  positions.set_sequence(sequence);
  auto& position = *positions.add_positions();
  position.set_symbol("BTC-USDT-PERP");
  position.mutable_size()->set_value(size);
  return event;
}

TEST(LocalPortfolioTest, ADeltaThatSkipsOneIsNotApplied) {
  LocalPortfolio portfolio;
  ASSERT_TRUE(portfolio.Apply(Snapshot(1, 4)));
  EXPECT_FALSE(portfolio.Apply(Balance(1, 6, "USDT", "11")));
  EXPECT_EQ(portfolio.Accounts()[0].balances(0).total(), "10");
}

TEST(LocalPortfolioTest, ADeltaOfAnotherEpochOrBeforeAnySnapshotIsNotApplied) {
  LocalPortfolio portfolio;
  EXPECT_FALSE(portfolio.Apply(Balance(1, 1, "USDT", "11")));
  ASSERT_TRUE(portfolio.Apply(Snapshot(1, 4)));
  EXPECT_FALSE(portfolio.Apply(Balance(2, 5, "USDT", "11")));
}

TEST(LocalPortfolioTest, WhatIsStaleSaysWhyUntilTheNextSnapshot) {
  LocalPortfolio portfolio;
  ASSERT_TRUE(portfolio.Apply(Snapshot(1, 4)));
  EXPECT_EQ(portfolio.StateOf(portfolio.Accounts()[0]), "");
  PrivateEvent stale = AccountEventOf(STATE_EVENT_KIND_STALE, 1, 5);
  stale.mutable_account()->set_reason(common::v1::STALE_REASON_BACKEND_LOST);
  ASSERT_TRUE(portfolio.Apply(stale));
  EXPECT_EQ(portfolio.StateOf(portfolio.Accounts()[0]), "STALE (BACKEND_LOST)");
  EXPECT_FALSE(portfolio.Apply(Balance(1, 6, "USDT", "11")));
  ASSERT_TRUE(portfolio.Apply(Snapshot(2, 1)));
  EXPECT_EQ(portfolio.StateOf(portfolio.Accounts()[0]), "");
}

TEST(LocalPortfolioTest, AfterALossNothingIsBelieved) {
  LocalPortfolio portfolio;
  ASSERT_TRUE(portfolio.Apply(Snapshot(1, 4)));
  ASSERT_TRUE(portfolio.Apply(Position(STATE_EVENT_KIND_SNAPSHOT, 1, "0.5")));
  portfolio.Lose("stream lost");
  EXPECT_EQ(portfolio.StateOf(portfolio.Accounts()[0]), "STALE (stream lost)");
  ASSERT_TRUE(portfolio.Apply(Snapshot(2, 1)));
  EXPECT_EQ(portfolio.StateOf(portfolio.Accounts()[0]), "POSITIONS STALE (stream lost)");
}

TEST(LocalPortfolioTest, WhatBecomesZeroIsGone) {
  LocalPortfolio portfolio;
  ASSERT_TRUE(portfolio.Apply(Snapshot(1, 4)));
  ASSERT_TRUE(portfolio.Apply(Balance(1, 5, "BTC", "0.000000000000000001")));
  ASSERT_TRUE(portfolio.Apply(Balance(1, 6, "USDT", "0.00")));
  ASSERT_TRUE(portfolio.Apply(Position(STATE_EVENT_KIND_SNAPSHOT, 1, "0.5")));
  ASSERT_TRUE(portfolio.Apply(Position(STATE_EVENT_KIND_DELTA, 2, "0")));
  const auto accounts = portfolio.Accounts();
  ASSERT_EQ(accounts.size(), 1u);
  ASSERT_EQ(accounts[0].balances_size(), 1);
  EXPECT_EQ(accounts[0].balances(0).total(), "0.000000000000000001");
  EXPECT_EQ(accounts[0].positions_size(), 0);
}

}  // namespace
}  // namespace switchyard::clients::cli
