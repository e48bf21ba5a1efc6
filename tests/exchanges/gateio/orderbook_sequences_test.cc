// Worked sequences of book messages with their stated outcomes (tests/golden/gateio/README.md),
// from the exchange's own text through parser, converters and sequencer.

#include <gtest/gtest.h>

#include <iostream>
#include <optional>

#include "common/exchange/book_sequencer.h"
#include "exchanges/gateio/futures/market_data/market_data_manager.h"
#include "exchanges/gateio/spot/market_data/market_data_manager.h"
#include "exchanges/gateio/websocket/order_book.h"
#include "tests/exchanges/gateio/frames.h"
#include "tests/exchanges/gateio/golden.h"
#include "tests/exchanges/gateio/instruments.h"

namespace switchyard::exchanges::gateio {
namespace {

using exchange::BookChange;
using exchange::BookResult;
using Sequencer = exchange::BookSequencer<SequenceRule>;

constexpr std::size_t kSnapshotLevels = 100;

// What a sequence's own words say. Nullopt for words that this test does not know.
std::optional<BookResult> StatedOutcome(const std::string& action) {
  if (action.starts_with("buffered, then dropped") || action.starts_with("dropped")) {
    return BookResult::kIgnored;
  }
  if (action.starts_with("first applied") || action.starts_with("applied")) {
    return BookResult::kApplied;
  }
  if (action.starts_with("replace whole book")) return BookResult::kReplaced;
  if (action.starts_with("GAP") || action.starts_with("U != id + 1")) return BookResult::kGap;
  return std::nullopt;
}

class SequenceTest : public testing::TestWithParam<GoldenEntry> {
 protected:
  SequenceTest()
      : kind_(GetParam().fields.at("kind").get<std::string>()),
        product_(kind_.starts_with("spot.") ? Product::kSpot : Product::kFutures),
        units_(UnitsOf(product_ == Product::kSpot ? SpotInstrument("BTC_USDT")
                                                  : FuturesInstrument("BTC_USDT", "1"))),
        parser_(product_) {}

  bool has_snapshot() const { return GetParam().fields.contains("rest_snapshot"); }

  BookChange Snapshot() const {
    const std::string body = GetParam().fields.at("rest_snapshot").at("body").dump();
    const auto decoded = product_ == Product::kSpot
                             ? spot::MarketData::DecodeOrderBook(body, units_)
                             : futures::MarketData::DecodeOrderBook(body, units_);
    EXPECT_TRUE(decoded.ok()) << decoded.status();
    return ToChange(*decoded, kSnapshotLevels, TimeNs());
  }

  BookChange Change(const json::Json& push) {
    const Frame frame(push.at("message").dump());
    wire::Push parsed;
    EXPECT_TRUE(parser_.Parse(frame.view(), parsed).ok());
    BookChange change;
    EXPECT_TRUE(ToChange(parsed.book_update, parsed.channel == Channel::kBookStream, units_,
                         TimeNs(), change));
    return change;
  }

  // Levels as the sequence spells them: [price, quantity], numbers or texts.
  std::vector<model::Level> Levels(const json::Json& pairs) const {
    std::vector<model::Level> levels;
    for (const json::Json& pair : pairs) levels.push_back(LevelOf(pair));
    return levels;
  }
  model::Level LevelOf(const json::Json& pair) const {
    const auto text = [](const json::Json& value) {
      return value.is_string() ? value.get<std::string>() : value.dump();
    };
    const std::string price = text(pair.at(0));
    const std::string quantity = text(pair.at(1));
    model::Level level;
    EXPECT_TRUE(ToLevel({price, quantity}, units_, &level)) << pair;
    return level;
  }
  static std::vector<model::Level> AllOf(const model::BookSide& side) {
    std::vector<model::Level> levels;
    for (std::size_t i = 0; i < side.size(); ++i) levels.push_back(side.at(i));
    return levels;
  }

