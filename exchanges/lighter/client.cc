#include "exchanges/lighter/client.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "common/exchange/exchange_client_base.h"
#include "common/exchange/transport_options.h"
#include "common/net/http_client.h"
#include "common/retry/rate_limiter.h"
#include "common/status/status.h"
#include "exchanges/lighter/capabilities.h"
#include "exchanges/lighter/channels.h"
#include "exchanges/lighter/connection_policy.h"
#include "exchanges/lighter/endpoints.h"
#include "exchanges/lighter/market_data/market_data_manager.h"
#include "exchanges/lighter/rest/rest_reader.h"
#include "exchanges/lighter/rest/rest_request.h"
#include "exchanges/lighter/websocket/state_poll.h"
#include "exchanges/lighter/websocket/websocket_manager.h"

namespace switchyard::exchanges::lighter {
namespace {

// A measurement of the clock takes five requests, which are scarce here.
constexpr std::chrono::minutes kClockInterval{5};
// What readers ask for at once.
constexpr std::uint32_t kTradesAsked = 100;

using Http = net::HttpClient;
using Reader = RestReader<Http>;
using RestManager = MarketDataManager<Reader>;

struct Settings {
  exchange::ClientOptions client;
  ExchangeOptions options;
  exchange::LaneOptions lanes;
  net::HttpClientOptions http;
  std::chrono::nanoseconds rest_timeout{0};
  int limit_share = 100;
  CreateOptions create;
};

class Client final : public exchange::ExchangeClientBase<Client, RestManager, WebSocketManager> {
  using Base = exchange::ExchangeClientBase<Client, RestManager, WebSocketManager>;

 public:
  static absl::StatusOr<std::unique_ptr<exchange::MarketDataClient>> Create(
      Settings settings, const exchange::ClientContext& context) {
    auto client = std::unique_ptr<Client>(new Client(settings.client, context));
    SWITCHYARD_RETURN_IF_ERROR(client->Compose(std::move(settings)));
    return client;
  }
  ~Client() override { this->Stop(); }

  // For the base.
  void CloseRest() {
    http_->Close();
    reader_->Close();
  }

  void ReadServerTime(exchange::Reply<TimeNs> reply) { manager_->ReadServerTime(std::move(reply)); }

