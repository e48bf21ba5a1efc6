#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/exchange/socket_session.h"

namespace switchyard::exchange {

// Stands in for SocketSession: the test says when it opens, what it receives and when it is cut.
template <typename Owner>
class FakeSession {
 public:
  // Those that exist, by name.
  static inline std::map<std::string, FakeSession*> all;

  // Refuses the endpoint "nowhere".
  static absl::StatusOr<std::unique_ptr<FakeSession>> Create(IoThread&, const Clock& clock,
                                                             std::string name,
                                                             const ConnectionPolicy& policy,
                                                             Owner& owner) {
    if (policy.socket.endpoint.host == "nowhere") {
      return absl::InvalidArgumentError("endpoint: nowhere");
    }
    auto session = std::unique_ptr<FakeSession>(new FakeSession(clock, std::move(name), owner));
    all[session->name_] = session.get();
    return session;
  }
  ~FakeSession() { all.erase(name_); }

  void Open() { asked_to_open = true; }
  // Ended by Cut, as a socket's closing is told later.
  void Restart(int = 1000) { ++restarts; }
  absl::Status Send(std::string text) {
    if (queue_full) return absl::ResourceExhaustedError("the queue is full");
    sent.push_back(std::move(text));
    return absl::OkStatus();
  }
  bool is_open() const { return open_; }
  bool ready() const { return ready_; }
  void SetReady(bool ready) { ready_ = open_ && ready; }
  std::chrono::nanoseconds opened_at() const { return opened_at_; }
  std::chrono::nanoseconds last_message_at() const { return last_message_at_; }
  const std::string& name() const { return name_; }
  ConnectionStatus Status() const {
    ConnectionStatus status;
    status.name = name_;
    return status;
  }

  // What the network does.
  void Connect() {
    open_ = true;
    sent.clear();
    opened_at_ = last_message_at_ = clock_.Steady();
    owner_.OnSessionOpen(*this);
  }
  void Receive(std::string_view frame) {
    last_message_at_ = clock_.Steady();
    owner_.OnSessionFrame(*this, frame, clock_.Now());
    owner_.OnSessionBatchEnd(*this);
  }
  void Cut() {
    open_ = ready_ = false;
    owner_.OnSessionClosed(*this, absl::UnavailableError("cut"));
  }

  bool asked_to_open = false;
  bool queue_full = false;
  int restarts = 0;
  std::vector<std::string> sent;  // since the last Connect

 private:
  FakeSession(const Clock& clock, std::string name, Owner& owner)
      : clock_(clock), name_(std::move(name)), owner_(owner) {}

  const Clock& clock_;
  const std::string name_;
  Owner& owner_;
  bool open_ = false;
  bool ready_ = false;
  std::chrono::nanoseconds opened_at_{0};
  std::chrono::nanoseconds last_message_at_{0};
};

}  // namespace switchyard::exchange
