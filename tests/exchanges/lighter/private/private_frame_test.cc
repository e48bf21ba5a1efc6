// What a private frame is: every sample, and what cannot be read.
#include "exchanges/lighter/private/private_frame.h"

#include <gtest/gtest.h>

#include <string>

#include "common/json/json.h"
#include "common/status/status.h"
#include "tests/exchanges/lighter/order/private_samples.h"

namespace switchyard::exchanges::lighter {
namespace {

struct FrameCase {
  std::string sample;
  FrameKind kind;
  Channel channel;
};

class PrivateFrameTest : public testing::TestWithParam<FrameCase> {};

TEST_P(PrivateFrameTest, GoldenFramesAreKnown) {
  const json::Json body = GoldenMessage(GetParam().sample);
  const auto frame = ParsePrivateFrame(json::Serialise(body));
  ASSERT_TRUE(frame.ok()) << frame.status();
  EXPECT_EQ(frame->kind, GetParam().kind);
  EXPECT_EQ(frame->channel, GetParam().channel);
  EXPECT_EQ(frame->body, body);
}

INSTANTIATE_TEST_SUITE_P(
    Samples, PrivateFrameTest,
    testing::Values(
        FrameCase{"private/ws_account_orders_update", FrameKind::kUnknown, Channel::kUnknown},
        FrameCase{"private/ws_account_all_trades_update", FrameKind::kUpdate,
                  Channel::kAccountTrades},
        FrameCase{"private/ws_account_all_update", FrameKind::kUpdate, Channel::kAccount},
        FrameCase{"private/ws_account_all_assets_subscribed", FrameKind::kSnapshot,
                  Channel::kAssets},
        FrameCase{"private/ws_user_stats_subscribed", FrameKind::kSnapshot, Channel::kUserStats},
        FrameCase{"private/ws_notification_liquidation", FrameKind::kUpdate,
                  Channel::kNotifications},
        FrameCase{"private/ws_notification_deleverage", FrameKind::kUpdate,
                  Channel::kNotifications},
        FrameCase{"samples/ws_connected", FrameKind::kConnected, Channel::kUnknown},
        FrameCase{"samples/ws_ping", FrameKind::kPing, Channel::kUnknown},
        FrameCase{"samples/ws_unsubscribed", FrameKind::kUnsubscribed, Channel::kOrderBook},
        FrameCase{"samples/ws_error_nested", FrameKind::kRefusal, Channel::kUnknown},
        FrameCase{"samples/ws_error_subscribe_failed_flat", FrameKind::kRefusal,
                  Channel::kUnknown}),
    [](const auto& info) {
      std::string name = info.param.sample;
      for (char& c : name) c = c == '/' ? '_' : c;
      return name;
    });

TEST(PrivateFrameFieldsTest, RefusalsSayWhy) {
  const auto nested = ParsePrivateFrame(json::Serialise(GoldenMessage("samples/ws_error_nested")));
  EXPECT_EQ(nested->code, 30005);
  EXPECT_EQ(nested->message, "Invalid Channel:  (marketId)");
  const auto flat =
      ParsePrivateFrame(json::Serialise(GoldenMessage("samples/ws_error_subscribe_failed_flat")));
  EXPECT_EQ(flat->code, 30012);
  EXPECT_EQ(flat->message, "failed to subscribe");
}

TEST(PrivateFrameFieldsTest, AnswersToTransactionsAreToldApart) {
  for (const char* const text : {R"({"code":200,"id":"1","tx_hash":"ab","type":"jsonapi/sendtx"})",
                                 R"({"error":{"code":21104,"message":"invalid nonce"}})"}) {
    EXPECT_EQ(ParsePrivateFrame(text)->kind, FrameKind::kTransaction) << text;
  }
}

TEST(PrivateFrameFieldsTest, ChannelsMayNameOneOrTwoIds) {
  for (const char* const channel :
       {"account_all_orders:1234", "account_all_orders:0:1234", "account_all_orders/1234"}) {
    const auto frame = ParsePrivateFrame(
        json::Serialise({{"type", "subscribed/account_all_orders"}, {"channel", channel}}));
    EXPECT_EQ(frame->kind, FrameKind::kSnapshot) << channel;
    EXPECT_EQ(frame->channel, Channel::kOrders) << channel;
  }
}

TEST(PrivateFrameFieldsTest, WhatIsNoFrameIsAnErrorThatDoesNotRepeatIt) {
  for (const char* const text : {"secret", "[1]", "\"text\"", ""}) {
    const auto frame = ParsePrivateFrame(text);
    EXPECT_EQ(ReasonOf(frame.status()), common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE);
    EXPECT_EQ(std::string(frame.status().message()).find("secret"), std::string::npos);
  }
  EXPECT_EQ(ParsePrivateFrame(R"({"type":"news"})")->kind, FrameKind::kUnknown);
}

TEST(PrivateFrameFieldsTest, SubscriptionsCarryTheToken) {
  EXPECT_EQ(PrivateSubscribeFrame(Channel::kOrders, 1234, "9:1234:4:ab"),
            R"({"type":"subscribe","channel":"account_all_orders/1234","auth":"9:1234:4:ab"})");
  EXPECT_EQ(PrivateUnsubscribeFrame(Channel::kUserStats, 1234),
            R"({"type":"unsubscribe","channel":"user_stats/1234"})");
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
