// What a stream does when its reader is too slow.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "common/stream/event_stream.h"
#include "tests/common/stream/stream_server.h"

namespace switchyard::stream {
namespace {

constexpr TopicId kBook = 1;
constexpr TopicId kTicker = 2;
constexpr TopicId kTrades = 3;

class SlowReaderTest : public testing::Test {
 protected:
  void Open(StreamOptions options) {
    stream_ = server_.NewStream(options);
    call_ = server_.Call();
  }
  void Acknowledge() { stream_->Acknowledge(Acknowledgement()); }

  TopicRef Ref(TopicId id) {
    return {&owner_, id, id == kTrades ? SlowReader::kDisconnect : SlowReader::kConflate};
  }
  TopicRef StateTopic(TopicId id) { return {&owner_, id, SlowReader::kConflate}; }
  static EncodedEvent Encoded(TopicId id, std::uint64_t sequence, std::size_t bytes = 0) {
    return EncodedEvent::Encode(EventOf(std::to_string(id), sequence, bytes));
  }
  void Push(TopicId id, std::uint64_t sequence, std::size_t bytes = 0) {
    stream_->Push(Encoded(id, sequence, bytes), Ref(id));
  }
  void PushFresh(TopicId id, std::uint64_t sequence) {
    stream_->PushFresh(Encoded(id, sequence), Ref(id));
  }

  // "topic:sequence" of the next `count` events.
  std::vector<std::string> Read(std::size_t count) {
    std::vector<std::string> names;
    for (const MarketDataEvent& event : call_->ReadEvents(count)) {
      names.push_back(event.symbol() + ":" + std::to_string(event.sequence()));
    }
    return names;
  }

  void ExpectSlowReader() {
    const absl::Status status = FromGrpcStatus(call_->Drain());
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
    EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_SLOW_READER);
    EXPECT_EQ(server_.counters().slow_reader_disconnects.load(), 1U);
    server_.AwaitEnds(1);
  }

