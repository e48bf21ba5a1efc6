#include "exchanges/gateio/futures/position/position_manager.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "tests/exchanges/gateio/account/fake_link.h"
#include "tests/exchanges/gateio/account/market_data.h"

namespace switchyard::exchanges::gateio::futures {
namespace {

using exchange::CommandFate;
using std::chrono::seconds;

constexpr char kPositions[] = "/futures/usdt/positions";
constexpr char kBook[] = "/futures/usdt/account_book";
constexpr char kOneLong[] = R"([{"contract":"BTC_USDT","mode":"single","size":"20000",
    "entry_price":"50000","mark_price":"50100","pnl_fund":"-1.5","open_time":1699999000}])";

class Listener final : public exchange::PositionListener {
 public:
  void OnSnapshot(const std::vector<position::v1::Position>& positions) override {
    Hear("snapshot", positions);
  }
  void OnChange(const std::vector<position::v1::Position>& positions) override {
    Hear("change", positions);
  }
  void OnMark(const std::vector<position::v1::Position>& positions) override {
    Hear("mark", positions);
  }
  void OnStale(model::StaleReason reason) override {
    heard.push_back("stale " + std::to_string(static_cast<int>(reason)));
  }

  std::vector<std::string> heard;
  std::vector<position::v1::Position> last;

 private:
  void Hear(const std::string& what, const std::vector<position::v1::Position>& positions) {
    std::string text = what;
    for (const auto& each : positions) text += " " + each.symbol() + " " + each.size().value();
    heard.push_back(std::move(text));
    last = positions;
  }
};

class PositionManagerTest : public ::testing::Test {
 protected:
  PositionManagerTest() : market_data_(testing::FullCapabilities("gateio_futures")) {
    SetContracts(market_data_);
    market_data_.tickers = MarkOf("BTC-USDT-PERP", "50300");
    auto link = std::make_unique<FakeLink>();
    link_ = link.get();
    link_->answers[kPositions] = std::string(kOneLong);
    manager_ = std::make_unique<PositionManager>(
        PositionManager::Identity{"gateio_futures", "main", true}, market_data_);
    manager_->SetLink(std::move(link));
    manager_->Start(listener_);
  }
  absl::StatusOr<exchange::PositionsReply> List(std::chrono::nanoseconds max_age) {
    absl::StatusOr<exchange::PositionsReply> answer = absl::UnknownError("no reply");
    manager_->ListPositions({}, max_age, [&](auto reply) { answer = std::move(reply); });
    return answer;
  }
  absl::StatusOr<exchange::CommandResult> Close() {
    exchange::CloseCommand command;
    command.position.set_symbol("BTC-USDT-PERP");
    command.position.set_side(common::v1::SIDE_BUY);
    command.quantity = Decimal::FromInt(2);
    command.exchange_client_id = "t-swc-1";
    absl::StatusOr<exchange::CommandResult> answer = absl::InternalError("no reply");
    manager_->Close(command, [&](auto reply) { answer = std::move(reply); });
    return answer;
  }
  absl::StatusOr<exchange::CommandResult> Find() {
    absl::StatusOr<exchange::CommandResult> answer = absl::InternalError("no reply");
    manager_->FindClose("BTC-USDT-PERP", "t-swc-1", [&](auto reply) { answer = reply; });
    return answer;
  }

  testing::FakeMarketDataClient market_data_;
  Listener listener_;
  FakeLink* link_ = nullptr;
  std::unique_ptr<PositionManager> manager_;
};

TEST_F(PositionManagerTest, AReadySocketGivesTheSnapshotAndThenTheMark) {
  EXPECT_TRUE(link_->started);
  manager_->OnSocketReady();
  EXPECT_EQ(listener_.heard,
            (std::vector<std::string>{"snapshot BTC-USDT-PERP 2", "mark BTC-USDT-PERP 2"}));
  EXPECT_EQ(listener_.last[0].mark_price().value(), "50300");
  EXPECT_EQ(listener_.last[0].mark_price().source(), common::v1::SOURCE_REST);
  EXPECT_EQ(listener_.last[0].unrealised_profit().value(), "600");
  EXPECT_EQ(listener_.last[0].cumulative_funding().value(), "-1.5");
}

