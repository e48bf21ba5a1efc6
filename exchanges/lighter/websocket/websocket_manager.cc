#include "exchanges/lighter/websocket/websocket_manager.h"

#include <span>
#include <utility>

#include "common/log/log.h"
#include "exchanges/lighter/errors.h"

namespace switchyard::exchanges::lighter {
namespace {

using exchange::DemandKey;
using exchange::StreamKey;

// Between two reads of the same missing candles.
constexpr std::chrono::nanoseconds kReadPause = std::chrono::seconds(1);

constexpr std::string_view kPong = R"({"type":"pong"})";

}  // namespace

void WebSocketManager::SetInstruments(Table table) {
  for (const model::Instrument* rescaled : markets_.Update(std::move(table))) Rescale(*rescaled);
}

// A precision has grown or a multiplier has changed: mantissas of before and after do not mix.
void WebSocketManager::Rescale(const model::Instrument& instrument) {
  log::Warning("instrument_rescaled", {{"exchange", exchange_}, {"symbol", instrument.symbol}});
  if (desk_.wanted(instrument.id)) {
    desk_.OnLost(instrument.id, model::StaleReason::kSequenceRestarted);
  }
  handover_.Forget(instrument.id);
  board_.Rescale(instrument, clock_.Now());
  pool_.Resubscribe(subscriptions_.KeyOf({instrument.id, exchange::Channel::kOrderBook, 0}));
}

void WebSocketManager::Want(const DemandKey& demand) {
  const StreamKey key = subscriptions_.KeyOf(demand);
  // Another topic of statistics that are there already has its state with their next frame.
  if (!subscriptions_.Add(demand)) return;
  const absl::Status wanted = pool_.Want(key);
  if (!wanted.ok()) {
    log::Error("subscription_impossible", {{"exchange", exchange_}, {"error", wanted}});
  }
}

void WebSocketManager::Unwant(const DemandKey& demand) {
  if (demand.channel == exchange::Channel::kTrades) tape_.Forget(demand.instrument);
  if (demand.channel == exchange::Channel::kCandles) {
    candles_.Forget(demand);
    catch_ups_.erase(demand);
  }
  const StreamKey key = subscriptions_.KeyOf(demand);
  if (!subscriptions_.Remove(demand)) return;
  pool_.Unwant(key);
  watch_.Forget(key);
  if (demand.channel != exchange::Channel::kOrderBook) return;
  handover_.Forget(demand.instrument);
  desk_.Drop(demand.instrument);
}

void WebSocketManager::OnFrame(Pool::Lane& lane, std::string_view frame, TimeNs received) {
  messages_.Handle(
      *this, frame, [&] { return parser_.Parse(frame, push_); }, push_,
      Delivery{push_, received, lane});
}

void WebSocketManager::OnBatchEnd() {
  if (!handover_.idle()) handover_.Finish();
  board_.Flush();
}

exchange::PublicMessage WebSocketManager::Detect(const wire::Push& push) const {
  using exchange::PublicMessage;
  switch (push.event) {
    case wire::Event::kConnected:
    case wire::Event::kUnsubscribed:
    case wire::Event::kError:
      return PublicMessage::kSubscribe;
    case wire::Event::kPing:
    case wire::Event::kPong:
      return PublicMessage::kPing;
    case wire::Event::kUnknown:
      return PublicMessage::kUnknown;
    case wire::Event::kSubscribed:
    case wire::Event::kUpdate:
      break;
  }
  if (push.channel == Channel::kOrderBook) return PublicMessage::kOrderBook;
  return push.channel == Channel::kTrades ? PublicMessage::kTrade : PublicMessage::kTicker;
}

void WebSocketManager::OnData(const Delivery& delivery) {
  const wire::Push& push = delivery.push;
  const auto key = subscriptions_.KeyOf(push.channel, push.market, push.resolution);
  // An instrument that was listed since the last load is not subscribed, so it cannot come alone.
  if (!key) return;
  if (push.event == wire::Event::kSubscribed) {
    const auto asked = delivery.lane.subscriptions().UnansweredOf(*key, Action::kSubscribe);
    if (asked) delivery.lane.OnAnswer(asked->id, absl::OkStatus());
  }
  if (!delivery.lane.OnData(*key)) return;
  handlers_.Dispatch(static_cast<std::size_t>(push.channel), key->instrument.value,
                     Delivery{push, delivery.received, delivery.lane, *key});
}

void WebSocketManager::OnPong(const Delivery& delivery) {
  if (delivery.push.event != wire::Event::kPing) return;
  // A full queue means that the peer does not read: the receive timeout will tell.
  delivery.lane.session().Send(std::string(kPong)).IgnoreError();
}

void WebSocketManager::OnAnswer(const Delivery& delivery) {
  const wire::Push& push = delivery.push;
  if (push.event == wire::Event::kError) return OnRefusal(delivery);
  if (push.event != wire::Event::kUnsubscribed) return;
  const auto key = subscriptions_.KeyOf(push.channel, push.market, push.resolution);
  if (!key) return;
  const auto asked = delivery.lane.subscriptions().UnansweredOf(*key, Action::kUnsubscribe);
  if (asked) delivery.lane.OnAnswer(asked->id, absl::OkStatus());
}

std::optional<WebSocketManager::Request> WebSocketManager::RefusedOf(const wire::Push& push,
                                                                     const Pool::Lane& lane) const {
  const exchange::SubscriptionSet& set = lane.subscriptions();
  ChannelParts parts{push.channel, push.market, push.resolution};
  // Some messages end with the channel's name.
  if (parts.channel == Channel::kUnknown) {
    const std::string& message = push.error_message;
    parts = ParseChannel(std::string_view(message).substr(message.find_last_of(' ') + 1));
  }
  const auto key = subscriptions_.KeyOf(parts.channel, parts.market, parts.resolution);
  if (!key) return set.OldestUnanswered();
  const auto asked = set.UnansweredOf(*key, Action::kUnsubscribe);
  return asked ? asked : set.UnansweredOf(*key, Action::kSubscribe);
}

void WebSocketManager::OnRefusal(const Delivery& delivery) {
  const wire::Push& push = delivery.push;
  const auto refused = RefusedOf(push, delivery.lane);
  const absl::Status why = FromCode("subscribe", push.error_code, push.error_message);
  if (!refused) {
    refusals_.Log(log::Level::kWarning, "refused_by_exchange",
                  {{"exchange", exchange_}, {"error", why}});
    return;
  }
  const bool subscribe = refused->action == Action::kSubscribe;
  const bool is_so = push.error_code == (subscribe ? kAlreadySubscribed : kNotSubscribed);
  delivery.lane.OnAnswer(refused->id, is_so ? absl::OkStatus() : why);
  // Carried since a request whose answer was lost, and with it the first frame.
  if (subscribe && is_so) pool_.Resubscribe(refused->key);
}

exchange::EventStamp WebSocketManager::Stamp(const Delivery& delivery) const {
  exchange::EventStamp stamp;
  stamp.exchange_time = delivery.push.time;
  stamp.receive_time = delivery.received;
  return stamp;
}

void WebSocketManager::Malformed(const char* what, const StreamKey& key, const absl::Status& why) {
  log::Warning("value_not_understood", {{"exchange", exchange_},
                                        {"symbol", markets_.at(key.instrument).symbol},
                                        {"what", what},
                                        {"error", why}});
}

void WebSocketManager::OnBook(const Delivery& delivery) {
  const model::InstrumentId instrument = delivery.key.instrument;
  const bool whole = delivery.push.event == wire::Event::kSubscribed;
  if (!ToChange(delivery.push.order_book, whole, markets_.units(instrument), delivery.push.time,
                delivery.received, change_)) {
    desk_.OnMalformed(instrument);
    return;
  }
  // Of the two sockets of a planned rollover the old one counts until the new one takes over.
  const Pool::Lane* const old = delivery.lane.predecessor();
  if (old != nullptr && old->subscriptions().IsConfirmed(delivery.key)) {
    handover_.Keep(instrument, change_);
  } else if (!handover_.idle()) {
    handover_.OnFrame(instrument, change_);
  } else {
    desk_.OnChange(instrument, change_);
  }
}

void WebSocketManager::OnTicker(const Delivery& delivery) {
  const model::Instrument& instrument = markets_.at(delivery.key.instrument);
  const auto quote = ToQuote(delivery.push.ticker, instrument, delivery.push.time);
  if (!quote.ok()) return Malformed("best levels", delivery.key, quote.status());
  exchange::EventStamp stamp = Stamp(delivery);
  stamp.exchange_sequence = quote->exchange_sequence;
  // During a planned rollover both sockets tell quotes, the later one perhaps older ones.
  if (board_.PublishQuote(instrument.id, *quote, stamp)) watch_.OnQuote(delivery.key, *quote);
}

void WebSocketManager::OnTrades(const Delivery& delivery) {
  const model::InstrumentId instrument = delivery.key.instrument;
  const auto convert = [&](const wire::Trade& trade) {
    return ToTrade(trade, markets_.units(instrument));
  };
  const std::span<const wire::Trade> trades(delivery.push.trades);
  if (delivery.push.event == wire::Event::kSubscribed) {
    tape_.OnBacklog(instrument, trades, delivery.received, convert);
  } else {
    tape_.OnFrame(instrument, trades, delivery.received, convert);
  }
}

void WebSocketManager::OnStats(const Delivery& delivery) {
  const model::Instrument& instrument = markets_.at(delivery.key.instrument);
  const exchange::EventStamp stamp = Stamp(delivery);
  for (const wire::Stats& stats : delivery.push.stats) {
    if (stats.market != delivery.push.market) continue;
    const auto ticker = ToTicker(stats, instrument, delivery.push.time, delivery.received);
    if (!ticker.ok()) {
      Malformed("statistics", delivery.key, ticker.status());
      continue;
    }
    board_.PublishTicker(instrument.id, *ticker, stamp);
    watch_.OnTicker(delivery.key, *ticker);
    if (instrument.kind == model::InstrumentKind::kSpot) continue;
    if (const auto mark = ToMarkPrice(stats, instrument); mark.ok() && mark->has_value()) {
      board_.PublishMarkPrice(instrument.id, **mark, stamp);
    }
    const auto funding = ToFundingRate(stats, instrument, delivery.received);
    if (funding.ok() && funding->has_value()) {
      board_.PublishFundingRate(instrument.id, **funding, stamp);
    }
  }
}

void WebSocketManager::OnCandles(const Delivery& delivery) {
  const DemandKey demand = Subscriptions::CandlesOf(delivery.key);
  for (const wire::Candle& wire : delivery.push.candles) {
    const auto candle = ToCandle(wire, markets_.at(demand.instrument), demand.interval_seconds);
    if (!candle.ok()) {
      Malformed("candle", delivery.key, candle.status());
    } else if (candle->has_value() && !candles_.OnFrame(demand, **candle, Stamp(delivery))) {
      ReadMissingCandles(demand);
    }
  }
}

void WebSocketManager::ReadMissingCandles(const DemandKey& demand) {
  CatchUp& catch_up = catch_ups_[demand];
  const std::chrono::nanoseconds now = clock_.Steady();
  if (catch_up.reading || now - catch_up.asked_at < kReadPause) return;
  catch_up = {true, now};
  reads_.candles(demand.instrument, candles_.Missing(demand),
                 [this, demand](const absl::StatusOr<model::CandlesPage>& page) {
                   const auto found = catch_ups_.find(demand);
                   if (found == catch_ups_.end()) return;
                   found->second.reading = false;
                   // After a failure, or while there is more, the next frame asks again.
                   if (!page.ok() || !carries(demand)) return;
                   if (candles_.OnPage(demand, *page, /*polled=*/false)) catch_ups_.erase(found);
                   board_.Flush();
                 });
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
  if (channel == Channel::kOrderBook) {
    desk_.OnConfirmed(key.instrument);
  } else if (channel == Channel::kTrades) {
    tape_.OnConfirmed(key.instrument);
  }
}

void WebSocketManager::OnRefused(const StreamKey& key, const absl::Status& why) {
  log::Warning("subscription_refused", {{"exchange", exchange_},
                                        {"symbol", markets_.at(key.instrument).symbol},
                                        {"channel", WireName(Subscriptions::ChannelOf(key))},
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
  if (channel == Channel::kOrderBook) {
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
  if (Subscriptions::ChannelOf(key) == Channel::kOrderBook) {
    desk_.OnSilent(key.instrument);
  } else {
    watch_.Check(key);
  }
}

void WebSocketManager::Stalled(const StreamKey& key) {
  log::Warning("stream_stalled", {{"exchange", exchange_},
                                  {"symbol", markets_.at(key.instrument).symbol},
                                  {"channel", WireName(Subscriptions::ChannelOf(key))}});
  TellLost(key, model::StaleReason::kStalled);
  pool_.Renew(key);
  board_.Flush();
}

}  // namespace switchyard::exchanges::lighter
