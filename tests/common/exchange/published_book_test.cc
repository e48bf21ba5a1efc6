#include "common/exchange/published_book.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

namespace switchyard::exchange {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t kDepth = 5;

// `levels` a side around 1,000; every quantity is `mark`.
model::Book BookOf(std::int64_t levels, std::int64_t mark) {
  model::Book book;
  for (std::int64_t i = 0; i < levels; ++i) {
    book.bids.Apply({1'000 - i, mark});
    book.asks.Apply({1'001 + i, mark});
  }
  return book;
}

TEST(PublishedBookTest, NothingIsReadBeforeTheFirstBook) {
  const PublishedBook published(kDepth);
  model::BookView view;
  view.bids = {{1, 1}};
  EXPECT_FALSE(published.Read(10, nanoseconds(0), &view));
  EXPECT_EQ(view.bids.size(), 1U);
}

TEST(PublishedBookTest, AnInvalidBookIsNotReadUntilTheNextOne) {
  PublishedBook published(kDepth);
  published.Publish(BookOf(3, 1), {}, nanoseconds(0));
  published.Invalidate();
  model::BookView view;
  EXPECT_FALSE(published.Read(10, nanoseconds(0), &view));
  published.Publish(BookOf(2, 1), {}, nanoseconds(0));
  ASSERT_TRUE(published.Read(10, nanoseconds(0), &view));
  EXPECT_EQ(view.bids.size(), 2U);
}

TEST(PublishedBookTest, KeepsItsDepthAndGivesTheReadersOwn) {
  PublishedBook published(kDepth);
  published.Publish(BookOf(8, 1), {}, nanoseconds(0));
  model::BookView view;
  ASSERT_TRUE(published.Read(100, nanoseconds(0), &view));
  EXPECT_EQ(view.bids.size(), kDepth);
  EXPECT_EQ(view.asks.size(), kDepth);
  ASSERT_TRUE(published.Read(2, nanoseconds(0), &view));
  EXPECT_EQ(view.bids, (std::vector<model::Level>{{1'000, 1}, {999, 1}}));
  EXPECT_EQ(view.asks, (std::vector<model::Level>{{1'001, 1}, {1'002, 1}}));
}

TEST(PublishedBookTest, AnEmptySideIsEmpty) {
  PublishedBook published(kDepth);
  published.Publish(BookOf(3, 1), {}, nanoseconds(0));
  model::Book one_sided;
  one_sided.asks.Apply({5, 5});
  published.Publish(one_sided, {}, nanoseconds(0));
  model::BookView view;
  ASSERT_TRUE(published.Read(10, nanoseconds(0), &view));
  EXPECT_TRUE(view.bids.empty());
  EXPECT_EQ(view.asks, (std::vector<model::Level>{{5, 5}}));
}

TEST(PublishedBookTest, SaysWhereFromHowOldAndWhichOne) {
  PublishedBook published(kDepth);
  published.Publish(BookOf(1, 1), {.exchange_time = TimeNs(7), .exchange_sequence = 42},
                    nanoseconds(1'000));
  model::BookView view;
  view.source = model::Source::kRest;
  ASSERT_TRUE(published.Read(10, nanoseconds(1'250), &view));
  EXPECT_EQ(view.source, model::Source::kWebSocket);
  EXPECT_EQ(view.age, nanoseconds(250));
  EXPECT_EQ(view.exchange_time, TimeNs(7));
  EXPECT_EQ(view.exchange_sequence, 42U);
  // The reader took its time before the book came.
  ASSERT_TRUE(published.Read(10, nanoseconds(900), &view));
  EXPECT_EQ(view.age, nanoseconds(0));
}

TEST(PublishedBookTest, ReadersOnOtherThreadsNeverSeeAMixture) {
  constexpr std::int64_t kVersions = 5'000;
  PublishedBook published(kDepth);
  std::atomic<bool> done{false};
  std::atomic<int> mixtures{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      std::uint64_t last = 0;
      model::BookView view;
      while (!done.load()) {
        if (!published.Read(kDepth, nanoseconds(0), &view)) continue;
        bool whole = view.exchange_sequence >= last;
        last = view.exchange_sequence;
        for (const auto& side : {view.bids, view.asks}) {
          for (const model::Level& level : side) {
            whole = whole && static_cast<std::uint64_t>(level.quantity) == last;
          }
        }
        if (!whole) mixtures.fetch_add(1);
      }
    });
  }
  for (std::int64_t version = 1; version <= kVersions; ++version) {
    published.Publish(BookOf(1 + version % 7, version),
                      {.exchange_sequence = static_cast<std::uint64_t>(version)}, nanoseconds(0));
    if (version % 100 == 0) published.Invalidate();
  }
  done.store(true);
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(mixtures.load(), 0);
}

}  // namespace
}  // namespace switchyard::exchange
