#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/exchange/book_cache.h"
#include "common/exchange/client_context.h"
#include "common/exchange/client_statistics.h"
#include "common/exchange/instrument_store.h"
#include "common/exchange/io_thread.h"
#include "common/exchange/market_data_client.h"
#include "common/exchange/market_data_proto.h"
#include "common/exchange/published_books.h"
#include "common/log/log.h"
#include "common/status/status.h"

namespace switchyard::exchange {

// The reads of a market data client: books from memory, then from the cache, then from REST; all
// else from REST. Any thread may ask; `Rest` lives and answers on the REST thread (see
// ExchangeClientBase). Counts what served each read.
template <typename Rest>
class MarketDataReads {
 public:
  using Table = InstrumentStore::Table;

  // What hears of the reads, on the REST thread.
  struct Hooks {
    std::function<void(const Table&)> loaded;           // every table
    std::function<void(const absl::Status&)> answered;  // what became of every request
  };

  // All outlive it.
  MarketDataReads(const std::string& exchange, const ClientContext& context, IoThread& rest_thread,
                  const PublishedBooks& published, Hooks hooks)
      : exchange_(exchange),
        clock_(context.clock),
        thread_(rest_thread),
        published_(published),
        loaded_(std::move(hooks.loaded)),
        statistics_(context.metrics, exchange),
        rest_status_(std::move(hooks.answered)),
        store_(exchange) {}

  void SetRest(std::unique_ptr<Rest> rest) { rest_ = std::move(rest); }
  // REST thread.
  Rest& rest() { return *rest_; }

  const InstrumentStore& store() const { return store_; }
  const ClientStatistics& statistics() const { return statistics_; }
  RestStatus& rest_status() { return rest_status_; }

  void LoadInstruments(Reply<Table> reply) {
    if (Table table = store_.table()) return reply(std::move(table));
    thread_.Post([this, reply = std::move(reply)] {
      // Loaded while this waited for its turn.
      if (Table table = store_.table()) return reply(std::move(table));
      Load(reply);
    });
  }

  void GetOrderBook(BookQuery query, Reply<model::BookView> reply) {
    const std::chrono::nanoseconds begin = clock_.Steady();
    auto instrument = store_.Find(query.symbol);
    if (!instrument.ok()) {
      ReloadOnMiss();
      return reply(instrument.status());
    }
    model::BookView view;
    if (query.allowed.websocket && FromMemory(**instrument, query, begin, &view)) {
      statistics_.Read(model::Source::kWebSocket, clock_.Steady() - begin);
      return reply(std::move(view));
    }
    if (query.allowed.cache && cache_.Read((*instrument)->id, query, begin, &view)) {
      statistics_.Read(model::Source::kCache, clock_.Steady() - begin);
      return reply(std::move(view));
    }
    if (!query.allowed.rest) {
      return reply(
          MakeError(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_BOOK_NOT_READY,
                    "no valid book of " + query.symbol + " is kept", {{"exchange", exchange_}}));
    }
    ReadBook(*instrument, query.depth, std::move(reply));
  }

  void GetQuote(QuoteQuery query, Reply<model::Quote> reply) {
    GetOrderBook({query.symbol, 1, query.allowed, query.max_age},
                 [reply = std::move(reply)](absl::StatusOr<model::BookView> view) {
                   if (!view.ok()) return reply(view.status());
                   reply(QuoteOf(*view));
                 });
  }

  void ReadBook(std::shared_ptr<const model::Instrument> instrument, std::uint32_t depth,
                Reply<model::BookView> reply) {
    thread_.Post([this, instrument, depth, begin = clock_.Steady(),
                  reply = std::move(reply)]() mutable {
      rest_->ReadOrderBook(
          *instrument, depth,
          [this, instrument, depth, begin, reply = std::move(reply)](auto snapshot) {
            rest_status_.Answered(snapshot.status());
            if (!snapshot.ok()) return reply(snapshot.status());
            model::BookView view = TopOfBook(snapshot->bids, snapshot->asks, *instrument, depth);
            view.exchange_time = snapshot->time;
            view.exchange_sequence = snapshot->id;
            const std::chrono::nanoseconds now = clock_.Steady();
            view.age = now - begin;  // made at some moment of the round trip
            statistics_.Read(model::Source::kRest, now - begin);
            statistics_.Fallback();
            cache_.Keep(instrument->id, depth, view, now);
            reply(std::move(view));
          });
    });
  }

