#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/exchange/client_context.h"
#include "common/exchange/io_thread.h"
#include "common/exchange/market_data_client.h"
#include "common/net/http_client.h"
#include "common/retry/rate_limiter.h"
#include "exchanges/gateio/auth.h"
#include "exchanges/gateio/private/private_options.h"
#include "exchanges/gateio/private/private_socket.h"
#include "exchanges/gateio/private/rest_command.h"
#include "exchanges/gateio/private/server_clock.h"
#include "exchanges/gateio/private/signed_rest.h"
#include "exchanges/gateio/rest/rest_reader.h"

namespace switchyard::exchanges::gateio {

// What every private half (orders, positions, account) of one account is built on: two threads, the
// signed REST calls, the exchange's clock, the private socket. Each process opens its own.
class PrivateConnection {
 public:
  // Validates everything. `hooks` are called on the connection thread.
  // Errors: InvalidArgument, naming the field.
  static absl::StatusOr<std::unique_ptr<PrivateConnection>> Create(
      Product product, const AccountOptions& options, const exchange::ClientContext& context,
      PrivateSocketHooks hooks);
  // As Stop.
  ~PrivateConnection();

  // Routes a channel's pushes; before Start. Errors: as PrivateSocket::Bind.
  absl::Status Bind(std::string_view channel, PrivateSocket::Handler handler) {
    return socket_->Bind(channel, std::move(handler));
  }
  // Measures the clock, learns the user id where it is needed, opens the socket.
  void Start();
  // Ends requests (their callbacks come on the way, commands' only where the connection thread
  // still runs), then the threads. Idempotent.
  void Stop();

  // A read: any thread; counts against the limit of that name, 200 per 10 s where no other is
  // defined. `reply` comes on the REST thread. Errors: as RestReader.
  template <typename T, typename Decode>
  void Read(RestRequest request, Decode decode, exchange::Reply<T> reply) {
    rest_thread_.Post([this, request = std::move(request), decode = std::move(decode),
                       reply = std::move(reply)]() mutable {
      DefineReadLimit(request.limit);
      reader_->Read<T>(request, std::move(decode), std::move(reply));
    });
  }
  // A command: any thread, in the order of the calls; `done` comes on the connection thread. Limits
  // are the caller's. It carries x-gate-exptime: Gate.io refuses it when it comes later than the
  // command timeout.
  void Command(RestRequest request, std::string what, std::function<void(CommandOutcome)> done);

  exchange::IoThread& rest_thread() { return rest_thread_; }
  exchange::IoThread& connection_thread() { return connection_thread_; }
  PrivateSocket& socket() { return *socket_; }  // connection thread
  const ServerClock& clock() const { return clock_; }
  const PrivateOptions& options() const { return options_; }

  // Connections, limits, clock offset. `reply` on any thread.
  void GetStatus(exchange::Reply<exchange::ClientStatus> reply);

 private:
  PrivateConnection(PrivateOptions options, const exchange::ClientContext& context);
  absl::Status Compose(PrivateSocketHooks hooks);
  // What the transport told of a request.
  void NoteAnswer(const absl::Status& status);
  void DefineReadLimit(std::string_view name);
  // `measured` comes also after a failure.
  void MeasureClock(std::function<void()> measured);
  void KeepClock();
  void LearnUserId(int attempt);

  const PrivateOptions options_;
  const exchange::ClientContext context_;
  const Auth auth_;
  ServerClock clock_;
  exchange::IoThread rest_thread_;
  exchange::IoThread connection_thread_;
  // REST thread.
  std::unique_ptr<net::HttpClient> http_;
  std::unique_ptr<SignedRest> signed_;
  retry::RateLimiter limiter_;
  std::vector<std::string> limits_;
  std::unique_ptr<RestReader<SignedRest>> reader_;
  exchange::ConnectionStatus rest_status_;
  std::chrono::nanoseconds last_answer_at_{0};
  exchange::Timer clock_timer_;
  exchange::Timer user_id_timer_;
  // Connection thread.
  std::unique_ptr<PrivateSocket> socket_;
  bool stopped_ = false;
};

}  // namespace switchyard::exchanges::gateio