  void ExpectBook(const Sequencer& sequencer, const json::Json& expected) {
    EXPECT_EQ(sequencer.current(), expected.at("u").get<std::uint64_t>());
    if (expected.contains("bids")) {
      EXPECT_EQ(AllOf(sequencer.book().bids), Levels(expected.at("bids")));
      EXPECT_EQ(AllOf(sequencer.book().asks), Levels(expected.at("asks")));
    }
    if (expected.contains("best_bid")) {
      EXPECT_EQ(sequencer.book().bids.best(), LevelOf(expected.at("best_bid")));
      EXPECT_EQ(sequencer.book().asks.best(), LevelOf(expected.at("best_ask")));
    }
    if (expected.contains("changed_ask")) {
      const std::vector<model::Level> asks = AllOf(sequencer.book().asks);
      EXPECT_NE(std::ranges::find(asks, LevelOf(expected.at("changed_ask"))), asks.end());
    }
  }

  // The state that is stated for after push `index`; null where there is none.
  json::Json StateAfter(std::size_t index, bool next_is_gap) const {
    if (!GetParam().fields.contains("expected")) return nullptr;
    const json::Json& expected = GetParam().fields.at("expected");
    const std::string after = "after_index_" + std::to_string(index);
    if (expected.contains(after)) return expected.at(after);
    return next_is_gap && expected.contains("book_before_gap") ? expected.at("book_before_gap")
                                                               : json::Json(nullptr);
  }

  const std::string kind_;
  const Product product_;
  const Units units_;
  PublicParser parser_;
};

TEST_P(SequenceTest, EachMessageHasItsStatedOutcome) {
  const json::Json& pushes = GetParam().fields.at("pushes");
  Sequencer sequencer;
  // The snapshot is asked for after subscribing; here it comes behind the first message.
  for (std::size_t i = 0; i < pushes.size(); ++i) {
    const std::string action = pushes[i].value("expected_action", "");
    const std::optional<BookResult> stated = StatedOutcome(action);
    BookResult result = sequencer.OnChange(Change(pushes[i]));
    if (i == 0 && has_snapshot()) {
      ASSERT_EQ(result, BookResult::kBuffered);
      ASSERT_EQ(sequencer.OnSnapshot(Snapshot()), BookResult::kReplaced);
      result = BookResult::kIgnored;
    }
    if (!stated) {
      std::cout << GetParam().name << " push " << i << ": understood as "
                << static_cast<int>(result) << ", stated: '" << action << "'\n";
      continue;
    }
    EXPECT_EQ(result, *stated) << "push " << i << ": " << action;
    EXPECT_EQ(sequencer.live(), *stated != BookResult::kGap);
    const bool next_is_gap =
        i + 1 < pushes.size() &&
        StatedOutcome(pushes[i + 1].value("expected_action", "")) == BookResult::kGap;
    if (const json::Json state = StateAfter(i, next_is_gap); !state.is_null()) {
      ExpectBook(sequencer, state);
    }
  }
}

TEST_P(SequenceTest, MessagesBeforeALateSnapshotAreReplayed) {
  if (!has_snapshot()) GTEST_SKIP() << "the stream brings its own snapshots";
  const json::Json& pushes = GetParam().fields.at("pushes");
  Sequencer sequencer;
  std::size_t last = 0;
  for (std::size_t i = 0; i < pushes.size(); ++i) {
    if (StatedOutcome(pushes[i].value("expected_action", "")) == BookResult::kGap) break;
    ASSERT_EQ(sequencer.OnChange(Change(pushes[i])), BookResult::kBuffered);
    last = i;
  }
  ASSERT_EQ(sequencer.OnSnapshot(Snapshot()), BookResult::kReplaced);
  if (const json::Json state = StateAfter(last, /*next_is_gap=*/true); !state.is_null()) {
    ExpectBook(sequencer, state);
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, SequenceTest,
                         testing::ValuesIn(LoadGolden("orderbook_sequences", {"sequences"})),
                         EntryName());

}  // namespace
}  // namespace switchyard::exchanges::gateio
