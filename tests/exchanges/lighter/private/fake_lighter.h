#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "common/json/json.h"
#include "tests/common/net/test_servers.h"
#include "tests/common/net/websocket_fixture.h"

namespace switchyard::exchanges::lighter {

// Loopback servers in place of Lighter's: REST answers by path, and private sockets that confirm
// subscriptions and hand transactions to a script. Any thread.
class FakeLighter {
 public:
  using Frames = std::vector<std::string>;
  using Answer = std::pair<int, std::string>;
  struct Request {
    std::string path, query, authorization, body;
  };
  // `data` is that of jsonapi/sendtx. What is sent back; "CUT" cuts the socket.
  using Script = std::function<Frames(const json::Json& data)>;

  FakeLighter()
      : http_([this](net::testing::ServerConnection& connection) { ServeHttp(connection); }),
        socket_(net::testing::ServeWebSocket(
            [this](net::testing::ServerConnection& connection,
                   net::testing::ServerWebSocket& socket) { ServeSocket(connection, socket); })) {}

  std::string rest_url() const { return "http://127.0.0.1:" + std::to_string(http_.port()); }
  std::string websocket_url() const {
    return "ws://127.0.0.1:" + std::to_string(socket_.port()) + "/stream";
  }

  void OnRest(const std::string& path, std::function<Answer(const Request&)> answer) {
    const std::lock_guard lock(mutex_);
    answers_[path] = std::move(answer);
  }
  void OnRest(const std::string& path, Answer answer) {
    OnRest(path, [answer = std::move(answer)](const Request&) { return answer; });
  }
  // Without one, every transaction is accepted.
  void OnTransaction(Script script) {
    const std::lock_guard lock(mutex_);
    script_ = std::move(script);
  }
  // Subscriptions get this instead of their snapshot; "" = nothing at all.
  void AnswerSubscriptions(std::string frame) {
    const std::lock_guard lock(mutex_);
    subscription_answer_ = std::move(frame);
    scripted_subscriptions_ = true;
  }
  void SetNonce(std::int64_t nonce) {
    const std::lock_guard lock(mutex_);
    nonce_ = nonce;
  }
  // The server's clock is so far ahead of ours.
  void ShiftClock(std::chrono::seconds shift) {
    const std::lock_guard lock(mutex_);
    shift_ = shift;
  }

  // Sends a frame on every open socket.
  void Push(const std::string& frame) {
    const std::lock_guard lock(mutex_);
    for (net::testing::ServerConnection* const open : open_) Tell(*open, frame);
  }
  void CutAll() {
    const std::lock_guard lock(mutex_);
    for (net::testing::ServerConnection* const open : open_) open->Reset();
  }

  std::vector<Request> requests(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    std::vector<Request> out;
    for (const Request& request : requests_) {
      if (request.path == path) out.push_back(request);
    }
    return out;
  }
  // Transactions on sockets, in their order.
  std::vector<json::Json> transactions() const {
    const std::lock_guard lock(mutex_);
    return transactions_;
  }
  std::vector<json::Json> subscriptions() const {
    const std::lock_guard lock(mutex_);
    return subscriptions_;
  }
  // Waits until so many transactions, or subscriptions, have come on sockets.
  bool WaitForTransactions(std::size_t count) { return WaitFor(transactions_, count); }
  bool WaitForSubscriptions(std::size_t count) { return WaitFor(subscriptions_, count); }

  // The acceptance of a transaction, and its refusal.
  static std::string Accepted(const json::Json& data) {
    return json::Serialise(
        {{"code", 200}, {"id", data["id"]}, {"tx_hash", "00"}, {"type", "jsonapi/sendtx"}});
  }
  static std::string Refused(const json::Json& data, int code, const std::string& message) {
    return json::Serialise({{"id", data["id"]}, {"error", {{"code", code}, {"message", message}}}});
  }

