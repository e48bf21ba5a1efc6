#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/exchange/client_clock.h"
#include "common/exchange/client_context.h"
#include "common/exchange/client_options.h"
#include "common/exchange/client_reads.h"
#include "common/exchange/io_thread.h"
#include "common/exchange/market_data_client.h"
#include "common/exchange/rest_poller.h"
#include "common/exchange/topic_board.h"
#include "common/log/log.h"
#include "common/status/status.h"

namespace switchyard::exchange {

// The generic market data client: threads, instruments, topics, reads from memory with REST behind
// them, and what happens while there is no socket. Written once; an exchange gives its two halves.
//
// Rest lives on the REST thread: LoadInstruments, ReadOrderBook, ListTrades, ListCandles,
// ListTickers, ListFundingRates, ListFundingRateHistory, instruments (see
// exchanges/*/market_data). Socket lives on the connection thread: SetInstruments, Want, Unwant (of
// what was never wanted, too), valid_book, ready, carries, Status, desk. Derived makes both before
// Start (SetHalves), has CloseRest, ReadServerTime, LimitHeadrooms and PollTopic, and calls Stop in
// its destructor.
template <typename Derived, typename Rest, typename Socket>
class ExchangeClientBase : public ClientReads<Rest> {
 public:
  using typename ClientReads<Rest>::Table;
  using ClientReads<Rest>::instruments;

  void Start() final {
    rest_thread_.Start();
    connection_thread_.Start();
    rest_thread_.Post([this] {
      RefreshInstruments();
      client_clock_.Start();
    });
    connection_thread_.Post([this] { Tick(); });
  }

  void Stop() final { StopThreads(); }

  const Capabilities& capabilities() const final { return capabilities_; }
  void Subscribe(std::vector<TopicRequest> topics, std::shared_ptr<stream::EventStream> stream,
                 Reply<std::vector<TopicGrant>> reply) final {
    this->LoadInstruments([this, topics = std::move(topics), stream = std::move(stream),
                           reply = std::move(reply)](absl::StatusOr<Table> table) mutable {
      if (!table.ok()) {
        return reply(std::vector<TopicGrant>(topics.size(), TopicGrant{table.status(), 0}));
      }
      connection_thread_.Post([this, table = *table, topics = std::move(topics),
                               stream = std::move(stream), reply = std::move(reply)] {
        // A stream that ended meanwhile has been detached already and would stay attached for good.
        if (stream->finished()) {
          return reply(std::vector<TopicGrant>(
              topics.size(), TopicGrant{absl::CancelledError("the stream has ended"), 0}));
        }
        std::vector<TopicGrant> grants;
        for (const TopicRequest& topic : topics) grants.push_back(Attach(*table, topic, stream));
        reply(std::move(grants));
        board_.Flush();
      });
    });
  }

  void Unsubscribe(std::shared_ptr<stream::EventStream> stream) final {
    connection_thread_.Post([this, stream = std::move(stream)] { board_.Detach(stream); });
  }

  void GetStatus(Reply<ClientStatus> reply) final {
    connection_thread_.Post([this, reply = std::move(reply)] {
      ClientStatus status;
      status.connections = socket_->Status();
      status.connections.push_back(reads_.rest_status().Get(context_.clock));
      status.ready = instruments() != nullptr && (!options_.websocket || socket_->ready());
      status.gaps = socket_->desk().gaps();
      status.resyncs = socket_->desk().resyncs();
      status.valid_books = socket_->desk().valid_books();
      status.stale_books = socket_->desk().stale_books();
      reads_.statistics().Fill(status);
      rest_thread_.Post([this, reply, status = std::move(status)]() mutable {
        status.limits = derived().LimitHeadrooms();
        status.clock_offset = client_clock_.offset();
        reply(std::move(status));
      });
    });
  }

