#include "services/order/journal/journal.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "services/order/journal/identity.h"
#include "services/order/journal/journal_mark.h"
#include "services/order/journal/schema.h"

namespace switchyard::order::journal {
namespace {

constexpr TimeNs kStart = TimeNs::FromSeconds(1'700'000'000);

class JournalTest : public ::testing::Test {
 protected:
  JournalTest() {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    options_.path = folder_ / "alpha.main.journal";
    options_.exchange = "alpha";
    options_.account = "main";
    options_.synchronous = Synchronous::kOff;
  }

  absl::StatusOr<std::unique_ptr<Journal>> Open() {
    return Journal::Open(options_, clock_, metrics_);
  }
  std::unique_ptr<Journal> MustOpen() {
    auto journal = Open();
    EXPECT_TRUE(journal.ok()) << journal.status();
    return *std::move(journal);
  }

  static absl::Status Append(Journal& journal, Batch batch) {
    std::promise<absl::Status> done;
    journal.Append(std::move(batch),
                   [&](const absl::Status& status, TimeNs) { done.set_value(status); });
    return done.get_future().get();
  }

  static void Sql(const std::string& path, const std::string& sql) {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(handle);
    sqlite3_close(handle);
  }

  ManualClock clock_{kStart};
  metrics::Metrics metrics_;
  std::filesystem::path folder_;
  Options options_;
};

Batch EventBatch(std::uint64_t sequence) {
  Batch batch;
  batch.events.push_back({.sequence = sequence, .event = "event " + std::to_string(sequence)});
  return batch;
}

OrderRecord Record(std::uint64_t number, const std::string& client_order_id,
                   v1::OrderState state = v1::ORDER_STATE_PENDING_NEW) {
  OrderRecord record;
  record.number = number;
  record.body_hash = "hash of " + client_order_id;
  record.exchange_version = 7;
  record.cancel_cause = v1::FINISH_REASON_KILL_SWITCH;
  record.command_time = 99;
  record.order.mutable_ticket()->set_client_order_id(client_order_id);
  record.order.mutable_ticket()->set_symbol("BTC-USDT");
  record.order.set_exchange_client_id("t-" + client_order_id);
  record.order.set_state(state);
  record.order.set_create_time_ns(kStart.value);
  record.order.set_update_time_ns(kStart.value);
  return record;
}

v1::Fill MakeFill(std::uint64_t sequence, const std::string& trade_id, const std::string& price,
                  const std::string& quantity) {
  v1::Fill fill;
  fill.set_symbol("BTC-USDT");
  fill.set_trade_id(trade_id);
  fill.set_side(common::v1::SIDE_BUY);
  fill.set_price(price);
  fill.set_quantity(quantity);
  fill.set_fee("0.01");
  fill.set_fee_currency("USDT");
  fill.set_exchange_time_ns(static_cast<std::int64_t>(sequence));
  fill.mutable_position()->set_sequence(sequence);
  return fill;
}

TEST_F(JournalTest, TheIdentityIsRandomAndSurvivesRestarts) {
  const std::uint64_t epoch = MustOpen()->epoch();
  EXPECT_NE(epoch, 0u);
  EXPECT_EQ(MustOpen()->epoch(), epoch);
  options_.path = folder_ / "another";
  EXPECT_NE(MustOpen()->epoch(), epoch);
}

TEST_F(JournalTest, WhatIsCommittedIsThereAfterARestart) {
  {
    const auto journal = MustOpen();
    Batch batch = EventBatch(1);
    batch.orders.push_back(Record(1, "one"));
    batch.orders.push_back(Record(2, "two", v1::ORDER_STATE_FILLED));
    batch.fills.push_back({1, MakeFill(1, "t1", "100.5", "2")});
    batch.fills.push_back({1, MakeFill(2, "t2", "101", "1")});
    batch.values.emplace(kNextNumber, "3");
    ASSERT_TRUE(Append(*journal, std::move(batch)).ok());
  }
  const auto journal = MustOpen();
  const auto opening = journal->WithStore([](Store& store) { return store.ReadOpening(); });
  ASSERT_TRUE(opening.ok()) << opening.status();
  EXPECT_EQ(opening->last_sequence, 1u);
  EXPECT_EQ(opening->values.at(std::string(kNextNumber)), "3");
  ASSERT_EQ(opening->orders.size(), 1u) << "terminal orders stay on the disk";
  const OrderRecord& record = opening->orders.front();
  EXPECT_EQ(record.number, 1u);
  EXPECT_EQ(record.body_hash, "hash of one");
  EXPECT_EQ(record.exchange_version, 7u);
  EXPECT_EQ(record.cancel_cause, v1::FINISH_REASON_KILL_SWITCH);
  EXPECT_EQ(record.command_time, TimeNs(99));
  EXPECT_EQ(record.order.SerializeAsString(), Record(1, "one").order.SerializeAsString());
  EXPECT_EQ(record.fills.quantity.ToString(), "3");
  EXPECT_EQ(record.fills.quote->ToString(), "302.0");
  EXPECT_EQ(record.fills.fees.at("USDT").ToString(), "0.02");
}

TEST_F(JournalTest, OrdersAreFoundByEachOfTheirIds) {
  const auto journal = MustOpen();
  Batch batch;
  batch.orders.push_back(Record(5, "five"));
  batch.orders.back().order.set_exchange_order_id("x5");
  OrderRecord external = Record(6, "");
  external.body_hash.clear();
  external.order.set_exchange_order_id("x6");
  batch.orders.push_back(external);
  ASSERT_TRUE(Append(*journal, std::move(batch)).ok());
  journal->WithStore([](Store& store) {
    EXPECT_EQ((*store.FindByClientId("five"))->number, 5u);
    EXPECT_EQ((*store.FindByExchangeClientId("t-five"))->number, 5u);
    EXPECT_EQ((*store.FindByExchangeId("BTC-USDT", "x5"))->number, 5u);
    EXPECT_EQ((*store.FindByExchangeId("BTC-USDT", "x6"))->number, 6u);
    EXPECT_FALSE(store.FindByExchangeId("ETH-USDT", "x5")->has_value());
    EXPECT_FALSE(store.FindByClientId("")->has_value());
    return 0;
  });
}

TEST_F(JournalTest, AFillIsKeptOnceByItsIdentity) {
  const auto journal = MustOpen();
  for (int i = 1; i <= 3; ++i) {
    Batch batch;
    batch.orders.push_back(Record(1, "one"));
    batch.fills.push_back({1, MakeFill(static_cast<std::uint64_t>(i), "same", "10", "1")});
    ASSERT_TRUE(Append(*journal, std::move(batch)).ok());
  }
  // A self-trade is two fills of one trade.
  Batch other_side;
  v1::Fill sold = MakeFill(4, "same", "10", "1");
  sold.set_side(common::v1::SIDE_SELL);
  other_side.fills.push_back({2, sold});
  ASSERT_TRUE(Append(*journal, std::move(other_side)).ok());
  const auto fills = journal->WithStore([](Store& store) { return store.ListFills({}); });
  ASSERT_EQ(fills->size(), 2u);
  EXPECT_EQ(fills->front().side(), common::v1::SIDE_SELL) << "newest first";
}

TEST_F(JournalTest, EventsAreReadInPages) {
  const auto journal = MustOpen();
  for (std::uint64_t i = 1; i <= 10; ++i) ASSERT_TRUE(Append(*journal, EventBatch(i)).ok());
  const auto read = [&](std::uint64_t after, std::uint32_t limit, std::size_t bytes) {
    return *journal->WithStore([&](Store& store) { return store.ReadEvents(after, limit, bytes); });
  };
  const auto page = read(3, 4, SIZE_MAX);
  ASSERT_EQ(page.size(), 4u);
  EXPECT_EQ(page.front().sequence, 4u);
  EXPECT_EQ(page.front().event, "event 4");
  EXPECT_EQ(page.front().commit_time, kStart);
  EXPECT_EQ(page.back().sequence, 7u);
  EXPECT_EQ(read(0, 100, 10).size(), 2u) << "ends once the bytes are exceeded";
  EXPECT_TRUE(read(10, 4, SIZE_MAX).empty());
}

TEST_F(JournalTest, CommandsAreFoundByTheirRequestAndKeepTheirResult) {
  const auto journal = MustOpen();
  Batch begun;
  begun.commands.push_back({.request_id = "r1", .body_hash = "h", .time = kStart, .result = ""});
  ASSERT_TRUE(Append(*journal, std::move(begun)).ok());
  Batch done;
  done.commands.push_back({.request_id = "r1", .body_hash = "x", .time = kStart, .result = "OK"});
  ASSERT_TRUE(Append(*journal, std::move(done)).ok());
  journal->WithStore([](Store& store) {
    EXPECT_EQ((*store.FindCommand("r1"))->result, "OK");
    EXPECT_EQ((*store.FindCommand("r1"))->body_hash, "h");
    EXPECT_FALSE(store.FindCommand("r2")->has_value());
    return 0;
  });
}

TEST_F(JournalTest, ListsAreFilteredAndNewestFirst) {
  const auto journal = MustOpen();
  Batch batch;
  for (std::uint64_t i = 1; i <= 5; ++i) {
    OrderRecord record = Record(i, "c" + std::to_string(i),
                                i % 2 == 0 ? v1::ORDER_STATE_OPEN : v1::ORDER_STATE_CANCELED);
    record.order.set_create_time_ns(static_cast<std::int64_t>(i * 100));
    if (i == 5) record.order.mutable_ticket()->set_symbol("ETH-USDT");
    batch.orders.push_back(record);
  }
  ASSERT_TRUE(Append(*journal, std::move(batch)).ok());
  const auto numbers = [&](const OrderFilter& filter) {
    std::vector<std::uint64_t> found;
    const auto listed = journal->WithStore([&](Store& store) { return store.ListOrders(filter); });
    EXPECT_TRUE(listed.ok()) << listed.status();
    for (const OrderRecord& record : *listed) found.push_back(record.number);
    return found;
  };
  EXPECT_EQ(numbers({}), (std::vector<std::uint64_t>{5, 4, 3, 2, 1}));
  EXPECT_EQ(numbers({.symbol = "BTC-USDT", .limit = 2}), (std::vector<std::uint64_t>{4, 3}));
  EXPECT_EQ(numbers({.before = 3}), (std::vector<std::uint64_t>{2, 1}));
  EXPECT_EQ(numbers({.states = {v1::ORDER_STATE_OPEN}}), (std::vector<std::uint64_t>{4, 2}));
  EXPECT_EQ(numbers({.start = 200, .end = 400}), (std::vector<std::uint64_t>{3, 2}));
}

TEST_F(JournalTest, ManyAppendsShareCommits) {
  const auto journal = MustOpen();
  std::promise<void> all;
  constexpr std::uint64_t kCount = 2'000;
  std::vector<std::uint64_t> order;
  for (std::uint64_t i = 1; i <= kCount; ++i) {
    journal->Append(EventBatch(i), [&, i](const absl::Status& status, TimeNs) {
      EXPECT_TRUE(status.ok()) << status;
      order.push_back(i);
      if (i == kCount) all.set_value();
    });
  }
  all.get_future().wait();
  ASSERT_EQ(order.size(), kCount);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  const auto& commits =
      metrics_.AddHistogram("switchyard_journal_batches_per_commit", "", {{"exchange", "alpha"}},
                            metrics::Buckets::Counts(256));
  EXPECT_EQ(commits.sum(), static_cast<std::int64_t>(kCount));
  EXPECT_LT(commits.count(), kCount / 2);
}

TEST_F(JournalTest, ASecondOpeningIsRefused) {
  const auto journal = MustOpen();
  const auto second = Open();
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition) << second.status();
  EXPECT_NE(second.status().ToString().find("another process"), std::string::npos);
}

TEST_F(JournalTest, AnotherAccountsFileIsRefused) {
  MustOpen();
  options_.account = "other";
  const auto second = Open();
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition) << second.status();
}

TEST_F(JournalTest, AFileThatIsNoDatabaseIsRefused) {
  std::filesystem::create_directories(folder_);
  std::ofstream(options_.path) << std::string(8'192, 'x');
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kDataLoss) << Open().status();
}

TEST_F(JournalTest, ADamagedFileIsRefused) {
  {
    const auto journal = MustOpen();
    for (std::uint64_t i = 1; i <= 500; ++i) {
      Batch batch = EventBatch(i);
      batch.events.front().event.resize(500, 'e');
      ASSERT_TRUE(Append(*journal, std::move(batch)).ok());
    }
  }
  {
    // Past the first pages, which hold the schema.
    std::fstream file(options_.path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(10 * 4096);
    file << std::string(20 * 4096, '\xEE');
  }
  const auto opened = Open();
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kDataLoss) << opened.status();
}

TEST_F(JournalTest, AnOlderSchemaIsMigratedWithItsRows) {
  const std::uint64_t epoch = MustOpen()->epoch();
  {
    const auto journal = MustOpen();
    Batch batch = EventBatch(1);
    batch.orders.push_back(Record(1, "one"));
    ASSERT_TRUE(Append(*journal, std::move(batch)).ok());
  }
  // Version 1 had no table of commands.
  Sql(options_.path, "DROP TABLE commands; PRAGMA user_version = 1");
  const auto journal = MustOpen();
  EXPECT_EQ(journal->epoch(), epoch);
  journal->WithStore([](Store& store) {
    EXPECT_EQ((*store.FindByClientId("one"))->number, 1u);
    EXPECT_FALSE(store.FindCommand("r").value().has_value());
    return 0;
  });
}

TEST_F(JournalTest, ANewerSchemaIsRefused) {
  MustOpen();
  Sql(options_.path, "PRAGMA user_version = " + std::to_string(kSchemaVersion + 1));
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(JournalTest, AFolderThatCannotBeMadeIsRefused) {
  std::ofstream(::testing::TempDir() + "/plain_file") << "x";
  options_.path = ::testing::TempDir() + "/plain_file/below/journal";
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kUnavailable) << Open().status();
}

TEST_F(JournalTest, AfterAnErrorNothingIsCommittedAnyMore) {
  const auto journal = MustOpen();
  ASSERT_TRUE(Append(*journal, EventBatch(1)).ok());
  EXPECT_FALSE(Append(*journal, EventBatch(1)).ok()) << "the row exists";
  EXPECT_FALSE(journal->status().ok());
  EXPECT_FALSE(Append(*journal, EventBatch(2)).ok());
  const auto opening = journal->WithStore([](Store& store) { return store.ReadOpening(); });
  EXPECT_EQ(opening->last_sequence, 1u);
}

TEST_F(JournalTest, OldRowsGoAndNewOnesStay) {
  options_.retention = {
      .events = 3, .event_age = std::chrono::hours(1), .order_age = std::chrono::hours(2)};
  {
    const auto journal = MustOpen();
    for (std::uint64_t i = 1; i <= 10; ++i) ASSERT_TRUE(Append(*journal, EventBatch(i)).ok());
    Batch batch;
    batch.orders.push_back(Record(1, "done", v1::ORDER_STATE_CANCELED));
    batch.orders.push_back(Record(2, "open", v1::ORDER_STATE_OPEN));
    ASSERT_TRUE(Append(*journal, std::move(batch)).ok());
  }
  clock_.Advance(std::chrono::hours(3));
  const auto journal = MustOpen();
  // The writer does it when it has nothing else to do.
  while (*journal->WithStore([](Store& store) { return store.FirstSequence(); }) != 8) {
    std::this_thread::yield();
  }
  journal->WithStore([](Store& store) {
    EXPECT_FALSE(store.FindByClientId("done").value().has_value());
    EXPECT_TRUE(store.FindByClientId("open").value().has_value());
    EXPECT_EQ(store.ReadOpening()->last_sequence, 10u);
    return 0;
  });
  ASSERT_TRUE(Append(*journal, EventBatch(11)).ok());
}

TEST_F(JournalTest, AJournalThatIsGoneDoesNotBeginAnew) {
  MustOpen();
  std::filesystem::remove(options_.path);
  const auto gone = Open();
  EXPECT_EQ(gone.status().code(), absl::StatusCode::kDataLoss) << gone.status();
  EXPECT_NE(gone.status().ToString().find("restore"), std::string::npos) << gone.status();
  EXPECT_FALSE(std::filesystem::exists(options_.path)) << "nothing is made in its place";
  // As long as nobody says that it shall.
  std::filesystem::remove(MarkPath(options_.path));
  EXPECT_TRUE(Open().ok());
}

TEST_F(JournalTest, AJournalThatWasEmptiedDoesNotBeginAnew) {
  MustOpen();
  std::filesystem::resize_file(options_.path, 0);
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kDataLoss) << Open().status();
}

