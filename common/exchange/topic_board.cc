#include "common/exchange/topic_board.h"

#include <algorithm>
#include <utility>

#include "common/exchange/market_data_proto.h"
#include "common/status/status.h"

namespace switchyard::exchange {
namespace {

using marketdata::v1::MarketDataEvent;
using marketdata::v1::OrderBookLevels;
using Mantissas = google::protobuf::RepeatedField<std::int64_t>;

// Writes how the best `depth` levels of `side` differ from `known`, and makes `known` equal to
// them. What leaves the window is removed, what enters is added.
bool EncodeSide(const model::BookSide& side, std::size_t depth, bool bids,
                std::vector<model::Level>& known, Mantissas& prices, Mantissas& quantities) {
  const std::size_t count = std::min(depth, side.size());
  const auto better = [bids](std::int64_t a, std::int64_t b) { return bids ? a > b : a < b; };
  const auto add = [&](std::int64_t price, std::int64_t quantity) {
    prices.Add(price);
    quantities.Add(quantity);
  };
  std::size_t old = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const model::Level& level = side.at(i);
    while (old < known.size() && better(known[old].price, level.price)) add(known[old++].price, 0);
    if (old < known.size() && known[old].price == level.price) {
      if (known[old].quantity != level.quantity) add(level.price, level.quantity);
      ++old;
    } else {
      add(level.price, level.quantity);
    }
  }
  while (old < known.size()) add(known[old++].price, 0);
  if (prices.empty()) return false;
  known.resize(count);
  for (std::size_t i = 0; i < count; ++i) known[i] = side.at(i);
  return true;
}

void CopyTop(const model::BookSide& side, std::size_t depth, std::vector<model::Level>& levels) {
  levels.resize(std::min(depth, side.size()));
  for (std::size_t i = 0; i < levels.size(); ++i) levels[i] = side.at(i);
}

std::vector<model::Level> Top(const std::vector<model::Level>& levels, std::size_t depth) {
  return {levels.begin(),
          levels.begin() + static_cast<std::ptrdiff_t>(std::min(depth, levels.size()))};
}

bool IsOfContracts(Channel channel) {
  return channel == Channel::kMarkPrice || channel == Channel::kFundingRate;
}

// Where what an event tells begins.
TimeNs BeginOf(const EventStamp& stamp) {
  return stamp.exchange_time.given() ? stamp.exchange_time : stamp.receive_time;
}

// By the exchange's own sequence, where both have one.
bool IsOlder(const EventStamp& stamp, const EventStamp& last) {
  return stamp.exchange_sequence != 0 && stamp.exchange_sequence < last.exchange_sequence &&
         stamp.exchange_time <= last.exchange_time;
}

}  // namespace

TopicBoard::TopicBoard(TopicBoardOptions options, const Clock& clock, Hooks hooks)
    : options_(std::move(options)),
      clock_(clock),
      hooks_(std::move(hooks)),
      // Wall time makes epochs of a restarted process differ from those of the one before.
      next_epoch_(static_cast<std::uint64_t>(clock.Now().value)) {}

TopicBoard::~TopicBoard() = default;

TopicGrant TopicBoard::Attach(const model::Instrument& instrument, const TopicRequest& request,
                              const std::shared_ptr<stream::EventStream>& stream) {
  // The capability table is of an exchange, which may have markets of both kinds.
  if (IsOfContracts(request.channel) && instrument.kind == model::InstrumentKind::kSpot) {
    return {NotInCapabilities(
        options_.exchange,
        std::string(ChannelEntryOf(request.channel).channel) + " of a spot market")};
  }
  DemandKey key{instrument.id, request.channel, 0};
  std::size_t slot = 0;
  std::uint32_t depth = 0;
  if (request.channel == Channel::kOrderBook) {
    if (options_.book_depths.empty()) {
      return {NotInCapabilities(options_.exchange, "order books on streams")};
    }
    const std::uint32_t asked = request.depth == 0 ? 10 : request.depth;
    const auto granted = std::ranges::lower_bound(options_.book_depths, asked);
    if (granted == options_.book_depths.end()) {
      return {MakeError(absl::StatusCode::kInvalidArgument,
                        common::v1::ERROR_REASON_DEPTH_NOT_OFFERED,
                        "depth " + std::to_string(asked) + " is more than the " +
                            std::to_string(options_.book_depths.back()) + " levels that " +
                            options_.exchange + " offers",
                        {{"field", "depth"}, {"exchange", options_.exchange}})};
    }
    slot = static_cast<std::size_t>(granted - options_.book_depths.begin());
    depth = *granted;
  } else if (request.channel == Channel::kCandles) {
    if (request.interval_seconds == 0) {
      return {InvalidField("interval_seconds", "candles need an interval")};
    }
    key.interval_seconds = request.interval_seconds;
  }
  DemandTopics& demand = demands_[key];
  Topic& topic = FindOrCreate(demand, key, instrument, slot, depth);
  if (std::ranges::find(topic.readers, stream) == topic.readers.end()) {
    topic.readers.push_back(stream);
    SendState(topic, stream, /*fresh=*/false);
  }
  if (!std::exchange(demand.announced, true)) hooks_.wanted(key);
  return {absl::OkStatus(), depth};
}

