#include "services/order/journal/journal.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"
#include "services/order/crash_point/crash_point.h"
#include "services/order/journal/schema.h"

namespace switchyard::order::journal {
namespace {

constexpr std::size_t kMaxGroup = 256;  // batches of one transaction
constexpr std::chrono::minutes kTruncationInterval{10};
constexpr std::uint32_t kTruncatedAtOnce = 1'000;  // rows; a commit waits for one such step
constexpr std::string_view kEpoch = "epoch";
constexpr std::string_view kOwner = "owner";

std::string_view PragmaOf(Synchronous synchronous) {
  switch (synchronous) {
    case Synchronous::kFull:
      return "FULL";
    case Synchronous::kNormal:
      return "NORMAL";
    case Synchronous::kOff:
      return "OFF";
  }
  return "FULL";
}

std::uint64_t RandomEpoch() {
  std::random_device device;
  std::uint64_t epoch = 0;
  while (epoch == 0) epoch = std::uint64_t{device()} << 32 | device();
  return epoch;
}

}  // namespace

absl::StatusOr<Synchronous> ParseSynchronous(std::string_view text) {
  if (text.empty() || text == "FULL") return Synchronous::kFull;
  if (text == "NORMAL") return Synchronous::kNormal;
  if (text == "OFF") return Synchronous::kOff;
  return InvalidField("journal_synchronous",
                      fmt::format("'{}' is none of FULL, NORMAL, OFF", text));
}

Journal::Journal(Options options, const Clock& clock, metrics::Metrics& metrics)
    : options_(std::move(options)),
      clock_(clock),
      latency_(metrics.AddHistogram(
          "switchyard_journal_commit_seconds", "From handing a batch to the journal to its commit.",
          {{"exchange", options_.exchange}}, metrics::Buckets::Microseconds())),
      batch_size_(metrics.AddHistogram(
          "switchyard_journal_batches_per_commit", "Batches that one transaction commits.",
          {{"exchange", options_.exchange}}, metrics::Buckets::Counts(kMaxGroup))),
      failures_(metrics.AddCounter("switchyard_journal_failures_total",
                                   "Journals that failed and refuse everything since.",
                                   {{"exchange", options_.exchange}})) {}

absl::StatusOr<std::unique_ptr<Journal>> Journal::Open(Options options, const Clock& clock,
                                                       metrics::Metrics& metrics) {
  std::unique_ptr<Journal> journal(new Journal(std::move(options), clock, metrics));
  SWITCHYARD_RETURN_IF_ERROR(journal->OpenStore());
  SWITCHYARD_RETURN_IF_ERROR(journal->Identify());
  Journal* const raw = journal.get();
  journal->writer_ = std::thread([raw] { raw->Run(); });
  return journal;
}

absl::Status Journal::OpenStore() {
  const std::filesystem::path folder = std::filesystem::path(options_.path).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) {
    return absl::UnavailableError(fmt::format("journal {}: its folder cannot be created: {}",
                                              options_.path, error.message()));
  }
  SWITCHYARD_ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                              Database::OpenExclusively(options_.path));
  SWITCHYARD_RETURN_IF_ERROR(
      database->Execute(fmt::format("PRAGMA synchronous = {}", PragmaOf(options_.synchronous))));
  SWITCHYARD_ASSIGN_OR_RETURN(Statement check, database->Prepare("PRAGMA quick_check(1)"));
  SWITCHYARD_ASSIGN_OR_RETURN(const bool row, check.Step());
  if (!row || check.Bytes(0) != "ok") {
    return absl::DataLossError(fmt::format("journal {} is damaged: {}", options_.path,
                                           row ? check.Bytes(0) : "no answer"));
  }
  SWITCHYARD_RETURN_IF_ERROR(Migrate(*database));
  SWITCHYARD_ASSIGN_OR_RETURN(store_, Store::Create(std::move(database)));
  return absl::OkStatus();
}

absl::Status Journal::Identify() {
  const std::string owner = options_.exchange + "/" + options_.account;
  SWITCHYARD_ASSIGN_OR_RETURN(const std::string known_owner, store_->ReadValue(kOwner));
  if (known_owner.empty()) {
    SWITCHYARD_RETURN_IF_ERROR(store_->Begin());
    SWITCHYARD_RETURN_IF_ERROR(store_->WriteValue(kOwner, owner));
    SWITCHYARD_RETURN_IF_ERROR(store_->WriteValue(kEpoch, std::to_string(RandomEpoch())));
    SWITCHYARD_RETURN_IF_ERROR(store_->Commit());
  } else if (known_owner != owner) {
    return absl::FailedPreconditionError(
        fmt::format("journal {} is that of {}, not of {}", options_.path, known_owner, owner));
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const std::string epoch, store_->ReadValue(kEpoch));
  epoch_ = std::strtoull(epoch.c_str(), nullptr, 10);
  if (epoch_ == 0) return absl::DataLossError("journal " + options_.path + " has no identity");
  SWITCHYARD_ASSIGN_OR_RETURN(const Opening opening, store_->ReadOpening());
  last_sequence_ = opening.last_sequence;
  return absl::OkStatus();
}

