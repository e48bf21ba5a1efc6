#include "exchanges/lighter/order/order_client.h"

#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "exchanges/lighter/account/account_answer.h"
#include "exchanges/lighter/capabilities.h"
#include "exchanges/lighter/endpoints.h"
#include "exchanges/lighter/order/client_id.h"
#include "exchanges/lighter/order/order_commands.h"
#include "exchanges/lighter/order/order_confirmations.h"
#include "exchanges/lighter/order/order_reads.h"
#include "exchanges/lighter/order/websocket_handlers.h"
#include "exchanges/lighter/position/position_decoder.h"
#include "exchanges/lighter/private/instrument_access.h"
#include "exchanges/lighter/private/private_connection.h"
#include "exchanges/lighter/rest/answer.h"

namespace switchyard::exchanges::lighter {
namespace {

using exchange::CommandResult;
using exchange::Reply;
using Table = InstrumentAccess::Table;
using Orders = std::vector<model::OrderReport>;
using Positions = std::vector<position::v1::Position>;
using Results = std::vector<CommandResult>;

constexpr std::chrono::milliseconds kTick{100};

CommandResult NotSent(const absl::Status& why) {
  CommandResult out;
  out.fate = exchange::CommandFate::kNotSent;
  out.status = why;
  return out;
}

bool IsSame(const std::optional<Decimal>& wanted, const std::optional<Decimal>& told) {
  return !wanted || (told && *told == *wanted);
}

// Whether the order has the values of an amendment, or no values matter any more.
bool ShowsAmendment(const exchange::AmendCommand& command, const model::OrderReport& report) {
  const bool meant = command.order.exchange_order_id.empty()
                         ? report.exchange_client_id == command.order.exchange_client_id
                         : report.exchange_order_id == command.order.exchange_order_id;
  if (!meant) return false;
  if (report.state != order::v1::ORDER_STATE_OPEN &&
      report.state != order::v1::ORDER_STATE_PARTIALLY_FILLED) {
    return true;
  }
  const auto trigger =
      report.terms.trigger ? std::optional(report.terms.trigger->price) : std::nullopt;
  const auto& price = report.terms.price ? report.terms.price : report.terms.worst_price;
  return IsSame(command.quantity, report.terms.quantity) && IsSame(command.price, price) &&
         IsSame(command.trigger_price, trigger);
}

class OrderClient final : public exchange::OrderClient {
 public:
  static absl::StatusOr<std::unique_ptr<OrderClient>> Create(
      const AccountOptions& options, const exchange::ClientContext& context);
  ~OrderClient() override { Stop(); }

  const exchange::Capabilities& capabilities() const override { return kCapabilities; }
  void Start(exchange::OrderListener& listener) override;
  void Stop() override;

  std::string ExchangeClientId(std::uint64_t number, std::string_view) const override {
    return OrderClientIndex(number);
  }
  std::optional<std::uint64_t> NumberOf(std::string_view exchange_client_id) const override {
    return NumberOfClientIndex(exchange_client_id);
  }
  absl::Status Check(const model::Instrument& instrument,
                     const model::OrderTerms& terms) const override {
    return CheckTerms(instrument, terms, connection_->server_clock().Now());
  }

  void Place(std::vector<exchange::PlaceCommand> commands, Reply<Results> reply) override;
  void Amend(exchange::AmendCommand command, Reply<CommandResult> reply) override;
  void Cancel(std::vector<exchange::OrderReference> orders, Reply<Results> reply) override;
  void CancelAll(exchange::CancelAllCommand command, Reply<CommandResult> reply) override;

  void GetOrder(exchange::OrderReference order, Reply<model::OrderReport> reply) override;
  std::chrono::nanoseconds NotReceivedAfter() const override {
    return connection_->account().NotReceivedAfter();
  }
  void ListOpenOrders(std::string symbol, Reply<Orders> reply) override;
  void ListFinishedOrders(exchange::HistoryQuery query,
                          Reply<exchange::Page<model::OrderReport>> reply) override;
  void ListFills(exchange::HistoryQuery query,
                 Reply<exchange::Page<model::FillReport>> reply) override;
  void ListPositionSizes(Reply<Positions> reply) override;
  void ArmDeadManSwitch(std::chrono::seconds timeout, Reply<TimeNs> reply) override;
  void GetStatus(Reply<exchange::ClientStatus> reply) override {
    connection_->GetStatus(std::move(reply));
  }

 private:
  explicit OrderClient(exchange::MarketDataClient& market_data) : instruments_(market_data) {}
  absl::Status Compose(const AccountOptions& options, const exchange::ClientContext& context);

  // Runs `work` on the connection thread, in the order of the calls, with the instruments or why
  // there are none.
  void OnConnection(InstrumentAccess::Work work) {
    connection_->connection_thread().Post(
        [this, work = std::move(work)] { work(instruments_.Now()); });
  }
  // Answers a read with `read(table, reply)`, or why there are no instruments.
  template <typename T, typename Read>
  void Reading(Reply<T> reply, Read read) {
    instruments_.With(
        [reply = std::move(reply), read = std::move(read)](absl::StatusOr<Table> table) {
          if (!table.ok()) return reply(table.status());
          read(*std::move(table), reply);
        });
  }
  // Connection thread. `stands`: the order as it is.
  void SendAmend(const Table& table, const exchange::AmendCommand& command,
                 const model::OrderReport& stands, Reply<CommandResult> reply);
  absl::StatusOr<Positions> ReadSizes(const Table& table, const std::string& body) const;
  void OnMalformed(const absl::Status& why);
  void Tick();

