#include "exchanges/gateio/order/websocket_handlers.h"

#include <utility>

#include "common/status/status.h"
#include "exchanges/gateio/futures/order/liquidations.h"

namespace switchyard::exchanges::gateio {

std::vector<std::pair<std::string, PrivateSocket::Handler>> OrderHandlers::Bindings() {
  const auto handler = [this](Read read) {
    return [this, read](const PrivateDelivery& delivery) { OnPush(delivery, read); };
  };
  if (protocol_.product() == Product::kSpot) {
    return {{"spot.orders", handler(&OrderHandlers::OnOrder)},
            {"spot.fills", handler(&OrderHandlers::OnFill)},
            {"spot.trigger_orders", handler(&OrderHandlers::OnConditional)}};
  }
  return {{"futures.orders", handler(&OrderHandlers::OnOrder)},
          {"futures.fills", handler(&OrderHandlers::OnFill)},
          {"futures.trigger_orders", handler(&OrderHandlers::OnConditional)},
          {"futures.positions", handler(&OrderHandlers::OnPosition)},
          {"futures.liquidations", handler(&OrderHandlers::OnLiquidation)},
          {"futures.auto_deleverages", handler(&OrderHandlers::OnAutoDeleverage)}};
}

void OrderHandlers::OnPush(const PrivateDelivery& delivery, Read read) {
  const auto table = hooks_.instruments();
  if (table == nullptr) {
    return hooks_.malformed(absl::UnavailableError("a push before the instruments are loaded"));
  }
  const Origin origin{*table, delivery.received, model::Source::kWebSocket};
  const json::Json& result = delivery.frame.result;
  absl::Status worst;
  const auto each = [&](const json::Json& item) {
    absl::Status status = (this->*read)(item, origin);
    if (worst.ok()) worst = std::move(status);
  };
  if (result.is_array()) {
    // One that cannot be read does not take the others away.
    for (const json::Json& item : result) each(item);
  } else {
    each(result);
  }
  if (!worst.ok()) hooks_.malformed(worst);
}

absl::Status OrderHandlers::OnOrder(const json::Json& order, const Origin& origin) {
  SWITCHYARD_ASSIGN_OR_RETURN(const model::OrderReport report,
                              protocol_.reports.ReadOrder(order, origin));
  listener_->OnOrder(report);
  return absl::OkStatus();
}

absl::Status OrderHandlers::OnConditional(const json::Json& order, const Origin& origin) {
  SWITCHYARD_ASSIGN_OR_RETURN(const model::OrderReport report,
                              protocol_.reports.ReadConditional(order, origin));
  listener_->OnOrder(report);
  std::string fired = protocol_.reports.FiredOrderId(order);
  if (!fired.empty()) hooks_.fired(report, std::move(fired));
  return absl::OkStatus();
}

absl::Status OrderHandlers::OnFill(const json::Json& fill, const Origin& origin) {
  SWITCHYARD_ASSIGN_OR_RETURN(const model::FillReport report,
                              protocol_.reports.ReadFill(fill, origin));
  listener_->OnFill(report);
  return absl::OkStatus();
}

absl::Status OrderHandlers::OnPosition(const json::Json& position, const Origin& origin) {
  SWITCHYARD_ASSIGN_OR_RETURN(const futures::PositionSize size,
                              futures::ReadPositionSize(position, origin));
  listener_->OnPosition(size.instrument->symbol, size.side, size.size);
  return absl::OkStatus();
}

absl::Status OrderHandlers::OnLiquidation(const json::Json& liquidation, const Origin& origin) {
  SWITCHYARD_ASSIGN_OR_RETURN(position::v1::Liquidation read,
                              futures::ReadLiquidation(liquidation, origin));
  Tell(std::move(read));
  return absl::OkStatus();
}

absl::Status OrderHandlers::OnAutoDeleverage(const json::Json& deleverage, const Origin& origin) {
  SWITCHYARD_ASSIGN_OR_RETURN(position::v1::Liquidation read,
                              futures::ReadAutoDeleverage(deleverage, origin));
  Tell(std::move(read));
  return absl::OkStatus();
}

void OrderHandlers::Tell(position::v1::Liquidation liquidation) {
  liquidation.set_exchange(exchange_);
  liquidation.set_account(account_);
  listener_->OnLiquidation(liquidation);
}

}  // namespace switchyard::exchanges::gateio
