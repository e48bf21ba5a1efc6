#include "services/order/journal/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "common/status/status.h"

namespace switchyard::order::journal {
namespace {

absl::StatusCode CodeOf(int result) {
  switch (result & 0xFF) {  // without SQLite's extension
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::StatusCode::kFailedPrecondition;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return absl::StatusCode::kDataLoss;
    case SQLITE_FULL:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kInternal;
  }
}

absl::Status ErrorOf(sqlite3* handle, const std::string& file) {
  const int result = sqlite3_extended_errcode(handle);
  if ((result & 0xFF) == SQLITE_BUSY) {
    return absl::FailedPreconditionError(
        fmt::format("journal {}: another process has it open", file));
  }
  return {CodeOf(result), fmt::format("journal {}: {} (code {})", file, sqlite3_errmsg(handle),
                                      sqlite3_extended_errcode(handle))};
}

const char* FileOf(sqlite3* handle) {
  const char* const name = sqlite3_db_filename(handle, "main");
  return name == nullptr ? "" : name;
}

}  // namespace

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(statement_, other.statement_);
  next_parameter_ = other.next_parameter_;
  return *this;
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::Reset() {
  sqlite3_reset(statement_);
  next_parameter_ = 1;
  return *this;
}

// Binding fails on a wrong number of parameters alone, which every first use would show.
Statement& Statement::Bind(std::int64_t value) {
  sqlite3_bind_int64(statement_, next_parameter_++, value);
  return *this;
}

Statement& Statement::Bind(std::string_view blob) {
  sqlite3_bind_blob64(statement_, next_parameter_++, blob.data(), blob.size(), SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::BindText(std::string_view text) {
  sqlite3_bind_text64(statement_, next_parameter_++, text.data(), text.size(), SQLITE_TRANSIENT,
                      SQLITE_UTF8);
  return *this;
}

Statement& Statement::BindNull() {
  sqlite3_bind_null(statement_, next_parameter_++);
  return *this;
}

absl::StatusOr<bool> Statement::Step() {
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  sqlite3* const handle = sqlite3_db_handle(statement_);
  return ErrorOf(handle, FileOf(handle));
}

absl::Status Statement::Run() {
  const absl::StatusOr<bool> stepped = Step();
  sqlite3_reset(statement_);
  return stepped.status();
}

std::int64_t Statement::Integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string Statement::Bytes(int column) const {
  const void* const data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return data == nullptr ? std::string()
                         : std::string(static_cast<const char*>(data), static_cast<size_t>(size));
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

// No mutex of its own: the journal has one.
absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path, int flags) {
  sqlite3* handle = nullptr;
  const int result =
      sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, /*zVfs=*/nullptr);
  std::unique_ptr<Database> database(new Database(path, handle));
  if (handle == nullptr) return absl::InternalError("journal: no memory for SQLite");
  sqlite3_extended_result_codes(handle, 1);
  if (result == SQLITE_OK) return database;
  std::error_code error;
  if ((flags & SQLITE_OPEN_CREATE) == 0 && !std::filesystem::exists(path, error)) {
    return absl::NotFoundError(fmt::format("journal {}: there is no such file", path));
  }
  return ErrorOf(handle, path);
}

// The lock is kept until the file is closed, or its process ends in any way.
absl::Status Database::Lock() {
  SWITCHYARD_RETURN_IF_ERROR(Execute("PRAGMA locking_mode = EXCLUSIVE"));
  SWITCHYARD_RETURN_IF_ERROR(Execute("PRAGMA journal_mode = WAL"));
  return Execute("BEGIN EXCLUSIVE; COMMIT");
}

absl::StatusOr<std::unique_ptr<Database>> Database::OpenExclusively(const std::string& path) {
  SWITCHYARD_ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                              Open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  SWITCHYARD_RETURN_IF_ERROR(database->Lock());
  return database;
}

absl::StatusOr<std::unique_ptr<Database>> Database::OpenExisting(const std::string& path) {
  SWITCHYARD_ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                              Open(path, SQLITE_OPEN_READWRITE));
  SWITCHYARD_RETURN_IF_ERROR(database->Lock());
  return database;
}

absl::StatusOr<std::unique_ptr<Database>> Database::CreateForCopy(const std::string& path) {
  SWITCHYARD_ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                              Open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  SWITCHYARD_RETURN_IF_ERROR(database->Execute("PRAGMA synchronous = OFF"));
  SWITCHYARD_RETURN_IF_ERROR(database->Execute("PRAGMA journal_mode = OFF"));
  return database;
}

absl::StatusOr<std::unique_ptr<Database>> Database::OpenToRead(const std::string& path) {
  SWITCHYARD_ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                              Open(path, SQLITE_OPEN_READWRITE));
  // With a write-ahead log this needs no file of shared memory.
  SWITCHYARD_RETURN_IF_ERROR(database->Execute("PRAGMA locking_mode = EXCLUSIVE"));
  return database;
}

Database::~Database() { sqlite3_close_v2(handle_); }

absl::Status Database::Execute(const std::string& sql) {
  return sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK
             ? absl::OkStatus()
             : ErrorOf(handle_, path_);
}

absl::StatusOr<Statement> Database::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (result != SQLITE_OK) return ErrorOf(handle_, path_);
  return Statement(statement);
}

absl::StatusOr<std::int64_t> Database::ReadInteger(const std::string& sql) {
  SWITCHYARD_ASSIGN_OR_RETURN(Statement statement, Prepare(sql));
  SWITCHYARD_ASSIGN_OR_RETURN(const bool row, statement.Step());
  return row ? statement.Integer(0) : 0;
}

absl::StatusOr<std::string> Database::ReadBytes(const std::string& sql) {
  SWITCHYARD_ASSIGN_OR_RETURN(Statement statement, Prepare(sql));
  SWITCHYARD_ASSIGN_OR_RETURN(const bool row, statement.Step());
  return row ? statement.Bytes(0) : std::string();
}

absl::StatusOr<DatabaseCopy> DatabaseCopy::Begin(Database& source, Database& target) {
  sqlite3_backup* const backup =
      sqlite3_backup_init(target.handle_, "main", source.handle_, "main");
  if (backup == nullptr) return ErrorOf(target.handle_, target.path_);
  return DatabaseCopy(backup);
}

DatabaseCopy::~DatabaseCopy() {
  if (backup_ != nullptr) sqlite3_backup_finish(backup_);
}

absl::StatusOr<bool> DatabaseCopy::Step(int pages) {
  const int result = sqlite3_backup_step(backup_, pages);
  if (result == SQLITE_OK) return false;
  // The error of the whole, which the target's connection does not have before the end.
  const int outcome = sqlite3_backup_finish(std::exchange(backup_, nullptr));
  if (result == SQLITE_DONE && outcome == SQLITE_OK) return true;
  const int code = outcome == SQLITE_OK ? result : outcome;
  return absl::Status(CodeOf(code), fmt::format("journal: the copy failed: {} (code {})",
                                                sqlite3_errstr(code), code));
}

}  // namespace switchyard::order::journal
