#include "services/simulator/exchanges/lighter/feed.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace switchyard::simulator::lighter {
namespace {

using engine::Side;

constexpr std::uint64_t kTickMs = 10;
// Documented for books and candles. For statistics nothing is; they come about as often.
constexpr std::uint64_t kBookIntervalMs = 50;
constexpr std::uint64_t kCandleIntervalMs = 500;
constexpr std::uint64_t kStatsIntervalMs = 500;
constexpr std::uint64_t kBlockMs = 1'000;
constexpr std::size_t kTradesInSnapshot = 50;
// Stamps begin anew, so that readers that keep many decimals can hold them in 64 bits.
constexpr std::int64_t kStampPeriodUs = 100'000'000;

std::uint64_t IntervalMs(Channel channel) {
  switch (channel) {
    case Channel::kOrderBook:
      return kBookIntervalMs;
    case Channel::kCandle:
      return kCandleIntervalMs;
    case Channel::kMarketStats:
    case Channel::kSpotMarketStats:
      return kStatsIntervalMs;
    case Channel::kHeight:
      return kBlockMs;
    case Channel::kTicker:
    case Channel::kTrade:
      break;
  }
  return 0;  // at once
}

ShownLevel Best(const engine::OrderBook& book, Side side) {
  const auto levels = book.Levels(side);
  return levels.empty() ? ShownLevel{} : ShownLevel{levels.back().price, levels.back().quantity};
}

bool Same(const ShownLevel& a, const ShownLevel& b) {
  return a.price == b.price && a.quantity == b.quantity;
}

}  // namespace

std::vector<const Listing*> Feed::ListingsOf(const TopicKey& key) const {
  std::vector<const Listing*> found;
  for (const auto& listing : listings_.all()) {
    const bool spot = key.channel == Channel::kSpotMarketStats;
    const bool wanted =
        key.market_id < 0 ? listing->is_spot() == spot : listing->id() == key.market_id;
    if (wanted) found.push_back(listing.get());
  }
  return found;
}

void Feed::Subscribe(const TopicKey& key, Subscription& subscription) {
  std::unique_ptr<Topic>& topic = topics_[key];
  if (topic == nullptr) {
    topic = std::make_unique<Topic>();
    topic->key = key;
    Start(*topic);
  } else if (key.channel == Channel::kOrderBook) {
    // What the others have, so that the next frame follows for all alike.
    PushBook(*topic);
  }
  topic->subscriptions.push_back(&subscription);
  delivery_.Deliver(subscription, std::make_shared<const std::string>(Snapshot(*topic)));
}

void Feed::Start(Topic& topic) {
  if (topic.key.market_id >= 0) {
    topic.listing = listings_.Find(topic.key.market_id);
    TopicsOf(*topic.listing).push_back(&topic);
  } else if (topic.key.channel != Channel::kHeight) {
    for (const Listing* listing : ListingsOf(topic.key)) TopicsOf(*listing).push_back(&topic);
  }
  if (topic.key.channel != Channel::kOrderBook) return;
  const engine::Market& market = topic.listing->market;
  for (const engine::Level& level : market.book().Levels(Side::kSell)) {
    topic.asks.levels[level.price] = level.quantity;
  }
  for (const engine::Level& level : market.book().Levels(Side::kBuy)) {
    topic.bids.levels[level.price] = level.quantity;
  }
  topic.nonce = market.sequence();
  // Another API server counts from elsewhere.
  topic.listing->offset += 1'000;
}