  RecordingOwner owner_;  // outlives the streams
  StreamServer server_;
  std::shared_ptr<EventStream> stream_;
  std::unique_ptr<StreamCall> call_;
};

using Names = std::vector<std::string>;

TEST_F(SlowReaderTest, ATopicThatDisconnectsEndsTheStream) {
  Open({.max_queued_events = 10});
  Acknowledge();
  // Far more than windows and queue hold; the client reads nothing.
  for (std::uint64_t i = 1; i <= 5'000 && !stream_->finished(); ++i) {
    Push(kTrades, i, 1'000);
    stream_->Flush();
  }
  EXPECT_TRUE(stream_->finished());
  EXPECT_EQ(owner_.requests(), 0U);
  ExpectSlowReader();
}

TEST_F(SlowReaderTest, TheClientsPolicyDisconnectsStateTopicsToo) {
  Open({.slow_reader = SlowReader::kDisconnect, .max_queued_events = 10});
  for (std::uint64_t i = 1; i <= 11; ++i) Push(kBook, i);
  EXPECT_TRUE(stream_->finished());
  ExpectSlowReader();
}

TEST_F(SlowReaderTest, TheClientsPolicyConflatesTradesToo) {
  Open({.slow_reader = SlowReader::kConflate, .max_queued_events = 10});
  for (std::uint64_t i = 1; i <= 11; ++i) Push(kTrades, i);
  EXPECT_FALSE(stream_->finished());
  Acknowledge();
  EXPECT_EQ(owner_.AwaitRefresh(), (std::vector<TopicId>{kTrades}));
}

TEST_F(SlowReaderTest, TheBoundInBytesHoldsLikeTheOneInEvents) {
  Open({.max_queued_bytes = 10'000});
  for (std::uint64_t i = 1; i <= 11; ++i) Push(kBook, i, 1'000);
  EXPECT_EQ(server_.counters().conflated_events.load(), 10U + 1U);
  Acknowledge();
  EXPECT_EQ(owner_.AwaitRefresh(), (std::vector<TopicId>{kBook}));
}

TEST_F(SlowReaderTest, ConflatingSparesTheTopicsThatCannot) {
  Open({.max_queued_events = 10});
  for (std::uint64_t i = 1; i <= 4; ++i) {
    Push(kBook, i);
    Push(kTrades, i);
    Push(kTicker, i);
  }
  EXPECT_FALSE(stream_->finished());
  Acknowledge();
  EXPECT_EQ(owner_.AwaitRefresh(), (std::vector<TopicId>{kBook, kTicker}));
  EXPECT_EQ(Read(4), (Names{"3:1", "3:2", "3:3", "3:4"}));
}

TEST_F(SlowReaderTest, UntilTheSnapshotATopicsEventsAreWithheld) {
  Open({.max_queued_events = 3});
  for (std::uint64_t i = 1; i <= 4; ++i) Push(kBook, i);
  Acknowledge();
  ASSERT_EQ(owner_.AwaitRefresh(), (std::vector<TopicId>{kBook}));
  Push(kBook, 5);
  Push(kTrades, 1);
  PushFresh(kBook, 6);
  // Behind the snapshot the topic flows again; what nobody asked for is not taken.
  Push(kBook, 7);
  PushFresh(kBook, 7);
  stream_->Flush();
  EXPECT_EQ(Read(3), (Names{"3:1", "1:6", "1:7"}));
  EXPECT_EQ(server_.counters().conflated_events.load(), 5U);
  EXPECT_EQ(owner_.requests(), 1U);
}

TEST_F(SlowReaderTest, ASnapshotThatFindsNoRoomIsAskedForAgain) {
  Open({.max_queued_events = 2});
  for (std::uint64_t i = 1; i <= 3; ++i) Push(kBook, i);
  stream_->Flush();  // asks at once: nothing is being written
  ASSERT_EQ(owner_.AwaitRefresh(), (std::vector<TopicId>{kBook}));
  // One event over the bound is possible before a fresh one comes.
  Push(kTrades, 1);
  Push(kTrades, 2);
  PushFresh(kBook, 4);
  PushFresh(kTicker, 1);
  Acknowledge();
  EXPECT_EQ(Read(3), (Names{"3:1", "3:2", "1:4"}));
}

TEST_F(SlowReaderTest, WhatIsWithheldBeginsWithTheFirstThatWasDropped) {
  Open({.max_queued_events = 2});
  const auto push = [this](TopicId id, std::int64_t from) {
    stream_->Push(Encoded(id, 1), Ref(id), {std::chrono::nanoseconds(0), TimeNs(from)});
  };
  push(kBook, 100);
  push(kBook, 200);
  EXPECT_FALSE(stream_->WithheldFrom(Ref(kBook)).given());
  push(kBook, 300);  // more than there is room for: all three go
  push(kBook, 400);
  EXPECT_EQ(stream_->WithheldFrom(Ref(kBook)), TimeNs(100));
  EXPECT_FALSE(stream_->WithheldFrom(Ref(kTicker)).given());
  // What tells of it may be dropped as well: it must not take the beginning with it.
  stream_->PushFresh(Encoded(kBook, 5), Ref(kBook));
  EXPECT_FALSE(stream_->WithheldFrom(Ref(kBook)).given());
  push(kBook, 500);
  push(kBook, 600);
  EXPECT_EQ(stream_->WithheldFrom(Ref(kBook)), TimeNs(100));
}

TEST_F(SlowReaderTest, AStoppedReaderHoldsABoundedQueueAndThenGetsOneSnapshot) {
  constexpr std::uint64_t kPushed = 20'000;
  constexpr std::size_t kMoreThanTheWindow = 300'000;
  Open({.max_queued_events = 100, .max_queued_bytes = 64 << 20});
  Acknowledge();
  // Its write is not done before the client reads.
  Push(kTrades, 1, kMoreThanTheWindow);
  for (std::uint64_t i = 1; i <= kPushed; ++i) {
    Push(kBook, i, 1'000);
    stream_->Flush();
  }
  // A snapshot would age in the queue: nobody asks for one yet.
  EXPECT_EQ(owner_.requests(), 0U);
  EXPECT_EQ(server_.counters().conflated_events.load(), kPushed);
  EXPECT_EQ(server_.counters().delivered_events.load(), 1U);
  EXPECT_EQ(Read(1), (Names{"3:1"}));
  ASSERT_EQ(owner_.AwaitRefresh(), (std::vector<TopicId>{kBook}));
  PushFresh(kBook, kPushed);
  Push(kBook, kPushed + 1);
  Push(kBook, kPushed + 2);
  stream_->Flush();
  EXPECT_EQ(Read(3), (Names{"1:20000", "1:20001", "1:20002"}));
  EXPECT_EQ(owner_.requests(), 1U);
}

TEST_F(SlowReaderTest, HeartbeatsTellWhatWasConflated) {
  Open({.heartbeat_interval = std::chrono::milliseconds(100), .max_queued_events = 5});
  for (std::uint64_t i = 1; i <= 8; ++i) Push(kBook, i);
  server_.clock().Advance(std::chrono::milliseconds(100));
  stream_->Tick(server_.clock().Steady());
  Acknowledge();
  StreamMarketDataResponse message;
  ASSERT_TRUE(call_->Read(message));
  ASSERT_TRUE(call_->Read(message));
  ASSERT_TRUE(message.has_heartbeat());
  EXPECT_EQ(message.heartbeat().conflated_events(), 8U);
  EXPECT_EQ(message.heartbeat().queued_events(), 0U);
}

// gRPC holds a message that was written with a buffer hint until the next one comes. When
// conflation removes what the hint promised, that next one is a heartbeat: without it the reader
// would wait for events that were sent long ago. Each round tries to conflate between a hinted
// write and its completion, which is a race; rounds go on until enough of them were won.
TEST_F(SlowReaderTest, AHintedMessageArrivesThoughItsSuccessorsWereConflated) {
  constexpr std::uint64_t kMessage = 64;
  constexpr int kRoundsWanted = 5;
  constexpr int kRoundsAtMost = 5'000;
  Open({.max_queued_events = kMessage + 1});
  Acknowledge();
  std::uint64_t read = 0;
  for (int round = 0; round < kRoundsAtMost && call_->heartbeats() < kRoundsWanted; ++round) {
    // A topic a round: what was conflated before does not matter.
    const TopicId topic = kTrades + 1 + static_cast<TopicId>(round);
    const EncodedEvent event = Encoded(topic, 1);
    for (std::uint64_t i = 0; i <= kMessage; ++i) stream_->Push(event, StateTopic(topic));
    stream_->Flush();  // the hinted message; one event stays
    for (std::uint64_t i = 0; i <= kMessage; ++i) stream_->Push(event, StateTopic(topic));
    // Whatever was written must come, though nothing more is.
    const std::uint64_t written = server_.counters().delivered_events.load();
    if (read < written) read += call_->ReadEvents(written - read).size();
    ASSERT_GE(read, written) << "held back in round " << round;
  }
  EXPECT_GE(call_->heartbeats(), kRoundsWanted);
}

}  // namespace
}  // namespace switchyard::stream
