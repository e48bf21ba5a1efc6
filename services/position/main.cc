#include "services/position/component.h"
#include "services/process/one_exchange_main.h"

// SWITCHYARD_EXCHANGE_ID is set by the build: one binary for each exchange.
int main(int argc, char** argv) {
  return switchyard::process::OneExchangeMain<switchyard::config::v1::PrivateServiceConfig>(
      argc, argv, SWITCHYARD_EXCHANGE_ID, switchyard::position::PositionComponent());
}
