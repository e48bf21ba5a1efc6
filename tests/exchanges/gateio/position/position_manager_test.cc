#include "exchanges/gateio/futures/position/position_manager.h"

#include <gtest/gtest.h>

#include <algorithm>
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

// Marks as the test tells them.
class FakeFeed final : public MarkFeed {
 public:
  void SetHear(HearMark hear) override { hear_ = std::move(hear); }
  void Follow(const std::vector<const model::Instrument*>& contracts) override {
    followed.clear();
    for (const model::Instrument* const each : contracts) followed.push_back(each->symbol);
  }
  void Compare(const std::string& symbol, const Decimal& price) override {
    compared.push_back(symbol + " " + price.ToString());
  }
  std::vector<exchange::ConnectionStatus> Status() const override {
    exchange::ConnectionStatus status;
    status.name = "ws-marks-0";
    return {status};
  }
  void Tell(const std::string& symbol, const char* price, std::chrono::nanoseconds at) {
    hear_(symbol, *Decimal::Parse(price), {model::Source::kWebSocket, at});
  }

  std::vector<std::string> followed, compared;

 private:
  HearMark hear_;
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

TEST_F(PositionManagerTest, TheBreakEvenPriceCountsWhatWasRealisedAndTheFeeOfClosing) {
  link_->answers[kPositions] = std::string(
      R"([{"contract":"BTC_USDT","mode":"single","size":"20000","entry_price":"50000",
           "realised_pnl":"-5","open_time":1699999000,"pnl_fund":"0"}])");
  link_->answers["/futures/usdt/fee"] =
      std::string(R"({"BTC_USDT":{"taker_fee":"0.0005","maker_fee":"0.0002"}})");
  manager_->OnSocketReady();
  // (2 x 50000 + 5) / (2 - 2 x 0.0005)
  EXPECT_EQ(List({})->positions.at(0).break_even_price().value(), "50027.51375688");
  EXPECT_TRUE(List({})->positions.at(0).break_even_price().derived());
  manager_->OnPositions(
      Push(R"([{"contract":"BTC_USDT","mode":"single","size":-20000,"entry_price":50000,
               "realised_pnl":-5,"time_ms":1700000001000}])")
          .delivery());
  // (-2 x 50000 + 5) / (-2 - 2 x 0.0005)
  EXPECT_EQ(listener_.last.at(0).break_even_price().value(), "49972.51374313");
}

TEST_F(PositionManagerTest, WithoutTheFeeRateThereIsNoBreakEvenPriceUntilItIsRead) {
  link_->answers[kPositions] = std::string(
      R"([{"contract":"BTC_USDT","mode":"single","size":"20000","entry_price":"50000",
           "realised_pnl":"-5","open_time":1699999000,"pnl_fund":"0"}])");
  link_->answers["/futures/usdt/fee"] = std::string(R"({"ETH_USDT":{}})");
  manager_->OnSocketReady();
  EXPECT_FALSE(List({})->positions.at(0).has_break_even_price());
  link_->answers["/futures/usdt/fee"] =
      std::string(R"({"BTC_USDT":{"taker_fee":"0","maker_fee":"0"}})");
  link_->RunDelayed(seconds(30));
  EXPECT_EQ(listener_.last.at(0).break_even_price().value(), "50002.5");
}