TEST_F(PositionManagerTest, PushesAreToldOnceThereIsASnapshot) {
  const Push grown(
      R"([{"contract":"BTC_USDT","mode":"single","size":30000,"time_ms":1700000001000}])");
  manager_->OnPositions(grown.delivery());
  EXPECT_TRUE(listener_.heard.empty());
  manager_->OnSocketReady();
  listener_.heard.clear();
  manager_->OnPositions(grown.delivery());
  EXPECT_EQ(listener_.heard, std::vector<std::string>{"change BTC-USDT-PERP 3"});
}

TEST_F(PositionManagerTest, AFailedReadingIsRepeatedAndNothingIsToldBefore) {
  link_->answers[kPositions] = absl::UnavailableError("down");
  manager_->OnSocketReady();
  EXPECT_TRUE(listener_.heard.empty());
  ASSERT_EQ(link_->delays().size(), 1u);
  EXPECT_EQ(link_->delays()[0], std::chrono::milliseconds(500));
  link_->RunDelayed();
  EXPECT_EQ(link_->delays().at(0), std::chrono::seconds(1)) << "it grows";
  link_->answers[kPositions] = std::string(kOneLong);
  link_->RunDelayed();
  EXPECT_EQ(listener_.heard.at(0), "snapshot BTC-USDT-PERP 2");
}

TEST_F(PositionManagerTest, AnUnreadableAnswerIsNoEmptyOne) {
  link_->answers[kPositions] = std::string(R"([{"contract":"BTC_USDT"}])");
  manager_->OnSocketReady();
  EXPECT_TRUE(listener_.heard.empty());
  EXPECT_EQ(List({}).status().code(), absl::StatusCode::kInternal);
}

TEST_F(PositionManagerTest, ALostSocketIsStaleUntilTheNextSnapshot) {
  manager_->OnSocketReady();
  listener_.heard.clear();
  manager_->OnSocketLost(absl::UnavailableError("cut"));
  manager_->OnSocketLost(absl::UnavailableError("cut"));
  manager_->OnPositions(Push(R"([{"contract":"BTC_USDT","mode":"single","size":1}])").delivery());
  EXPECT_EQ(listener_.heard, std::vector<std::string>{"stale 4"});
  manager_->OnSocketReady();
  EXPECT_EQ(listener_.heard.at(1), "snapshot BTC-USDT-PERP 2");
}

TEST_F(PositionManagerTest, APushThatCannotBeReadIsReported) {
  manager_->OnSocketReady();
  manager_->OnPositions(Push(R"([{"contract":"BTC_USDT","mode":"odd","size":1}])").delivery());
  EXPECT_EQ(link_->malformed.size(), 1u);
}

TEST_F(PositionManagerTest, ReadsAskTheExchangeUnlessTheStateIsYoungEnough) {
  manager_->OnSocketReady();
  const std::size_t asked = link_->sent.size();
  link_->socket_age = seconds(3);
  const auto young = List(seconds(4));
  ASSERT_TRUE(young.ok()) << young.status();
  EXPECT_EQ(young->source, model::Source::kWebSocket);
  EXPECT_EQ(young->age, seconds(3));
  EXPECT_EQ(link_->sent.size(), asked);
  const auto old = List(seconds(2));
  ASSERT_TRUE(old.ok()) << old.status();
  EXPECT_EQ(old->source, model::Source::kRest);
  EXPECT_EQ(old->age.count(), 0);
  EXPECT_EQ(link_->sent.size(), asked + 1);
  EXPECT_TRUE(List({}).ok());
  EXPECT_EQ(link_->sent.size(), asked + 2) << "0 always asks";
}

TEST_F(PositionManagerTest, WithoutASnapshotNoReadIsServedFromMemory) {
  const auto answer = List(std::chrono::hours(1));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->source, model::Source::kRest);
}

