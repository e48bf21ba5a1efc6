// Reads, settings and the stream of AccountService.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/status/status.h"
#include "tests/services/account/account_harness.h"

namespace switchyard {
namespace {

namespace v1 = account::v1;
using common::v1::STATE_EVENT_KIND_DELTA;
using common::v1::STATE_EVENT_KIND_SNAPSHOT;
using common::v1::STATE_EVENT_KIND_STALE;
using exchange::CommandFate;
using testing::OnAccount;
using Stub = v1::AccountService::Stub;

v1::Balance MakeBalance(const std::string& currency, const std::string& total) {
  v1::Balance balance;
  balance.set_currency(currency);
  balance.set_total(total);
  balance.set_available(total);
  balance.set_locked("0");
  balance.mutable_freshness()->set_source(common::v1::SOURCE_WEBSOCKET);
  return balance;
}

v1::Account MakeAccount(const std::string& equity, const std::string& maintenance) {
  v1::Account account;
  account.set_currency("USDT");
  account.mutable_total()->mutable_equity()->set_value(equity);
  account.mutable_total()->mutable_maintenance_margin()->set_value(maintenance);
  return account;
}

class AccountServiceTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::ListBalancesResponse> List(const v1::ListBalancesRequest& request) {
    return testing::Ask<v1::ListBalancesResponse>(*harness_.stub, &Stub::ListBalances, request);
  }

  testing::AccountHarness harness_;
  testing::FakeAccountClient& main_ = harness_.main;
};

TEST_F(AccountServiceTest, TheAccountComesWithItsSourceAndAge) {
  main_.account_reply->value = MakeAccount("100", "1");
  main_.account_reply->source = model::Source::kCache;
  main_.account_reply->age = std::chrono::milliseconds(9);
  auto request = OnAccount<v1::GetAccountRequest>("main");
  request.set_max_age_ns(77);
  const auto answer =
      testing::Ask<v1::GetAccountResponse>(*harness_.stub, &Stub::GetAccount, request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->account().total().equity().value(), "100");
  EXPECT_EQ(answer->freshness().source(), common::v1::SOURCE_CACHE);
  EXPECT_EQ(answer->freshness().age_ns(), 9'000'000);
  EXPECT_EQ(main_.last_max_age.count(), 77);
}

TEST_F(AccountServiceTest, BalancesAreOrderedPagedAndNotZero) {
  main_.balances->value = {MakeBalance("USDT", "5"), MakeBalance("ETH", "0"),
                           MakeBalance("BTC", "1")};
  auto request = OnAccount<v1::ListBalancesRequest>("main");
  request.set_page_size(1);
  const auto first = List(request);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ(first->balances_size(), 1);
  EXPECT_EQ(first->balances(0).currency(), "BTC");
  request.set_page_token(first->next_page_token());
  const auto second = List(request);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->balances(0).currency(), "USDT");
  EXPECT_EQ(second->next_page_token(), "");
}

TEST_F(AccountServiceTest, NamedCurrenciesAreAnsweredAlsoWhenZero) {
  main_.balances->value = {MakeBalance("USDT", "5"), MakeBalance("ETH", "0")};
  auto request = OnAccount<v1::ListBalancesRequest>("main");
  request.add_currencies("ETH");
  request.add_currencies("DOGE");
  const auto answer = List(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->balances_size(), 2);
  EXPECT_EQ(answer->balances(0).currency(), "DOGE");
  EXPECT_EQ(answer->balances(0).total(), "0");
  EXPECT_EQ(answer->balances(1).currency(), "ETH");
}

TEST_F(AccountServiceTest, LeverageComesWithItsBrackets) {
  main_.settings->at(0).set_leverage("10");
  v1::LeverageBracket bracket;
  bracket.set_tier(1);
  main_.brackets = std::vector<v1::LeverageBracket>{bracket};
  auto request = OnAccount<v1::GetLeverageRequest>("main");
  request.set_symbol("BTC-USDT-PERP");
  const auto answer =
      testing::Ask<v1::GetLeverageResponse>(*harness_.stub, &Stub::GetLeverage, request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->setting().leverage(), "10");
  EXPECT_EQ(answer->brackets_size(), 1);
}

