#include "exchanges/gateio/order/order_client.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/exchange/market_data_client.h"
#include "common/status/status.h"
#include "exchanges/gateio/capabilities.h"
#include "exchanges/gateio/endpoints.h"
#include "exchanges/gateio/futures/order/liquidations.h"
#include "exchanges/gateio/order/client_id.h"
#include "exchanges/gateio/order/order_commands.h"
#include "exchanges/gateio/order/order_protocol.h"
#include "exchanges/gateio/order/order_reads.h"
#include "exchanges/gateio/order/websocket_handlers.h"
#include "exchanges/gateio/private/private_connection.h"
#include "exchanges/gateio/rest/answer.h"

namespace switchyard::exchanges::gateio {
namespace {

using exchange::CommandResult;
using exchange::Reply;
using Table = std::shared_ptr<const model::InstrumentTable>;
using Orders = std::vector<model::OrderReport>;
using Positions = std::vector<position::v1::Position>;

// A frame's own `time` has to be within 60 s of Gate.io's clock. Source: Spot WebSocket v4.
constexpr std::chrono::seconds kFrameLife{60};
// For what our measure of its clock is off, and its own work.
constexpr std::chrono::seconds kClockMargin{2};

CommandResult NotSent(const absl::Status& why) {
  CommandResult out;
  out.fate = exchange::CommandFate::kNotSent;
  out.status = why;
  return out;
}

absl::Status Stopped() {
  return MakeError(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_SHUTTING_DOWN,
                   "the client was stopped");
}

absl::Status NotLoaded() {
  return MakeError(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE,
                   "the instruments are not loaded yet");
}

// Lets callbacks of others reach a client that may be gone by then.
template <typename T>
struct Tether {
  std::mutex mutex;
  T* target = nullptr;
};

class OrderClient final : public exchange::OrderClient {
 public:
  static absl::StatusOr<std::unique_ptr<OrderClient>> Create(
      Product product, const AccountOptions& options, const exchange::ClientContext& context);
  ~OrderClient() override { Stop(); }

  const exchange::Capabilities& capabilities() const override {
    return protocol_.product() == Product::kSpot ? kSpotCapabilities : kFuturesCapabilities;
  }
  void Start(exchange::OrderListener& listener) override;
  void Stop() override;

  std::string ExchangeClientId(std::uint64_t number,
                               std::string_view client_order_id) const override {
    return ToExchangeClientId(number, client_order_id);
  }
  std::optional<std::uint64_t> NumberOf(std::string_view exchange_client_id) const override {
    return NumberOfExchangeClientId(exchange_client_id);
  }
  absl::Status Check(const model::Instrument& instrument,
                     const model::OrderTerms& terms) const override {
    return protocol_.requests.Check(instrument, terms);
  }

  void Place(std::vector<exchange::PlaceCommand> commands,
             Reply<std::vector<CommandResult>> reply) override;
  void Amend(exchange::AmendCommand command, Reply<CommandResult> reply) override;
  void Cancel(std::vector<exchange::OrderReference> orders,
              Reply<std::vector<CommandResult>> reply) override;
  void CancelAll(exchange::CancelAllCommand command, Reply<CommandResult> reply) override;

  void GetOrder(exchange::OrderReference order, Reply<model::OrderReport> reply) override;
  std::chrono::nanoseconds NotReceivedAfter() const override;
  void ListOpenOrders(std::string symbol, Reply<std::vector<model::OrderReport>> reply) override;
  void ListFinishedOrders(exchange::HistoryQuery query,
                          Reply<exchange::Page<model::OrderReport>> reply) override;
  void ListFills(exchange::HistoryQuery query,
                 Reply<exchange::Page<model::FillReport>> reply) override;
  void ListPositionSizes(Reply<std::vector<position::v1::Position>> reply) override;
  void ArmDeadManSwitch(std::chrono::seconds timeout, Reply<TimeNs> reply) override;
  void GetStatus(Reply<exchange::ClientStatus> reply) override;

 private:
  OrderClient(Product product, exchange::MarketDataClient& market_data)
      : protocol_(OrderProtocolOf(product)),
        market_data_(market_data),
        tether_(std::make_shared<Tether<OrderClient>>()) {
    tether_->target = this;
  }

