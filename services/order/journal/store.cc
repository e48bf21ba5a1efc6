#include "services/order/journal/store.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "common/status/status.h"
#include "services/order/state/fill_sums.h"

namespace switchyard::order::journal {
namespace {

constexpr char kOrderColumns[] =
    "number, body_hash, exchange_version, cancel_cause, command_time_ns, record";

absl::Status Damaged(std::string_view what, std::int64_t key) {
  return absl::DataLossError(fmt::format("journal: {} {} does not parse", what, key));
}

// NULL is not unique in SQLite: what an order does not have cannot collide.
void BindTextOrNull(Statement& statement, std::string_view text) {
  text.empty() ? statement.BindNull() : statement.BindText(text);
}

bool IsOurs(const OrderRecord& record) { return !record.body_hash.empty(); }

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> Store::Create(std::unique_ptr<Database> database) {
  std::unique_ptr<Store> store(new Store(std::move(database)));
  SWITCHYARD_RETURN_IF_ERROR(store->PrepareAll());
  return store;
}

absl::Status Store::PrepareAll() {
  const std::string orders = fmt::format("SELECT {} FROM orders WHERE ", kOrderColumns);
  const std::pair<Statement*, std::string> statements[] = {
      {&begin_, "BEGIN IMMEDIATE"},
      {&commit_, "COMMIT"},
      {&rollback_, "ROLLBACK"},
      {&write_event_, "INSERT INTO events(sequence, commit_time_ns, event) VALUES(?, ?, ?)"},
      {&write_order_,
       "INSERT INTO orders(number, client_order_id, exchange_client_id, symbol, exchange_order_id,"
       " state, create_time_ns, update_time_ns, body_hash, exchange_version, cancel_cause,"
       " command_time_ns, record) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)"
       " ON CONFLICT(number) DO UPDATE SET exchange_order_id = excluded.exchange_order_id,"
       " state = excluded.state, update_time_ns = excluded.update_time_ns,"
       " exchange_version = excluded.exchange_version, cancel_cause = excluded.cancel_cause,"
       " command_time_ns = excluded.command_time_ns, record = excluded.record"},
      {&write_fill_,
       "INSERT OR IGNORE INTO fills(sequence, symbol, trade_id, side, number, exchange_time_ns,"
       " record) VALUES(?,?,?,?,?,?,?)"},
      {&write_command_,
       "INSERT INTO commands(request_id, body_hash, time_ns, result) VALUES(?,?,?,?)"
       " ON CONFLICT(request_id) DO UPDATE SET result = excluded.result"},
      {&write_value_, "INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)"},
      {&read_events_,
       "SELECT sequence, commit_time_ns, event FROM events WHERE sequence > ?"
       " ORDER BY sequence LIMIT ?"},
      {&find_by_client_id_, orders + "client_order_id = ?"},
      {&find_by_exchange_client_id_, orders + "exchange_client_id = ?"},
      {&find_by_exchange_id_, orders + "symbol = ? AND exchange_order_id = ?"},
      {&fills_of_order_, "SELECT record FROM fills WHERE number = ?"},
      {&find_command_, "SELECT body_hash, time_ns, result FROM commands WHERE request_id = ?"},
      {&find_fill_, "SELECT 1 FROM fills WHERE symbol = ? AND trade_id = ? AND side = ?"},
      {&read_value_, "SELECT value FROM meta WHERE key = ?"},
  };
  for (const auto& [statement, sql] : statements) {
    SWITCHYARD_ASSIGN_OR_RETURN(*statement, database_->Prepare(sql));
  }
  return absl::OkStatus();
}

absl::Status Store::Write(const Batch& batch, TimeNs commit_time) {
  for (const EventRow& row : batch.events) {
    write_event_.Reset().Bind(static_cast<std::int64_t>(row.sequence)).Bind(commit_time.value);
    SWITCHYARD_RETURN_IF_ERROR(write_event_.Bind(std::string_view(row.event)).Run());
  }
  for (const OrderRecord& record : batch.orders) SWITCHYARD_RETURN_IF_ERROR(WriteOrder(record));
  for (const FillRow& row : batch.fills) SWITCHYARD_RETURN_IF_ERROR(WriteFill(row));
  for (const CommandRow& row : batch.commands) {
    write_command_.Reset().BindText(row.request_id).Bind(std::string_view(row.body_hash));
    write_command_.Bind(row.time.value).Bind(std::string_view(row.result));
    SWITCHYARD_RETURN_IF_ERROR(write_command_.Run());
  }
  for (const auto& [key, value] : batch.values) SWITCHYARD_RETURN_IF_ERROR(WriteValue(key, value));
  return absl::OkStatus();
}

absl::Status Store::WriteOrder(const OrderRecord& record) {
  const v1::Order& order = record.order;
  write_order_.Reset().Bind(static_cast<std::int64_t>(record.number));
  BindTextOrNull(write_order_, order.ticket().client_order_id());
  // Another owner's ids need not be unique.
  BindTextOrNull(write_order_, IsOurs(record) ? order.exchange_client_id() : std::string());
  write_order_.BindText(order.ticket().symbol());
  BindTextOrNull(write_order_, order.exchange_order_id());
  write_order_.Bind(order.state()).Bind(order.create_time_ns()).Bind(order.update_time_ns());
  write_order_.Bind(std::string_view(record.body_hash));
  write_order_.Bind(static_cast<std::int64_t>(record.exchange_version)).Bind(record.cancel_cause);
  write_order_.Bind(record.command_time.value);
  return write_order_.Bind(std::string_view(order.SerializeAsString())).Run();
}

absl::Status Store::WriteFill(const FillRow& row) {
  const v1::Fill& fill = row.fill;
  write_fill_.Reset().Bind(static_cast<std::int64_t>(fill.position().sequence()));
  write_fill_.BindText(fill.symbol()).BindText(fill.trade_id()).Bind(fill.side());
  write_fill_.Bind(static_cast<std::int64_t>(row.number)).Bind(fill.exchange_time_ns());
  return write_fill_.Bind(std::string_view(fill.SerializeAsString())).Run();
}

absl::StatusOr<OrderRecord> Store::ReadOrder(const Statement& row) {
  OrderRecord record;
  record.number = static_cast<std::uint64_t>(row.Integer(0));
  record.body_hash = row.Bytes(1);
  record.exchange_version = static_cast<std::uint64_t>(row.Integer(2));
  record.cancel_cause = static_cast<v1::FinishReason>(row.Integer(3));
  record.command_time = row.Integer(4);
  if (!record.order.ParseFromString(row.Bytes(5))) return Damaged("order", row.Integer(0));
  return record;
}

absl::Status Store::SumFills(OrderRecord& record) {
  fills_of_order_.Reset().Bind(static_cast<std::int64_t>(record.number));
  while (true) {
    SWITCHYARD_ASSIGN_OR_RETURN(const bool row, fills_of_order_.Step());
    if (!row) return absl::OkStatus();
    v1::Fill fill;
    if (!fill.ParseFromString(fills_of_order_.Bytes(0)) || !AddFill(fill, record.fills).ok()) {
      return Damaged("a fill of order", static_cast<std::int64_t>(record.number));
    }
  }
}

Store::MaybeOrder Store::ReadOne(Statement& statement) {
  SWITCHYARD_ASSIGN_OR_RETURN(const bool row, statement.Step());
  if (!row) return std::nullopt;
  SWITCHYARD_ASSIGN_OR_RETURN(OrderRecord record, ReadOrder(statement));
  SWITCHYARD_RETURN_IF_ERROR(SumFills(record));
  return record;
}

absl::StatusOr<Opening> Store::ReadOpening() {
  Opening opening;
  SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t last,
                              database_->ReadInteger("SELECT max(sequence) FROM events"));
  opening.last_sequence = static_cast<std::uint64_t>(last);
  SWITCHYARD_ASSIGN_OR_RETURN(
      Statement orders,
      database_->Prepare(fmt::format("SELECT {} FROM orders WHERE state < {} ORDER BY number",
                                     kOrderColumns, static_cast<int>(v1::ORDER_STATE_FILLED))));
  while (true) {
    SWITCHYARD_ASSIGN_OR_RETURN(const bool row, orders.Step());
    if (!row) break;
    SWITCHYARD_ASSIGN_OR_RETURN(OrderRecord record, ReadOrder(orders));
    SWITCHYARD_RETURN_IF_ERROR(SumFills(record));
    opening.orders.push_back(std::move(record));
  }
  for (const std::string_view key : {kNextNumber, kKillSwitch, kReconciledUntil, kWatchedSince,
                                     kPositions, kBlindFrom, kBlindUntil, kRestoredBelow}) {
    SWITCHYARD_ASSIGN_OR_RETURN(std::string value, ReadValue(key));
    if (!value.empty()) opening.values.emplace(key, std::move(value));
  }
  return opening;
}

absl::StatusOr<std::vector<EventRow>> Store::ReadEvents(std::uint64_t after, std::uint32_t limit,
                                                        std::size_t max_bytes) {
  std::vector<EventRow> rows;
  std::size_t bytes = 0;
  read_events_.Reset().Bind(static_cast<std::int64_t>(after)).Bind(std::int64_t{limit});
  while (bytes < max_bytes) {
    SWITCHYARD_ASSIGN_OR_RETURN(const bool found, read_events_.Step());
    if (!found) break;
    rows.push_back({.sequence = static_cast<std::uint64_t>(read_events_.Integer(0)),
                    .commit_time = read_events_.Integer(1),
                    .event = read_events_.Bytes(2)});
    bytes += rows.back().event.size();
  }
  read_events_.Reset();
  return rows;
}

absl::StatusOr<std::uint64_t> Store::FirstSequence() {
  SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t first,
                              database_->ReadInteger("SELECT min(sequence) FROM events"));
  return static_cast<std::uint64_t>(first);
}

