#include "common/exchange/trade_tape.h"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/common/exchange/board_harness.h"

namespace switchyard::exchange {
namespace {

using marketdata::v1::EVENT_KIND_DELTA;
using marketdata::v1::EVENT_KIND_GAP;

constexpr model::InstrumentId kId{0};

// An exchange's own form of a trade.
struct WireTrade {
  std::string id;
  TimeNs time;
  bool readable = true;
};

absl::StatusOr<model::Trade> ToTrade(const WireTrade& trade) {
  if (!trade.readable) return absl::InternalError("no such price");
  return model::Trade{trade.id, model::Side::kBuy, 1'050, 100'000'000, trade.time};
}

TimeNs At(int id) { return TimeNs::FromSeconds(1'700'000'000 + id); }

// Trade `id` was made at At(id).
class TradeTapeTest : public testing::Test {
 protected:
  TradeTapeTest() : reader_(harness_.NewReader()) {
    harness_.Attach(reader_, {.symbol = "BTC-USDT", .channel = Channel::kTrades});
  }

  void Frame(int id, bool readable = true) {
    const WireTrade trades[] = {{std::to_string(id), At(id), readable}};
    tape_.OnFrame(kId, std::span<const WireTrade>(trades), At(id), ToTrade);
    harness_.board->Flush();
  }
  void Backlog(const std::vector<int>& ids) {
    std::vector<WireTrade> trades;
    for (const int id : ids) trades.push_back({std::to_string(id), At(id)});
    tape_.OnBacklog(kId, std::span<const WireTrade>(trades), At(ids.back()), ToTrade);
    harness_.board->Flush();
  }
  // Newest first, as REST tells them.
  void Page(int from, int to) {
    model::TradesPage page;
    for (int id = to; id >= from; --id) {
      page.trades.push_back({std::to_string(id), model::Side::kBuy, 1'050, 1, At(id)});
    }
    tape_.OnPage(kId, page);
    harness_.board->Flush();
  }
  void ExpectTrades(const std::vector<std::string>& ids) {
    const MarketDataEvent event = reader_.Next();
    EXPECT_EQ(event.kind(), EVENT_KIND_DELTA);
    std::vector<std::string> got;
    for (const auto& trade : event.trades().trades()) got.push_back(trade.trade_id());
    EXPECT_EQ(got, ids);
  }
  void ExpectGap(TimeNs from, TimeNs to) {
    const MarketDataEvent gap = reader_.Next();
    EXPECT_EQ(gap.kind(), EVENT_KIND_GAP);
    EXPECT_EQ(gap.reason(), common::v1::STALE_REASON_DISCONNECTED);
    EXPECT_EQ(gap.gap_from_time_ns(), from.value);
    EXPECT_EQ(gap.gap_to_time_ns(), to.value);
  }

  BoardHarness harness_;
  BoardReader reader_;
  TradeTape tape_{"gateio", *harness_.board, harness_.server.clock()};
};

TEST_F(TradeTapeTest, TheFirstPollIsWhereTheTapeBeginsAndIsNotNews) {
  Page(1, 100);
  Page(2, 102);
  ExpectTrades({"101", "102"});
}

TEST_F(TradeTapeTest, APollThatReachesBackLosesNothing) {
  Frame(1);
  Frame(2);
  ExpectTrades({"1"});
  ExpectTrades({"2"});
  tape_.OnLost(kId);
  Page(1, 4);
  ExpectTrades({"3", "4"});
  Page(3, 6);
  ExpectTrades({"5", "6"});
}

TEST_F(TradeTapeTest, APollThatDoesNotReachBackTellsTheGap) {
  Frame(1);
  ExpectTrades({"1"});
  tape_.OnLost(kId);
  Page(50, 52);
  ExpectGap(At(1), At(50));
  ExpectTrades({"50", "51", "52"});
  Page(90, 90);
  ExpectGap(At(52), At(90));
  ExpectTrades({"90"});
}

TEST_F(TradeTapeTest, TheFirstPollAfterALossTellsWhatItCannotKnow) {
  // The socket was lost before it told any trade.
  tape_.OnLost(kId);
  const TimeNs lost = harness_.server.clock().Now();
  Page(200, 300);
  ExpectGap(lost, At(300));
  Page(250, 301);
  ExpectTrades({"301"});
}

TEST_F(TradeTapeTest, ASocketContinuesWhereThePollsEnded) {
  Frame(1);
  ExpectTrades({"1"});
  tape_.OnLost(kId);
  Page(1, 5);
  ExpectTrades({"2", "3", "4", "5"});
  tape_.OnConfirmed(kId);
  harness_.board->Flush();
  ExpectGap(At(5), harness_.server.clock().Now());
  tape_.OnConfirmed(kId);
  Frame(6);
  ExpectTrades({"6"});
}

TEST_F(TradeTapeTest, WithoutPollsTheGapIsFromTheLastFrameToTheConfirmation) {
  Frame(1);
  ExpectTrades({"1"});
  tape_.OnLost(kId);
  tape_.OnLost(kId);
  tape_.OnConfirmed(kId);
  harness_.board->Flush();
  ExpectGap(At(1), harness_.server.clock().Now());
}

TEST_F(TradeTapeTest, ATradeIsToldOnceWhoeverTellsIt) {
  Frame(1);
  Frame(1);
  Page(1, 1);
  Frame(2);
  ExpectTrades({"1"});
  ExpectTrades({"2"});
}

TEST_F(TradeTapeTest, NothingIsKeptOfWhatNobodyWants) {
  // Candles' liveness is judged by trades, too; looking must not keep anything.
  for (std::uint32_t id = 0; id < 1'000; ++id) {
    EXPECT_FALSE(tape_.recent(model::InstrumentId{id}).Contains("1"));
  }
  EXPECT_EQ(tape_.size(), 0U);
  Frame(1);
  EXPECT_EQ(tape_.size(), 1U);
  tape_.Forget(kId);
  EXPECT_EQ(tape_.size(), 0U);
  // A poll that is answered behind the end of its demand begins nothing.
  harness_.board->Detach(reader_.stream);
  Page(1, 100);
  tape_.OnConfirmed(kId);
  EXPECT_EQ(tape_.size(), 0U);
}

TEST_F(TradeTapeTest, ATradeThatCannotBeReadIsAGapAtItsTime) {
  Frame(1, /*readable=*/false);
  const MarketDataEvent gap = reader_.Next();
  EXPECT_EQ(gap.kind(), EVENT_KIND_GAP);
  EXPECT_EQ(gap.reason(), common::v1::STALE_REASON_MALFORMED_UPDATE);
  EXPECT_EQ(gap.gap_from_time_ns(), At(1).value);
  EXPECT_EQ(gap.gap_to_time_ns(), At(1).value);
}

TEST_F(TradeTapeTest, TheTapeBeginsBehindTheFirstBacklog) {
  Backlog({1, 2, 3});
  Frame(4);
  ExpectTrades({"4"});
}

TEST_F(TradeTapeTest, OfALaterBacklogOnlyWhatIsNewerIsTold) {
  Frame(5);
  ExpectTrades({"5"});
  Backlog({2, 5, 6, 7});
  ExpectTrades({"6", "7"});
  Frame(7);
  Frame(8);
  ExpectTrades({"8"});
}

}  // namespace
}  // namespace switchyard::exchange