TEST_F(JournalTest, AnOlderCopyInItsPlaceIsAJournalOfItsOwn) {
  const std::string copy = folder_ / "copy";
  std::uint64_t epoch = 0;
  {
    const auto journal = MustOpen();
    epoch = journal->epoch();
    Batch batch = EventBatch(1);
    batch.orders.push_back(Record(5, "five"));
    batch.values.emplace(kNextNumber, "64");
    ASSERT_TRUE(Append(*journal, std::move(batch)).ok());
  }
  std::filesystem::copy_file(options_.path, copy);
  EXPECT_EQ(MustOpen()->epoch(), epoch);
  clock_.Advance(std::chrono::seconds(50));
  std::filesystem::rename(copy, options_.path);
  const auto journal = MustOpen();
  EXPECT_NE(journal->epoch(), epoch);
  const auto opening = journal->WithStore([](Store& store) { return store.ReadOpening(); });
  // 1,000,000 and 100 for each second since its last event.
  EXPECT_EQ(opening->values.at(std::string(kNextNumber)), "1005064");
  EXPECT_EQ(opening->values.at(std::string(kRestoredBelow)), "1005064");
  EXPECT_EQ(opening->values.at(std::string(kBlindFrom)), std::to_string(kStart.value));
}

TEST_F(JournalTest, ANewJournalBeginsAtItsFirstNumber) {
  options_.first_number = 77;
  const auto journal = MustOpen();
  const auto opening = journal->WithStore([](Store& store) { return store.ReadOpening(); });
  EXPECT_EQ(opening->values.at(std::string(kNextNumber)), "77");
}

