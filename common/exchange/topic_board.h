#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/exchange/market_data_client.h"
#include "common/exchange/market_data_proto.h"
#include "common/exchange/published_book.h"
#include "common/model/book.h"
#include "common/stream/event_stream.h"
#include "common/time/time.h"
#include "switchyard/marketdata/v1/events.pb.h"

namespace switchyard::exchange {

// What somebody wants of an exchange: all depths of a book are one demand.
struct DemandKey {
  model::InstrumentId instrument;
  Channel channel = Channel::kOrderBook;
  std::uint32_t interval_seconds = 0;  // kCandles
  friend constexpr auto operator<=>(const DemandKey&, const DemandKey&) = default;
};

// When and from where an event came.
struct EventStamp {
  TimeNs exchange_time{}, receive_time{};
  std::uint64_t exchange_sequence = 0;
  model::Source source = model::Source::kWebSocket;
  std::chrono::nanoseconds age{0};  // kRest
  // Nothing tells the next change but the next poll: without it the topic goes STALE.
  bool polled = false;
};

struct TopicBoardOptions {
  std::string exchange;
  std::span<const std::uint32_t> book_depths;  // rising, at most three
  // How long a demand outlives its last reader.
  std::chrono::nanoseconds linger = std::chrono::seconds(30);
};

// All topics of one exchange client: who reads them, where their sequences stand, and what a new or
// late reader needs. Encodes each event once for all readers of its topic. Lives on the client's
// connection thread; Refresh alone may come from any other.
class TopicBoard final : public stream::TopicOwner {
 public:
  struct Hooks {
    // Runs a function on the connection thread, later.
    std::function<void(std::function<void()>)> post;
    // The valid book of an instrument, or null.
    std::function<const model::Book*(model::InstrumentId)> valid_book;
    // A demand begins (first reader) and ends (no reader for the linger time).
    std::function<void(const DemandKey&)> wanted, unwanted;
  };
  static constexpr std::size_t kMaxDepths = 3;

  TopicBoard(TopicBoardOptions options, const Clock& clock, Hooks hooks);
  ~TopicBoard() override;

  // Lets a stream read a topic. A topic that has a state sends it at once.
  // Errors (in the grant): InvalidArgument, DEPTH_NOT_OFFERED or no interval; Unimplemented, no
  // depths at all.
  TopicGrant Attach(const model::Instrument& instrument, const TopicRequest& request,
                    const std::shared_ptr<stream::EventStream>& stream);
  void Detach(const std::shared_ptr<stream::EventStream>& stream);
  // Ends demands that nobody has read for the linger time.
  void ExpireDemands();
  // STALE for topics whose last poll was answered longer than `patience` ago: REST fails as well,
  // or a socket has come back and brings nothing.
  void ExpirePolled(std::chrono::nanoseconds patience);

  // A valid book changed, or became valid.
  void PublishBook(model::InstrumentId instrument, const model::Book& book,
                   const EventStamp& stamp);
  // A book from REST while the socket is down: a SNAPSHOT for readers without a valid book.
  void PublishRestBook(model::InstrumentId instrument, const model::BookView& book,
                       const EventStamp& stamp);
  // A quote older than the last one, by the exchange's own sequence, is left out: then false. Where
  // the exchange's time grows while its sequence falls, it has begun its count anew.
  bool PublishQuote(model::InstrumentId instrument, const model::Quote& quote,
                    const EventStamp& stamp);
  // Oldest first. A poll that brought none is told as well: nothing is published then, but for an
  // empty DELTA where polling had ended.
  void PublishTrades(model::InstrumentId instrument, std::span<const model::Trade> trades,
                     const EventStamp& stamp);
  void PublishTicker(model::InstrumentId instrument, const model::Ticker& ticker,
                     const EventStamp& stamp);
  void PublishCandle(model::InstrumentId instrument, const model::Candle& candle,
                     const EventStamp& stamp);
  void PublishMarkPrice(model::InstrumentId instrument, const model::MarkPrice& price,
                        const EventStamp& stamp);
  void PublishFundingRate(model::InstrumentId instrument, const model::FundingRate& rate,
                          const EventStamp& stamp);
  // The demand's topics must not be trusted until their next snapshot. Trades get a GAP when data
  // flows again (see PublishGap).
  void PublishStale(const DemandKey& demand, model::StaleReason reason, TimeNs now);
  // Tells readers that still wait for a first snapshot why it does not come; others hear nothing.
  void PublishMissing(const DemandKey& demand, model::StaleReason reason, TimeNs now);
  // The instrument's mantissas mean something else from now on: what is known of it is void.
  void Rescale(const model::Instrument& instrument, TimeNs now);
  // Trades between the two times may be missing.
  void PublishGap(model::InstrumentId instrument, model::StaleReason reason, TimeNs from,
                  TimeNs to);