 protected:
  ExchangeClientBase(ClientOptions options, const ClientContext& context, const Capabilities& table)
      : ClientReads<Rest>(
            options.exchange, context, table.book_depths.back(),
            {.loaded = [this](const Table& loaded) { OnLoaded(loaded); },
             .answered = [this](const absl::Status& status) { client_clock_.Observe(status); }}),
        options_(std::move(options)),
        capabilities_(options_.websocket ? table : WithoutWebSocket(table, options_.poll_interval)),
        context_(context),
        connection_thread_(options_.exchange + "-ws"),
        board_({options_.exchange, capabilities_.book_depths, options_.linger}, context.clock,
               {.post = [this](auto work) { connection_thread_.Post(std::move(work)); },
                .valid_book = [this](auto id) { return socket_->valid_book(id); },
                .wanted = [this](const DemandKey& key) { OnWanted(key); },
                .unwanted = [this](const DemandKey& key) { OnUnwanted(key); }}),
        refresh_timer_(rest_thread_),
        client_clock_(rest_thread_, context.clock,
                      [this](Reply<TimeNs> reply) { derived().ReadServerTime(std::move(reply)); },
                      {.interval = std::min(options_.clock_interval, options_.instrument_refresh)}),
        tick_timer_(connection_thread_),
        poller_({options_.websocket, options_.rest_snapshot_after, options_.poll_interval,
                 options_.poll_expiry()},
                board_, context.clock,
                {.carried = [this](const DemandKey& key) { return socket_->carries(key); },
                 .poll = [this](const DemandKey& key) { Poll(key); }}) {}

  // Derived calls it once, from its Create, before Start.
  void SetHalves(std::unique_ptr<Rest> rest, std::unique_ptr<Socket> socket) {
    reads_.SetRest(std::move(rest));
    socket_ = std::move(socket);
  }

  // Runs a read of an instrument on the REST thread and brings the reply to the connection thread:
  // what Socket's own reads are made of.
  template <typename T, typename Call>
  void ReadForSocket(model::InstrumentId instrument, Reply<T> reply, Call call) {
    rest_thread_.Post(
        [this, instrument, reply = std::move(reply), call = std::move(call)]() mutable {
          call(reads_.rest(), reads_.rest().instruments()->at(instrument),
               Reply<T>([this, reply = std::move(reply)](absl::StatusOr<T> result) {
                 reads_.rest_status().Answered(result.status());
                 connection_thread_.Post([reply, result = std::move(result)] { reply(result); });
               }));
        });
  }

  IoThread& rest_thread() { return rest_thread_; }
  IoThread& connection_thread() { return connection_thread_; }
  TopicBoard& board() { return board_; }
  PublishedBooks& published() { return published_; }
  const ClientContext& context() const { return context_; }
  const ClientOptions& options() const { return options_; }
  Socket& socket() { return *socket_; }
  // Whether the answer to a poll is still of use. Connection thread.
  bool poll_useful(const DemandKey& key) const { return poller_.useful(key); }
  // What a poll's answer, received now, is stamped with.
  EventStamp PollStamp() const {
    return {.receive_time = context_.clock.Now(), .source = model::Source::kRest, .polled = true};
  }

 private:
  using ClientReads<Rest>::published_;
  using ClientReads<Rest>::reads_;
  using ClientReads<Rest>::rest_thread_;

  Derived& derived() { return static_cast<Derived&>(*this); }

  // Requests under way are answered, then threads end (REST first, for it posts to the other), then
  // what lived on them goes.
  void StopThreads() {
    if (std::exchange(stopped_, true)) return;
    rest_thread_.Run([this] { derived().CloseRest(); });
    rest_thread_.Run([] {});  // behind the answers that closing has posted
    rest_thread_.Stop();
    connection_thread_.Stop();
    socket_.reset();
    reads_.SetRest(nullptr);
  }

