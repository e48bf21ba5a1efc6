#include "tests/integration/contract_client/book_checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/clients/fake/book_events.h"
#include "tests/integration/contract_client/truth.h"

namespace switchyard::contract_client {
namespace {

using clients::fake::AddAsk;
using clients::fake::AddBid;
using clients::fake::BookEvent;
using marketdata::v1::EVENT_KIND_DELTA;
using marketdata::v1::EVENT_KIND_SNAPSHOT;
using marketdata::v1::EVENT_KIND_STALE;
using marketdata::v1::MarketDataEvent;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr std::uint32_t kDepth = 10;  // of BookEvent

MarketDataEvent Snapshot(std::uint64_t epoch, std::uint64_t sequence) {
  MarketDataEvent event = BookEvent(EVENT_KIND_SNAPSHOT, epoch, sequence);
  AddBid(event, 1000, 150);
  AddAsk(event, 1001, 350);
  return event;
}

MarketDataEvent Delta(std::uint64_t epoch, std::uint64_t sequence) {
  return BookEvent(EVENT_KIND_DELTA, epoch, sequence);
}

class BookCheckerTest : public testing::Test {
 protected:
  void Feed(const std::vector<MarketDataEvent>& events) {
    for (const MarketDataEvent& event : events) checker_.OnEvent(event, clock_);
  }
  const TopicStatistics& statistics() const { return checker_.statistics(); }

