#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/time.h"
#include "switchyard/order/v1/order_service.pb.h"
#include "switchyard/status/v1/status_service.pb.h"

// What `yard doctor` makes of what it found: facts to findings. Pure.
namespace switchyard::clients::cli {

enum class Level { kOk, kWarning, kFailed };

struct Finding {
  Level level = Level::kOk;
  std::string subject;  // an exchange, an account of it, an address, a file
  std::string check;
  std::string what;
  std::string advice;  // empty where all is well
};

// Whether a process starts with this file. `what` it configures: "router", "orders of gateio".
Finding JudgeConfiguration(const std::string& path, const std::string& what,
                           const absl::Status& read);
// An answer to GetStatus, and how long it took.
Finding JudgeReach(const std::string& address, const absl::Status& status,
                   const status::v1::GetStatusResponse& response,
                   std::chrono::nanoseconds round_trip, TimeNs now);
// One finding per exchange and check: backends, connections, books, clock, limits.
std::vector<Finding> JudgeExchanges(const status::v1::GetStatusResponse& response);
// The server's wall clock minus ours, known to within `uncertainty`.
Finding JudgeServerClock(const std::string& address, std::chrono::nanoseconds offset,
                         std::chrono::nanoseconds uncertainty);
// A private read that the exchange itself was asked for. Nullopt: it has no such thing.
std::optional<Finding> JudgeRead(const std::string& exchange, const std::string& account,
                                 std::string_view what, const absl::Status& status);
// Whether new orders are taken.
Finding JudgeTrading(const std::string& exchange, const std::string& account,
                     const absl::StatusOr<order::v1::GetRiskLimitsResponse>& limits);

// A folder with order journals, as it is on this machine.
struct JournalFolder {
  std::string path;
  bool exists = false;
  bool writable = false;
  std::uint64_t free_bytes = 0;
  struct File {
    std::string name;
    bool exists = false;       // false: only its mark says that it was there
    std::int64_t used_by = 0;  // process; 0 = nobody has it open
  };
  std::vector<File> files;
};
std::vector<Finding> JudgeJournals(const JournalFolder& folder);

// Failed if anything failed.
Level WorstOf(const std::vector<Finding>& findings);
// "ok", "warning", "FAILED".
std::string_view LevelText(Level level);

}  // namespace switchyard::clients::cli
