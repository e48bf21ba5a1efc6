#include "services/process/ticker.h"

#include <gtest/gtest.h>

#include <future>
#include <string>

namespace switchyard::process {
namespace {

using std::chrono::seconds;

TEST(TickerTest, RunsTasksAtEveryTick) {
  const ManualClock clock(TimeNs(0));
  Ticker ticker(clock);
  std::vector<std::chrono::nanoseconds> times;
  ticker.AddTask([&](auto now) { times.push_back(now); });
  ticker.Tick(seconds(1));
  ticker.Tick(seconds(2));
  EXPECT_EQ(times, (std::vector<std::chrono::nanoseconds>{seconds(1), seconds(2)}));
}

TEST(TickerTest, CallsOnceAtTheFirstTickAfterTheDelay) {
  ManualClock clock(TimeNs(0));
  Ticker ticker(clock);
  clock.Advance(seconds(10));
  int calls = 0;
  ticker.CallAfter(seconds(1), [&] { ++calls; });
  ticker.Tick(seconds(10));
  EXPECT_EQ(calls, 0);
  ticker.Tick(seconds(11));
  ticker.Tick(seconds(12));
  EXPECT_EQ(calls, 1);
}

TEST(TickerTest, CallsInTheOrderOfTheirTimes) {
  const ManualClock clock(TimeNs(0));
  Ticker ticker(clock);
  std::string order;
  ticker.CallAfter(seconds(2), [&] { order += "b"; });
  ticker.CallAfter(seconds(1), [&] { order += "a"; });
  ticker.Tick(seconds(3));
  EXPECT_EQ(order, "ab");
}

TEST(TickerTest, ACallMayAskForAnother) {
  const ManualClock clock(TimeNs(0));
  Ticker ticker(clock);
  int calls = 0;
  ticker.CallAfter(seconds(0), [&] { ticker.CallAfter(seconds(1), [&] { ++calls; }); });
  ticker.Tick(seconds(0));
  ticker.Tick(seconds(1));
  EXPECT_EQ(calls, 1);
}

TEST(TickerTest, TheThreadTicksUntilItIsStopped) {
  Ticker ticker(SystemClock());
  std::promise<void> ticked;
  bool first = true;
  ticker.AddTask([&](auto) {
    if (std::exchange(first, false)) ticked.set_value();
  });
  ticker.Start();
  ticked.get_future().get();
  ticker.Stop();
  ticker.Stop();
  EXPECT_FALSE(first);
}

}  // namespace
}  // namespace switchyard::process