TEST_F(PositionManagerTest, FundingIsReadAnewWhenItWasPaid) {
  manager_->OnSocketReady();
  listener_.heard.clear();
  manager_->OnBalances(Push(R"([{"type":"fee","balance":1,"change":1}])").delivery());
  EXPECT_TRUE(listener_.heard.empty());
  manager_->OnBalances(Push(R"([{"type":"fund","balance":1,"change":1}])").delivery());
  EXPECT_EQ(listener_.heard, std::vector<std::string>{"snapshot BTC-USDT-PERP 2"});
}

TEST_F(PositionManagerTest, UntoldFundingIsTheSumOfTheBookSinceTheOpening) {
  link_->answers[kPositions] =
      std::string(R"([{"contract":"BTC_USDT","mode":"single","size":1,"open_time":1699999000}])");
  // Entries of another contract and before the opening do not count.
  link_->answers[kBook] = std::string(R"([
      {"time":1699999800,"change":"-0.25","balance":"1","text":"BTC_USDT","type":"fund"},
      {"time":1699999700,"change":"0.10","balance":"1","text":"BTC_USDT","type":"fund"},
      {"time":1699999700,"change":"9","balance":"1","text":"ETH_USDT","type":"fund"},
      {"time":1699998000,"change":"7","balance":"1","text":"BTC_USDT","type":"fund"}])");
  manager_->OnSocketReady();
  EXPECT_EQ(link_->sent.at(1),
            "GET /futures/usdt/account_book?contract=BTC_USDT&limit=1000&"
            "from=1699999000&type=fund");
  ASSERT_EQ(listener_.heard.at(1), "change BTC-USDT-PERP 0.0001");
  EXPECT_EQ(listener_.last[0].cumulative_funding().value(), "-0.15");
  EXPECT_TRUE(listener_.last[0].cumulative_funding().derived());
}

TEST_F(PositionManagerTest, CloseSendsOneReduceOnlyOrder) {
  link_->outcome = FakeLink::Confirmed(R"({"id":77,"size":-20000,"price":"0","text":"t-swc-1"})");
  const auto result = Close();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->fate, CommandFate::kConfirmed);
  EXPECT_EQ(result->report->exchange_order_id, "77");
  EXPECT_EQ(link_->sent.back(),
            R"(POST /futures/usdt/orders {"contract":"BTC_USDT","size":-20000,"price":"0",)"
            R"("tif":"ioc","reduce_only":true,"text":"t-swc-1"})");
}

TEST_F(PositionManagerTest, ACloseThatWasTakenIsConfirmedAlsoWhereItCannotBeRead) {
  link_->outcome = FakeLink::Confirmed("<html>");
  const auto result = Close();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->fate, CommandFate::kConfirmed);
  EXPECT_FALSE(result->report.has_value());
}

TEST_F(PositionManagerTest, TheFateOfACloseIsPassedOn) {
  for (const CommandFate fate :
       {CommandFate::kUnknown, CommandFate::kRefused, CommandFate::kNotSent}) {
    link_->outcome = FakeLink::Failed(fate, absl::FailedPreconditionError("no"));
    const auto result = Close();
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->fate, fate);
    EXPECT_FALSE(result->status.ok());
  }
}

TEST_F(PositionManagerTest, ACloseWithoutInstrumentsWasNotSent) {
  market_data_.SetInstruments(absl::UnavailableError("not loaded"));
  const auto result = Close();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->fate, CommandFate::kNotSent);
  EXPECT_TRUE(link_->sent.empty());
}

TEST_F(PositionManagerTest, AnEarlierCloseIsFoundByItsText) {
  constexpr char kOrder[] = "/futures/usdt/orders/t-swc-1";
  link_->answers[kOrder] =
      MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_ORDER, "none");
  EXPECT_EQ(Find()->fate, CommandFate::kNotSent);
  link_->answers[kOrder] = absl::UnavailableError("down");
  EXPECT_EQ(Find().status().code(), absl::StatusCode::kUnavailable);
  link_->answers[kOrder] = std::string(R"({"id":78,"size":-20000,"price":"47500"})");
  const auto found = Find();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->fate, CommandFate::kConfirmed);
  EXPECT_EQ(found->report->exchange_order_id, "78");
}

