#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct sqlite3;
struct sqlite3_backup;
struct sqlite3_stmt;

namespace switchyard::order::journal {

// One prepared statement, to be used again and again. One thread at a time.
class Statement {
 public:
  Statement() = default;
  Statement(Statement&& other) noexcept : statement_(other.statement_) {
    other.statement_ = nullptr;
  }
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  // Parameters are bound in order, from the first, after Reset.
  Statement& Reset();
  Statement& Bind(std::int64_t value);
  Statement& Bind(std::string_view blob);
  Statement& BindText(std::string_view text);
  Statement& BindNull();

  // True = there is a row to read. Errors: as Database::Execute.
  absl::StatusOr<bool> Step();
  // For statements without rows.
  absl::Status Run();

  std::int64_t Integer(int column) const;
  // Text or blob.
  std::string Bytes(int column) const;
  bool IsNull(int column) const;

 private:
  friend class Database;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  sqlite3_stmt* statement_ = nullptr;
  int next_parameter_ = 1;
};

// An SQLite file opened for this process alone. One thread at a time.
class Database {
 public:
  // Creates the file where there is none.
  // Errors: FailedPrecondition, another process has it; DataLoss, it is no sound database;
  // Unavailable, the file system refuses.
  static absl::StatusOr<std::unique_ptr<Database>> OpenExclusively(const std::string& path);
  // The same, of a file that exists. Errors: also NotFound.
  static absl::StatusOr<std::unique_ptr<Database>> OpenExisting(const std::string& path);
  // A new file to be filled by a DatabaseCopy, which reaches the disk when somebody syncs it.
  static absl::StatusOr<std::unique_ptr<Database>> CreateForCopy(const std::string& path);
  // To be read: what it holds stays as it is, also where the file may not be written. Errors: as
  // OpenExisting.
  static absl::StatusOr<std::unique_ptr<Database>> OpenToRead(const std::string& path);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  // Errors: ResourceExhausted, the disk is full; DataLoss, the file is damaged; Unavailable, it
  // cannot be written; Internal, any other. They name the file and what SQLite said.
  absl::Status Execute(const std::string& sql);
  absl::StatusOr<Statement> Prepare(std::string_view sql);

  absl::StatusOr<std::int64_t> ReadInteger(const std::string& sql);
  // First column of the first row, text or blob; empty = there is no row.
  absl::StatusOr<std::string> ReadBytes(const std::string& sql);

 private:
  friend class DatabaseCopy;
  Database(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path, int flags);
  absl::Status Lock();

  const std::string path_;
  sqlite3* handle_;
};

// A copy of a database that is being written meanwhile, by the same connection alone: what is
// committed between two steps is in the copy too, which is as the source at its last step. Both
// databases outlive it; the thread of the source.
class DatabaseCopy {
 public:
  // `target` is empty, and replaced.
  static absl::StatusOr<DatabaseCopy> Begin(Database& source, Database& target);
  DatabaseCopy(DatabaseCopy&& other) noexcept : backup_(std::exchange(other.backup_, nullptr)) {}
  DatabaseCopy& operator=(DatabaseCopy&&) = delete;
  ~DatabaseCopy();

  // Copies up to so many pages (-1 = all that are left). True: it is complete. Outside
  // transactions of the source. Errors: as Database::Execute.
  absl::StatusOr<bool> Step(int pages);

 private:
  explicit DatabaseCopy(sqlite3_backup* backup) : backup_(backup) {}

  sqlite3_backup* backup_;
};

}  // namespace switchyard::order::journal
