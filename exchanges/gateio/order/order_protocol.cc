#include "exchanges/gateio/order/order_protocol.h"

namespace switchyard::exchanges::gateio {

const OrderProtocol& OrderProtocolOf(Product product) {
  static const OrderProtocol spot{spot::Requests(), spot::Reports()};
  static const OrderProtocol futures{futures::Requests(), futures::Reports()};
  return product == Product::kSpot ? spot : futures;
}

}  // namespace switchyard::exchanges::gateio
