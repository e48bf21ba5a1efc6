#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/exchange/order_client.h"
#include "common/json/json.h"
#include "common/retry/rate_limiter.h"
#include "exchanges/gateio/private/private_frame.h"
#include "exchanges/gateio/private/server_clock.h"

namespace switchyard::exchanges::gateio {

// What became of a request of the WebSocket API.
struct ApiOutcome {
  exchange::CommandFate fate = exchange::CommandFate::kUnknown;
  absl::Status status;  // as exchange::CommandResult
  json::Json result;    // of the answer, where confirmed
  TimeNs submit_time;   // our clock, when it was handed to the socket; 0 = not sent
  retry::Reported limit;
  std::optional<std::chrono::nanoseconds> retry_after;  // of a rate limit
};

// Requests of the WebSocket API between their frame and the answer that settles them, each answered
// exactly once: by its result (a frame with `ack` only echoes it), by its timeout, or by the end of
// the socket that carried it. Connection thread.
class ApiRequests {
 public:
  using Done = std::function<void(ApiOutcome)>;

  // `clock` outlives it. `timeout`: after it, the outcome is unknown.
  ApiRequests(const ServerClock& clock, std::chrono::nanoseconds timeout)
      : clock_(clock), timeout_(timeout) {}

  // A request whose frame was handed to a socket (any number that tells sockets apart). `done` is
  // called from OnAnswer, OnSocketClosed, Sweep or Close.
  void Add(std::string request_id, std::uint64_t socket, std::string what, Done done);
  // False where no request waits for it: given up before, or never sent.
  bool OnAnswer(const wire::ApiAnswer& answer, const json::Json& result);
  // Settles what this socket carried as unknown.
  void OnSocketClosed(std::uint64_t socket, const absl::Status& why);
  // Settles what has waited for too long as unknown.
  void Sweep();
  // Settles all, at the end.
  void Close();

  bool empty() const { return waiting_.empty(); }
  bool IsCarriedBy(std::uint64_t socket) const;
  // Unique in the process.
  std::string NextId();

 private:
  struct Waiting {
    std::uint64_t socket = 0;
    std::string what;
    std::chrono::nanoseconds deadline{0};
    TimeNs submit_time;
    Done done;
  };
  static void SettleUnknown(const Waiting& waiting, std::string_view why);
  template <typename Condition>
  void SettleWhere(Condition condition, std::string_view why);

  const ServerClock& clock_;
  const std::chrono::nanoseconds timeout_;
  std::map<std::string, Waiting, std::less<>> waiting_;
  std::uint64_t next_id_ = 1;
};

// One frame of the WebSocket API. `param` is JSON text, `expiry` a moment of the exchange's clock
// after which it shall be refused; `now` is the exchange's clock.
// Source: Spot WebSocket v4, "WebSocket API"; that `req_header` takes what is a header over REST is
// inferred from its name.
std::string ApiFrame(std::string_view channel, std::string_view request_id, std::string_view param,
                     TimeNs expiry, TimeNs now);

}  // namespace switchyard::exchanges::gateio
