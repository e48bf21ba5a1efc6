// What the service does when its journal cannot be written, and what a reader gets that is too
// slow.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "tests/services/order/full_disk.h"
#include "tests/services/order/order_harness.h"

namespace switchyard::testing {
namespace {

class FailClosedTest : public OrderHarness {
 protected:
  // From now on the journal takes no event beyond `last`.
  void LimitJournal(std::uint64_t last) {
    const std::string path = folder_ / "alpha.main.journal";
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
    const std::string sql = "CREATE TRIGGER full BEFORE INSERT ON events WHEN NEW.sequence > " +
                            std::to_string(last) + " BEGIN SELECT RAISE(ABORT, 'disk full'); END";
    EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(handle);
  }
};

TEST_F(FailClosedTest, WithoutTheJournalNothingNewIsSentAndCancelsPass) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());  // two events
  Stop();
  LimitJournal(2);
  StartReady();
  EventReader events(*stub_);
  const auto refused = Place(Ticket("two"));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition) << refused.status();
  EXPECT_EQ(ReasonOf(refused.status()), common::v1::ERROR_REASON_FAIL_CLOSED);
  EXPECT_EQ(exchange.placed(), 1) << "what is not in the journal is not sent";
  EXPECT_EQ(ReasonOf(Place(Ticket("three")).status()), common::v1::ERROR_REASON_FAIL_CLOSED);
  EXPECT_FALSE(Limits().accepting_orders());
  const absl::Status ended = events.Finish();
  EXPECT_EQ(ReasonOf(ended), common::v1::ERROR_REASON_FAIL_CLOSED) << ended;

  const auto canceled = Cancel("one", "r1");
  ASSERT_TRUE(canceled.ok()) << canceled.status();
  EXPECT_EQ(canceled->order().state(), order::v1::ORDER_STATE_CANCELED);
  EXPECT_EQ(exchange.Report("x1").state, order::v1::ORDER_STATE_CANCELED);
}

TEST_F(FailClosedTest, AFullDiskIsSaidAndTradingGoesOnOnceThereIsRoom) {
  FullDisk disk;
  StartReady();
  const auto first = Place(Ticket("one"));
  ASSERT_TRUE(first.ok());
  EventReader before(*stub_);
  disk.FailWith(ENOSPC);
  const auto refused = Place(Ticket("two"));
  EXPECT_EQ(ReasonOf(refused.status()), common::v1::ERROR_REASON_FAIL_CLOSED) << refused.status();
  EXPECT_NE(refused.status().ToString().find("free some space"), std::string::npos)
      << refused.status();
  EXPECT_EQ(exchange.placed(), 1);
  EXPECT_EQ(ReasonOf(before.Finish()), common::v1::ERROR_REASON_FAIL_CLOSED);
  ASSERT_TRUE(Cancel("one", "r1").ok()) << "cancels pass";

  disk.FailWith(0);
  WaitUntilAccepting();
  ASSERT_TRUE(Place(Ticket("three")).ok());
  // Also what happened meanwhile is told, without a hole.
  EventReader events(*stub_, first->order().position());
  std::vector<std::string> told;
  for (std::uint64_t sequence = first->order().position().sequence() + 1;; ++sequence) {
    const OrderEvent event = events.Next();
    ASSERT_EQ(event.sequence(), sequence);
    told.push_back(event.order().ticket().client_order_id() + " " +
                   order::v1::OrderState_Name(event.order().state()).substr(12));
    if (told.back() == "three OPEN") break;
  }
  EXPECT_EQ(std::count(told.begin(), told.end(), "two REJECTED"), 1);
  EXPECT_EQ(std::count(told.begin(), told.end(), "one CANCELED"), 1);
}

TEST(OrderLogTest, AReaderThatCannotKeepUpEndsWithSlowReader) {
  metrics::Metrics metrics;
  order::journal::Options options;
  options.path = ::testing::TempDir() + "/slow_reader.journal";
  options.exchange = "alpha";
  options.account = "main";
  std::filesystem::remove(options.path);
  std::filesystem::remove(order::journal::MarkPath(options.path));
  auto journal = order::journal::Journal::Open(options, SystemClock(), metrics);
  ASSERT_TRUE(journal.ok()) << journal.status();
  exchange::IoThread reader("reads");
  order::OrderLog log("alpha", "main", **journal, reader, SystemClock(), 0);
  stream::StreamCounters counters;
  stream::StreamOptions stream_options;
  stream_options.max_queued_events = 10;
  const auto slow = stream::EventStream::Create(stream_options, counters, SystemClock(), [] {});
  log.Follow(log.NextId(), slow, std::nullopt);
  for (std::uint64_t sequence = 1; sequence <= 10; ++sequence) {
    order::v1::OrderEvent event;
    event.set_sequence(sequence);
    log.Publish({{.sequence = sequence, .event = event.SerializeAsString()}});
  }
  EXPECT_FALSE(slow->finished());
  order::v1::OrderEvent event;
  event.set_sequence(11);
  log.Publish({{.sequence = 11, .event = event.SerializeAsString()}});
  EXPECT_TRUE(slow->finished());
  EXPECT_EQ(slow->finish_code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(counters.conflated_events.load(), 0u) << "nothing of a log is skipped";
}

}  // namespace
}  // namespace switchyard::testing
