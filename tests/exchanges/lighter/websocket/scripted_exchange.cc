#include "tests/exchanges/lighter/websocket/scripted_exchange.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "tests/common/net/websocket_fixture.h"

namespace switchyard::exchanges::lighter {
namespace {

constexpr std::chrono::seconds kPatience{20};

}  // namespace

ScriptedExchange::ScriptedExchange()
    : server_([this](net::testing::ServerConnection& connection) { Serve(connection); }),
      endpoint_(server_.endpoint()) {}

void ScriptedExchange::Serve(net::testing::ServerConnection& connection) {
  net::testing::ServerWebSocket socket(connection);
  net::testing::ErrorCode error;
  socket.accept(error);
  if (error) return;
  std::size_t index = 0;
  {
    const std::lock_guard lock(mutex_);
    index = sockets_.size();
    sockets_.push_back({&connection, {}, {}, {}});
    SendLocked(index, R"({"session_id":"8d354239","type":"connected"})");
  }
  for (;;) {
    const std::string request = net::testing::ReadText(socket);
    if (request.empty()) break;
    OnRequest(index, request);
  }
  const std::lock_guard lock(mutex_);
  sockets_[index].connection = nullptr;
  changed_.notify_all();
}

void ScriptedExchange::OnRequest(std::size_t index, const std::string& request) {
  const nlohmann::json frame = nlohmann::json::parse(request, nullptr, /*allow_exceptions=*/false);
  const std::string channel = frame.value("channel", "");
  const std::string type = frame.value("type", "");
  const std::lock_guard lock(mutex_);
  Socket& socket = sockets_[index];
  socket.frames.insert(request);
  if (type == "ping") SendLocked(index, R"({"type":"pong"})");
  if (type == "subscribe") {
    ++socket.subscribes[channel];
    if (const auto answer = answers_.find(channel); answer != answers_.end()) {
      SendLocked(index, answer->second);
    }
  }
  if (type == "unsubscribe") {
    ++socket.unsubscribes[channel];
    std::string name = channel;
    std::ranges::replace(name, '/', ':');
    SendLocked(index, R"({"type":"unsubscribed","channel":")" + name + R"("})");
  }
  changed_.notify_all();
}

void ScriptedExchange::SendLocked(std::size_t index, const std::string& text) {
  if (text.empty() || sockets_[index].connection == nullptr) return;
  sockets_[index].connection->Write(net::testing::EncodeFrame(1, text));
}

template <typename Condition>
bool ScriptedExchange::Await(Condition condition) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, condition);
}

void ScriptedExchange::Answer(const std::string& channel, const std::string& frame) {
  const std::lock_guard lock(mutex_);
  answers_[channel] = frame;
}

bool ScriptedExchange::AwaitSubscribes(std::size_t index, const std::string& channel,
                                       std::size_t count) {
  return Await(
      [&] { return index < sockets_.size() && sockets_[index].subscribes[channel] >= count; });
}

bool ScriptedExchange::AwaitUnsubscribes(std::size_t index, const std::string& channel,
                                         std::size_t count) {
  return Await(
      [&] { return index < sockets_.size() && sockets_[index].unsubscribes[channel] >= count; });
}

bool ScriptedExchange::AwaitFrame(std::size_t index, const std::string& frame) {
  return Await([&] { return index < sockets_.size() && sockets_[index].frames.contains(frame); });
}

std::size_t ScriptedExchange::Subscribes(std::size_t index, const std::string& channel) {
  const std::lock_guard lock(mutex_);
  return sockets_.at(index).subscribes[channel];
}

void ScriptedExchange::Send(std::size_t index, const std::string& text) {
  const std::lock_guard lock(mutex_);
  SendLocked(index, text);
}

void ScriptedExchange::Cut(std::size_t index) {
  const std::lock_guard lock(mutex_);
  if (sockets_[index].connection != nullptr) sockets_[index].connection->Interrupt();
}

}  // namespace switchyard::exchanges::lighter
