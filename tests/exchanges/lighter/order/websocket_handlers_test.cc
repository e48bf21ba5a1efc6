// Private frames as events to the order service, in their order.
#include "exchanges/lighter/order/websocket_handlers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/json/json.h"
#include "common/status/status.h"
#include "tests/exchanges/lighter/order/markets.h"
#include "tests/exchanges/lighter/order/private_samples.h"

namespace switchyard::exchanges::lighter {
namespace {

using json::Json;
using Texts = std::vector<std::string>;

constexpr TimeNs kReceived = TimeNs::FromSeconds(1'800'000'000);

// What was heard, a line each.
class Listener final : public exchange::OrderListener {
 public:
  void OnOrder(const model::OrderReport& report) override {
    heard.push_back("order " + report.exchange_order_id);
    EXPECT_EQ(report.receive_time, kReceived);
    EXPECT_EQ(report.source, model::Source::kWebSocket);
  }
  void OnFill(const model::FillReport& fill) override {
    heard.push_back("fill " + fill.trade_id + " " + fill.quantity.ToString());
  }
  void OnLiquidation(const position::v1::Liquidation& liquidation) override {
    heard.push_back("liquidation " + liquidation.liquidation_id() + " of " +
                    liquidation.exchange() + "/" + liquidation.account());
  }
  void OnPosition(std::string_view symbol, common::v1::PositionSide side,
                  const Decimal& size) override {
    EXPECT_EQ(side, common::v1::POSITION_SIDE_NET);
    heard.push_back(fmt::format("position {} {}", symbol, size.ToString()));
  }
  void OnPrivateStreamReady() override { heard.push_back("ready"); }
  void OnPrivateStreamLost(const absl::Status&) override { heard.push_back("lost"); }

  Texts heard;
};

class OrderHandlersTest : public testing::Test {
 protected:
  OrderHandlersTest()
      : handlers_(1234, "lighter", "main",
                  {[this] { return loaded_ ? markets_ : nullptr; },
                   [this](const absl::Status& why) { malformed_.push_back(ReasonOf(why)); }}) {
    handlers_.SetListener(listener_);
  }
  void Take(FrameKind kind, Channel channel, Json body) {
    handlers_.OnFrame({kind, channel, 0, "", std::move(body)}, kReceived);
  }
  static Json Position(std::int64_t market, const std::string& size) {
    Json row = GoldenMessage("private/ws_account_all_update")["positions"]["1"];
    row["market_id"] = market;
    row["position"] = size;
    return row;
  }

  const std::shared_ptr<const model::InstrumentTable> markets_ = Markets();
  bool loaded_ = true;
  Listener listener_;
  std::vector<common::v1::ErrorReason> malformed_;
  OrderHandlers handlers_;
};

TEST_F(OrderHandlersTest, AFrameBeforeTheInstrumentsIsMissedAndSaysSo) {
  loaded_ = false;
  Take(FrameKind::kUpdate, Channel::kOrders, GoldenMessage("private/ws_account_orders_update"));
  EXPECT_TRUE(listener_.heard.empty());
  EXPECT_EQ(malformed_.size(), 1u);
}

TEST_F(OrderHandlersTest, ARowThatCannotBeReadHidesNoOther) {
  Json body = GoldenMessage("private/ws_account_orders_update");
  Json bad = body["orders"]["0"][0];
  bad["status"] = "resting";
  body["orders"]["0"].insert(body["orders"]["0"].begin(), bad);
  Take(FrameKind::kUpdate, Channel::kOrders, body);
  EXPECT_EQ(listener_.heard, (Texts{"order 281476929510110"}));
  EXPECT_EQ(malformed_, (std::vector{common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE}));
}

TEST_F(OrderHandlersTest, AFrameWithoutItsListIsMalformed) {
  for (const Channel channel : OrderHandlers::kChannels) {
    Take(FrameKind::kUpdate, channel, {{"type", "update/x"}});
  }
  EXPECT_EQ(malformed_.size(), 4u);
  EXPECT_TRUE(listener_.heard.empty());
}

TEST_F(OrderHandlersTest, PositionsThatCannotBeReadLeaveTheOthersAsTheyWere) {
  Take(FrameKind::kSnapshot, Channel::kPositions,
       {{"positions", {{"0", Position(0, "1")}, {"1", Position(1, "2")}}}});
  listener_.heard.clear();
  Take(FrameKind::kUpdate, Channel::kPositions, {{"positions", {{"0", Position(0, "much")}}}});
  EXPECT_TRUE(listener_.heard.empty());  // 1 is not taken for flat
  EXPECT_EQ(malformed_.size(), 1u);
  Take(FrameKind::kUpdate, Channel::kPositions, {{"positions", {{"0", Position(0, "3")}}}});
  EXPECT_EQ(listener_.heard, (Texts{"position ETH-USDC-PERP 3", "position BTC-USDC-PERP 0"}));
}

TEST_F(OrderHandlersTest, GoldenOrdersAndTrades) {
  Take(FrameKind::kSnapshot, Channel::kOrders, GoldenMessage("private/ws_account_orders_update"));
  Take(FrameKind::kUpdate, Channel::kAccountTrades,
       GoldenMessage("private/ws_account_all_trades_update"));
  EXPECT_EQ(listener_.heard, (Texts{"order 281476929510110", "fill 19209006902 0.1336"}));
  EXPECT_TRUE(malformed_.empty());
}

TEST_F(OrderHandlersTest, TheSnapshotOfTradesIsHistory) {
  Take(FrameKind::kSnapshot, Channel::kAccountTrades,
       GoldenMessage("private/ws_account_all_trades_update"));
  Take(FrameKind::kSnapshot, Channel::kAccountTrades, {{"trades", nullptr}});
  Take(FrameKind::kUpdate, Channel::kAccountTrades, {{"trades", nullptr}});
  EXPECT_TRUE(listener_.heard.empty());
  EXPECT_TRUE(malformed_.empty());
}

TEST_F(OrderHandlersTest, R37_FillsOfOneMomentAreAllToldInTheirOrder) {
  Json body = GoldenMessage("private/ws_account_all_trades_update");
  Json rows = Json::array();
  for (int i = 1; i <= 5; ++i) {
    Json row = body["trades"]["0"][0];
    row["trade_id_str"] = std::to_string(i);
    rows.push_back(row);
  }
  body["trades"]["0"] = rows;
  Take(FrameKind::kUpdate, Channel::kAccountTrades, body);
  EXPECT_EQ(listener_.heard, (Texts{"fill 1 0.1336", "fill 2 0.1336", "fill 3 0.1336",
                                    "fill 4 0.1336", "fill 5 0.1336"}));
}

TEST_F(OrderHandlersTest, APositionThatIsMissingInAFrameIsFlat) {
  Take(FrameKind::kSnapshot, Channel::kPositions,
       {{"positions", {{"0", Position(0, "1")}, {"1", Position(1, "2")}}}});
  Take(FrameKind::kUpdate, Channel::kPositions, {{"positions", {{"1", Position(1, "2")}}}});
  Take(FrameKind::kUpdate, Channel::kPositions, {{"positions", Json::object()}});
  EXPECT_EQ(listener_.heard, (Texts{"position ETH-USDC-PERP 1", "position BTC-USDC-PERP 2",
                                    "position BTC-USDC-PERP 2", "position ETH-USDC-PERP 0",
                                    "position BTC-USDC-PERP 0"}));
}

TEST_F(OrderHandlersTest, R58_GoldenLiquidationsAreTypedAsSuch) {
  Take(FrameKind::kUpdate, Channel::kNotifications,
       GoldenMessage("private/ws_notification_liquidation"));
  Json renamed = GoldenMessage("private/ws_notification_deleverage");
  renamed["notifications"] = renamed["notifs"];
  renamed.erase("notifs");
  Take(FrameKind::kUpdate, Channel::kNotifications, renamed);
  EXPECT_EQ(listener_.heard, (Texts{"liquidation notif_123 of lighter/main",
                                    "liquidation notif_124 of lighter/main"}));
}

TEST_F(OrderHandlersTest, OtherFramesAreNotForIt) {
  Take(FrameKind::kUpdate, Channel::kUserStats, GoldenMessage("private/ws_user_stats_subscribed"));
  Take(FrameKind::kUnsubscribed, Channel::kOrders, Json::object());
  EXPECT_TRUE(listener_.heard.empty());
  EXPECT_TRUE(malformed_.empty());
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