Journal::~Journal() { Close(); }

void Journal::Close() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (writer_.joinable()) writer_.join();
}

void Journal::Append(Batch batch, Committed committed) {
  {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return waiting_.size() < options_.max_waiting; });
    waiting_.push_back({std::move(batch), std::move(committed), clock_.Steady()});
  }
  wake_.notify_one();
}

absl::Status Journal::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void Journal::Run() {
  pthread_setname_np(pthread_self(), "journal");
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait_for(lock, std::chrono::seconds(1),
                   [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) {
      if (stopping_) return;
      lock.unlock();
      Truncate();
      lock.lock();
      continue;
    }
    const auto end =
        waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kMaxGroup));
    std::vector<Waiting> group(std::make_move_iterator(waiting_.begin()),
                               std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    lock.unlock();
    room_.notify_all();
    CommitGroup(std::move(group));
    lock.lock();
  }
}

void Journal::CommitGroup(std::vector<Waiting> group) {
  const TimeNs commit_time = clock_.Now();
  absl::Status outcome = status();
  if (outcome.ok()) {
    outcome = Commit(group, commit_time);
    if (outcome.ok()) {
      batch_size_.Observe(static_cast<std::int64_t>(group.size()));
    } else {
      failures_.Increment();
      log::Error(
          "journal_failed",
          {{"exchange", options_.exchange}, {"account", options_.account}, {"error", outcome}});
      const std::lock_guard lock(mutex_);
      status_ = outcome;
    }
  }
  const auto now = clock_.Steady();
  for (const Waiting& each : group) {
    if (outcome.ok()) latency_.Observe(now - each.appended_at);
    each.committed(outcome, commit_time);
  }
}

absl::Status Journal::Commit(const std::vector<Waiting>& group, TimeNs commit_time) {
  const std::lock_guard lock(store_mutex_);
  const absl::Status status = [&]() -> absl::Status {
    SWITCHYARD_RETURN_IF_ERROR(store_->Begin());
    for (const Waiting& each : group) {
      SWITCHYARD_RETURN_IF_ERROR(store_->Write(each.batch, commit_time));
    }
    PassCrashPoint(CrashPoint::kBeforeCommit);
    return store_->Commit();
  }();
  if (!status.ok()) {
    store_->Rollback();
    return status;
  }
  PassCrashPoint(CrashPoint::kAfterCommit);
  for (const Waiting& each : group) {
    if (!each.batch.events.empty()) last_sequence_ = each.batch.events.back().sequence;
  }
  return absl::OkStatus();
}

// While nothing waits: one step, so that a batch which comes now does not wait long.
void Journal::Truncate() {
  if (!status().ok() || clock_.Steady() < next_truncation_) return;
  const Retention& kept = options_.retention;
  const TimeNs now = clock_.Now();
  const std::lock_guard lock(store_mutex_);
  const absl::StatusOr<std::int64_t> gone = [&]() -> absl::StatusOr<std::int64_t> {
    std::uint64_t last = last_sequence_ > kept.events ? last_sequence_ - kept.events : 0;
    // Of the oldest, those that are old enough.
    SWITCHYARD_ASSIGN_OR_RETURN(const std::vector<EventRow> oldest,
                                store_->ReadEvents(0, kTruncatedAtOnce, SIZE_MAX));
    std::uint64_t old = 0;
    for (const EventRow& row : oldest) {
      if (row.commit_time < now - kept.event_age) old = row.sequence;
    }
    last = std::min(last, old);
    SWITCHYARD_RETURN_IF_ERROR(store_->Begin());
    SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t rows,
                                store_->Truncate(last, now - kept.order_age, kTruncatedAtOnce));
    SWITCHYARD_RETURN_IF_ERROR(store_->Commit());
    return rows;
  }();
  if (!gone.ok()) {
    store_->Rollback();
    log::Warning(
        "journal_truncation_failed",
        {{"exchange", options_.exchange}, {"account", options_.account}, {"error", gone.status()}});
  }
  const bool more = gone.ok() && *gone > 0;
  next_truncation_ = more ? clock_.Steady() : clock_.Steady() + kTruncationInterval;
}

}  // namespace switchyard::order::journal
