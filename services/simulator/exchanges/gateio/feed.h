#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/simulator/clock.h"
#include "services/simulator/delivery.h"
#include "services/simulator/engine/market.h"
#include "services/simulator/exchanges/gateio/frames.h"
#include "services/simulator/exchanges/gateio/topic.h"

namespace switchyard::simulator::gateio {

struct FeedOptions {
  // A frame for every change of a book instead of one per push interval.
  bool push_every_change = false;
  // The first bid of every book update is the best one, and its quantity is the steady clock in
  // microseconds at the time of sending, a plain integer: for measuring latency.
  bool stamp = false;
};

// Turns the changes of one product's markets into frames and sends them to subscribers. Each frame
// is made once per topic. I/O thread only.
class Feed {
 public:
  // All must outlive the feed.
  Feed(Listings& listings, const ExchangeClock& clock, Delivery& delivery, FeedOptions options);
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  // Adds a subscriber. It must be taken out before it dies.
  void Subscribe(const TopicKey& key, Subscription& subscription);
  // Sends what a new subscriber gets at once (full books); after the acknowledgement.
  void Greet(const TopicKey& key, Subscription& subscription);
  void Unsubscribe(const TopicKey& key, Subscription& subscription);

  // Pushes what is due; every 10 ms.
  void OnTick();
  // Pushes all that is pending, as when the order flow has stopped.
  void PushPending();
  // A market has changed.
  void OnChange(engine::Market& market);
  // Breaks the sequence, for what is pushed from now on.
  void SkipSequence(engine::Market& market, std::uint64_t ids);
  void RestartSequence(engine::Market& market);

 private:
  void Push(Topic& topic);
  void PushBooks(const engine::Market& market);
  void FollowSequence(const engine::Market& market);
  void PushBookUpdate(Topic& topic);
  void PushSnapshot(Topic& topic);
  void PushBookTicker(Topic& topic);
  void PushCandle(Topic& topic);
  void PushTrades(Topic& topic);
  void PushContractStats(Topic& topic);
  void Stamp(const Topic& topic, ShownBook& update);
  FrameContext Context(const Topic& topic) const;
  // Takes buffer_ as the next frame of the topic.
  void Send(Topic& topic);

  Listings& listings_;
  const ExchangeClock& clock_;
  Delivery& delivery_;
  const FeedOptions options_;
  std::map<TopicKey, std::unique_ptr<Topic>> topics_;
  std::map<const engine::Market*, std::vector<Topic*>> by_market_;
  std::uint64_t ticks_ = 0;
  // Kept for their memory.
  std::string buffer_;
  ShownBook now_shown_;
  ShownBook difference_;
};

}  // namespace switchyard::simulator::gateio
