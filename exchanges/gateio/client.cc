#include "exchanges/gateio/client.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "common/exchange/exchange_client_base.h"
#include "common/exchange/transport_options.h"
#include "common/net/http_client.h"
#include "common/retry/rate_limiter.h"
#include "exchanges/gateio/capabilities.h"
#include "exchanges/gateio/connection_policy.h"
#include "exchanges/gateio/endpoints.h"
#include "exchanges/gateio/futures/market_data/market_data_manager.h"
#include "exchanges/gateio/spot/market_data/market_data_manager.h"
#include "exchanges/gateio/websocket/ticker_topics.h"
#include "exchanges/gateio/websocket/websocket_manager.h"

namespace switchyard::exchanges::gateio {
namespace {

// Levels of a REST snapshot: those that book updates are about.
constexpr std::uint32_t kSnapshotLevels = 100;

// The limits that status shows, by path. Source: API v4, "Rate limits".
constexpr std::uint32_t kPermitsPerWindow = 200;
constexpr std::uint32_t kWindowMs = 10'000;
constexpr std::array<std::string_view, 5> kSpotReads = {paths::kSpotCurrencyPairs,
                                                        paths::kSpotOrderBook, paths::kSpotTrades,
                                                        paths::kSpotCandles, paths::kSpotTickers};
constexpr std::array<std::string_view, 5> kFuturesReads = {
    paths::kFuturesContracts, paths::kFuturesOrderBook, paths::kFuturesTrades,
    paths::kFuturesCandles, paths::kFuturesTickers};

using Http = net::HttpClient;

// The REST half's transport, limits and reader; lives on the REST thread.
struct RestStack {
  std::unique_ptr<Http> http;
  retry::RateLimiter limiter;
  std::unique_ptr<RestReader<Http>> reader;
};

struct Settings {
  exchange::ClientOptions client;
  BookFeed feed = BookFeed::kUpdates100ms;
  exchange::LaneOptions lanes;
  net::HttpClientOptions http;
  std::chrono::nanoseconds rest_timeout{0};
  int limit_share = 100;
  CreateOptions create;
};

template <Product kProduct, typename RestManager>
class Client final : public exchange::ExchangeClientBase<Client<kProduct, RestManager>, RestManager,
                                                         WebSocketManager> {
  using Base =
      exchange::ExchangeClientBase<Client<kProduct, RestManager>, RestManager, WebSocketManager>;
  using typename Base::Table;

 public:
  static absl::StatusOr<std::unique_ptr<exchange::MarketDataClient>> Create(
      Settings settings, const exchange::ClientContext& context) {
    auto client = std::unique_ptr<Client>(new Client(settings.client, context));
    SWITCHYARD_RETURN_IF_ERROR(client->Compose(std::move(settings)));
    return client;
  }
  ~Client() override { this->Stop(); }

  // For the base.
  void CloseRest() { rest_.http->Close(); }

  void ReadServerTime(exchange::Reply<TimeNs> reply) { manager_->ReadServerTime(std::move(reply)); }

  std::vector<exchange::LimitHeadroom> LimitHeadrooms() {
    std::vector<exchange::LimitHeadroom> all;
    const std::chrono::nanoseconds now = this->context().clock.Steady();
    for (const std::string_view path : kProduct == Product::kSpot ? kSpotReads : kFuturesReads) {
      const std::int64_t left = std::max<std::int64_t>(rest_.limiter.Headroom(path, now), 0);
      all.push_back({"rest:" + std::string(path), static_cast<std::uint32_t>(left),
                     kPermitsPerWindow, kWindowMs});
    }
    return all;
  }

  // One topic other than a book, while no socket carries it.
  void PollTopic(const exchange::DemandKey& key) {
    const Table table = this->instruments();
    if (table == nullptr) return;
    switch (key.channel) {
      case exchange::Channel::kTrades:
        this->socket().PollTrades(key.instrument);
        break;
      case exchange::Channel::kCandles:
        this->socket().PollCandles(key);
        break;
      default:
        PollTicker(key, table);
        break;
    }
  }

 private:
  Client(exchange::ClientOptions options, const exchange::ClientContext& context)
      : Base(std::move(options), context,
             kProduct == Product::kSpot ? kSpotCapabilities : kFuturesCapabilities) {}

  absl::Status Compose(Settings settings) {
    SWITCHYARD_ASSIGN_OR_RETURN(rest_.http,
                                Http::Create(this->rest_thread().io(), std::move(settings.http)));
    SWITCHYARD_RETURN_IF_ERROR(DefinePublicLimits(rest_.limiter, settings.limit_share));
    rest_.reader = std::make_unique<RestReader<Http>>(*rest_.http, rest_.limiter,
                                                      this->context().clock, settings.rest_timeout);
    auto manager = std::make_unique<RestManager>(*rest_.reader);
    manager_ = manager.get();
    auto socket = std::make_unique<WebSocketManager>(
        WebSocketManager::Parts{this->connection_thread(), this->context().clock,
                                this->context().metrics, this->board(), this->published()},
        WebSocketManager::Settings{this->options().exchange, kProduct, settings.feed,
                                   std::move(settings.lanes)},
        MakeSocketReads(), std::move(settings.create.connection_handlers));
    this->SetHalves(std::move(manager), std::move(socket));
    return absl::OkStatus();
  }

  // The reads that the WebSocket half makes by itself.
  SocketReads MakeSocketReads() {
    return {
        .book =
            [this](model::InstrumentId id, exchange::Reply<BookSnapshot> reply) {
              this->template ReadForSocket<BookSnapshot>(
                  id, std::move(reply), [](RestManager& rest, const auto& instrument, auto done) {
                    rest.ReadOrderBook(instrument, kSnapshotLevels, std::move(done),
                                       retry::Priority::kUrgent);
                  });
            },
        .trades =
            [this](model::InstrumentId id, exchange::Reply<model::TradesPage> reply) {
              this->template ReadForSocket<model::TradesPage>(
                  id, std::move(reply), [](RestManager& rest, const auto& instrument, auto done) {
                    rest.ListTrades(instrument, {instrument.symbol, 100, ""}, std::move(done));
                  });
            },
        .ticker =
            [this](model::InstrumentId id, exchange::Reply<model::Ticker> reply) {
              this->template ReadForSocket<model::Ticker>(
                  id, std::move(reply), [](RestManager& rest, const auto& instrument, auto done) {
                    rest.ListTickers({instrument.symbol},
                                     [done](absl::StatusOr<model::TickersReply> tickers) {
                                       if (!tickers.ok()) return done(tickers.status());
                                       if (tickers->tickers.empty()) {
                                         return done(absl::NotFoundError("no such ticker"));
                                       }
                                       done(tickers->tickers.front());
                                     });
                  });
            },
        .candles =
            [this](model::InstrumentId id, exchange::CandlesQuery query,
                   exchange::Reply<model::CandlesPage> reply) {
              this->template ReadForSocket<model::CandlesPage>(
                  id, std::move(reply),
                  [query = std::move(query)](RestManager& rest, const auto& instrument, auto done) {
                    rest.ListCandles(instrument, query, std::move(done));
                  });
            },
    };
  }

  void PollTicker(const exchange::DemandKey& key, const Table& table) {
    this->ListTickers(
        {table->at(key.instrument).symbol},
        [this, key, table](absl::StatusOr<model::TickersReply> reply) {
          if (!reply.ok() || reply->tickers.empty()) return;
          this->connection_thread().Post([this, key, table, ticker = reply->tickers.front()] {
            // A socket may carry the topic again.
            if (!this->poll_useful(key)) return;
            PublishTicker(this->board(), key, table->at(key.instrument), ticker, this->PollStamp());
            this->board().Flush();
          });
        });
  }

  RestStack rest_;
  RestManager* manager_ = nullptr;  // owned by the base
};

absl::StatusOr<Settings> MakeSettings(Product product, const exchange::ExchangeConfig& config,
                                      const CreateOptions& create) {
  Settings settings;
  SWITCHYARD_ASSIGN_OR_RETURN(settings.client, exchange::ClientOptions::From(config));
  for (const auto& [key, value] : config.options()) {
    if (key != "book_feed") return InvalidField("options." + key, "not an option of this exchange");
    SWITCHYARD_ASSIGN_OR_RETURN(settings.feed, ParseBookFeed(value));
  }
  for (const std::string& channel : create.bind_channels) {
    if (FromHouseName(product, channel) == Channel::kUnknown) {
      return InvalidField("bind_channels", "no channel " + channel);
    }
  }
  const Endpoints endpoints = MakeEndpoints(product, config);
  SWITCHYARD_ASSIGN_OR_RETURN(
      const exchange::Transport transport,
      exchange::MakeTransport(config, endpoints.rest_url, endpoints.websocket_url));
  settings.http = transport.http;
  settings.lanes = MakeLaneOptions(product, config);
  settings.lanes.connection.reconnect =
      exchange::WithOverrides(settings.lanes.connection.reconnect, config.reconnect());
  exchange::ApplyTransport(transport, settings.lanes.connection.socket);
  settings.rest_timeout = transport.rest_timeout;
  settings.limit_share =
      config.has_limit_share_percent() ? static_cast<int>(config.limit_share_percent()) : 100;
  settings.create = create;
  return settings;
}

}  // namespace

absl::StatusOr<std::unique_ptr<exchange::MarketDataClient>> CreateClient(
    Product product, const exchange::ExchangeConfig& config, const exchange::ClientContext& context,
    const CreateOptions& options) {
  SWITCHYARD_ASSIGN_OR_RETURN(Settings settings, MakeSettings(product, config, options));
  if (product == Product::kSpot) {
    return Client<Product::kSpot, spot::MarketDataManager<Http>>::Create(std::move(settings),
                                                                         context);
  }
  return Client<Product::kFutures, futures::MarketDataManager<Http>>::Create(std::move(settings),
                                                                             context);
}

}  // namespace switchyard::exchanges::gateio
