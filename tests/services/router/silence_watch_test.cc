#include "services/router/silence_watch.h"

#include <gtest/gtest.h>

namespace switchyard::router {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(SilenceWatch, ACallThatIsNeverAnsweredIsSilentAfterFiveSeconds) {
  SilenceWatch watch;
  watch.Begin(seconds(100));
  EXPECT_FALSE(watch.IsTooLong(milliseconds(104'999)));
  EXPECT_TRUE(watch.IsTooLong(seconds(105)));
}

TEST(SilenceWatch, ThreePromisedHeartbeatsMayBeMissed) {
  SilenceWatch watch;
  watch.Begin(seconds(100));
  watch.Promised(seconds(3));
  watch.Heard(seconds(110));
  EXPECT_FALSE(watch.IsTooLong(milliseconds(118'999)));
  EXPECT_TRUE(watch.IsTooLong(seconds(119)));
  EXPECT_EQ(watch.Silence(seconds(119)), seconds(9));
}

TEST(SilenceWatch, QuickHeartbeatsAreGivenFiveSecondsAllTheSame) {
  SilenceWatch watch;
  watch.Begin(seconds(100));
  watch.Promised(milliseconds(100));
  EXPECT_FALSE(watch.IsTooLong(milliseconds(104'999)));
  EXPECT_TRUE(watch.IsTooLong(seconds(105)));
}

TEST(SilenceWatch, WhoPromisesNoHeartbeatsIsNotWatched) {
  SilenceWatch watch;
  watch.Begin(seconds(100));
  watch.Promised(seconds(0));
  EXPECT_FALSE(watch.IsTooLong(seconds(100'000)));
}

TEST(SilenceWatch, TheNextCallIsJudgedByItself) {
  SilenceWatch watch;
  watch.Begin(seconds(100));
  watch.Promised(seconds(0));
  watch.Begin(seconds(200));
  EXPECT_TRUE(watch.IsTooLong(seconds(205)));
}

TEST(SilenceWatch, BackendsAreAskedForHeartbeatsAtLeastEveryThreeSeconds) {
  EXPECT_EQ(SilenceWatch::HeartbeatMsToAskFor(0), 3'000u);
  EXPECT_EQ(SilenceWatch::HeartbeatMsToAskFor(15'000), 3'000u);
  EXPECT_EQ(SilenceWatch::HeartbeatMsToAskFor(700), 700u);
}

}  // namespace
}  // namespace switchyard::router
