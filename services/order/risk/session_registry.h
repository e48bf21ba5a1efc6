#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/time/time.h"

namespace switchyard::order::risk {

// The grace that a request's grace_ms stands for: 0 = 10 s; clamped to 1 s..10 min.
std::chrono::nanoseconds GraceOf(std::uint32_t grace_ms);

// Orders of one session whose client has been absent longer than their grace.
struct ExpiredSession {
  std::string session_id;
  std::chrono::nanoseconds absent_for{0};
  std::vector<std::string> order_keys;
};

// Which clients are present, and which orders go with them (cancel-on-disconnect). A client is
// present while at least one StreamOrderEvents with its session id is open. Its absence is measured
// on the steady clock; a return within the grace, however late in it, starts anew. Bounded by the
// open streams and the open orders. One thread.
class SessionRegistry {
 public:
  // `clock` outlives this.
  explicit SessionRegistry(const Clock& clock) : clock_(clock) {}

  // A stream of the session opened, or ended. An empty id is no session.
  void StreamOpened(std::string_view session_id);
  void StreamClosed(std::string_view session_id);
  bool IsPresent(std::string_view session_id) const;

  // Binds a new order, by its key (unique in the account), to a session. Binding again replaces.
  // Errors: FailedPrecondition, SESSION_NOT_CONNECTED.
  absl::Status Bind(std::string_view order_key, std::string_view session_id,
                    std::chrono::nanoseconds grace);
  // Binds an order that the journal knows, at start: its client has its full grace from now.
  void Restore(std::string_view order_key, std::string_view session_id,
               std::chrono::nanoseconds grace);
  // The order is terminal. Unknown keys are ignored.
  void Unbind(std::string_view order_key);

  // Orders to cancel now, by session; each is told once, for it is unbound here: the caller sees
  // its cancellation through even if the client returns meanwhile.
  std::vector<ExpiredSession> TakeExpired();
  // When TakeExpired has the next one, steady; absent = none while nobody else leaves.
  std::optional<std::chrono::nanoseconds> NextExpiry() const;

 private:
  struct Session {
    std::uint32_t streams = 0;
    std::chrono::nanoseconds absent_since{0};                           // while streams is 0
    std::set<std::pair<std::chrono::nanoseconds, std::string>> orders;  // (grace, key)
  };
  struct Binding {
    std::string session_id;
    std::chrono::nanoseconds grace;
  };

  void BindTo(std::string_view order_key, std::string_view session_id,
              std::chrono::nanoseconds grace);

  const Clock& clock_;
  std::map<std::string, Session, std::less<>> sessions_;
  std::map<std::string, Binding, std::less<>> bindings_;
};

}  // namespace switchyard::order::risk