 private:
  bool WaitFor(const std::vector<json::Json>& list, std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return list.size() >= count; });
  }

  static void Tell(net::testing::ServerConnection& connection, const std::string& frame) {
    connection.Write(net::testing::EncodeFrame(1, frame));
  }

  // mutex_ held.
  Answer AnswerTo(const Request& request) {
    requests_.push_back(request);
    if (const auto found = answers_.find(request.path); found != answers_.end()) {
      return found->second(request);
    }
    if (request.path == "/") {
      const auto now = std::chrono::duration_cast<std::chrono::seconds>(
          std::chrono::system_clock::now().time_since_epoch());
      return {200, R"({"status":200,"network_id":1,"timestamp":)" +
                       std::to_string((now + shift_).count()) + "}"};
    }
    if (request.path == "/api/v1/nextNonce") {
      return {200, R"({"code":200,"nonce":)" + std::to_string(nonce_) + "}"};
    }
    return {400, R"({"code":20001,"message":"no such path"})"};
  }

  void ServeHttp(net::testing::ServerConnection& connection) {
    while (auto request = connection.ReadRequest()) {
      const std::string target(request->target());
      const std::size_t end = target.find('?');
      Request seen;
      seen.path = target.substr(0, end);
      if (end != std::string::npos) seen.query = target.substr(end + 1);
      seen.authorization = std::string((*request)["Authorization"]);
      seen.body = request->body();
      Answer answer;
      {
        const std::lock_guard lock(mutex_);
        answer = AnswerTo(seen);
      }
      connection.Respond(answer.first, answer.second);
    }
  }

  // mutex_ held.
  Frames Handle(const json::Json& frame) {
    const std::string type = frame.value("type", "");
    if (type == "ping") return {R"({"type":"pong"})"};
    if (type == "subscribe") {
      subscriptions_.push_back(frame);
      changed_.notify_all();
      if (scripted_subscriptions_) {
        return subscription_answer_.empty() ? Frames() : Frames{subscription_answer_};
      }
      const std::string asked = frame.value("channel", "");
      const std::size_t slash = asked.find('/');
      const std::string name = asked.substr(0, slash);
      return {json::Serialise({{"type", "subscribed/" + name},
                               {"channel", name + ":" + asked.substr(slash + 1)},
                               {"orders", json::Json::object()},
                               {"trades", json::Json::object()},
                               {"positions", json::Json::object()},
                               {"assets", json::Json::object()},
                               {"notifs", json::Json::array()}})};
    }
    if (type != "jsonapi/sendtx") return {};
    transactions_.push_back(frame["data"]);
    changed_.notify_all();
    return script_ ? script_(frame["data"]) : Frames{Accepted(frame["data"])};
  }

  void ServeSocket(net::testing::ServerConnection& connection,
                   net::testing::ServerWebSocket& socket) {
    {
      const std::lock_guard lock(mutex_);
      open_.push_back(&connection);
    }
    while (Serve(connection, net::testing::ReadText(socket))) {
    }
    const std::lock_guard lock(mutex_);
    std::erase(open_, &connection);
  }

  // False where the socket is over.
  bool Serve(net::testing::ServerConnection& connection, const std::string& text) {
    if (text.empty()) return false;
    const auto frame = json::Parse(text);
    if (!frame.ok()) return false;
    const std::lock_guard lock(mutex_);
    for (const std::string& answer : Handle(*frame)) {
      if (answer == "CUT") {
        connection.Reset();
        return false;
      }
      Tell(connection, answer);
    }
    return true;
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::function<Answer(const Request&)>> answers_;
  Script script_;
  bool scripted_subscriptions_ = false;
  std::string subscription_answer_;
  std::int64_t nonce_ = 100;
  std::chrono::seconds shift_{0};
  std::vector<net::testing::ServerConnection*> open_;
  std::vector<Request> requests_;
  std::vector<json::Json> transactions_, subscriptions_;
  // Last: their threads use all of the above.
  net::testing::TestServer http_;
  net::testing::TestServer socket_;
};

}  // namespace switchyard::exchanges::lighter