TEST_F(JournalTest, FirstNumbersRiseTenASecondSince2025) {
  EXPECT_EQ(FirstNumberAt(TimeNs::FromSeconds(1'735'689'600)), 1u);
  EXPECT_EQ(FirstNumberAt(TimeNs::FromSeconds(1'735'689'600 + 86'400)), 864'001u);
  EXPECT_EQ(FirstNumberAt(TimeNs()), 1u) << "a clock before its time";
}

TEST_F(JournalTest, AFileThatIsRemovedWhileInUseTakesNothingMore) {
  const auto journal = MustOpen();
  ASSERT_TRUE(Append(*journal, EventBatch(1)).ok());
  std::filesystem::remove_all(folder_);
  const absl::Status status = Append(*journal, EventBatch(2));
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_NE(status.ToString().find("removed or replaced"), std::string::npos) << status;
}

TEST_F(JournalTest, AFileThatIsRemovedIsMissedWithoutAnAppend) {
  const auto journal = Journal::Open(options_, SystemClock(), metrics_);
  ASSERT_TRUE(journal.ok()) << journal.status();
  std::promise<absl::Status> failed;
  (*journal)->SetListener(
      {.failed = [&](const absl::Status& why) { failed.set_value(why); }, .recovered = {}});
  std::filesystem::rename(folder_, folder_.string() + ".elsewhere");
  EXPECT_EQ(failed.get_future().get().code(), absl::StatusCode::kDataLoss);
  std::filesystem::remove_all(folder_.string() + ".elsewhere");
}

TEST(SynchronousTest, IsOneOfThree) {
  EXPECT_EQ(*ParseSynchronous(""), Synchronous::kFull);
  EXPECT_EQ(*ParseSynchronous("FULL"), Synchronous::kFull);
  EXPECT_EQ(*ParseSynchronous("NORMAL"), Synchronous::kNormal);
  EXPECT_EQ(*ParseSynchronous("OFF"), Synchronous::kOff);
  EXPECT_EQ(ParseSynchronous("full").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace switchyard::order::journal
