// What a journal does while its disk is full, and when it is not any more.
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <future>
#include <string>
#include <vector>

#include "services/order/journal/journal.h"
#include "tests/services/order/full_disk.h"

namespace switchyard::order::journal {
namespace {

class FullDiskTest : public ::testing::Test {
 protected:
  FullDiskTest() {
    const auto folder = std::filesystem::path(::testing::TempDir()) /
                        ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder);
    options_.path = folder / "alpha.main.journal";
    options_.exchange = "alpha";
    options_.account = "main";
    options_.synchronous = Synchronous::kOff;
  }

  std::unique_ptr<Journal> MustOpen() {
    auto journal = Journal::Open(options_, SystemClock(), metrics_);
    EXPECT_TRUE(journal.ok()) << journal.status();
    (*journal)->SetListener(
        {.failed = [this](const absl::Status& why) { failed_.push_back(why); },
         .recovered = [this](std::vector<EventRow> rows) { recovered_.set_value(rows); }});
    return *std::move(journal);
  }

  static absl::Status Append(Journal& journal, std::uint64_t sequence) {
    Batch batch;
    batch.events.push_back({.sequence = sequence, .event = "event"});
    std::promise<absl::Status> done;
    journal.Append(std::move(batch),
                   [&](const absl::Status& status, TimeNs) { done.set_value(status); });
    return done.get_future().get();
  }

  switchyard::testing::FullDisk disk_;
  metrics::Metrics metrics_;
  Options options_;
  std::vector<absl::Status> failed_;  // the writer's thread
  std::promise<std::vector<EventRow>> recovered_;
};

TEST_F(FullDiskTest, WhatWasRefusedIsCommittedOnceThereIsRoom) {
  {
    const auto journal = MustOpen();
    ASSERT_TRUE(Append(*journal, 1).ok());
    disk_.FailWith(ENOSPC);
    const absl::Status full = Append(*journal, 2);
    EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted) << full;
    EXPECT_NE(full.ToString().find("free some space"), std::string::npos) << full;
    EXPECT_FALSE(Append(*journal, 3).ok());
    EXPECT_FALSE(journal->status().ok());
    disk_.FailWith(0);
    const std::vector<EventRow> rows = recovered_.get_future().get();
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].sequence, 2u);
    EXPECT_EQ(rows[1].sequence, 3u);
    EXPECT_TRUE(rows[1].commit_time.given());
    EXPECT_TRUE(journal->status().ok()) << journal->status();
    EXPECT_TRUE(Append(*journal, 4).ok());
    EXPECT_EQ(failed_.size(), 1u);
  }
  const auto rows =
      MustOpen()->WithStore([](Store& store) { return store.ReadEvents(0, 10, SIZE_MAX); });
  ASSERT_EQ(rows->size(), 4u) << "no event is missing";
  EXPECT_EQ(rows->back().sequence, 4u);
}

TEST_F(FullDiskTest, AnotherErrorOfTheDiskNeedsANewStartAndSaysSo) {
  const auto journal = MustOpen();
  ASSERT_TRUE(Append(*journal, 1).ok());
  disk_.FailWith(EIO);
  const absl::Status broken = Append(*journal, 2);
  EXPECT_EQ(broken.code(), absl::StatusCode::kUnavailable) << broken;
  EXPECT_NE(broken.ToString().find("started anew"), std::string::npos) << broken;
  disk_.FailWith(0);
  EXPECT_FALSE(Append(*journal, 3).ok());
}

}  // namespace
}  // namespace switchyard::order::journal
