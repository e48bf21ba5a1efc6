#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/stream/encoded_event.h"
#include "common/time/time.h"
#include "switchyard/common/v1/values.pb.h"
#include "switchyard/marketdata/v1/market_data_service.pb.h"

namespace switchyard::router {

// One exchange's part of a client's market data stream: its subscriptions, what became of each, and
// what its backend is to be asked for. No I/O; guarded by its stream's lock.
class ExchangeFeed {
 public:
  explicit ExchangeFeed(std::string exchange) : exchange_(std::move(exchange)) {}

  const std::string& exchange() const { return exchange_; }

  // `index` is the subscription's place in the client's request.
  void Add(std::uint32_t index, const marketdata::v1::MarketDataSubscription& subscription);

  // The request for the backend, which holds what was not refused; its answer belongs to
  // TakeAcknowledgement.
  marketdata::v1::StreamMarketDataRequest MakeRequest(
      const marketdata::v1::StreamMarketDataRequest& client_request);

  // Subscriptions of the latest request.
  int asked() const { return static_cast<int>(asked_.size()); }

  // The backend's acknowledgement of the latest request, with a result of each. Subscriptions that
  // it refuses are never asked for again. Returns those refused by it, to be told as UNSUBSCRIBED
  // where the client's own acknowledgement was sent before.
  std::vector<std::size_t> TakeAcknowledgement(const common::v1::StreamAcknowledgement& answer);
  // Everything that is not refused yet is refused for `status`. Returns as above.
  std::vector<std::size_t> RefuseAll(const absl::Status& status);

  // Writes each subscription's result at its index.
  void FillResults(common::v1::StreamAcknowledgement* acknowledgement) const;

  // STALE for each topic of all subscriptions that are not refused, or of the given ones, each
  // topic once. Made by the router: epoch and sequence are 0, which no service uses.
  std::vector<stream::EncodedEvent> StaleEvents(common::v1::StaleReason reason, TimeNs now) const;
  std::vector<stream::EncodedEvent> StaleEvents(const std::vector<std::size_t>& subscriptions,
                                                common::v1::StaleReason reason, TimeNs now) const;

  // GAP, BACKEND_LOST, for each topic of trades that is not refused: the backend is back and goes
  // on with what is traded from now on. Epoch and sequence as above.
  std::vector<stream::EncodedEvent> GapEvents(TimeNs from, TimeNs to) const;

  // Nothing is left to be asked for.
  bool all_refused() const;

 private:
  using Fill = std::function<void(marketdata::v1::MarketDataEvent& event)>;

  struct Subscription {
    std::uint32_t index;
    marketdata::v1::MarketDataSubscription wanted;
    // As the backend granted it last; before that, as was asked for.
    std::uint32_t depth;
    // OK until refused.
    common::v1::Status status;
  };

  std::vector<std::size_t> NotRefused() const;
  // One event for each topic of the given subscriptions, completed by `fill`.
  std::vector<stream::EncodedEvent> Events(const std::vector<std::size_t>& subscriptions,
                                           TimeNs now, const Fill& fill) const;

  const std::string exchange_;
  std::vector<Subscription> subscriptions_;
  // Of the latest request: its n-th subscription is subscriptions_[asked_[n]].
  std::vector<std::size_t> asked_;
};

}  // namespace switchyard::router
