#include "exchanges/gateio/account/account_manager.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "exchanges/gateio/account/funds.h"
#include "exchanges/gateio/futures/account/account_manager.h"
#include "exchanges/gateio/spot/account/account_manager.h"
#include "tests/exchanges/gateio/account/fake_link.h"
#include "tests/exchanges/gateio/account/market_data.h"

namespace switchyard::exchanges::gateio {
namespace {

namespace v1 = account::v1;
using exchange::CommandFate;
using std::chrono::nanoseconds;
using std::chrono::seconds;

class Listener final : public exchange::AccountListener {
 public:
  void OnSnapshot(const v1::AccountSnapshot& snapshot) override { snapshots.push_back(snapshot); }
  void OnChange(const v1::AccountEvent& change) override { changes.push_back(change); }
  void OnIsolatedMargin(const exchange::IsolatedMargin& margin) override {
    margins.push_back(margin.symbol + " " + common::v1::PositionSide_Name(margin.side) + " " +
                      (margin.ratio ? margin.ratio->ToShortString() : "none"));
  }
  void OnStale(model::StaleReason) override { ++stale; }

  std::vector<v1::AccountSnapshot> snapshots;
  std::vector<v1::AccountEvent> changes;
  std::vector<std::string> margins;
  int stale = 0;
};

template <typename Manager>
class AccountManagerTest : public ::testing::Test {
 protected:
  explicit AccountManagerTest(const std::string& exchange)
      : market_data_(testing::FullCapabilities("gateio")) {
    SetContracts(market_data_);
    auto link = std::make_unique<FakeLink>();
    link_ = link.get();
    manager_ = std::make_unique<Manager>(AccountManager::Identity{exchange, "main", true, true},
                                         market_data_);
    manager_->SetLink(std::move(link));
    manager_->Start(listener_);
  }
  void Answer(const std::string& path, absl::StatusOr<std::string> body) {
    link_->answers[path] = std::move(body);
  }

  testing::FakeMarketDataClient market_data_;
  Listener listener_;
  FakeLink* link_ = nullptr;
  std::unique_ptr<Manager> manager_;
};

class SpotAccountTest : public AccountManagerTest<spot::AccountManager> {
 protected:
  SpotAccountTest() : AccountManagerTest("gateio") {
    Answer("/account/detail", R"({"user_id":1667201533,"key":{"mode":1}})");
    Answer("/spot/accounts", R"([{"currency":"USDT","available":"4.1","locked":"1.1"}])");
  }
  absl::StatusOr<exchange::SourcedReply<std::vector<v1::Balance>>> Balances(nanoseconds max_age) {
    absl::StatusOr<exchange::SourcedReply<std::vector<v1::Balance>>> answer =
        absl::InternalError("no reply");
    manager_->ListBalances(max_age, [&](auto reply) { answer = std::move(reply); });
    return answer;
  }
  exchange::WithdrawCommand Withdrawal() {
    return {.request_id = "wd-1",
            .currency = "USDT",
            .network = "ETH",
            .address = "0x1",
            .tag = "",
            .amount = *Decimal::Parse("10.5"),
            .max_fee = {}};
  }
  exchange::FundsResult<v1::Withdrawal> Withdraw(const exchange::WithdrawCommand& command) {
    absl::StatusOr<exchange::FundsResult<v1::Withdrawal>> answer = absl::InternalError("no reply");
    manager_->Withdraw(command, [&](auto reply) { answer = std::move(reply); });
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? *answer : exchange::FundsResult<v1::Withdrawal>();
  }
  absl::StatusOr<v1::Withdrawal> FindWithdrawal(const std::string& id) {
    absl::StatusOr<v1::Withdrawal> answer = absl::InternalError("no reply");
    manager_->FindWithdrawal(id, [&](auto reply) { answer = std::move(reply); });
    return answer;
  }
};

TEST_F(SpotAccountTest, TheSnapshotHasTheBalances) {
  manager_->OnSocketReady();
  ASSERT_EQ(listener_.snapshots.size(), 1u);
  const v1::AccountSnapshot& snapshot = listener_.snapshots[0];
  EXPECT_EQ(snapshot.account().exchange_account_id(), "1667201533");
  EXPECT_EQ(snapshot.account().exchange_statistics().at("key.mode"), "1");
  ASSERT_EQ(snapshot.balances_size(), 1);
  EXPECT_EQ(snapshot.balances(0).total(), "5.2");
  EXPECT_EQ(snapshot.balances(0).account(), "main");
}

TEST_F(SpotAccountTest, APushIsToldAndKept) {
  manager_->OnSocketReady();
  manager_->OnBalances(Push(R"([{"timestamp_ms":"1691707273890","currency":"USDT","change":"0",
      "total":"43.06583427604872431142","available":"42.06583427604872431142","freeze":"1",
      "change_type":"order-create"}])")
                           .delivery());
  ASSERT_EQ(listener_.changes.size(), 1u);
  EXPECT_EQ(listener_.changes[0].balance_change().change_type(), v1::BALANCE_CHANGE_TYPE_ORDER);
  EXPECT_EQ(listener_.changes[0].exchange_time_ns(), 1'691'707'273'890'000'000);
  link_->socket_age = seconds(1);
  const auto kept = Balances(seconds(2));
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->source, model::Source::kWebSocket);
  EXPECT_EQ(kept->value.at(0).available(), "42.06583427604872431142");
  const auto asked = Balances({});
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_EQ(asked->source, model::Source::kRest);
  EXPECT_EQ(asked->value.at(0).available(), "4.1");
}

