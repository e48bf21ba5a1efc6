#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/order/journal/database.h"
#include "services/order/journal/records.h"

namespace switchyard::order::journal {

// The journal's tables: rows to values and back. Errors are those of Database::Execute; DataLoss
// also where a row does not parse. One thread at a time.
class Store {
 public:
  // A database of the present schema.
  static absl::StatusOr<std::unique_ptr<Store>> Create(std::unique_ptr<Database> database);

  absl::Status Begin() { return begin_.Reset().Run(); }
  absl::Status Commit() { return commit_.Reset().Run(); }
  // Best effort: after an error the transaction may be gone already.
  void Rollback() { static_cast<void>(rollback_.Reset().Run()); }
  // Within a transaction.
  absl::Status Write(const Batch& batch, TimeNs commit_time);

  absl::StatusOr<Opening> ReadOpening();
  // After `after`, rising; at most `limit` rows, and no more once they exceed `max_bytes`.
  absl::StatusOr<std::vector<EventRow>> ReadEvents(std::uint64_t after, std::uint32_t limit,
                                                   std::size_t max_bytes);
  absl::StatusOr<std::uint64_t> FirstSequence();  // 0 = there is none
  // Commit time of the last event before `sequence`. 0 = not kept.
  absl::StatusOr<TimeNs> CommitTimeOf(std::uint64_t sequence);

  using MaybeOrder = absl::StatusOr<std::optional<OrderRecord>>;
  MaybeOrder FindByClientId(std::string_view client_order_id);
  MaybeOrder FindByExchangeClientId(std::string_view exchange_client_id);
  MaybeOrder FindByExchangeId(std::string_view symbol, std::string_view exchange_order_id);

  // Every order that is terminal, every command, and every fill, of which symbol, trade_id and side
  // are set.
  absl::Status VisitEnded(const std::function<void(const OrderIds&)>& visit);
  absl::Status VisitCommands(const std::function<void(const std::string& request_id)>& visit);
  absl::Status VisitFills(const std::function<void(const v1::Fill&)>& visit);

  absl::StatusOr<std::vector<OrderRecord>> ListOrders(const OrderFilter& filter);
  absl::StatusOr<std::vector<v1::Fill>> ListFills(const FillFilter& filter);
  absl::StatusOr<std::optional<CommandRow>> FindCommand(std::string_view request_id);
  absl::StatusOr<bool> HasFill(std::string_view symbol, std::string_view trade_id,
                               common::v1::Side side);

  absl::StatusOr<std::string> ReadValue(std::string_view key);  // empty = none
  absl::Status WriteValue(std::string_view key, std::string_view value);

  // Deletes at most `limit` events up to `last_sequence`, at most `limit` terminal orders with
  // their fills and at most `limit` commands last changed before `orders_before`. Returns how many
  // rows went.
  absl::StatusOr<std::int64_t> Truncate(std::uint64_t last_sequence, TimeNs orders_before,
                                        std::uint32_t limit);

  // For what is about the file as a whole.
  Database& database() { return *database_; }

 private:
  explicit Store(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  absl::Status PrepareAll();
  absl::Status WriteOrder(const OrderRecord& record);
  absl::Status WriteFill(const FillRow& row);
  MaybeOrder ReadOne(Statement& statement);
  absl::StatusOr<OrderRecord> ReadOrder(const Statement& row);
  absl::Status SumFills(OrderRecord& record);

  const std::unique_ptr<Database> database_;
  Statement begin_, commit_, rollback_;
  Statement write_event_, write_order_, write_fill_, write_command_, write_value_;
  Statement read_events_, find_by_client_id_, find_by_exchange_client_id_, find_by_exchange_id_;
  Statement fills_of_order_, find_command_, find_fill_, read_value_;
};

}  // namespace switchyard::order::journal
