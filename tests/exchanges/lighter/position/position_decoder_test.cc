// Positions, funding and liquidations: every sample with exact values, and what cannot be read.
#include "exchanges/lighter/position/position_decoder.h"

#include <gtest/gtest.h>

#include <string>

#include "common/status/status.h"
#include "tests/exchanges/lighter/order/markets.h"
#include "tests/exchanges/lighter/order/private_samples.h"

namespace switchyard::exchanges::lighter {
namespace {

using json::Json;

constexpr TimeNs kReceived = TimeNs::FromSeconds(1'800'000'000);

class PositionDecoderTest : public testing::Test {
 protected:
  absl::StatusOr<std::vector<RawPosition>> Read(const Json& positions, bool keep_flat = false) {
    return ReadPositions(positions, *markets_, keep_flat);
  }
  Origin From() const { return {*markets_, 1234, kReceived, model::Source::kWebSocket}; }
  static std::string Text(const std::optional<Decimal>& value) {
    return value ? value->ToString() : "none";
  }
  // The captured position with a few fields changed.
  static Json Changed(const Json& changes) {
    Json row = GoldenMessage("private/rest_account_positions")["accounts"][0]["positions"][0];
    row.update(changes);
    return Json::array({row});
  }

  const std::shared_ptr<const model::InstrumentTable> markets_ = Markets();
};

TEST_F(PositionDecoderTest, GoldenAccountPositions) {
  const Json body = GoldenMessage("private/rest_account_positions");
  const auto read = Read(body["accounts"][0]["positions"]);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->size(), 1u);
  const RawPosition& position = read->front();
  EXPECT_EQ(position.symbol, "ETH-USDC-PERP");
  EXPECT_EQ(position.settle, "USDC");
  EXPECT_EQ(position.size.ToString(), "18.0193");
  EXPECT_EQ(position.margin_mode, common::v1::MARGIN_MODE_CROSS);
  EXPECT_EQ(Text(position.leverage), "20");
  EXPECT_EQ(Text(position.entry_price), "2669.84");
  EXPECT_EQ(Text(position.liquidation_price), "2191.1107231380406");
  EXPECT_EQ(Text(position.value), "54306.56634");
  EXPECT_EQ(Text(position.unrealised_profit), "6197.829558");
  EXPECT_EQ(Text(position.realised_profit), "0");
  EXPECT_EQ(Text(position.margin), "none");  // allocated margin is of isolated ones
  EXPECT_EQ(position.funding.ToString(), "0");
  EXPECT_EQ(Text(position.mark_price), "3013.8");
}

TEST_F(PositionDecoderTest, GoldenAccountAllUpdate) {
  const Json body = GoldenMessage("private/ws_account_all_update");
  const auto read = Read(body["positions"]);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->size(), 1u);
  const RawPosition& position = read->front();
  EXPECT_EQ(position.symbol, "BTC-USD-USDC-PERP");
  EXPECT_EQ(position.size.ToString(), "0.5");
  EXPECT_EQ(position.margin_mode, common::v1::MARGIN_MODE_ISOLATED);
  EXPECT_EQ(Text(position.margin), "46342");
  EXPECT_EQ(Text(position.liquidation_price), "3024.66");
  EXPECT_EQ(Text(position.realised_profit), "100");
  EXPECT_EQ(position.funding.ToString(), "-34.2");  // paid out
  EXPECT_EQ(Text(position.mark_price), "20000");
  const auto payment = ReadFundingPayment(body["funding_histories"]["1"][0], From());
  ASSERT_TRUE(payment.ok()) << payment.status();
  EXPECT_EQ(payment->symbol(), "BTC-USD-USDC-PERP");
  EXPECT_EQ(payment->payment_id(), "2001");
  EXPECT_EQ(payment->amount(), "0.001");
  EXPECT_EQ(payment->currency(), "USDC");
  EXPECT_EQ(payment->rate(), "0.000001");  // "0.0001" per cent
  EXPECT_EQ(payment->interval_seconds(), 3600u);
  EXPECT_EQ(payment->position_size(), "0.5");
  EXPECT_EQ(payment->position_side(), common::v1::POSITION_SIDE_LONG);
  EXPECT_EQ(payment->payment_time_ns(), 1'700'000'000'000'000'000);
}

TEST_F(PositionDecoderTest, GoldenAccountFullHasAFlatRowWithItsLeverage) {
  const Json positions = GoldenMessage("private/rest_account_full")["accounts"][0]["positions"];
  EXPECT_TRUE(Read(positions)->empty());
  const auto read = Read(positions, /*keep_flat=*/true);
  ASSERT_EQ(read->size(), 1u);
  EXPECT_EQ(read->front().symbol, "BTC-USDC-PERP");
  EXPECT_TRUE(read->front().size.is_zero());
  EXPECT_EQ(Text(read->front().leverage), "10");
  EXPECT_EQ(Text(read->front().entry_price), "none");
  EXPECT_EQ(Text(read->front().liquidation_price), "none");
  EXPECT_EQ(Text(read->front().mark_price), "none");
}

TEST_F(PositionDecoderTest, GoldenAccountBasicHasNone) {
  EXPECT_TRUE(
      Read(GoldenMessage("private/rest_account_basic")["accounts"][0]["positions"])->empty());
  EXPECT_TRUE(Read(Json())->empty());
}

TEST_F(PositionDecoderTest, GoldenNotificationOfALiquidation) {
  const auto read =
      ReadNotification(GoldenMessage("private/ws_notification_liquidation")["notifs"][0], From());
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_TRUE(read->has_value());
  const position::v1::Liquidation& told = **read;
  EXPECT_EQ(told.kind(), position::v1::LIQUIDATION_KIND_LIQUIDATION);
  EXPECT_EQ(told.raw_kind(), "liquidation");
  EXPECT_EQ(told.symbol(), "BTC-USDC-PERP");
  EXPECT_EQ(told.liquidation_id(), "notif_123");
  EXPECT_EQ(told.position_side(), common::v1::POSITION_SIDE_SHORT);  // it was bought back
  EXPECT_EQ(told.quantity(), "0.5");
  EXPECT_EQ(told.price(), "3000");
  EXPECT_EQ(told.currency(), "USDC");
  EXPECT_EQ(told.exchange_time_ns(), 1'705'312'200'000'000'000);
  EXPECT_EQ(told.receive_time_ns(), kReceived.value);
  EXPECT_EQ(told.source(), common::v1::SOURCE_WEBSOCKET);
}

TEST_F(PositionDecoderTest, GoldenNotificationOfADeleveraging) {
  const auto read =
      ReadNotification(GoldenMessage("private/ws_notification_deleverage")["notifs"][0], From());
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_TRUE(read->has_value());
  const position::v1::Liquidation& told = **read;
  EXPECT_EQ(told.kind(), position::v1::LIQUIDATION_KIND_AUTO_DELEVERAGING);
  EXPECT_EQ(told.liquidation_id(), "notif_124");
  EXPECT_EQ(told.position_side(), common::v1::POSITION_SIDE_UNSPECIFIED);
  EXPECT_EQ(told.quantity(), "0.2");
  EXPECT_EQ(told.price(), "2501.25");
  EXPECT_EQ(told.exchange_time_ns(), 1'705'314'000'000'000'000);
}

TEST_F(PositionDecoderTest, AnnouncementsAreNoLiquidations) {
  Json row = GoldenMessage("private/ws_notification_liquidation")["notifs"][0];
  row["kind"] = "announcement";
  EXPECT_EQ(ReadNotification(row, From())->has_value(), false);
}

TEST_F(PositionDecoderTest, AShortPositionHasANegativeSize) {
  const auto read = Read(Changed({{"sign", -1}}));
  EXPECT_EQ(read->front().size.ToString(), "-18.0193");
  EXPECT_EQ(Text(read->front().mark_price), "3013.8");
}

TEST_F(PositionDecoderTest, LotsOfAThousandAreTokens) {
  const auto read = Read(Changed({{"market_id", 7},
                                  {"position", "25"},
                                  {"avg_entry_price", "0.011234"},
                                  {"position_value", "0.300000"},
                                  {"liquidation_price", "0.005"}}));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->front().symbol, "PEPE-USDC-PERP");
  EXPECT_EQ(read->front().size.ToString(), "25000");
  EXPECT_EQ(Text(read->front().entry_price), "0.000011234");
  EXPECT_EQ(Text(read->front().liquidation_price), "0.000005");
  EXPECT_EQ(Text(read->front().mark_price), "0.000012");
}

