#pragma once

#include <chrono>
#include <functional>

#include "absl/status/statusor.h"
#include "common/net/http_message.h"
#include "exchanges/gateio/auth.h"
#include "exchanges/gateio/private/server_clock.h"

namespace switchyard::exchanges::gateio {

// A RestTransport that signs each request for one account at the moment of sending. REST thread.
class SignedRest {
 public:
  using Done = std::function<void(absl::StatusOr<net::HttpResponse>)>;
  using SendFunction =
      std::function<void(net::HttpRequest, std::chrono::nanoseconds timeout, Done)>;
  // Measures the clock's offset anew and calls back, on the same thread.
  using MeasureClock = std::function<void(std::function<void()> measured)>;

  // `auth` and `clock` outlive it. `send` as net::HttpClient::Send.
  SignedRest(const Auth& auth, const ServerClock& clock, SendFunction send, MeasureClock measure)
      : auth_(auth), clock_(clock), send_(std::move(send)), measure_(std::move(measure)) {}

  // As net::HttpClient::Send. An answer that refuses the timestamp has the clock measured anew; a
  // GET is then sent once more, and anything else is not: whether to repeat a command is not for a
  // transport to decide.
  void Send(net::HttpRequest request, std::chrono::nanoseconds timeout, Done done);

 private:
  void SendOnce(net::HttpRequest request, std::chrono::nanoseconds timeout, Done done);

  const Auth& auth_;
  const ServerClock& clock_;
  const SendFunction send_;
  const MeasureClock measure_;
};

}  // namespace switchyard::exchanges::gateio
