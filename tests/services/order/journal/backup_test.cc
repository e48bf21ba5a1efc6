// Copies of a journal, made while it is in use and while it is not, and put in its place.
#include "services/order/journal/backup.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <thread>

#include "services/order/journal/backup_server.h"
#include "services/order/journal/journal.h"
#include "services/order/journal/journal_mark.h"

namespace switchyard::order::journal {
namespace {

constexpr TimeNs kBackupTime = TimeNs::FromSeconds(1'700'000'000);

class BackupTest : public ::testing::Test {
 protected:
  BackupTest() {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "away");
    options_.path = folder_ / "alpha.main.journal";
    options_.exchange = "alpha";
    options_.account = "main";
    options_.synchronous = Synchronous::kOff;
    backup_ = folder_ / "away" / "backup";
  }

  std::unique_ptr<Journal> MustOpen() {
    auto journal = Journal::Open(options_, SystemClock(), metrics_);
    EXPECT_TRUE(journal.ok()) << journal.status();
    return *std::move(journal);
  }

  static absl::Status Append(Journal& journal, std::uint64_t sequence) {
    Batch batch;
    batch.events.push_back({.sequence = sequence, .event = std::string(1'000, 'e')});
    std::promise<absl::Status> done;
    journal.Append(std::move(batch),
                   [&](const absl::Status& status, TimeNs) { done.set_value(status); });
    return done.get_future().get();
  }

  // Events 1 to `last`; returns the journal's identity.
  std::uint64_t Fill(std::uint64_t last) {
    const auto journal = MustOpen();
    for (std::uint64_t i = 1; i <= last; ++i) EXPECT_TRUE(Append(*journal, i).ok());
    return journal->epoch();
  }

  absl::StatusOr<FileFacts> BackUpNow() {
    return BackUp(options_.path, backup_, kBackupTime, [] {
      std::this_thread::yield();
      return true;
    });
  }

  metrics::Metrics metrics_;
  std::filesystem::path folder_;
  std::string backup_;
  Options options_;
};

TEST_F(BackupTest, OfAJournalThatNobodyUses) {
  const std::uint64_t epoch = Fill(3);
  const auto facts = BackUpNow();
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->owner, "alpha/main");
  EXPECT_EQ(facts->epoch, epoch);
  EXPECT_EQ(facts->backup_time, kBackupTime);
  EXPECT_EQ(facts->first_sequence, 1u);
  EXPECT_EQ(facts->last_sequence, 3u);
  EXPECT_TRUE(VerifyFile(backup_).ok());
  EXPECT_FALSE(std::filesystem::exists(backup_ + "-wal"));
  EXPECT_EQ(BackUpNow().status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(BackupTest, OfAJournalInUseHoldsWhatWasCommittedBefore) {
  Fill(2'000);  // more pages than one step copies
  const auto journal = MustOpen();
  std::promise<void> stop;
  std::uint64_t last = 2'000;
  std::thread writer([&, stopped = stop.get_future()]() mutable {
    while (stopped.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
      EXPECT_TRUE(Append(*journal, ++last).ok());
    }
  });
  const auto facts = BackUpNow();
  stop.set_value();
  writer.join();
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_GE(facts->last_sequence, 2'000u);
  EXPECT_LE(facts->last_sequence, last);
  EXPECT_TRUE(facts->backup_time.given());
  EXPECT_TRUE(Append(*journal, last + 1).ok()) << "the journal itself is none the worse";
}

TEST_F(BackupTest, OfAJournalInUseIsGivenUpInTime) {
  Fill(1);
  const auto locked = Database::OpenExisting(options_.path);  // a process that does not serve it
  ASSERT_TRUE(locked.ok());
  int asked = 0;
  const auto facts = BackUp(options_.path, backup_, kBackupTime, [&] { return ++asked < 3; });
  EXPECT_EQ(facts.status().code(), absl::StatusCode::kDeadlineExceeded) << facts.status();
  EXPECT_FALSE(std::filesystem::exists(BackupRequestPath(options_.path)));
  EXPECT_FALSE(std::filesystem::exists(backup_));
}

TEST_F(BackupTest, ARequestForAFileElsewhereIsRefused) {
  const auto journal = MustOpen();
  std::ofstream(BackupRequestPath(options_.path)) << "../stolen";
  while (std::filesystem::exists(BackupRequestPath(options_.path))) std::this_thread::yield();
  EXPECT_TRUE(std::filesystem::exists(BackupErrorPath(options_.path)));
  EXPECT_FALSE(std::filesystem::exists(folder_.parent_path() / "stolen"));
}

TEST_F(BackupTest, RestoringTakesWhatTheBackupKnowsAndKeepsTheOldFile) {
  const std::uint64_t epoch = Fill(3);
  ASSERT_TRUE(BackUpNow().ok());
  {
    const auto journal = MustOpen();
    ASSERT_TRUE(Append(*journal, 4).ok());
  }
  const auto restored = Restore(backup_, options_.path, kBackupTime);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(VerifyFile(restored->kept_as)->last_sequence, 4u);
  const auto journal = MustOpen();
  EXPECT_NE(journal->epoch(), epoch) << "streams are told a GAP";
  const auto opening = journal->WithStore([](Store& store) { return store.ReadOpening(); });
  EXPECT_EQ(opening->last_sequence, 3u);
  EXPECT_GE(std::stoull(opening->values.at(std::string(kNextNumber))), 1'000'000u);
  EXPECT_EQ(opening->values.at(std::string(kBlindFrom)), std::to_string(kBackupTime.value));
}

TEST_F(BackupTest, ARestoredJournalIsOrdinaryFromThenOn) {
  Fill(1);
  ASSERT_TRUE(BackUpNow().ok());
  ASSERT_TRUE(Restore(backup_, options_.path, kBackupTime).ok());
  const std::uint64_t epoch = MustOpen()->epoch();
  EXPECT_EQ(MustOpen()->epoch(), epoch);
  EXPECT_FALSE(VerifyFile(options_.path)->backup_time.given());
}

TEST_F(BackupTest, RestoringIsRefusedWhileTheServiceRuns) {
  Fill(1);
  ASSERT_TRUE(BackUpNow().ok());
  const auto journal = MustOpen();
  const auto refused = Restore(backup_, options_.path, kBackupTime);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition) << refused.status();
  EXPECT_TRUE(Append(*journal, 2).ok());
}

TEST_F(BackupTest, RestoringAfterALossLeavesNoLogOfTheOldOne) {
  Fill(1);
  ASSERT_TRUE(BackUpNow().ok());
  std::filesystem::remove(options_.path);
  std::ofstream(options_.path + "-wal") << "of the lost one";
  const auto restored = Restore(backup_, options_.path, kBackupTime);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_FALSE(std::filesystem::exists(options_.path + "-wal"));
  EXPECT_EQ(MustOpen()->WithStore([](Store& store) { return store.ReadOpening(); })->last_sequence,
            1u);
}

TEST_F(BackupTest, AnotherOwnersBackupIsRefused) {
  Fill(1);
  ASSERT_TRUE(BackUpNow().ok());
  const std::string other = folder_ / "alpha.other.journal";
  EXPECT_EQ(Restore(backup_, other, kBackupTime).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(std::filesystem::exists(other));
}

TEST_F(BackupTest, ADamagedBackupIsRefusedAndTheJournalStays) {
  Fill(200);
  ASSERT_TRUE(BackUpNow().ok());
  {
    std::fstream file(backup_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(20 * 4096);
    file << std::string(10 * 4096, '\xEE');
  }
  EXPECT_EQ(VerifyFile(backup_).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Restore(backup_, options_.path, kBackupTime).status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_TRUE(VerifyFile(options_.path).ok());
  EXPECT_EQ(VerifyFile(folder_ / "none").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(BackupTest, AMissingEventIsFound) {
  {
    const auto journal = MustOpen();
    ASSERT_TRUE(Append(*journal, 1).ok());
    ASSERT_TRUE(Append(*journal, 3).ok());
  }
  const auto facts = VerifyFile(options_.path);
  EXPECT_EQ(facts.status().code(), absl::StatusCode::kDataLoss) << facts.status();
}

}  // namespace
}  // namespace switchyard::order::journal
