// What clients rebuild from events must be the source book's best levels, after every event.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

#include "tests/common/exchange/board_harness.h"

namespace switchyard::exchange {
namespace {

constexpr std::uint32_t kDepths[] = {5, 10, 50};

Levels Top(const model::BookSide& side, std::size_t depth) {
  Levels levels;
  for (std::size_t i = 0; i < std::min(depth, side.size()); ++i) levels.push_back(side.at(i));
  return levels;
}

// A client of one depth. Events come in order, so that comparing after a fence compares all.
struct DepthReader {
  BoardReader reader;
  TopicReader topic;
  std::uint32_t depth;

  void ReadUntil(std::uint64_t sequence, std::uint64_t epoch) {
    while (topic.sequence() != sequence || topic.epoch() != epoch) {
      const MarketDataEvent event = reader.Next();
      ASSERT_EQ(event.depth(), depth);
      ASSERT_TRUE(topic.Apply(event)) << topic.broken() << ": " << event.ShortDebugString();
    }
  }
};

class TopicBoardPropertyTest : public testing::Test {
 protected:
  std::int64_t Below(std::int64_t bound) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(bound));
  }

  // Changes some levels; never crosses: bids below 1,000, asks above.
  void ChangeBook() {
    const std::int64_t changes = 1 + Below(6);
    for (std::int64_t i = 0; i < changes; ++i) {
      // Near the touch more often than far away.
      const std::int64_t distance = 1 + Below(1 + Below(120));
      const std::int64_t quantity = Below(5) < 2 ? 0 : 1 + Below(1'000);
      if (Below(2) == 0) {
        book_.bids.Apply({1'000 - distance, quantity});
      } else {
        book_.asks.Apply({1'000 + distance, quantity});
      }
    }
  }

  // A reader that attaches now is told where the topic stands: the fence for all of that depth.
  void ExpectAllEqualTheBook() {
    for (DepthReader& reader : readers_) {
      DepthReader late{harness_.NewReader(), {}, reader.depth};
      harness_.Attach(late.reader, {.symbol = "BTC-USDT", .depth = reader.depth});
      ASSERT_TRUE(late.topic.Apply(late.reader.Next())) << late.topic.broken();
      ASSERT_TRUE(late.topic.valid());
      reader.ReadUntil(late.topic.sequence(), late.topic.epoch());
      ASSERT_TRUE(reader.topic.valid());
      for (const TopicReader& topic : {reader.topic, late.topic}) {
        ASSERT_EQ(topic.bids(), Top(book_.bids, reader.depth)) << "depth " << reader.depth;
        ASSERT_EQ(topic.asks(), Top(book_.asks, reader.depth)) << "depth " << reader.depth;
      }
      harness_.board->Detach(late.reader.stream);
      late.reader.stream->Finish(absl::OkStatus());
    }
  }

  model::Book book_;
  BoardHarness harness_;
  std::vector<DepthReader> readers_;

 private:
  std::mt19937_64 random_{11};
};

TEST_F(TopicBoardPropertyTest, EveryDepthIsTheTopOfTheBookUnderRandomUpdates) {
  constexpr int kUpdates = 6'000;
  for (const std::uint32_t depth : kDepths) {
    readers_.push_back({harness_.NewReader(), {}, depth});
    harness_.Attach(readers_.back().reader, {.symbol = "BTC-USDT", .depth = depth});
  }
  std::vector<std::uint64_t> epochs;
  for (int i = 1; i <= kUpdates; ++i) {
    ChangeBook();
    harness_.board->PublishBook({}, book_, {.exchange_sequence = static_cast<std::uint64_t>(i)});
    if (i % 1'000 == 0) {
      harness_.board->PublishStale({{}, Channel::kOrderBook}, model::StaleReason::kSequenceGap, {});
    }
    // Bursts, as frames come; short enough for the queue of a reader that reads.
    if (i % 7 == 0) harness_.board->Flush();
    if (i % 250 != 249) continue;
    harness_.board->Flush();
    ASSERT_NO_FATAL_FAILURE(ExpectAllEqualTheBook());
    epochs.push_back(readers_[0].topic.epoch());
  }
  EXPECT_TRUE(std::ranges::is_sorted(epochs));
  EXPECT_NE(epochs.front(), epochs.back());
  EXPECT_EQ(harness_.server.counters().conflated_events.load(), 0U);
}

TEST_F(TopicBoardPropertyTest, SlowReadersEndUpWithTheSameBook) {
  constexpr int kUpdates = 3'000;
  for (const std::uint32_t depth : kDepths) {
    readers_.push_back({harness_.NewReader({.max_queued_events = 8}), {}, depth});
    harness_.Attach(readers_.back().reader, {.symbol = "BTC-USDT", .depth = depth});
  }
  for (int i = 1; i <= kUpdates; ++i) {
    ChangeBook();
    harness_.board->PublishBook({}, book_, {});
    // Rare flushes: every burst is larger than the queue.
    if (i % 20 == 0) harness_.board->Flush();
    if (i % 300 == 0) harness_.RunPosted();
  }
  EXPECT_GT(harness_.server.counters().conflated_events.load(), 1'000U);
  harness_.board->Flush();
  // Where late readers stand is where the slow ones must arrive; nothing is published any more.
  std::vector<std::uint64_t> ends;
  for (const DepthReader& reader : readers_) {
    BoardReader late = harness_.NewReader();
    harness_.Attach(late, {.symbol = "BTC-USDT", .depth = reader.depth});
    ends.push_back(late.Next().sequence());
  }
  // From here on the board belongs to this thread: refreshes are posted while clients read.
  std::atomic<bool> done{false};
  std::thread connection([&] {
    while (!done.load()) {
      if (harness_.AwaitPosted(std::chrono::milliseconds(10))) harness_.RunPosted();
    }
  });
  for (std::size_t i = 0; i < readers_.size(); ++i) {
    DepthReader& reader = readers_[i];
    while (reader.topic.sequence() != ends[i] && !HasFailure()) {
      const MarketDataEvent event = reader.reader.Next();
      // A snapshot replaces all that was known.
      if (event.kind() == marketdata::v1::EVENT_KIND_SNAPSHOT) reader.topic = TopicReader();
      EXPECT_TRUE(reader.topic.Apply(event)) << reader.topic.broken();
    }
    EXPECT_EQ(reader.topic.bids(), Top(book_.bids, reader.depth));
    EXPECT_EQ(reader.topic.asks(), Top(book_.asks, reader.depth));
  }
  done.store(true);
  connection.join();
}

}  // namespace
}  // namespace switchyard::exchange
