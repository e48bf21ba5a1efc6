// The ways in which a WebSocketClient's connection ends.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/read.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "common/net/websocket_client.h"
#include "tests/common/net/http_client_fixture.h"
#include "tests/common/net/websocket_fixture.h"

namespace switchyard::net {
namespace {

using namespace std::chrono_literals;
using net::testing::ClosedPort;
using net::testing::EncodeFrame;
using net::testing::Gate;
using net::testing::kShort;
using net::testing::ReadText;
using net::testing::RunReady;
using net::testing::RunUntil;
using net::testing::ServerConnection;
using net::testing::ServerWebSocket;
using net::testing::ServeWebSocket;
using net::testing::TestAuthority;
using net::testing::TestServer;
using net::testing::WebSocketFixture;

// A close frame's payload.
std::string ClosePayload(int code, std::string_view reason) {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)} +
         std::string(reason);
}

class WebSocketEndTest : public WebSocketFixture {
 protected:
  void ExpectClosedOnce(absl::StatusCode code, int close_code) {
    ASSERT_TRUE(RunUntilClosed());
    RunReady(io_);
    EXPECT_EQ(seen_.closes, 1);
    EXPECT_EQ(seen_.why.code(), code) << seen_.why;
    EXPECT_EQ(seen_.close_code, close_code);
    EXPECT_FALSE(client_ != nullptr && client_->is_open());
  }
};

TEST_F(WebSocketEndTest, RefusedConnectionIsTold) {
  MakeClient(OptionsFor({"127.0.0.1", ClosedPort(), false}));
  client_->Connect();
  EXPECT_EQ(seen_.closes, 0) << "never from within Connect";
  ExpectClosedOnce(absl::StatusCode::kUnavailable, kAbnormalClosure);
  EXPECT_EQ(seen_.http_status, 0);
  EXPECT_EQ(seen_.opens, 0);
}

TEST_F(WebSocketEndTest, RefusedUpgradeShowsStatusAndRetryAfter) {
  TestServer server([](ServerConnection& connection) {
    connection.ReadRequest();
    connection.Respond(429, "slow down", "Retry-After: 17\r\n");
    connection.WaitForClose();
  });
  MakeClient(OptionsFor(server.endpoint()));
  client_->Connect();
  ExpectClosedOnce(absl::StatusCode::kUnavailable, kAbnormalClosure);
  EXPECT_EQ(seen_.http_status, 429);
  ASSERT_TRUE(seen_.refusal.has_value());
  ASSERT_NE(seen_.refusal->FindHeader("retry-after"), nullptr);
  EXPECT_EQ(*seen_.refusal->FindHeader("retry-after"), "17");
  EXPECT_EQ(seen_.refusal->body, "slow down");
  EXPECT_EQ(seen_.opens, 0);
}

