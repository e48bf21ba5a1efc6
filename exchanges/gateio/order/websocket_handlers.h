#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "common/exchange/order_client.h"
#include "exchanges/gateio/order/order_protocol.h"
#include "exchanges/gateio/private/private_socket.h"

namespace switchyard::exchanges::gateio {

// Typed order, fill, position and liquidation events of the private channels to a listener, in the
// order of arrival; keeps nothing, so what comes twice is told twice. Connection thread.
class OrderHandlers {
 public:
  struct Hooks {
    // The instruments that pushes are about; null before the first load.
    std::function<std::shared_ptr<const model::InstrumentTable>()> instruments;
    // A push could not be read; NotFound where its market is not listed.
    std::function<void(const absl::Status& why)> malformed;
    // A conditional order has become this order, whose own messages may not name its client id.
    std::function<void(const model::OrderReport& conditional, std::string order_id)> fired;
  };

  // `protocol` outlives it. `exchange` and `account` go into liquidations.
  OrderHandlers(const OrderProtocol& protocol, std::string exchange, std::string account,
                Hooks hooks)
      : protocol_(protocol),
        exchange_(std::move(exchange)),
        account_(std::move(account)),
        hooks_(std::move(hooks)) {}

  // Before the first push; outlives it.
  void SetListener(exchange::OrderListener& listener) { listener_ = &listener; }

  // The channels to bind, by house name, with their handlers.
  std::vector<std::pair<std::string, PrivateSocket::Handler>> Bindings();

 private:
  using Read = absl::Status (OrderHandlers::*)(const json::Json&, const Origin&);

  void OnPush(const PrivateDelivery& delivery, Read read);
  absl::Status OnOrder(const json::Json& order, const Origin& origin);
  absl::Status OnConditional(const json::Json& order, const Origin& origin);
  absl::Status OnFill(const json::Json& fill, const Origin& origin);
  absl::Status OnPosition(const json::Json& position, const Origin& origin);
  absl::Status OnLiquidation(const json::Json& liquidation, const Origin& origin);
  absl::Status OnAutoDeleverage(const json::Json& deleverage, const Origin& origin);
  void Tell(position::v1::Liquidation liquidation);

  const OrderProtocol& protocol_;
  const std::string exchange_, account_;
  const Hooks hooks_;
  exchange::OrderListener* listener_ = nullptr;
};

}  // namespace switchyard::exchanges::gateio
