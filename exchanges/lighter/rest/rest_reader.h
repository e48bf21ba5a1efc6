#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/exchange/io_thread.h"
#include "common/exchange/market_data_client.h"
#include "common/net/http_message.h"
#include "common/retry/rate_limiter.h"
#include "common/time/time.h"
#include "exchanges/lighter/rest/rest_request.h"

namespace switchyard::exchanges::lighter {

// Sends a request and calls `done` exactly once, as net::HttpClient.
template <typename R>
concept RestTransport = requires(R& rest, net::HttpRequest request,
                                 std::chrono::nanoseconds timeout,
                                 std::function<void(absl::StatusOr<net::HttpResponse>)> done) {
  rest.Send(std::move(request), timeout, std::move(done));
};

// The part of a read that does not depend on the transport: limits, errors, when to try again.
class ReadAccount {
 public:
  // Both outlive it.
  ReadAccount(retry::RateLimiter& limiter, const Clock& clock) : limiter_(limiter), clock_(clock) {}

  // Takes a permit. Errors: ResourceExhausted, RATE_LIMITED, with the delay.
  absl::Status Admit(const RestRequest& request);
  // The body of a 2xx answer. Errors: FromRest; Unavailable or DeadlineExceeded, the transport's.
  absl::StatusOr<std::string> Settle(const std::string& what,
                                     absl::StatusOr<net::HttpResponse> response);
  // The pause before the next attempt after `failures` in a row, of which `why` is the last, with
  // `left` of the read's time: none where another attempt is of no use or would come too late.
  std::optional<std::chrono::nanoseconds> NextAttempt(const absl::Status& why, int failures,
                                                      std::chrono::nanoseconds left) const;

  const Clock& clock() const { return clock_; }

 private:
  retry::RateLimiter& limiter_;
  const Clock& clock_;
};

// Reads over REST: asks the limiter, sends, decodes, and tries again what failed on the way, all
// within one timeout. Lives on the transport's thread, which is `thread`. What was not answered
// when it is closed is answered then.
template <RestTransport Rest, typename TimerType = exchange::Timer>
class RestReader {
 public:
  // All outlive it. `timeout`: of a whole read.
  RestReader(Rest& rest, retry::RateLimiter& limiter, const Clock& clock,
             exchange::IoThread& thread, std::chrono::nanoseconds timeout)
      : rest_(rest), account_(limiter, clock), thread_(thread), timeout_(timeout) {}

  // `decode` turns a body into absl::StatusOr<T>.
  template <typename T, typename Decode>
  void Read(RestRequest request, Decode decode, exchange::Reply<T> reply) {
    Attempt(std::make_shared<Task<T>>(
        Task<T>{std::move(request), std::move(decode), std::move(reply), clock().Steady()}));
  }

  // Ends the pauses between attempts: what waits in them fails as it failed last. The transport is
  // closed first.
  void Close() {
    closed_ = true;
    for (auto& [id, pause] : std::exchange(pauses_, {})) pause.give_up();
  }

  const Clock& clock() const { return account_.clock(); }

 private:
  template <typename T>
  struct Task {
    RestRequest request;
    std::function<absl::StatusOr<T>(const std::string&)> decode;
    exchange::Reply<T> reply;
    std::chrono::nanoseconds begin{0};  // steady
    int failures = 0;
  };
  struct Pause {
    std::unique_ptr<TimerType> timer;
    std::function<void()> give_up;
  };

  template <typename T>
  void Attempt(std::shared_ptr<Task<T>> task) {
    if (absl::Status admitted = account_.Admit(task->request); !admitted.ok()) {
      task->reply(std::move(admitted));
      return;
    }
    const std::chrono::nanoseconds left = timeout_ - (clock().Steady() - task->begin);
    rest_.Send(ToHttpRequest(task->request), left,
               [this, task](absl::StatusOr<net::HttpResponse> response) {
                 Finish(task, account_.Settle(task->request.path, std::move(response)));
               });
  }

  template <typename T>
  void Finish(std::shared_ptr<Task<T>> task, absl::StatusOr<std::string> body) {
    absl::StatusOr<T> result = body.ok() ? task->decode(*body) : absl::StatusOr<T>(body.status());
    if (result.ok() || closed_) return task->reply(std::move(result));
    const auto pause = account_.NextAttempt(result.status(), ++task->failures,
                                            timeout_ - (clock().Steady() - task->begin));
    if (!pause) return task->reply(std::move(result));
    const std::uint64_t id = ++last_pause_;
    Pause& waiting = pauses_[id];
    waiting.give_up = [task, why = result.status()] { task->reply(why); };
    waiting.timer = std::make_unique<TimerType>(thread_);
    waiting.timer->Start(*pause, [this, id, task] {
      // The timer outlives its own call.
      const auto ended = pauses_.extract(id);
      Attempt(task);
    });
  }

  Rest& rest_;
  ReadAccount account_;
  exchange::IoThread& thread_;
  const std::chrono::nanoseconds timeout_;
  std::map<std::uint64_t, Pause> pauses_;
  std::uint64_t last_pause_ = 0;
  bool closed_ = false;
};

}  // namespace switchyard::exchanges::lighter