TEST_F(PositionDecoderTest, WhatCannotBeToldIsNotTakenForFlat) {
  for (const Json& changes :
       {Json{{"market_id", 999}}, Json{{"sign", 0}}, Json{{"sign", nullptr}},
        Json{{"position", "-18.0193"}}, Json{{"position", "much"}}, Json{{"position", nullptr}},
        Json{{"market_id", nullptr}}, Json{{"unrealized_pnl", "?"}}}) {
    EXPECT_EQ(ReasonOf(Read(Changed(changes)).status()),
              common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE)
        << json::Serialise(changes);
  }
  // A flat row of a market that is gone is nothing.
  EXPECT_TRUE(Read(Changed({{"market_id", 999}, {"position", "0"}}), true)->empty());
  EXPECT_FALSE(Read(Json("positions")).ok());
}

TEST_F(PositionDecoderTest, LeverageIsHundredOverTheMarginInPercent) {
  EXPECT_EQ(Text(*ToLeverage(*Decimal::Parse("5.00"))), "20");
  EXPECT_EQ(Text(*ToLeverage(*Decimal::Parse("3.33"))), "30.03");
  EXPECT_EQ(Text(*ToLeverage(*Decimal::Parse("100"))), "1");
  EXPECT_EQ(Text(*ToLeverage(Decimal())), "none");
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