void TopicBoard::Detach(const std::shared_ptr<stream::EventStream>& stream) {
  for (auto& [key, demand] : demands_) {
    bool left = false;
    bool read = false;
    for (const auto& topic : demand.topics) {
      if (topic == nullptr) continue;
      left |= std::erase(topic->readers, stream) > 0;
      read |= !topic->readers.empty();
    }
    if (left && !read) demand.unread_since = clock_.Steady();
  }
}

void TopicBoard::ExpireDemands() {
  const std::chrono::nanoseconds now = clock_.Steady();
  for (auto it = demands_.begin(); it != demands_.end();) {
    if (HasReaders(it->first) || now - it->second.unread_since < options_.linger) {
      ++it;
      continue;
    }
    const DemandKey key = it->first;
    for (const auto& topic : it->second.topics) {
      if (topic != nullptr) topics_.erase(topic->ref.id);
    }
    if (key.channel == Channel::kOrderBook) book_demands_[key.instrument.value] = nullptr;
    it = demands_.erase(it);
    hooks_.unwanted(key);
  }
}

void TopicBoard::ExpirePolled(std::chrono::nanoseconds patience) {
  const std::chrono::nanoseconds now = clock_.Steady();
  for (const auto& [id, topic] : topics_) {
    if (!topic->polled_at || now - *topic->polled_at <= patience) continue;
    topic->polled_at.reset();
    topic->on_rest = false;
    topic->state_event = {};
    if (topic->readers.empty()) {
      topic->state = State::kEmpty;
      continue;
    }
    topic->state = State::kStale;
    if (topic->stale_reason == model::StaleReason::kUnspecified) {
      topic->stale_reason = model::StaleReason::kDisconnected;
    }
    DeliverStale(*topic, clock_.Now());
  }
}

TopicBoard::DemandTopics* TopicBoard::Find(const DemandKey& key) {
  const auto found = demands_.find(key);
  return found == demands_.end() ? nullptr : &found->second;
}

TopicBoard::Topic& TopicBoard::FindOrCreate(DemandTopics& demand, const DemandKey& key,
                                            const model::Instrument& instrument, std::size_t slot,
                                            std::uint32_t depth) {
  std::unique_ptr<Topic>& topic = demand.topics[slot];
  if (topic != nullptr) return *topic;
  topic = std::make_unique<Topic>();
  topic->ref = {this, next_topic_++,
                key.channel == Channel::kTrades ? stream::SlowReader::kDisconnect
                                                : stream::SlowReader::kConflate};
  topic->demand = key;
  topic->symbol = instrument.symbol;
  topic->depth = depth;
  topic->scales = ScalesOf(instrument);
  StartEpoch(*topic);
  topics_.emplace(topic->ref.id, topic.get());
  if (key.channel == Channel::kOrderBook) {
    if (book_demands_.size() <= key.instrument.value) {
      book_demands_.resize(key.instrument.value + 1, nullptr);
    }
    book_demands_[key.instrument.value] = &demand;
  }
  return *topic;
}

