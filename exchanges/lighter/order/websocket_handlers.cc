#include "exchanges/lighter/order/websocket_handlers.h"

#include <utility>
#include <vector>

#include "common/json/json.h"
#include "common/status/status.h"
#include "exchanges/lighter/position/position_decoder.h"

namespace switchyard::exchanges::lighter {
namespace {

using json::Json;

absl::Status Missing(std::string_view field) {
  return MakeError(absl::StatusCode::kInternal, common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE,
                   "cannot read a private frame: no " + std::string(field));
}

// Calls `read` with each row of lists by market id, or of one list. Null is no row. The first error
// is kept, and the other rows are read all the same.
template <typename Read>
absl::Status EachRow(const Json& body, std::string_view field, Read read) {
  const Json* const rows = json::Find(body, field);
  if (rows == nullptr) return Missing(field);
  absl::Status first;
  const auto take = [&](const Json& row) {
    absl::Status status = read(row);
    if (first.ok()) first = std::move(status);
  };
  if (rows->is_null()) return first;
  if (!rows->is_structured()) return Missing(field);
  for (const Json& entry : *rows) {
    if (!entry.is_array()) {
      take(entry);
      continue;
    }
    for (const Json& row : entry) take(row);
  }
  return first;
}

}  // namespace

void OrderHandlers::OnFrame(const PrivateFrame& frame, TimeNs received) {
  if (frame.kind != FrameKind::kSnapshot && frame.kind != FrameKind::kUpdate) return;
  const auto instruments = hooks_.instruments();
  if (instruments == nullptr) return hooks_.malformed(Missing("instruments yet"));
  const Origin origin{*instruments, account_index_, received, model::Source::kWebSocket};
  absl::Status status;
  switch (frame.channel) {
    case Channel::kOrders:
      status = OnOrders(frame, origin);
      break;
    case Channel::kAccountTrades:
      status = OnTrades(frame, origin);
      break;
    case Channel::kPositions:
      status = OnPositions(frame, origin);
      break;
    case Channel::kNotifications:
      status = OnNotifications(frame, origin);
      break;
    default:
      return;
  }
  if (!status.ok()) hooks_.malformed(status);
}

absl::Status OrderHandlers::OnOrders(const PrivateFrame& frame, const Origin& origin) {
  return EachRow(frame.body, "orders", [&](const Json& row) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(const model::OrderReport report, ReadOrder(row, origin));
    listener_->OnOrder(report);
    return absl::OkStatus();
  });
}

absl::Status OrderHandlers::OnTrades(const PrivateFrame& frame, const Origin& origin) {
  if (frame.kind == FrameKind::kSnapshot) return absl::OkStatus();
  return EachRow(frame.body, "trades", [&](const Json& row) -> absl::Status {
    SWITCHYARD_ASSIGN_OR_RETURN(const auto fills, ReadFills(row, origin));
    for (const model::FillReport& fill : fills) listener_->OnFill(fill);
    return absl::OkStatus();
  });
}

absl::Status OrderHandlers::OnPositions(const PrivateFrame& frame, const Origin& origin) {
  const Json* const rows = json::Find(frame.body, "positions");
  if (rows == nullptr) return Missing("positions");
  SWITCHYARD_ASSIGN_OR_RETURN(const auto positions,
                              ReadPositions(*rows, origin.instruments, /*keep_flat=*/false));
  std::set<std::string> gone = std::move(held_);
  held_.clear();
  for (const RawPosition& position : positions) {
    gone.erase(position.symbol);
    held_.insert(position.symbol);
    listener_->OnPosition(position.symbol, common::v1::POSITION_SIDE_NET, position.size);
  }
  for (const std::string& symbol : gone) {
    listener_->OnPosition(symbol, common::v1::POSITION_SIDE_NET, Decimal());
  }
  return absl::OkStatus();
}

absl::Status OrderHandlers::OnNotifications(const PrivateFrame& frame, const Origin& origin) {
  // One source calls the list `notifications`.
  const bool renamed = json::Find(frame.body, "notifs") == nullptr;
  return EachRow(frame.body, renamed ? "notifications" : "notifs",
                 [&](const Json& row) -> absl::Status {
                   SWITCHYARD_ASSIGN_OR_RETURN(auto liquidation, ReadNotification(row, origin));
                   if (!liquidation) return absl::OkStatus();
                   liquidation->set_exchange(exchange_);
                   liquidation->set_account(account_);
                   listener_->OnLiquidation(*liquidation);
                   return absl::OkStatus();
                 });
}

}  // namespace switchyard::exchanges::lighter
