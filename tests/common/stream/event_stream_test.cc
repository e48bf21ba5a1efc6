#include "common/stream/event_stream.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "common/status/grpc_status.h"
#include "tests/common/stream/stream_server.h"

namespace switchyard::stream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Counts how often it is looked at.
class CountingClock final : public Clock {
 public:
  TimeNs Now() const override {
    ++looks;
    return TimeNs(1);
  }
  std::chrono::nanoseconds Steady() const override {
    ++looks;
    return std::chrono::nanoseconds(1);
  }
  mutable int looks = 0;
};

class EventStreamTest : public testing::Test {
 protected:
  TopicRef Topic(TopicId id = 1) { return {&owner_, id, SlowReader::kConflate}; }

  void Push(std::uint64_t sequence, std::size_t bytes = 0) {
    stream_->Push(EncodedEvent::Encode(EventOf("A", sequence, bytes)), Topic());
  }

  void ExpectAcknowledgement() {
    StreamMarketDataResponse message;
    ASSERT_TRUE(call_->Read(message));
    EXPECT_EQ(message.SerializeAsString(), Acknowledgement().SerializeAsString());
  }

  // A stream whose client has read the acknowledgement.
  void Open(StreamOptions options = {}) {
    stream_ = server_.NewStream(options);
    call_ = server_.Call();
    stream_->Acknowledge(Acknowledgement());
    ExpectAcknowledgement();
  }

  // The next message must hold exactly these events of topic A.
  void ExpectEvents(const std::vector<std::uint64_t>& sequences) {
    std::vector<std::uint64_t> got;
    for (const MarketDataEvent& event : call_->ReadEvents(sequences.size())) {
      got.push_back(event.sequence());
    }
    EXPECT_EQ(got, sequences);
  }

  RecordingOwner owner_;  // outlives the streams
  StreamServer server_;
  std::shared_ptr<EventStream> stream_;
  std::unique_ptr<StreamCall> call_;
};

TEST_F(EventStreamTest, FinishBeforeTheReactorStartsIsTold) {
  stream_ = server_.NewStream();
  stream_->Finish(absl::NotFoundError("no such symbol"));
  stream_->Acknowledge(Acknowledgement());
  Push(1);
  call_ = server_.Call();
  StreamMarketDataResponse message;
  EXPECT_FALSE(call_->Read(message));
  EXPECT_EQ(FromGrpcStatus(call_->Drain()).code(), absl::StatusCode::kNotFound);
  server_.AwaitEnds(1);
}

// An event goes to many streams: who publishes it has looked at the clock once for all of them.
TEST_F(EventStreamTest, AnEventWithItsTimeCostsNoLookAtTheClock) {
  CountingClock clock;
  StreamCounters counters;
  const auto stream = EventStream::Create({}, counters, clock, [] {});
  const int before = clock.looks;
  stream->Push(EncodedEvent::Encode(EventOf("A", 1)), Topic(), {milliseconds(5), TimeNs(7)});
  EXPECT_EQ(clock.looks, before);
  stream->Push(EncodedEvent::Encode(EventOf("A", 2)), Topic());
  EXPECT_GT(clock.looks, before);
}

TEST_F(EventStreamTest, TheFirstFinishWins) {
  Open();
  stream_->Finish(absl::UnavailableError("shutting down"));
  stream_->Finish(absl::InternalError("too late"));
  EXPECT_TRUE(stream_->finished());
  EXPECT_EQ(FromGrpcStatus(call_->Drain()), absl::UnavailableError("shutting down"));
  server_.AwaitEnds(1);
  EXPECT_EQ(server_.ends(), 1);
}