std::string Feed::Snapshot(Topic& topic) {
  const std::int64_t now_ns = clock_.NowNs();
  switch (topic.key.channel) {
    case Channel::kOrderBook: {
      ShownBook book;
      for (const auto& [price, quantity] : topic.asks.levels)
        book.asks.push_back({price, quantity});
      for (auto row = topic.bids.levels.rbegin(); row != topic.bids.levels.rend(); ++row) {
        book.bids.push_back({row->first, row->second});
      }
      return BookFrame(topic.key, *topic.listing, book,
                       {true, 0, topic.nonce, topic.listing->offset}, now_ns);
    }
    case Channel::kTicker:
      return TickerFrame(topic.key, *topic.listing, true, now_ns);
    case Channel::kTrade: {
      std::vector<const PublicTrade*> latest;
      const auto& trades = topic.listing->trades;
      for (auto row = trades.rbegin(); row != trades.rend(); ++row) {
        if (latest.size() == kTradesInSnapshot) break;
        latest.push_back(&*row);
      }
      return TradeFrame(topic.key, *topic.listing, latest, true);
    }
    case Channel::kMarketStats:
    case Channel::kSpotMarketStats:
      return StatsFrame(topic.key, ListingsOf(topic.key), true, now_ns);
    case Channel::kCandle: {
      const auto& candles =
          topic.listing->market.Candles(ResolutionSeconds(topic.key.resolution), now_ns).candles();
      topic.candle_start_s = candles.back().start_s;
      return CandleFrame(topic.key, *topic.listing, {candles.back()}, true, now_ns);
    }
    case Channel::kHeight:
      break;
  }
  return HeightFrame(true, now_ns);
}

void Feed::Unsubscribe(const TopicKey& key, Subscription& subscription) {
  const auto found = topics_.find(key);
  if (found == topics_.end()) return;
  Topic& topic = *found->second;
  std::erase(topic.subscriptions, &subscription);
  if (!topic.subscriptions.empty()) return;
  for (auto& [listing, topics] : by_listing_) std::erase(topics, &topic);
  topics_.erase(found);
}

void Feed::OnTick() {
  ++ticks_;
  for (const auto& [key, topic] : topics_) {
    const std::uint64_t interval = IntervalMs(key.channel);
    if (interval != 0 && ticks_ * kTickMs % interval == 0) Push(*topic);
  }
}

void Feed::PushPending() {
  for (const auto& [key, topic] : topics_) {
    if (key.channel == Channel::kOrderBook) PushBook(*topic);
  }
}

void Feed::OnChange(Listing& listing) {
  for (Topic* topic : TopicsOf(listing)) {
    topic->changed = true;
    switch (topic->key.channel) {
      case Channel::kOrderBook:
        for (const engine::LevelChange& change : listing.market.changes().levels) {
          ShownSide& side = change.side == Side::kSell ? topic->asks : topic->bids;
          side.changed.insert(change.price);
        }
        if (options_.push_every_change) PushBook(*topic);
        break;
      case Channel::kTicker:
        PushTicker(*topic);
        break;
      case Channel::kTrade:
        PushTrades(*topic);
        break;
      default:
        if (topic->listing == nullptr) topic->changed_listings.insert(&listing);
        break;
    }
  }
}

void Feed::SkipSequence(Listing& listing, std::uint64_t ids) {
  PushBooks(listing);
  listing.market.SkipSequence(ids);
  FollowSequence(listing);
}

void Feed::RestartSequence(Listing& listing) {
  PushBooks(listing);
  listing.market.RestartSequence();
  FollowSequence(listing);
}

void Feed::PushBooks(const Listing& listing) {
  for (Topic* topic : TopicsOf(listing)) {
    if (topic->key.channel == Channel::kOrderBook) PushBook(*topic);
  }
}

void Feed::FollowSequence(const Listing& listing) {
  for (Topic* topic : TopicsOf(listing)) topic->nonce = listing.market.sequence();
}

void Feed::Push(Topic& topic) {
  switch (topic.key.channel) {
    case Channel::kOrderBook:
      return PushBook(topic);
    case Channel::kCandle:
      return PushCandles(topic);
    case Channel::kMarketStats:
    case Channel::kSpotMarketStats:
      return PushStats(topic);
    case Channel::kHeight:
      return Send(topic, HeightFrame(false, clock_.NowNs()));
    default:
      return;
  }
}

