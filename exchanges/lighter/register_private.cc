#include "exchanges/lighter/account/account_client.h"
#include "exchanges/lighter/capabilities.h"
#include "exchanges/lighter/order/order_client.h"
#include "exchanges/registry.h"

namespace switchyard::exchanges::lighter {
namespace {

PrivateFactories Factories() {
  PrivateFactories out;
  out.order = &CreateOrderClient;
  out.account = &CreateAccountClient;
  return out;
}

[[maybe_unused]] const bool kRegistered = RegisterPrivate(kId, Factories());

}  // namespace
}  // namespace switchyard::exchanges::lighter