absl::StatusOr<TimeNs> Store::CommitTimeOf(std::uint64_t sequence) {
  SWITCHYARD_ASSIGN_OR_RETURN(
      const std::int64_t time,
      database_->ReadInteger(
          fmt::format("SELECT commit_time_ns FROM events WHERE sequence = {}", sequence)));
  return TimeNs(time);
}

Store::MaybeOrder Store::FindByClientId(std::string_view client_order_id) {
  return ReadOne(find_by_client_id_.Reset().BindText(client_order_id));
}

Store::MaybeOrder Store::FindByExchangeClientId(std::string_view exchange_client_id) {
  return ReadOne(find_by_exchange_client_id_.Reset().BindText(exchange_client_id));
}

Store::MaybeOrder Store::FindByExchangeId(std::string_view symbol,
                                          std::string_view exchange_order_id) {
  return ReadOne(find_by_exchange_id_.Reset().BindText(symbol).BindText(exchange_order_id));
}

absl::Status Store::VisitEnded(const std::function<void(const OrderIds&)>& visit) {
  SWITCHYARD_ASSIGN_OR_RETURN(
      Statement ended,
      database_->Prepare(fmt::format("SELECT symbol, client_order_id, exchange_client_id,"
                                     " exchange_order_id FROM orders WHERE state >= {}",
                                     static_cast<int>(v1::ORDER_STATE_FILLED))));
  while (true) {
    SWITCHYARD_ASSIGN_OR_RETURN(const bool row, ended.Step());
    if (!row) return absl::OkStatus();
    visit({ended.Bytes(0), ended.Bytes(1), ended.Bytes(2), ended.Bytes(3)});
  }
}

