#pragma once

#include <functional>
#include <map>
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
#include "exchanges/lighter/market_data/market_index.h"
#include "exchanges/lighter/websocket/order_book.h"
#include "exchanges/lighter/websocket/public_message_handler.h"
#include "exchanges/lighter/websocket/stall_watch.h"
#include "exchanges/lighter/websocket/subscriptions.h"
#include "exchanges/registry.h"

namespace switchyard::exchanges::lighter {

// The public WebSocket half: from demands to subscriptions on sockets, from frames to books and
// topics. Lighter answers a subscription with the channel's state and names the channel, not the
// request. Connection thread.
class WebSocketManager {
 public:
  using Pool = exchange::LanePool<WebSocketManager>;
  using Desk = exchange::BookDesk<SequenceRule>;
  using Table = MarketIndex::Table;

  // A frame's data on its way to the handler of its channel.
  struct Delivery {
    const wire::Push& push;
    TimeNs received;
    Pool::Lane& lane;
    exchange::StreamKey key{};  // of data: the subscription
  };

  struct Parts {
    exchange::IoThread& thread;
    const Clock& clock;
    metrics::Metrics& metrics;
    exchange::TopicBoard& board;
    exchange::PublishedBooks& published;
  };

  WebSocketManager(Parts parts, std::string exchange, exchange::LaneOptions lanes,
                   SocketReads reads, ConnectionHandlers handlers);

  // The instruments that frames are about; before the first call nothing can be wanted.
  void SetInstruments(Table table);

  // Reads over REST, as no socket carries the demand, and publishes what is new.
  void PollTrades(model::InstrumentId instrument);
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
  std::string PingFrame(TimeNs) const { return R"({"type":"ping"})"; }
  std::string SubscriptionFrame(const exchange::SubscriptionSet::Request& request, TimeNs) const {
    return subscriptions_.Frame(request);
  }
  void OnFrame(Pool::Lane& lane, std::string_view frame, TimeNs received);
  void OnBatchEnd();
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
  void OnPong(const Delivery& delivery);

 private:
  using Action = exchange::SubscriptionSet::Action;
  using Request = exchange::SubscriptionSet::Request;

  // Names of the channel table.
  struct Names {
    static constexpr std::size_t kChannels = static_cast<std::size_t>(Channel::kCandles) + 1;
    const WebSocketManager* manager;
    std::optional<std::size_t> ChannelIndex(std::string_view house) const;
    std::optional<std::uint32_t> InstrumentIndex(std::string_view symbol) const;
  };
  // Answers to the reads of candles that closed while no socket carried them.
  struct CatchUp {
    bool reading = false;
    std::chrono::nanoseconds asked_at{0};  // steady
  };

  void BindAll();
  exchange::BookDeskHooks DeskHooks();
  exchange::BookHandover::Hooks HandoverHooks();
  void Rescale(const model::Instrument& instrument);
  exchange::EventStamp Stamp(const Delivery& delivery) const;
  // What a silent book's REST read says: a number ahead of the book's where its top differs.
  void CheckBook(model::InstrumentId instrument, exchange::Reply<exchange::BookChange> reply);
  // The request that a refusal is about.
  std::optional<Request> RefusedOf(const wire::Push& push, const Pool::Lane& lane) const;
  void OnRefusal(const Delivery& delivery);
  void ReadMissingCandles(const exchange::DemandKey& demand);

  void OnBook(const Delivery& delivery);
  void OnTicker(const Delivery& delivery);
  void OnTrades(const Delivery& delivery);
  void OnStats(const Delivery& delivery);
  void OnCandles(const Delivery& delivery);
  void Malformed(const char* what, const exchange::StreamKey& key, const absl::Status& why);

  void Stalled(const exchange::StreamKey& key);
  void TellLost(const exchange::StreamKey& key, model::StaleReason reason);

  const Clock& clock_;
  const std::string exchange_;
  exchange::TopicBoard& board_;
  exchange::PublishedBooks& published_;
  const SocketReads reads_;
  const ConnectionHandlers connection_handlers_;
  const Names names_{this};
  MarketIndex markets_;
  Subscriptions subscriptions_{markets_};
  PublicParser parser_;
  exchange::PublicMessageHandlerBase<WebSocketManager> messages_;
  exchange::ChannelTable<Names, Delivery> handlers_{names_};
  Desk desk_;
  exchange::BookHandover handover_;
  exchange::TradeTape tape_;
  exchange::CandleTape candles_;
  StallWatch watch_;
  log::SampledLog refusals_;
  std::map<exchange::DemandKey, CatchUp> catch_ups_;
  Pool pool_;

  // Reused from frame to frame.
  wire::Push push_;
  exchange::BookChange change_;
};

}  // namespace switchyard::exchanges::lighter