TEST_F(EventStreamTest, ACancelledCallEndsTheStream) {
  Open();
  EXPECT_EQ(server_.counters().open_streams.load(), 1);
  call_->Cancel();
  server_.AwaitEnds(1);
  EXPECT_TRUE(stream_->finished());
  EXPECT_EQ(server_.counters().open_streams.load(), 0);
  EXPECT_EQ(call_->Drain().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(EventStreamTest, AfterTheEndEverythingIsHarmless) {
  Open();
  call_->Cancel();
  server_.AwaitEnds(1);
  const std::uint64_t messages = server_.counters().written_messages.load();
  Push(1);
  stream_->PushFresh(EncodedEvent::Encode(EventOf("A", 2)), Topic());
  stream_->Acknowledge(Acknowledgement());
  stream_->Flush();
  stream_->Tick(seconds(100));
  stream_->Finish(absl::InternalError("too late"));
  EXPECT_EQ(server_.counters().written_messages.load(), messages);
  EXPECT_EQ(server_.ends(), 1);
  EXPECT_EQ(owner_.requests(), 0U);
}

TEST_F(EventStreamTest, TheAcknowledgementIsFirstWhateverComesBefore) {
  stream_ = server_.NewStream();
  Push(1);
  stream_->Flush();
  call_ = server_.Call();
  Push(2);
  stream_->Flush();
  server_.clock().Advance(seconds(10));
  stream_->Tick(server_.clock().Steady());
  EXPECT_EQ(server_.counters().written_messages.load(), 0U);
  stream_->Acknowledge(Acknowledgement());
  ExpectAcknowledgement();
  ExpectEvents({1, 2});
}

TEST_F(EventStreamTest, AnAcknowledgementBeforeTheReactorStartsIsSentOnce) {
  stream_ = server_.NewStream();
  stream_->Acknowledge(Acknowledgement());
  stream_->Acknowledge(Acknowledgement());
  call_ = server_.Call();
  ExpectAcknowledgement();
  Push(1);
  stream_->Flush();
  ExpectEvents({1});
  EXPECT_EQ(call_->acknowledgements(), 0);
}

TEST_F(EventStreamTest, EventsDecodeExactly) {
  Open();
  MarketDataEvent event = EventOf("BTC-USDT", 7);
  event.set_exchange("acme");
  event.set_epoch(0xFEDC'BA98'7654'3210);
  event.set_receive_time_ns(-5);
  auto& book = *event.mutable_order_book();
  book.set_price_exponent(-8);
  for (const std::int64_t value : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1},
                                   std::int64_t{0}, std::numeric_limits<std::int64_t>::max()}) {
    book.add_bid_price_mantissas(value);
    book.add_bid_quantity_mantissas(value);
  }
  stream_->Push(EncodedEvent::Encode(event), Topic());
  stream_->Push(EncodedEvent::Encode(MarketDataEvent()), Topic(2));
  stream_->Flush();
  const auto events = call_->ReadEvents(2);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].SerializeAsString(), event.SerializeAsString());
  EXPECT_EQ(events[1].ByteSizeLong(), 0U);
}

TEST_F(EventStreamTest, NothingIsWrittenBeforeFlush) {
  Open();
  for (std::uint64_t i = 1; i <= 10; ++i) Push(i);
  EXPECT_EQ(server_.counters().written_messages.load(), 0U);
  stream_->Flush();
  StreamMarketDataResponse message;
  ASSERT_TRUE(call_->Read(message));
  EXPECT_EQ(message.events_size(), 10);
}