absl::Status Store::VisitCommands(const std::function<void(const std::string&)>& visit) {
  SWITCHYARD_ASSIGN_OR_RETURN(Statement commands,
                              database_->Prepare("SELECT request_id FROM commands"));
  while (true) {
    SWITCHYARD_ASSIGN_OR_RETURN(const bool row, commands.Step());
    if (!row) return absl::OkStatus();
    visit(commands.Bytes(0));
  }
}

absl::Status Store::VisitFills(const std::function<void(const v1::Fill&)>& visit) {
  SWITCHYARD_ASSIGN_OR_RETURN(Statement fills,
                              database_->Prepare("SELECT symbol, trade_id, side FROM fills"));
  v1::Fill fill;
  while (true) {
    SWITCHYARD_ASSIGN_OR_RETURN(const bool row, fills.Step());
    if (!row) return absl::OkStatus();
    fill.set_symbol(fills.Bytes(0));
    fill.set_trade_id(fills.Bytes(1));
    fill.set_side(static_cast<common::v1::Side>(fills.Integer(2)));
    visit(fill);
  }
}

absl::StatusOr<std::vector<OrderRecord>> Store::ListOrders(const OrderFilter& filter) {
  std::string where = "create_time_ns >= ?";
  if (filter.end.given()) where += fmt::format(" AND create_time_ns < {}", filter.end.value);
  if (filter.before != 0) where += fmt::format(" AND number < {}", filter.before);
  if (filter.exclude_external) where += " AND length(body_hash) > 0";
  if (!filter.states.empty()) {
    const std::vector<int> states(filter.states.begin(), filter.states.end());
    where += fmt::format(" AND state IN ({})", fmt::join(states, ","));
  }
  if (!filter.symbol.empty()) where += " AND symbol = ?";
  SWITCHYARD_ASSIGN_OR_RETURN(
      Statement statement,
      database_->Prepare(fmt::format("SELECT {} FROM orders WHERE {} ORDER BY number DESC LIMIT {}",
                                     kOrderColumns, where, filter.limit)));
  statement.Bind(filter.start.value);
  if (!filter.symbol.empty()) statement.BindText(filter.symbol);
  std::vector<OrderRecord> records;
  while (true) {
    SWITCHYARD_ASSIGN_OR_RETURN(const bool row, statement.Step());
    if (!row) return records;
    SWITCHYARD_ASSIGN_OR_RETURN(OrderRecord record, ReadOrder(statement));
    records.push_back(std::move(record));
  }
}

