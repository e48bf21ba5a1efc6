#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/exchange/order_client.h"
#include "common/time/time.h"
#include "exchanges/lighter/order/order_reports.h"
#include "exchanges/lighter/private/private_frame.h"

namespace switchyard::exchanges::lighter {

// Typed order, fill, position and liquidation events of the private channels to a listener, in the
// order of arrival. Keeps nothing but which positions it has told, for a position that is missing
// in a frame is flat; what comes twice is told twice. Connection thread.
class OrderHandlers {
 public:
  struct Hooks {
    // The instruments that frames are about; null before the first load.
    std::function<std::shared_ptr<const model::InstrumentTable>()> instruments;
    // A frame could not be read, or not in all its parts: what it told has to be read again. The
    // rest of it was told.
    std::function<void(const absl::Status& why)> malformed;
  };

  // `exchange` and `account` go into liquidations.
  OrderHandlers(std::int64_t account_index, std::string exchange, std::string account, Hooks hooks)
      : account_index_(account_index),
        exchange_(std::move(exchange)),
        account_(std::move(account)),
        hooks_(std::move(hooks)) {}

  // Before the first frame; outlives it.
  void SetListener(exchange::OrderListener& listener) { listener_ = &listener; }

  // What is subscribed for it.
  static constexpr Channel kChannels[] = {Channel::kOrders, Channel::kAccountTrades,
                                          Channel::kPositions, Channel::kNotifications};

  // A snapshot or an update of one of kChannels; others are ignored. `received` by our clock.
  //
  // The snapshot of trades is a piece of history, which belongs to no moment: it is left to the
  // reading of fills that follows each (re)connection.
  void OnFrame(const PrivateFrame& frame, TimeNs received);

 private:
  absl::Status OnOrders(const PrivateFrame& frame, const Origin& origin);
  absl::Status OnTrades(const PrivateFrame& frame, const Origin& origin);
  absl::Status OnPositions(const PrivateFrame& frame, const Origin& origin);
  absl::Status OnNotifications(const PrivateFrame& frame, const Origin& origin);

  const std::int64_t account_index_;
  const std::string exchange_, account_;
  const Hooks hooks_;
  exchange::OrderListener* listener_ = nullptr;
  std::set<std::string> held_;  // symbols of positions that were told as not flat
};

}  // namespace switchyard::exchanges::lighter
