#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/simulator/clock.h"
#include "services/simulator/delivery.h"
#include "services/simulator/engine/client_order.h"
#include "services/simulator/exchanges/gateio/instruments.h"
#include "services/simulator/faults/fault_table.h"

namespace switchyard::simulator::gateio {

// Who hears what of which account, in one product. I/O thread only.
class PrivateChannels {
 public:
  // What a subscription is for.
  struct Key {
    engine::UserId user;
    std::string channel;  // full name
    std::string symbol;   // empty = all
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  // All must outlive it.
  PrivateChannels(Product product, const ExchangeClock& clock, faults::FaultTable& faults);

  // What a push carries, as JSON; sizes as a socket's handshake asked for them.
  using Result = std::function<std::string(bool decimal_sizes)>;

  // The subscription must be removed before it dies; `delivery` is what its socket's frames go by.
  void Add(const Key& key, Subscription& subscription, Delivery& delivery, bool decimal_sizes);
  void Remove(const Key& key, Subscription& subscription);

  // True: somebody would hear it. `name` is the channel without the product.
  bool Heard(engine::UserId user, std::string_view name) const;
  // Sends `result` to all who listen; it is made once for each way to write sizes. A symbol is
  // empty where the channel has none.
  void Push(engine::UserId user, std::string_view name, const std::string& symbol,
            const Result& result);
  // As Push, for fills: a fault may leave them out.
  void PushFill(engine::UserId user, std::string_view name, const std::string& symbol,
                const Result& result);

  Product product() const { return product_; }

 private:
  struct Listener {
    std::string symbol;
    Subscription* subscription;
    Delivery* delivery;
    bool decimal_sizes;
  };

  std::string FullName(std::string_view name) const;
  transport::Frame MakeFrame(const std::string& channel, const std::string& result) const;

  const Product product_;
  const ExchangeClock& clock_;
  faults::FaultTable& faults_;
  std::map<std::pair<engine::UserId, std::string>, std::vector<Listener>> listeners_;
};

// The id by which clients of this project know a product.
std::string_view ExchangeId(Product product);

}  // namespace switchyard::simulator::gateio
