#include "services/order/journal/schema.h"

#include <fmt/format.h>

#include <array>

#include "common/status/status.h"

namespace switchyard::order::journal {
namespace {

// Step i brings version i to version i + 1. Released steps never change: files exist that took
// them.
constexpr std::array<const char*, kSchemaVersion> kSteps = {
    // Version 1: events, orders, fills, commands.
    R"(
    CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE events(
        sequence INTEGER PRIMARY KEY, commit_time_ns INTEGER NOT NULL, event BLOB NOT NULL);
    CREATE TABLE orders(
        number INTEGER PRIMARY KEY, client_order_id TEXT UNIQUE, exchange_client_id TEXT UNIQUE,
        symbol TEXT NOT NULL, exchange_order_id TEXT, state INTEGER NOT NULL,
        create_time_ns INTEGER NOT NULL, update_time_ns INTEGER NOT NULL, body_hash BLOB NOT NULL,
        exchange_version INTEGER NOT NULL, cancel_cause INTEGER NOT NULL,
        command_time_ns INTEGER NOT NULL, record BLOB NOT NULL);
    CREATE INDEX orders_by_exchange_id ON orders(symbol, exchange_order_id)
        WHERE exchange_order_id IS NOT NULL;
    CREATE INDEX orders_open ON orders(number) WHERE state < 4;
    CREATE TABLE fills(
        sequence INTEGER PRIMARY KEY, symbol TEXT NOT NULL, trade_id TEXT NOT NULL,
        side INTEGER NOT NULL, number INTEGER NOT NULL, exchange_time_ns INTEGER NOT NULL,
        record BLOB NOT NULL, UNIQUE(symbol, trade_id, side));
    CREATE INDEX fills_by_order ON fills(number);
    )",
    // Version 2: amend and cancel commands by request_id.
    R"(
    CREATE TABLE commands(
        request_id TEXT PRIMARY KEY, body_hash BLOB NOT NULL, time_ns INTEGER NOT NULL,
        result BLOB NOT NULL) WITHOUT ROWID;
    CREATE INDEX commands_by_time ON commands(time_ns);
    )",
};

}  // namespace

absl::Status Migrate(Database& database) {
  SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t found,
                              database.ReadInteger("PRAGMA user_version"));
  if (found > kSchemaVersion) {
    return absl::FailedPreconditionError(fmt::format(
        "journal: schema version {} is newer than this program's {}", found, kSchemaVersion));
  }
  for (std::int64_t version = found; version < kSchemaVersion; ++version) {
    SWITCHYARD_RETURN_IF_ERROR(
        database.Execute(fmt::format("BEGIN EXCLUSIVE; {} PRAGMA user_version = {}; COMMIT;",
                                     kSteps[static_cast<std::size_t>(version)], version + 1)));
  }
  return absl::OkStatus();
}

}  // namespace switchyard::order::journal
