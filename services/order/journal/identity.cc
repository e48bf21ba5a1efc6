#include "services/order/journal/identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <optional>
#include <random>
#include <string_view>
#include <system_error>

#include "common/log/log.h"
#include "common/status/status.h"
#include "services/order/journal/journal_mark.h"

namespace switchyard::order::journal {
namespace {

constexpr TimeNs kNumbersBegin = TimeNs::FromSeconds(1'735'689'600);  // 2025-01-01
constexpr std::uint64_t kNumbersPerSecond = 10;
// More than a restored journal's predecessor can have given: at once, and per second since.
constexpr std::uint64_t kSkipped = 1'000'000;
constexpr std::uint64_t kSkippedPerSecond = 100;
// How long before a new journal's beginning an order of a lost one may have been sent that a client
// still repeats.
constexpr std::chrono::hours kBlindBeforeNew{24};

std::uint64_t NewEpoch() {
  std::random_device device;
  std::uint64_t epoch = 0;
  while (epoch == 0) epoch = std::uint64_t{device()} << 32 | device();
  return epoch;
}

std::uint64_t SecondsBetween(TimeNs from, TimeNs to) {
  const auto span = std::chrono::duration_cast<std::chrono::seconds>(to - from).count();
  return span > 0 ? static_cast<std::uint64_t>(span) : 0;
}

absl::StatusOr<std::uint64_t> ReadNumber(Store& store, std::string_view key) {
  SWITCHYARD_ASSIGN_OR_RETURN(const std::string text, store.ReadValue(key));
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

absl::Status WriteNumber(Store& store, std::string_view key, std::uint64_t number) {
  return store.WriteValue(key, std::to_string(number));
}

absl::Status WriteBlindness(Store& store, TimeNs from, TimeNs until) {
  SWITCHYARD_RETURN_IF_ERROR(store.WriteValue(kBlindFrom, std::to_string(from.value)));
  return store.WriteValue(kBlindUntil, std::to_string(until.value));
}

absl::StatusOr<Mark> BeginNew(Store& store, const Expected& expected, TimeNs now) {
  const Mark mark{.epoch = NewEpoch(), .openings = 1};
  SWITCHYARD_RETURN_IF_ERROR(store.WriteValue(kOwner, expected.owner));
  SWITCHYARD_RETURN_IF_ERROR(WriteNumber(store, kEpoch, mark.epoch));
  SWITCHYARD_RETURN_IF_ERROR(WriteNumber(store, kNextNumber, expected.first_number));
  SWITCHYARD_RETURN_IF_ERROR(WriteBlindness(store, now - kBlindBeforeNew, now));
  SWITCHYARD_RETURN_IF_ERROR(WriteNumber(store, kOpenings, mark.openings));
  return mark;
}

// `since`: when its predecessor went on without it.
absl::StatusOr<Mark> BeginRestored(Store& store, const Expected& expected, TimeNs since,
                                   TimeNs now) {
  SWITCHYARD_ASSIGN_OR_RETURN(const std::uint64_t openings, ReadNumber(store, kOpenings));
  SWITCHYARD_ASSIGN_OR_RETURN(const std::uint64_t stored_next, ReadNumber(store, kNextNumber));
  SWITCHYARD_ASSIGN_OR_RETURN(
      const std::int64_t last_number,
      store.database().ReadInteger("SELECT coalesce(max(number), 0) FROM orders"));
  const std::uint64_t next = std::max(stored_next, static_cast<std::uint64_t>(last_number) + 1) +
                             kSkipped + kSkippedPerSecond * SecondsBetween(since, now);
  const Mark mark{.epoch = NewEpoch(), .openings = openings + 1};
  SWITCHYARD_RETURN_IF_ERROR(WriteNumber(store, kEpoch, mark.epoch));
  SWITCHYARD_RETURN_IF_ERROR(WriteNumber(store, kNextNumber, next));
  SWITCHYARD_RETURN_IF_ERROR(WriteNumber(store, kRestoredBelow, next));
  SWITCHYARD_RETURN_IF_ERROR(WriteBlindness(store, since, now));
  SWITCHYARD_RETURN_IF_ERROR(WriteNumber(store, kOpenings, mark.openings));
  SWITCHYARD_RETURN_IF_ERROR(
      store.database().Execute(fmt::format("DELETE FROM meta WHERE key = '{}'", kBackupTime)));
  log::Warning("journal_restored", {{"journal", expected.path},
                                    {"known_until", FormatUtc(since)},
                                    {"epoch", mark.epoch},
                                    {"next_number", next}});
  return mark;
}

absl::StatusOr<Mark> Reopen(Store& store, const Expected& expected,
                            const std::optional<Mark>& last_here, TimeNs now) {
  Mark mark;
  SWITCHYARD_ASSIGN_OR_RETURN(mark.epoch, ReadNumber(store, kEpoch));
  SWITCHYARD_ASSIGN_OR_RETURN(mark.openings, ReadNumber(store, kOpenings));
  if (mark.epoch == 0) {
    return absl::DataLossError("journal " + expected.path + " has no identity");
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const std::uint64_t copied_at, ReadNumber(store, kBackupTime));
  if (copied_at != 0) {
    return BeginRestored(store, expected, TimeNs(static_cast<std::int64_t>(copied_at)), now);
  }
  if (last_here.has_value() &&
      (last_here->epoch != mark.epoch || mark.openings < last_here->openings)) {
    SWITCHYARD_ASSIGN_OR_RETURN(
        const std::int64_t last_commit,
        store.database().ReadInteger("SELECT coalesce(max(commit_time_ns), 0) FROM events"));
    return BeginRestored(store, expected, last_commit == 0 ? now : TimeNs(last_commit), now);
  }
  ++mark.openings;
  SWITCHYARD_RETURN_IF_ERROR(WriteNumber(store, kOpenings, mark.openings));
  return mark;
}

absl::Status Gone(const std::string& path) {
  return absl::DataLossError(fmt::format(
      "journal {0} is gone or empty, and {1} says that it was here: orders that it knew may be at "
      "the exchange and would be sent again. Restore a backup (yard journal restore), or remove "
      "{1} "
      "to begin anew without them",
      path, MarkPath(path)));
}

absl::StatusOr<Mark> Begin(Store& store, const Expected& expected, TimeNs now) {
  SWITCHYARD_ASSIGN_OR_RETURN(const std::optional<Mark> last_here, ReadMark(expected.path));
  SWITCHYARD_ASSIGN_OR_RETURN(const std::string owner, store.ReadValue(kOwner));
  if (owner.empty() && last_here.has_value()) return Gone(expected.path);
  if (owner.empty()) return BeginNew(store, expected, now);
  if (owner != expected.owner) {
    return absl::FailedPreconditionError(
        fmt::format("journal {} is that of {}, not of {}", expected.path, owner, expected.owner));
  }
  return Reopen(store, expected, last_here, now);
}

}  // namespace

absl::Status CheckThere(const std::string& path) {
  std::error_code error;
  if (std::filesystem::exists(path, error)) return absl::OkStatus();
  SWITCHYARD_ASSIGN_OR_RETURN(const std::optional<Mark> last_here, ReadMark(path));
  return last_here.has_value() ? Gone(path) : absl::OkStatus();
}

std::uint64_t FirstNumberAt(TimeNs now) {
  return 1 + kNumbersPerSecond * SecondsBetween(kNumbersBegin, now);
}

absl::StatusOr<std::uint64_t> Identify(Store& store, const Expected& expected, TimeNs now) {
  SWITCHYARD_RETURN_IF_ERROR(store.Begin());
  const absl::StatusOr<Mark> mark = Begin(store, expected, now);
  if (!mark.ok()) {
    store.Rollback();
    return mark.status();
  }
  SWITCHYARD_RETURN_IF_ERROR(store.Commit());
  // After the journal: a mark is never of an opening that the journal does not know.
  SWITCHYARD_RETURN_IF_ERROR(WriteMark(expected.path, *mark));
  return mark->epoch;
}

}  // namespace switchyard::order::journal
