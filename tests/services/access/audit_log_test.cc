#include "services/access/audit_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "common/status/status.h"

namespace switchyard::access {
namespace {

using testing::HasSubstr;

AuditRecord Record(const std::string& method) {
  AuditRecord record;
  record.time = TimeNs(1'234);
  record.principal = "bot";
  record.peer = "ipv4:127.0.0.1:4711";
  record.method = method;
  record.exchange = "gateio";
  record.account = "main";
  record.request = R"({"client_order_id":"a-1"})";
  record.latency = std::chrono::microseconds(5);
  return record;
}

class AuditLogTest : public testing::Test {
 protected:
  AuditLogTest() {
    std::string folder = testing::TempDir() + "/auditXXXXXX";
    folder_ = mkdtemp(folder.data());
  }
  ~AuditLogTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name = "audit.log") const { return folder_ + "/" + name; }
  static std::vector<std::string> Lines(const std::string& path) {
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }
  // Until the writer has told that all is written.
  void AwaitWritten(int records) const {
    const std::string wanted = "switchyard_audit_records_total " + std::to_string(records);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (metrics_.Expose().find(wanted) == std::string::npos) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << metrics_.Expose();
      std::this_thread::yield();
    }
  }
  std::unique_ptr<AuditLog> Open(const std::string& path) {
    auto log = AuditLog::Open(path, metrics_);
    EXPECT_TRUE(log.ok()) << log.status();
    return *std::move(log);
  }

  std::string folder_;
  metrics::Metrics metrics_;
};

TEST_F(AuditLogTest, OneLineACommandWithWhoWhatAndTheOutcome) {
  EXPECT_EQ(ToJsonLine(Record("OrderService/PlaceOrder")),
            R"({"time_ns":1234,"principal":"bot","peer":"ipv4:127.0.0.1:4711",)"
            R"("method":"OrderService/PlaceOrder","exchange":"gateio","account":"main",)"
            R"("request":{"client_order_id":"a-1"},"code":"OK","latency_ns":5000})");
}

TEST_F(AuditLogTest, ErrorsAreToldAndCannotForgeALine) {
  AuditRecord record = Record("OrderService/PlaceOrder");
  record.request.clear();
  record.outcome = MakeError(absl::StatusCode::kPermissionDenied,
                             common::v1::ERROR_REASON_NOT_GRANTED, "say \"x\"\n\\");
  const std::string line = ToJsonLine(record);
  EXPECT_THAT(line, HasSubstr(R"("request":null,"code":"PERMISSION_DENIED",)"
                              R"("reason":"NOT_GRANTED","message":"say \"x\"\u000a\\")"));
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

TEST_F(AuditLogTest, AppendsForItsOwnerAlone) {
  {
    const auto log = Open(Path());
    ASSERT_TRUE(log->Reserve());
    log->Append(Record("first"));
  }
  const auto log = Open(Path());
  ASSERT_TRUE(log->Reserve());
  log->Append(Record("second"));
  AwaitWritten(2);
  const auto lines = Lines(Path());
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[0], HasSubstr("first"));
  EXPECT_THAT(lines[1], HasSubstr("second"));
  struct stat of_file = {};
  ASSERT_EQ(stat(Path().c_str(), &of_file), 0);
  EXPECT_EQ(of_file.st_mode & 0777, 0600u);
}

TEST_F(AuditLogTest, AFileThatWasMovedAwayIsMadeAnew) {
  const auto log = Open(Path());
  ASSERT_TRUE(log->Reserve());
  log->Append(Record("first"));
  AwaitWritten(1);
  ASSERT_EQ(std::rename(Path().c_str(), Path("audit.log.1").c_str()), 0);
  ASSERT_TRUE(log->Reserve());
  log->Append(Record("second"));
  AwaitWritten(2);
  EXPECT_EQ(Lines(Path("audit.log.1")).size(), 1u);
  ASSERT_EQ(Lines(Path()).size(), 1u);
  EXPECT_THAT(Lines(Path())[0], HasSubstr("second"));
}

TEST_F(AuditLogTest, NoRoomIsToldAndNothingIsLost) {
  // /dev/full takes no byte.
  const auto log = Open("/dev/full");
  for (std::size_t i = 0; i < AuditLog::kMaxWaiting; ++i) ASSERT_TRUE(log->Reserve());
  log->Append(Record("stuck"));
  EXPECT_FALSE(log->Reserve());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (metrics_.Expose().find("switchyard_audit_write_errors_total 0") != std::string::npos) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::yield();
  }
  EXPECT_FALSE(log->Reserve()) << "what could not be written still waits";
}

TEST_F(AuditLogTest, AFileThatCannotBeOpenedStopsTheStart) {
  const absl::Status status = AuditLog::Open(Path("none/audit.log"), metrics_).status();
  EXPECT_EQ(MetadataOf(status)["field"], "process.audit_log");
}

}  // namespace
}  // namespace switchyard::access
