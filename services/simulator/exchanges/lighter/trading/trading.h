#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/simulator/exchanges/lighter/private_side.h"
#include "services/simulator/exchanges/lighter/rest.h"
#include "services/simulator/exchanges/lighter/trading/private_rest.h"
#include "switchyard/simulator/v1/simulator_service.pb.h"

namespace switchyard::simulator::lighter {

// The private half of Lighter: accounts, keys, transactions, and who is told. I/O thread only.
class Trading final : public PrivateSide {
 public:
  // All must outlive it. `delivery` is what frames of private channels go by.
  struct Parts {
    Listings& listings;
    const ExchangeClock& clock;
    faults::FaultTable& faults;
    Delivery& delivery;
    HeldAnswers& held;
    std::int64_t limit_scale;
  };

  explicit Trading(const Parts& parts);

  // As PrivateRest::Handle.
  bool Handle(const transport::HttpRequest& request, std::string_view endpoint,
              const transport::Reply& reply) {
    return rest_.Handle(request, endpoint, reply);
  }
  // The account of a request's token; empty = it has none that is good.
  std::optional<std::int64_t> AccountOf(const transport::HttpRequest& request);
  Desk& desk() { return desk_; }
  // Every 10 ms.
  void OnTick();
  // Tells of an order in a book.
  RestingOrder Resting(engine::OrderId id, engine::Side side);

  // As simulator::Exchange says of them.
  absl::StatusOr<v1::ListClientOrdersResponse> ClientOrders(
      const v1::ListClientOrdersRequest& request);
  absl::StatusOr<v1::ListClientFillsResponse> ClientFills(
      const v1::ListClientFillsRequest& request);
  absl::Status PayFunding(const std::string& symbol);
  absl::StatusOr<std::uint64_t> StrikeAccounts(const v1::Fault& fault);

  bool HasChannel(std::string_view name) const override;
  std::optional<AccountTopic> Parse(std::string_view text) const override {
    return channels_.Parse(text);
  }
  std::string SymbolOf(const AccountTopic& topic) const override {
    return channels_.SymbolOf(topic);
  }
  std::string FrameChannel(const AccountTopic& topic) const override {
    return PrivateChannels::FrameChannel(topic);
  }
  std::string Refuses(const AccountTopic& topic, std::string_view token) override {
    return channels_.Refuses(topic, token);
  }
  void Add(const AccountTopic& topic, Subscription& subscription) override {
    channels_.Add(topic, subscription);
  }
  void Remove(const AccountTopic& topic, Subscription& subscription) override {
    channels_.Remove(topic, subscription);
  }
  void Transact(const SocketTransaction& transaction) override;

 private:
  Listings& listings_;
  const ExchangeClock& clock_;
  HeldAnswers& held_;
  KeyRing keys_;
  PrivateChannels channels_;
  Desk desk_;
  Transactor transactor_;
  PrivateRest rest_;
};

}  // namespace switchyard::simulator::lighter