TEST_F(WebSocketEndTest, RefusalPageLongerThanAnyBufferIsRead) {
  TestServer server([](ServerConnection& connection) {
    connection.ReadRequest();
    connection.Respond(503, std::string(50'000, 'h'), "Content-Type: text/html\r\n");
    connection.WaitForClose();
  });
  MakeClient(OptionsFor(server.endpoint()));
  client_->Connect();
  ExpectClosedOnce(absl::StatusCode::kUnavailable, kAbnormalClosure);
  EXPECT_EQ(seen_.http_status, 503);
  ASSERT_TRUE(seen_.refusal.has_value());
  EXPECT_EQ(seen_.refusal->body.size(), 50'000u);
}

TEST_F(WebSocketEndTest, AnswerThatIsNoHandshakeIsTold) {
  TestServer server([](ServerConnection& connection) {
    connection.ReadRequest();
    connection.Write("+OK ready\r\n\r\n");
    connection.WaitForClose();
  });
  MakeClient(OptionsFor(server.endpoint()));
  client_->Connect();
  ExpectClosedOnce(absl::StatusCode::kUnavailable, kAbnormalClosure);
  EXPECT_EQ(seen_.http_status, 0);
}

TEST_F(WebSocketEndTest, SilentServerIsGivenUpAfterTheConnectTimeout) {
  TestServer server([](ServerConnection& connection) { connection.WaitForClose(); });
  WebSocketOptions options = OptionsFor(server.endpoint());
  options.connect_timeout = kShort;
  MakeClient(std::move(options));
  client_->Connect();
  ExpectClosedOnce(absl::StatusCode::kUnavailable, kAbnormalClosure);
}

TEST_F(WebSocketEndTest, UntrustedServerIsRefused) {
  const TestAuthority authority;
  const auto identity = authority.Issue("DNS:localhost");
  TestServer server([&](ServerConnection& connection) { connection.StartTls(identity); });
  WebSocketOptions options = OptionsFor(server.endpoint(true, "localhost"));
  options.tls = *TlsContext::Create({});
  MakeClient(std::move(options));
  client_->Connect();
  ExpectClosedOnce(absl::StatusCode::kUnavailable, kAbnormalClosure);
  EXPECT_NE(seen_.why.ToString().find("certificate"), std::string::npos) << seen_.why;
}

TEST_F(WebSocketEndTest, ServersCloseCodeAndReasonAreTold) {
  std::atomic<int> answered{0};
  TestServer server([&](ServerConnection& connection) {
    ServerWebSocket socket(connection);
    socket.accept();
    connection.Write(EncodeFrame(1, "last words") + EncodeFrame(8, ClosePayload(4001, "daily")));
    std::string answer(8, '\0');
    net::testing::ErrorCode error;
    // A close frame from a client: two bytes of header, four of mask, the code.
    answered = static_cast<int>(boost::asio::read(connection, boost::asio::buffer(answer), error));
  });
  MakeClientAndConnect(OptionsFor(server.endpoint()));
  ExpectClosedOnce(absl::StatusCode::kUnavailable, 4001);
  EXPECT_EQ(seen_.messages, (std::vector<std::string>{"last words"}));
  EXPECT_NE(seen_.why.ToString().find("daily"), std::string::npos) << seen_.why;
  EXPECT_TRUE(RunUntil(io_, [&] { return answered == 8; }));
}

TEST_F(WebSocketEndTest, CloseWithoutCodeIs1005) {
  TestServer server(ServeWebSocket([](ServerConnection& connection, ServerWebSocket&) {
    connection.Write(EncodeFrame(8, ""));
  }));
  MakeClientAndConnect(OptionsFor(server.endpoint()));
  ExpectClosedOnce(absl::StatusCode::kUnavailable, 1005);
}

TEST_F(WebSocketEndTest, ServerThatKeepsTheSocketOpenAfterItsCloseDoesNotDelayTheEnd) {
  Gate gate;
  TestServer server(ServeWebSocket([&](ServerConnection& connection, ServerWebSocket&) {
    connection.Write(EncodeFrame(8, ClosePayload(1001, "")));
    gate.Wait();
  }));
  MakeClientAndConnect(OptionsFor(server.endpoint()));
  ExpectClosedOnce(absl::StatusCode::kUnavailable, 1001);
  gate.Open();
}

TEST_F(WebSocketEndTest, CutWithoutCloseFrameIs1006) {
  TestServer server([](ServerConnection& connection) {
    ServerWebSocket socket(connection);
    socket.accept();
    connection.Write(EncodeFrame(1, "whole") + EncodeFrame(1, "half").substr(0, 4));
  });
  MakeClientAndConnect(OptionsFor(server.endpoint()));
  ExpectClosedOnce(absl::StatusCode::kUnavailable, kAbnormalClosure);
  EXPECT_EQ(seen_.messages, (std::vector<std::string>{"whole"}));
}

TEST_F(WebSocketEndTest, ResetIs1006) {
  TestServer server([](ServerConnection& connection) {
    ServerWebSocket socket(connection);
    socket.accept();
    ReadText(socket);
    connection.Reset();
  });
  MakeClientAndConnect(OptionsFor(server.endpoint()));
  ASSERT_TRUE(client_->Send("go").ok());
  ExpectClosedOnce(absl::StatusCode::kUnavailable, kAbnormalClosure);
}

TEST_F(WebSocketEndTest, CutOfATlsConnectionIs1006) {
  const TestAuthority authority;
  const auto identity = authority.Issue("DNS:localhost");
  TestServer server([&](ServerConnection& connection) {
    if (!connection.StartTls(identity)) return;
    ServerWebSocket socket(connection);
    socket.accept();
    connection.Write(EncodeFrame(1, "whole"));
  });
  WebSocketOptions options = OptionsFor(server.endpoint(true, "localhost"));
  options.tls = *TlsContext::Create({.ca_file = authority.WriteCaFile()});
  MakeClientAndConnect(std::move(options));
  ExpectClosedOnce(absl::StatusCode::kUnavailable, kAbnormalClosure);
  EXPECT_EQ(seen_.messages, (std::vector<std::string>{"whole"}));
}

struct BrokenFrames {
  std::string name;
  std::string frames;  // a good message "ok" goes before them in the same write
};

class BrokenFramesTest : public WebSocketEndTest,
                         public ::testing::WithParamInterface<BrokenFrames> {};

TEST_P(BrokenFramesTest, EndTheConnectionBehindTheGoodMessage) {
  TestServer server(ServeWebSocket([](ServerConnection& connection, ServerWebSocket& socket) {
    ReadText(socket);
    connection.Write(EncodeFrame(1, "ok") + GetParam().frames + EncodeFrame(1, "never seen"));
  }));
  WebSocketOptions options = OptionsFor(server.endpoint());
  options.max_message_bytes = 100'000;
  MakeClientAndConnect(std::move(options));
  ASSERT_TRUE(client_->Send("go").ok());
  ExpectClosedOnce(absl::StatusCode::kUnavailable, kAbnormalClosure);
  EXPECT_EQ(seen_.messages, (std::vector<std::string>{"ok"}));
  EXPECT_EQ(seen_.batches, (std::vector<int>{1}));
}

INSTANTIATE_TEST_SUITE_P(
    Frames, BrokenFramesTest,
    ::testing::Values(
        BrokenFrames{"not_utf8", EncodeFrame(1, "\xff\xfe")},
        BrokenFrames{"too_big", EncodeFrame(1, std::string(100'001, 'x'))},
        BrokenFrames{"too_big_in_fragments", EncodeFrame(1, std::string(60'000, 'x'), false) +
                                                 EncodeFrame(0, std::string(60'000, 'x'))},
        BrokenFrames{"absurd_length", std::string("\x82\x7f\x7f\xff\xff\xff\xff\xff"
                                                  "\xff\xff",
                                                  10)},
        BrokenFrames{"masked", std::string("\x81\x81mask!", 7)},
        BrokenFrames{"reserved_opcode", EncodeFrame(3, "x")},
        BrokenFrames{"continuation_of_nothing", EncodeFrame(0, "x")},
        BrokenFrames{"text_inside_a_message", EncodeFrame(1, "x", false) + EncodeFrame(1, "y")},
        BrokenFrames{"fragmented_ping", EncodeFrame(9, "x", false)},
        BrokenFrames{"compressed_without_agreement", std::string("\xc1\x01x", 3)}),
    [](const auto& info) { return info.param.name; });

TEST_F(WebSocketEndTest, DeadSocketIsCutAfterThePongTimeout) {
  Gate gate;
  TestServer server(ServeWebSocket([&](ServerConnection&, ServerWebSocket&) { gate.Wait(); }));
  WebSocketOptions options = OptionsFor(server.endpoint());
  options.ping_interval = 10ms;
  options.pong_timeout = kShort;
  MakeClientAndConnect(std::move(options));
  ExpectClosedOnce(absl::StatusCode::kUnavailable, kAbnormalClosure);
  EXPECT_NE(seen_.why.ToString().find("pong_timeout"), std::string::npos) << seen_.why;
  gate.Open();
}

TEST_F(WebSocketEndTest, DeadSocketWithStuckWritesIsCutAsWell) {
  Gate gate;
  TestServer server(ServeWebSocket([&](ServerConnection&, ServerWebSocket&) { gate.Wait(); }));
  WebSocketOptions options = OptionsFor(server.endpoint());
  options.ping_interval = 10ms;
  options.pong_timeout = kShort;
  options.max_queued_bytes = 64 << 20;
  MakeClientAndConnect(std::move(options));
  // More than both sockets' buffers take.
  ASSERT_TRUE(client_->Send(std::string(32 << 20, 'x')).ok());
  ExpectClosedOnce(absl::StatusCode::kUnavailable, kAbnormalClosure);
  gate.Open();
}

TEST_F(WebSocketEndTest, OwnCloseIsOkWithTheServersAnswer) {
  std::atomic<int> code{0};
  TestServer server(ServeWebSocket([&](ServerConnection&, ServerWebSocket& socket) {
    ReadText(socket);  // answers the close frame
    code = static_cast<int>(socket.reason().code);
  }));
  MakeClientAndConnect(OptionsFor(server.endpoint()));
  client_->Close(1000);
  EXPECT_EQ(seen_.closes, 0) << "never from within Close";
  ExpectClosedOnce(absl::StatusCode::kOk, 1000);
  EXPECT_TRUE(RunUntil(io_, [&] { return code == 1000; }));
}

TEST_F(WebSocketEndTest, NoMessageIsDeliveredAfterOwnClose) {
  TestServer server(ServeWebSocket([](ServerConnection& connection, ServerWebSocket& socket) {
    ReadText(socket);
    std::string burst;
    for (int i = 0; i < 20; ++i) burst += EncodeFrame(1, "x");
    connection.Write(burst);
    ReadText(socket);
  }));
  MakeClientAndConnect(OptionsFor(server.endpoint()));
  seen_.in_message = [&](std::string_view) { client_->Close(1000); };
  ASSERT_TRUE(client_->Send("go").ok());
  ExpectClosedOnce(absl::StatusCode::kOk, 1000);
  EXPECT_EQ(seen_.messages.size(), 1u);
}

TEST_F(WebSocketEndTest, CloseThatIsNotAnsweredIsCutAfterASecond) {
  Gate gate;
  TestServer server(ServeWebSocket([&](ServerConnection&, ServerWebSocket&) { gate.Wait(); }));
  MakeClientAndConnect(OptionsFor(server.endpoint()));
  const auto start = std::chrono::steady_clock::now();
  client_->Close(1000);
  ExpectClosedOnce(absl::StatusCode::kUnavailable, kAbnormalClosure);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 1s);
  gate.Open();
}

TEST_F(WebSocketEndTest, CloseWhileConnectingGivesUp) {
  TestServer server([](ServerConnection& connection) { connection.WaitForClose(); });
  for (const bool wait_for_tcp : {false, true}) {
    seen_ = {};
    MakeClient(OptionsFor(server.endpoint()));
    const int accepted = server.accepted();
    client_->Connect();
    if (wait_for_tcp) {
      ASSERT_TRUE(RunUntil(io_, [&] { return server.accepted() > accepted; }));
    }
    client_->Close(1000);
    EXPECT_EQ(seen_.closes, 0);
    ExpectClosedOnce(absl::StatusCode::kUnavailable, kAbnormalClosure);
    EXPECT_EQ(seen_.opens, 0);
  }
}

TEST_F(WebSocketEndTest, ReconnectFromOnClose) {
  TestServer server(ServeWebSocket([](ServerConnection& connection, ServerWebSocket&) {
    if (connection.index() < 2) {
      connection.Write(EncodeFrame(8, ClosePayload(1012, "restart")));
    } else {
      connection.Write(EncodeFrame(1, "here again"));
    }
  }));
  MakeClient(OptionsFor(server.endpoint()));
  seen_.in_close = [&] { client_->Connect(); };
  client_->Connect();
  ASSERT_TRUE(RunUntilMessages(1));
  EXPECT_EQ(seen_.opens, 3);
  EXPECT_EQ(seen_.closes, 2);
  EXPECT_TRUE(client_->is_open());
}

TEST_F(WebSocketEndTest, DestructionTellsNothing) {
  TestServer server(ServeWebSocket([](ServerConnection&, ServerWebSocket&) {}));
  MakeClientAndConnect(OptionsFor(server.endpoint()));
  client_.reset();
  RunReady(io_);
  EXPECT_EQ(seen_.closes, 0);
  MakeClient(OptionsFor(server.endpoint()));
  client_->Connect();
  client_.reset();
  RunReady(io_);
  EXPECT_EQ(seen_.closes, 0);
}

TEST_F(WebSocketEndTest, ContextMayEndWithoutRunningWhatIsLeft) {
  TestServer server(ServeWebSocket([](ServerConnection&, ServerWebSocket&) {}));
  MakeClientAndConnect(OptionsFor(server.endpoint()));
  ASSERT_TRUE(client_->Send("in flight").ok());
  client_.reset();  // the fixture's io_context goes without another turn
  EXPECT_EQ(seen_.closes, 0);
}

// Which callback destroys the client.
class DestroyInCallbackTest : public WebSocketEndTest,
                              public ::testing::WithParamInterface<std::string> {};

TEST_P(DestroyInCallbackTest, IsSafeAndTheLastCallback) {
  TestServer server(ServeWebSocket([](ServerConnection& connection, ServerWebSocket& socket) {
    ReadText(socket);
    std::string burst;
    for (int i = 0; i < 10; ++i) burst += EncodeFrame(1, "x");
    connection.Write(burst + EncodeFrame(8, ClosePayload(1000, "")));
  }));
  MakeClient(OptionsFor(server.endpoint()));
  const auto destroy = [&] { client_.reset(); };
  seen_.in_open = [&] {
    EXPECT_TRUE(client_->Send("go").ok());
    if (GetParam() == "open") destroy();
  };
  if (GetParam() == "message") seen_.in_message = [&](std::string_view) { destroy(); };
  if (GetParam() == "batch_end") seen_.in_batch_end = destroy;
  if (GetParam() == "close") seen_.in_close = destroy;
  client_->Connect();
  ASSERT_TRUE(RunUntil(io_, [&] { return client_ == nullptr; }));
  const std::size_t messages = seen_.messages.size();
  const std::size_t batches = seen_.batches.size();
  RunReady(io_);
  EXPECT_EQ(seen_.messages.size(), messages);
  EXPECT_EQ(seen_.batches.size(), batches);
  EXPECT_EQ(seen_.closes, GetParam() == "close" ? 1 : 0);
  EXPECT_EQ(messages, GetParam() == "open" ? 0u : GetParam() == "message" ? 1u : messages);
}

INSTANTIATE_TEST_SUITE_P(Callbacks, DestroyInCallbackTest,
                         ::testing::Values("open", "message", "batch_end", "close"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace switchyard::net
