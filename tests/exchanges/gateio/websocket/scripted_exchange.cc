#include "tests/exchanges/gateio/websocket/scripted_exchange.h"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "tests/common/net/websocket_fixture.h"

namespace switchyard::exchanges::gateio {
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
  }
  for (;;) {
    const std::string request = net::testing::ReadText(socket);
    if (request.empty()) break;
    Answer(index, request);
  }
  const std::lock_guard lock(mutex_);
  sockets_[index].connection = nullptr;
  changed_.notify_all();
}

void ScriptedExchange::Answer(std::size_t index, const std::string& request) {
  const nlohmann::json frame = nlohmann::json::parse(request, nullptr, /*allow_exceptions=*/false);
  const std::string channel = frame.value("channel", "");
  const std::string event = frame.value("event", "");
  const std::lock_guard lock(mutex_);
  if (channel.ends_with(".ping")) {
    SendLocked(index, R"({"channel":"spot.pong"})");
    return;
  }
  const std::string answer =
      fmt::format(R"({{"id":{},"channel":"{}","event":"{}","result":{{"status":"success"}}}})",
                  frame.value("id", 0), channel, event);
  ++sockets_[index].requests[channel];
  if (event == "subscribe") sockets_[index].subscribed.insert(channel);
  if (event == "subscribe" && hold_.contains(channel)) {
    sockets_[index].held[channel] = answer;
  } else {
    SendLocked(index, answer);
  }
  changed_.notify_all();
}

void ScriptedExchange::SendLocked(std::size_t index, const std::string& text) {
  if (sockets_[index].connection == nullptr) return;
  sockets_[index].connection->Write(net::testing::EncodeFrame(1, text));
}

bool ScriptedExchange::AwaitSubscribed(std::size_t index, const std::string& channel) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] {
    return index < sockets_.size() && sockets_[index].subscribed.contains(channel);
  });
}

std::size_t ScriptedExchange::Requests(std::size_t index, const std::string& channel) {
  const std::lock_guard lock(mutex_);
  return sockets_.at(index).requests[channel];
}

bool ScriptedExchange::AwaitRequests(std::size_t index, const std::string& channel,
                                     std::size_t count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience,
                           [&] { return sockets_.at(index).requests[channel] >= count; });
}

bool ScriptedExchange::AwaitClosed(std::size_t index) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] { return sockets_[index].connection == nullptr; });
}

void ScriptedExchange::Send(std::size_t index, const std::string& text) {
  const std::lock_guard lock(mutex_);
  SendLocked(index, text);
}

void ScriptedExchange::Cut(std::size_t index) {
  const std::lock_guard lock(mutex_);
  if (sockets_[index].connection != nullptr) sockets_[index].connection->Interrupt();
}

void ScriptedExchange::Hold(const std::string& channel) {
  const std::lock_guard lock(mutex_);
  hold_.insert(channel);
}

void ScriptedExchange::Release(const std::string& channel) {
  const std::lock_guard lock(mutex_);
  hold_.erase(channel);
  for (std::size_t index = 0; index < sockets_.size(); ++index) {
    const auto held = sockets_[index].held.extract(channel);
    if (!held.empty()) SendLocked(index, held.mapped());
  }
}

}  // namespace switchyard::exchanges::gateio
