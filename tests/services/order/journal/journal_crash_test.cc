// What a killed process and a failing disk leave behind. Each case runs in a process of its own.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <string>

#include "services/order/journal/journal.h"

namespace switchyard::order::journal {
namespace {

constexpr std::uint64_t kAppended = 5;

class JournalCrashTest : public ::testing::Test {
 protected:
  JournalCrashTest() {
    const auto folder = std::filesystem::path(::testing::TempDir()) /
                        ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder);
    options_.path = folder / "journal";
    options_.exchange = "alpha";
    options_.account = "main";
    options_.synchronous = Synchronous::kNormal;
  }

  std::unique_ptr<Journal> MustOpen() {
    auto journal = Journal::Open(options_, SystemClock(), metrics_);
    if (!journal.ok()) {
      ADD_FAILURE() << journal.status();
      std::abort();
    }
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

  // Runs `body` in a child process; returns how it ended, as waitpid tells it.
  static int InChild(const std::function<void()>& body) {
    const pid_t child = ::fork();
    if (child == 0) {
      body();
      ::_exit(0);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return status;
  }

  // Appends kAppended events one after another in a child that dies at `crash_at`.
  void AppendUntilKilled(const std::string& crash_at) {
    const int status = InChild([&] {
      ::setenv("SWITCHYARD_CRASH_AT", crash_at.c_str(), 1);
      const auto journal = MustOpen();
      for (std::uint64_t i = 1; i <= kAppended; ++i) {
        if (!Append(*journal, i).ok()) ::_exit(1);
      }
    });
    ASSERT_TRUE(WIFSIGNALED(status)) << "ended with " << status;
    EXPECT_EQ(WTERMSIG(status), SIGKILL);
  }

  std::uint64_t LastSequence() {
    return MustOpen()->WithStore([](Store& store) { return store.ReadOpening(); })->last_sequence;
  }

  metrics::Metrics metrics_;
  Options options_;
};

TEST_F(JournalCrashTest, AKillBeforeTheCommitLosesThatBatchAlone) {
  AppendUntilKilled("before_commit:3");
  EXPECT_EQ(LastSequence(), 2u);
}

TEST_F(JournalCrashTest, AKillAfterTheCommitLosesNothing) {
  AppendUntilKilled("after_commit:3");
  EXPECT_EQ(LastSequence(), 3u);
}

TEST_F(JournalCrashTest, APointWithoutANumberIsTheFirstPass) {
  AppendUntilKilled("after_commit");
  EXPECT_EQ(LastSequence(), 1u);
}

TEST_F(JournalCrashTest, ASecondProcessIsRefusedUntilTheFirstIsGone) {
  {
    const auto journal = MustOpen();
    const int status = InChild([&] {
      const auto second = Journal::Open(options_, SystemClock(), metrics_);
      ::_exit(second.status().code() == absl::StatusCode::kFailedPrecondition ? 42 : 1);
    });
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 42);
    EXPECT_TRUE(Append(*journal, 1).ok());
  }
  EXPECT_EQ(LastSequence(), 1u);
}

TEST_F(JournalCrashTest, AFullDiskFailsTheJournalAndKeepsWhatWasCommitted) {
  const int status = InChild([&] {
    const auto journal = MustOpen();
    if (!Append(*journal, 1).ok()) ::_exit(1);
    // Files may not grow beyond what they are: every write behind that fails.
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{64 << 10, 64 << 10};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::uint64_t sequence = 2;
    while (sequence < 1'000 && Append(*journal, sequence).ok()) ++sequence;
    if (sequence == 1'000) ::_exit(2);
    if (journal->status().ok()) ::_exit(3);
    // Fail closed: also what would fit again is refused.
    if (Append(*journal, sequence).ok()) ::_exit(4);
    const auto opening = journal->WithStore([](Store& store) { return store.ReadOpening(); });
    ::_exit(opening.ok() && opening->last_sequence == sequence - 1 ? 42 : 5);
  });
  ASSERT_TRUE(WIFEXITED(status)) << status;
  EXPECT_EQ(WEXITSTATUS(status), 42);
  EXPECT_GE(LastSequence(), 1u);
}

}  // namespace
}  // namespace switchyard::order::journal
