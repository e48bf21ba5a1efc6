#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include "common/metrics/metrics.h"
#include "services/simulator/clock.h"
#include "services/simulator/delivery.h"
#include "services/simulator/exchange.h"
#include "services/simulator/exchanges/gateio/private_side.h"
#include "services/simulator/exchanges/gateio/session.h"
#include "services/simulator/faults/fault_table.h"
#include "services/simulator/transport/http_message.h"

namespace switchyard::simulator::gateio {

// What both products share. All outlive the products.
struct Surroundings {
  const ExchangeClock& clock;
  faults::FaultTable& faults;
  metrics::Metrics& metrics;
};

// One product, which is one exchange id: its sockets, their subscriptions, and what is counted.
// What it answers and sends is the derived class's, live or replayed. I/O thread only.
class ProductBase : public SessionHost,
                    public Exchange,
                    public FrameForger,
                    public SubscriptionKeeper {
 public:
  ProductBase(Product product, const Surroundings& surroundings);
  ProductBase(const ProductBase&) = delete;
  ProductBase& operator=(const ProductBase&) = delete;

  // Answers a GET; `path` is what follows "/api/v4/spot/" or "/api/v4/futures/usdt/".
  virtual transport::HttpResponse Rest(const transport::HttpRequest& request,
                                       std::string_view path) = 0;
  // Every 10 ms.
  virtual void OnTick() = 0;
  virtual void Stop() = 0;

  std::unique_ptr<transport::SocketHandler> Open(transport::Socket& socket,
                                                 const std::string& remote_address,
                                                 bool decimal_sizes);
  // What serves the private half of later sockets; must outlive the sockets.
  void set_private_side(PrivateSide* side) { private_side_ = side; }
  // Open sockets of one address.
  std::size_t ConnectionsFrom(std::string_view remote_address) const;
  void CountRequest(const std::string& endpoint) { ++requests_[endpoint]; }
  void CountAnswer(unsigned status);

  const std::string& id() const override { return id_; }
  bool HasChannel(std::string_view channel) const override;
  v1::ExchangeStatistics Statistics() const override;
  std::uint64_t CloseSockets(const v1::Fault& fault) override;
  absl::StatusOr<v1::ListClientOrdersResponse> ClientOrders(
      const v1::ListClientOrdersRequest& request) override;
  absl::StatusOr<v1::ListClientFillsResponse> ClientFills(
      const v1::ListClientFillsRequest& request) override;
  absl::Status PayFunding(const std::string& symbol) override;
  absl::StatusOr<std::uint64_t> StrikeAccounts(const v1::Fault& fault) override;

  Product product() const override { return product_; }
  const ExchangeClock& clock() const override { return clock_; }
  void Subscribe(const TopicKey& key, Subscription& subscription) override;
  void Unsubscribe(const TopicKey& key, Subscription& subscription) override;
  bool RefusesSubscription(std::string_view channel, const TopicKey& key) override;
  void OnSubscribeFrame() override;
  void OnSessionEnd(transport::Socket& socket) override;
  std::unique_ptr<PrivateSession> OpenPrivate(transport::Socket& socket,
                                              const std::string& connection_id,
                                              bool decimal_sizes) override;
  void Attach(Subscription& subscription) override;
  void Detach(Subscription& subscription) override;
  Delivery& delivery() override { return delivery_; }

  std::string Crossed(const Subscription& subscription, const std::string& frame) override;
  std::string Unknown() override;

 protected:
  // The highest price that an ask of the symbol has, as text.
  virtual std::string CrossingPrice(const std::string& symbol) = 0;
  virtual void OnSubscribed(const TopicKey& key, Subscription& subscription) = 0;
  virtual void OnUnsubscribed(const TopicKey& key, Subscription& subscription) = 0;

  faults::FaultTable& faults() { return faults_; }
  metrics::Metrics& metrics() { return metrics_; }
  // A reader has much before it: unpaced senders wait.
  bool Congested() const;
  bool HasSubscriptions() const { return subscription_count_ > 0; }
  // Brings the counters of metrics up to date.
  void PublishCounts();

 private:
  struct OpenSocket {
    std::string remote_address;
    std::unordered_set<Subscription*> subscriptions;
  };

  void Remember(std::deque<std::int64_t>& times);
  absl::Status NoAccounts() const;

  const Product product_;
  const std::string id_;
  const ExchangeClock& clock_;
  faults::FaultTable& faults_;
  metrics::Metrics& metrics_;
  Delivery delivery_;
  std::map<transport::Socket*, OpenSocket> sockets_;
  PrivateSide* private_side_ = nullptr;
  std::size_t subscription_count_ = 0;
  std::uint64_t accepted_sockets_ = 0;
  std::uint64_t subscribe_frames_ = 0;
  std::map<std::string, std::uint64_t> requests_;
  // Of the latest kTimesKept.
  std::deque<std::int64_t> accept_times_ns_;
  std::deque<std::int64_t> subscribe_times_ns_;

  metrics::Gauge& open_sockets_metric_;
  metrics::Gauge& subscriptions_metric_;
  metrics::Counter& frames_metric_;
  metrics::Counter& bytes_metric_;
  DeliveryCounts published_;
};

}  // namespace switchyard::simulator::gateio