// What a reader needs to stand where the topic stands. `fresh`: it asked after being too slow.
void TopicBoard::SendState(Topic& topic, const std::shared_ptr<stream::EventStream>& stream,
                           bool fresh) {
  const bool is_book = topic.demand.channel == Channel::kOrderBook;
  if (is_book && topic.state == State::kEmpty) {
    // Nobody read the topic, so it was not kept in step with its book.
    if (const model::Book* book = hooks_.valid_book(topic.demand.instrument)) {
      LoadBook(topic, *book);
      topic.stamp = Find(topic.demand)->book_stamp;
      Advance(topic, topic.stamp);
    }
  }
  // A slow reader is always answered: until then its stream withholds the topic's events. Without a
  // valid state it is told not to trust what it has (a REST snapshot, if anything).
  const bool is_trades = topic.demand.channel == Channel::kTrades;
  std::vector<stream::EncodedEvent> events;
  if (fresh && is_trades) events.push_back(SlowReaderGap(topic, *stream));
  if (topic.state == State::kStale || (fresh && topic.state == State::kEmpty && !is_trades)) {
    events.push_back(EncodeStale(topic, clock_.Now()));
  } else if (topic.state == State::kValid) {
    events.push_back(is_book ? BookSnapshot(topic) : topic.state_event);
  }
  std::erase_if(events, [](const stream::EncodedEvent& event) { return event.empty(); });
  if (events.empty()) return;
  // The first lets the topic flow again.
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (fresh && i == 0) {
      stream->PushFresh(events[i], topic.ref);
    } else {
      stream->Push(events[i], topic.ref);
    }
  }
  flush_list_.Add(stream);
}

// Trades have no state: what a slow reader has missed is told as a span.
stream::EncodedEvent TopicBoard::SlowReaderGap(const Topic& topic, stream::EventStream& stream) {
  const TimeNs now = clock_.Now();
  MarketDataEvent& gap = BeginEvent(topic, marketdata::v1::EVENT_KIND_GAP, {.receive_time = now});
  gap.set_reason(common::v1::STALE_REASON_SLOW_READER);
  gap.set_gap_from_time_ns(std::min(stream.WithheldFrom(topic.ref), now).value);
  gap.set_gap_to_time_ns(now.value);
  return stream::EncodedEvent::Encode(gap);
}

stream::EncodedEvent TopicBoard::EncodeStale(const Topic& topic, TimeNs now) {
  MarketDataEvent& event =
      BeginEvent(topic, marketdata::v1::EVENT_KIND_STALE, {.receive_time = now});
  event.set_reason(ToProto(topic.stale_reason));
  return stream::EncodedEvent::Encode(event);
}

void TopicBoard::Refresh(std::shared_ptr<stream::EventStream> stream,
                         std::vector<stream::TopicId> topics) {
  hooks_.post([this, stream = std::move(stream), topics = std::move(topics)] {
    for (const stream::TopicId id : topics) {
      if (const auto found = topics_.find(id); found != topics_.end()) {
        SendState(*found->second, stream, /*fresh=*/true);
      }
    }
    Flush();
  });
}

MarketDataEvent& TopicBoard::BeginEvent(const Topic& topic, marketdata::v1::EventKind kind,
                                        const EventStamp& stamp) {
  event_.Clear();
  FillHead(topic, kind, stamp, event_);
  return event_;
}

MarketDataEvent& TopicBoard::BeginBook(const Topic& topic, marketdata::v1::EventKind kind,
                                       const EventStamp& stamp) {
  FillHead(topic, kind, stamp, book_event_);
  book_event_.mutable_order_book()->Clear();
  return book_event_;
}

// Sets every field of the head that some event of its kind sets: nothing is left over from another.
void TopicBoard::FillHead(const Topic& topic, marketdata::v1::EventKind kind,
                          const EventStamp& stamp, MarketDataEvent& event) const {
  event.set_exchange(options_.exchange);
  event.set_symbol(topic.symbol);
  event.set_channel(static_cast<marketdata::v1::Channel>(topic.demand.channel));
  event.set_depth(topic.depth);
  event.set_interval_seconds(topic.demand.interval_seconds);
  event.set_kind(kind);
  event.set_epoch(topic.epoch);
  event.set_sequence(topic.sequence);
  event.set_exchange_time_ns(stamp.exchange_time.value);
  event.set_receive_time_ns(stamp.receive_time.value);
  event.set_publish_time_ns(clock_.Now().value);
  if (kind == marketdata::v1::EVENT_KIND_SNAPSHOT || kind == marketdata::v1::EVENT_KIND_DELTA) {
    event.set_source(ToProto(stamp.source));
  }
}

