#include "services/router/portfolio.h"

#include <gtest/gtest.h>

#include <string>

namespace switchyard::router {
namespace {

void AddBalance(const std::string& currency, const std::string& total,
                v1::PortfolioAccount* account) {
  account::v1::Balance& balance = *account->add_balances();
  balance.set_currency(currency);
  balance.set_total(total);
  balance.set_available(total);
}

TEST(SumByCurrency, AddsExactlyAndConvertsNothing) {
  v1::GetPortfolioResponse portfolio;
  v1::PortfolioAccount& first = *portfolio.add_accounts();
  AddBalance("USDT", "0.1", &first);
  AddBalance("BTC", "0.000000000000000001", &first);
  first.mutable_figures()->set_currency("USDT");
  first.mutable_figures()->mutable_total()->mutable_equity()->set_value("10");
  v1::PortfolioAccount& second = *portfolio.add_accounts();
  AddBalance("USDT", "0.2", &second);
  position::v1::Position& position = *second.add_positions();
  position.set_settle_currency("USDT");
  position.mutable_unrealised_profit()->set_value("-3.50");
  const auto totals = SumByCurrency(portfolio.accounts());
  ASSERT_EQ(totals.size(), 2u);
  EXPECT_EQ(totals[0].currency(), "BTC");
  EXPECT_EQ(totals[0].total(), "0.000000000000000001");
  EXPECT_EQ(totals[1].currency(), "USDT");
  EXPECT_EQ(totals[1].total(), "0.3");
  EXPECT_EQ(totals[1].equity(), "10");
  EXPECT_EQ(totals[1].unrealised_profit(), "-3.5");
  EXPECT_EQ(totals[1].locked(), "");
}

TEST(SumByCurrency, LeavesASumThatDoesNotFitEmpty) {
  v1::GetPortfolioResponse portfolio;
  v1::PortfolioAccount& account = *portfolio.add_accounts();
  AddBalance("USDT", std::string(38, '9'), &account);
  AddBalance("USDT", std::string(38, '9'), &account);
  const auto totals = SumByCurrency(portfolio.accounts());
  ASSERT_EQ(totals.size(), 1u);
  EXPECT_EQ(totals[0].total(), "");
}

}  // namespace
}  // namespace switchyard::router