TEST_F(SpotAccountTest, AnOlderPushIsNotTold) {
  manager_->OnSocketReady();
  const auto push = [this](const std::string& time, const std::string& total) {
    manager_->OnBalances(Push(R"([{"timestamp_ms":")" + time + R"(","currency":"USDT","total":")" +
                              total + R"(","available":"1"}])")
                             .delivery());
  };
  push("1691707273890", "2");
  push("1691707273889", "3");
  ASSERT_EQ(listener_.changes.size(), 1u);
  EXPECT_EQ(listener_.changes[0].balance_change().balance().locked(), "1");
}

TEST_F(SpotAccountTest, APushThatCannotBeReadIsReported) {
  manager_->OnSocketReady();
  manager_->OnBalances(Push(R"([{"currency":"USDT","total":"many"}])").delivery());
  EXPECT_EQ(link_->malformed.size(), 1u);
  EXPECT_TRUE(listener_.changes.empty());
}

TEST_F(SpotAccountTest, WithoutOneHalfThereIsNoSnapshot) {
  Answer("/spot/accounts", absl::UnavailableError("down"));
  manager_->OnSocketReady();
  EXPECT_TRUE(listener_.snapshots.empty());
  EXPECT_EQ(link_->delays().size(), 1u);
}

TEST_F(SpotAccountTest, AWithdrawalIsSentWithOurId) {
  link_->outcome = FakeLink::Confirmed(R"({"id":"w35980955","currency":"USDT","amount":"10.5",
      "address":"0x1","status":"REQUEST","chain":"ETH","withdraw_order_id":"wd-1"})");
  const auto result = Withdraw(Withdrawal());
  EXPECT_EQ(result.fate, CommandFate::kConfirmed);
  EXPECT_EQ(result.record->exchange_withdrawal_id(), "w35980955");
  EXPECT_EQ(result.record->client_withdrawal_id(), "wd-1");
  EXPECT_EQ(result.record->exchange(), "gateio");
  EXPECT_EQ(link_->sent.back(),
            R"(POST /withdrawals {"currency":"USDT","amount":"10.5","address":"0x1","chain":"ETH",)"
            R"("withdraw_order_id":"wd-1"})");
}

TEST_F(SpotAccountTest, AFeeAboveTheLimitSendsNothing) {
  auto command = Withdrawal();
  command.max_fee = Decimal::FromInt(4);
  Answer("/wallet/withdraw_status",
         R"([{"currency":"USDT","withdraw_fix":"65","withdraw_fix_on_chains":{"ETH":"5"}}])");
  const auto refused = Withdraw(command);
  EXPECT_EQ(refused.fate, CommandFate::kNotSent);
  EXPECT_EQ(ReasonOf(refused.status), common::v1::ERROR_REASON_COMMAND_REFUSED);
  EXPECT_EQ(link_->sent.size(), 1u) << "only the fee was asked for";
  command.max_fee = Decimal::FromInt(5);
  EXPECT_EQ(Withdraw(command).fate, CommandFate::kConfirmed);
}

TEST_F(SpotAccountTest, WithoutANetworkNothingIsSent) {
  auto command = Withdrawal();
  command.network.clear();
  const auto refused = Withdraw(command);
  EXPECT_EQ(refused.fate, CommandFate::kNotSent);
  EXPECT_EQ(MetadataOf(refused.status)["field"], "network");
  EXPECT_TRUE(link_->sent.empty());
}

TEST_F(SpotAccountTest, AnUnknownOutcomeStaysUnknown) {
  link_->outcome = FakeLink::Failed(CommandFate::kUnknown, absl::UnknownError("cut"));
  EXPECT_EQ(Withdraw(Withdrawal()).fate, CommandFate::kUnknown);
}

