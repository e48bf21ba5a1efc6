#include "clients/cli/ladder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace switchyard::clients::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Decimal D(std::string_view text) { return Decimal::Parse(text).value(); }

std::vector<std::string> Texts(const std::vector<ScreenLine>& lines) {
  std::vector<std::string> texts;
  for (const ScreenLine& line : lines) texts.push_back(line.text);
  return texts;
}

Ladder TwoByTwo() {
  Ladder ladder;
  ladder.title = "gateio X";
  ladder.state = "LIVE";
  ladder.live = true;
  ladder.bids = {{D("10"), D("1"), ""}, {D("9.5"), D("20"), ""}};
  ladder.asks = {{D("10.25"), D("2"), ""}, {D("11"), D("0.5"), ""}};
  return ladder;
}

TEST(LadderTest, PointsAreBelowOneAnotherAndSumsGrowFromTheMiddle) {
  EXPECT_THAT(
      Texts(RenderLadder(TwoByTwo())),
      ElementsAre("gateio X  LIVE", "     price  size   sum", "ask  11.00   0.5   2.5    █",
                  "ask  10.25   2.0   2.0    ██", "     spread 0.25 (243.90 bp)",
                  "bid  10.00   1.0   1.0    █", "bid   9.50  20.0  21.0    ████████████████████"));
}

TEST(LadderTest, ABookThatIsNotLiveIsDim) {
  Ladder ladder = TwoByTwo();
  ladder.live = false;
  const auto lines = RenderLadder(ladder);
  EXPECT_EQ(lines.front().style, LineStyle::kWarning);
  EXPECT_EQ(lines[2].style, LineStyle::kDim);
  EXPECT_EQ(lines.back().style, LineStyle::kDim);
}

TEST(LadderTest, AnEmptySideIsSaid) {
  Ladder ladder = TwoByTwo();
  ladder.bids.clear();
  EXPECT_THAT(Texts(RenderLadder(ladder)).back(), HasSubstr("one-sided"));
  EXPECT_THAT(RenderTop(ladder), HasSubstr("bid none  ask 10.25 x 2  one-sided"));
}

TEST(LadderTest, ACrossedMergedBookIsSaid) {
  Ladder ladder = TwoByTwo();
  ladder.bids.front().price = D("10.5");
  EXPECT_THAT(RenderTop(ladder), HasSubstr("spread -0.25 (-243.90 bp) crossed"));
}

TEST(LadderTest, LevelsOfAnEventAreExact) {
  marketdata::v1::OrderBookLevels levels;
  levels.set_price_exponent(-8);
  levels.set_quantity_exponent(3);
  levels.add_bid_price_mantissas(123);
  levels.add_bid_quantity_mantissas(7);
  const auto ladder = LadderFromLevels(levels);
  ASSERT_TRUE(ladder.ok());
  EXPECT_EQ(ladder->bids.front().price, D("0.00000123"));
  EXPECT_EQ(ladder->bids.front().quantity, D("7000"));
  levels.set_quantity_exponent(60);
  EXPECT_EQ(LadderFromLevels(levels).status().code(), absl::StatusCode::kOutOfRange);
}

}  // namespace
}  // namespace switchyard::clients::cli