  std::vector<exchange::LimitHeadroom> LimitHeadrooms() {
    const std::int64_t left =
        std::max<std::int64_t>(limiter_.Headroom(kRestLimit, this->context().clock.Steady()), 0);
    return {{std::string(kRestLimit), static_cast<std::uint32_t>(left), permits_, 60'000}};
  }

  // One topic other than a book, while no socket carries it.
  void PollTopic(const exchange::DemandKey& key) {
    const auto table = this->instruments();
    if (table == nullptr) return;
    switch (key.channel) {
      case exchange::Channel::kTrades:
        this->socket().PollTrades(key.instrument);
        break;
      case exchange::Channel::kCandles:
        this->socket().PollCandles(key);
        break;
      default:
        state_poll_->Poll(key, table->at(key.instrument).symbol);
        break;
    }
  }

 private:
  Client(exchange::ClientOptions options, const exchange::ClientContext& context)
      : Base(std::move(options), context, kCapabilities) {}

  absl::Status Compose(Settings settings) {
    SWITCHYARD_ASSIGN_OR_RETURN(http_,
                                Http::Create(this->rest_thread().io(), std::move(settings.http)));
    const int requests = settings.options.requests_per_minute;
    permits_ = static_cast<std::uint32_t>(RestPermits(requests, settings.limit_share));
    SWITCHYARD_RETURN_IF_ERROR(DefineRestLimit(limiter_, requests, settings.limit_share));
    reader_ = std::make_unique<Reader>(*http_, limiter_, this->context().clock, this->rest_thread(),
                                       settings.rest_timeout);
    auto manager =
        std::make_unique<RestManager>(*reader_, this->options().exchange,
                                      std::string(TraitsOf(settings.options.network).collateral));
    manager_ = manager.get();
    state_poll_ = std::make_unique<StatePoll>(this->board(), this->context().clock,
                                              this->options().poll_interval / 2, MakePollHooks());
    auto socket = std::make_unique<WebSocketManager>(
        WebSocketManager::Parts{this->connection_thread(), this->context().clock,
                                this->context().metrics, this->board(), this->published()},
        this->options().exchange, std::move(settings.lanes), MakeSocketReads(),
        std::move(settings.create.connection_handlers));
    this->SetHalves(std::move(manager), std::move(socket));
    return absl::OkStatus();
  }

  // The reads that the WebSocket half makes by itself: urgent are the checks of silent streams.
  SocketReads MakeSocketReads() {
    return {
        .book =
            [this](model::InstrumentId id, exchange::Reply<BookSnapshot> reply) {
              this->template ReadForSocket<BookSnapshot>(
                  id, std::move(reply), [](RestManager& rest, const auto& instrument, auto done) {
                    rest.ReadOrderBook(instrument, 0, std::move(done), retry::Priority::kUrgent);
                  });
            },
        .trades =
            [this](model::InstrumentId id, exchange::Reply<model::TradesPage> reply) {
              this->template ReadForSocket<model::TradesPage>(
                  id, std::move(reply), [](RestManager& rest, const auto& instrument, auto done) {
                    rest.ListTrades(instrument, {instrument.symbol, kTradesAsked, ""},
                                    std::move(done), retry::Priority::kUrgent);
                  });
            },
        .ticker =
            [this](model::InstrumentId id, exchange::Reply<model::Ticker> reply) {
              this->template ReadForSocket<model::Ticker>(
                  id, std::move(reply), [](RestManager& rest, const auto& instrument, auto done) {
                    rest.ListTickers(
                        {instrument.symbol},
                        [done](absl::StatusOr<model::TickersReply> tickers) {
                          if (!tickers.ok()) return done(tickers.status());
                          if (tickers->tickers.empty()) {
                            return done(absl::NotFoundError("no such ticker"));
                          }
                          done(tickers->tickers.front());
                        },
                        retry::Priority::kUrgent);
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

  StatePoll::Hooks MakePollHooks() {
    return {
        .tickers =
            [this](exchange::Reply<model::TickersReply> reply) {
              this->ListTickers({}, this->OnConnectionThread(std::move(reply)));
            },
        .funding_rates =
            [this](exchange::Reply<model::FundingRatesReply> reply) {
              this->ListFundingRates({}, this->OnConnectionThread(std::move(reply)));
            },
        .useful = [this](const exchange::DemandKey& key) { return this->poll_useful(key); },
    };
  }

  template <typename T>
  exchange::Reply<T> OnConnectionThread(exchange::Reply<T> reply) {
    return [this, reply = std::move(reply)](absl::StatusOr<T> result) {
      this->connection_thread().Post([reply, result = std::move(result)] { reply(result); });
    };
  }

  std::unique_ptr<Http> http_;
  retry::RateLimiter limiter_;
  std::unique_ptr<Reader> reader_;
  std::uint32_t permits_ = 0;       // of REST, a minute
  RestManager* manager_ = nullptr;  // owned by the base
  std::unique_ptr<StatePoll> state_poll_;
};

// Between two reads of a topic that no socket carries: some topics, of which all tickers are one,
// are to fit into what the limit leaves to readers.
std::chrono::nanoseconds PollInterval(std::int64_t permits_per_minute) {
  constexpr std::int64_t kTopics = 4;
  constexpr std::int64_t kMinute = 60;
  const std::int64_t of_readers = std::max<std::int64_t>(permits_per_minute * 3 / 4, 1);
  return std::chrono::seconds((kTopics * kMinute + of_readers - 1) / of_readers);
}

absl::StatusOr<Settings> MakeSettings(const exchange::ExchangeConfig& config,
                                      const CreateOptions& create) {
  Settings settings;
  SWITCHYARD_ASSIGN_OR_RETURN(settings.client, exchange::ClientOptions::From(config));
  SWITCHYARD_ASSIGN_OR_RETURN(settings.options, ExchangeOptions::From(config));
  for (const std::string& channel : create.bind_channels) {
    if (!IsPublic(FromHouseName(channel))) {
      return InvalidField("bind_channels", "no channel " + channel);
    }
  }
  const Endpoints endpoints = MakeEndpoints(settings.options, config);
  SWITCHYARD_ASSIGN_OR_RETURN(
      const exchange::Transport transport,
      exchange::MakeTransport(config, endpoints.rest_url, endpoints.websocket_url));
  settings.http = transport.http;
  settings.lanes = MakeLaneOptions(config);
  settings.lanes.connection.reconnect =
      exchange::WithOverrides(settings.lanes.connection.reconnect, config.reconnect());
  exchange::ApplyTransport(transport, settings.lanes.connection.socket);
  settings.rest_timeout = transport.rest_timeout;
  if (config.has_limit_share_percent()) {
    settings.limit_share = static_cast<int>(config.limit_share_percent());
  }
  settings.client.clock_interval = kClockInterval;
  settings.client.poll_interval =
      PollInterval(RestPermits(settings.options.requests_per_minute, settings.limit_share));
  settings.create = create;
  return settings;
}

}  // namespace

absl::StatusOr<std::unique_ptr<exchange::MarketDataClient>> CreateClient(
    const exchange::ExchangeConfig& config, const exchange::ClientContext& context,
    const CreateOptions& options) {
  SWITCHYARD_ASSIGN_OR_RETURN(Settings settings, MakeSettings(config, options));
  return Client::Create(std::move(settings), context);
}

}  // namespace switchyard::exchanges::lighter