TEST_F(PositionManagerTest, AdjustedMarginIsToldAsItIsNow) {
  manager_->OnSocketReady();
  link_->outcome = FakeLink::Confirmed(
      R"({"contract":"BTC_USDT","mode":"single","size":20000,"margin":"12.5"})");
  absl::StatusOr<exchange::MarginResult> answer = absl::InternalError("no reply");
  manager_->AdjustMargin({"BTC-USDT-PERP", common::v1::POSITION_SIDE_NET, Decimal::FromInt(5)},
                         [&](auto reply) { answer = std::move(reply); });
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->fate, CommandFate::kConfirmed);
  EXPECT_EQ(answer->margin->ToString(), "12.5");
  EXPECT_EQ(link_->sent.back(), "POST /futures/usdt/positions/BTC_USDT/margin?change=5");
}

TEST_F(PositionManagerTest, FundingPaymentsAreOfTheAccount) {
  link_->answers[kBook] = std::string(R"([
      {"time":1700000800,"change":"-0.25","balance":"1","contract":"BTC_USDT",
       "type":"fund","id":"9"}])");
  exchange::HistoryQuery query;
  query.symbol = "BTC-USDT-PERP";
  query.start = TimeNs::FromSeconds(1'700'000'000);
  query.page_size = 1;
  absl::StatusOr<exchange::Page<position::v1::FundingPayment>> page = absl::InternalError("");
  manager_->ListFundingPayments(query, [&](auto reply) { page = std::move(reply); });
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->items.size(), 1u);
  EXPECT_EQ(page->items[0].payment_id(), "9");
  EXPECT_EQ(page->items[0].account(), "main");
  EXPECT_EQ(page->next_page_token, "1");
  EXPECT_EQ(link_->sent.back(),
            "GET /futures/usdt/account_book?contract=BTC_USDT&limit=1&from=1700000000&type=fund");
  query.page_token = "1";
  manager_->ListFundingPayments(query, [](auto) {});
  EXPECT_NE(link_->sent.back().find("offset=1"), std::string::npos);
}

TEST_F(PositionManagerTest, LiquidationsAskBothLists) {
  link_->answers["/futures/usdt/liquidates"] =
      std::string(R"([{"time":30,"contract":"BTC_USDT","size":1,"order_id":1}])");
  link_->answers["/futures/usdt/auto_deleverages"] = std::string("[]");
  absl::StatusOr<exchange::Page<position::v1::Liquidation>> page = absl::InternalError("");
  manager_->ListLiquidations({}, [&](auto reply) { page = std::move(reply); });
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->items.size(), 1u);
  EXPECT_EQ(page->items[0].exchange(), "gateio_futures");
  EXPECT_EQ(page->items[0].source(), common::v1::SOURCE_REST);
}

TEST_F(PositionManagerTest, WhatTheSocketLeftOutIsFoundByReading) {
  manager_->OnSocketReady();
  listener_.heard.clear();
  link_->answers[kPositions] = std::string("[]");
  link_->RunDelayed(seconds(29));
  EXPECT_EQ(listener_.heard, std::vector<std::string>{"mark BTC-USDT-PERP 2"});
  link_->RunDelayed(seconds(30));
  EXPECT_EQ(listener_.heard.back(), "snapshot");
  EXPECT_EQ(link_->delays(seconds(30)).size(), 2u) << "the next reading, and the next mark";
}

TEST_F(PositionManagerTest, WithoutAWebSocketThePositionsArePolled) {
  auto link = std::make_unique<FakeLink>();
  FakeLink* const polled = link.get();
  polled->answers[kPositions] = std::string(kOneLong);
  PositionManager manager({"gateio_futures", "main", false}, market_data_);
  manager.SetLink(std::move(link));
  Listener listener;
  manager.Start(listener);
  EXPECT_EQ(listener.heard.at(0), "snapshot BTC-USDT-PERP 2");
  polled->answers[kPositions] = absl::UnavailableError("down");
  polled->RunDelayed();
  EXPECT_EQ(listener.heard.back(), "stale 4");
  polled->answers[kPositions] = std::string("[]");
  polled->RunDelayed();
  EXPECT_EQ(listener.heard.back(), "snapshot");
}

}  // namespace
}  // namespace switchyard::exchanges::gateio::futures
