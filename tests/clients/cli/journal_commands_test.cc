#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "clients/cli/diagnosis.h"
#include "clients/cli/local_files.h"
#include "services/order/journal/database.h"
#include "services/order/journal/schema.h"
#include "tests/clients/cli/run_yard.h"

namespace switchyard::clients::cli {
namespace {

using order::journal::Database;
using ::testing::HasSubstr;

class JournalCommandsTest : public ::testing::Test {
 protected:
  JournalCommandsTest() {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    journal_ = folder_ / "alpha.main.journal";
    backup_ = folder_ / "backup";
    const auto database = Database::OpenExclusively(journal_);
    EXPECT_TRUE(database.ok()) << database.status();
    EXPECT_TRUE(order::journal::Migrate(**database).ok());
    EXPECT_TRUE((*database)
                    ->Execute("INSERT INTO meta VALUES('owner', 'alpha/main'), ('epoch', '77');"
                              "INSERT INTO events VALUES(1, 5, x'00'), (2, 6, x'00')")
                    .ok());
  }

  Outcome Run(const std::vector<std::string>& arguments) { return RunAt(arguments, "127.0.0.1:1"); }

  std::filesystem::path folder_;
  std::string journal_, backup_;
};

TEST_F(JournalCommandsTest, ABackupIsMadeVerifiedAndRestored) {
  const Outcome made = Run({"journal", "backup", journal_, backup_});
  EXPECT_EQ(made.code, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("alpha/main"));
  const Outcome verified = Run({"journal", "verify", backup_, "--json"});
  EXPECT_EQ(verified.code, 0) << verified.err;
  EXPECT_THAT(verified.out, HasSubstr("\"lastSequence\":\"2\""));
  const Outcome restored = Run({"journal", "restore", backup_, journal_});
  EXPECT_EQ(restored.code, 0) << restored.err;
  EXPECT_THAT(restored.err, HasSubstr(".replaced-"));
}

TEST_F(JournalCommandsTest, WhatFailsIsOneLineAndOne) {
  const Outcome missing = Run({"journal", "verify", backup_});
  EXPECT_EQ(missing.code, 1);
  EXPECT_EQ(LinesOf(missing.err).size(), 1u);
  ASSERT_EQ(Run({"journal", "backup", journal_, backup_}).code, 0);
  const auto used = Database::OpenExisting(journal_);
  ASSERT_TRUE(used.ok());
  const Outcome refused = Run({"journal", "backup", journal_, backup_ + "2", "--timeout=100ms"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("did not make the copy in time"));
}

TEST_F(JournalCommandsTest, TheDoctorSeesWhichJournalsAreThere) {
  std::filesystem::copy_file(journal_, folder_ / "alpha.other.journal.mark");
  const JournalFolder folder = LookAtJournals(folder_);
  EXPECT_TRUE(folder.exists);
  EXPECT_TRUE(folder.writable);
  EXPECT_GT(folder.free_bytes, 0u);
  ASSERT_EQ(folder.files.size(), 2u);
  EXPECT_EQ(folder.files[0].name, "alpha.main.journal");
  EXPECT_TRUE(folder.files[0].exists);
  EXPECT_FALSE(folder.files[1].exists);
  EXPECT_FALSE(LookAtJournals(folder_ / "none").exists);
}

TEST_F(JournalCommandsTest, ConfigurationsAreReadAsTheirProcessesReadThem) {
  const auto file = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  };
  const auto router = ReadConfiguration(
      file("router.yaml", "backends:\n  - {exchange: alpha, addresses: ['127.0.0.1:1']}\n"));
  ASSERT_TRUE(router.ok()) << router.status();
  EXPECT_EQ(router->what, "router: 1 backends");
  const auto all = ReadConfiguration(
      file("all.yaml", "exchanges:\n  - exchange: alpha\norders: {journal_directory: /j}\n"));
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->journal_directory, "/j");
  EXPECT_TRUE(ReadConfiguration(file("service.yaml", "exchange: {exchange: alpha}\n")).ok());
  EXPECT_THAT(
      ReadConfiguration(file("bad.yaml", "exchange: {exchnge: alpha}\n")).status().ToString(),
      HasSubstr("exchnge"));
  EXPECT_THAT(ReadConfiguration(
                  file("twice.yaml", "exchanges:\n  - exchange: alpha\n  - exchange: alpha\n"))
                  .status()
                  .ToString(),
              HasSubstr("twice"));
  EXPECT_FALSE(ReadConfiguration(folder_ / "none.yaml").ok());
}

}  // namespace
}  // namespace switchyard::clients::cli