  InstrumentAccess instruments_;
  std::unique_ptr<PrivateConnection> connection_;
  std::unique_ptr<OrderReads> reads_;
  // Connection thread.
  std::unique_ptr<OrderConfirmations> confirmations_;
  std::unique_ptr<OrderCommands> commands_;
  std::unique_ptr<OrderHandlers> handlers_;
  std::unique_ptr<exchange::Timer> timer_;
  bool stopped_ = false;
};

absl::StatusOr<std::unique_ptr<OrderClient>> OrderClient::Create(
    const AccountOptions& options, const exchange::ClientContext& context) {
  auto client = std::unique_ptr<OrderClient>(new OrderClient(options.market_data));
  SWITCHYARD_RETURN_IF_ERROR(client->Compose(options, context));
  return client;
}

absl::Status OrderClient::Compose(const AccountOptions& options,
                                  const exchange::ClientContext& context) {
  PrivateConnection::Hooks hooks;
  hooks.ready = [this] { confirmations_->OnPrivateStreamReady(); };
  hooks.lost = [this](const absl::Status& why) { confirmations_->OnPrivateStreamLost(why); };
  hooks.frame = [this](const PrivateFrame& frame, TimeNs received) {
    handlers_->OnFrame(frame, received);
  };
  SWITCHYARD_ASSIGN_OR_RETURN(
      connection_, PrivateConnection::Create(
                       options, context,
                       {std::begin(OrderHandlers::kChannels), std::end(OrderHandlers::kChannels)},
                       std::move(hooks)));
  const PrivateAccountOptions& account = connection_->account();
  const KeyOwner owner{account.owner.account_index, account.owner.api_key_index};
  reads_ = std::make_unique<OrderReads>(
      owner.account_index, context.clock,
      [this](RestRequest request, std::function<void(absl::StatusOr<std::string>)> done) {
        connection_->Read<std::string>(
            std::move(request),
            [](const std::string& body) { return absl::StatusOr<std::string>(body); },
            std::move(done));
      });
  confirmations_ = std::make_unique<OrderConfirmations>(context.clock, options.command_timeout);
  commands_ = std::make_unique<OrderCommands>(
      connection_->lane(), owner, connection_->server_clock(),
      [this](const std::string& symbol, Reply<Orders> reply) {
        ListOpenOrders(symbol, [this, reply = std::move(reply)](absl::StatusOr<Orders> open) {
          connection_->connection_thread().Post([reply, open = std::move(open)] { reply(open); });
        });
      });
  handlers_ = std::make_unique<OrderHandlers>(
      owner.account_index, account.exchange, account.account,
      OrderHandlers::Hooks{.instruments = [this] { return instruments_.Latest(); },
                           .malformed = [this](const absl::Status& why) { OnMalformed(why); }});
  handlers_->SetListener(*confirmations_);
  timer_ = std::make_unique<exchange::Timer>(connection_->connection_thread());
  return absl::OkStatus();
}

void OrderClient::Start(exchange::OrderListener& listener) {
  confirmations_->SetListener(listener);
  connection_->Start();
  connection_->connection_thread().Post([this] { Tick(); });
}

void OrderClient::Tick() {
  confirmations_->Tick();
  timer_->Start(kTick, [this] { Tick(); });
}

void OrderClient::Stop() {
  if (std::exchange(stopped_, true)) return;
  instruments_.Close();
  if (connection_ == nullptr) return;
  // Commands that were given before are on their way then; later ones find no instruments.
  connection_->connection_thread().Run([this] { confirmations_->Close(); });
  connection_->Stop();
}

void OrderClient::Place(std::vector<exchange::PlaceCommand> commands, Reply<Results> reply) {
  OnConnection([this, commands = std::move(commands),
                reply = std::move(reply)](absl::StatusOr<Table> table) {
    if (!table.ok()) return reply(Results(commands.size(), NotSent(table.status())));
    if (commands.empty()) return reply(Results());
    struct Gathering {
      Results results;
      std::size_t waiting = 0;
    };
    const auto gathering = std::make_shared<Gathering>();
    gathering->results.resize(commands.size());
    gathering->waiting = commands.size();
    std::vector<OrderConfirmations::Done> answers;
    for (std::size_t i = 0; i < commands.size(); ++i) {
      const std::string& id = commands[i].exchange_client_id;
      answers.push_back(confirmations_->Expect(
          "place order " + id,
          [id](const model::OrderReport& report) { return report.exchange_client_id == id; },
          [gathering, i, reply](CommandResult result) {
            gathering->results[i] = std::move(result);
            if (--gathering->waiting == 0) reply(std::move(gathering->results));
          }));
    }
    commands_->Place(*table, commands,
                     [answers = std::move(answers)](absl::StatusOr<Results> results) {
                       for (std::size_t i = 0; i < answers.size(); ++i) {
                         answers[i](std::move((*results)[i]));
                       }
                     });
  });
}

// What an amendment leaves alone has to be sent too, so the order is asked for first.
void OrderClient::Amend(exchange::AmendCommand command, Reply<CommandResult> reply) {
  exchange::OrderReference order = command.order;
  GetOrder(std::move(order), [this, command = std::move(command),
                              reply = std::move(reply)](absl::StatusOr<model::OrderReport> stands) {
    if (!stands.ok()) return reply(NotSent(stands.status()));
    OnConnection([this, command, reply, stands = *std::move(stands)](absl::StatusOr<Table> table) {
      if (!table.ok()) return reply(NotSent(table.status()));
      SendAmend(*table, command, stands, reply);
    });
  });
}

void OrderClient::SendAmend(const Table& table, const exchange::AmendCommand& command,
                            const model::OrderReport& stands, Reply<CommandResult> reply) {
  auto answer = confirmations_->Expect(
      "amend order " + stands.exchange_order_id,
      [command](const model::OrderReport& report) { return ShowsAmendment(command, report); },
      [reply = std::move(reply)](CommandResult result) { reply(std::move(result)); });
  commands_->Amend(table, command, {stands.terms, stands.filled_quantity.value_or(Decimal())},
                   [answer = std::move(answer)](absl::StatusOr<CommandResult> result) {
                     answer(*std::move(result));
                   });
}

void OrderClient::Cancel(std::vector<exchange::OrderReference> orders, Reply<Results> reply) {
  OnConnection(
      [this, orders = std::move(orders), reply = std::move(reply)](absl::StatusOr<Table> table) {
        if (!table.ok()) return reply(Results(orders.size(), NotSent(table.status())));
        commands_->Cancel(*table, orders, reply);
      });
}

void OrderClient::CancelAll(exchange::CancelAllCommand command, Reply<CommandResult> reply) {
  OnConnection(
      [this, command = std::move(command), reply = std::move(reply)](absl::StatusOr<Table> table) {
        if (!table.ok()) return reply(NotSent(table.status()));
        commands_->CancelAll(*table, command, reply);
      });
}

void OrderClient::GetOrder(exchange::OrderReference order, Reply<model::OrderReport> reply) {
  Reading(std::move(reply), [this, order = std::move(order)](Table table, const auto& done) {
    reads_->GetOrder(std::move(table), order, done);
  });
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
  Reading(std::move(reply), [this](Table table, const auto& done) {
    connection_->Read<Positions>(
        AccountRequest(connection_->account().owner.account_index),
        [this, table = std::move(table)](const std::string& body) {
          return ReadSizes(table, body);
        },
        done);
  });
}

absl::StatusOr<Positions> OrderClient::ReadSizes(const Table& table,
                                                 const std::string& body) const {
  const PrivateAccountOptions& account = connection_->account();
  SWITCHYARD_ASSIGN_OR_RETURN(const AccountAnswer answer,
                              ReadAccountAnswer(body, account.owner.account_index));
  SWITCHYARD_ASSIGN_OR_RETURN(const auto positions,
                              ReadPositions(answer.positions(), *table, /*keep_flat=*/false));
  Positions out;
  for (const RawPosition& raw : positions) {
    position::v1::Position& position = out.emplace_back();
    position.set_exchange(account.exchange);
    position.set_account(account.account);
    position.set_symbol(raw.symbol);
    position.set_position_side(common::v1::POSITION_SIDE_NET);
    position.set_side(raw.size.is_negative() ? common::v1::SIDE_SELL : common::v1::SIDE_BUY);
    position.mutable_size()->set_value(raw.size.Absolute().ToShortString());
    position.mutable_size()->set_source(common::v1::SOURCE_REST);
    position.set_settle_currency(raw.settle);
    position.set_receive_time_ns(connection_->local_clock().Now().value);
  }
  return out;
}

void OrderClient::ArmDeadManSwitch(std::chrono::seconds timeout, Reply<TimeNs> reply) {
  connection_->connection_thread().Post([this, timeout, reply = std::move(reply)] {
    commands_->Schedule(timeout, [this, reply](absl::StatusOr<TimeNs> strikes) {
      if (strikes.ok() && strikes->given()) {
        strikes = connection_->server_clock().ToLocal(*strikes);
      }
      reply(std::move(strikes));
    });
  });
}

void OrderClient::OnMalformed(const absl::Status& why) {
  if (why.code() == absl::StatusCode::kNotFound) instruments_.Refresh();
  connection_->OnMalformed(why);
}

}  // namespace

absl::StatusOr<std::unique_ptr<exchange::OrderClient>> CreateOrderClient(
    const AccountOptions& options, const exchange::ClientContext& context) {
  SWITCHYARD_ASSIGN_OR_RETURN(std::unique_ptr<OrderClient> client,
                              OrderClient::Create(options, context));
  return client;
}

}  // namespace switchyard::exchanges::lighter