void Feed::PushBook(Topic& topic) {
  const engine::Market& market = topic.listing->market;
  ShownBook update;
  const auto collect = [&](ShownSide& side, Side which, std::vector<ShownLevel>& out) {
    for (const std::int64_t price : side.changed) {
      const std::int64_t quantity = market.book().QuantityAt(which, price);
      const auto shown = side.levels.find(price);
      if (quantity == (shown == side.levels.end() ? 0 : shown->second)) continue;
      out.push_back({price, quantity});
      if (quantity == 0) {
        side.levels.erase(shown);
      } else {
        side.levels[price] = quantity;
      }
    }
    side.changed.clear();
  };
  collect(topic.asks, Side::kSell, update.asks);
  collect(topic.bids, Side::kBuy, update.bids);
  std::reverse(update.bids.begin(), update.bids.end());
  if (update.asks.empty() && update.bids.empty()) return;
  if (options_.stamp) Stamp(topic, update);
  const BookNumbers numbers = {false, topic.nonce, market.sequence(), ++topic.listing->offset};
  topic.nonce = market.sequence();
  Send(topic, BookFrame(topic.key, *topic.listing, update, numbers, clock_.NowNs()));
}

void Feed::Stamp(const Topic& topic, ShownBook& update) const {
  const std::int64_t best = topic.bids.levels.rbegin()->first;
  std::erase_if(update.bids, [&](const ShownLevel& level) { return level.price == best; });
  const std::int64_t unit = engine::PowerOfTen(topic.listing->size_scale());
  const std::int64_t stamp = SteadyNowNs() / 1'000 % kStampPeriodUs;
  // 0 would remove the level.
  update.bids.insert(update.bids.begin(), {best, std::max<std::int64_t>(stamp, 1) * unit});
}

void Feed::PushTicker(Topic& topic) {
  const engine::OrderBook& book = topic.listing->market.book();
  const ShownLevel ask = Best(book, Side::kSell);
  const ShownLevel bid = Best(book, Side::kBuy);
  if (Same(ask, topic.best_ask) && Same(bid, topic.best_bid)) return;
  topic.best_ask = ask;
  topic.best_bid = bid;
  Send(topic, TickerFrame(topic.key, *topic.listing, false, clock_.NowNs()));
}

void Feed::PushTrades(Topic& topic) {
  const auto& trades = topic.listing->trades;
  const std::size_t count = std::min(topic.listing->market.changes().fills.size(), trades.size());
  if (count == 0) return;
  std::vector<const PublicTrade*> latest;
  for (std::size_t i = 0; i < count; ++i) latest.push_back(&trades[trades.size() - 1 - i]);
  Send(topic, TradeFrame(topic.key, *topic.listing, latest, false));
}

void Feed::PushStats(Topic& topic) {
  if (!topic.changed) return;
  topic.changed = false;
  std::vector<const Listing*> changed;
  if (topic.listing != nullptr) {
    changed.push_back(topic.listing);
  } else {
    changed.assign(topic.changed_listings.begin(), topic.changed_listings.end());
    topic.changed_listings.clear();
  }
  Send(topic, StatsFrame(topic.key, changed, false, clock_.NowNs()));
}

void Feed::PushCandles(Topic& topic) {
  const std::int64_t now_ns = clock_.NowNs();
  const auto& candles =
      topic.listing->market.Candles(ResolutionSeconds(topic.key.resolution), now_ns).candles();
  const bool rolled = candles.back().start_s != topic.candle_start_s;
  if (!topic.changed && !rolled) return;
  topic.changed = false;
  std::vector<engine::Candle> rows;
  // One that has ended is told a last time.
  for (const engine::Candle& candle : candles) {
    if (candle.start_s >= topic.candle_start_s) rows.push_back(candle);
  }
  topic.candle_start_s = candles.back().start_s;
  Send(topic, CandleFrame(topic.key, *topic.listing, rows, false, now_ns));
}

void Feed::Send(Topic& topic, std::string frame) {
  const auto shared = std::make_shared<const std::string>(std::move(frame));
  for (Subscription* subscription : topic.subscriptions) {
    delivery_.Deliver(*subscription, shared);
  }
}

}  // namespace switchyard::simulator::lighter