  // Runs `work` on the connection thread, in the order of the calls, with the instruments or why
  // there are none.
  void OnConnection(std::function<void(absl::StatusOr<Table>)> work);
  // The instruments, loaded first if there are none yet. The callback comes on any thread.
  void WithInstruments(std::function<void(absl::StatusOr<Table>)> work);
  // Answers a read with `read(table)`'s reply, or why there are no instruments.
  template <typename T, typename Read>
  void Reading(Reply<T> reply, Read read) {
    WithInstruments(
        [reply = std::move(reply), read = std::move(read)](absl::StatusOr<Table> table) {
          if (!table.ok()) return reply(table.status());
          read(*std::move(table), reply);
        });
  }
  // Cancels what a listing has found. Connection thread.
  void CancelListed(const Table& table, const exchange::CancelAllCommand& command,
                    const absl::StatusOr<Orders>& open, Reply<CommandResult> reply);
  void FollowFired(const model::OrderReport& conditional, std::string order_id);
  void OnMalformed(const absl::Status& why);

  const OrderProtocol& protocol_;
  exchange::MarketDataClient& market_data_;
  const std::shared_ptr<Tether<OrderClient>> tether_;
  std::unique_ptr<PrivateConnection> connection_;
  std::unique_ptr<OrderCommands> commands_;
  std::unique_ptr<OrderReads> reads_;
  std::unique_ptr<OrderHandlers> handlers_;
  exchange::OrderListener* listener_ = nullptr;
  std::atomic<bool> stopping_{false};
};

absl::StatusOr<std::unique_ptr<OrderClient>> OrderClient::Create(
    Product product, const AccountOptions& options, const exchange::ClientContext& context) {
  auto client = std::unique_ptr<OrderClient>(new OrderClient(product, options.market_data));
  OrderClient* const self = client.get();
  PrivateSocketHooks hooks;
  hooks.ready = [self] { self->listener_->OnPrivateStreamReady(); };
  hooks.lost = [self](const absl::Status& why) { self->listener_->OnPrivateStreamLost(why); };
  SWITCHYARD_ASSIGN_OR_RETURN(
      client->connection_, PrivateConnection::Create(product, options, context, std::move(hooks)));
  PrivateConnection* const connection = client->connection_.get();
  client->commands_ = std::make_unique<OrderCommands>(*connection, client->protocol_);
  client->reads_ = std::make_unique<OrderReads>(
      client->protocol_, context.clock,
      [connection](RestRequest request, std::function<void(absl::StatusOr<std::string>)> done) {
        connection->Read<std::string>(
            std::move(request),
            [](const std::string& body) { return absl::StatusOr<std::string>(body); },
            std::move(done));
      });
  client->handlers_ = std::make_unique<OrderHandlers>(
      client->protocol_, options.config.exchange(), options.account.name(),
      OrderHandlers::Hooks{
          .instruments = [self] { return self->market_data_.instruments(); },
          .malformed = [self](const absl::Status& why) { self->OnMalformed(why); },
          .fired = [self](const model::OrderReport& conditional,
                          std::string id) { self->FollowFired(conditional, std::move(id)); }});
  for (auto& [channel, handler] : client->handlers_->Bindings()) {
    SWITCHYARD_RETURN_IF_ERROR(connection->Bind(channel, std::move(handler)));
  }
  return client;
}

void OrderClient::Start(exchange::OrderListener& listener) {
  listener_ = &listener;
  handlers_->SetListener(listener);
  connection_->Start();
}

void OrderClient::Stop() {
  if (stopping_.exchange(true)) return;
  {
    const std::lock_guard lock(tether_->mutex);
    tether_->target = nullptr;
  }
  if (connection_ == nullptr) return;
  // Commands that were given before are on their way then; later ones see `stopping_`.
  connection_->connection_thread().Run([] {});
  connection_->Stop();
}

void OrderClient::WithInstruments(std::function<void(absl::StatusOr<Table>)> work) {
  if (stopping_) return work(Stopped());
  if (Table table = market_data_.instruments()) return work(std::move(table));
  market_data_.LoadInstruments(
      [tether = tether_, work = std::move(work)](absl::StatusOr<Table> table) {
        const std::lock_guard lock(tether->mutex);
        work(tether->target == nullptr ? absl::StatusOr<Table>(Stopped()) : std::move(table));
      });
}

void OrderClient::OnConnection(std::function<void(absl::StatusOr<Table>)> work) {
  connection_->connection_thread().Post([this, work = std::move(work)] {
    if (stopping_) return work(Stopped());
    Table table = market_data_.instruments();
    if (table == nullptr) return work(NotLoaded());
    work(std::move(table));
  });
}

void OrderClient::Place(std::vector<exchange::PlaceCommand> commands,
                        Reply<std::vector<CommandResult>> reply) {
  OnConnection([this, commands = std::move(commands),
                reply = std::move(reply)](absl::StatusOr<Table> table) {
    if (!table.ok()) {
      return reply(std::vector<CommandResult>(commands.size(), NotSent(table.status())));
    }
    commands_->Place(*table, commands, reply);
  });
}

void OrderClient::Amend(exchange::AmendCommand command, Reply<CommandResult> reply) {
  OnConnection(
      [this, command = std::move(command), reply = std::move(reply)](absl::StatusOr<Table> table) {
        if (!table.ok()) return reply(NotSent(table.status()));
        commands_->Amend(*table, command, reply);
      });
}

void OrderClient::Cancel(std::vector<exchange::OrderReference> orders,
                         Reply<std::vector<CommandResult>> reply) {
  OnConnection(
      [this, orders = std::move(orders), reply = std::move(reply)](absl::StatusOr<Table> table) {
        if (!table.ok()) {
          return reply(std::vector<CommandResult>(orders.size(), NotSent(table.status())));
        }
        commands_->Cancel(*table, orders, reply);
      });
}

void OrderClient::CancelAll(exchange::CancelAllCommand command, Reply<CommandResult> reply) {
  OnConnection([this, command = std::move(command),
                reply = std::move(reply)](absl::StatusOr<Table> table) {
    if (!table.ok()) return reply(NotSent(table.status()));
    const bool sided = command.side != common::v1::SIDE_UNSPECIFIED;
    const bool knows_markets = !command.symbol.empty() || protocol_.requests.cancels_all_markets();
    if (knows_markets && !sided) {
      std::vector<std::string> symbols;
      if (!command.symbol.empty()) symbols.push_back(command.symbol);
      return commands_->CancelAll(*table, std::move(symbols), command.side, true, reply);
    }
    // Which markets there are orders in, and which conditional ones are of that side, has to be
    // asked: Gate.io cancels per market, and conditional orders of both sides alone.
    reads_->ListOpen(*table, command.symbol,
                     [this, table = *table, command, reply](absl::StatusOr<Orders> open) {
                       connection_->connection_thread().Post(
                           [this, table, command, reply, open = std::move(open)] {
                             CancelListed(table, command, open, reply);
                           });
                     });
  });
}

void OrderClient::CancelListed(const Table& table, const exchange::CancelAllCommand& command,
                               const absl::StatusOr<Orders>& open, Reply<CommandResult> reply) {
  const bool sided = command.side != common::v1::SIDE_UNSPECIFIED;
  std::set<std::string> symbols;
  if (!command.symbol.empty()) symbols.insert(command.symbol);
  std::vector<exchange::OrderReference> conditional;
  if (open.ok()) {
    for (const model::OrderReport& order : *open) {
      if (command.symbol.empty() && !protocol_.requests.cancels_all_markets())
        symbols.insert(order.symbol);
      const bool waits = order.trigger_state != order::v1::TRIGGER_STATE_UNSPECIFIED;
      if (waits && sided && order.terms.side == command.side) {
        conditional.push_back({order.symbol, order.exchange_order_id, "", true});
      }
    }
  } else if (symbols.empty() && !protocol_.requests.cancels_all_markets()) {
    return reply(NotSent(open.status()));
  }
  const absl::Status listed = open.status();
  const auto finish = [reply, listed](CommandResult orders,
                                      const std::vector<CommandResult>& waiting) {
    absl::Status worst = listed;
    for (const CommandResult& result : waiting) {
      // One that has gone by itself is not in the way.
      if (worst.ok() && result.status.code() != absl::StatusCode::kNotFound) worst = result.status;
    }
    if (orders.fate == exchange::CommandFate::kConfirmed && !worst.ok()) {
      orders.fate = exchange::CommandFate::kUnknown;
      orders.status = OutcomeUnknown("cancel all orders", std::string(worst.message()));
    }
    reply(std::move(orders));
  };
  commands_->CancelAll(
      table, std::vector<std::string>(symbols.begin(), symbols.end()), command.side, !sided,
      [this, table, conditional, finish](absl::StatusOr<CommandResult> orders) {
        if (conditional.empty()) return finish(*std::move(orders), {});
        commands_->Cancel(
            table, conditional,
            [finish, orders = *std::move(orders)](
                absl::StatusOr<std::vector<CommandResult>> waiting) { finish(orders, *waiting); });
      });
}

void OrderClient::GetOrder(exchange::OrderReference order, Reply<model::OrderReport> reply) {
  Reading(std::move(reply), [this, order = std::move(order)](Table table, const auto& done) {
    reads_->GetOrder(std::move(table), order, done);
  });
}

std::chrono::nanoseconds OrderClient::NotReceivedAfter() const {
  const PrivateOptions& options = connection_->options();
  if (options.not_received_after.count() != 0) return options.not_received_after;
  // Over REST the request carries its own expiry. That the socket's form of it is obeyed is not
  // documented, so there only the age of the frame counts.
  if (!options.orders_over_websocket) return options.command_timeout + kClockMargin;
  return std::max<std::chrono::nanoseconds>(options.command_timeout, kFrameLife) + kClockMargin;
}

void OrderClient::ListOpenOrders(std::string symbol, Reply<Orders> reply) {
  Reading(std::move(reply), [this, symbol = std::move(symbol)](Table table, const auto& done) {
    reads_->ListOpen(std::move(table), symbol, done);
  });
}

void OrderClient::ListFinishedOrders(exchange::HistoryQuery query,
                                     Reply<exchange::Page<model::OrderReport>> reply) {
  Reading(std::move(reply), [this, query = std::move(query)](Table table, const auto& done) {
    reads_->ListFinished(std::move(table), query, done);
  });
}

void OrderClient::ListFills(exchange::HistoryQuery query,
                            Reply<exchange::Page<model::FillReport>> reply) {
  Reading(std::move(reply), [this, query = std::move(query)](Table table, const auto& done) {
    reads_->ListFills(std::move(table), query, done);
  });
}

void OrderClient::ListPositionSizes(Reply<Positions> reply) {
  if (protocol_.product() == Product::kSpot) return reply(Positions());
  WithInstruments([this, reply = std::move(reply)](absl::StatusOr<Table> table) {
    if (!table.ok()) return reply(table.status());
    RestRequest request;
    request.path = paths::kFuturesPositions;
    request.query = {{"holding", "true"}};
    request.limit = paths::kFuturesPositions;
    connection_->Read<Positions>(
        std::move(request),
        [this, table = *std::move(table)](const std::string& body) {
          return futures::ReadPositionSizes(
              body, {*table, connection_->clock().local().Now(), model::Source::kRest},
              connection_->options().exchange, connection_->options().account);
        },
        reply);
  });
}

void OrderClient::ArmDeadManSwitch(std::chrono::seconds timeout, Reply<TimeNs> reply) {
  OnConnection([this, timeout, reply = std::move(reply)](absl::StatusOr<Table> table) {
    // No instrument is needed for it.
    if (!table.ok() && stopping_) return reply(table.status());
    commands_->Countdown(timeout, reply);
  });
}

void OrderClient::GetStatus(Reply<exchange::ClientStatus> reply) {
  connection_->connection_thread().Post([this, reply = std::move(reply)] {
    connection_->GetStatus(
        [limits = commands_->Headrooms(), reply](absl::StatusOr<exchange::ClientStatus> status) {
          if (status.ok()) {
            status->limits.insert(status->limits.end(), limits.begin(), limits.end());
          }
          reply(std::move(status));
        });
  });
}

void OrderClient::FollowFired(const model::OrderReport& conditional, std::string order_id) {
  WithInstruments([this, conditional, order_id = std::move(order_id)](absl::StatusOr<Table> table) {
    if (!table.ok()) return;
    reads_->GetOrder(*std::move(table), {conditional.symbol, order_id, "", false},
                     [this, conditional](absl::StatusOr<model::OrderReport> order) {
                       if (!order.ok()) return;  // reconciliation finds it
                       order->trigger_state = order::v1::TRIGGER_STATE_TRIGGERED;
                       if (order->exchange_client_id.empty()) {
                         order->exchange_client_id = conditional.exchange_client_id;
                       }
                       connection_->connection_thread().Post(
                           [this, order = *std::move(order)] { listener_->OnOrder(order); });
                     });
  });
}

void OrderClient::OnMalformed(const absl::Status& why) {
  if (why.code() == absl::StatusCode::kNotFound) {
    market_data_.LoadInstruments([](absl::StatusOr<Table>) {});  // listed since
  }
  connection_->socket().OnMalformed(why);
}

}  // namespace

absl::StatusOr<std::unique_ptr<exchange::OrderClient>> CreateOrderClient(
    Product product, const AccountOptions& options, const exchange::ClientContext& context) {
  SWITCHYARD_ASSIGN_OR_RETURN(std::unique_ptr<OrderClient> client,
                              OrderClient::Create(product, options, context));
  return client;
}

}  // namespace switchyard::exchanges::gateio
