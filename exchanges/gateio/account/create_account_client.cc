#include <memory>
#include <utility>

#include "common/status/status.h"
#include "exchanges/gateio/account/account_manager.h"
#include "exchanges/gateio/futures/account/account_manager.h"
#include "exchanges/gateio/futures/position/mark_socket.h"
#include "exchanges/gateio/spot/account/account_manager.h"

namespace switchyard::exchanges::gateio {

absl::StatusOr<std::unique_ptr<exchange::AccountClient>> CreateAccountClient(
    Product product, const AccountOptions& options, const exchange::ClientContext& context) {
  SWITCHYARD_ASSIGN_OR_RETURN(const PrivateOptions checked, MakePrivateOptions(product, options));
  AccountManager::Identity identity{checked.exchange, checked.account, checked.websocket,
                                    options.account.withdrawals()};
  std::unique_ptr<AccountManager> manager;
  futures::AccountManager* of_futures = nullptr;
  if (product == Product::kSpot) {
    manager = std::make_unique<spot::AccountManager>(std::move(identity), options.market_data);
  } else {
    auto made = std::make_unique<futures::AccountManager>(std::move(identity), options.market_data);
    of_futures = made.get();
    manager = std::move(made);
  }
  AccountManager* const told = manager.get();
  SWITCHYARD_ASSIGN_OR_RETURN(
      auto connection, PrivateConnection::Create(
                           product, options, context,
                           {.ready = [told] { told->OnSocketReady(); },
                            .lost = [told](const absl::Status& why) { told->OnSocketLost(why); }}));
  SWITCHYARD_RETURN_IF_ERROR(
      connection->Bind(product == Product::kSpot ? "spot.balances" : "futures.balances",
                       [told](const auto& delivery) { told->OnBalances(delivery); }));
  if (of_futures != nullptr) {
    SWITCHYARD_RETURN_IF_ERROR(connection->Bind(
        "futures.positions",
        [of_futures](const auto& delivery) { of_futures->OnPositions(delivery); }));
    if (checked.websocket) {
      of_futures->SetMarkFeed(futures::MakeMarkSocket(
          connection->options(), connection->connection_thread(), context.clock));
    }
  }
  manager->SetLink(std::make_unique<ConnectionLink>(std::move(connection), context.clock));
  return std::unique_ptr<exchange::AccountClient>(std::move(manager));
}

}  // namespace switchyard::exchanges::gateio
