// Private frames: what they are, and which of them cannot be trusted.
#include <gtest/gtest.h>

#include <string>

#include "common/status/status.h"
#include "exchanges/gateio/private/private_message_handler.h"
#include "exchanges/gateio/private/private_subscriptions.h"
#include "tests/exchanges/gateio/golden.h"

namespace switchyard::exchanges::gateio {
namespace {

using exchange::PrivateMessage;

struct Case {
  std::string name;
  Product product;
  std::string frame;
  PrivateMessage kind;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class KindTest : public testing::TestWithParam<Case> {};

TEST_P(KindTest, IsTold) {
  const auto frame = ParsePrivateFrame(GetParam().product, GetParam().frame);
  ASSERT_TRUE(frame.ok()) << frame.status();
  EXPECT_EQ(KindOf(*frame), GetParam().kind);
}

std::string Update(const std::string& channel) {
  return R"({"time":1,"channel":")" + channel + R"(","event":"update","result":[]})";
}

constexpr auto kSpot = Product::kSpot;
constexpr auto kFutures = Product::kFutures;

INSTANTIATE_TEST_SUITE_P(
    Frames, KindTest,
    testing::Values(
        Case{"spot_orders", kSpot, Update("spot.orders"), PrivateMessage::kOrderUpdate},
        Case{"spot_fills", kSpot, Update("spot.usertrades"), PrivateMessage::kExecutionReport},
        Case{"spot_triggers", kSpot, Update("spot.priceorders"), PrivateMessage::kOrderUpdate},
        Case{"spot_balances", kSpot, Update("spot.balances"), PrivateMessage::kBalanceUpdate},
        Case{"orders", kFutures, Update("futures.orders"), PrivateMessage::kOrderUpdate},
        Case{"fills", kFutures, Update("futures.usertrades"), PrivateMessage::kExecutionReport},
        Case{"triggers", kFutures, Update("futures.autoorders"), PrivateMessage::kOrderUpdate},
        Case{"balances", kFutures, Update("futures.balances"), PrivateMessage::kBalanceUpdate},
        Case{"positions", kFutures, Update("futures.positions"), PrivateMessage::kPositionUpdate},
        Case{"closes", kFutures, Update("futures.position_closes"),
             PrivateMessage::kPositionUpdate},
        Case{"liquidates", kFutures, Update("futures.liquidates"), PrivateMessage::kPositionUpdate},
        Case{"deleverages", kFutures, Update("futures.auto_deleverages"),
             PrivateMessage::kPositionUpdate},
        Case{"risk", kFutures, Update("futures.reduce_risk_limits"),
             PrivateMessage::kPositionUpdate},
        Case{"public_trades", kSpot, Update("spot.trades"), PrivateMessage::kUnknown},
        Case{"unknown_channel", kSpot, Update("spot.gifts"), PrivateMessage::kUnknown},
        Case{"other_product", kSpot, Update("futures.orders"), PrivateMessage::kUnknown},
        Case{"pong", kSpot, R"({"time":1,"channel":"spot.pong","event":"","result":null})",
             PrivateMessage::kPing},
        Case{"upgrade", kSpot, R"({"channel":"spot.orders","event":"upgrade"})",
             PrivateMessage::kSubscribe},
        Case{
            "subscribed", kSpot,
            R"({"id":1,"channel":"spot.orders","event":"subscribe","result":{"status":"success"}})",
            PrivateMessage::kSubscribe},
        Case{"api", kSpot,
             R"({"request_id":"1","header":{"status":"200","channel":"spot.login"},"data":{}})",
             PrivateMessage::kLogin}),
    [](const auto& info) { return info.param.name; });

TEST(PrivateFrameTest, WhatCannotBeReadIsAnErrorWithoutItsContent) {
  for (
      const char* const frame :
      {"", "[]", "{", "<html>secret</html>", R"({"event":"update"})",
       R"({"channel":"spot.orders","event":"update"})",
       R"({"channel":"spot.orders","event":"update","result":null})",
       R"({"channel":"spot.orders","event":"update","result":"secret"})",
       R"({"channel":"spot.orders","event":"update","error":{"code":3},"result":[]})",
       R"({"header":{"channel":"spot.login"},"data":{}})",
       R"({"header":{"channel":"spot.login","status":"9"},"data":{}})",
       R"({"header":{"channel":"spot.login","status":"400"},"data":{"errs":{"message":"secret"}}})"}) {
    const auto parsed = ParsePrivateFrame(kSpot, frame);
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInternal) << frame;
    EXPECT_EQ(ReasonOf(parsed.status()), common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE);
    EXPECT_EQ(std::string(parsed.status().message()).find("secret"), std::string::npos) << frame;
  }
}

TEST(PrivateFrameTest, RefusalsOfSubscriptionsAreToldInEveryForm) {
  for (
      const char* const frame :
      {R"({"id":4,"channel":"futures.orders","event":"subscribe","error":{"code":4,"message":"x"}})",
       R"({"id":4,"channel":"futures.orders","event":"subscribe","result":{"status":"fail"}})"}) {
    const auto parsed = ParsePrivateFrame(kFutures, frame);
    ASSERT_TRUE(parsed.ok());
    EXPECT_TRUE(parsed->refused) << frame;
    EXPECT_EQ(parsed->request_id, 4);
  }
  const auto fine = ParsePrivateFrame(
      kFutures,
      R"({"channel":"futures.orders","event":"subscribe","error":null,"result":{"status":"success"}})");
  ASSERT_TRUE(fine.ok());
  EXPECT_FALSE(fine->refused);
}

TEST(PrivateFrameTest, IdsBeyondDoublesStayExact) {
  const auto parsed = ParsePrivateFrame(
      kFutures,
      R"({"channel":"futures.orders","event":"update","result":[{"id":299207900263708423}]})");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->result[0]["id"].get<std::int64_t>(), 299207900263708423);
}

// Every private subscription of the vectors, made here.
class SubscribeTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SubscribeTest);

TEST_P(SubscribeTest, IsSignedAsTheVectorSays) {
  const json::Json& message = GetParam().fields.at("message");
  const std::string wire = message.at("channel");
  const Product product = wire.starts_with("spot.") ? kSpot : kFutures;
  const std::string event = message.at("event");
  const auto frame = json::Parse(PrivateSubscribeFrame(
      Auth(GetParam().fields.value("api_key", ""), GetParam().fields.value("secret", "")),
      {.product = product,
       .channel = FromWireName(product, wire),
       .event = event,
       .request_id = message.at("id").get<std::int64_t>(),
       .user_id = "20011"},
      TimeNs::FromSeconds(message.at("time").get<std::int64_t>())));
  ASSERT_TRUE(frame.ok()) << frame.status();
  json::Json wanted = message;
  // The vectors name one market where we ask for all.
  if (wanted.contains("payload")) {
    for (json::Json& part : wanted["payload"]) {
      if (part == "BTC_USDT") part = "!all";
    }
  }
  EXPECT_EQ(*frame, wanted);
}

INSTANTIATE_TEST_SUITE_P(Vectors, SubscribeTest,
                         testing::ValuesIn(LoadGolden("signing_ws", {"subscribe_auth"})),
                         EntryName());

}  // namespace
}  // namespace switchyard::exchanges::gateio