TEST_F(AccountServiceTest, SettingsAreSetAndConfirmed) {
  v1::LeverageSetting setting;
  setting.set_leverage("5");
  main_.setting_result->setting = setting;
  auto leverage = OnAccount<v1::SetLeverageRequest>("main");
  leverage.set_symbol("BTC-USDT-PERP");
  leverage.set_leverage("5");
  const auto set =
      testing::Ask<v1::SetLeverageResponse>(*harness_.stub, &Stub::SetLeverage, leverage);
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_EQ(set->setting().leverage(), "5");
  auto margin = OnAccount<v1::SetMarginModeRequest>("main");
  margin.set_symbol("BTC-USDT-PERP");
  margin.set_margin_mode(common::v1::MARGIN_MODE_CROSS);
  EXPECT_TRUE(
      testing::Ask<v1::SetMarginModeResponse>(*harness_.stub, &Stub::SetMarginMode, margin).ok());
  auto mode = OnAccount<v1::SetPositionModeRequest>("main");
  mode.set_position_mode(v1::POSITION_MODE_HEDGE);
  const auto hedged =
      testing::Ask<v1::SetPositionModeResponse>(*harness_.stub, &Stub::SetPositionMode, mode);
  ASSERT_TRUE(hedged.ok()) << hedged.status();
  EXPECT_EQ(hedged->position_mode(), v1::POSITION_MODE_HEDGE);
  EXPECT_EQ(main_.asked, (std::vector<std::string>{"leverage BTC-USDT-PERP 5",
                                                   "margin BTC-USDT-PERP MARGIN_MODE_CROSS",
                                                   "mode POSITION_MODE_HEDGE"}));
}

TEST_F(AccountServiceTest, BadSettingsAreNotSent) {
  auto leverage = OnAccount<v1::SetLeverageRequest>("main");
  leverage.set_leverage("5");
  const auto set = [&] {
    return ReasonOf(
        testing::Ask<v1::SetLeverageResponse>(*harness_.stub, &Stub::SetLeverage, leverage)
            .status());
  };
  EXPECT_EQ(set(), common::v1::ERROR_REASON_INVALID_FIELD) << "no symbol";
  leverage.set_symbol("BTC-USDT-PERP");
  leverage.set_leverage("0.5");
  EXPECT_EQ(set(), common::v1::ERROR_REASON_INVALID_FIELD) << "below 1";
  leverage.set_leverage("5");
  leverage.set_symbol("NO-SUCH");
  EXPECT_EQ(set(), common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT);
  auto mode = OnAccount<v1::SetPositionModeRequest>("main");
  mode.set_position_mode(v1::POSITION_MODE_UNRECOGNISED);
  EXPECT_EQ(ReasonOf(testing::Ask<v1::SetPositionModeResponse>(*harness_.stub,
                                                               &Stub::SetPositionMode, mode)
                         .status()),
            common::v1::ERROR_REASON_INVALID_FIELD);
  EXPECT_TRUE(main_.asked.empty());
}

TEST_F(AccountServiceTest, ASettingWithoutAnAnswerIsUnknown) {
  main_.setting_result = exchange::SettingResult{
      .fate = CommandFate::kUnknown, .status = absl::DeadlineExceededError("late"), .setting = {}};
  auto request = OnAccount<v1::SetLeverageRequest>("main");
  request.set_symbol("BTC-USDT-PERP");
  request.set_leverage("5");
  const auto answer =
      testing::Ask<v1::SetLeverageResponse>(*harness_.stub, &Stub::SetLeverage, request);
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnknown);
  EXPECT_EQ(ReasonOf(answer.status()), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
}