void TopicBoard::Deliver(Topic& topic, const stream::EncodedEvent& event, TimeNs from) {
  if (topic.readers.empty()) return;
  const stream::PushTime time{clock_.Steady(), from};
  for (const std::shared_ptr<stream::EventStream>& reader : topic.readers) {
    reader->Push(event, topic.ref, time);
    flush_list_.Add(reader);
  }
}

void TopicBoard::DeliverStale(Topic& topic, TimeNs now) {
  ++topic.sequence;
  Deliver(topic, EncodeStale(topic, now), now);
}

void TopicBoard::StartEpoch(Topic& topic) { topic.epoch = next_epoch_++; }

void TopicBoard::Advance(Topic& topic, const EventStamp& stamp) {
  // Trades of both paths continue one another.
  const bool on_rest =
      stamp.source == model::Source::kRest && topic.demand.channel != Channel::kTrades;
  if (topic.state == State::kStale || topic.on_rest != on_rest) StartEpoch(topic);
  topic.on_rest = on_rest;
  NotePolled(topic, stamp);
  topic.state = State::kValid;
  topic.stale_reason = model::StaleReason::kUnspecified;
  ++topic.sequence;
}

void TopicBoard::NotePolled(Topic& topic, const EventStamp& stamp) {
  topic.polled_at.reset();
  if (stamp.polled) topic.polled_at = clock_.Steady();
}

void TopicBoard::LoadBook(Topic& topic, const model::Book& book) {
  CopyTop(book.bids, topic.depth, topic.bids);
  CopyTop(book.asks, topic.depth, topic.asks);
}

const stream::EncodedEvent& TopicBoard::BookSnapshot(Topic& topic) {
  if (!topic.state_event.empty() && topic.state_event_sequence == topic.sequence) {
    return topic.state_event;
  }
  MarketDataEvent& event = BeginBook(topic, marketdata::v1::EVENT_KIND_SNAPSHOT, topic.stamp);
  FillLevels(topic.bids, topic.asks, topic.scales.price, topic.scales.quantity,
             *event.mutable_order_book());
  event.mutable_order_book()->set_exchange_sequence(topic.stamp.exchange_sequence);
  topic.state_event = stream::EncodedEvent::Encode(event);
  topic.state_event_sequence = topic.sequence;
  return topic.state_event;
}

bool TopicBoard::EncodeDelta(Topic& topic, const model::Book& book, OrderBookLevels& levels) {
  const bool bids =
      EncodeSide(book.bids, topic.depth, /*bids=*/true, topic.bids,
                 *levels.mutable_bid_price_mantissas(), *levels.mutable_bid_quantity_mantissas());
  const bool asks =
      EncodeSide(book.asks, topic.depth, /*bids=*/false, topic.asks,
                 *levels.mutable_ask_price_mantissas(), *levels.mutable_ask_quantity_mantissas());
  return bids || asks;
}

void TopicBoard::PublishBook(model::InstrumentId instrument, const model::Book& book,
                             const EventStamp& stamp) {
  if (instrument.value >= book_demands_.size() || book_demands_[instrument.value] == nullptr)
    return;
  DemandTopics& demand = *book_demands_[instrument.value];
  demand.book_stamp = stamp;
  for (const auto& topic : demand.topics) {
    if (topic == nullptr) continue;
    if (topic->readers.empty()) {
      topic->state = State::kEmpty;  // told anew to whoever comes next
      continue;
    }
    topic->stamp = stamp;
    if (topic->state != State::kValid) {
      LoadBook(*topic, book);
      Advance(*topic, stamp);
      Deliver(*topic, BookSnapshot(*topic), BeginOf(stamp));
      continue;
    }
    ++topic->sequence;
    MarketDataEvent& event = BeginBook(*topic, marketdata::v1::EVENT_KIND_DELTA, stamp);
    OrderBookLevels& levels = *event.mutable_order_book();
    if (!EncodeDelta(*topic, book, levels)) {
      --topic->sequence;  // nothing that this depth shows has changed
      continue;
    }
    levels.set_price_exponent(-topic->scales.price);
    levels.set_quantity_exponent(-topic->scales.quantity);
    levels.set_exchange_sequence(stamp.exchange_sequence);
    Deliver(*topic, stream::EncodedEvent::Encode(event), BeginOf(stamp));
  }
}