  // REST thread. Loads on a timer; sooner while there is no table at all.
  void RefreshInstruments() {
    static constexpr std::chrono::seconds kFirstRetry{1};
    reads_.Load([this](const absl::StatusOr<Table>&) {
      const bool missing = instruments() == nullptr;
      refresh_timer_.Start(
          missing ? std::chrono::nanoseconds(kFirstRetry) : options_.instrument_refresh,
          [this] { RefreshInstruments(); });
    });
  }

  void OnLoaded(const Table& table) {
    connection_thread_.Post([this, table] {
      socket_->SetInstruments(table);
      WantConfigured(*table);
    });
  }

  // Connection thread from here.

  void WantConfigured(const model::InstrumentTable& table) {
    if (!options_.websocket) return;
    for (const std::string& symbol : options_.symbols) {
      const model::Instrument* instrument = table.Find(symbol);
      if (instrument == nullptr) {
        log::Error("configured_symbol_unknown",
                   {{"exchange", options_.exchange}, {"symbol", symbol}});
        continue;
      }
      const DemandKey key{instrument->id, Channel::kOrderBook, 0};
      if (configured_.insert(key).second) socket_->Want(key);
    }
  }

  void OnWanted(const DemandKey& key) {
    if (options_.websocket && !configured_.contains(key)) socket_->Want(key);
  }
  void OnUnwanted(const DemandKey& key) {
    poller_.Forget(key);
    if (!configured_.contains(key)) socket_->Unwant(key);
  }

  TopicGrant Attach(const model::InstrumentTable& table, const TopicRequest& request,
                    const std::shared_ptr<stream::EventStream>& stream) {
    const model::Instrument* instrument = table.Find(request.symbol);
    if (instrument == nullptr) {
      reads_.ReloadOnMiss();
      return {reads_.store().Find(request.symbol).status(), 0};
    }
    const ChannelEntry& entry = ChannelEntryOf(request.channel);
    if (capabilities().*entry.path == Path::kNone) {
      return {NotInCapabilities(options_.exchange, entry.channel), 0};
    }
    return board_.Attach(*instrument, request, stream);
  }

  void Tick() {
    board_.ExpireDemands();
    poller_.Tick();
    board_.Flush();
    tick_timer_.Start(std::chrono::milliseconds(250), [this] { Tick(); });
  }

  void Poll(const DemandKey& key) {
    if (key.channel == Channel::kOrderBook || key.channel == Channel::kBestBidOffer) {
      PollBook(key);
    } else {
      derived().PollTopic(key);
    }
  }

  void PollBook(const DemandKey& key) {
    const Table table = instruments();
    if (table == nullptr) return;
    const auto instrument =
        std::shared_ptr<const model::Instrument>(table, &table->at(key.instrument));
    const auto depth = capabilities().book_depths.back();
    reads_.ReadBook(instrument, depth, [this, key](absl::StatusOr<model::BookView> view) {
      if (!view.ok()) return;  // readers are told when it lasts: RestPoller
      connection_thread_.Post([this, key, view = *std::move(view)] {
        if (!poller_.useful(key)) return;
        EventStamp stamp = PollStamp();
        stamp.exchange_time = view.exchange_time;
        stamp.exchange_sequence = view.exchange_sequence;
        stamp.age = view.age;
        if (key.channel == Channel::kOrderBook) {
          board_.PublishRestBook(key.instrument, view, stamp);
        } else {
          board_.PublishQuote(key.instrument, QuoteOf(view), stamp);
        }
        board_.Flush();
      });
    });
  }

  const ClientOptions options_;
  const Capabilities capabilities_;
  const ClientContext context_;

  IoThread connection_thread_;
  TopicBoard board_;
  Timer refresh_timer_;
  ClientClock client_clock_;
  Timer tick_timer_;
  std::unique_ptr<Socket> socket_;
  bool stopped_ = false;

  std::set<DemandKey> configured_;  // connection thread
  RestPoller poller_;
};

}  // namespace switchyard::exchange
