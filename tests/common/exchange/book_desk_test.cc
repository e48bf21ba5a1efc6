#include "common/exchange/book_desk.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "tests/common/exchange/board_harness.h"
#include "tests/common/exchange/manual_thread.h"

namespace switchyard::exchange {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr model::InstrumentId kBtc{0};
constexpr model::InstrumentId kEth{1};

// Every message continues the one before by one; overlaps are welcome.
struct OverlapRule {
  static Continuity AfterSnapshot(const UpdateRange& range, std::uint64_t current) {
    if (range.last < current + 1) return Continuity::kOld;
    return range.first <= current + 1 ? Continuity::kNext : Continuity::kGap;
  }
  static Continuity AfterUpdate(const UpdateRange& range, std::uint64_t current) {
    return AfterSnapshot(range, current);
  }
};

using Desk = BookDesk<OverlapRule, ManualTimer>;

BookChange Update(std::uint64_t number, Levels bids = {}, Levels asks = {}) {
  BookChange change;
  change.range = {.first = number, .last = number};
  change.bids = std::move(bids);
  change.asks = std::move(asks);
  return change;
}

BookChange Snapshot(std::uint64_t number, Levels bids = {{100, 1}}, Levels asks = {{110, 1}}) {
  BookChange snapshot = Update(number, std::move(bids), std::move(asks));
  snapshot.full = true;
  return snapshot;
}

// What a client sees of a book, by the contract's rules.
class BookReader {
 public:
  BookReader(BoardHarness& harness, const model::Instrument& instrument)
      : reader_(harness.NewReader()) {
    const TopicGrant grant = harness.board->Attach(
        instrument, {.symbol = instrument.symbol, .channel = Channel::kOrderBook, .depth = 10},
        reader_.stream);
    EXPECT_TRUE(grant.status.ok()) << grant.status;
  }

  MarketDataEvent Next() {
    MarketDataEvent event = reader_.Next();
    EXPECT_TRUE(topic_.Apply(event)) << topic_.broken() << ": " << event.ShortDebugString();
    return event;
  }
  // The next event replaces the book or changes it.
  void ExpectBook(marketdata::v1::EventKind kind, const Levels& bids, const Levels& asks) {
    EXPECT_EQ(Next().kind(), kind);
    EXPECT_EQ(topic_.bids(), bids);
    EXPECT_EQ(topic_.asks(), asks);
  }
  void ExpectStale(common::v1::StaleReason reason) {
    const MarketDataEvent event = Next();
    EXPECT_EQ(event.kind(), marketdata::v1::EVENT_KIND_STALE);
    EXPECT_EQ(event.reason(), reason) << event.ShortDebugString();
  }

 private:
  BoardReader reader_;
  TopicReader topic_;
};

constexpr auto kSnapshot = marketdata::v1::EVENT_KIND_SNAPSHOT;
constexpr auto kDelta = marketdata::v1::EVENT_KIND_DELTA;

class BookDeskTest : public testing::Test {
 protected:
  explicit BookDeskTest(bool stream_has_snapshots = false)
      : desk_({thread_, thread_.clock(), *harness_.board, published_, counters_},
              Options(stream_has_snapshots),
              {.read_snapshot =
                   [this](model::InstrumentId id, Reply<BookChange> reply) {
                     reads_.emplace_back(id, std::move(reply));
                   },
               .resubscribe = [this](model::InstrumentId id) { resubscribed_.push_back(id); },
               .renew = [this](model::InstrumentId id) { renewed_.push_back(id); }}) {
    eth_ = harness_.instrument;
    eth_.id = kEth;
    eth_.symbol = "ETH-USDT";
  }

  static BookDeskOptions Options(bool stream_has_snapshots) {
    BookDeskOptions options;
    options.exchange = "acme";
    options.depth = 2;
    options.stream_has_snapshots = stream_has_snapshots;
    return options;
  }

  // Tells what became of it, as the end of a burst does.
  void Change(model::InstrumentId id, const BookChange& change) {
    desk_.OnChange(id, change);
    harness_.board->Flush();
  }
  // Answers the oldest read of a snapshot.
  void Answer(model::InstrumentId id, absl::StatusOr<BookChange> snapshot) {
    ASSERT_FALSE(reads_.empty()) << "no snapshot was asked for";
    ASSERT_EQ(reads_.front().first, id);
    const Reply<BookChange> reply = std::move(reads_.front().second);
    reads_.pop_front();
    reply(std::move(snapshot));
    harness_.board->Flush();
  }
  // Confirmed, at number 100, with one bid at 100 and one ask at 110.
  void GoLive(model::InstrumentId id) {
    desk_.OnConfirmed(id);
    Answer(id, Snapshot(100));
    ASSERT_NE(desk_.valid_book(id), nullptr);
  }
  bool IsPublished(model::InstrumentId id) {
    model::BookView view;
    const auto book = published_.Find(id);
    return book != nullptr && book->Read(10, thread_.clock().Steady(), &view);
  }

