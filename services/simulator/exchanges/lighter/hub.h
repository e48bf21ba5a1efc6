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
#include "services/simulator/exchanges/lighter/feed.h"
#include "services/simulator/exchanges/lighter/limits.h"
#include "services/simulator/exchanges/lighter/session.h"
#include "services/simulator/exchanges/lighter/socket_life.h"
#include "services/simulator/faults/fault_table.h"
#include "switchyard/simulator/v1/simulator_service.pb.h"

namespace switchyard::simulator::lighter {

inline constexpr char kExchangeId[] = "lighter";

// The sockets of the exchange, their subscriptions and lives, and what is counted of them. I/O
// thread only.
class Hub final : public SessionHost, private FrameForger {
 public:
  // All must outlive it. `scale` loosens the limits.
  struct Parts {
    Listings& listings;
    const ExchangeClock& clock;
    faults::FaultTable& faults;
    metrics::Metrics& metrics;
    std::int64_t limit_scale;
    FeedOptions feed;
  };

  explicit Hub(const Parts& parts);
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  // What serves the private half of sockets; set before the first, and outlives them.
  void set_private_side(PrivateSide& side) { private_side_ = &side; }
  // Empty: a new socket of the address is welcome; else why not.
  std::string_view RefusesConnection(const std::string& address);
  std::unique_ptr<transport::SocketHandler> Open(transport::Socket& socket,
                                                 const std::string& address, bool read_only);
  // Sends what is due and pings or cuts sockets; every 10 ms.
  void OnTick();
  Feed& feed() { return feed_; }
  Delivery& delivery() { return delivery_; }

  void CountRequest(const std::string& endpoint) { ++requests_[endpoint]; }
  void CountAnswer(unsigned status);
  v1::ExchangeStatistics Statistics() const;
  std::uint64_t CloseSockets(const v1::Fault& fault);
  // A reader has much before it: unpaced senders wait.
  bool Congested() const;
  bool HasSubscriptions() const { return subscription_count_ > 0; }

  const Listings& listings() const override { return parts_.listings; }
  PrivateSide& private_side() override { return *private_side_; }
  bool CountMessage(transport::Socket& socket, bool counts) override;
  void OnSubscribeFrame() override;
  bool RefusesSubscription(std::string_view channel, std::string_view symbol) override;
  void Subscribe(const TopicKey& key, Subscription& subscription) override;
  void Unsubscribe(const TopicKey& key, Subscription& subscription) override;
  void Subscribe(const AccountTopic& topic, Subscription& subscription) override;
  void Unsubscribe(const AccountTopic& topic, Subscription& subscription) override;
  void OnSessionEnd(transport::Socket& socket) override;

 private:
  struct OpenSocket {
    std::string address;
    SocketLife life;
    std::unordered_set<Subscription*> subscriptions;
  };

  std::string Crossed(const Subscription& subscription, const std::string& frame) override;
  std::string Unknown() override;
  void Remember(std::deque<std::int64_t>& times);
  // A fault leaves the subscription with what it has been sent.
  void MaySilence(Subscription& subscription);
  void Attach(Subscription& subscription);
  void Detach(Subscription& subscription);
  void PublishCounts();

  const Parts parts_;
  Delivery delivery_;
  Feed feed_;
  PrivateSide* private_side_ = nullptr;
  RollingLimit messages_;
  RollingLimit connections_;
  std::map<transport::Socket*, OpenSocket> sockets_;
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

}  // namespace switchyard::simulator::lighter