absl::StatusOr<std::vector<v1::Fill>> Store::ListFills(const FillFilter& filter) {
  std::string where = "exchange_time_ns >= ?";
  if (filter.end.given()) where += fmt::format(" AND exchange_time_ns < {}", filter.end.value);
  if (filter.before != 0) where += fmt::format(" AND sequence < {}", filter.before);
  if (filter.number.has_value()) where += fmt::format(" AND number = {}", *filter.number);
  if (!filter.symbol.empty()) where += " AND symbol = ?";
  SWITCHYARD_ASSIGN_OR_RETURN(
      Statement statement,
      database_->Prepare(
          fmt::format("SELECT sequence, record FROM fills WHERE {} ORDER BY sequence DESC LIMIT {}",
                      where, filter.limit)));
  statement.Bind(filter.start.value);
  if (!filter.symbol.empty()) statement.BindText(filter.symbol);
  std::vector<v1::Fill> fills;
  while (true) {
    SWITCHYARD_ASSIGN_OR_RETURN(const bool row, statement.Step());
    if (!row) return fills;
    if (!fills.emplace_back().ParseFromString(statement.Bytes(1))) {
      return Damaged("fill", statement.Integer(0));
    }
  }
}

absl::StatusOr<std::optional<CommandRow>> Store::FindCommand(std::string_view request_id) {
  SWITCHYARD_ASSIGN_OR_RETURN(const bool row, find_command_.Reset().BindText(request_id).Step());
  if (!row) return std::nullopt;
  CommandRow command{.request_id = std::string(request_id),
                     .body_hash = find_command_.Bytes(0),
                     .time = find_command_.Integer(1),
                     .result = find_command_.Bytes(2)};
  find_command_.Reset();
  return command;
}

absl::StatusOr<bool> Store::HasFill(std::string_view symbol, std::string_view trade_id,
                                    common::v1::Side side) {
  const absl::StatusOr<bool> row =
      find_fill_.Reset().BindText(symbol).BindText(trade_id).Bind(side).Step();
  find_fill_.Reset();
  return row;
}

absl::StatusOr<std::string> Store::ReadValue(std::string_view key) {
  SWITCHYARD_ASSIGN_OR_RETURN(const bool row, read_value_.Reset().BindText(key).Step());
  std::string value = row ? read_value_.Bytes(0) : std::string();
  read_value_.Reset();
  return value;
}

absl::Status Store::WriteValue(std::string_view key, std::string_view value) {
  return write_value_.Reset().BindText(key).Bind(value).Run();
}

absl::StatusOr<std::int64_t> Store::Truncate(std::uint64_t last_sequence, TimeNs orders_before,
                                             std::uint32_t limit) {
  const std::string old_orders =
      fmt::format("SELECT number FROM orders WHERE state >= {} AND update_time_ns < {} LIMIT {}",
                  static_cast<int>(v1::ORDER_STATE_FILLED), orders_before.value, limit);
  const std::string statements[] = {
      fmt::format("DELETE FROM events WHERE sequence IN (SELECT sequence FROM events WHERE "
                  "sequence <= {} ORDER BY sequence LIMIT {})",
                  last_sequence, limit),
      fmt::format("DELETE FROM fills WHERE number IN ({})", old_orders),
      fmt::format("DELETE FROM orders WHERE number IN ({})", old_orders),
      fmt::format("DELETE FROM commands WHERE request_id IN (SELECT request_id FROM commands WHERE "
                  "time_ns < {} LIMIT {})",
                  orders_before.value, limit),
  };
  std::int64_t gone = 0;
  for (const std::string& sql : statements) {
    SWITCHYARD_RETURN_IF_ERROR(database_->Execute(sql));
    SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t changed,
                                database_->ReadInteger("SELECT changes()"));
    gone += changed;
  }
  return gone;
}

}  // namespace switchyard::order::journal