  BoardHarness harness_;
  model::Instrument eth_;
  ManualThread thread_;
  metrics::Metrics metrics_;
  BookDeskCounters counters_ = BookDeskCounters::Make(metrics_, "acme");
  PublishedBooks published_{50};
  std::deque<std::pair<model::InstrumentId, Reply<BookChange>>> reads_;
  std::vector<model::InstrumentId> resubscribed_, renewed_;
  Desk desk_;
};

using Instruments = std::vector<model::InstrumentId>;

// Faults.

TEST_F(BookDeskTest, AGapMakesTheBookStaleUntilASnapshotReachesWhatFollowedIt) {
  BookReader reader(harness_, harness_.instrument);
  GoLive(kBtc);
  reader.ExpectBook(kSnapshot, {{100, 1}}, {{110, 1}});
  Change(kBtc, Update(102, {{101, 5}}));
  reader.ExpectStale(common::v1::STALE_REASON_SEQUENCE_GAP);
  EXPECT_EQ(desk_.valid_book(kBtc), nullptr);
  EXPECT_FALSE(IsPublished(kBtc));
  EXPECT_EQ(desk_.gaps(), 1U);
  EXPECT_EQ(desk_.resyncs(), 1U);
  EXPECT_EQ(desk_.stale_books(), 1U);
  Change(kBtc, Update(103, {{102, 6}}));
  Answer(kBtc, Snapshot(101, {{99, 7}}));
  reader.ExpectBook(kSnapshot, {{102, 6}, {101, 5}, {99, 7}}, {{110, 1}});
  EXPECT_TRUE(IsPublished(kBtc));
  EXPECT_EQ(desk_.valid_books(), 1U);
}

TEST_F(BookDeskTest, AfterAGapASnapshotThatIsTooOldIsNotUsedAndAskedForAgainLater) {
  GoLive(kBtc);
  Change(kBtc, Update(110));
  Answer(kBtc, Snapshot(105));
  EXPECT_EQ(desk_.valid_book(kBtc), nullptr);
  thread_.Advance(milliseconds(199));
  EXPECT_TRUE(reads_.empty());
  thread_.Advance(milliseconds(1));
  Answer(kBtc, Snapshot(109));
  EXPECT_NE(desk_.valid_book(kBtc), nullptr);
}

TEST_F(BookDeskTest, AFailedSnapshotIsAskedForAgainAtGrowingDistance) {
  desk_.OnConfirmed(kBtc);
  for (const int wait_ms : {200, 400, 800, 1'600, 3'200, 5'000, 5'000}) {
    Answer(kBtc, absl::UnavailableError("no answer"));
    thread_.Advance(milliseconds(wait_ms) - std::chrono::nanoseconds(1));
    EXPECT_TRUE(reads_.empty()) << wait_ms;
    thread_.Advance(std::chrono::nanoseconds(1));
    ASSERT_EQ(reads_.size(), 1U) << wait_ms;
  }
  Answer(kBtc, Snapshot(100));
  // Success begins the count anew.
  Change(kBtc, Update(105));
  Answer(kBtc, absl::UnavailableError("no answer"));
  thread_.Advance(milliseconds(200));
  EXPECT_EQ(reads_.size(), 1U);
}

TEST_F(BookDeskTest, ARefusedSnapshotWaitsAsLongAsTheExchangeSays) {
  desk_.OnConfirmed(kBtc);
  Answer(kBtc, WithRetryAfter(absl::ResourceExhaustedError("too many requests"), seconds(30)));
  thread_.Advance(seconds(30) - milliseconds(1));
  EXPECT_TRUE(reads_.empty());
  thread_.Advance(milliseconds(1));
  EXPECT_EQ(reads_.size(), 1U);
}

TEST_F(BookDeskTest, ABookThatAMessageCrossesIsNeverShown) {
  BookReader reader(harness_, harness_.instrument);
  GoLive(kBtc);
  reader.ExpectBook(kSnapshot, {{100, 1}}, {{110, 1}});
  Change(kBtc, Update(101, {{110, 3}}));
  reader.ExpectStale(common::v1::STALE_REASON_CROSSED_BOOK);
  EXPECT_FALSE(IsPublished(kBtc));
  EXPECT_EQ(counters_.crossed.value(), 1U);
  Answer(kBtc, Snapshot(102));
  reader.ExpectBook(kSnapshot, {{100, 1}}, {{110, 1}});
}

TEST_F(BookDeskTest, ASnapshotThatIsCrossedIsNeverShownAndAskedForAgainLater) {
  BookReader reader(harness_, harness_.instrument);
  desk_.OnConfirmed(kBtc);
  Answer(kBtc, Snapshot(100, {{110, 1}}, {{110, 1}}));
  reader.ExpectStale(common::v1::STALE_REASON_CROSSED_BOOK);
  EXPECT_EQ(desk_.valid_book(kBtc), nullptr);
  EXPECT_TRUE(reads_.empty());
  thread_.Advance(milliseconds(200));
  Answer(kBtc, Snapshot(101));
  reader.ExpectBook(kSnapshot, {{100, 1}}, {{110, 1}});
}

TEST_F(BookDeskTest, BooksThatAreCrossedAgainAndAgainAreAskedForOnceAPause) {
  GoLive(kBtc);
  Change(kBtc, Update(101, {{110, 3}}));
  Answer(kBtc, Snapshot(101));
  thread_.Advance(milliseconds(500));
  Change(kBtc, Update(102, {{110, 3}}));
  EXPECT_TRUE(reads_.empty()) << "half a second after the last time";
  thread_.Advance(milliseconds(999));
  EXPECT_TRUE(reads_.empty());
  thread_.Advance(milliseconds(1));
  EXPECT_EQ(reads_.size(), 1U);
}

TEST_F(BookDeskTest, AMessageThatCannotBeReadMakesTheBookStale) {
  BookReader reader(harness_, harness_.instrument);
  GoLive(kBtc);
  reader.ExpectBook(kSnapshot, {{100, 1}}, {{110, 1}});
  desk_.OnMalformed(kBtc);
  harness_.board->Flush();
  reader.ExpectStale(common::v1::STALE_REASON_MALFORMED_UPDATE);
  Answer(kBtc, Snapshot(101));
  reader.ExpectBook(kSnapshot, {{100, 1}}, {{110, 1}});
  EXPECT_EQ(counters_.malformed.value(), 1U);
}

// The message that cannot be read came behind the question: the answer may lack what it held.
TEST_F(BookDeskTest, ASnapshotThatWasAskedForBeforeAnUnreadableMessageIsNotUsed) {
  desk_.OnConfirmed(kBtc);
  desk_.OnMalformed(kBtc);
  Answer(kBtc, Snapshot(100));
  EXPECT_EQ(desk_.valid_book(kBtc), nullptr);
  thread_.Advance(milliseconds(200));
  Answer(kBtc, Snapshot(101));
  EXPECT_NE(desk_.valid_book(kBtc), nullptr);
}

TEST_F(BookDeskTest, MessagesThatCannotBeReadDoNotMultiplyTheQuestions) {
  desk_.OnConfirmed(kBtc);
  for (int i = 0; i < 100; ++i) desk_.OnMalformed(kBtc);
  EXPECT_EQ(reads_.size(), 1U);
}

TEST_F(BookDeskTest, ASnapshotThatWasAskedForBeforeTheBookCrossedIsNotUsed) {
  desk_.OnConfirmed(kBtc);
  // Cut and shorter than the two levels a side that are to be shown: it is renewed at once.
  BookChange small = Snapshot(100);
  small.cut = true;
  Answer(kBtc, small);
  ASSERT_EQ(reads_.size(), 1U);
  Change(kBtc, Update(101));
  Change(kBtc, Update(102, {{110, 3}}));
  Answer(kBtc, Snapshot(100));
  EXPECT_EQ(desk_.valid_book(kBtc), nullptr) << "back in time";
}

TEST_F(BookDeskTest, OtherSymbolsKeepFlowingWhileOneIsRepaired) {
  BookReader btc(harness_, harness_.instrument);
  BookReader eth(harness_, eth_);
  GoLive(kBtc);
  GoLive(kEth);
  btc.ExpectBook(kSnapshot, {{100, 1}}, {{110, 1}});
  eth.ExpectBook(kSnapshot, {{100, 1}}, {{110, 1}});
  Change(kBtc, Update(105));
  btc.ExpectStale(common::v1::STALE_REASON_SEQUENCE_GAP);
  for (std::uint64_t number = 101; number <= 103; ++number) {
    const auto quantity = static_cast<std::int64_t>(number);
    Change(kEth, Update(number, {{100, quantity}}));
    eth.ExpectBook(kDelta, {{100, quantity}}, {{110, 1}});
  }
  EXPECT_EQ(reads_.size(), 1U) << "one snapshot, of the broken book";
  EXPECT_EQ(desk_.valid_books(), 1U);
  EXPECT_EQ(desk_.stale_books(), 1U);
  Answer(kBtc, Snapshot(105));
  btc.ExpectBook(kSnapshot, {{100, 1}}, {{110, 1}});
}

// Subscribe, buffer, snapshot, replay.

TEST_F(BookDeskTest, NothingIsAskedForBeforeTheSubscriptionIsConfirmed) {
  Change(kBtc, Update(99));
  EXPECT_TRUE(reads_.empty());
  EXPECT_FALSE(desk_.wanted(kBtc));
  desk_.OnConfirmed(kBtc);
  EXPECT_EQ(reads_.size(), 1U);
  EXPECT_TRUE(desk_.wanted(kBtc));
}

TEST_F(BookDeskTest, WhatCameBeforeTheSnapshotIsReplayedOnItAndShownAsOne) {
  BookReader reader(harness_, harness_.instrument);
  desk_.OnConfirmed(kBtc);
  Change(kBtc, Update(100, {{98, 9}}));  // in the snapshot already
  Change(kBtc, Update(101, {{101, 2}}));
  Change(kBtc, Update(102, {{100, 0}}, {{111, 4}}));
  EXPECT_EQ(desk_.valid_book(kBtc), nullptr);
  EXPECT_FALSE(IsPublished(kBtc));
  Answer(kBtc, Snapshot(100));
  reader.ExpectBook(kSnapshot, {{101, 2}}, {{110, 1}, {111, 4}});
  Change(kBtc, Update(103, {{101, 0}, {99, 1}}));
  reader.ExpectBook(kDelta, {{99, 1}}, {{110, 1}, {111, 4}});
}

TEST_F(BookDeskTest, ASecondConfirmationAsksForNothing) {
  desk_.OnConfirmed(kBtc);
  desk_.OnConfirmed(kBtc);
  EXPECT_EQ(reads_.size(), 1U);
  Answer(kBtc, Snapshot(100));
  desk_.OnConfirmed(kBtc);
  EXPECT_TRUE(reads_.empty());
}

TEST_F(BookDeskTest, TheAnswerToALostSubscriptionIsDropped) {
  BookReader reader(harness_, harness_.instrument);
  desk_.OnConfirmed(kBtc);
  desk_.OnLost(kBtc, model::StaleReason::kDisconnected);
  harness_.board->Flush();
  reader.ExpectStale(common::v1::STALE_REASON_DISCONNECTED);
  desk_.OnConfirmed(kBtc);
  ASSERT_EQ(reads_.size(), 2U);
  Answer(kBtc, Snapshot(100));
  EXPECT_EQ(desk_.valid_book(kBtc), nullptr) << "it may be older than the subscription";
  Answer(kBtc, Snapshot(200, {{100, 8}}));
  reader.ExpectBook(kSnapshot, {{100, 8}}, {{110, 1}});
}

TEST_F(BookDeskTest, ARetryOfALostSubscriptionIsDropped) {
  desk_.OnConfirmed(kBtc);
  Answer(kBtc, absl::UnavailableError("no answer"));
  desk_.OnLost(kBtc, model::StaleReason::kDisconnected);
  thread_.Advance(seconds(60));
  EXPECT_TRUE(reads_.empty());
}

TEST_F(BookDeskTest, ABookThatNobodyWantsIsStaleAndTakesNoMessages) {
  GoLive(kBtc);
  desk_.Drop(kBtc);
  EXPECT_FALSE(desk_.wanted(kBtc));
  EXPECT_FALSE(IsPublished(kBtc));
  Change(kBtc, Update(101));
  Change(kBtc, Update(109));
  thread_.Advance(seconds(60));
  EXPECT_TRUE(reads_.empty());
  EXPECT_EQ(desk_.gaps(), 0U);
  EXPECT_EQ(desk_.valid_books() + desk_.stale_books(), 0U);
}

TEST_F(BookDeskTest, ARescaledInstrumentStartsAnewAtItsNewScale) {
  BookReader reader(harness_, harness_.instrument);
  GoLive(kBtc);
  reader.ExpectBook(kSnapshot, {{100, 1}}, {{110, 1}});
  // A renewal at the old scale is under way.
  Change(kBtc, Update(105));
  ASSERT_EQ(reads_.size(), 1U);
  reader.ExpectStale(common::v1::STALE_REASON_SEQUENCE_GAP);

  model::Instrument rescaled = harness_.instrument;
  rescaled.price_scale = 3;
  desk_.OnLost(kBtc, model::StaleReason::kSequenceRestarted);
  harness_.board->Rescale(rescaled, thread_.clock().Now());
  harness_.board->Flush();
  Answer(kBtc, Snapshot(105));
  EXPECT_EQ(desk_.valid_book(kBtc), nullptr) << "mantissas of the old scale";

  desk_.OnConfirmed(kBtc);
  Answer(kBtc, Snapshot(106, {{1'000, 1}}, {{1'100, 1}}));
  const MarketDataEvent event = reader.Next();
  EXPECT_EQ(event.kind(), kSnapshot);
  EXPECT_EQ(event.order_book().price_exponent(), -3);
  EXPECT_EQ(event.order_book().bid_price_mantissas(0), 1'000);
}

// Renewal of a book that has lost its far end.

TEST_F(BookDeskTest, ACutBookThatHasGrownShortIsRenewedWhileItStaysValid) {
  BookReader reader(harness_, harness_.instrument);
  desk_.OnConfirmed(kBtc);
  BookChange cut = Snapshot(100, {{100, 1}, {99, 1}}, {{110, 1}, {111, 1}});
  cut.cut = true;
  Answer(kBtc, cut);
  reader.ExpectBook(kSnapshot, {{100, 1}, {99, 1}}, {{110, 1}, {111, 1}});
  EXPECT_TRUE(reads_.empty());
  Change(kBtc, Update(101, {{99, 0}}));
  reader.ExpectBook(kDelta, {{100, 1}}, {{110, 1}, {111, 1}});
  ASSERT_EQ(reads_.size(), 1U);
  Change(kBtc, Update(102, {{100, 7}}));
  reader.ExpectBook(kDelta, {{100, 7}}, {{110, 1}, {111, 1}});
  Answer(kBtc, Snapshot(101, {{100, 1}, {98, 5}}, {{110, 1}, {111, 1}}));
  reader.ExpectBook(kDelta, {{100, 7}, {98, 5}}, {{110, 1}, {111, 1}});
  EXPECT_EQ(desk_.resyncs(), 0U);
}

TEST_F(BookDeskTest, ABookIsRenewedOnceAPause) {
  desk_.OnConfirmed(kBtc);
  BookChange cut = Snapshot(100);
  cut.cut = true;
  Answer(kBtc, cut);
  ASSERT_EQ(reads_.size(), 1U) << "shorter than the two levels that are to be shown";
  cut.range.last = 101;
  Answer(kBtc, cut);
  Change(kBtc, Update(102, {{100, 2}}));
  EXPECT_TRUE(reads_.empty());
  thread_.Advance(seconds(1));
  Change(kBtc, Update(103, {{100, 3}}));
  EXPECT_EQ(reads_.size(), 1U);
}

// Silence.

TEST_F(BookDeskTest, AQuietMarketIsNotADeadOne) {
  GoLive(kBtc);
  desk_.OnSilent(kBtc);
  Answer(kBtc, Snapshot(100));
  thread_.Advance(seconds(60));
  EXPECT_TRUE(renewed_.empty());
  EXPECT_TRUE(IsPublished(kBtc));
}

TEST_F(BookDeskTest, ABookThatStaysBehindRestIsStalled) {
  BookReader reader(harness_, harness_.instrument);
  GoLive(kBtc);
  reader.ExpectBook(kSnapshot, {{100, 1}}, {{110, 1}});
  desk_.OnSilent(kBtc);
  Answer(kBtc, Snapshot(101));
  thread_.Advance(milliseconds(499));
  EXPECT_TRUE(renewed_.empty()) << "the stream may still be on its way";
  thread_.Advance(milliseconds(1));
  harness_.board->Flush();
  EXPECT_EQ(renewed_, Instruments{kBtc});
  reader.ExpectStale(common::v1::STALE_REASON_STALLED);
  EXPECT_FALSE(IsPublished(kBtc));
  EXPECT_EQ(counters_.stalls.value(), 1U);
}

TEST_F(BookDeskTest, AStreamThatCatchesUpWithRestIsAlive) {
  GoLive(kBtc);
  desk_.OnSilent(kBtc);
  Answer(kBtc, Snapshot(101));
  thread_.Advance(milliseconds(400));
  Change(kBtc, Update(101));
  thread_.Advance(seconds(60));
  EXPECT_TRUE(renewed_.empty());
}

TEST_F(BookDeskTest, ASpotCheckThatFailsProvesNothing) {
  GoLive(kBtc);
  desk_.OnSilent(kBtc);
  Answer(kBtc, absl::UnavailableError("no answer"));
  thread_.Advance(seconds(60));
  EXPECT_TRUE(renewed_.empty());
  EXPECT_TRUE(IsPublished(kBtc));
}

// Its numbers have begun anew, below what the check has seen.
TEST_F(BookDeskTest, ASpotCheckOfASubscriptionBeforeProvesNothing) {
  GoLive(kBtc);
  desk_.OnSilent(kBtc);
  Answer(kBtc, Snapshot(101));
  desk_.OnLost(kBtc, model::StaleReason::kDisconnected);
  desk_.OnConfirmed(kBtc);
  Answer(kBtc, Snapshot(7));
  thread_.Advance(seconds(1));
  EXPECT_TRUE(renewed_.empty());
  EXPECT_TRUE(IsPublished(kBtc));
}

TEST_F(BookDeskTest, ABookThatIsBeingRepairedIsNotCheckedBesides) {
  desk_.OnConfirmed(kBtc);
  desk_.OnSilent(kBtc);
  desk_.OnSilent(kEth);
  EXPECT_EQ(reads_.size(), 1U);
}

// An exchange whose stream begins with the whole book.

class WholeBookDeskTest : public BookDeskTest {
 protected:
  WholeBookDeskTest() : BookDeskTest(/*stream_has_snapshots=*/true) {}
};

TEST_F(WholeBookDeskTest, ALostBookIsHadBySubscribingAnew) {
  desk_.OnConfirmed(kBtc);
  Change(kBtc, Snapshot(100));
  Change(kBtc, Update(105));
  EXPECT_EQ(desk_.valid_book(kBtc), nullptr);
  thread_.Advance(milliseconds(0));
  EXPECT_EQ(resubscribed_, Instruments{kBtc});
  EXPECT_TRUE(reads_.empty());
}

TEST_F(WholeBookDeskTest, AStreamThatBreaksAgainAndAgainIsSubscribedOnceAPause) {
  desk_.OnConfirmed(kBtc);
  Change(kBtc, Snapshot(100));
  Change(kBtc, Update(105));
  thread_.Advance(milliseconds(500));
  Change(kBtc, Snapshot(200));
  Change(kBtc, Update(205));
  thread_.Advance(milliseconds(999));
  EXPECT_EQ(resubscribed_.size(), 1U);
  thread_.Advance(milliseconds(1));
  EXPECT_EQ(resubscribed_.size(), 2U);
}

TEST_F(WholeBookDeskTest, ChangesWithoutAWholeBookBeforeThemAreSubscribedAnewAfterAPause) {
  desk_.OnConfirmed(kBtc);
  for (std::uint64_t number = 1; number <= 5; ++number) Change(kBtc, Update(number));
  EXPECT_TRUE(resubscribed_.empty());
  thread_.Advance(seconds(1));
  EXPECT_EQ(resubscribed_, Instruments{kBtc});
}

TEST_F(WholeBookDeskTest, AWholeBookThatComesMeanwhileIsEnough) {
  desk_.OnConfirmed(kBtc);
  Change(kBtc, Update(1));
  Change(kBtc, Snapshot(2));
  thread_.Advance(seconds(60));
  EXPECT_TRUE(resubscribed_.empty());
}

TEST_F(WholeBookDeskTest, AWholeBookThatNobodyWantsIsNotServed) {
  Change(kBtc, Snapshot(100));
  EXPECT_EQ(desk_.valid_book(kBtc), nullptr);
  desk_.OnConfirmed(kBtc);
  desk_.Drop(kBtc);
  Change(kBtc, Snapshot(101));
  EXPECT_EQ(desk_.valid_book(kBtc), nullptr);
  EXPECT_FALSE(IsPublished(kBtc));
}

TEST_F(WholeBookDeskTest, AConfirmedStreamThatNeverBeginsIsStalled) {
  desk_.OnConfirmed(kBtc);
  desk_.OnSilent(kBtc);
  EXPECT_EQ(renewed_, Instruments{kBtc});
}

}  // namespace
}  // namespace switchyard::exchange