void TopicBoard::PublishRestBook(model::InstrumentId instrument, const model::BookView& book,
                                 const EventStamp& stamp) {
  DemandTopics* demand = Find({instrument, Channel::kOrderBook, 0});
  if (demand == nullptr) return;
  for (const auto& topic : demand->topics) {
    if (topic == nullptr || topic->readers.empty() || topic->state == State::kValid) continue;
    if (!std::exchange(topic->on_rest, true)) StartEpoch(*topic);
    NotePolled(*topic, stamp);
    ++topic->sequence;
    MarketDataEvent& event = BeginBook(*topic, marketdata::v1::EVENT_KIND_SNAPSHOT, stamp);
    OrderBookLevels& levels = *event.mutable_order_book();
    FillLevels(Top(book.bids, topic->depth), Top(book.asks, topic->depth), book.price_scale,
               book.quantity_scale, levels);
    levels.set_exchange_sequence(stamp.exchange_sequence);
    levels.set_age_ns(stamp.age.count());
    Deliver(*topic, stream::EncodedEvent::Encode(event), BeginOf(stamp));
  }
}

template <typename Fill>
bool TopicBoard::PublishState(const DemandKey& key, const EventStamp& stamp, Fill fill) {
  DemandTopics* demand = Find(key);
  if (demand == nullptr || demand->topics[0] == nullptr) return true;
  Topic& topic = *demand->topics[0];
  if (IsOlder(stamp, topic.stamp)) return false;
  topic.stamp = stamp;
  Advance(topic, stamp);
  MarketDataEvent& event = BeginEvent(topic, marketdata::v1::EVENT_KIND_SNAPSHOT, stamp);
  fill(topic, event);
  topic.state_event = stream::EncodedEvent::Encode(event);
  Deliver(topic, topic.state_event, BeginOf(stamp));
  return true;
}

bool TopicBoard::PublishQuote(model::InstrumentId instrument, const model::Quote& quote,
                              const EventStamp& stamp) {
  return PublishState({instrument, Channel::kBestBidOffer, 0}, stamp,
                      [&](const Topic&, MarketDataEvent& event) {
                        FillQuote(quote, *event.mutable_best_bid_offer());
                      });
}

void TopicBoard::PublishTicker(model::InstrumentId instrument, const model::Ticker& ticker,
                               const EventStamp& stamp) {
  PublishState({instrument, Channel::kTicker, 0}, stamp, [&](const Topic&, MarketDataEvent& event) {
    FillTicker(options_.exchange, ticker, *event.mutable_ticker());
  });
}

void TopicBoard::PublishCandle(model::InstrumentId instrument, const model::Candle& candle,
                               const EventStamp& stamp) {
  PublishState(
      {instrument, Channel::kCandles, candle.interval_seconds}, stamp,
      [&](const Topic&, MarketDataEvent& event) { FillCandle(candle, *event.mutable_candle()); });
}

void TopicBoard::PublishMarkPrice(model::InstrumentId instrument, const model::MarkPrice& price,
                                  const EventStamp& stamp) {
  PublishState({instrument, Channel::kMarkPrice, 0}, stamp,
               [&](const Topic&, MarketDataEvent& event) {
                 FillMarkPrice(price, *event.mutable_mark_price());
               });
}

void TopicBoard::PublishFundingRate(model::InstrumentId instrument, const model::FundingRate& rate,
                                    const EventStamp& stamp) {
  PublishState({instrument, Channel::kFundingRate, 0}, stamp,
               [&](const Topic&, MarketDataEvent& event) {
                 FillFundingRate(options_.exchange, rate, *event.mutable_funding_rate());
               });
}

