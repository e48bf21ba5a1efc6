// How the parts of the WebSocket half are joined: what each asks of the others.
#include <chrono>
#include <utility>

#include "exchanges/lighter/websocket/websocket_manager.h"

namespace switchyard::exchanges::lighter {

using exchange::StreamKey;

std::optional<std::size_t> WebSocketManager::Names::ChannelIndex(std::string_view house) const {
  const Channel channel = FromHouseName(house);
  if (!IsPublic(channel)) return std::nullopt;
  return static_cast<std::size_t>(channel);
}

std::optional<std::uint32_t> WebSocketManager::Names::InstrumentIndex(
    std::string_view symbol) const {
  const Table& table = manager->markets_.table();
  const model::Instrument* instrument = table == nullptr ? nullptr : table->Find(symbol);
  if (instrument == nullptr) return std::nullopt;
  return instrument->id.value;
}

WebSocketManager::WebSocketManager(Parts parts, std::string exchange, exchange::LaneOptions lanes,
                                   SocketReads reads, ConnectionHandlers handlers)
    : clock_(parts.clock),
      exchange_(std::move(exchange)),
      board_(parts.board),
      published_(parts.published),
      reads_(std::move(reads)),
      connection_handlers_(std::move(handlers)),
      messages_(parts.metrics, parts.clock, exchange_),
      desk_({parts.thread, parts.clock, parts.board, parts.published,
             exchange::BookDeskCounters::Make(parts.metrics, exchange_)},
            DeskOptionsOf(exchange_), DeskHooks()),
      handover_(parts.clock, HandoverHooks()),
      tape_(exchange_, parts.board, parts.clock),
      candles_(exchange_, parts.board, parts.clock),
      watch_(parts.thread, parts.clock, reads_,
             {.is_confirmed = [this](const StreamKey& key) { return pool_.IsConfirmed(key); },
              .stalled = [this](const StreamKey& key) { Stalled(key); },
              .recent_trades = [this](model::InstrumentId id) -> const exchange::RecentTrades& {
                return tape_.recent(id);
              }}),
      refusals_(parts.clock, std::chrono::seconds(10)),
      pool_(parts.thread, parts.clock, std::move(lanes), *this) {
  BindAll();
}

exchange::BookDeskHooks WebSocketManager::DeskHooks() {
  const auto key_of = [](model::InstrumentId instrument) {
    return StreamKey{static_cast<std::uint8_t>(Channel::kOrderBook), instrument, 0};
  };
  return {
      .read_snapshot =
          [this](model::InstrumentId instrument, exchange::Reply<exchange::BookChange> reply) {
            CheckBook(instrument, std::move(reply));
          },
      .resubscribe =
          [this, key_of](model::InstrumentId instrument) { pool_.Resubscribe(key_of(instrument)); },
      .renew = [this, key_of](model::InstrumentId instrument) { pool_.Renew(key_of(instrument)); },
  };
}

void WebSocketManager::CheckBook(model::InstrumentId instrument,
                                 exchange::Reply<exchange::BookChange> reply) {
  const auto number = [this, instrument](model::BookView* view) {
    const auto book = published_.Find(instrument);
    return book != nullptr && book->Read(1, clock_.Steady(), view);
  };
  model::BookView asked;
  number(&asked);
  reads_.book(instrument, [this, number, asked = asked.exchange_sequence,
                           reply = std::move(reply)](const absl::StatusOr<BookSnapshot>& book) {
    if (!book.ok()) return reply(book.status());
    exchange::BookChange told;
    told.range.last = asked;
    model::BookView now;
    // What came while REST answered is no silence.
    if (number(&now) && now.exchange_sequence == asked) {
      const model::Level bid = now.bids.empty() ? model::Level{} : now.bids.front();
      const model::Level ask = now.asks.empty() ? model::Level{} : now.asks.front();
      if (!SameTop(*book, bid, ask)) ++told.range.last;
    }
    reply(std::move(told));
    board_.Flush();
  });
}

exchange::BookHandover::Hooks WebSocketManager::HandoverHooks() {
  return {
      .in_rollover =
          [this](model::InstrumentId instrument) {
            return pool_.InRollover(
                {static_cast<std::uint8_t>(Channel::kOrderBook), instrument, 0});
          },
      .current = [this](model::InstrumentId instrument) -> std::optional<std::uint64_t> {
        const auto book = published_.Find(instrument);
        model::BookView view;
        if (book == nullptr || !book->Read(0, clock_.Steady(), &view)) return std::nullopt;
        return view.exchange_sequence;
      },
      .apply = [this](model::InstrumentId instrument,
                      const exchange::BookChange& change) { desk_.OnChange(instrument, change); },
  };
}

void WebSocketManager::BindAll() {
  const auto bind = [this](Channel channel, void (WebSocketManager::*handler)(const Delivery&)) {
    for (const ChannelName& name : kChannelNames) {
      if (name.channel != channel) continue;
      // Cannot fail: the name is the table's own and bound once.
      Bind(name.house, "", [this, handler](const Delivery& d) {
        (this->*handler)(d);
      }).IgnoreError();
    }
  };
  bind(Channel::kOrderBook, &WebSocketManager::OnBook);
  bind(Channel::kTicker, &WebSocketManager::OnTicker);
  bind(Channel::kTrades, &WebSocketManager::OnTrades);
  bind(Channel::kMarketStats, &WebSocketManager::OnStats);
  bind(Channel::kSpotMarketStats, &WebSocketManager::OnStats);
  bind(Channel::kCandles, &WebSocketManager::OnCandles);
}

}  // namespace switchyard::exchanges::lighter
