#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/net/websocket_client.h"
#include "tests/common/net/test_servers.h"

namespace switchyard::net::testing {

// What a client told its owner, in order. Each hook, where set, runs inside the
// callback of its name, after the record is made.
struct Recorder {
  void OnOpen() {
    ++opens;
    if (in_open) in_open();
  }
  void OnMessage(std::string_view message, bool binary, std::int64_t receive_time_ns) {
    messages.emplace_back(message);
    is_binary.push_back(binary);
    times_ns.push_back(receive_time_ns);
    ++batch;
    if (in_message) in_message(message);
  }
  void OnBatchEnd() {
    batches.push_back(std::exchange(batch, 0));
    if (in_batch_end) in_batch_end();
  }
  void OnClose(const absl::Status& reason, int code, int status, const HttpResponse* response) {
    ++closes;
    why = reason;
    close_code = code;
    http_status = status;
    if (response != nullptr) refusal = *response;
    if (in_close) in_close();
  }

  int opens = 0;
  int closes = 0;
  int batch = 0;  // messages since the last batch end
  std::vector<std::string> messages;
  std::vector<bool> is_binary;
  std::vector<std::int64_t> times_ns;
  std::vector<int> batches;
  absl::Status why;
  int close_code = 0;
  int http_status = 0;
  std::optional<HttpResponse> refusal;
  std::function<void()> in_open;
  std::function<void(std::string_view)> in_message;
  std::function<void()> in_batch_end;
  std::function<void()> in_close;
};

// Accepts the upgrade on a scripted connection and runs `script` on the
// WebSocket; returns when the client has gone.
template <typename Script>
TestServer::Script ServeWebSocket(Script script, bool deflate = false) {
  return [script, deflate](ServerConnection& connection) {
    ServerWebSocket socket(connection);
    boost::beast::websocket::permessage_deflate option;
    option.server_enable = deflate;
    socket.set_option(option);
    ErrorCode error;
    socket.accept(error);
    if (error) return;
    script(connection, socket);
    connection.WaitForClose();
  };
}

// Reads one message; empty when the client has gone or closed.
inline std::string ReadText(ServerWebSocket& socket) {
  boost::beast::flat_buffer buffer;
  ErrorCode error;
  socket.read(buffer, error);
  if (error) return "";
  return std::string(static_cast<const char*>(buffer.data().data()), buffer.size());
}

// Runs a WebSocketClient on the test's own thread.
class WebSocketFixture : public ::testing::Test {
 protected:
  static WebSocketOptions OptionsFor(const Endpoint& endpoint) {
    WebSocketOptions options;
    options.endpoint = endpoint;
    return options;
  }

  void MakeClient(WebSocketOptions options) {
    auto client = WebSocketClient::Create(io_, std::move(options), CallbacksFor(&seen_));
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
  }

  void MakeClientAndConnect(WebSocketOptions options) {
    MakeClient(std::move(options));
    client_->Connect();
    ASSERT_TRUE(RunUntil(io_, [&] { return seen_.opens == 1 || seen_.closes == 1; }));
    ASSERT_EQ(seen_.opens, 1) << seen_.why;
  }

  bool RunUntilClosed() {
    return RunUntil(io_, [&] { return seen_.closes > 0; });
  }

  bool RunUntilMessages(std::size_t count) {
    // A batch is complete only with its end.
    return RunUntil(io_, [&] { return seen_.messages.size() >= count && seen_.batch == 0; });
  }

  boost::asio::io_context io_{1};
  Recorder seen_;
  std::unique_ptr<WebSocketClient> client_;
};

}  // namespace switchyard::net::testing
