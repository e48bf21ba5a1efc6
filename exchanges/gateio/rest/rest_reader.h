#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/exchange/market_data_client.h"
#include "common/net/http_message.h"
#include "common/retry/rate_limiter.h"
#include "common/status/status.h"
#include "common/time/time.h"
#include "exchanges/gateio/rest/rest_request.h"

namespace switchyard::exchanges::gateio {

// Sends a request and calls `done` exactly once, as net::HttpClient.
template <typename R>
concept RestTransport = requires(R& rest, net::HttpRequest request,
                                 std::chrono::nanoseconds timeout,
                                 std::function<void(absl::StatusOr<net::HttpResponse>)> done) {
  rest.Send(std::move(request), timeout, std::move(done));
};

// The part of a read that does not depend on the transport: limits and errors.
class ReadAccount {
 public:
  // Both outlive it.
  ReadAccount(retry::RateLimiter& limiter, const Clock& clock) : limiter_(limiter), clock_(clock) {}

  // Takes a permit. Errors: ResourceExhausted, RATE_LIMITED, with the delay.
  absl::Status Admit(const RestRequest& request);
  // The body of a 2xx answer; corrects the limit by the answer's headers.
  // Errors: FromRest; Unavailable or DeadlineExceeded, the transport's.
  absl::StatusOr<std::string> Settle(const std::string& what, std::string_view limit,
                                     absl::StatusOr<net::HttpResponse> response);

  const Clock& clock() const { return clock_; }

 private:
  retry::RateLimiter& limiter_;
  const Clock& clock_;
};

// Reads over REST: asks the limiter, sends, decodes. Lives on the transport's thread; the transport
// outlives it and ends all requests before this goes.
template <RestTransport Rest>
class RestReader {
 public:
  RestReader(Rest& rest, retry::RateLimiter& limiter, const Clock& clock,
             std::chrono::nanoseconds timeout)
      : rest_(rest), account_(limiter, clock), timeout_(timeout) {}

  // `decode` turns a body into absl::StatusOr<T>.
  template <typename T, typename Decode>
  void Read(const RestRequest& request, Decode decode, exchange::Reply<T> reply) {
    if (absl::Status admitted = account_.Admit(request); !admitted.ok()) {
      reply(std::move(admitted));
      return;
    }
    rest_.Send(ToHttpRequest(request), timeout_,
               [this, what = request.path, limit = request.limit, decode = std::move(decode),
                reply = std::move(reply)](absl::StatusOr<net::HttpResponse> response) mutable {
                 absl::StatusOr<std::string> body =
                     account_.Settle(what, limit, std::move(response));
                 if (!body.ok()) {
                   reply(body.status());
                   return;
                 }
                 reply(decode(*body));
               });
  }

  const Clock& clock() const { return account_.clock(); }

 private:
  Rest& rest_;
  ReadAccount account_;
  const std::chrono::nanoseconds timeout_;
};

}  // namespace switchyard::exchanges::gateio
