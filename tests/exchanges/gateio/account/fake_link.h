#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "common/time/time.h"
#include "exchanges/gateio/account/account_link.h"

namespace switchyard::exchanges::gateio {

// A private connection on one thread and a time of its own: answers each path with what was
// prepared for it, at once, and keeps what was sent.
class FakeLink final : public AccountLink {
 public:
  // "GET /path?query" of everything that was read or sent, in order, a command's body behind it.
  std::vector<std::string> sent;
  std::map<std::string, absl::StatusOr<std::string>, std::less<>> answers;  // by path
  CommandOutcome outcome = Confirmed("{}");
  std::vector<std::string> malformed;
  std::chrono::nanoseconds socket_age{0};
  ManualClock manual_clock{TimeNs::FromSeconds(1'700'000'000)};
  bool started = false;
  bool stopped = false;

  static CommandOutcome Confirmed(std::string body) {
    CommandOutcome out;
    out.fate = exchange::CommandFate::kConfirmed;
    out.body = std::move(body);
    return out;
  }
  static CommandOutcome Failed(exchange::CommandFate fate, absl::Status status) {
    CommandOutcome out;
    out.fate = fate;
    out.status = std::move(status);
    return out;
  }

  // Runs what was to happen after a delay of at most so much, once each; time stands still.
  void RunDelayed(std::chrono::nanoseconds up_to = std::chrono::seconds(20)) {
    for (auto& [delay, work] : std::exchange(delayed_, {})) {
      if (delay <= up_to) {
        work();
      } else {
        delayed_.emplace_back(delay, std::move(work));
      }
    }
  }
  // The next such delays.
  std::vector<std::chrono::nanoseconds> delays(
      std::chrono::nanoseconds up_to = std::chrono::seconds(20)) const {
    std::vector<std::chrono::nanoseconds> all;
    for (const auto& [delay, work] : delayed_) {
      if (delay <= up_to) all.push_back(delay);
    }
    return all;
  }

  void Start() override { started = true; }
  void Stop() override { stopped = true; }
  void Post(std::function<void()> work) override { work(); }
  void After(std::chrono::nanoseconds delay, std::function<void()> work) override {
    delayed_.emplace_back(delay, std::move(work));
  }
  void Read(RestRequest request, exchange::Reply<std::string> reply) override {
    Note(request);
    const auto answer = answers.find(request.path);
    if (answer == answers.end()) return reply(absl::UnavailableError("no answer was prepared"));
    reply(answer->second);
  }
  void Command(RestRequest request, std::string,
               std::function<void(CommandOutcome)> done) override {
    Note(request);
    done(outcome);
  }
  void GetStatus(exchange::Reply<exchange::ClientStatus> reply) override {
    reply(exchange::ClientStatus{});
  }
  void OnMalformed(const absl::Status& why) override {
    malformed.emplace_back(std::string(why.message()));
  }
  std::chrono::nanoseconds SocketAge() override { return socket_age; }
  const Clock& clock() const override { return manual_clock; }

 private:
  void Note(const RestRequest& request) {
    std::string text = std::string(request.method) + " " + request.path;
    if (!request.query.empty()) text += "?" + PlainQuery(request);
    if (!request.body.empty()) text += " " + request.body;
    sent.push_back(std::move(text));
  }

  std::vector<std::pair<std::chrono::nanoseconds, std::function<void()>>> delayed_;
};

// A push as the socket delivers it.
class Push {
 public:
  explicit Push(const std::string& result, TimeNs received = TimeNs::FromSeconds(1'700'000'001)) {
    frame_.result = *json::Parse(result);
    received_ = received;
  }
  PrivateDelivery delivery() const { return {frame_, received_}; }

 private:
  wire::PrivateFrame frame_;
  TimeNs received_;
};

}  // namespace switchyard::exchanges::gateio