TEST_F(SpotAccountTest, AWithdrawalIsFoundByItsIdAlone) {
  Answer("/wallet/withdrawals", R"([
      {"id":"w1","currency":"USDT","amount":"1","withdraw_order_id":"another","status":"DONE"},
      {"id":"w2","currency":"USDT","amount":"1","withdraw_order_id":"wd-1","status":"PEND"}])");
  const auto found = FindWithdrawal("wd-1");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->exchange_withdrawal_id(), "w2");
  EXPECT_EQ(found->state(), v1::WITHDRAWAL_STATE_PROCESSING);
  // 30 days back from 1700000000: as far as Gate.io looks.
  EXPECT_EQ(link_->sent.back(),
            "GET /wallet/withdrawals?withdraw_order_id=wd-1&from=1697408000&limit=10");
  EXPECT_TRUE(absl::IsNotFound(FindWithdrawal("wd-2").status()));
  Answer("/wallet/withdrawals", absl::UnavailableError("down"));
  EXPECT_TRUE(absl::IsUnavailable(FindWithdrawal("wd-1").status()));
}

TEST_F(SpotAccountTest, ALongIdIsShortenedInTheSameWayEachTime) {
  const std::string id(36, 'x');
  const std::string sent = WithdrawOrderId(id);
  EXPECT_EQ(sent.size(), 32u);
  EXPECT_EQ(sent, WithdrawOrderId(id));
  EXPECT_NE(sent, WithdrawOrderId(std::string(35, 'x')));
  EXPECT_EQ(WithdrawOrderId("wd-1"), "wd-1");
  Answer("/wallet/withdrawals",
         R"([{"id":"w2","currency":"USDT","amount":"1","withdraw_order_id":")" + sent +
             R"(","status":"DONE","block_number":"0"}])");
  const auto found = FindWithdrawal(id);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->client_withdrawal_id(), id);
  EXPECT_EQ(found->state(), v1::WITHDRAWAL_STATE_PROCESSING) << "not on the chain yet";
}

TEST_F(SpotAccountTest, TransfersBetweenOwnWalletsCannotBeTraced) {
  exchange::TransferCommand command;
  command.request_id = "t1";
  command.currency = "USDT";
  command.amount = *Decimal::Parse("25.5");
  command.from.set_wallet(v1::WALLET_CONTRACT);
  command.to.set_wallet(v1::WALLET_SPOT);
  absl::StatusOr<v1::Transfer> found = absl::InternalError("no reply");
  manager_->FindTransfer(command, [&](auto reply) { found = std::move(reply); });
  EXPECT_TRUE(absl::IsUnimplemented(found.status()));
  link_->outcome = FakeLink::Confirmed("");
  absl::StatusOr<exchange::FundsResult<v1::Transfer>> sent = absl::InternalError("no reply");
  manager_->Transfer(command, [&](auto reply) { sent = std::move(reply); });
  ASSERT_TRUE(sent.ok()) << sent.status();
  EXPECT_EQ(sent->fate, CommandFate::kConfirmed) << "an empty answer is one";
  EXPECT_EQ(sent->record->state(), v1::TRANSFER_STATE_COMPLETED);
  EXPECT_EQ(link_->sent.back(),
            R"(POST /wallet/transfers {"currency":"USDT","from":"futures","to":"spot",)"
            R"("amount":"25.5","settle":"usdt"})");
}

TEST_F(SpotAccountTest, TransfersAreThoseOfTheContractWallet) {
  Answer("/futures/usdt/account_book", R"([
      {"time":200,"change":"-5","balance":"1","text":"","type":"dnw","id":"2"},
      {"time":100,"change":"25.5","balance":"6","text":"","type":"dnw","id":"1"}])");
  absl::StatusOr<exchange::Page<v1::Transfer>> page = absl::InternalError("no reply");
  manager_->ListTransfers({}, [&](auto reply) { page = std::move(reply); });
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->items.size(), 2u);
  EXPECT_EQ(page->items[0].from().wallet(), v1::WALLET_CONTRACT);
  EXPECT_EQ(page->items[0].quantity(), "5");
  EXPECT_EQ(page->items[1].to().wallet(), v1::WALLET_CONTRACT);
  EXPECT_EQ(link_->sent.back(), "GET /futures/usdt/account_book?limit=100&type=dnw");
}

TEST_F(SpotAccountTest, WhatOnlyContractsHaveIsRefused) {
  absl::StatusOr<exchange::SettingResult> answer = absl::InternalError("no reply");
  manager_->SetPositionMode(v1::POSITION_MODE_HEDGE, [&](auto reply) { answer = reply; });
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(ReasonOf(answer->status), common::v1::ERROR_REASON_NOT_IN_CAPABILITIES);
}

