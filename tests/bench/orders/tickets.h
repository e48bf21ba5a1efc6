#pragma once

#include <grpcpp/channel.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "switchyard/order/v1/order_service.pb.h"

namespace switchyard::bench {

// Small valid orders on many markets in turn: the exchange takes ten a second in each. Any thread.
class Tickets {
 public:
  // Reads instruments and prices of spot. Ends the benchmark where that fails.
  explicit Tickets(const std::shared_ptr<grpc::Channel>& market_data);

  // A buy that cannot fill and so ends at once.
  order::v1::PlaceOrderRequest Fleeting();
  // A buy that rests `below_per_mille` under the last price.
  order::v1::PlaceOrderRequest Resting(std::int64_t below_per_mille);
  std::size_t markets() const { return markets_.size(); }

 private:
  struct Market {
    std::string symbol;
    std::string quantity;
    std::string last_price;
  };

  order::v1::PlaceOrderRequest Make(std::int64_t below_per_mille);

  std::vector<Market> markets_;
  std::atomic<std::uint64_t> number_{0};
};

}  // namespace switchyard::bench