TEST_F(AccountServiceTest, FeesAreAnswered) {
  main_.fees->at(0).set_maker_rate("0.0002");
  const auto answer = testing::Ask<v1::GetFeesResponse>(*harness_.stub, &Stub::GetFees,
                                                        OnAccount<v1::GetFeesRequest>("main"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->fees().maker_rate(), "0.0002");
}

TEST_F(AccountServiceTest, WhatIsNotOfferedIsUnimplemented) {
  v1::GetAccountRequest request;
  request.set_exchange("beta");
  EXPECT_EQ(
      ReasonOf(testing::Ask<v1::GetAccountResponse>(*harness_.stub, &Stub::GetAccount, request)
                   .status()),
      common::v1::ERROR_REASON_NOT_IN_CAPABILITIES);
}

// The field that stops the start of a service with such an account.
std::string FieldThatStops(config::v1::AccountConfig config) {
  testing::ServiceHost host;
  testing::FakeAccountClient client(host.alpha.capabilities());
  account::Accounts accounts;
  config.set_name("main");
  accounts.Add("alpha", config, client);
  return MetadataOf(
      account::AccountService::Create(host.context(), std::move(accounts)).status())["field"];
}

TEST(AccountServiceConfigTest, ABadMarginCallRatioStopsTheStart) {
  config::v1::AccountConfig config;
  for (const char* const ratio : {"much", "0", "-0.5", "1.01"}) {
    config.set_margin_call_ratio(ratio);
    EXPECT_EQ(FieldThatStops(config), "margin_call_ratio") << ratio;
  }
  config.set_margin_call_ratio("1");
  EXPECT_EQ(FieldThatStops(config), "");
}

TEST(AccountServiceConfigTest, WithdrawalsToNoAddressStopTheStart) {
  config::v1::AccountConfig config;
  config.set_withdrawals(true);
  EXPECT_EQ(FieldThatStops(config), "withdrawal_addresses");
  config.add_withdrawal_addresses("0xabc");
  EXPECT_EQ(FieldThatStops(config), "");
}

using Reader = testing::StreamReader<v1::StreamAccountResponse, v1::AccountEvent>;

class AccountStreamTest : public AccountServiceTest {
 protected:
  Reader Open() {
    return {*harness_.stub, &Stub::StreamAccount, OnAccount<v1::StreamAccountRequest>("main")};
  }
  exchange::AccountListener& listener() { return *main_.listener; }
  static v1::AccountEvent Change(const v1::Account& account) {
    v1::AccountEvent event;
    *event.mutable_account_update() = account;
    return event;
  }
};

TEST_F(AccountStreamTest, SnapshotThenChangesThenTheStateOfWhoComesLate) {
  Reader reader = Open();
  ASSERT_TRUE(reader.Next()->has_acknowledgement());
  v1::AccountSnapshot snapshot;
  *snapshot.mutable_account() = MakeAccount("100", "1");
  *snapshot.add_balances() = MakeBalance("BTC", "1");
  *snapshot.add_balances() = MakeBalance("ETH", "0");
  snapshot.add_leverage_settings()->set_symbol("BTC-USDT-PERP");
  listener().OnSnapshot(snapshot);
  const v1::AccountEvent first = reader.NextEvent();
  EXPECT_EQ(first.kind(), STATE_EVENT_KIND_SNAPSHOT);
  EXPECT_EQ(first.snapshot().balances_size(), 1) << "zero ones are no part of it";
  EXPECT_EQ(first.account(), "main");

  v1::AccountEvent change;
  *change.mutable_balance_change()->mutable_balance() = MakeBalance("USDT", "7");
  listener().OnChange(change);
  const v1::AccountEvent second = reader.NextEvent();
  EXPECT_EQ(second.kind(), STATE_EVENT_KIND_DELTA);
  EXPECT_EQ(second.sequence(), first.sequence() + 1);
  EXPECT_EQ(second.balance_change().balance().total(), "7");

  change.Clear();
  change.mutable_leverage_change()->set_symbol("BTC-USDT-PERP");
  change.mutable_leverage_change()->set_leverage("20");
  listener().OnChange(change);
  EXPECT_EQ(reader.NextEvent().leverage_change().leverage(), "20");
  change.Clear();
  change.mutable_position_mode_change()->set_position_mode(v1::POSITION_MODE_HEDGE);
  listener().OnChange(change);
  EXPECT_EQ(reader.NextEvent().position_mode_change().position_mode(), v1::POSITION_MODE_HEDGE);

  Reader late = Open();
  ASSERT_TRUE(late.Next()->has_acknowledgement());
  const v1::AccountEvent state = late.NextEvent();
  EXPECT_EQ(state.kind(), STATE_EVENT_KIND_SNAPSHOT);
  EXPECT_EQ(state.snapshot().balances_size(), 2);
  EXPECT_EQ(state.snapshot().leverage_settings(0).leverage(), "20");
  EXPECT_EQ(state.snapshot().account().position_mode(), v1::POSITION_MODE_HEDGE);
}

TEST_F(AccountStreamTest, AMarginCallIsMadeOnceUntilItIsBelowAgain) {
  Reader reader = Open();
  ASSERT_TRUE(reader.Next()->has_acknowledgement());
  v1::AccountSnapshot snapshot;
  *snapshot.mutable_account() = MakeAccount("100", "79");
  listener().OnSnapshot(snapshot);
  EXPECT_TRUE(reader.NextEvent().has_snapshot());
  // 80 / 100 reaches the ratio of 0.8.
  listener().OnChange(Change(MakeAccount("100", "80")));
  EXPECT_TRUE(reader.NextEvent().has_account_update());
  const v1::AccountEvent call = reader.NextEvent();
  ASSERT_TRUE(call.has_margin_call()) << call.DebugString();
  EXPECT_EQ(call.margin_call().margin_ratio(), "0.8");
  EXPECT_TRUE(call.margin_call().derived());
  listener().OnChange(Change(MakeAccount("100", "90")));
  EXPECT_TRUE(reader.NextEvent().has_account_update());
  listener().OnChange(Change(MakeAccount("100", "10")));
  EXPECT_TRUE(reader.NextEvent().has_account_update()) << "no second call above the ratio";
  listener().OnChange(Change(MakeAccount("-1", "10")));
  EXPECT_TRUE(reader.NextEvent().has_account_update());
  EXPECT_EQ(reader.NextEvent().margin_call().margin_ratio(), "1");
}

TEST_F(AccountStreamTest, AnIsolatedPositionHasMarginCallsOfItsOwn) {
  Reader reader = Open();
  ASSERT_TRUE(reader.Next()->has_acknowledgement());
  const auto margin = [](const std::string& symbol, common::v1::PositionSide side,
                         const char* ratio) {
    return exchange::IsolatedMargin{symbol, side, *Decimal::Parse(ratio), TimeNs(7)};
  };
  constexpr auto kLong = common::v1::POSITION_SIDE_LONG;
  constexpr auto kShort = common::v1::POSITION_SIDE_SHORT;
  listener().OnIsolatedMargin(margin("BTC-USDT-PERP", kLong, "0.99"));  // before any state: untold
  v1::AccountSnapshot snapshot;
  *snapshot.mutable_account() = MakeAccount("100", "10");
  listener().OnSnapshot(snapshot);
  EXPECT_TRUE(reader.NextEvent().has_snapshot());
  listener().OnIsolatedMargin(margin("BTC-USDT-PERP", kLong, "0.79"));
  listener().OnIsolatedMargin(margin("BTC-USDT-PERP", kLong, "0.8"));
  const v1::AccountEvent call = reader.NextEvent();
  ASSERT_TRUE(call.has_margin_call()) << call.DebugString();
  EXPECT_EQ(call.margin_call().symbol(), "BTC-USDT-PERP");
  EXPECT_EQ(call.margin_call().position_side(), kLong);
  EXPECT_EQ(call.margin_call().margin_ratio(), "0.8");
  EXPECT_TRUE(call.margin_call().derived());
  EXPECT_EQ(call.receive_time_ns(), 7);
  listener().OnIsolatedMargin(margin("BTC-USDT-PERP", kLong, "0.95"));  // not a second time
  listener().OnIsolatedMargin(margin("BTC-USDT-PERP", kShort, "0.9"));
  EXPECT_EQ(reader.NextEvent().margin_call().position_side(), kShort);
  listener().OnIsolatedMargin({"BTC-USDT-PERP", kLong, std::nullopt, TimeNs(8)});  // closed
  listener().OnIsolatedMargin(margin("BTC-USDT-PERP", kLong, "0.85"));
  EXPECT_EQ(reader.NextEvent().margin_call().margin_ratio(), "0.85");
}

TEST_F(AccountStreamTest, StaleUntilTheNextSnapshot) {
  Reader reader = Open();
  ASSERT_TRUE(reader.Next()->has_acknowledgement());
  listener().OnSnapshot({});
  const v1::AccountEvent before = reader.NextEvent();
  listener().OnStale(model::StaleReason::kMalformedUpdate);
  const v1::AccountEvent stale = reader.NextEvent();
  EXPECT_EQ(stale.kind(), STATE_EVENT_KIND_STALE);
  EXPECT_EQ(stale.reason(), common::v1::STALE_REASON_MALFORMED_UPDATE);
  EXPECT_EQ(stale.payload_case(), v1::AccountEvent::PAYLOAD_NOT_SET);
  listener().OnChange(Change(MakeAccount("1", "0")));
  listener().OnSnapshot({});
  const v1::AccountEvent after = reader.NextEvent();
  EXPECT_EQ(after.kind(), STATE_EVENT_KIND_SNAPSHOT);
  EXPECT_NE(after.epoch(), before.epoch());
}

TEST(MarginRatioTest, OfTheCrossPartWhereThereIsOne) {
  v1::Account account = MakeAccount("100", "50");
  EXPECT_EQ(account::MarginRatio(account)->ToShortString(), "0.5");
  account.mutable_cross()->mutable_equity()->set_value("30");
  account.mutable_cross()->mutable_maintenance_margin()->set_value("10");
  EXPECT_EQ(account::MarginRatio(account)->ToString(), "0.333333");
}

TEST(MarginRatioTest, NothingToSecureHasNone) {
  EXPECT_FALSE(account::MarginRatio(MakeAccount("100", "0")));
  EXPECT_FALSE(account::MarginRatio(MakeAccount("100", "")));
  EXPECT_FALSE(account::MarginRatio(MakeAccount("", "1")));
}

}  // namespace
}  // namespace switchyard
