#include "exchanges/lighter/private/private_connection.h"

#include <algorithm>

#include "common/exchange/transport_options.h"
#include "common/status/status.h"
#include "exchanges/lighter/connection_policy.h"
#include "exchanges/lighter/endpoints.h"
#include "exchanges/lighter/market_data/rest_market_data.h"
#include "exchanges/lighter/private/transaction_messages.h"

namespace switchyard::exchanges::lighter {
namespace {

constexpr std::chrono::milliseconds kTick{100};
// Requests are scarce, and the exchange tells whole seconds: more samples would not be better.
constexpr exchange::ClientClock::Options kClockOptions{.interval = std::chrono::minutes(5),
                                                       .samples = 1};

}  // namespace

absl::StatusOr<PrivateSettings> MakePrivateSettings(const AccountOptions& options) {
  const exchange::ExchangeConfig& config = options.config;
  if (options.command_timeout.count() <= 0) {
    return InvalidField("command_timeout_ms", "must not be 0");
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const ExchangeOptions exchange_options,
                              ExchangeOptions::From(config));
  SWITCHYARD_ASSIGN_OR_RETURN(
      PrivateAccountOptions account,
      MakePrivateAccountOptions(config, options.account, options.command_timeout));
  if (exchange_options.read_only_socket) {
    return InvalidField("options.read_only_socket", "tells no account's events");
  }
  const Endpoints endpoints = MakeEndpoints(exchange_options, config);
  SWITCHYARD_ASSIGN_OR_RETURN(
      const exchange::Transport transport,
      exchange::MakeTransport(config, endpoints.rest_url, endpoints.websocket_url));
  exchange::LaneOptions lanes = MakeLaneOptions(config);
  lanes.connection.reconnect =
      exchange::WithOverrides(lanes.connection.reconnect, config.reconnect());
  exchange::ApplyTransport(transport, lanes.connection.socket);
  PrivateSettings out{.account = std::move(account),
                      .http = transport.http,
                      .rest_timeout = transport.rest_timeout,
                      .command_timeout = options.command_timeout,
                      .connection = std::move(lanes.connection),
                      .rollover = lanes.rollover,
                      .websocket = !config.has_websocket() || config.websocket(),
                      .requests_per_minute = exchange_options.requests_per_minute,
                      .collateral = TraitsOf(exchange_options.network).collateral};
  if (config.has_limit_share_percent()) {
    out.limit_share_percent = static_cast<int>(config.limit_share_percent());
  }
  return out;
}

PrivateConnection::PrivateConnection(PrivateSettings settings,
                                     const exchange::ClientContext& context)
    : settings_(std::move(settings)),
      context_(context),
      rest_thread_(settings_.account.exchange + "-prest"),
      connection_thread_(settings_.account.exchange + "-pws"),
      clock_(
          rest_thread_, context.clock,
          [this](exchange::Reply<TimeNs> reply) { ReadServerTime(std::move(reply)); },
          kClockOptions),
      server_clock_(context.clock, clock_),
      rest_tokens_(settings_.account.key, settings_.account.owner, server_clock_),
      post_limit_(limiter_, context.clock),
      socket_tokens_(settings_.account.key, settings_.account.owner, server_clock_),
      timer_(connection_thread_) {
  rest_status_.name = "rest-private";
}

PrivateConnection::~PrivateConnection() { Stop(); }

absl::StatusOr<std::unique_ptr<PrivateConnection>> PrivateConnection::Create(
    const AccountOptions& options, const exchange::ClientContext& context,
    std::vector<Channel> channels, Hooks hooks) {
  SWITCHYARD_ASSIGN_OR_RETURN(PrivateSettings settings, MakePrivateSettings(options));
  auto connection =
      std::unique_ptr<PrivateConnection>(new PrivateConnection(std::move(settings), context));
  SWITCHYARD_RETURN_IF_ERROR(connection->Compose(std::move(channels), std::move(hooks)));
  return connection;
}

absl::Status PrivateConnection::Compose(std::vector<Channel> channels, Hooks hooks) {
  SWITCHYARD_ASSIGN_OR_RETURN(http_, net::HttpClient::Create(rest_thread_.io(), settings_.http));
  SWITCHYARD_RETURN_IF_ERROR(
      DefineRestLimit(limiter_, settings_.requests_per_minute, settings_.limit_share_percent));
  rest_ = std::make_unique<AuthorizedRest>(
      rest_tokens_, context_.clock,
      [this](net::HttpRequest request, std::chrono::nanoseconds timeout,
             AuthorizedRest::Done done) {
        SendHttp(std::move(request), timeout, std::move(done));
      });
  reader_ = std::make_unique<RestReader<AuthorizedRest>>(*rest_, limiter_, context_.clock,
                                                         rest_thread_, settings_.rest_timeout);
  lane_ = std::make_unique<TransactionLane>(
      server_clock_, context_.clock,
      TransactionLane::Options{.answer_timeout = settings_.command_timeout,
                               .life = settings_.account.transaction_life},
      LaneHooks());
  if (settings_.websocket) socket_ = MakeSocket(std::move(channels), std::move(hooks));
  return absl::OkStatus();
}

std::unique_ptr<PrivateSocket> PrivateConnection::MakeSocket(std::vector<Channel> channels,
                                                             Hooks hooks) {
  const PrivateAccountOptions& account = settings_.account;
  PrivateSocketHooks all;
  all.ready = std::move(hooks.ready);
  all.lost = std::move(hooks.lost);
  all.frame = std::move(hooks.frame);
  all.opened = [this](std::uint64_t number) {
    if (settings_.account.orders_over_websocket) lane_->OnSocketOpen(number);
  };
  all.closed = [this](std::uint64_t number, const absl::Status& why) {
    lane_->OnSocketClosed(number, why);
  };
  all.reply = [this](std::uint64_t number, TransactionReply reply) {
    NoteTransaction(reply.answer);
    if (reply.ticket) return lane_->OnAnswer(*reply.ticket, std::move(reply.answer));
    lane_->OnAnswerToSomething(number, std::move(reply.answer));
  };
  return std::make_unique<PrivateSocket>(
      SessionTransport{&connection_thread_, &context_.clock, settings_.connection}, socket_tokens_,
      context_.clock,
      PrivateSocketOptions{.exchange = account.exchange,
                           .account = account.account,
                           .account_index = account.owner.account_index,
                           .channels = std::move(channels),
                           .rollover = settings_.rollover},
      std::move(all));
}

TransactionLane::Hooks PrivateConnection::LaneHooks() {
  TransactionLane::Hooks hooks;
  hooks.sign = [this](const signing::Transaction& transaction, const signing::Envelope& envelope) {
    return signing::SignTransaction(transaction, envelope, settings_.account.chain,
                                    settings_.account.key);
  };
  hooks.write = [this](std::uint64_t socket, std::uint64_t ticket,
                       const TransactionLane::Signed& transactions) {
    return socket_->Write(socket, TransactionFrame(ticket, transactions));
  };
  hooks.post = [this](const TransactionLane::Signed& transactions,
                      std::function<void(Answer)> answered) {
    rest_thread_.Post([this, request = TransactionRequest(transactions),
                       answered = std::move(answered)]() mutable {
      PostTransaction(std::move(request), answered);
    });
  };
  hooks.read_nonce = [this](std::function<void(absl::StatusOr<std::int64_t>)> done) {
    const signing::TokenOwner& owner = settings_.account.owner;
    RestRequest request =
        GetRequest(paths::kNextNonce, {{"account_index", std::to_string(owner.account_index)},
                                       {"api_key_index", std::to_string(owner.api_key_index)}});
    // Nothing can be sent before it is known.
    request.priority = retry::Priority::kUrgent;
    Read<std::int64_t>(std::move(request), &ReadNextNonce,
                       [this, done = std::move(done)](absl::StatusOr<std::int64_t> nonce) {
                         connection_thread_.Post([done, nonce = std::move(nonce)] { done(nonce); });
                       });
  };
  return hooks;
}

void PrivateConnection::PostTransaction(net::HttpRequest request,
                                        const std::function<void(Answer)>& answered) {
  const auto answer = [this, answered](Answer told) {
    connection_thread_.Post([this, answered, told = std::move(told)] {
      NoteTransaction(told);
      answered(told);
    });
  };
  RestRequest counted;
  counted.path = request.target;
  counted.priority = retry::Priority::kUrgent;
  if (absl::Status admitted = post_limit_.Admit(counted); !admitted.ok()) {
    return answer({Verdict::kNotWritten, std::move(admitted)});
  }
  SendHttp(std::move(request), settings_.command_timeout,
           [this, answer](absl::StatusOr<net::HttpResponse> response) {
             Answer told = AnswerOf(response, context_.clock.Now());
             const auto pause = RetryAfterOf(told.status);
             if (pause && told.status.code() == absl::StatusCode::kResourceExhausted) {
               limiter_.BlockUntil(kRestLimit, context_.clock.Steady() + *pause);
             }
             answer(std::move(told));
           });
}

void PrivateConnection::SendHttp(net::HttpRequest request, std::chrono::nanoseconds timeout,
                                 net::HttpClient::Done done) {
  http_->Send(std::move(request), timeout,
              [this, done = std::move(done)](absl::StatusOr<net::HttpResponse> response) {
                NoteAnswer(response.status());
                done(std::move(response));
              });
}

void PrivateConnection::NoteAnswer(const absl::Status& status) {
  const auto state =
      status.ok() ? exchange::ConnectionState::kReady : exchange::ConnectionState::kBackoff;
  if (state != rest_status_.state) rest_status_.since = context_.clock.Now();
  rest_status_.state = state;
  rest_status_.last_error = std::string(status.message());
  if (status.ok()) last_answer_at_ = context_.clock.Steady();
}

void PrivateConnection::NoteTransaction(const Answer& answer) {
  if (answer.status.ok()) return;
  rest_thread_.Post([this, status = answer.status] { clock_.Observe(status); });
}

void PrivateConnection::ReadServerTime(exchange::Reply<TimeNs> reply) {
  reader_->Read<TimeNs>(MarketData::ServerTimeRequest(), &MarketData::DecodeServerTime,
                        [this, reply = std::move(reply)](absl::StatusOr<TimeNs> time) {
                          reply(std::move(time));
                          // Measured or not, there is no better time to be had now.
                          if (std::exchange(opened_, true)) return;
                          connection_thread_.Post([this] { Open(); });
                        });
}

void PrivateConnection::Start() {
  rest_thread_.Start();
  connection_thread_.Start();
  // Tokens and transactions end by the exchange's time, so that comes first.
  rest_thread_.Post([this] { clock_.Start(); });
}

void PrivateConnection::Open() {
  lane_->Start();
  if (socket_ != nullptr) socket_->Open();
  Tick();
}

void PrivateConnection::Tick() {
  lane_->Tick();
  if (socket_ != nullptr) socket_->Tick();
  timer_.Start(kTick, [this] { Tick(); });
}

void PrivateConnection::Stop() {
  if (std::exchange(stopped_, true)) return;
  rest_thread_.Run([this] {
    http_->Close();
    reader_->Close();
  });
  rest_thread_.Run([] {});  // behind the answers that closing has posted
  rest_thread_.Stop();
  connection_thread_.Run([this] { lane_->Close(); });
  connection_thread_.Stop();
  socket_.reset();
}

void PrivateConnection::OnMalformed(const absl::Status& why) {
  if (socket_ != nullptr) socket_->OnMalformed(why);
}

void PrivateConnection::GetStatus(exchange::Reply<exchange::ClientStatus> reply) {
  connection_thread_.Post([this, reply = std::move(reply)] {
    exchange::ClientStatus status;
    if (socket_ != nullptr) status.connections = socket_->Status();
    status.ready = socket_ == nullptr || socket_->ready();
    status.clock_offset = clock_.offset();
    rest_thread_.Post([this, reply, status = std::move(status)]() mutable {
      const std::chrono::nanoseconds now = context_.clock.Steady();
      status.connections.push_back(rest_status_);
      if (last_answer_at_.count() != 0) {
        status.connections.back().last_message_age = now - last_answer_at_;
      }
      status.limits.push_back(
          {"rest-private",
           static_cast<std::uint32_t>(
               std::max<std::int64_t>(limiter_.Headroom(kRestLimit, now), 0)),
           static_cast<std::uint32_t>(
               RestPermits(settings_.requests_per_minute, settings_.limit_share_percent)),
           static_cast<std::uint32_t>(std::chrono::milliseconds(std::chrono::minutes(1)).count())});
      reply(std::move(status));
    });
  });
}

}  // namespace switchyard::exchanges::lighter
