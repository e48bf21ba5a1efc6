// StreamMarketData over a real server, read by typed clients.
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "tests/services/market_data/service_harness.h"

namespace switchyard {
namespace {

namespace v1 = marketdata::v1;
using exchange::Channel;
using testing::ServiceHarness;

v1::StreamMarketDataRequest ParseRequest(const std::string& text) {
  v1::StreamMarketDataRequest request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
  return request;
}

// One client's stream.
class Client {
 public:
  Client(ServiceHarness& harness, const v1::StreamMarketDataRequest& request) {
    testing::SetTestDeadline(context_);
    reader_ = harness.stub->StreamMarketData(&context_, request);
  }
  Client(ServiceHarness& harness, const std::string& text) : Client(harness, ParseRequest(text)) {}
  ~Client() {
    context_.TryCancel();
    (void)Finish();  // only to end the call
  }

  // Fails the test where the stream has ended.
  v1::StreamMarketDataResponse Next() {
    v1::StreamMarketDataResponse response;
    EXPECT_TRUE(reader_->Read(&response)) << "the stream has ended";
    return response;
  }

  std::vector<common::v1::SubscriptionResult> Results() {
    const v1::StreamMarketDataResponse first = Next();
    EXPECT_TRUE(first.has_acknowledgement()) << first.DebugString();
    return {first.acknowledgement().results().begin(), first.acknowledgement().results().end()};
  }

  void Cancel() { context_.TryCancel(); }