constexpr char kAccount[] = R"({"total":"100","unrealised_pnl":"-20","position_margin":"30",
    "order_margin":"10","available":"40","maintenance_margin":"8","currency":"USDT",
    "in_dual_mode":false,"user":5})";
constexpr char kDualAccount[] = R"({"total":"100","unrealised_pnl":"0","available":"40",
    "currency":"USDT","position_mode":"dual","user":5})";

class FuturesAccountTest : public AccountManagerTest<futures::AccountManager> {
 protected:
  FuturesAccountTest() : AccountManagerTest("gateio_futures") {
    Answer("/futures/usdt/accounts", kAccount);
    Answer("/futures/usdt/positions", "[]");
    Answer(
        "/futures/usdt/positions/BTC_USDT",
        R"({"contract":"BTC_USDT","mode":"single","size":0,"leverage":"10","leverage_max":"125"})");
    link_->manual_clock.Advance(seconds(100));
  }
  exchange::SettingResult SetLeverage(const std::string& leverage,
                                      common::v1::PositionSide side = {}) {
    absl::StatusOr<exchange::SettingResult> answer = absl::InternalError("no reply");
    manager_->SetLeverage("BTC-USDT-PERP", side, *Decimal::Parse(leverage),
                          [&](auto reply) { answer = std::move(reply); });
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? *answer : exchange::SettingResult();
  }
  std::string LastCommand() const {
    for (auto it = link_->sent.rbegin(); it != link_->sent.rend(); ++it) {
      if (it->starts_with("POST")) return *it;
    }
    return "";
  }
};

// R-64: what is derived says so.
TEST_F(FuturesAccountTest, R64EquityIsDerivedFromTotalAndUnrealisedProfitAndSaysSo) {
  manager_->OnSocketReady();
  ASSERT_EQ(listener_.snapshots.size(), 1u);
  const v1::AccountFigures& total = listener_.snapshots[0].account().total();
  EXPECT_EQ(total.equity().value(), "80");
  EXPECT_TRUE(total.equity().derived());
  EXPECT_EQ(total.margin_used().value(), "40");
  EXPECT_EQ(total.margin_usage().value(), "0.5");
  EXPECT_EQ(total.maintenance_margin().value(), "8");
  EXPECT_FALSE(total.maintenance_margin().derived());
  EXPECT_EQ(listener_.snapshots[0].balances(0).locked(), "40");
}

// 2 BTC bought at 50000 with a margin of 1000 of its own: at a mark of 49800 it has lost 400, and
// 300 is what it needs.
constexpr char kIsolated[] = R"([{"contract":"BTC_USDT","mode":"single","size":"20000",
    "leverage":"10","entry_price":"50000","mark_price":"49800","unrealised_pnl":"-400",
    "margin":"1000","maintenance_margin":"300","maintenance_rate":"0.003","value":"99600"}])";

TEST_F(FuturesAccountTest, TheMarginOfAnIsolatedPositionIsToldAndFollowsTheMark) {
  Answer("/futures/usdt/positions", kIsolated);
  market_data_.tickers = absl::UnavailableError("down");
  manager_->OnSocketReady();
  EXPECT_EQ(listener_.margins, std::vector<std::string>{"BTC-USDT-PERP POSITION_SIDE_NET 0.5"})
      << "300 / (1000 - 400)";
  market_data_.tickers = MarkOf("BTC-USDT-PERP", "49600");
  link_->manual_clock.Advance(seconds(1));
  link_->RunDelayed(seconds(1));
  EXPECT_EQ(listener_.margins.back(), "BTC-USDT-PERP POSITION_SIDE_NET 1.5")
      << "300 / (1000 - 800)";
}

TEST_F(FuturesAccountTest, APositionWithoutMarginOfItsOwnHasNoRatio) {
  market_data_.tickers = absl::UnavailableError("down");
  Answer("/futures/usdt/positions",
         R"([{"contract":"BTC_USDT","mode":"single","size":"20000","leverage":"0",
              "cross_leverage_limit":"10","margin":"1000","maintenance_margin":"300",
              "unrealised_pnl":"-400"},
             {"contract":"ETH_USDT","mode":"single","size":"20000","leverage":"10",
              "maintenance_margin":"300","unrealised_pnl":"-400"}])");
  manager_->OnSocketReady();
  EXPECT_TRUE(listener_.margins.empty());
}

