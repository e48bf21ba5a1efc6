#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/exchange/market_data_client.h"
#include "common/time/time.h"
#include "exchanges/gateio/private/private_connection.h"
#include "exchanges/gateio/private/rest_command.h"
#include "exchanges/gateio/rest/rest_request.h"

namespace switchyard::exchanges::gateio {

// What the position and account halves need of a private connection: a seam for their tests.
// Everything calls back on the connection thread, where those halves live.
class AccountLink {
 public:
  virtual ~AccountLink() = default;

  virtual void Start() = 0;
  virtual void Stop() = 0;
  // Runs `work` on the connection thread, later. Any thread.
  virtual void Post(std::function<void()> work) = 0;
  virtual void After(std::chrono::nanoseconds delay, std::function<void()> work) = 0;
  // The body of an answer. Errors: as RestReader.
  virtual void Read(RestRequest request, exchange::Reply<std::string> reply) = 0;
  // As PrivateConnection::Command.
  virtual void Command(RestRequest request, std::string what,
                       std::function<void(CommandOutcome)> done) = 0;
  virtual void GetStatus(exchange::Reply<exchange::ClientStatus> reply) = 0;
  // A push that could not be read: see PrivateSocket::OnMalformed.
  virtual void OnMalformed(const absl::Status& why) = 0;
  // Since the socket last carried anything; max() while it does not tell everything.
  virtual std::chrono::nanoseconds SocketAge() = 0;
  // Our clock.
  virtual const Clock& clock() const = 0;
};

// Over a PrivateConnection, which it owns.
class ConnectionLink final : public AccountLink {
 public:
  ConnectionLink(std::unique_ptr<PrivateConnection> connection, const Clock& clock)
      : connection_(std::move(connection)), clock_(clock) {}

  PrivateConnection& connection() { return *connection_; }

  void Start() override { connection_->Start(); }
  void Stop() override { connection_->Stop(); }
  void Post(std::function<void()> work) override;
  void After(std::chrono::nanoseconds delay, std::function<void()> work) override;
  void Read(RestRequest request, exchange::Reply<std::string> reply) override;
  void Command(RestRequest request, std::string what,
               std::function<void(CommandOutcome)> done) override;
  void GetStatus(exchange::Reply<exchange::ClientStatus> reply) override;
  void OnMalformed(const absl::Status& why) override { connection_->socket().OnMalformed(why); }
  std::chrono::nanoseconds SocketAge() override;
  const Clock& clock() const override { return clock_; }

 private:
  std::unique_ptr<PrivateConnection> connection_;
  const Clock& clock_;
  std::list<exchange::Timer> timers_;  // connection thread; those that have not struck
};

}  // namespace switchyard::exchanges::gateio