TEST_F(EventStreamTest, ABurstArrivesInOrderInMessagesOf64) {
  Open();
  for (std::uint64_t i = 1; i <= 1'000; ++i) Push(i);
  stream_->Flush();
  std::uint64_t next = 1;
  StreamMarketDataResponse message;
  while (next <= 1'000 && call_->Read(message)) {
    EXPECT_LE(message.events_size(), 64);
    for (const MarketDataEvent& event : message.events()) EXPECT_EQ(event.sequence(), next++);
  }
  EXPECT_EQ(next, 1'001U);
  EXPECT_EQ(server_.counters().delivered_events.load(), 1'000U);
  EXPECT_EQ(server_.counters().written_messages.load(), 16U);
}

TEST_F(EventStreamTest, MessagesHoldAtMost256KiB) {
  constexpr int kMessageBytes = 256 * 1024;
  Open({.max_queued_bytes = 64 << 20});
  for (std::uint64_t i = 1; i <= 100; ++i) Push(i, 10'000);
  Push(101, 300'000);  // larger than a message: goes alone
  Push(102);
  stream_->Flush();
  std::uint64_t next = 1;
  StreamMarketDataResponse message;
  while (next <= 102 && call_->Read(message)) {
    if (message.events_size() > 1) {
      EXPECT_LE(message.ByteSizeLong(), static_cast<std::size_t>(kMessageBytes));
    }
    for (const MarketDataEvent& event : message.events()) EXPECT_EQ(event.sequence(), next++);
  }
  EXPECT_EQ(next, 103U);
}

TEST_F(EventStreamTest, AHeartbeatTellsTheLagOfTheQueue) {
  stream_ = server_.NewStream({.heartbeat_interval = milliseconds(100)});
  call_ = server_.Call();
  for (std::uint64_t i = 1; i <= 3; ++i) Push(i);
  server_.clock().Advance(milliseconds(150));
  stream_->Tick(server_.clock().Steady());
  stream_->Acknowledge(Acknowledgement());
  ExpectAcknowledgement();
  StreamMarketDataResponse message;
  ASSERT_TRUE(call_->Read(message));
  ASSERT_TRUE(message.has_heartbeat());
  EXPECT_EQ(message.events_size(), 0);
  EXPECT_EQ(message.heartbeat().queued_events(), 3U);
  EXPECT_EQ(message.heartbeat().queue_lag_ns(), 150'000'000);
  EXPECT_EQ(message.heartbeat().publish_time_ns(), server_.clock().Now().value);
  EXPECT_EQ(message.heartbeat().conflated_events(), 0U);
  ExpectEvents({1, 2, 3});
}

TEST_F(EventStreamTest, HeartbeatsComeAtTheirInterval) {
  Open({.heartbeat_interval = milliseconds(100)});
  server_.clock().Advance(milliseconds(99));
  stream_->Tick(server_.clock().Steady());
  Push(1);
  stream_->Flush();
  ExpectEvents({1});
  EXPECT_EQ(call_->heartbeats(), 0);
  for (int i = 0; i < 3; ++i) {
    server_.clock().Advance(milliseconds(100));
    stream_->Tick(server_.clock().Steady());
    stream_->Tick(server_.clock().Steady());
    StreamMarketDataResponse message;
    ASSERT_TRUE(call_->Read(message));
    ASSERT_TRUE(message.has_heartbeat());
    EXPECT_EQ(message.heartbeat().queued_events(), 0U);
    EXPECT_EQ(message.heartbeat().queue_lag_ns(), 0);
  }
  Push(2);
  stream_->Flush();
  ExpectEvents({2});
  EXPECT_EQ(call_->heartbeats(), 0);
}

TEST_F(EventStreamTest, ServerShutdownEndsOpenStreams) {
  Open();
  server_.Shutdown(milliseconds(0));
  server_.AwaitEnds(1);
  EXPECT_TRUE(stream_->finished());
  EXPECT_FALSE(call_->Drain().ok());
}

TEST_F(EventStreamTest, AFlushListWritesEachStreamOncePerBurst) {
  Open();
  FlushList list;
  for (std::uint64_t i = 1; i <= 5; ++i) {
    Push(i);
    list.Add(stream_);
  }
  list.FlushAll();
  ExpectEvents({1, 2, 3, 4, 5});
  EXPECT_EQ(server_.counters().written_messages.load(), 1U);
  list.FlushAll();
  Push(6);
  list.Add(stream_);
  list.FlushAll();
  ExpectEvents({6});
}

TEST_F(EventStreamTest, AStreamOfTwoThreadsIsFlushedByTheOneThatMarkedIt) {
  Open();
  FlushList first;
  FlushList second;
  Push(1);
  first.Add(stream_);
  Push(2);
  second.Add(stream_);
  second.FlushAll();
  EXPECT_EQ(server_.counters().written_messages.load(), 0U);
  first.FlushAll();
  ExpectEvents({1, 2});
  Push(3);
  second.Add(stream_);
  second.FlushAll();
  ExpectEvents({3});
}

}  // namespace
}  // namespace switchyard::stream