TEST_F(FuturesAccountTest, ARatioIsTakenBackWhenThePositionIsClosedOrGone) {
  market_data_.tickers = absl::UnavailableError("down");
  Answer("/futures/usdt/positions", kIsolated);
  manager_->OnSocketReady();
  manager_->OnPositions(
      Push(R"([{"contract":"BTC_USDT","mode":"single","size":0,"time_ms":1700000001000}])")
          .delivery());
  EXPECT_EQ(listener_.margins.back(), "BTC-USDT-PERP POSITION_SIDE_NET none");
  const std::size_t told = listener_.margins.size();
  manager_->OnSocketLost(absl::UnavailableError("cut"));
  manager_->OnSocketReady();
  EXPECT_EQ(listener_.margins.back(), "BTC-USDT-PERP POSITION_SIDE_NET 0.5");
  manager_->OnSocketLost(absl::UnavailableError("cut"));
  Answer("/futures/usdt/positions", "[]");
  manager_->OnSocketReady();
  EXPECT_EQ(listener_.margins.back(), "BTC-USDT-PERP POSITION_SIDE_NET none");
  EXPECT_EQ(listener_.margins.size(), told + 2);
}

TEST_F(FuturesAccountTest, AClosingBeforeTheSnapshotIsToldWithIt) {
  constexpr char kClosed[] =
      R"([{"contract":"BTC_USDT","mode":"single","size":0,"time_ms":1700000001000}])";
  market_data_.tickers = absl::UnavailableError("down");
  Answer("/futures/usdt/positions", kIsolated);
  manager_->OnSocketReady();
  // The socket tells the closing while the snapshot cannot be read yet.
  manager_->OnSocketLost(absl::UnavailableError("cut"));
  Answer("/futures/usdt/positions", absl::UnavailableError("down"));
  manager_->OnSocketReady();
  listener_.margins.clear();
  manager_->OnPositions(Push(kClosed).delivery());
  EXPECT_TRUE(listener_.margins.empty()) << "nothing is told before the snapshot";
  Answer("/futures/usdt/positions", "[]");
  link_->RunDelayed();
  EXPECT_EQ(listener_.margins, std::vector<std::string>{"BTC-USDT-PERP POSITION_SIDE_NET none"});
  link_->RunDelayed(seconds(30));
  EXPECT_EQ(listener_.margins.size(), 1u) << "once";
}

TEST_F(FuturesAccountTest, APositionOpenedAnewBeforeTheSnapshotIsToldAsAnother) {
  market_data_.tickers = absl::UnavailableError("down");
  Answer("/futures/usdt/positions", kIsolated);
  manager_->OnSocketReady();
  manager_->OnSocketLost(absl::UnavailableError("cut"));
  Answer("/futures/usdt/positions", absl::UnavailableError("down"));
  manager_->OnSocketReady();
  listener_.margins.clear();
  manager_->OnPositions(
      Push(R"([{"contract":"BTC_USDT","mode":"single","size":0,"time_ms":1700000001000}])")
          .delivery());
  Answer("/futures/usdt/positions", kIsolated);
  link_->RunDelayed();
  EXPECT_EQ(listener_.margins, (std::vector<std::string>{"BTC-USDT-PERP POSITION_SIDE_NET none",
                                                         "BTC-USDT-PERP POSITION_SIDE_NET 0.5"}));
}

TEST_F(FuturesAccountTest, APositionThatCannotBeReadIsReported) {
  manager_->OnSocketReady();
  manager_->OnPositions(Push(R"([{"contract":"BTC_USDT","mode":"odd","size":1}])").delivery());
  EXPECT_EQ(link_->malformed.size(), 1u);
}

TEST(IsolatedRatioTest, WithoutEquityLiquidationIsDue) {
  position::v1::Position position;
  position.set_margin_mode(common::v1::MARGIN_MODE_ISOLATED);
  position.set_side(common::v1::SIDE_BUY);
  position.mutable_margin()->set_value("100");
  position.mutable_maintenance_margin()->set_value("5");
  EXPECT_FALSE(futures::IsolatedRatioOf(position)) << "what it has gained is not known";
  position.mutable_unrealised_profit()->set_value("-100");
  EXPECT_EQ(futures::IsolatedRatioOf(position)->ToString(), "1");
  position.mutable_unrealised_profit()->set_value("-85");
  EXPECT_EQ(futures::IsolatedRatioOf(position)->ToString(), "0.333333");
}

