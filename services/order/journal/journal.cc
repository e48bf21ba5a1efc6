#include "services/order/journal/journal.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"
#include "services/order/crash_point/crash_point.h"
#include "services/order/journal/identity.h"
#include "services/order/journal/schema.h"

namespace switchyard::order::journal {
namespace {

constexpr std::size_t kMaxGroup = 256;  // batches of one transaction
constexpr std::chrono::minutes kTruncationInterval{10};
constexpr std::uint32_t kTruncatedAtOnce = 1'000;  // rows; a commit waits for one such step
constexpr std::chrono::seconds kWorkInterval{1};
// What is kept while the disk is full; beyond, the process must start anew.
constexpr std::size_t kMaxUnwritten = 20'000;

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
                                   "How often a journal failed, and refused everything since.",
                                   {{"exchange", options_.exchange}})),
      backups_(options_.path) {}

absl::StatusOr<std::unique_ptr<Journal>> Journal::Open(Options options, const Clock& clock,
                                                       metrics::Metrics& metrics) {
  std::unique_ptr<Journal> journal(new Journal(std::move(options), clock, metrics));
  SWITCHYARD_RETURN_IF_ERROR(journal->OpenStore());
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
  SWITCHYARD_RETURN_IF_ERROR(CheckThere(options_.path));
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
  SWITCHYARD_ASSIGN_OR_RETURN(epoch_, Identify(*store_,
                                               {.path = options_.path,
                                                .owner = options_.exchange + "/" + options_.account,
                                                .first_number = options_.first_number},
                                               clock_.Now()));
  SWITCHYARD_ASSIGN_OR_RETURN(watch_, FileWatch::Of(options_.path));
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

void Journal::SetListener(Listener listener) {
  absl::Status failed;
  {
    const std::lock_guard lock(mutex_);
    listener_ = listener;
    failed = status_;
  }
  if (!failed.ok() && listener.failed) listener.failed(failed);
}

absl::Status Journal::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void Journal::Run() {
  pthread_setname_np(pthread_self(), "journal");
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait_for(lock, backups_.is_active() ? std::chrono::seconds(0) : kWorkInterval,
                   [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty() && stopping_) break;
    const auto end =
        waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kMaxGroup));
    std::vector<Waiting> group(std::make_move_iterator(waiting_.begin()),
                               std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    lock.unlock();
    room_.notify_all();
    const bool idle = group.empty();
    if (!idle) CommitGroup(std::move(group));
    WorkBesides();
    if (idle) Truncate();
    lock.lock();
  }
  lock.unlock();
  if (recoverable_) Recover();  // the last occasion
}

void Journal::CommitGroup(std::vector<Waiting> group) {
  const TimeNs commit_time = clock_.Now();
  absl::Status outcome = status();
  if (outcome.ok()) {
    std::vector<Batch> batches;
    for (Waiting& each : group) batches.push_back(std::move(each.batch));
    outcome = Commit(batches, commit_time);
    if (outcome.ok()) {
      batch_size_.Observe(static_cast<std::int64_t>(group.size()));
    } else {
      for (std::size_t i = 0; i < group.size(); ++i) group[i].batch = std::move(batches[i]);
      Fail(outcome);
      outcome = status();
    }
  }
  const auto now = clock_.Steady();
  for (const Waiting& each : group) {
    if (outcome.ok()) latency_.Observe(now - each.appended_at);
    each.committed(outcome, commit_time);
  }
  if (!outcome.ok()) KeepUnwritten(std::move(group));
}

absl::Status Journal::Commit(const std::vector<Batch>& group, TimeNs commit_time) {
  SWITCHYARD_RETURN_IF_ERROR(watch_.Check());
  const std::lock_guard lock(store_mutex_);
  const absl::Status status = [&]() -> absl::Status {
    SWITCHYARD_RETURN_IF_ERROR(store_->Begin());
    for (const Batch& each : group) {
      SWITCHYARD_RETURN_IF_ERROR(store_->Write(each, commit_time));
    }
    PassCrashPoint(CrashPoint::kBeforeCommit);
    return store_->Commit();
  }();
  if (!status.ok()) {
    store_->Rollback();
    return status;
  }
  PassCrashPoint(CrashPoint::kAfterCommit);
  for (const Batch& each : group) {
    if (!each.events.empty()) last_sequence_ = each.events.back().sequence;
  }
  return absl::OkStatus();
}

void Journal::Fail(const absl::Status& error) {
  failures_.Increment();
  // A write that never happened can be made again; after any other error nobody knows what the disk
  // holds.
  recoverable_ = absl::IsResourceExhausted(error);
  const absl::Status told(
      error.code(),
      fmt::format("{}: {}", std::string(error.message()),
                  recoverable_ ? "free some space, it is tried again every second"
                               : "once its cause is mended the service must be started anew"));
  log::Error("journal_failed",
             {{"exchange", options_.exchange}, {"account", options_.account}, {"error", told}});
  Listener listener;
  {
    const std::lock_guard lock(mutex_);
    status_ = told;
    listener = listener_;
  }
  if (listener.failed) listener.failed(told);
}

void Journal::KeepUnwritten(std::vector<Waiting> group) {
  if (!recoverable_) return;
  for (Waiting& each : group) unwritten_.push_back(std::move(each.batch));
  if (unwritten_.size() <= kMaxUnwritten) return;
  recoverable_ = false;
  unwritten_.clear();
  log::Error("journal_gives_up", {{"exchange", options_.exchange},
                                  {"account", options_.account},
                                  {"error",
                                   "too much happened while the disk was full: the "
                                   "service must be started anew"}});
}

void Journal::Recover() {
  const TimeNs commit_time = clock_.Now();
  if (const absl::Status again = Commit(unwritten_, commit_time); !again.ok()) {
    if (absl::IsResourceExhausted(again)) return;
    unwritten_.clear();
    return Fail(again);
  }
  std::vector<EventRow> rows;
  for (Batch& each : unwritten_) {
    for (EventRow& row : each.events) {
      row.commit_time = commit_time;
      rows.push_back(std::move(row));
    }
  }
  log::Info("journal_recovered", {{"exchange", options_.exchange},
                                  {"account", options_.account},
                                  {"batches", unwritten_.size()},
                                  {"events", rows.size()}});
  unwritten_.clear();
  recoverable_ = false;
  Listener listener;
  {
    const std::lock_guard lock(mutex_);
    status_ = absl::OkStatus();
    listener = listener_;
  }
  if (listener.recovered) listener.recovered(std::move(rows));
}

void Journal::WorkBesides() {
  if (backups_.is_active()) return ServeBackup();
  if (clock_.Steady() < next_work_) return;
  next_work_ = clock_.Steady() + kWorkInterval;
  if (recoverable_) return Recover();
  if (!status().ok()) return;
  if (const absl::Status gone = watch_.Check(); !gone.ok()) return Fail(gone);
  ServeBackup();
}

// Commits wait for one step at a time.
void Journal::ServeBackup() {
  if (!backups_.is_active() && !backups_.is_asked()) return;
  bool copied = false;
  {
    const std::lock_guard lock(store_mutex_);
    if (backups_.is_active()) {
      copied = backups_.Step();
    } else {
      backups_.Begin(store_->database());
    }
  }
  if (copied) backups_.Finish(clock_.Now());
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
