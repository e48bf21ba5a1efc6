#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/exchange/client_clock.h"
#include "common/exchange/client_context.h"
#include "common/exchange/io_thread.h"
#include "common/exchange/market_data_client.h"
#include "common/exchange/socket_session.h"
#include "common/net/http_client.h"
#include "common/retry/rate_limiter.h"
#include "exchanges/lighter/private/account_options.h"
#include "exchanges/lighter/private/auth_tokens.h"
#include "exchanges/lighter/private/authorized_rest.h"
#include "exchanges/lighter/private/private_socket.h"
#include "exchanges/lighter/private/server_clock.h"
#include "exchanges/lighter/private/transaction_lane.h"
#include "exchanges/lighter/rest/rest_reader.h"
#include "exchanges/registry.h"

namespace switchyard::exchanges::lighter {

// The private socket's sessions on a connection thread.
struct SessionTransport {
  template <typename Lane>
  using Session = exchange::SocketSession<Lane>;

  template <typename Lane>
  absl::StatusOr<std::unique_ptr<Session<Lane>>> Open(std::uint64_t number, Lane& lane) {
    return Session<Lane>::Create(*thread, *clock, "private-" + std::to_string(number), policy,
                                 lane);
  }

  exchange::IoThread* thread;  // both outlive it
  const Clock* clock;
  exchange::ConnectionPolicy policy;
};
using PrivateSocket = BasicPrivateSocket<SessionTransport>;

// How one account is reached, validated.
struct PrivateSettings {
  PrivateAccountOptions account;
  net::HttpClientOptions http;
  std::chrono::nanoseconds rest_timeout{0};
  std::chrono::nanoseconds command_timeout{0};
  exchange::ConnectionPolicy connection;
  std::chrono::nanoseconds rollover{0};
  bool websocket = true;  // false: no socket, everything over REST
  int requests_per_minute = 0;
  int limit_share_percent = 100;
  std::string_view collateral;  // in which the network keeps accounts
};
// Errors: InvalidArgument, naming the field.
absl::StatusOr<PrivateSettings> MakePrivateSettings(const AccountOptions& options);

// What every private half (orders, positions, account) of one account is built on: two threads,
// reads with a token, the exchange's clock, the private socket, and the lane on which transactions
// get their nonces. Each process opens its own, with an API key of its own: of one key two lanes
// would take each other's nonces.
class PrivateConnection {
 public:
  // On the connection thread; as PrivateSocketHooks.
  struct Hooks {
    std::function<void()> ready;
    std::function<void(const absl::Status& why)> lost;
    std::function<void(const PrivateFrame& frame, TimeNs received)> frame;
  };

  // Validates everything. `channels` are subscribed. Errors: as MakePrivateSettings.
  static absl::StatusOr<std::unique_ptr<PrivateConnection>> Create(
      const AccountOptions& options, const exchange::ClientContext& context,
      std::vector<Channel> channels, Hooks hooks);
  // As Stop.
  ~PrivateConnection();

  // Measures the clock, then opens the socket and begins to send transactions.
  void Start();
  // Ends reads and transactions (their callbacks come on the way, those of transactions only where
  // the connection thread still runs), then the threads. Idempotent.
  void Stop();

  // A read: any thread. `reply` comes on the REST thread. Errors: as RestReader.
  template <typename T, typename Decode>
  void Read(RestRequest request, Decode decode, exchange::Reply<T> reply) {
    rest_thread_.Post([this, request = std::move(request), decode = std::move(decode),
                       reply = std::move(reply)]() mutable {
      reader_->Read<T>(std::move(request), std::move(decode), std::move(reply));
    });
  }

  exchange::IoThread& connection_thread() { return connection_thread_; }
  TransactionLane& lane() { return *lane_; }  // connection thread
  // As PrivateSocket::OnMalformed.
  void OnMalformed(const absl::Status& why);

  const ServerClock& server_clock() const { return server_clock_; }
  const Clock& local_clock() const { return context_.clock; }
  const PrivateAccountOptions& account() const { return settings_.account; }
  std::string_view collateral() const { return settings_.collateral; }

  // Connections, clock offset. `reply` on any thread.
  void GetStatus(exchange::Reply<exchange::ClientStatus> reply);

 private:
  PrivateConnection(PrivateSettings settings, const exchange::ClientContext& context);
  absl::Status Compose(std::vector<Channel> channels, Hooks hooks);
  std::unique_ptr<PrivateSocket> MakeSocket(std::vector<Channel> channels, Hooks hooks);
  TransactionLane::Hooks LaneHooks();

  // REST thread.
  void SendHttp(net::HttpRequest request, std::chrono::nanoseconds timeout,
                net::HttpClient::Done done);
  void NoteAnswer(const absl::Status& status);
  void ReadServerTime(exchange::Reply<TimeNs> reply);
  void PostTransaction(net::HttpRequest request, const std::function<void(Answer)>& answered);
  // Connection thread.
  void Open();
  void Tick();
  // A transaction's answer, wherever it came from: what it says of our clock.
  void NoteTransaction(const Answer& answer);

  const PrivateSettings settings_;
  const exchange::ClientContext context_;
  exchange::IoThread rest_thread_;
  exchange::IoThread connection_thread_;
  exchange::ClientClock clock_;  // REST thread
  const ServerClock server_clock_;
  // REST thread.
  std::unique_ptr<net::HttpClient> http_;
  AuthTokens rest_tokens_;
  std::unique_ptr<AuthorizedRest> rest_;
  retry::RateLimiter limiter_;
  ReadAccount post_limit_;
  std::unique_ptr<RestReader<AuthorizedRest>> reader_;
  exchange::ConnectionStatus rest_status_;
  std::chrono::nanoseconds last_answer_at_{0};
  bool opened_ = false;
  // Connection thread.
  AuthTokens socket_tokens_;
  std::unique_ptr<TransactionLane> lane_;
  std::unique_ptr<PrivateSocket> socket_;  // null where there is to be none
  exchange::Timer timer_;
  bool stopped_ = false;
};

}  // namespace switchyard::exchanges::lighter