TEST_F(FuturesAccountTest, AnAnswerThatIsYoungEnoughIsServedFromMemory) {
  absl::StatusOr<exchange::SourcedReply<v1::Account>> answer = absl::InternalError("");
  const auto get = [&](nanoseconds max_age) {
    manager_->GetAccount(max_age, [&](auto reply) { answer = std::move(reply); });
    return answer.ok();
  };
  ASSERT_TRUE(get(seconds(5)));
  EXPECT_EQ(answer->source, model::Source::kRest);
  link_->manual_clock.Advance(seconds(2));
  ASSERT_TRUE(get(seconds(5)));
  EXPECT_EQ(answer->source, model::Source::kCache);
  EXPECT_EQ(answer->age, seconds(2));
  ASSERT_TRUE(get(seconds(1)));
  EXPECT_EQ(answer->source, model::Source::kRest);
  ASSERT_TRUE(get({}));
  EXPECT_EQ(answer->source, model::Source::kRest);
}

TEST_F(FuturesAccountTest, APushIsToldAndTheFiguresFollow) {
  manager_->OnSocketReady();
  link_->manual_clock.Advance(seconds(10));
  const Push push(R"([{"balance":2214.191673190433,"change":-0.0025776,"currency":"usdt",
      "time_ms":1755738515671,"type":"fee"}])");
  manager_->OnBalances(push.delivery());
  manager_->OnBalances(push.delivery());
  ASSERT_EQ(listener_.changes.size(), 2u);
  EXPECT_EQ(listener_.changes[0].balance_change().balance().total(), "2214.191673190433");
  EXPECT_EQ(link_->delays().size(), 1u) << "one reading for both";
  link_->RunDelayed();
  ASSERT_EQ(listener_.changes.size(), 4u);
  EXPECT_TRUE(listener_.changes[2].has_account_update());
  EXPECT_EQ(listener_.changes[3].balance_change().balance().available(), "40");
}

TEST_F(FuturesAccountTest, LeverageStaysIsolatedOrCross) {
  EXPECT_EQ(SetLeverage("5").fate, CommandFate::kConfirmed);
  EXPECT_EQ(LastCommand(), "POST /futures/usdt/positions/BTC_USDT/leverage?leverage=5");
  Answer("/futures/usdt/positions/BTC_USDT",
         R"({"contract":"BTC_USDT","mode":"single","size":0,"leverage":"0",
             "cross_leverage_limit":"5"})");
  const auto cross = SetLeverage("7");
  EXPECT_EQ(LastCommand(),
            "POST /futures/usdt/positions/BTC_USDT/leverage?leverage=0&cross_leverage_limit=7");
  EXPECT_EQ(cross.setting->margin_mode(), common::v1::MARGIN_MODE_CROSS);
}

TEST_F(FuturesAccountTest, InHedgeModeOneSideCanBeSet) {
  Answer("/futures/usdt/accounts", kDualAccount);
  Answer("/futures/usdt/dual_comp/positions/BTC_USDT",
         R"([{"contract":"BTC_USDT","mode":"dual_long","size":0,"leverage":"10"},
             {"contract":"BTC_USDT","mode":"dual_short","size":0,"leverage":"20"}])");
  const auto set = SetLeverage("3", common::v1::POSITION_SIDE_SHORT);
  EXPECT_EQ(LastCommand(),
            "POST /futures/usdt/positions/BTC_USDT/set_leverage?leverage=3&"
            "margin_mode=isolated&dual_side=dual_short");
  EXPECT_EQ(set.setting->leverage(), "10");
  EXPECT_EQ(set.setting->short_leverage(), "20");
  SetLeverage("3");
  EXPECT_EQ(LastCommand(), "POST /futures/usdt/dual_comp/positions/BTC_USDT/leverage?leverage=3");
}

TEST_F(FuturesAccountTest, ASettingThatIsSetAlreadyIsNotSent) {
  absl::StatusOr<exchange::SettingResult> answer = absl::InternalError("no reply");
  manager_->SetMarginMode("BTC-USDT-PERP", common::v1::MARGIN_MODE_ISOLATED,
                          [&](auto reply) { answer = std::move(reply); });
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->fate, CommandFate::kConfirmed);
  manager_->SetPositionMode(v1::POSITION_MODE_ONE_WAY,
                            [&](auto reply) { answer = std::move(reply); });
  EXPECT_EQ(answer->fate, CommandFate::kConfirmed);
  EXPECT_EQ(LastCommand(), "");
}

TEST_F(FuturesAccountTest, ModesAreSet) {
  manager_->OnSocketReady();
  absl::StatusOr<exchange::SettingResult> answer = absl::InternalError("no reply");
  manager_->SetMarginMode("BTC-USDT-PERP", common::v1::MARGIN_MODE_CROSS,
                          [&](auto reply) { answer = std::move(reply); });
  EXPECT_EQ(LastCommand(), R"(POST /futures/usdt/positions/cross_mode )"
                           R"({"mode":"CROSS","contract":"BTC_USDT"})");
  EXPECT_TRUE(listener_.changes.at(0).has_leverage_change());
  manager_->SetPositionMode(v1::POSITION_MODE_HEDGE, [&](auto reply) { answer = reply; });
  EXPECT_EQ(LastCommand(), "POST /futures/usdt/set_position_mode?position_mode=dual");
  EXPECT_EQ(listener_.changes.at(1).position_mode_change().position_mode(),
            v1::POSITION_MODE_HEDGE);
}

