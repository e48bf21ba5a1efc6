#include "services/simulator/exchanges/gateio/feed.h"

#include <algorithm>
#include <utility>

namespace switchyard::simulator::gateio {
namespace {

using engine::Side;

constexpr std::uint64_t kTickMs = 10;
// The documented pace of futures.public_liquidates.
constexpr std::int64_t kLiquidationPaceNs = 1'000'000'000;
// Stamps begin anew, so that they fit 64 bits with the ten decimals that some readers keep.
constexpr std::int64_t kStampPeriodUs = 100'000'000;

ShownLevel Best(const engine::OrderBook& book, Side side) {
  const auto levels = book.Levels(side);
  return levels.empty() ? ShownLevel{} : ShownLevel{levels.back().price, levels.back().quantity};
}

}  // namespace

Feed::Feed(Listings& listings, const ExchangeClock& clock, Delivery& delivery, FeedOptions options)
    : listings_(listings), clock_(clock), delivery_(delivery), options_(options) {}

void Feed::Subscribe(const TopicKey& key, Subscription& subscription) {
  std::unique_ptr<Topic>& topic = topics_[key];
  if (topic == nullptr) {
    topic = std::make_unique<Topic>();
    topic->key = key;
    topic->listing = listings_.Find(key.symbol);
    by_market_[&topic->listing->market].push_back(topic.get());
    if (IsBook(key.channel) && key.channel != Channel::kBookTicker) {
      CopyTop(topic->listing->market.book(), static_cast<std::size_t>(key.depth), topic->shown);
      topic->shown_id = topic->listing->market.sequence();
      topic->changed = key.channel == Channel::kBook && key.interval_ms != 0;
    }
  }
  topic->subscriptions.push_back(&subscription);
}

void Feed::Greet(const TopicKey& key, Subscription& subscription) {
  const bool obu = key.channel == Channel::kObu;
  const bool fast_updates = key.channel == Channel::kBookUpdate && key.interval_ms == 20;
  const bool futures_book =
      key.channel == Channel::kBook && listings_.product() == Product::kFutures;
  if (!obu && !fast_updates && !futures_book) return;
  const Topic& topic = *topics_.at(key);
  // What the others have, so that the next frame follows for all alike.
  const FrameContext context = Context(topic);
  const BookUpdate full = {topic.shown_id, topic.shown_id, true, key.parameter, topic.shown};
  auto frame = std::make_shared<std::string>();
  if (obu) {
    AppendObu(*frame, context, key.depth, full);
  } else if (fast_updates) {
    AppendBookUpdate(*frame, context, full);
  } else {
    AppendBookSnapshot(*frame, context, topic.shown);
  }
  delivery_.Deliver(subscription, std::move(frame));
}

void Feed::Unsubscribe(const TopicKey& key, Subscription& subscription) {
  const auto found = topics_.find(key);
  if (found == topics_.end()) return;
  Topic& topic = *found->second;
  std::erase(topic.subscriptions, &subscription);
  if (!topic.subscriptions.empty()) return;
  std::erase(by_market_[&topic.listing->market], &topic);
  topics_.erase(found);
}

void Feed::OnTick() {
  ++ticks_;
  for (const auto& [key, topic] : topics_) {
    const auto interval = static_cast<std::uint64_t>(key.interval_ms);
    if (interval != 0 && ticks_ * kTickMs % interval == 0) Push(*topic);
  }
}

void Feed::PushPending() {
  for (const auto& [key, topic] : topics_) {
    if (IsBook(key.channel)) Push(*topic);
  }
}

void Feed::OnChange(engine::Market& market) {
  for (Topic* topic : by_market_[&market]) {
    topic->changed = true;
    const Channel channel = topic->key.channel;
    if (channel == Channel::kTrades || channel == Channel::kPublicLiquidates) {
      if (!market.changes().fills.empty()) PushTrades(*topic);
    } else if (options_.push_every_change && IsBook(channel)) {
      Push(*topic);
    }
  }
}

void Feed::SkipSequence(engine::Market& market, std::uint64_t ids) {
  PushBooks(market);
  market.SkipSequence(ids);
  FollowSequence(market);
}

void Feed::RestartSequence(engine::Market& market) {
  PushBooks(market);
  market.RestartSequence();
  FollowSequence(market);
}

void Feed::PushBooks(const engine::Market& market) {
  for (Topic* topic : by_market_[&market]) {
    if (IsBook(topic->key.channel)) Push(*topic);
  }
}

// What is pushed next begins after the market's present id.
void Feed::FollowSequence(const engine::Market& market) {
  for (Topic* topic : by_market_[&market]) topic->shown_id = market.sequence();
}

void Feed::Push(Topic& topic) {
  // Candles end by the clock alone.
  if (topic.key.channel == Channel::kCandlesticks) return PushCandle(topic);
  if (topic.key.channel == Channel::kContractStats) return PushContractStats(topic);
  if (!topic.changed) return;
  topic.changed = false;
  switch (topic.key.channel) {
    case Channel::kBookUpdate:
    case Channel::kObu:
      return PushBookUpdate(topic);
    case Channel::kBook:
      return PushSnapshot(topic);
    case Channel::kBookTicker:
      return PushBookTicker(topic);
    case Channel::kTickers:
      AppendTicker(buffer_, Context(topic));
      return Send(topic);
    default:
      return;
  }
}

void Feed::PushBookUpdate(Topic& topic) {
  const engine::Market& market = topic.listing->market;
  if (market.sequence() == topic.shown_id) return;
  CopyTop(market.book(), static_cast<std::size_t>(topic.key.depth), now_shown_);
  Difference(topic.shown, now_shown_, difference_);
  std::swap(topic.shown, now_shown_);
  if (options_.stamp) Stamp(topic, difference_);
  const BookUpdate update = {topic.shown_id + 1, market.sequence(), false, topic.key.parameter,
                             difference_};
  topic.shown_id = market.sequence();
  if (topic.key.channel == Channel::kObu) {
    AppendObu(buffer_, Context(topic), topic.key.depth, update);
  } else {
    AppendBookUpdate(buffer_, Context(topic), update);
  }
  Send(topic);
}

void Feed::Stamp(const Topic& topic, ShownBook& update) {
  const ShownLevel best = topic.shown.bids.front();
  std::erase_if(update.bids, [&](const ShownLevel& level) { return level.price == best.price; });
  const std::int64_t unit = engine::PowerOfTen(topic.listing->quantity_scale());
  const std::int64_t stamp = SteadyNowNs() / 1000 % kStampPeriodUs;
  // 0 would remove the level.
  update.bids.insert(update.bids.begin(), {best.price, std::max<std::int64_t>(stamp, 1) * unit});
}

void Feed::PushSnapshot(Topic& topic) {
  CopyTop(topic.listing->market.book(), static_cast<std::size_t>(topic.key.depth), now_shown_);
  if (listings_.product() == Product::kSpot) {
    AppendBookSnapshot(buffer_, Context(topic), now_shown_);
  } else {
    Difference(topic.shown, now_shown_, difference_);
    std::swap(topic.shown, now_shown_);
    topic.shown_id = topic.listing->market.sequence();
    if (difference_.bids.empty() && difference_.asks.empty()) return;
    AppendSignedBookUpdate(buffer_, Context(topic), difference_);
  }
  Send(topic);
}

void Feed::PushBookTicker(Topic& topic) {
  const engine::OrderBook& book = topic.listing->market.book();
  const ShownLevel bid = Best(book, Side::kBuy);
  const ShownLevel ask = Best(book, Side::kSell);
  if (bid == topic.best_bid && ask == topic.best_ask) return;
  topic.best_bid = bid;
  topic.best_ask = ask;
  AppendBookTicker(buffer_, Context(topic));
  Send(topic);
}

void Feed::PushCandle(Topic& topic) {
  const std::int64_t interval_s = IntervalSeconds(topic.key.parameter);
  const auto& candles = topic.listing->market.Candles(interval_s, clock_.NowNs()).candles();
  const std::int64_t previous = topic.candle_start_s;
  const bool rolled = previous != 0 && candles.back().start_s != previous;
  if (!topic.changed && !rolled) return;
  topic.changed = false;
  topic.candle_start_s = candles.back().start_s;
  if (rolled) {
    const auto closed = std::find_if(candles.rbegin(), candles.rend(), [&](const auto& candle) {
      return candle.start_s == previous;
    });
    if (closed != candles.rend()) {
      AppendCandle(buffer_, Context(topic), topic.key.parameter, *closed, true);
      Send(topic);
    }
  }
  AppendCandle(buffer_, Context(topic), topic.key.parameter, candles.back(), false);
  Send(topic);
}

void Feed::PushTrades(Topic& topic) {
  const engine::Market& market = topic.listing->market;
  const auto& trades = market.trades();
  const bool liquidations = topic.key.channel == Channel::kPublicLiquidates;
  for (std::size_t i = trades.size() - market.changes().fills.size(); i < trades.size(); ++i) {
    if (!liquidations) {
      AppendTrade(buffer_, Context(topic), trades[i]);
      Send(topic);
    } else if (trades[i].liquidation && clock_.NowNs() - topic.pushed_ns >= kLiquidationPaceNs) {
      AppendPublicLiquidation(buffer_, Context(topic), trades[i]);
      Send(topic);
    }
  }
}

void Feed::PushContractStats(Topic& topic) {
  const std::int64_t interval_ns = IntervalSeconds(topic.key.parameter) * 1'000'000'000;
  if (topic.pushed_ns / interval_ns == clock_.NowNs() / interval_ns) return;
  AppendContractStats(buffer_, Context(topic));
  Send(topic);
}

FrameContext Feed::Context(const Topic& topic) const {
  return {listings_.product(), *topic.listing, clock_.NowNs(), topic.key.decimal_sizes};
}

void Feed::Send(Topic& topic) {
  topic.pushed_ns = clock_.NowNs();
  const auto frame = std::make_shared<const std::string>(buffer_);
  buffer_.clear();
  for (Subscription* subscription : topic.subscriptions) delivery_.Deliver(*subscription, frame);
}

}  // namespace switchyard::simulator::gateio
