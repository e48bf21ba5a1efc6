#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/exchange/book_desk.h"
#include "common/exchange/book_handover.h"
#include "common/exchange/candle_tape.h"
#include "common/exchange/channel_table.h"
#include "common/exchange/lane_pool.h"
#include "common/exchange/public_message_handler_base.h"
#include "common/exchange/topic_board.h"
#include "common/exchange/trade_tape.h"
#include "exchanges/gateio/websocket/instrument_index.h"
#include "exchanges/gateio/websocket/order_book.h"
#include "exchanges/gateio/websocket/public_message_handler.h"
#include "exchanges/gateio/websocket/stall_watch.h"
#include "exchanges/gateio/websocket/state_primer.h"
#include "exchanges/gateio/websocket/subscriptions.h"
#include "exchanges/gateio/websocket/ticker_topics.h"
#include "exchanges/registry.h"

namespace switchyard::exchanges::gateio {

// The public WebSocket half of one product: from demands to subscriptions on sockets, from frames
// to books and topics. Routes by the channel table; parses in PublicParser, sequences in BookDesk,
// publishes on the TopicBoard. Connection thread.
class WebSocketManager {
 public:
  using Pool = exchange::LanePool<WebSocketManager>;
  using Desk = exchange::BookDesk<SequenceRule>;
  using Table = InstrumentIndex::Table;

  // A frame's data on its way to the handler of its channel.
  struct Delivery {
    const wire::Push& push;
    TimeNs received;
    Pool::Lane& lane;
    // Of the frame's first entry; none where it is not known.
    std::optional<model::InstrumentId> instrument = std::nullopt;
  };

  struct Parts {
    exchange::IoThread& thread;
    const Clock& clock;
    metrics::Metrics& metrics;
    exchange::TopicBoard& board;
    exchange::PublishedBooks& published;
  };

  // What it serves, and how.
  struct Settings {
    std::string exchange;
    Product product = Product::kSpot;
    BookFeed feed = BookFeed::kUpdates100ms;
    exchange::LaneOptions lanes;
  };

  WebSocketManager(Parts parts, Settings settings, SocketReads reads, ConnectionHandlers handlers);

  // The instruments that frames are about; before the first call nothing can be wanted.
  void SetInstruments(Table table);

  // Reads trades over REST, as no socket carries them, and publishes those that are new.
  void PollTrades(model::InstrumentId instrument);
  // The same for candles: none that closed between two polls is left out.
  void PollCandles(const exchange::DemandKey& demand);

  // Begins and ends to serve a demand. What is polled is not wanted here, but ends here as well.
  void Want(const exchange::DemandKey& demand);
  void Unwant(const exchange::DemandKey& demand);

  // Routes every later frame of `channel` (house name; of `symbol`, or of all where empty).
  // Errors: as exchange::ChannelTable.
  absl::Status Bind(std::string_view channel, std::string_view symbol,
                    std::function<void(const Delivery&)> handler) {
    return handlers_.Bind(channel, symbol, std::move(handler));
  }
  absl::Status Unbind(std::string_view channel, std::string_view symbol) {
    return handlers_.Unbind(channel, symbol);
  }

  const model::Book* valid_book(model::InstrumentId instrument) const {
    return desk_.valid_book(instrument);
  }
  // Sockets carry all that is wanted. One stale book among many is told by its own topic.
  bool ready() const { return pool_.ready(); }
  // A socket carries the topic.
  bool carries(const exchange::DemandKey& demand) const {
    return pool_.IsConfirmed(subscriptions_.KeyOf(demand));
  }
  std::vector<exchange::ConnectionStatus> Status() const { return pool_.Status(); }
  const Desk& desk() const { return desk_; }

  // For the lane pool.
  std::string PingFrame(TimeNs now) const { return subscriptions_.PingFrame(now); }
  std::string SubscriptionFrame(const exchange::SubscriptionSet::Request& request,
                                TimeNs now) const;
  void OnFrame(Pool::Lane& lane, std::string_view frame, TimeNs received);
  void OnBatchEnd() {
    if (!handover_.idle()) handover_.Finish();
    board_.Flush();
  }
  void OnOpened();
  void OnReady();
  void OnConfirmed(const exchange::StreamKey& key);
  void OnRefused(const exchange::StreamKey& key, const absl::Status& why);
  void OnLost(const std::vector<exchange::StreamKey>& keys, const absl::Status& why);
  void OnSilent(const exchange::StreamKey& key);

  // For the message handler base: one call per kind of message.
  exchange::PublicMessage Detect(const wire::Push& push) const;
  void OnData(const Delivery& delivery);
  void OnAnswer(const Delivery& delivery);
  void OnPong(const Delivery&) {}

 private:
  // Names of the channel table.
  struct Names {
    static constexpr std::size_t kChannels = static_cast<std::size_t>(Channel::kTriggerOrders) + 1;
    Product product;
    const WebSocketManager* manager;
    std::optional<std::size_t> ChannelIndex(std::string_view house) const;
    std::optional<std::uint32_t> InstrumentIndex(std::string_view symbol) const;
  };
  void BindAll();
  StatePrimer::Hooks PrimerHooks();
  exchange::BookHandover::Hooks HandoverHooks();
  exchange::BookDeskHooks DeskHooks();
  void Rescale(const model::Instrument& instrument);
  // The instrument of one of the delivery's entries.
  std::optional<model::InstrumentId> InstrumentOf(const Delivery& delivery,
                                                  std::string_view symbol) const {
    return symbol == delivery.push.symbol ? delivery.instrument : index_.Find(symbol);
  }
  exchange::StreamKey BookKey(model::InstrumentId instrument) const {
    return subscriptions_.KeyOf({instrument, exchange::Channel::kOrderBook, 0});
  }
  // Notes the sign of life. False where nobody wants it.
  bool Note(const Delivery& delivery, Channel channel, model::InstrumentId instrument,
            std::uint32_t parameter = 0);
  exchange::EventStamp Stamp(const Delivery& delivery, TimeNs exchange_time) const;

  void OnBook(const Delivery& delivery);
  void OnBookTicker(const Delivery& delivery);
  void OnTrades(const Delivery& delivery);
  void OnTickers(const Delivery& delivery);
  void OnCandles(const Delivery& delivery);
  void Malformed(const char* what, std::string_view symbol, const absl::Status& why);

  void Stalled(const exchange::StreamKey& key);
  void TellLost(const exchange::StreamKey& key, model::StaleReason reason);

  const Clock& clock_;
  const std::string exchange_;
  const Product product_;
  const BookFeed feed_;
  exchange::TopicBoard& board_;
  exchange::PublishedBooks& published_;
  const SocketReads reads_;
  const ConnectionHandlers connection_handlers_;
  const Names names_;
  Subscriptions subscriptions_;
  PublicParser parser_;
  exchange::PublicMessageHandlerBase<WebSocketManager> messages_;
  exchange::ChannelTable<Names, Delivery> handlers_;
  Desk desk_;
  exchange::BookHandover handover_;
  exchange::TradeTape tape_;
  exchange::CandleTape candles_;
  StatePrimer primer_;
  StallWatch watch_;
  Pool pool_;

  InstrumentIndex index_;

  // Reused from frame to frame.
  wire::Push push_;
  exchange::BookChange change_;
};

}  // namespace switchyard::exchanges::gateio
