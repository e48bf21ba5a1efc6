#include "exchanges/gateio/websocket/websocket_manager.h"

#include <algorithm>
#include <functional>
#include <span>
#include <utility>

#include "common/log/log.h"
#include "exchanges/gateio/errors.h"

namespace switchyard::exchanges::gateio {
namespace {

using exchange::DemandKey;
using exchange::StreamKey;

}  // namespace

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

void WebSocketManager::SetInstruments(Table table) {
  for (const model::Instrument* rescaled : index_.Update(std::move(table))) Rescale(*rescaled);
}

// A precision has grown or a multiplier has changed: mantissas of before and after do not mix.
void WebSocketManager::Rescale(const model::Instrument& instrument) {
  log::Warning("instrument_rescaled", {{"exchange", exchange_}, {"symbol", instrument.symbol}});
  if (desk_.wanted(instrument.id))
    desk_.OnLost(instrument.id, model::StaleReason::kSequenceRestarted);
  handover_.Forget(instrument.id);
  board_.Rescale(instrument, clock_.Now());
  pool_.Resubscribe(BookKey(instrument.id));
}

void WebSocketManager::Want(const DemandKey& demand) {
  const StreamKey key = subscriptions_.KeyOf(demand);
  if (!subscriptions_.Add(demand)) {
    // Another topic of a stream that is there already.
    if (pool_.IsConfirmed(key)) primer_.OnConfirmed(key);
    return;
  }
  const absl::Status wanted = pool_.Want(key);
  if (!wanted.ok()) {
    log::Error("subscription_impossible", {{"exchange", exchange_}, {"error", wanted}});
  }
}

void WebSocketManager::Unwant(const DemandKey& demand) {
  if (demand.channel == exchange::Channel::kTrades) tape_.Forget(demand.instrument);
  if (demand.channel == exchange::Channel::kCandles) candles_.Forget(demand);
  const StreamKey key = subscriptions_.KeyOf(demand);
  if (!subscriptions_.Remove(demand)) return;
  pool_.Unwant(key);
  watch_.Forget(key);
  primer_.Forget(key);
  if (demand.channel != exchange::Channel::kOrderBook) return;
  handover_.Forget(demand.instrument);
  desk_.Drop(demand.instrument);
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
  Delivery known = delivery;
  known.instrument = index_.Find(delivery.push.symbol);
  // An instrument that was listed since the last load is not subscribed, so it cannot come alone.
  const std::uint32_t index = known.instrument ? known.instrument->value : ~std::uint32_t{0};
  handlers_.Dispatch(static_cast<std::size_t>(delivery.push.channel), index, known);
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
  const std::optional<model::InstrumentId> instrument = delivery.instrument;
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
  // Of the two sockets of a planned rollover the old one counts until the new one takes over.
  const Pool::Lane* const old = delivery.lane.predecessor();
  if (old != nullptr && old->subscriptions().IsConfirmed(BookKey(*instrument))) {
    handover_.Keep(*instrument, change_);
  } else if (!handover_.idle()) {
    handover_.OnFrame(*instrument, change_);
  } else {
    desk_.OnChange(*instrument, change_);
  }
}

void WebSocketManager::OnBookTicker(const Delivery& delivery) {
  const std::optional<model::InstrumentId> instrument = delivery.instrument;
  if (!instrument || !Note(delivery, Channel::kBookTicker, *instrument)) return;
  const auto quote = ToQuote(delivery.push.book_ticker, index_.units(*instrument));
  if (!quote.ok()) return Malformed("book ticker", delivery.push.symbol, quote.status());
  exchange::EventStamp stamp = Stamp(delivery, quote->exchange_time);
  stamp.exchange_sequence = quote->exchange_sequence;
  // During a planned rollover both sockets tell quotes, the later one perhaps older ones.
  if (board_.PublishQuote(*instrument, *quote, stamp)) watch_.OnQuote(*instrument, *quote);
}

void WebSocketManager::OnTrades(const Delivery& delivery) {
  // One frame may hold trades of several contracts; each run of one instrument is one event.
  std::span<const wire::Trade> rest = delivery.push.trades;
  while (!rest.empty()) {
    const std::string_view symbol = rest.front().symbol;
    const auto end = std::ranges::find_if(
        rest, [symbol](const wire::Trade& trade) { return trade.symbol != symbol; });
    const std::span<const wire::Trade> run(rest.begin(), end);
    rest = rest.subspan(run.size());
    const std::optional<model::InstrumentId> instrument = InstrumentOf(delivery, symbol);
    if (!instrument || !Note(delivery, Channel::kTrades, *instrument)) continue;
    tape_.OnFrame(*instrument, run, delivery.received, [&](const wire::Trade& trade) {
      return ToTrade(trade, index_.units(*instrument));
    });
  }
}

void WebSocketManager::OnTickers(const Delivery& delivery) {
  for (const wire::Ticker& wire : delivery.push.tickers) {
    const std::optional<model::InstrumentId> id = InstrumentOf(delivery, wire.symbol);
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
    const std::optional<model::InstrumentId> id = InstrumentOf(delivery, wire.symbol);
    const std::optional<std::uint32_t> interval = IntervalSeconds(wire.interval);
    if (!id || !interval || !Note(delivery, Channel::kCandles, *id, *interval)) continue;
    const auto candle = ToCandle(wire, index_.at(*id));
    if (!candle.ok()) {
      Malformed("candle", wire.symbol, candle.status());
      continue;
    }
    const StreamKey key{static_cast<std::uint8_t>(Channel::kCandles), *id, *interval};
    if (!candles_.OnFrame(Subscriptions::CandlesOf(key), *candle,
                          Stamp(delivery, delivery.push.time))) {
      primer_.OnWaiting(key);
    }
  }
}

void WebSocketManager::OnOpened() {
  log::Info("connected", {{"exchange", exchange_}});
  if (connection_handlers_.connected) connection_handlers_.connected();
}

void WebSocketManager::OnReady() {
  if (connection_handlers_.resubscribed) connection_handlers_.resubscribed();
}

void WebSocketManager::PollTrades(model::InstrumentId instrument) {
  const DemandKey demand{instrument, exchange::Channel::kTrades, 0};
  reads_.trades(instrument, [this, demand](const absl::StatusOr<model::TradesPage>& page) {
    if (!page.ok() || carries(demand)) return;
    tape_.OnPage(demand.instrument, *page);
    board_.Flush();
  });
}

void WebSocketManager::PollCandles(const DemandKey& demand) {
  reads_.candles(demand.instrument, candles_.Missing(demand),
                 [this, demand](const absl::StatusOr<model::CandlesPage>& page) {
                   // An answer that comes after its last reader has gone begins nothing.
                   if (!page.ok() || carries(demand) || !board_.HasReaders(demand)) return;
                   candles_.OnPage(demand, *page, /*polled=*/true);
                   board_.Flush();
                 });
}

void WebSocketManager::OnConfirmed(const StreamKey& key) {
  const Channel channel = Subscriptions::ChannelOf(key);
  if (channel == Channel::kBookUpdate || channel == Channel::kBookStream) {
    desk_.OnConfirmed(key.instrument);
  } else if (channel == Channel::kTrades) {
    tape_.OnConfirmed(key.instrument);
  } else {
    primer_.OnConfirmed(key);
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
  for (const StreamKey& key : keys) {
    primer_.Forget(key);
    TellLost(key, model::StaleReason::kDisconnected);
  }
  board_.Flush();
  if (connection_handlers_.disconnected) connection_handlers_.disconnected(why);
}

void WebSocketManager::TellLost(const StreamKey& key, model::StaleReason reason) {
  const Channel channel = Subscriptions::ChannelOf(key);
  if (channel == Channel::kBookUpdate || channel == Channel::kBookStream) {
    desk_.OnLost(key.instrument, reason);
  } else if (channel == Channel::kTrades) {
    tape_.OnLost(key.instrument);
  } else {
    if (channel == Channel::kCandles) candles_.OnLost(Subscriptions::CandlesOf(key));
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
  primer_.OnStalled(key);
  pool_.Renew(key);
  board_.Flush();
}

}  // namespace switchyard::exchanges::gateio