TEST_F(FuturesAccountTest, ARefusedSettingIsPassedOnAndNotTold) {
  manager_->OnSocketReady();
  link_->outcome = FakeLink::Failed(CommandFate::kRefused,
                                    MakeError(absl::StatusCode::kFailedPrecondition,
                                              common::v1::ERROR_REASON_SETTING_LOCKED, "holding"));
  EXPECT_EQ(ReasonOf(SetLeverage("5").status), common::v1::ERROR_REASON_SETTING_LOCKED);
  EXPECT_TRUE(listener_.changes.empty());
}

TEST_F(FuturesAccountTest, WhatCannotBeReadBeforeACommandMeansThatNothingWasSent) {
  Answer("/futures/usdt/accounts", absl::UnavailableError("down"));
  const auto result = SetLeverage("5");
  EXPECT_EQ(result.fate, CommandFate::kNotSent);
  EXPECT_EQ(LastCommand(), "");
}

TEST_F(FuturesAccountTest, FeesAreOfTheMarketOrOfTheAccount) {
  Answer("/futures/usdt/fee", R"({"BTC_USDT":{"taker_fee":"0.0005","maker_fee":"-0.00010"}})");
  Answer("/wallet/fee",
         R"({"taker_fee":"0.002","maker_fee":"0.001","futures_taker_fee":"0.0005",
             "futures_maker_fee":"0.0002"})");
  absl::StatusOr<std::vector<v1::FeeRates>> answer = absl::InternalError("no reply");
  manager_->GetFees({"BTC-USDT-PERP"}, [&](auto reply) { answer = std::move(reply); });
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->at(0).symbol(), "BTC-USDT-PERP");
  EXPECT_EQ(answer->at(0).maker_rate(), "-0.0001");
  manager_->GetFees({}, [&](auto reply) { answer = std::move(reply); });
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->at(0).taker_rate(), "0.0005");
}

TEST_F(FuturesAccountTest, BracketsBeginWhereTheOneBeforeEnds) {
  Answer("/futures/usdt/risk_limit_tiers", R"([
      {"tier":2,"risk_limit":"1500000","initial_rate":"0.01","maintenance_rate":"0.005",
       "leverage_max":"100","deduction":"500"},
      {"tier":1,"risk_limit":"1000000","initial_rate":"0.008","maintenance_rate":"0.004",
       "leverage_max":"125"}])");
  absl::StatusOr<std::vector<v1::LeverageBracket>> answer = absl::InternalError("no reply");
  manager_->ListBrackets("BTC-USDT-PERP", [&](auto reply) { answer = std::move(reply); });
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->size(), 2u);
  EXPECT_EQ(answer->at(0).notional_floor(), "0");
  EXPECT_EQ(answer->at(1).notional_floor(), "1000000");
  EXPECT_EQ(answer->at(1).max_leverage(), "100");
}

struct TypeCase {
  std::string type;
  v1::BalanceChangeType want;
};
class ChangeTypeTest : public ::testing::TestWithParam<TypeCase> {};

