#include "exchanges/lighter/websocket/order_book.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/exchange/book_sequencer.h"
#include "tests/exchanges/lighter/describe.h"
#include "tests/exchanges/lighter/markets.h"

namespace switchyard::exchanges::lighter {
namespace {

using exchange::BookResult;
using json::Json;

constexpr TimeNs kNow = TimeNs::FromSeconds(1'780'000'000);

wire::Level At(std::string_view price, std::string_view size) { return {price, size}; }

// Frames of ETH, as the exchange sends them, on their way into a book.
class OrderBookTest : public testing::Test {
 protected:
  static wire::OrderBook Book(std::uint64_t begin, std::uint64_t nonce,
                              std::vector<wire::Level> bids = {},
                              std::vector<wire::Level> asks = {}) {
    wire::OrderBook book;
    book.begin_nonce = begin;
    book.has_begin_nonce = true;
    book.nonce = nonce;
    book.bids = std::move(bids);
    book.asks = std::move(asks);
    return book;
  }
  bool Convert(const wire::OrderBook& book, bool whole) {
    return ToChange(book, whole, units_, kNow, kNow, change_);
  }
  BookResult Snapshot(std::uint64_t nonce, std::vector<wire::Level> bids,
                      std::vector<wire::Level> asks) {
    EXPECT_TRUE(Convert(Book(0, nonce, std::move(bids), std::move(asks)), /*whole=*/true));
    return sequencer_.OnChange(change_);
  }
  BookResult Update(std::uint64_t begin, std::uint64_t nonce, std::vector<wire::Level> bids = {},
                    std::vector<wire::Level> asks = {}) {
    EXPECT_TRUE(Convert(Book(begin, nonce, std::move(bids), std::move(asks)), /*whole=*/false));
    return sequencer_.OnChange(change_);
  }
  // A valid book at nonce 100.
  void Begin() {
    ASSERT_EQ(Snapshot(100, {At("2000.00", "0.0200")}, {At("2325.00", "99.0000")}),
              BookResult::kReplaced);
  }
  Json Bids() const {
    std::vector<model::Level> levels;
    const model::BookSide& side = sequencer_.book().bids;
    for (std::size_t i = 0; i < side.size(); ++i) levels.push_back(side.at(i));
    return Describe(levels, 2, 4);
  }

  const Units units_ = UnitsOf(*SampleMarkets()->Find("ETH-USDC-PERP"));
  exchange::BookChange change_;
  exchange::BookSequencer<SequenceRule> sequencer_;
};

TEST_F(OrderBookTest, AGapInvalidatesTheBook) {
  Begin();
  EXPECT_EQ(Update(105, 110, {At("2001.00", "1")}), BookResult::kGap);
  EXPECT_FALSE(sequencer_.live());
  // What follows the hole does not heal it.
  EXPECT_EQ(Update(110, 120), BookResult::kBuffered);
}

TEST_F(OrderBookTest, AnUpdateThatOverlapsIsAGap) {
  Begin();
  EXPECT_EQ(Update(99, 110, {At("2001.00", "1")}), BookResult::kGap);
}

TEST_F(OrderBookTest, AGapChangesNeitherSide) {
  Begin();
  EXPECT_EQ(Update(100, 101, {At("2001.00", "1.0000")}), BookResult::kApplied);
  EXPECT_EQ(Update(102, 103, {At("2002.00", "1")}, {At("2325.00", "0.0000")}), BookResult::kGap);
  EXPECT_TRUE(sequencer_.book().asks.empty());
}

TEST_F(OrderBookTest, ADuplicateIsIgnored) {
  Begin();
  EXPECT_EQ(Update(100, 110, {At("2001.00", "1.0000")}), BookResult::kApplied);
  EXPECT_EQ(Update(100, 110, {At("2001.00", "7.0000")}), BookResult::kIgnored);
  EXPECT_EQ(Bids(), Json::parse(R"([["2001.00","1.0000"],["2000.00","0.0200"]])"));
  EXPECT_EQ(Update(110, 120), BookResult::kApplied);
}

TEST_F(OrderBookTest, OutOfOrderIsAGapAndNotMended) {
  Begin();
  EXPECT_EQ(Update(110, 120), BookResult::kGap);
  EXPECT_EQ(Update(100, 110), BookResult::kBuffered);
  EXPECT_FALSE(sequencer_.live());
}

TEST_F(OrderBookTest, ACountThatBeganAnewIsAGap) {
  Begin();
  EXPECT_EQ(Update(3, 5), BookResult::kIgnored);
  EXPECT_EQ(Update(5, 9), BookResult::kGap);
  EXPECT_FALSE(sequencer_.live());
}

TEST_F(OrderBookTest, UpdatesBeforeTheSnapshotWait) {
  EXPECT_EQ(Update(90, 100, {At("1.00", "1")}), BookResult::kBuffered);
  Begin();
  EXPECT_EQ(Bids(), Json::parse(R"([["2000.00","0.0200"]])"));
  EXPECT_EQ(Update(100, 101), BookResult::kApplied);
}

TEST_F(OrderBookTest, ASnapshotReplacesWhateverItsNumber) {
  Begin();
  ASSERT_EQ(Update(100, 101, {At("2100.00", "5.0000")}), BookResult::kApplied);
  // Another server, restarted: its count is lower.
  EXPECT_EQ(Snapshot(40, {At("1990.00", "1.0000")}, {At("2010.00", "1.0000")}),
            BookResult::kReplaced);
  EXPECT_EQ(Bids(), Json::parse(R"([["1990.00","1.0000"]])"));
  EXPECT_EQ(Update(40, 41), BookResult::kApplied);
}

TEST_F(OrderBookTest, ACrossedBookIsInvalid) {
  Begin();
  EXPECT_EQ(Update(100, 101, {At("2325.00", "1")}), BookResult::kCrossed);
  EXPECT_FALSE(sequencer_.live());
  EXPECT_EQ(Snapshot(200, {At("10.00", "1")}, {At("9.99", "1")}), BookResult::kCrossed);
}

TEST_F(OrderBookTest, ZeroRemovesAndAnEmptySideIsABook) {
  Begin();
  EXPECT_EQ(Update(100, 101, {At("2000.00", "0.0000")}), BookResult::kApplied);
  EXPECT_TRUE(sequencer_.live());
  EXPECT_TRUE(sequencer_.book().bids.empty());
  EXPECT_EQ(Snapshot(1, {}, {}), BookResult::kReplaced);
}

TEST_F(OrderBookTest, OfASocketThatTakesOverTheFirstFrameMayOverlap) {
  Begin();
  ASSERT_TRUE(Convert(Book(95, 105, {At("2001.00", "1.0000")}), /*whole=*/false));
  change_.range.exact = false;
  EXPECT_EQ(sequencer_.OnChange(change_), BookResult::kApplied);
  EXPECT_EQ(Update(105, 106), BookResult::kApplied);
}

TEST_F(OrderBookTest, WithoutANumberToFollowAnUpdateIsMalformed) {
  wire::OrderBook update = Book(0, 101);
  update.has_begin_nonce = false;
  EXPECT_FALSE(Convert(update, /*whole=*/false));
  EXPECT_FALSE(Convert(Book(102, 101), /*whole=*/false));
}

TEST_F(OrderBookTest, ALevelThatDoesNotFitIsMalformed) {
  EXPECT_FALSE(Convert(Book(1, 2, {At("2000.001", "1")}), /*whole=*/false));
  EXPECT_FALSE(Convert(Book(1, 2, {}, {At("2000", "0.00001")}), /*whole=*/false));
  EXPECT_FALSE(Convert(Book(1, 2, {At("-1", "1")}), /*whole=*/false));
  EXPECT_FALSE(Convert(Book(1, 2, {At("1e3", "1")}), /*whole=*/false));
}

TEST_F(OrderBookTest, AWholeBookIsSortedAndSkipsWhatIsNoLevel) {
  ASSERT_EQ(Snapshot(1, {At("0.00", "5"), At("1.00", "2"), At("2.00", "3"), At("1.50", "0.0000")},
                     {At("4.00", "1"), At("3.00", "1")}),
            BookResult::kReplaced);
  EXPECT_EQ(Bids(), Json::parse(R"([["2.00","3.0000"],["1.00","2.0000"]])"));
  EXPECT_EQ(sequencer_.book().asks.best().price, 300);
  EXPECT_FALSE(Convert(Book(0, 1, {At("1.00", "2"), At("1.00", "3")}), /*whole=*/true));
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