  void ListTrades(TradesQuery query, Reply<model::TradesPage> reply) {
    WithInstrument(query.symbol, std::move(reply),
                   [this, query](const model::Instrument& instrument, auto done) {
                     rest_->ListTrades(
                         instrument, query,
                         [scales = ScalesOf(instrument), done = std::move(done)](auto page) {
                           if (page.ok()) Shorten(scales, *page);
                           done(std::move(page));
                         });
                   });
  }
  void ListCandles(CandlesQuery query, Reply<model::CandlesPage> reply) {
    WithInstrument(query.symbol, std::move(reply),
                   [this, query](const model::Instrument& instrument, auto done) {
                     rest_->ListCandles(instrument, query, std::move(done));
                   });
  }
  void ListTickers(std::vector<std::string> symbols, Reply<model::TickersReply> reply) {
    WithTable(std::move(reply), [this, symbols = std::move(symbols)](auto done) {
      rest_->ListTickers(symbols, std::move(done));
    });
  }
  // Exchanges without perpetuals have neither of these; their capability table says so.
  void ListFundingRates(std::vector<std::string> symbols, Reply<model::FundingRatesReply> reply) {
    if constexpr (requires(Rest & rest) { rest.ListFundingRates(symbols, reply); }) {
      WithTable(std::move(reply), [this, symbols = std::move(symbols)](auto done) {
        rest_->ListFundingRates(symbols, std::move(done));
      });
    } else {
      reply(NotInCapabilities(exchange_, "funding rates"));
    }
  }
  void ListFundingRateHistory(FundingHistoryQuery query, Reply<model::FundingRatesReply> reply) {
    if constexpr (requires(Rest & rest, const model::Instrument& instrument) {
                    rest.ListFundingRateHistory(instrument, query, reply);
                  }) {
      WithInstrument(query.symbol, std::move(reply),
                     [this, query](const model::Instrument& instrument, auto done) {
                       rest_->ListFundingRateHistory(instrument, query, std::move(done));
                     });
    } else {
      reply(NotInCapabilities(exchange_, "a history of funding rates"));
    }
  }

  // A symbol that is not known may have been listed since; asked for at most once in a while.
  void ReloadOnMiss() {
    static constexpr std::chrono::seconds kPause{10};
    thread_.Post([this] {
      const Table table = store_.table();
      const TimeNs now = clock_.Now();
      if (table == nullptr || now - table->loaded_at() < kPause) return;
      if (now - asked_at_ < kPause) return;  // under way, or failed
      asked_at_ = now;
      Load([](const absl::StatusOr<Table>&) {});
    });
  }

  // REST thread. Whoever asks while a load is under way gets its outcome. If it fails the earlier
  // table stays.
  void Load(Reply<Table> reply) {
    waiting_.push_back(std::move(reply));
    if (waiting_.size() > 1) return;
    rest_->LoadInstruments([this](absl::StatusOr<Table> table) {
      rest_status_.Answered(table.status());
      if (table.ok()) {
        // Whoever finds a new instrument in the store also finds it where its frames are read.
        loaded_(*table);
        store_.Set(*table);
      }
      LogChange(table.status());
      // Those that ask from now on start the next.
      const std::vector<Reply<Table>> answered = std::exchange(waiting_, {});
      for (const Reply<Table>& each : answered) each(table);
    });
  }

 private:
  // Once per change: an exchange that is out of reach is asked every second.
  void LogChange(const absl::Status& loaded) {
    if (std::exchange(load_failed_, !loaded.ok()) == !loaded.ok()) return;
    if (loaded.ok()) {
      log::Info("instruments_loaded_again", {{"exchange", exchange_}});
    } else {
      log::Warning("instruments_not_loaded", {{"exchange", exchange_}, {"error", loaded}});
    }
  }

  bool FromMemory(const model::Instrument& instrument, const BookQuery& query,
                  std::chrono::nanoseconds now, model::BookView* view) const {
    const auto published = published_.Find(instrument.id);
    if (published == nullptr || !published->Read(query.depth, now, view)) return false;
    view->price_scale = instrument.price_scale;
    view->quantity_scale = instrument.quantity_scale;
    return true;
  }

  template <typename T, typename Call>
  void WithTable(Reply<T> reply, Call call) {
    LoadInstruments([this, reply = std::move(reply),
                     call = std::move(call)](absl::StatusOr<Table> table) mutable {
      if (!table.ok()) return reply(table.status());
      thread_.Post([this, reply = std::move(reply), call = std::move(call)]() mutable {
        call(Timed<T>(std::move(reply)));
      });
    });
  }

  template <typename T, typename Call>
  void WithInstrument(const std::string& symbol, Reply<T> reply, Call call) {
    WithTable<T>(std::move(reply), [this, symbol, call = std::move(call)](Reply<T> done) mutable {
      auto instrument = store_.Find(symbol);
      if (!instrument.ok()) {
        ReloadOnMiss();
        return done(instrument.status());
      }
      call(**instrument, std::move(done));
    });
  }

  // Counts a REST read.
  template <typename T>
  Reply<T> Timed(Reply<T> reply) {
    return [this, begin = clock_.Steady(), reply = std::move(reply)](absl::StatusOr<T> result) {
      rest_status_.Answered(result.status());
      statistics_.Read(model::Source::kRest, clock_.Steady() - begin);
      reply(std::move(result));
    };
  }

  const std::string exchange_;
  const Clock& clock_;
  IoThread& thread_;
  const PublishedBooks& published_;
  const std::function<void(const Table&)> loaded_;
  ClientStatistics statistics_;
  RestStatus rest_status_;
  InstrumentStore store_;
  BookCache cache_;
  std::unique_ptr<Rest> rest_;
  // REST thread.
  std::vector<Reply<Table>> waiting_;  // for the load under way
  bool load_failed_ = false;           // the last one
  TimeNs asked_at_;                    // of the last load on a miss
};

}  // namespace switchyard::exchange