TEST_P(ChangeTypeTest, OfTheAccountBook) {
  EXPECT_EQ(futures::ToChangeType(GetParam().type), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Types, ChangeTypeTest,
    ::testing::Values(TypeCase{"dnw", v1::BALANCE_CHANGE_TYPE_TRANSFER},
                      TypeCase{"pnl", v1::BALANCE_CHANGE_TYPE_REALISED_PROFIT},
                      TypeCase{"fee", v1::BALANCE_CHANGE_TYPE_FEE},
                      TypeCase{"refr", v1::BALANCE_CHANGE_TYPE_FEE},
                      TypeCase{"fund", v1::BALANCE_CHANGE_TYPE_FUNDING},
                      TypeCase{"point_dnw", v1::BALANCE_CHANGE_TYPE_TRANSFER},
                      TypeCase{"point_fee", v1::BALANCE_CHANGE_TYPE_FEE},
                      TypeCase{"point_refr", v1::BALANCE_CHANGE_TYPE_FEE},
                      TypeCase{"bonus_dnw", v1::BALANCE_CHANGE_TYPE_ADJUSTMENT},
                      TypeCase{"bonus_offset", v1::BALANCE_CHANGE_TYPE_ADJUSTMENT},
                      TypeCase{"invented", v1::BALANCE_CHANGE_TYPE_UNRECOGNISED}),
    [](const auto& info) { return info.param.type; });

class SpotChangeTypeTest : public ::testing::TestWithParam<TypeCase> {};

TEST_P(SpotChangeTypeTest, OfThePush) {
  EXPECT_EQ(spot::ToChangeType(GetParam().type), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Types, SpotChangeTypeTest,
    ::testing::Values(TypeCase{"withdraw", v1::BALANCE_CHANGE_TYPE_WITHDRAWAL},
                      TypeCase{"deposit", v1::BALANCE_CHANGE_TYPE_DEPOSIT},
                      TypeCase{"trade-fee-deduct", v1::BALANCE_CHANGE_TYPE_FEE},
                      TypeCase{"order-create", v1::BALANCE_CHANGE_TYPE_ORDER},
                      TypeCase{"order-match", v1::BALANCE_CHANGE_TYPE_FILL},
                      TypeCase{"order-update", v1::BALANCE_CHANGE_TYPE_ORDER},
                      TypeCase{"margin-transfer", v1::BALANCE_CHANGE_TYPE_TRANSFER},
                      TypeCase{"future-transfer", v1::BALANCE_CHANGE_TYPE_TRANSFER},
                      TypeCase{"cross-margin-transfer", v1::BALANCE_CHANGE_TYPE_TRANSFER},
                      TypeCase{"other", v1::BALANCE_CHANGE_TYPE_UNSPECIFIED},
                      TypeCase{"invented", v1::BALANCE_CHANGE_TYPE_UNRECOGNISED}),
    [](const auto& info) {
      std::string name = info.param.type;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

struct StateCase {
  std::string status;
  v1::WithdrawalState want;
};
class WithdrawalStateTest : public ::testing::TestWithParam<StateCase> {};

TEST_P(WithdrawalStateTest, OfTheStatus) {
  EXPECT_EQ(ToWithdrawalState(GetParam().status), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    States, WithdrawalStateTest,
    ::testing::Values(StateCase{"DONE", v1::WITHDRAWAL_STATE_COMPLETED},
                      StateCase{"BCODE", v1::WITHDRAWAL_STATE_COMPLETED},
                      StateCase{"CANCEL", v1::WITHDRAWAL_STATE_CANCELED},
                      StateCase{"REJECT", v1::WITHDRAWAL_STATE_REJECTED},
                      StateCase{"INVALID", v1::WITHDRAWAL_STATE_REJECTED},
                      StateCase{"FAIL", v1::WITHDRAWAL_STATE_FAILED},
                      StateCase{"REQUEST", v1::WITHDRAWAL_STATE_PENDING},
                      StateCase{"REVIEW", v1::WITHDRAWAL_STATE_PENDING},
                      StateCase{"MANUAL", v1::WITHDRAWAL_STATE_PENDING},
                      StateCase{"LOCKED", v1::WITHDRAWAL_STATE_PENDING},
                      StateCase{"CANCELPEND", v1::WITHDRAWAL_STATE_PENDING},
                      StateCase{"VERIFY", v1::WITHDRAWAL_STATE_ACTION_REQUIRED},
                      StateCase{"FVERIFY", v1::WITHDRAWAL_STATE_ACTION_REQUIRED},
                      StateCase{"DMOVE", v1::WITHDRAWAL_STATE_PROCESSING},
                      StateCase{"PROCES", v1::WITHDRAWAL_STATE_PROCESSING},
                      StateCase{"PEND", v1::WITHDRAWAL_STATE_PROCESSING},
                      StateCase{"SPLITPEND", v1::WITHDRAWAL_STATE_PROCESSING},
                      StateCase{"EXTPEND", v1::WITHDRAWAL_STATE_PROCESSING},
                      StateCase{"INVENTED", v1::WITHDRAWAL_STATE_UNRECOGNISED}),
    [](const auto& info) { return info.param.status; });

TEST(TransferStateTest, OfTheStatus) {
  EXPECT_EQ(ToTransferState("PENDING"), v1::TRANSFER_STATE_PENDING);
  EXPECT_EQ(ToTransferState("SUCCESS"), v1::TRANSFER_STATE_COMPLETED);
  EXPECT_EQ(ToTransferState("FAIL"), v1::TRANSFER_STATE_FAILED);
  EXPECT_EQ(ToTransferState("PARTIAL_SUCCESS"), v1::TRANSFER_STATE_PARTIALLY_COMPLETED);
  EXPECT_EQ(ToTransferState("INVENTED"), v1::TRANSFER_STATE_UNRECOGNISED);
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
