#include "common/net/websocket_client.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <string>
#include <vector>

#include "tests/common/net/websocket_fixture.h"

namespace switchyard::net {
namespace {

using namespace std::chrono_literals;
using net::testing::EncodeFrame;
using net::testing::Gate;
using net::testing::ReadText;
using net::testing::RunReady;
using net::testing::RunUntil;
using net::testing::ServerConnection;
using net::testing::ServerWebSocket;
using net::testing::ServeWebSocket;
using net::testing::TestAuthority;
using net::testing::TestServer;
using net::testing::WebSocketFixture;

std::int64_t WallClockNs() {
  return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

void Echo(ServerConnection&, ServerWebSocket& socket) {
  for (std::string text = ReadText(socket); !text.empty(); text = ReadText(socket)) {
    net::testing::ErrorCode ignored;
    socket.text(socket.got_text());
    socket.write(boost::asio::buffer(text), ignored);
  }
}

class WebSocketClientTest : public WebSocketFixture {};

TEST_F(WebSocketClientTest, EchoesMessagesInOrder) {
  TestServer server(ServeWebSocket(Echo));
  MakeClientAndConnect(OptionsFor(server.endpoint()));
  EXPECT_TRUE(client_->is_open());
  const std::int64_t before = WallClockNs();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(client_->Send(fmt::format("message {}", i)).ok());
  ASSERT_TRUE(RunUntilMessages(100));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(seen_.messages[i], fmt::format("message {}", i));
  EXPECT_FALSE(seen_.is_binary.front());
  EXPECT_GE(seen_.times_ns.front(), before);
  EXPECT_LE(seen_.times_ns.back(), WallClockNs());
  EXPECT_TRUE(std::is_sorted(seen_.times_ns.begin(), seen_.times_ns.end()));
  EXPECT_EQ(client_->statistics().messages, 100u);
  EXPECT_EQ(client_->statistics().last_message_time, seen_.times_ns.back());
}

TEST_F(WebSocketClientTest, SendsTargetAndHeadersWithTheHandshake) {
  Gate gate;
  std::string head;
  TestServer server([&](ServerConnection& connection) {
    head = connection.ReadRawHead().value_or("");
    gate.Open();
    connection.Respond(400, "");
    connection.WaitForClose();
  });
  WebSocketOptions options = OptionsFor(server.endpoint());
  options.target = "/v4/ws?key=1";
  options.headers = {{"X-Gate-Size-Decimal", "1"}, {"User-Agent", "mine"}};
  MakeClient(std::move(options));
  client_->Connect();
  ASSERT_TRUE(RunUntilClosed());
  gate.Wait();
  EXPECT_EQ(head.find("GET /v4/ws?key=1 HTTP/1.1\r\n"), 0u) << head;
  EXPECT_NE(head.find("\r\nX-Gate-Size-Decimal: 1\r\n"), std::string::npos) << head;
  EXPECT_NE(head.find("\r\nUser-Agent: mine\r\n"), std::string::npos) << head;
  EXPECT_NE(head.find(fmt::format("\r\nHost: 127.0.0.1:{}\r\n", server.port())), std::string::npos)
      << head;
}

TEST_F(WebSocketClientTest, TellsBinaryFromText) {
  TestServer server(ServeWebSocket([](ServerConnection& connection, ServerWebSocket&) {
    connection.Write(EncodeFrame(1, "text") + EncodeFrame(2, std::string("\0\xff", 2)));
  }));
  MakeClientAndConnect(OptionsFor(server.endpoint()));
  ASSERT_TRUE(RunUntilMessages(2));
  EXPECT_EQ(seen_.is_binary, (std::vector<bool>{false, true}));
  EXPECT_EQ(seen_.messages[1], std::string("\0\xff", 2));
}

TEST_F(WebSocketClientTest, BurstComesInBatchesOfAtMost64) {
  TestServer server(ServeWebSocket([](ServerConnection& connection, ServerWebSocket& socket) {
    ReadText(socket);
    std::string burst;
    for (int i = 0; i < 200; ++i) burst += EncodeFrame(1, fmt::format("message {}", i));
    connection.Write(burst);
  }));
  MakeClientAndConnect(OptionsFor(server.endpoint()));
  ASSERT_TRUE(client_->Send("go").ok());
  ASSERT_TRUE(RunUntilMessages(200));
  for (int i = 0; i < 200; ++i) EXPECT_EQ(seen_.messages[i], fmt::format("message {}", i));
  EXPECT_EQ(std::accumulate(seen_.batches.begin(), seen_.batches.end(), 0), 200);
  EXPECT_LE(*std::max_element(seen_.batches.begin(), seen_.batches.end()), kMaxBatchMessages);
  // How many fit depends on the time bound as well, and with that on the machine.
  EXPECT_GE(seen_.batches.size(), 4u);
  EXPECT_LT(seen_.batches.size(), 100u);
}

TEST_F(WebSocketClientTest, MessagesOfOneReadShareTheirTime) {
  TestServer server(ServeWebSocket([](ServerConnection& connection, ServerWebSocket& socket) {
    ReadText(socket);
    std::string burst;
    for (int i = 0; i < 50; ++i) burst += EncodeFrame(1, "x");
    connection.Write(burst);
  }));
  MakeClientAndConnect(OptionsFor(server.endpoint()));
  ASSERT_TRUE(client_->Send("go").ok());
  ASSERT_TRUE(RunUntilMessages(50));
  EXPECT_EQ(seen_.times_ns.front(), seen_.times_ns.back());
}

TEST_F(WebSocketClientTest, SlowMessageEndsItsBatch) {
  TestServer server(ServeWebSocket([](ServerConnection& connection, ServerWebSocket& socket) {
    ReadText(socket);
    connection.Write(EncodeFrame(1, "a") + EncodeFrame(1, "b") + EncodeFrame(1, "c"));
  }));
  MakeClientAndConnect(OptionsFor(server.endpoint()));
  seen_.in_message = [](std::string_view) {
    // Work, not waiting: longer than a batch may last.
    const auto end = std::chrono::steady_clock::now() + 2 * kMaxBatchTime;
    while (std::chrono::steady_clock::now() < end) {
    }
  };
  ASSERT_TRUE(client_->Send("go").ok());
  ASSERT_TRUE(RunUntilMessages(3));
  EXPECT_EQ(seen_.batches, (std::vector<int>{1, 1, 1}));
}

TEST_F(WebSocketClientTest, SingleMessageIsFollowedByItsBatchEndAtOnce) {
  TestServer server(ServeWebSocket([](ServerConnection& connection, ServerWebSocket& socket) {
    for (int i = 0; i < 3; ++i) {
      ReadText(socket);
      connection.Write(EncodeFrame(1, "alone"));
    }
  }));
  MakeClientAndConnect(OptionsFor(server.endpoint()));
  for (std::size_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(client_->Send("next").ok());
    ASSERT_TRUE(RunUntil(io_, [&] { return seen_.messages.size() == i; }));
    EXPECT_EQ(seen_.batches.size(), i) << "in the same turn of the event loop";
  }
}

TEST_F(WebSocketClientTest, FramesBehindTheHandshakeAnswerAreNotLost) {
  // One write with the answer, and far more than Beast's own buffer takes.
  TestServer server([](ServerConnection& connection) {
    const auto request = connection.ReadRequest();
    if (!request) return;
    std::string answer = fmt::format(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Set-Cookie: {}\r\nSec-WebSocket-Accept: {}\r\n\r\n",
        std::string(3000, 'c'),
        net::testing::AcceptKey(std::string((*request)["Sec-WebSocket-Key"])));
    for (int i = 0; i < 30; ++i) answer += EncodeFrame(1, std::string(200, 'x'));
    connection.Write(answer);
    connection.WaitForClose();
  });
  MakeClientAndConnect(OptionsFor(server.endpoint()));
  ASSERT_TRUE(RunUntilMessages(30));
  EXPECT_EQ(seen_.messages.back(), std::string(200, 'x'));
}

TEST_F(WebSocketClientTest, FragmentsArriveAsOneMessage) {
  TestServer server(ServeWebSocket([](ServerConnection& connection, ServerWebSocket&) {
    connection.Write(EncodeFrame(1, "one ", false) + EncodeFrame(9, "ping") +
                     EncodeFrame(0, "", false) + EncodeFrame(0, "message") + EncodeFrame(1, ""));
  }));
  MakeClientAndConnect(OptionsFor(server.endpoint()));
  ASSERT_TRUE(RunUntilMessages(2));
  EXPECT_EQ(seen_.messages, (std::vector<std::string>{"one message", ""}));
}

TEST_F(WebSocketClientTest, BigMessageArrivesWholeWithReadablePadding) {
  const std::string big(5'000'000, 'b');
  TestServer server(ServeWebSocket([&](ServerConnection& connection, ServerWebSocket&) {
    connection.Write(EncodeFrame(1, big));
    // Sizes around the capacities that a growing buffer has.
    for (const std::size_t size : {4031, 4032, 4033, 4095, 4096, 8128, 8192, 65536}) {
      connection.Write(EncodeFrame(2, std::string(size, 'y')));
    }
  }));
  unsigned checksum = 0;
  seen_.in_message = [&](std::string_view message) {
    // The address sanitizer judges this.
    for (std::size_t i = 0; i < kMessagePadding; ++i) {
      checksum += static_cast<unsigned char>(message.data()[message.size() + i]);
    }
  };
  MakeClientAndConnect(OptionsFor(server.endpoint()));
  ASSERT_TRUE(RunUntilMessages(9));
  EXPECT_EQ(seen_.messages.front(), big);
  EXPECT_EQ(seen_.messages[1].size(), 4031u);
  EXPECT_LE(checksum, 255u * kMessagePadding * 9);
}

TEST_F(WebSocketClientTest, AnswersPingsAndCountsThem) {
  Gate ponged;
  TestServer server(ServeWebSocket([&](ServerConnection& connection, ServerWebSocket& socket) {
    socket.control_callback(
        [&](boost::beast::websocket::frame_type kind, boost::beast::string_view payload) {
          if (kind == boost::beast::websocket::frame_type::pong && payload == "are you there") {
            ponged.Open();
          }
        });
    connection.Write(EncodeFrame(9, "are you there"));
    ReadText(socket);
    connection.Write(EncodeFrame(1, "thanks"));
  }));
  const std::int64_t before = WallClockNs();
  MakeClientAndConnect(OptionsFor(server.endpoint()));
  ASSERT_TRUE(RunUntil(io_, [&] { return client_->statistics().pings == 1; }));
  EXPECT_GE(client_->statistics().last_message_time, before);
  ASSERT_TRUE(client_->Send("after the pong").ok());
  ASSERT_TRUE(RunUntilMessages(1));
  ponged.Wait();
  EXPECT_EQ(seen_.messages, (std::vector<std::string>{"thanks"}));
}

TEST_F(WebSocketClientTest, PingsAtItsIntervalAndStaysOpenWhileAnswered) {
  TestServer server(ServeWebSocket(Echo));
  WebSocketOptions options = OptionsFor(server.endpoint());
  options.ping_interval = 5ms;
  options.pong_timeout = 5s;
  MakeClientAndConnect(std::move(options));
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(RunUntil(io_, [&] { return client_->statistics().pongs >= 4; }));
  EXPECT_GE(std::chrono::steady_clock::now() - start, 4 * 5ms);
  EXPECT_EQ(seen_.closes, 0);
  EXPECT_TRUE(client_->is_open());
}

TEST_F(WebSocketClientTest, SpeaksTlsAndBatchesRecords) {
  const TestAuthority authority;
  const auto identity = authority.Issue("DNS:localhost");
  const auto script = ServeWebSocket([](ServerConnection& connection, ServerWebSocket& socket) {
    ReadText(socket);
    // A record for each message, as most servers send them.
    for (int i = 0; i < 200; ++i) connection.Write(EncodeFrame(1, fmt::format("message {}", i)));
  });
  TestServer server([&](ServerConnection& connection) {
    if (connection.StartTls(identity)) script(connection);
  });
  WebSocketOptions options = OptionsFor(server.endpoint(true, "localhost"));
  options.tls = *TlsContext::Create({.ca_file = authority.WriteCaFile()});
  MakeClientAndConnect(std::move(options));
  ASSERT_TRUE(client_->Send("go").ok());
  ASSERT_TRUE(RunUntilMessages(200));
  EXPECT_EQ(seen_.messages.back(), "message 199");
  EXPECT_LE(*std::max_element(seen_.batches.begin(), seen_.batches.end()), kMaxBatchMessages);
}

TEST_F(WebSocketClientTest, GoesThroughAProxy) {
  const auto endpoint = ServeWebSocket(Echo);
  TestServer proxy([&](ServerConnection& connection) {
    connection.ReadRawHead();
    connection.Write("HTTP/1.1 200 OK\r\n\r\n");
    endpoint(connection);
  });
  WebSocketOptions options = OptionsFor({"exchange.invalid", 443, false});
  options.proxy = ProxyOptions{.host = "127.0.0.1", .port = proxy.port()};
  MakeClientAndConnect(std::move(options));
  ASSERT_TRUE(client_->Send("through").ok());
  ASSERT_TRUE(RunUntilMessages(1));
  EXPECT_EQ(seen_.messages.front(), "through");
}

TEST_F(WebSocketClientTest, InflatesWhereAgreed) {
  TestServer server(ServeWebSocket(Echo, /*deflate=*/true));
  WebSocketOptions options = OptionsFor(server.endpoint());
  options.permessage_deflate = true;
  MakeClientAndConnect(std::move(options));
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(client_->Send(std::string(2000 + i, 'z')).ok());
  ASSERT_TRUE(RunUntilMessages(50));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(seen_.messages[i], std::string(2000 + i, 'z'));
}

TEST_F(WebSocketClientTest, SendBoundIsKeptAndNothingOfTheExcessIsSent) {
  TestServer server(ServeWebSocket(Echo));
  WebSocketOptions options = OptionsFor(server.endpoint());
  options.max_queued_bytes = 10;
  MakeClientAndConnect(std::move(options));
  EXPECT_TRUE(client_->Send("12345").ok());
  EXPECT_TRUE(client_->Send("67890").ok());
  EXPECT_EQ(client_->Send("x").code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(client_->Send("far too long for the queue").code(),
            absl::StatusCode::kResourceExhausted);
  ASSERT_TRUE(RunUntilMessages(2));
  // The echo may overtake the completion of the write.
  ASSERT_TRUE(RunUntil(io_, [&] { return client_->Send("room again").ok(); }));
  ASSERT_TRUE(RunUntilMessages(3));
  EXPECT_EQ(seen_.messages, (std::vector<std::string>{"12345", "67890", "room again"}));
}

TEST_F(WebSocketClientTest, SendNeedsAnOpenConnection) {
  TestServer server(ServeWebSocket(Echo));
  MakeClient(OptionsFor(server.endpoint()));
  EXPECT_EQ(client_->Send("x").code(), absl::StatusCode::kFailedPrecondition);
  client_->Connect();
  EXPECT_EQ(client_->Send("x").code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(RunUntil(io_, [&] { return seen_.opens == 1; }));
  EXPECT_TRUE(client_->Send("x").ok());
  client_->Close(1000);
  EXPECT_EQ(client_->Send("x").code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(WebSocketClientTest, ConnectInBetweenHasNoEffect) {
  TestServer server(ServeWebSocket(Echo));
  MakeClient(OptionsFor(server.endpoint()));
  client_->Connect();
  client_->Connect();
  ASSERT_TRUE(RunUntil(io_, [&] { return seen_.opens == 1; }));
  client_->Connect();
  RunReady(io_);
  EXPECT_EQ(server.accepted(), 1);
  EXPECT_EQ(seen_.opens, 1);
}

struct BadOptions {
  std::string name;
  std::function<void(WebSocketOptions&, WebSocketCallbacks&)> spoil;
};

class WebSocketOptionsTest : public ::testing::TestWithParam<BadOptions> {};

TEST_P(WebSocketOptionsTest, AreRefused) {
  boost::asio::io_context io;
  net::testing::Recorder recorder;
  WebSocketOptions options;
  options.endpoint = {"localhost", 80, false};
  WebSocketCallbacks callbacks = CallbacksFor(&recorder);
  ASSERT_TRUE(WebSocketClient::Create(io, options, callbacks).ok());
  GetParam().spoil(options, callbacks);
  EXPECT_EQ(WebSocketClient::Create(io, options, callbacks).status().code(),
            absl::StatusCode::kInvalidArgument);
}

using O = WebSocketOptions;
using C = WebSocketCallbacks;

INSTANTIATE_TEST_SUITE_P(
    Options, WebSocketOptionsTest,
    ::testing::Values(BadOptions{"no_host", [](O& o, C&) { o.endpoint.host.clear(); }},
                      BadOptions{"no_tls_context", [](O& o, C&) { o.endpoint.tls = true; }},
                      BadOptions{"relative_target", [](O& o, C&) { o.target = "x"; }},
                      BadOptions{"header_with_line_break",
                                 [](O& o, C&) {
                                   o.headers = {{"a", "\r\nb: c"}};
                                 }},
                      BadOptions{"negative_ping_interval", [](O& o, C&) { o.ping_interval = -1s; }},
                      BadOptions{"ping_without_timeout",
                                 [](O& o, C&) {
                                   o.ping_interval = 1s;
                                   o.pong_timeout = 0s;
                                 }},
                      BadOptions{"no_messages", [](O& o, C&) { o.max_message_bytes = 0; }},
                      BadOptions{"no_on_open", [](O&, C& c) { c.on_open = nullptr; }},
                      BadOptions{"no_on_message", [](O&, C& c) { c.on_message = nullptr; }},
                      BadOptions{"no_on_batch_end", [](O&, C& c) { c.on_batch_end = nullptr; }},
                      BadOptions{"no_on_close", [](O&, C& c) { c.on_close = nullptr; }}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard::net
