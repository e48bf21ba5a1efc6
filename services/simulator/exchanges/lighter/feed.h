#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "services/simulator/clock.h"
#include "services/simulator/delivery.h"
#include "services/simulator/engine/market.h"
#include "services/simulator/exchanges/lighter/channels.h"
#include "services/simulator/exchanges/lighter/frames.h"
#include "services/simulator/exchanges/lighter/listing.h"

namespace switchyard::simulator::lighter {

struct FeedOptions {
  // A book frame for every change instead of one per batch.
  bool push_every_change = false;
  // The first bid of every book update is the best one, and its quantity is the steady clock in
  // microseconds at the time of sending, a plain integer: for measuring latency.
  bool stamp = false;
};

// Turns the changes of markets into frames of the public channels and sends them to subscribers.
// Each frame is made once per topic. I/O thread only.
class Feed {
 public:
  // All must outlive the feed.
  Feed(Listings& listings, const ExchangeClock& clock, Delivery& delivery, FeedOptions options)
      : listings_(listings), clock_(clock), delivery_(delivery), options_(options) {}
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  // Adds a subscriber and sends it the snapshot. It must be taken out before it dies.
  void Subscribe(const TopicKey& key, Subscription& subscription);
  void Unsubscribe(const TopicKey& key, Subscription& subscription);

  // Pushes what is due; every 10 ms.
  void OnTick();
  // Pushes all that is pending, as when the order flow has stopped.
  void PushPending();
  // A market has changed, and its trades are kept.
  void OnChange(Listing& listing);
  // Breaks the sequence, for what is pushed from now on.
  void SkipSequence(Listing& listing, std::uint64_t ids);
  void RestartSequence(Listing& listing);

 private:
  // Prices with their totals as the subscribers have them.
  struct ShownSide {
    std::map<std::int64_t, std::int64_t> levels;
    std::set<std::int64_t> changed;
  };

  struct Topic {
    TopicKey key;
    Listing* listing = nullptr;  // null: of all markets, or of none
    std::vector<Subscription*> subscriptions;
    bool changed = false;
    std::set<Listing*> changed_listings;  // topics of all markets
    // Books: what was sent last.
    std::uint64_t nonce = 0;
    ShownSide asks;
    ShownSide bids;
    std::int64_t candle_start_s = 0;
    ShownLevel best_ask{};
    ShownLevel best_bid{};
  };

  void Start(Topic& topic);
  std::string Snapshot(Topic& topic);
  void Push(Topic& topic);
  void PushBook(Topic& topic);
  void PushTicker(Topic& topic);
  void PushTrades(Topic& topic);
  void PushStats(Topic& topic);
  void PushCandles(Topic& topic);
  void Stamp(const Topic& topic, ShownBook& update) const;
  std::vector<const Listing*> ListingsOf(const TopicKey& key) const;
  std::vector<Topic*>& TopicsOf(const Listing& listing) { return by_listing_[&listing]; }
  // The book topic continues from the market's present number.
  void FollowSequence(const Listing& listing);
  void PushBooks(const Listing& listing);
  void Send(Topic& topic, std::string frame);

  Listings& listings_;
  const ExchangeClock& clock_;
  Delivery& delivery_;
  const FeedOptions options_;
  std::map<TopicKey, std::unique_ptr<Topic>> topics_;
  std::map<const Listing*, std::vector<Topic*>> by_listing_;
  std::uint64_t ticks_ = 0;
};

}  // namespace switchyard::simulator::lighter
