#include "common/exchange/client_clock.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <deque>
#include <utility>

#include "common/status/status.h"

namespace switchyard::exchange {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

absl::Status BadTimestamp() {
  return MakeError(absl::StatusCode::kUnauthenticated, common::v1::ERROR_REASON_BAD_TIMESTAMP,
                   "too old");
}

// The thread is not started: the test runs its io_context.
class ClientClockTest : public testing::Test {
 protected:
  struct Answer {
    nanoseconds there{0}, back{0};  // how long each way takes
    nanoseconds ahead{0};           // the exchange's clock
    bool fails = false;
  };

  void Ask(Reply<TimeNs> reply) {
    ++asked_;
    if (hold_) {
      held_ = std::move(reply);
      return;
    }
    Answer answer = answers_.empty() ? Answer{} : answers_.front();
    if (!answers_.empty()) answers_.pop_front();
    clock_.Advance(answer.there);
    const TimeNs server = clock_.Now() + answer.ahead;
    clock_.Advance(answer.back);
    if (answer.fails) return reply(absl::UnavailableError("no"));
    reply(server);
  }

  IoThread thread_{"clock"};
  ManualClock clock_{TimeNs::FromSeconds(1'700'000'000)};
  std::deque<Answer> answers_;
  int asked_ = 0;
  bool hold_ = false;
  Reply<TimeNs> held_;
  ClientClock offset_{thread_,
                      clock_,
                      [this](Reply<TimeNs> reply) { Ask(std::move(reply)); },
                      {.interval = milliseconds(1), .samples = 3}};
};

TEST_F(ClientClockTest, TheShortestOfSeveralRoundTripsCounts) {
  // All but the second are far from symmetric, and so tell another offset.
  answers_ = {{milliseconds(90), milliseconds(10), seconds(2)},
              {milliseconds(5), milliseconds(5), seconds(2)},
              {milliseconds(1), milliseconds(60), seconds(2)}};
  offset_.Start();
  EXPECT_EQ(asked_, 3);
  EXPECT_EQ(offset_.offset(), seconds(2));
}

TEST_F(ClientClockTest, MeasuresAgainOnATimerOfItsOwn) {
  offset_.Start();
  answers_ = {{{}, {}, -seconds(5)}, {{}, {}, -seconds(5)}, {{}, {}, -seconds(5)}};
  thread_.io().run_one();
  EXPECT_EQ(asked_, 6);
  EXPECT_EQ(offset_.offset(), -seconds(5));
}

TEST_F(ClientClockTest, MeasuresAtOnceWhenATimestampIsRefused) {
  offset_.Observe(absl::OkStatus());
  offset_.Observe(absl::UnavailableError("busy"));
  EXPECT_EQ(asked_, 0);
  answers_ = {{{}, {}, seconds(61)}, {{}, {}, seconds(61)}, {{}, {}, seconds(61)}};
  offset_.Observe(BadTimestamp());
  EXPECT_EQ(asked_, 3);
  EXPECT_EQ(offset_.offset(), seconds(61));
}

TEST_F(ClientClockTest, ManyRefusalsAreOneMeasurement) {
  hold_ = true;
  for (int i = 0; i < 10; ++i) offset_.Observe(BadTimestamp());
  EXPECT_EQ(asked_, 1);
}

TEST_F(ClientClockTest, AFailureKeepsWhatIsKnown) {
  answers_ = {{{}, {}, seconds(1)}, {.fails = true}};
  offset_.Start();
  EXPECT_EQ(asked_, 2);
  EXPECT_EQ(offset_.offset(), seconds(1));
  answers_ = {{.fails = true}};
  thread_.io().run_one();
  EXPECT_EQ(asked_, 3);
  EXPECT_EQ(offset_.offset(), seconds(1));
}

}  // namespace
}  // namespace switchyard::exchange
