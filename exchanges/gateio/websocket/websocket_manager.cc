#include "exchanges/gateio/websocket/websocket_manager.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "common/log/log.h"
#include "exchanges/gateio/errors.h"

namespace switchyard::exchanges::gateio {
namespace {

using exchange::DemandKey;
using exchange::StreamKey;

// Levels asked for in a REST snapshot: those that the feed's updates are about.
constexpr std::size_t kSnapshotLevels = 100;

}  // namespace

WebSocketManager::WebSocketManager(Parts parts, std::string exchange, Product product,
                                   BookFeed feed, exchange::LaneOptions lanes, SocketReads reads,
                                   ConnectionHandlers handlers)
    : clock_(parts.clock),
      exchange_(std::move(exchange)),
      product_(product),
      feed_(feed),
      board_(parts.board),
      reads_(std::move(reads)),
      connection_handlers_(std::move(handlers)),
      names_{product, this},
      subscriptions_(product, feed),
      parser_(product),
      messages_(parts.metrics, parts.clock, exchange_),
      handlers_(names_),
      desk_(
          parts.thread, parts.clock, DeskOptionsOf(exchange_, feed), parts.board, parts.published,
          exchange::BookDeskCounters::Make(parts.metrics, exchange_),
          {.read_snapshot =
               [this](model::InstrumentId instrument, exchange::Reply<exchange::BookChange> reply) {
                 reads_.book(instrument, [this, reply = std::move(reply)](
                                             absl::StatusOr<BookSnapshot> snapshot) {
                   if (!snapshot.ok()) return reply(snapshot.status());
                   reply(ToChange(*snapshot, kSnapshotLevels, clock_.Now()));
                   board_.Flush();
                 });
               },
           .resubscribe =
               [this](model::InstrumentId instrument) {
                 pool_.Resubscribe(
                     subscriptions_.KeyOf({instrument, exchange::Channel::kOrderBook, 0}));
               },
           .renew =
               [this](model::InstrumentId instrument) {
                 pool_.Renew(subscriptions_.KeyOf({instrument, exchange::Channel::kOrderBook, 0}));
               }}),
      watch_(parts.thread, parts.clock, reads_,
             {.is_confirmed = [this](const StreamKey& key) { return pool_.IsConfirmed(key); },
              .stalled = [this](const StreamKey& key) { Stalled(key); },
              .recent_trades = [this](model::InstrumentId id) -> const RecentTrades& {
                return recent_trades_[id];
              }}),
      pool_(parts.thread, parts.clock, std::move(lanes), *this) {
  BindAll();
}

std::optional<std::size_t> WebSocketManager::Names::ChannelIndex(std::string_view house) const {
  const Channel channel = FromHouseName(product, house);
  if (channel == Channel::kUnknown) return std::nullopt;
  return static_cast<std::size_t>(channel);
}

std::optional<std::uint32_t> WebSocketManager::Names::InstrumentIndex(
    std::string_view symbol) const {
  const model::Instrument* instrument =
      manager->index_.table() == nullptr ? nullptr : manager->index_.table()->Find(symbol);
  if (instrument == nullptr) return std::nullopt;
  return instrument->id.value;
}

void WebSocketManager::BindAll() {
  const auto bind = [this](Channel channel, void (WebSocketManager::*handler)(const Delivery&)) {
    for (const ChannelName& name : kChannelNames) {
      if (name.product != product_ || name.channel != channel) continue;
      // Cannot fail: the name is the table's own and bound once.
      Bind(name.house, "", [this, handler](const Delivery& d) {
        (this->*handler)(d);
      }).IgnoreError();
    }
  };
  bind(Channel::kBookUpdate, &WebSocketManager::OnBook);
  bind(Channel::kBookStream, &WebSocketManager::OnBook);
  bind(Channel::kBookTicker, &WebSocketManager::OnBookTicker);
  bind(Channel::kTrades, &WebSocketManager::OnTrades);
  bind(Channel::kTickers, &WebSocketManager::OnTickers);
  bind(Channel::kCandles, &WebSocketManager::OnCandles);
}

void WebSocketManager::SetInstruments(Table table) {
  for (const model::Instrument* rescaled : index_.Update(std::move(table))) Rescale(*rescaled);
}

// A precision has grown or a multiplier has changed: mantissas of before and after do not mix.
void WebSocketManager::Rescale(const model::Instrument& instrument) {
  log::Warning("instrument_rescaled", {{"exchange", exchange_}, {"symbol", instrument.symbol}});
  const DemandKey demand{instrument.id, exchange::Channel::kOrderBook, 0};
  if (desk_.wanted(instrument.id))
    desk_.OnLost(instrument.id, model::StaleReason::kSequenceRestarted);
  board_.Rescale(instrument, clock_.Now());
  pool_.Resubscribe(subscriptions_.KeyOf(demand));
}

void WebSocketManager::Want(const DemandKey& demand) {
  if (!subscriptions_.Add(demand)) return;
  const absl::Status wanted = pool_.Want(subscriptions_.KeyOf(demand));
  if (!wanted.ok()) {
    log::Error("subscription_impossible", {{"exchange", exchange_}, {"error", wanted}});
  }
}

void WebSocketManager::Unwant(const DemandKey& demand) {
  const StreamKey key = subscriptions_.KeyOf(demand);
  if (!subscriptions_.Remove(demand)) return;
  pool_.Unwant(key);
  watch_.Forget(key);
  if (demand.channel == exchange::Channel::kOrderBook) desk_.Drop(demand.instrument);
  if (demand.channel == exchange::Channel::kTrades) recent_trades_.erase(demand.instrument);
}

std::string WebSocketManager::SubscriptionFrame(const exchange::SubscriptionSet::Request& request,
                                                TimeNs now) const {
  return subscriptions_.Frame(request, index_.at(request.key.instrument).exchange_symbol, now);
}

void WebSocketManager::OnFrame(Pool::Lane& lane, std::string_view frame, TimeNs received) {
  messages_.Handle(
      *this, frame, [&] { return parser_.Parse(frame, push_); }, push_,
      Delivery{push_, received, lane});
}

exchange::PublicMessage WebSocketManager::Detect(const wire::Push& push) const {
  using exchange::PublicMessage;
  switch (push.event) {
    case wire::Event::kSubscribed:
    case wire::Event::kUnsubscribed:
    case wire::Event::kUpgrade:
      return PublicMessage::kSubscribe;
    case wire::Event::kPong:
      return PublicMessage::kPing;
    case wire::Event::kUnknown:
      return PublicMessage::kUnknown;
    case wire::Event::kUpdate:
      break;
  }
  switch (push.channel) {
    case Channel::kBookUpdate:
    case Channel::kBookStream:
    case Channel::kBookSnapshot:
      return PublicMessage::kOrderBook;
    case Channel::kTrades:
      return PublicMessage::kTrade;
    case Channel::kUnknown:
      return PublicMessage::kUnknown;
    default:
      return PublicMessage::kTicker;
  }
}

void WebSocketManager::OnData(const Delivery& delivery) {
  const std::optional<model::InstrumentId> instrument = index_.Find(delivery.push.symbol);
  // An instrument that was listed since the last load is not subscribed, so it cannot come alone.
  const std::uint32_t index = instrument ? instrument->value : ~std::uint32_t{0};
  handlers_.Dispatch(static_cast<std::size_t>(delivery.push.channel), index, delivery);
}

void WebSocketManager::OnAnswer(const Delivery& delivery) {
  const wire::Push& push = delivery.push;
  if (push.event == wire::Event::kUpgrade) {
    delivery.lane.Replace();
    return;
  }
  delivery.lane.OnAnswer(
      push.request_id,
      push.refused ? FromWebSocketError(push.channel_name, push.error.code, push.error.message)
                   : absl::OkStatus());
}

bool WebSocketManager::Note(const Delivery& delivery, Channel channel,
                            model::InstrumentId instrument, std::uint32_t parameter) {
  return delivery.lane.OnData({static_cast<std::uint8_t>(channel), instrument, parameter});
}

exchange::EventStamp WebSocketManager::Stamp(const Delivery& delivery, TimeNs exchange_time) const {
  exchange::EventStamp stamp;
  stamp.exchange_time = exchange_time;
  stamp.receive_time = delivery.received;
  return stamp;
}

void WebSocketManager::Malformed(const char* what, std::string_view symbol,
                                 const absl::Status& why) {
  log::Warning("value_not_understood",
               {{"exchange", exchange_}, {"symbol", symbol}, {"what", what}, {"error", why}});
}

void WebSocketManager::OnBook(const Delivery& delivery) {
  const wire::BookUpdate& update = delivery.push.book_update;
  const std::optional<model::InstrumentId> instrument = index_.Find(delivery.push.symbol);
  if (!instrument || !Note(delivery, delivery.push.channel, *instrument)) return;
  if (!ToChange(update, delivery.push.channel == Channel::kBookStream, index_.units(*instrument),
                delivery.received, change_)) {
    desk_.OnMalformed(*instrument);
    return;
  }
  // Source: Spot WebSocket v4: at 20 ms the best 20 levels are told.
  if (change_.window == 0 && feed_ == BookFeed::kUpdates20ms) {
    change_.window = TraitsOf(feed_).levels;
  }
  desk_.OnChange(*instrument, change_);
}

void WebSocketManager::OnBookTicker(const Delivery& delivery) {
  const std::optional<model::InstrumentId> instrument = index_.Find(delivery.push.symbol);
  if (!instrument || !Note(delivery, Channel::kBookTicker, *instrument)) return;
  const auto quote = ToQuote(delivery.push.book_ticker, index_.units(*instrument));
  if (!quote.ok()) return Malformed("book ticker", delivery.push.symbol, quote.status());
  exchange::EventStamp stamp = Stamp(delivery, quote->exchange_time);
  stamp.exchange_sequence = quote->exchange_sequence;
  watch_.OnQuote(*instrument, *quote);
  board_.PublishQuote(*instrument, *quote, stamp);
}

void WebSocketManager::OnTrades(const Delivery& delivery) {
  // One frame may hold trades of several contracts; each run of one instrument is one event.
  const std::vector<wire::Trade>& trades = delivery.push.trades;
  for (std::size_t i = 0; i < trades.size();) {
    const std::string_view symbol = trades[i].symbol;
    const std::optional<model::InstrumentId> instrument = index_.Find(symbol);
    const bool wanted = instrument && Note(delivery, Channel::kTrades, *instrument);
    trades_.clear();
    for (; i < trades.size() && trades[i].symbol == symbol; ++i) {
      if (!wanted) continue;
      RecentTrades& recent = recent_trades_[*instrument];
      recent.last_time = delivery.received;
      if (!recent.Insert(trades[i].id)) continue;
      auto trade = ToTrade(trades[i], index_.units(*instrument));
      if (trade.ok()) {
        trades_.push_back(*std::move(trade));
      } else {
        Malformed("trade", symbol, trade.status());
        board_.PublishGap(*instrument, model::StaleReason::kMalformedUpdate, trades[i].time,
                          trades[i].time);
      }
    }
    if (trades_.empty()) continue;
    std::ranges::stable_sort(trades_, {}, &model::Trade::exchange_time);
    board_.PublishTrades(*instrument, trades_, Stamp(delivery, trades_.back().exchange_time));
  }
}

void WebSocketManager::OnTickers(const Delivery& delivery) {
  for (const wire::Ticker& wire : delivery.push.tickers) {
    const std::optional<model::InstrumentId> id = index_.Find(wire.symbol);
    if (!id || !Note(delivery, Channel::kTickers, *id)) continue;
    const model::Instrument& instrument = index_.at(*id);
    const exchange::EventStamp stamp = Stamp(delivery, delivery.push.time);
    const auto ticker = ToTicker(wire, instrument, delivery.push.time, delivery.received);
    if (!ticker.ok()) {
      Malformed("ticker", wire.symbol, ticker.status());
      continue;
    }
    board_.PublishTicker(*id, *ticker, stamp);
    watch_.OnTicker(*id, *ticker);
    if (product_ == Product::kSpot) continue;
    if (const auto mark = ToMarkPrice(wire); mark.ok() && mark->has_value()) {
      board_.PublishMarkPrice(*id, **mark, stamp);
    }
    const auto funding = ToFundingRate(wire, instrument, TimeNs(), delivery.received);
    if (funding.ok() && funding->has_value()) board_.PublishFundingRate(*id, **funding, stamp);
  }
}

void WebSocketManager::OnCandles(const Delivery& delivery) {
  for (const wire::Candle& wire : delivery.push.candles) {
    const std::optional<model::InstrumentId> id = index_.Find(wire.symbol);
    const std::optional<std::uint32_t> interval = IntervalSeconds(wire.interval);
    if (!id || !interval || !Note(delivery, Channel::kCandles, *id, *interval)) continue;
    const auto candle = ToCandle(wire, index_.at(*id));
    if (!candle.ok()) {
      Malformed("candle", wire.symbol, candle.status());
      continue;
    }
    board_.PublishCandle(*id, *candle, Stamp(delivery, delivery.push.time));
  }
}

void WebSocketManager::OnOpened() {
  log::Info("connected", {{"exchange", exchange_}});
  if (connection_handlers_.connected) connection_handlers_.connected();
}

void WebSocketManager::OnReady() {
  if (connection_handlers_.resubscribed) connection_handlers_.resubscribed();
}

void WebSocketManager::PublishPolledTrades(model::InstrumentId instrument,
                                           const model::TradesPage& page) {
  RecentTrades& recent = recent_trades_[instrument];
  trades_.clear();
  for (auto trade = page.trades.rbegin(); trade != page.trades.rend(); ++trade) {
    if (recent.Insert(trade->trade_id)) trades_.push_back(*trade);
  }
  if (trades_.empty()) return;
  recent.last_time = clock_.Now();
  exchange::EventStamp stamp;
  stamp.exchange_time = trades_.back().exchange_time;
  stamp.receive_time = recent.last_time;
  stamp.source = model::Source::kRest;
  board_.PublishTrades(instrument, trades_, stamp);
}

void WebSocketManager::OnConfirmed(const StreamKey& key) {
  const Channel channel = Subscriptions::ChannelOf(key);
  if (channel == Channel::kBookUpdate || channel == Channel::kBookStream) {
    desk_.OnConfirmed(key.instrument);
  } else if (channel == Channel::kTrades) {
    RecentTrades& recent = recent_trades_[key.instrument];
    if (recent.gap_from) {
      board_.PublishGap(key.instrument, model::StaleReason::kDisconnected, *recent.gap_from,
                        clock_.Now());
      recent.gap_from.reset();
    }
  }
}

void WebSocketManager::OnRefused(const StreamKey& key, const absl::Status& why) {
  log::Warning("subscription_refused",
               {{"exchange", exchange_},
                {"symbol", index_.at(key.instrument).symbol},
                {"channel", WireName(product_, Subscriptions::ChannelOf(key))},
                {"error", why}});
  TellLost(key, model::StaleReason::kUnsubscribed);
}

void WebSocketManager::OnLost(const std::vector<StreamKey>& keys, const absl::Status& why) {
  log::Warning("connection_lost",
               {{"exchange", exchange_}, {"subscriptions", keys.size()}, {"error", why}});
  for (const StreamKey& key : keys) TellLost(key, model::StaleReason::kDisconnected);
  board_.Flush();
  if (connection_handlers_.disconnected) connection_handlers_.disconnected(why);
}

void WebSocketManager::TellLost(const StreamKey& key, model::StaleReason reason) {
  const Channel channel = Subscriptions::ChannelOf(key);
  if (channel == Channel::kBookUpdate || channel == Channel::kBookStream) {
    desk_.OnLost(key.instrument, reason);
  } else if (channel == Channel::kTrades) {
    RecentTrades& recent = recent_trades_[key.instrument];
    if (!recent.gap_from) {
      recent.gap_from = recent.last_time.given() ? recent.last_time : clock_.Now();
    }
  } else {
    for (const DemandKey& demand : subscriptions_.DemandsOf(key)) {
      board_.PublishStale(demand, reason, clock_.Now());
    }
  }
}

void WebSocketManager::OnSilent(const StreamKey& key) {
  switch (Subscriptions::ChannelOf(key)) {
    case Channel::kBookUpdate:
    case Channel::kBookStream:
      desk_.OnSilent(key.instrument);
      break;
    case Channel::kTrades:
    case Channel::kCandles:
      watch_.CheckTrades(key);
      break;
    case Channel::kBookTicker:
      watch_.CheckQuote(key);
      break;
    default:
      watch_.CheckTicker(key);
      break;
  }
}

void WebSocketManager::Stalled(const StreamKey& key) {
  log::Warning("stream_stalled", {{"exchange", exchange_},
                                  {"symbol", index_.at(key.instrument).symbol},
                                  {"channel", WireName(product_, Subscriptions::ChannelOf(key))}});
  TellLost(key, model::StaleReason::kStalled);
  pool_.Renew(key);
  board_.Flush();
}

}  // namespace switchyard::exchanges::gateio