  ManualClock clock_{TimeNs::FromSeconds(1'000)};
  BookChecker checker_{"BTC-USDT", kDepth};
};

TEST_F(BookCheckerTest, CountsEventsByKind) {
  MarketDataEvent rest = Snapshot(2, 1);
  rest.set_source(common::v1::SOURCE_REST);
  Feed({Snapshot(1, 1), Delta(1, 2), Delta(1, 3), BookEvent(EVENT_KIND_STALE, 1, 4), rest});
  EXPECT_EQ(statistics().snapshots, 2u);
  EXPECT_EQ(statistics().rest_snapshots, 1u);
  EXPECT_EQ(statistics().deltas, 2u);
  EXPECT_EQ(statistics().stales, 1u);
  EXPECT_THAT(statistics().stale_reasons, ElementsAre(Pair("STALE_REASON_SEQUENCE_GAP", 1)));
  EXPECT_THAT(statistics().violations, IsEmpty());
}

TEST_F(BookCheckerTest, EachBrokenRuleIsAViolationWithItsTopic) {
  Feed({Snapshot(1, 1), Delta(1, 3), Snapshot(1, 4), Delta(2, 5), Snapshot(2, 6),
        BookEvent(EVENT_KIND_STALE, 2, 7), Delta(2, 8)});
  EXPECT_THAT(statistics().violations,
              ElementsAre(Pair("delta_while_stale", 1), Pair("epoch_without_snapshot", 1),
                          Pair("sequence_gap", 1)));
  EXPECT_EQ(statistics().violation_count(), 3u);
  EXPECT_EQ(statistics().examples.front(), "BTC-USDT: sequence_gap: delta 3 after 1");
}

TEST_F(BookCheckerTest, AnotherDepthThanTheGrantedIsAViolation) {
  MarketDataEvent event = Snapshot(1, 1);
  event.set_depth(50);
  Feed({event});
  EXPECT_THAT(statistics().violations, ElementsAre(Pair("depth", 1)));
}

TEST_F(BookCheckerTest, ANewStreamMayBeginAnywhere) {
  Feed({Snapshot(1, 5)});
  checker_.OnNewStream();
  Feed({Snapshot(1, 1)});
  EXPECT_THAT(statistics().violations, IsEmpty());
}

TEST_F(BookCheckerTest, MeasuresFromTheFirstStaleToTheSnapshot) {
  Feed({Snapshot(1, 1), BookEvent(EVENT_KIND_STALE, 1, 2)});
  clock_.Advance(std::chrono::milliseconds(30));
  Feed({BookEvent(EVENT_KIND_STALE, 1, 2)});
  clock_.Advance(std::chrono::milliseconds(20));
  Feed({Snapshot(2, 1)});
  EXPECT_EQ(statistics().stale_ns.count(), 1u);
  EXPECT_EQ(statistics().stale_ns.Percentile(50), 50'000'000);
}

TEST_F(BookCheckerTest, LatencyIsThatOfDeltas) {
  MarketDataEvent delta = Delta(1, 2);
  delta.set_receive_time_ns(clock_.Now().value - 70'000);
  Feed({Snapshot(1, 1), delta});
  EXPECT_EQ(statistics().latency_ns.count(), 1u);
  EXPECT_EQ(statistics().latency_ns.largest(), 70'000);
}

TEST_F(BookCheckerTest, StatisticsOfSeveralClientsAddUp) {
  Feed({Snapshot(1, 1), Delta(1, 3)});
  TopicStatistics sum;
  sum.Merge(statistics());
  sum.Merge(statistics());
  EXPECT_EQ(sum.snapshots, 2u);
  EXPECT_THAT(sum.violations, ElementsAre(Pair("sequence_gap", 2)));
  EXPECT_EQ(sum.examples.size(), 2u);
}

TEST(SamplesTest, StaysBoundedAndFair) {
  Samples samples;
  for (std::int64_t value = 1; value <= 1'000'000; ++value) samples.Add(value);
  EXPECT_EQ(samples.count(), 1'000'000u);
  EXPECT_EQ(samples.largest(), 1'000'000);
  EXPECT_NEAR(static_cast<double>(samples.Percentile(50)), 500'000, 20'000);
}

// Comparison with the truth.

simulator::v1::GetBookResponse Truth(const std::string& bid_price, const std::string& bid_quantity,
                                     const std::string& ask_price,
                                     const std::string& ask_quantity) {
  simulator::v1::GetBookResponse truth;
  truth.add_bids()->set_price(bid_price);
  truth.mutable_bids(0)->set_quantity(bid_quantity);
  truth.add_asks()->set_price(ask_price);
  truth.mutable_asks(0)->set_quantity(ask_quantity);
  return truth;
}

// Bid 100.0 x 1.5, ask 100.1 x 3.5.
clients::cli::LocalBook KeptBook() {
  clients::cli::LocalBook book;
  EXPECT_THAT(book.Apply(Snapshot(1, 1)), IsEmpty());
  return book;
}

struct TruthCase {
  std::string name;
  std::string multiplier, exchange_symbol;
  simulator::v1::GetBookResponse truth;
  std::string want;  // part of the difference; empty = equal
};

class TruthTest : public testing::TestWithParam<TruthCase> {};

TEST_P(TruthTest, IsCompared) {
  marketdata::v1::Instrument instrument;
  instrument.set_multiplier(GetParam().multiplier);
  instrument.set_exchange_symbol(GetParam().exchange_symbol);
  const auto difference = DifferenceFromTruth(KeptBook(), GetParam().truth, instrument, kDepth);
  ASSERT_TRUE(difference.ok()) << difference.status();
  if (GetParam().want.empty()) {
    EXPECT_EQ(*difference, "");
  } else {
    EXPECT_THAT(*difference, HasSubstr(GetParam().want));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Books, TruthTest,
    testing::Values(
        TruthCase{"equal", "1", "BTC_USDT", Truth("100", "1.50", "100.10", "3.5"), ""},
        TruthCase{"contracts", "0.0001", "BTC_USDT", Truth("100", "15000", "100.1", "35000"), ""},
        TruthCase{"thousands", "1000", "1000BTCUSDT", Truth("100000", "0.0015", "100100", "0.0035"),
                  ""},
        TruthCase{"price", "1", "BTC_USDT", Truth("100.05", "1.5", "100.1", "3.5"),
                  "bid 0 is 100.0 x 1.50, in truth 100.05 x 1.5"},
        TruthCase{"quantity", "1", "BTC_USDT", Truth("100", "1.5", "100.1", "3.4"), "ask 0"},
        TruthCase{"missing_side", "1", "BTC_USDT", simulator::v1::GetBookResponse(),
                  "1 bid levels, in truth 0"}),
    [](const auto& info) { return info.param.name; });

TEST(TruthOfAnEmptyBookTest, ABookThatIsNotLiveIsDifferent) {
  const auto difference = DifferenceFromTruth(clients::cli::LocalBook(), Truth("1", "1", "2", "1"),
                                              marketdata::v1::Instrument(), kDepth);
  ASSERT_TRUE(difference.ok());
  EXPECT_EQ(*difference, "the book is not live");
}

}  // namespace
}  // namespace switchyard::contract_client
