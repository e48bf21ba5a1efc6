#include "common/rpc/signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <future>
#include <thread>

namespace switchyard::rpc {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ShutdownSignalsTest, NoSignalEndsTheWaitWithZero) {
  ShutdownSignals signals;
  EXPECT_EQ(signals.WaitFor(milliseconds(1)), 0);
}

TEST(ShutdownSignalsTest, BothSignalsAreDelivered) {
  ShutdownSignals signals;
  for (const int signal : {SIGTERM, SIGINT}) {
    kill(getpid(), signal);
    EXPECT_EQ(signals.Wait(), signal);
    kill(getpid(), signal);
    EXPECT_EQ(signals.WaitFor(seconds(20)), signal);
  }
}

// Somebody who asks twice to end it gets the same end.
TEST(ShutdownSignalsTest, ARepeatedSignalDoesNotKill) {
  {
    ShutdownSignals signals;
    kill(getpid(), SIGTERM);
    EXPECT_EQ(signals.Wait(), SIGTERM);
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGINT);
  }
  sigset_t pending;
  sigpending(&pending);
  EXPECT_EQ(sigismember(&pending, SIGTERM), 0);
  EXPECT_EQ(sigismember(&pending, SIGINT), 0);
}

TEST(ShutdownSignalsTest, OtherThreadsDoNotTakeThem) {
  ShutdownSignals signals;
  std::promise<void> stop;
  std::thread idle([&stop] { stop.get_future().wait(); });
  kill(getpid(), SIGTERM);
  EXPECT_EQ(signals.WaitFor(seconds(20)), SIGTERM);
  stop.set_value();
  idle.join();
}

TEST(ShutdownSignalsTest, WriteToAClosedPipeIsAnError) {
  ShutdownSignals signals;
  std::array<int, 2> ends;
  ASSERT_EQ(pipe(ends.data()), 0);
  close(ends[0]);
  EXPECT_EQ(write(ends[1], "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  close(ends[1]);
}

TEST(ShutdownSignalsTest, EverythingIsRestored) {
  struct sigaction before = {};
  sigaction(SIGPIPE, nullptr, &before);
  { ShutdownSignals signals; }
  struct sigaction after = {};
  sigaction(SIGPIPE, nullptr, &after);
  EXPECT_EQ(after.sa_handler, before.sa_handler);
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  EXPECT_EQ(sigismember(&mask, SIGTERM), 0);
  EXPECT_EQ(sigismember(&mask, SIGINT), 0);
}

}  // namespace
}  // namespace switchyard::rpc
