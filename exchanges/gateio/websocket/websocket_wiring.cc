// How the parts of the WebSocket half are joined: what each asks of the others.
#include <algorithm>
#include <utility>

#include "exchanges/gateio/websocket/websocket_manager.h"

namespace switchyard::exchanges::gateio {
namespace {

using exchange::DemandKey;
using exchange::StreamKey;

// Levels asked for in a REST snapshot: those that the feed's updates are about.
constexpr std::size_t kSnapshotLevels = 100;

}  // namespace

WebSocketManager::WebSocketManager(Parts parts, Settings settings, SocketReads reads,
                                   ConnectionHandlers handlers)
    : clock_(parts.clock),
      exchange_(std::move(settings.exchange)),
      product_(settings.product),
      feed_(settings.feed),
      board_(parts.board),
      published_(parts.published),
      reads_(std::move(reads)),
      connection_handlers_(std::move(handlers)),
      names_{product_, this},
      subscriptions_(product_, feed_),
      parser_(product_),
      messages_(parts.metrics, parts.clock, exchange_),
      handlers_(names_),
      desk_({parts.thread, parts.clock, parts.board, parts.published,
             exchange::BookDeskCounters::Make(parts.metrics, exchange_)},
            DeskOptionsOf(exchange_, feed_), DeskHooks()),
      handover_(parts.clock, HandoverHooks()),
      tape_(exchange_, parts.board, parts.clock),
      candles_(exchange_, parts.board, parts.clock),
      primer_(parts.thread, reads_, PrimerHooks()),
      watch_(parts.thread, parts.clock, reads_,
             {.is_confirmed = [this](const StreamKey& key) { return pool_.IsConfirmed(key); },
              .stalled = [this](const StreamKey& key) { Stalled(key); },
              .recent_trades = [this](model::InstrumentId id) -> const exchange::RecentTrades& {
                return tape_.recent(id);
              }}),
      pool_(parts.thread, parts.clock, std::move(settings.lanes), *this) {
  BindAll();
}

exchange::BookDeskHooks WebSocketManager::DeskHooks() {
  return {
      .read_snapshot =
          [this](model::InstrumentId instrument, exchange::Reply<exchange::BookChange> reply) {
            reads_.book(instrument,
                        [this, reply = std::move(reply)](absl::StatusOr<BookSnapshot> snapshot) {
                          if (!snapshot.ok()) return reply(snapshot.status());
                          reply(ToChange(*snapshot, kSnapshotLevels, clock_.Now()));
                          board_.Flush();
                        });
          },
      .resubscribe =
          [this](model::InstrumentId instrument) { pool_.Resubscribe(BookKey(instrument)); },
      .renew = [this](model::InstrumentId instrument) { pool_.Renew(BookKey(instrument)); },
  };
}

exchange::BookHandover::Hooks WebSocketManager::HandoverHooks() {
  return {
      .in_rollover =
          [this](model::InstrumentId instrument) { return pool_.InRollover(BookKey(instrument)); },
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

StatePrimer::Hooks WebSocketManager::PrimerHooks() {
  return {
      .is_confirmed = [this](const StreamKey& key) { return pool_.IsConfirmed(key); },
      .needs_state =
          [this](const StreamKey& key) {
            return std::ranges::any_of(
                subscriptions_.DemandsOf(key), [this](const DemandKey& demand) {
                  return board_.NeedsState(demand) || candles_.behind(demand);
                });
          },
      .kept_book = [this](model::InstrumentId instrument) -> std::optional<BookSnapshot> {
        const auto book = published_.Find(instrument);
        model::BookView view;
        if (book == nullptr || !book->Read(1, clock_.Steady(), &view)) return std::nullopt;
        return BookSnapshot{view.exchange_sequence, view.exchange_time, std::move(view.bids),
                            std::move(view.asks)};
      },
      .units = [this](model::InstrumentId instrument) { return index_.units(instrument); },
      .missing_candles =
          [this](const StreamKey& key) { return candles_.Missing(Subscriptions::CandlesOf(key)); },
      .publish_quote =
          [this](model::InstrumentId instrument, const model::Quote& quote) {
            exchange::EventStamp stamp;
            stamp.exchange_time = quote.exchange_time;
            stamp.receive_time = clock_.Now();
            stamp.exchange_sequence = quote.exchange_sequence;
            stamp.source = quote.source;
            if (!board_.PublishQuote(instrument, quote, stamp)) return false;
            watch_.OnQuote(instrument, quote);
            board_.Flush();
            return true;
          },
      .publish_ticker =
          [this](model::InstrumentId instrument, const model::Ticker& ticker) {
            exchange::EventStamp stamp;
            stamp.receive_time = clock_.Now();
            stamp.source = model::Source::kRest;
            watch_.OnTicker(instrument, ticker);
            const StreamKey key = subscriptions_.KeyOf({instrument, exchange::Channel::kTicker, 0});
            for (const DemandKey& demand : subscriptions_.DemandsOf(key)) {
              if (!board_.NeedsState(demand)) continue;
              PublishTicker(board_, demand, index_.at(instrument), ticker, stamp);
            }
            board_.Flush();
          },
      .publish_candles =
          [this](const StreamKey& key, const model::CandlesPage& page) {
            const bool done =
                candles_.OnPage(Subscriptions::CandlesOf(key), page, /*polled=*/false);
            board_.Flush();
            return done;
          },
  };
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

}  // namespace switchyard::exchanges::gateio