TEST_F(PositionManagerTest, AFeeRateIsAskedOncePerReadingAndAnewAfterAnHour) {
  constexpr char kFee[] = "/futures/usdt/fee";
  link_->answers[kPositions] = std::string(
      R"([{"contract":"BTC_USDT","mode":"single","size":"20000","entry_price":"50000",
           "realised_pnl":"-5","open_time":1699999000,"pnl_fund":"0"}])");
  const auto asked = [this] {
    return std::count_if(link_->sent.begin(), link_->sent.end(), [](const std::string& each) {
      return each.find("/futures/usdt/fee") != std::string::npos;
    });
  };
  int time = 1'700'000'001;
  const auto fill = [&](int count) {
    for (int i = 0; i < count; ++i) {
      manager_->OnPositions(
          Push(R"([{"contract":"BTC_USDT","mode":"single","size":20000,"time_ms":)" +
               std::to_string(++time) + "000}]")
              .delivery());
    }
  };
  link_->answers[kFee] = absl::UnavailableError("down");
  manager_->OnSocketReady();
  fill(50);
  EXPECT_EQ(asked(), 1) << "a burst of fills asks no further";
  link_->RunDelayed(seconds(30));
  fill(50);
  EXPECT_EQ(asked(), 2) << "the next reading does";
  link_->answers[kFee] = std::string(R"({"BTC_USDT":{"taker_fee":"0","maker_fee":"0"}})");
  link_->RunDelayed(seconds(30));
  EXPECT_EQ(listener_.last.at(0).break_even_price().value(), "50002.5");
  fill(50);
  link_->RunDelayed(seconds(30));
  EXPECT_EQ(asked(), 3) << "it is known";
  // Another VIP level.
  link_->answers[kFee] = std::string(R"({"BTC_USDT":{"taker_fee":"0.0005","maker_fee":"0"}})");
  link_->manual_clock.Advance(std::chrono::hours(1));
  link_->RunDelayed(seconds(30));
  EXPECT_EQ(asked(), 4);
  // (2 x 50000 + 5) / (2 - 2 x 0.0005)
  EXPECT_EQ(List({})->positions.at(0).break_even_price().value(), "50027.51375688");
  // What cannot be read anew stays, and is asked for with each reading.
  link_->answers[kFee] = absl::UnavailableError("down");
  link_->manual_clock.Advance(std::chrono::hours(1));
  link_->RunDelayed(seconds(30));
  fill(50);
  link_->RunDelayed(seconds(30));
  EXPECT_EQ(asked(), 6);
  EXPECT_EQ(List({})->positions.at(0).break_even_price().value(), "50027.51375688");
}

TEST_F(PositionManagerTest, BothSidesOfDualModeHaveTheirOwnFunding) {
  link_->answers[kPositions] = std::string(
      R"([{"contract":"BTC_USDT","mode":"dual_long","size":"20000","entry_price":"50000",
           "pnl_fund":"-1.5","open_time":1699999000},
          {"contract":"BTC_USDT","mode":"dual_short","size":"-10000","entry_price":"50000",
           "pnl_fund":"0.75","open_time":1699999500}])");
  manager_->OnSocketReady();
  const auto funding = [this](std::size_t place) {
    return List({})->positions.at(place).cumulative_funding();
  };
  EXPECT_EQ(funding(0).value(), "-1.5");
  EXPECT_FALSE(funding(0).derived()) << "the exchange's own";
  EXPECT_EQ(funding(1).value(), "0.75");
  link_->answers[kPositions] = std::string(
      R"([{"contract":"BTC_USDT","mode":"dual_long","size":"20000","pnl_fund":"-3"},
          {"contract":"BTC_USDT","mode":"dual_short","size":"-10000","pnl_fund":"1.5"}])");
  listener_.heard.clear();
  manager_->OnBalances(Push(R"([{"type":"fund","balance":1,"change":1}])").delivery());
  ASSERT_EQ(listener_.heard.at(0), "snapshot BTC-USDT-PERP 2 BTC-USDT-PERP 1");
  EXPECT_EQ(funding(0).value(), "-3");
  EXPECT_EQ(funding(1).value(), "1.5");
}

TEST_F(PositionManagerTest, FundingOfDualModeThatIsNotToldIsNotGuessedFromTheBook) {
  link_->answers[kPositions] = std::string(
      R"([{"contract":"BTC_USDT","mode":"dual_long","size":"1","open_time":1699999000}])");
  link_->answers[kBook] = std::string(
      R"([{"time":1699999800,"change":"-0.25","balance":"1","text":"BTC_USDT","type":"fund"}])");
  manager_->OnSocketReady();
  EXPECT_FALSE(List({})->positions.at(0).has_cumulative_funding());
  for (const std::string& each : link_->sent) EXPECT_EQ(each.find(kBook), std::string::npos);
}

class LiveMarkTest : public PositionManagerTest {
 protected:
  LiveMarkTest() : LiveMarkTest(std::make_unique<FakeFeed>()) {}
  explicit LiveMarkTest(std::unique_ptr<FakeFeed> feed) : feed_(*feed) {
    // The base has started one without a feed; this one has it.
    auto link = std::make_unique<FakeLink>();
    link_ = link.get();
    link_->answers[kPositions] = std::string(kOneLong);
    link_->manual_clock.Advance(seconds(100));
    manager_ = std::make_unique<PositionManager>(
        PositionManager::Identity{"gateio_futures", "main", true}, market_data_);
    manager_->SetLink(std::move(link));
    manager_->SetMarkFeed(std::move(feed));
    manager_->Start(listener_);
    manager_->OnSocketReady();
    listener_.heard.clear();
    feed_.compared.clear();
  }
  std::chrono::nanoseconds now() const { return link_->manual_clock.Steady(); }
  // One second later.
  void Tick() {
    link_->manual_clock.Advance(seconds(1));
    link_->RunDelayed(seconds(1));
  }
  common::v1::SourcedDecimal Mark() {
    link_->socket_age = {};
    return List(std::chrono::hours(1))->positions.at(0).mark_price();
  }