void TopicBoard::PublishTrades(model::InstrumentId instrument, std::span<const model::Trade> trades,
                               const EventStamp& stamp) {
  DemandTopics* demand = Find({instrument, Channel::kTrades, 0});
  if (demand == nullptr || demand->topics[0] == nullptr) return;
  Topic& topic = *demand->topics[0];
  if (trades.empty() && topic.state != State::kStale) {
    if (stamp.polled) NotePolled(topic, stamp);
    return;
  }
  Advance(topic, stamp);
  MarketDataEvent& event = BeginEvent(topic, marketdata::v1::EVENT_KIND_DELTA, stamp);
  FillTrades(trades, topic.scales, *event.mutable_trades());
  Deliver(topic, stream::EncodedEvent::Encode(event),
          trades.empty() ? BeginOf(stamp) : trades.front().exchange_time);
}

void TopicBoard::PublishStale(const DemandKey& demand, model::StaleReason reason, TimeNs now) {
  DemandTopics* topics = Find(demand);
  if (topics == nullptr || demand.channel == Channel::kTrades) return;
  for (const auto& topic : topics->topics) {
    if (topic == nullptr) continue;
    topic->stale_reason = reason;
    topic->state_event = {};
    // Readers who wait for their first snapshot are told as well why it does not come.
    const bool told = topic->state == State::kStale || topic->readers.empty();
    if (topic->state == State::kValid || !topic->readers.empty()) topic->state = State::kStale;
    if (told) continue;
    topic->polled_at.reset();
    DeliverStale(*topic, now);
  }
}

void TopicBoard::PublishGap(model::InstrumentId instrument, model::StaleReason reason, TimeNs from,
                            TimeNs to) {
  DemandTopics* demand = Find({instrument, Channel::kTrades, 0});
  if (demand == nullptr || demand->topics[0] == nullptr) return;
  Topic& topic = *demand->topics[0];
  StartEpoch(topic);
  topic.state = State::kValid;
  topic.polled_at.reset();
  ++topic.sequence;
  MarketDataEvent& event = BeginEvent(topic, marketdata::v1::EVENT_KIND_GAP, {.receive_time = to});
  event.set_reason(ToProto(reason));
  event.set_gap_from_time_ns(from.value);
  event.set_gap_to_time_ns(to.value);
  Deliver(topic, stream::EncodedEvent::Encode(event), from);
}

void TopicBoard::PublishMissing(const DemandKey& demand, model::StaleReason reason, TimeNs now) {
  const DemandTopics* topics = Find(demand);
  if (topics == nullptr) return;
  const bool waiting = std::ranges::any_of(topics->topics, [](const std::unique_ptr<Topic>& topic) {
    return topic != nullptr && topic->state == State::kEmpty && !topic->polled_at &&
           !topic->readers.empty();
  });
  if (waiting) PublishStale(demand, reason, now);
}

void TopicBoard::Rescale(const model::Instrument& instrument, TimeNs now) {
  for (auto& [key, demand] : demands_) {
    if (key.instrument != instrument.id) continue;
    PublishStale(key, model::StaleReason::kSequenceRestarted, now);
    for (const auto& topic : demand.topics) {
      if (topic == nullptr) continue;
      topic->scales = ScalesOf(instrument);
      if (topic->state == State::kValid) topic->state = State::kEmpty;
      topic->state_event = {};
    }
  }
}

bool TopicBoard::HasReaders(const DemandKey& demand) const {
  const auto found = demands_.find(demand);
  return found != demands_.end() &&
         std::ranges::any_of(found->second.topics, [](const std::unique_ptr<Topic>& topic) {
           return topic != nullptr && !topic->readers.empty();
         });
}

bool TopicBoard::NeedsState(const DemandKey& demand) const {
  const auto found = demands_.find(demand);
  return found != demands_.end() &&
         std::ranges::any_of(found->second.topics, [](const std::unique_ptr<Topic>& topic) {
           return topic != nullptr && (topic->state != State::kValid || topic->polled_at);
         });
}

std::vector<DemandKey> TopicBoard::Demands() const {
  std::vector<DemandKey> keys;
  keys.reserve(demands_.size());
  for (const auto& [key, demand] : demands_) keys.push_back(key);
  return keys;
}

}  // namespace switchyard::exchange
