#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/time.h"
#include "services/order/journal/store.h"

// Whose journal it is, and which of its lives begins.
namespace switchyard::order::journal {

// What an opened journal must be.
struct Expected {
  std::string path;
  std::string owner;               // `exchange/account`
  std::uint64_t first_number = 1;  // of a new one
};

// Before the file is opened, and so made. Errors: DataLoss, there is no file and its mark says that
// there was one; those of ReadMark.
absl::Status CheckThere(const std::string& path);

// Numbers orders of a journal that begins at `now`: ten for each second since 2025, so that the
// exchange-side ids of an earlier journal, which is lost, do not come again. At least 1.
std::uint64_t FirstNumberAt(TimeNs now);

// Makes a new journal's identity, or checks an old one's, counts the opening and writes the mark.
// A backup that was put in place, or a copy older than the one that was opened here last, becomes a
// journal of its own: another epoch, so that every stream is told a GAP, and numbers beyond all
// that its predecessor can have given since. Returns the epoch, never 0.
// Errors: FailedPrecondition, it is another owner's; DataLoss, it is empty and its mark says that
// it should not be; Unavailable, it cannot be written.
absl::StatusOr<std::uint64_t> Identify(Store& store, const Expected& expected, TimeNs now);

}  // namespace switchyard::order::journal