  // How it ended, after all messages.
  absl::Status Finish() {
    if (!finished_) {
      v1::StreamMarketDataResponse rest;
      while (reader_->Read(&rest)) {
      }
      status_ = FromGrpcStatus(reader_->Finish());
      finished_ = true;
    }
    return status_;
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::StreamMarketDataResponse>> reader_;
  bool finished_ = false;
  absl::Status status_;
};

const std::string kBtcBook =
    R"(subscriptions { exchange: "alpha" symbol: "BTC-USDT" channel: CHANNEL_ORDER_BOOK } )";
const std::string kBtcTrades =
    R"(subscriptions { exchange: "alpha" symbol: "BTC-USDT" channel: CHANNEL_TRADES } )";
const std::string kBetaBook =
    R"(subscriptions { exchange: "beta" symbol: "ETH-USDT" channel: CHANNEL_ORDER_BOOK } )";

class StreamTest : public ::testing::Test {
 protected:
  ServiceHarness harness_;
};

TEST_F(StreamTest, AcknowledgesAllExchangesAtOnceInTheRequestsOrder) {
  harness_.alpha.grant_errors["NO-SUCH"] = MakeError(
      absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT, "no NO-SUCH");
  Client client(harness_, kBetaBook + R"(
      subscriptions { exchange: "alpha" symbol: "NO-SUCH" channel: CHANNEL_TICKER }
      subscriptions { exchange: "gamma" symbol: "BTC-USDT" channel: CHANNEL_TRADES }
      subscriptions { exchange: "alpha" symbol: "BTC-USDT" channel: CHANNEL_ORDER_BOOK depth: 21 }
      heartbeat_interval_ms: 250)");
  const v1::StreamMarketDataResponse first = client.Next();
  ASSERT_TRUE(first.has_acknowledgement());
  EXPECT_EQ(first.acknowledgement().heartbeat_interval_ms(), 250u);
  const auto& results = first.acknowledgement().results();
  ASSERT_EQ(results.size(), 4);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(results[i].index(), static_cast<std::uint32_t>(i));
  EXPECT_EQ(results[0].status().code(), 0u);
  EXPECT_EQ(results[0].granted_depth(), 20u) << "the smallest depth not below 10";
  EXPECT_EQ(results[1].status().reason(), common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT);
  EXPECT_EQ(results[2].status().reason(), common::v1::ERROR_REASON_UNKNOWN_EXCHANGE);
  EXPECT_EQ(results[3].status().code(), 0u);
  EXPECT_EQ(results[3].granted_depth(), 50u);
}

TEST_F(StreamTest, ClampsTheHeartbeatInterval) {
  Client fast(harness_, kBtcBook + "heartbeat_interval_ms: 1");
  EXPECT_EQ(fast.Next().acknowledgement().heartbeat_interval_ms(), 100u);
  Client slow(harness_, kBtcBook + "heartbeat_interval_ms: 60000");
  EXPECT_EQ(slow.Next().acknowledgement().heartbeat_interval_ms(), 15'000u);
  Client standard(harness_, kBtcBook);
  EXPECT_EQ(standard.Next().acknowledgement().heartbeat_interval_ms(), 5'000u);
}

TEST_F(StreamTest, DeliversEventsOfAllItsExchanges) {
  Client client(harness_, kBtcTrades + kBetaBook);
  EXPECT_EQ(client.Results().size(), 2u);
  harness_.alpha.Publish("BTC-USDT", Channel::kTrades, 7);
  const v1::StreamMarketDataResponse one = client.Next();
  ASSERT_EQ(one.events_size(), 1);
  EXPECT_EQ(one.events(0).exchange(), "alpha");
  EXPECT_EQ(one.events(0).channel(), v1::CHANNEL_TRADES);
  EXPECT_EQ(one.events(0).sequence(), 7u);
  harness_.beta.Publish("ETH-USDT", Channel::kOrderBook, 8);
  const v1::StreamMarketDataResponse other = client.Next();
  ASSERT_EQ(other.events_size(), 1);
  EXPECT_EQ(other.events(0).exchange(), "beta");
  EXPECT_EQ(other.events(0).sequence(), 8u);
}

TEST_F(StreamTest, ATopicAskedForTwiceIsAcknowledgedTwiceAndDeliveredOnce) {
  // Depths 6, 10 (the default) and 20 are all served by the topic of 20.
  Client client(harness_, kBtcBook + R"(
      subscriptions { exchange: "alpha" symbol: "BTC-USDT" channel: CHANNEL_ORDER_BOOK depth: 6 }
      subscriptions {
        exchange: "alpha" symbol: "BTC-USDT" channel: CHANNEL_ORDER_BOOK depth: 20
      })");
  const auto results = client.Results();
  ASSERT_EQ(results.size(), 3u);
  for (const auto& result : results) EXPECT_EQ(result.granted_depth(), 20u);
  EXPECT_EQ(harness_.alpha.TopicCount(), 1u);
  harness_.alpha.Publish("BTC-USDT", Channel::kOrderBook, 1);
  harness_.alpha.Publish("BTC-USDT", Channel::kOrderBook, 2);
  std::vector<std::uint64_t> sequences;
  while (sequences.size() < 2) {
    const v1::StreamMarketDataResponse next = client.Next();
    for (const auto& event : next.events()) sequences.push_back(event.sequence());
  }
  EXPECT_EQ(sequences, (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(StreamTest, AnIdleStreamShowsSignsOfLife) {
  Client client(harness_, kBtcBook);
  client.Results();
  harness_.TickAfter(std::chrono::seconds(6));
  const v1::StreamMarketDataResponse response = client.Next();
  ASSERT_TRUE(response.has_heartbeat()) << response.DebugString();
  EXPECT_GT(response.heartbeat().publish_time_ns(), 0);
  EXPECT_EQ(response.heartbeat().queued_events(), 0u);
}

TEST_F(StreamTest, AnExchangeThatDoesNotAnswerDelaysTheOthersByASecondAtMost) {
  harness_.beta.Hold();
  Client client(harness_, kBetaBook + kBtcBook);
  harness_.beta.WaitForHeld(1);
  harness_.alpha.WaitForReaders(1);
  harness_.TickAfter(std::chrono::milliseconds(1'100));
  const auto results = client.Results();
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].status().code(), static_cast<std::uint32_t>(absl::StatusCode::kUnavailable));
  EXPECT_EQ(results[0].status().reason(), common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE);
  EXPECT_EQ(results[1].status().code(), 0u);
  // What it attaches later is detached: the client was told that it is not served.
  harness_.beta.Release();
  EXPECT_EQ(harness_.beta.ReaderCount(), 0u);
}

TEST_F(StreamTest, ACancelDetachesTheStreamEverywhere) {
  Client client(harness_, kBtcBook + kBetaBook);
  client.Results();
  EXPECT_EQ(harness_.service->OpenStreams("alpha"), 1u);
  client.Cancel();
  EXPECT_EQ(client.Finish().code(), absl::StatusCode::kCancelled);
  harness_.alpha.WaitForReaders(0);
  harness_.beta.WaitForReaders(0);
  harness_.Shutdown();
  EXPECT_EQ(harness_.service->OpenStreams("alpha"), 0u);
}

TEST_F(StreamTest, ACancelBeforeTheAnswerDetachesItToo) {
  harness_.alpha.Hold();
  Client client(harness_, kBtcBook);
  harness_.alpha.WaitForHeld(1);
  client.Cancel();
  EXPECT_EQ(client.Finish().code(), absl::StatusCode::kCancelled);
  harness_.Shutdown();
  harness_.alpha.Release();
  EXPECT_EQ(harness_.alpha.ReaderCount(), 0u);
}

TEST_F(StreamTest, ShutdownSaysSo) {
  Client client(harness_, kBtcBook);
  client.Results();
  harness_.Shutdown();
  const absl::Status status = client.Finish();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_SHUTTING_DOWN);
  EXPECT_NE(harness_.metrics.Expose().find(
                R"(switchyard_grpc_calls_total{code="UNAVAILABLE",)"
                R"(method="/switchyard.marketdata.v1.MarketDataService/StreamMarketData"} 1)"),
            std::string::npos);
}

TEST_F(StreamTest, AStreamOpenedDuringShutdownIsTurnedAway) {
  harness_.streams.Shutdown();
  Client client(harness_, kBtcBook);
  EXPECT_EQ(ReasonOf(client.Finish()), common::v1::ERROR_REASON_SHUTTING_DOWN);
}

struct WholeCase {
  std::string name;
  std::string request;
  int repeated;
  ErrorReason reason;
};

class RefusedStreamTest : public ::testing::TestWithParam<WholeCase> {};

TEST_P(RefusedStreamTest, EndsWithInvalidArgument) {
  ServiceHarness harness;
  std::string text;
  for (int i = 0; i < GetParam().repeated; ++i) text += kBtcBook;
  Client client(harness, text + GetParam().request);
  const absl::Status status = client.Finish();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), GetParam().reason);
  EXPECT_EQ(harness.alpha.ReaderCount(), 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Requests, RefusedStreamTest,
    ::testing::Values(WholeCase{"empty", "", 0, common::v1::ERROR_REASON_INVALID_FIELD},
                      WholeCase{"too_large", "", 1'001, common::v1::ERROR_REASON_REQUEST_TOO_LARGE},
                      WholeCase{"policy", "slow_reader_policy: 9", 1,
                                common::v1::ERROR_REASON_INVALID_FIELD}),
    [](const auto& info) { return info.param.name; });

struct TopicCase {
  std::string name;
  std::string subscription;
  absl::StatusCode code;
  ErrorReason reason;
};

class RefusedTopicTest : public ::testing::TestWithParam<TopicCase> {};

TEST_P(RefusedTopicTest, TheOthersFlow) {
  ServiceHarness harness;
  Client client(harness, "subscriptions { " + GetParam().subscription + " } " + kBtcBook);
  const auto results = client.Results();
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].status().code(), static_cast<std::uint32_t>(GetParam().code));
  EXPECT_EQ(results[0].status().reason(), GetParam().reason);
  EXPECT_EQ(results[0].granted_depth(), 0u);
  EXPECT_EQ(results[1].status().code(), 0u);
  harness.alpha.Publish("BTC-USDT", Channel::kOrderBook, 1);
  EXPECT_EQ(client.Next().events_size(), 1);
}

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

INSTANTIATE_TEST_SUITE_P(
    Topics, RefusedTopicTest,
    ::testing::Values(
        TopicCase{"no_exchange", R"(symbol: "BTC-USDT" channel: CHANNEL_TRADES)", kInvalid,
                  common::v1::ERROR_REASON_INVALID_FIELD},
        TopicCase{"no_symbol", R"(exchange: "alpha" channel: CHANNEL_TRADES)", kInvalid,
                  common::v1::ERROR_REASON_INVALID_FIELD},
        TopicCase{"no_channel", R"(exchange: "alpha" symbol: "BTC-USDT")", kInvalid,
                  common::v1::ERROR_REASON_INVALID_FIELD},
        TopicCase{"unheard_channel", R"(exchange: "alpha" symbol: "BTC-USDT" channel: 99)",
                  kInvalid, common::v1::ERROR_REASON_INVALID_FIELD},
        TopicCase{"channel_not_offered",
                  R"(exchange: "beta" symbol: "BTC-USDT" channel: CHANNEL_TRADES)",
                  absl::StatusCode::kUnimplemented, common::v1::ERROR_REASON_NOT_IN_CAPABILITIES},
        TopicCase{"too_deep",
                  R"(exchange: "alpha" symbol: "BTC-USDT" channel: CHANNEL_ORDER_BOOK depth: 51)",
                  kInvalid, common::v1::ERROR_REASON_DEPTH_NOT_OFFERED},
        TopicCase{"depth_of_trades",
                  R"(exchange: "alpha" symbol: "BTC-USDT" channel: CHANNEL_TRADES depth: 5)",
                  kInvalid, common::v1::ERROR_REASON_INVALID_FIELD},
        TopicCase{"candles_without_interval",
                  R"(exchange: "alpha" symbol: "BTC-USDT" channel: CHANNEL_CANDLES)", kInvalid,
                  common::v1::ERROR_REASON_INVALID_FIELD},
        TopicCase{"interval_not_offered",
                  R"(exchange: "alpha" symbol: "BTC-USDT" channel: CHANNEL_CANDLES
                     interval_seconds: 61)",
                  kInvalid, common::v1::ERROR_REASON_DEPTH_NOT_OFFERED},
        TopicCase{"interval_of_trades",
                  R"(exchange: "alpha" symbol: "BTC-USDT" channel: CHANNEL_TRADES
                     interval_seconds: 60)",
                  kInvalid, common::v1::ERROR_REASON_INVALID_FIELD}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard
