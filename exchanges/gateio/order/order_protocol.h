#pragma once

#include "exchanges/gateio/channels.h"
#include "exchanges/gateio/order/order_reports.h"
#include "exchanges/gateio/order/order_requests.h"

namespace switchyard::exchanges::gateio {

// What one product's orders look like on the wire. Any thread.
struct OrderProtocol {
  const OrderRequests& requests;
  const OrderReports& reports;

  Product product() const { return requests.product(); }
};

// Lives for ever.
const OrderProtocol& OrderProtocolOf(Product product);

// Each product's own. Sources: API v4, "Spot"; Spot WebSocket v4.
namespace spot {
const OrderRequests& Requests();
const OrderReports& Reports();
}  // namespace spot

// Sizes are contracts, and their sign is the side. Sources: API v4, "Futures"; Futures WebSocket
// v4.
namespace futures {
const OrderRequests& Requests();
const OrderReports& Reports();
}  // namespace futures

}  // namespace switchyard::exchanges::gateio