  FakeFeed& feed_;
};

TEST_F(LiveMarkTest, APushedMarkIsToldAtOnceAndSaysItsSourceAndAge) {
  feed_.Tell("BTC-USDT-PERP", "50400", now());
  EXPECT_EQ(listener_.heard, std::vector<std::string>{"mark BTC-USDT-PERP 2"});
  EXPECT_EQ(listener_.last[0].mark_price().source(), common::v1::SOURCE_WEBSOCKET);
  EXPECT_EQ(listener_.last[0].mark_price().age_ns(), 0);
  EXPECT_EQ(listener_.last[0].unrealised_profit().value(), "800");
  link_->manual_clock.Advance(std::chrono::milliseconds(1'500));
  EXPECT_EQ(Mark().value(), "50400");
  EXPECT_EQ(Mark().age_ns(), 1'500'000'000);
}

TEST_F(LiveMarkTest, RestIsAskedOnlyWhereTheFeedIsSilentAndThenComparesIt) {
  feed_.Tell("BTC-USDT-PERP", "50400", now());
  for (int i = 0; i < 3; ++i) Tick();
  EXPECT_EQ(Mark().value(), "50400") << "still fresh enough";
  EXPECT_TRUE(feed_.compared.empty());
  Tick();
  EXPECT_EQ(Mark().value(), "50300") << "from REST";
  EXPECT_EQ(Mark().source(), common::v1::SOURCE_REST);
  EXPECT_EQ(feed_.compared, std::vector<std::string>{"BTC-USDT-PERP 50300"});
  Tick();
  EXPECT_EQ(Mark().age_ns(), 0) << "as long as it is silent, every second";
  feed_.Tell("BTC-USDT-PERP", "50500", now());
  Tick();
  EXPECT_EQ(Mark().value(), "50500");
  EXPECT_EQ(Mark().source(), common::v1::SOURCE_WEBSOCKET);
}

TEST_F(LiveMarkTest, WhereBothAreSilentTheMarkGrowsOldAndSaysSo) {
  market_data_.tickers = absl::UnavailableError("down");
  feed_.Tell("BTC-USDT-PERP", "50400", now());
  for (int i = 0; i < 6; ++i) Tick();
  EXPECT_EQ(Mark().value(), "50400");
  EXPECT_EQ(Mark().age_ns(), 6'000'000'000);
}

TEST_F(LiveMarkTest, AnAnswerThatIsOlderThanAPushDoesNotReplaceIt) {
  feed_.Tell("BTC-USDT-PERP", "50400", now());
  link_->manual_clock.Advance(seconds(4));
  market_data_.Hold();
  link_->RunDelayed(seconds(1));
  feed_.Tell("BTC-USDT-PERP", "50500", now());
  market_data_.Release();
  EXPECT_EQ(Mark().value(), "50500");
}

TEST_F(LiveMarkTest, WhatIsHeldIsFollowedAndNothingElse) {
  EXPECT_EQ(feed_.followed, std::vector<std::string>{"BTC-USDT-PERP"});
  manager_->OnPositions(
      Push(R"([{"contract":"ETH_USDT","mode":"single","size":1,"time_ms":1700000001000}])")
          .delivery());
  EXPECT_EQ(feed_.followed, (std::vector<std::string>{"BTC-USDT-PERP", "ETH-USDT-PERP"}));
  manager_->OnPositions(
      Push(R"([{"contract":"BTC_USDT","mode":"single","size":0,"time_ms":1700000002000}])")
          .delivery());
  EXPECT_EQ(feed_.followed, std::vector<std::string>{"ETH-USDT-PERP"});
  listener_.heard.clear();
  feed_.Tell("BTC-USDT-PERP", "1", now());
  EXPECT_TRUE(listener_.heard.empty());
}

TEST_F(LiveMarkTest, TheFeedsConnectionIsPartOfTheStatus) {
  absl::StatusOr<exchange::ClientStatus> status = absl::InternalError("no reply");
  manager_->GetStatus([&](auto reply) { status = std::move(reply); });
  ASSERT_TRUE(status.ok()) << status.status();
  ASSERT_EQ(status->connections.size(), 1u);
  EXPECT_EQ(status->connections[0].name, "ws-marks-0");
}

}  // namespace
}  // namespace switchyard::exchanges::gateio::futures
