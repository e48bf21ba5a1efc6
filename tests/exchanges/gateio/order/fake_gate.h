#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/json/json.h"
#include "tests/common/net/test_servers.h"
#include "tests/common/net/websocket_fixture.h"

namespace switchyard::exchanges::gateio {

// What a scripted exchange answers to one private request of the socket. Empty = nothing.
using Frames = std::vector<std::string>;

// Loopback servers in place of Gate.io's: REST answers by "METHOD /path", and a private socket that
// logs in and confirms subscriptions, and hands API requests to a script. Any thread.
class FakeGate {
 public:
  using Answer = std::pair<int, std::string>;

  FakeGate()
      : http_([this](net::testing::ServerConnection& connection) { ServeHttp(connection); }),
        socket_(net::testing::ServeWebSocket(
            [this](net::testing::ServerConnection& connection,
                   net::testing::ServerWebSocket& socket) { ServeSocket(connection, socket); })) {}

  std::string rest_url() const { return "http://127.0.0.1:" + std::to_string(http_.port()); }
  std::string websocket_url() const {
    return "ws://127.0.0.1:" + std::to_string(socket_.port()) + "/ws/v4/";
  }

  // Before the client starts.
  void RefuseLogins() { refuses_logins_ = true; }
  void OnRest(const std::string& method_and_path, Answer answer) {
    const std::lock_guard lock(mutex_);
    answers_[method_and_path] = std::move(answer);
  }
  // `script` gets the request's channel and payload; "CUT" as a frame cuts the socket.
  void OnApi(std::function<Frames(const std::string& channel, const json::Json& payload)> script) {
    const std::lock_guard lock(mutex_);
    api_ = std::move(script);
  }
  // `script` answers the subscription with this number (from 1, over all sockets) of the socket
  // with this one (from 1); nullopt = it is confirmed.
  void OnSubscribe(
      std::function<std::optional<Frames>(int socket, int number, const json::Json& frame)>
          script) {
    const std::lock_guard lock(mutex_);
    subscribe_ = std::move(script);
  }
  // Sends a frame on every socket that is open and confirmed so many subscriptions. How many took
  // it.
  int PushNow(int confirmed, const std::string& frame) {
    const std::lock_guard lock(mutex_);
    int told = 0;
    for (Open* const open : open_) {
      if (open->confirmed < confirmed) continue;
      open->connection.Write(net::testing::EncodeFrame(1, frame));
      ++told;
    }
    return told;
  }
  // Sends a frame on the socket with this number (from 1). False where that is closed.
  bool PushOn(int number, const std::string& frame) {
    const std::lock_guard lock(mutex_);
    for (Open* const open : open_) {
      if (open->number != number) continue;
      open->connection.Write(net::testing::EncodeFrame(1, frame));
      return true;
    }
    return false;
  }
  // Waits until so many sockets are open.
  bool WaitForOpen(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return open_.size() == count; });
  }
  int logins() const {
    const std::lock_guard lock(mutex_);
    return logins_;
  }
  bool WaitForLogins(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return logins_ >= count; });
  }
  // Frames pushed behind the confirmation of the last of `channels` subscriptions, once.
  void PushWhenSubscribed(int channels, Frames frames) {
    const std::lock_guard lock(mutex_);
    push_after_ = channels;
    pushes_ = std::move(frames);
  }

  std::vector<std::string> rest_requests() const {
    const std::lock_guard lock(mutex_);
    return rest_requests_;
  }
  std::vector<std::string> api_requests() const {
    const std::lock_guard lock(mutex_);
    return api_requests_;
  }
  std::vector<json::Json> subscriptions() const {
    const std::lock_guard lock(mutex_);
    return subscriptions_;
  }
  // Waits until so many subscriptions were asked for on all sockets together.
  bool WaitForSubscriptions(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10),
                             [&] { return subscriptions_.size() >= count; });
  }
  int sockets() const { return socket_.accepted(); }

 private:
  // One socket of the client; written to under mutex_ alone, because a push may come at any time.
  struct Open {
    net::testing::ServerConnection& connection;
    int number = 0;
    int confirmed = 0;
  };

  static std::string TimeBody() {
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    return R"({"server_time":)" + std::to_string(now.count()) + "}";
  }

  void ServeHttp(net::testing::ServerConnection& connection) {
    while (auto request = connection.ReadRequest()) {
      const std::string target(request->target());
      const std::string key =
          std::string(request->method_string()) + " " + target.substr(0, target.find('?'));
      if (key == "GET /api/v4/spot/time") {
        connection.Respond(200, TimeBody());
        continue;
      }
      Answer answer{404, R"({"label":"NOT_FOUND","message":"no such path"})"};
      {
        const std::lock_guard lock(mutex_);
        rest_requests_.push_back(key + " " + request->body());
        if (const auto found = answers_.find(key); found != answers_.end()) answer = found->second;
      }
      connection.Respond(answer.first, answer.second);
    }
  }

  static std::string Confirmation(const json::Json& frame) {
    return json::Serialise({{"id", frame["id"]},
                            {"channel", frame["channel"]},
                            {"event", frame["event"]},
                            {"result", {{"status", "success"}}}});
  }

  std::string LoginAnswer(const json::Json& frame) const {
    json::Json out = {
        {"request_id", frame["payload"]["req_id"]},
        {"header", {{"status", refuses_logins_ ? "401" : "200"}, {"channel", frame["channel"]}}}};
    if (refuses_logins_) {
      out["data"]["errs"] = {{"label", "INVALID_KEY"}, {"message", "no"}};
    } else {
      out["data"]["result"]["uid"] = "20011";
    }
    return json::Serialise(out);
  }

  // mutex_ held.
  Frames Handle(Open& open, const json::Json& frame) {
    const std::string channel = frame.value("channel", "");
    const std::string event = frame.value("event", "");
    if (channel.ends_with(".ping")) {
      return {R"({"channel":")" + channel.substr(0, channel.size() - 4) + R"(pong","event":""})"};
    }
    if (channel.ends_with(".login")) {
      ++logins_;
      changed_.notify_all();
      return {LoginAnswer(frame)};
    }
    if (event == "subscribe") {
      subscriptions_.push_back(frame);
      changed_.notify_all();
      const int number = static_cast<int>(subscriptions_.size());
      if (subscribe_) {
        if (auto scripted = subscribe_(open.number, number, frame)) return *std::move(scripted);
      }
      ++open.confirmed;
      Frames out = {Confirmation(frame)};
      if (--push_after_ == 0) out.insert(out.end(), pushes_.begin(), pushes_.end());
      return out;
    }
    api_requests_.push_back(channel + " " + json::Serialise(frame["payload"]["req_param"]));
    return api_ ? api_(channel, frame["payload"]) : Frames();
  }

  void ServeSocket(net::testing::ServerConnection& connection,
                   net::testing::ServerWebSocket& socket) {
    Open open{connection};
    {
      const std::lock_guard lock(mutex_);
      open.number = ++sockets_opened_;
      open_.push_back(&open);
      changed_.notify_all();
    }
    while (Serve(open, net::testing::ReadText(socket))) {
    }
    const std::lock_guard lock(mutex_);
    std::erase(open_, &open);
    changed_.notify_all();
  }

  // False where the socket is over.
  bool Serve(Open& open, const std::string& text) {
    if (text.empty()) return false;
    const auto frame = json::Parse(text);
    if (!frame.ok()) return false;
    const std::lock_guard lock(mutex_);
    for (const std::string& answer : Handle(open, *frame)) {
      if (answer == "CUT") {
        open.connection.Reset();
        return false;
      }
      open.connection.Write(net::testing::EncodeFrame(1, answer));
    }
    return true;
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> refuses_logins_{false};
  std::map<std::string, Answer> answers_;
  std::function<Frames(const std::string&, const json::Json&)> api_;
  std::function<std::optional<Frames>(int, int, const json::Json&)> subscribe_;
  std::vector<Open*> open_;
  int sockets_opened_ = 0;
  int logins_ = 0;
  int push_after_ = -1;
  Frames pushes_;
  std::vector<std::string> rest_requests_, api_requests_;
  std::vector<json::Json> subscriptions_;
  // Last: their threads use all of the above.
  net::testing::TestServer http_;
  net::testing::TestServer socket_;
};

// The two frames by which an order is answered.
inline std::string Echo(const std::string& channel, const json::Json& payload) {
  return json::Serialise({{"request_id", payload["req_id"]},
                          {"ack", true},
                          {"header", {{"status", "200"}, {"channel", channel}}},
                          {"data", {{"result", {{"req_param", payload["req_param"]}}}}}});
}
inline std::string Result(const std::string& channel, const json::Json& payload,
                          const json::Json& result) {
  json::Json out = {{"request_id", payload["req_id"]},
                    {"header", {{"status", "200"}, {"channel", channel}}}};
  out["data"]["result"] = result;
  return json::Serialise(out);
}
inline std::string Refusal(const std::string& channel, const json::Json& payload, int status,
                           const std::string& label) {
  json::Json out = {{"request_id", payload["req_id"]},
                    {"header", {{"status", std::to_string(status)}, {"channel", channel}}}};
  out["data"]["errs"] = {{"label", label}, {"message", "because"}};
  return json::Serialise(out);
}

}  // namespace switchyard::exchanges::gateio