  // Writes what the burst has queued.
  void Flush() { flush_list_.FlushAll(); }

  bool HasReaders(const DemandKey& demand) const;
  // The demand exists, and its state is not known, or good until the next poll alone.
  bool NeedsState(const DemandKey& demand) const;
  // Demands that exist now (with readers or lingering).
  std::vector<DemandKey> Demands() const;
  std::size_t topic_count() const { return topics_.size(); }

  void Refresh(std::shared_ptr<stream::EventStream> stream,
               std::vector<stream::TopicId> topics) override;

 private:
  enum class State : std::uint8_t { kEmpty, kValid, kStale };

  struct Topic {
    stream::TopicRef ref;
    DemandKey demand;
    std::string symbol;
    std::uint32_t depth = 0;
    Scales scales;
    std::uint64_t epoch = 0;
    std::uint64_t sequence = 0;
    State state = State::kEmpty;
    bool on_rest = false;  // the current epoch consists of REST snapshots
    // Readers depend on polls; when the last one was answered, steady.
    std::optional<std::chrono::nanoseconds> polled_at;
    model::StaleReason stale_reason = model::StaleReason::kUnspecified;
    std::vector<std::shared_ptr<stream::EventStream>> readers;
    EventStamp stamp;  // of the last event of a state
    // Books: what readers know. Others: their last event, which is their whole state.
    std::vector<model::Level> bids, asks;
    stream::EncodedEvent state_event;
    std::uint64_t state_event_sequence = 0;
  };

  // Topics of one demand: one, or for books one per depth.
  struct DemandTopics {
    std::array<std::unique_ptr<Topic>, kMaxDepths> topics;
    bool announced = false;                    // `wanted` was called
    std::chrono::nanoseconds unread_since{0};  // steady; valid while nobody reads
    EventStamp book_stamp;                     // of the latest change, whoever read it
  };

  DemandTopics* Find(const DemandKey& key);
  Topic& FindOrCreate(DemandTopics& demand, const DemandKey& key,
                      const model::Instrument& instrument, std::size_t slot, std::uint32_t depth);
  void SendState(Topic& topic, const std::shared_ptr<stream::EventStream>& stream, bool fresh);
  stream::EncodedEvent SlowReaderGap(const Topic& topic, stream::EventStream& stream);
  stream::EncodedEvent EncodeStale(const Topic& topic, TimeNs now);

  marketdata::v1::MarketDataEvent& BeginEvent(const Topic& topic, marketdata::v1::EventKind kind,
                                              const EventStamp& stamp);
  // An event with an empty book.
  marketdata::v1::MarketDataEvent& BeginBook(const Topic& topic, marketdata::v1::EventKind kind,
                                             const EventStamp& stamp);
  void FillHead(const Topic& topic, marketdata::v1::EventKind kind, const EventStamp& stamp,
                marketdata::v1::MarketDataEvent& event) const;
  // `from`: where what the event tells begins.
  void Deliver(Topic& topic, const stream::EncodedEvent& event, TimeNs from);
  void DeliverStale(Topic& topic, TimeNs now);
  void StartEpoch(Topic& topic);
  // Advances the topic to its next sequence number and valid state.
  void Advance(Topic& topic, const EventStamp& stamp);
  void NotePolled(Topic& topic, const EventStamp& stamp);
  static void LoadBook(Topic& topic, const model::Book& book);
  static bool EncodeDelta(Topic& topic, const model::Book& book,
                          marketdata::v1::OrderBookLevels& levels);
  const stream::EncodedEvent& BookSnapshot(Topic& topic);
  // False where the topic's last event is newer.
  template <typename Fill>
  bool PublishState(const DemandKey& key, const EventStamp& stamp, Fill fill);

  const TopicBoardOptions options_;
  const Clock& clock_;
  const Hooks hooks_;
  stream::FlushList flush_list_;
  std::map<DemandKey, DemandTopics> demands_;
  // Books by instrument index: the one look-up that a book frame costs.
  std::vector<DemandTopics*> book_demands_;
  std::map<stream::TopicId, Topic*> topics_;
  stream::TopicId next_topic_ = 1;
  std::uint64_t next_epoch_;
  // Reused. Clearing a whole event frees its payload, a oneof; so that of books, which are nearly
  // all events, has its own, of which the levels alone are cleared: that keeps their memory.
  marketdata::v1::MarketDataEvent event_, book_event_;
};

}  // namespace switchyard::exchange
