// What HttpClient says when things go wrong: the code decides whether an order
// may be sent again.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "common/net/http_client.h"
#include "tests/common/net/http_client_fixture.h"
#include "tests/common/net/test_servers.h"

namespace switchyard::net {
namespace {

using net::testing::ClosedPort;
using net::testing::Gate;
using net::testing::HttpClientFixture;
using net::testing::kShort;
using net::testing::RunReady;
using net::testing::RunUntil;
using net::testing::ServerConnection;
using net::testing::TestServer;

class HttpClientFailureTest : public HttpClientFixture {};

TEST_F(HttpClientFailureTest, RefusedConnectionIsUnavailable) {
  MakeClient(OptionsFor({"127.0.0.1", ClosedPort(), false}));
  const auto reply = Fetch({.method = "POST"});
  EXPECT_EQ(reply->code(), absl::StatusCode::kUnavailable) << reply->result->status();
}

TEST_F(HttpClientFailureTest, UnresolvableNameIsUnavailable) {
  MakeClient(OptionsFor({"name.invalid", 80, false}));
  const auto reply = Fetch({.method = "POST"});
  EXPECT_EQ(reply->code(), absl::StatusCode::kUnavailable) << reply->result->status();
}

TEST_F(HttpClientFailureTest, RequestsThatWaitFailWithTheLastConnection) {
  HttpClientOptions options = OptionsFor({"127.0.0.1", ClosedPort(), false});
  options.max_connections = 1;
  MakeClient(std::move(options));
  const auto first = Send({});
  const auto second = Send({});
  ASSERT_TRUE(RunUntil(io_, [&] { return first->calls == 1 && second->calls == 1; }));
  EXPECT_EQ(second->code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(client_->statistics().open_connections, 0u);
}

TEST_F(HttpClientFailureTest, TimeoutBeforeWritingIsUnavailable) {
  // Accepts and never shakes hands, so that TLS keeps the request back.
  TestServer server([](ServerConnection& connection) { connection.WaitForClose(); });
  HttpClientOptions options = OptionsFor(server.endpoint(true, "localhost"));
  options.tls = *TlsContext::Create({});
  MakeClient(std::move(options));
  const auto reply = Fetch({.method = "POST"}, kShort);
  EXPECT_EQ(reply->code(), absl::StatusCode::kUnavailable) << reply->result->status();
}

TEST_F(HttpClientFailureTest, ConnectTimeoutIsUnavailable) {
  TestServer server([](ServerConnection& connection) { connection.WaitForClose(); });
  HttpClientOptions options = OptionsFor(server.endpoint(true, "localhost"));
  options.tls = *TlsContext::Create({});
  options.connect_timeout = kShort;
  MakeClient(std::move(options));
  const auto reply = Fetch({.method = "POST"});
  EXPECT_EQ(reply->code(), absl::StatusCode::kUnavailable) << reply->result->status();
}

TEST_F(HttpClientFailureTest, TimeoutInTheQueueIsUnavailable) {
  TestServer server([](ServerConnection& connection) {
    connection.ReadRequest();
    connection.WaitForClose();
  });
  HttpClientOptions options = OptionsFor(server.endpoint());
  options.max_connections = 1;
  MakeClient(std::move(options));
  const auto busy = Send({});
  const auto waiting = Send({.method = "POST"}, kShort);
  ASSERT_TRUE(RunUntil(io_, [&] { return waiting->calls == 1; }));
  EXPECT_EQ(waiting->code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(busy->calls, 0);
}

TEST_F(HttpClientFailureTest, TimeoutAfterWritingIsDeadlineExceeded) {
  TestServer server([](ServerConnection& connection) {
    connection.ReadRequest();
    connection.WaitForClose();
  });
  MakeClient(OptionsFor(server.endpoint()));
  for (const char* method : {"GET", "POST"}) {
    const auto reply = Fetch({.method = method}, kShort);
    EXPECT_EQ(reply->code(), absl::StatusCode::kDeadlineExceeded) << reply->result->status();
  }
  EXPECT_EQ(client_->statistics().open_connections, 0u) << "the answer might still come";
}

TEST_F(HttpClientFailureTest, TimeoutInTheMiddleOfTheAnswerIsDeadlineExceeded) {
  TestServer server([](ServerConnection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    connection.WaitForClose();
  });
  MakeClient(OptionsFor(server.endpoint()));
  const auto reply = Fetch({.method = "POST"}, kShort);
  EXPECT_EQ(reply->code(), absl::StatusCode::kDeadlineExceeded) << reply->result->status();
}

TEST_F(HttpClientFailureTest, ConnectionOutlivesTheRequestThatOpenedIt) {
  Gate gate;
  const net::testing::TestAuthority authority;
  const auto identity = authority.Issue("DNS:localhost");
  TestServer server([&](ServerConnection& connection) {
    gate.Wait();
    if (!connection.StartTls(identity)) return;
    while (connection.ReadRequest()) connection.Respond(200, "");
  });
  HttpClientOptions options = OptionsFor(server.endpoint(true, "localhost"));
  options.tls = *TlsContext::Create({.ca_file = authority.WriteCaFile()});
  MakeClient(std::move(options));
  EXPECT_EQ(Fetch({.method = "POST"}, kShort)->code(), absl::StatusCode::kUnavailable);
  gate.Open();
  EXPECT_TRUE(RunUntil(io_, [&] { return client_->statistics().connects == 1; }));
}

struct BrokenAnswer {
  std::string name;
  std::string answer;  // what the server sends before it closes
};

class BrokenAnswerTest : public HttpClientFixture,
                         public ::testing::WithParamInterface<BrokenAnswer> {};

TEST_P(BrokenAnswerTest, IsUnknownBecauseTheRequestWasWritten) {
  TestServer server([](ServerConnection& connection) {
    connection.ReadRequest();
    connection.Write(GetParam().answer);
  });
  HttpClientOptions options = OptionsFor(server.endpoint());
  options.max_body_bytes = 1000;
  MakeClient(std::move(options));
  for (const char* method : {"POST", "GET"}) {
    const auto reply = Fetch({.method = method});
    EXPECT_EQ(reply->code(), absl::StatusCode::kUnknown) << reply->result->status();
  }
  EXPECT_EQ(server.accepted(), 2) << "no request on a fresh connection is repeated";
}

INSTANTIATE_TEST_SUITE_P(
    Answers, BrokenAnswerTest,
    ::testing::Values(
        BrokenAnswer{"none", ""}, BrokenAnswer{"half_a_status_line", "HTTP/1.1 20"},
        BrokenAnswer{"half_a_header", "HTTP/1.1 200 OK\r\nContent-Le"},
        BrokenAnswer{"half_a_body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"},
        BrokenAnswer{"half_a_chunk",
                     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf"},
        BrokenAnswer{"no_last_chunk",
                     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"},
        BrokenAnswer{"no_http", "SSH-2.0-OpenSSH_9.2\r\n\r\n"},
        BrokenAnswer{"announced_too_long", "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"},
        BrokenAnswer{"too_long", "HTTP/1.1 200 OK\r\n\r\n" + std::string(2000, 'x')},
        BrokenAnswer{"header_too_long",
                     "HTTP/1.1 200 OK\r\nX: " + std::string(70000, 'x') + "\r\n\r\n"}),
    [](const auto& info) { return info.param.name; });

TEST_F(HttpClientFailureTest, ResetIsUnknown) {
  TestServer server([](ServerConnection& connection) {
    connection.ReadRequest();
    connection.Reset();
  });
  MakeClient(OptionsFor(server.endpoint()));
  EXPECT_EQ(Fetch({.method = "POST"})->code(), absl::StatusCode::kUnknown);
}

TEST_F(HttpClientFailureTest, BadRequestIsInvalidArgumentAndOpensNothing) {
  TestServer server([](ServerConnection& connection) { connection.WaitForClose(); });
  MakeClient(OptionsFor(server.endpoint()));
  const auto reply = Send({.target = "/a b"});
  EXPECT_EQ(reply->calls, 0);
  ASSERT_TRUE(RunUntil(io_, [&] { return reply->calls == 1; }));
  EXPECT_EQ(reply->code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(server.accepted(), 0);
}

// Serves one request on the first connection, then reads another one there and
// closes instead of answering. Later connections answer everything.
class ClosesKeptConnection {
 public:
  explicit ClosesKeptConnection(std::string half_answer = "")
      : half_answer_(std::move(half_answer)), server_([this](ServerConnection& c) { Serve(c); }) {}

  Endpoint endpoint() const { return server_.endpoint(); }
  int accepted() const { return server_.accepted(); }

 private:
  void Serve(ServerConnection& connection) {
    connection.ReadRequest();
    connection.Respond(200, "first");
    if (connection.index() == 0) {
      connection.ReadRequest();
      connection.Write(half_answer_);
      return;
    }
    while (connection.ReadRequest()) connection.Respond(200, "later");
  }

  std::string half_answer_;
  TestServer server_;
};

TEST_F(HttpClientFailureTest, ReadOnAKeptConnectionThatClosesIsTriedOnceMore) {
  for (const char* method : {"GET", "HEAD"}) {
    ClosesKeptConnection server;
    MakeClient(OptionsFor(server.endpoint()));
    ASSERT_TRUE(Fetch({})->result->ok());
    const auto reply = Fetch({.method = method});
    EXPECT_TRUE(reply->result->ok()) << method << ": " << reply->result->status();
    EXPECT_EQ(reply->calls, 1);
    EXPECT_EQ(client_->statistics().retries, 1u);
    EXPECT_EQ(server.accepted(), 2);
  }
}

TEST_F(HttpClientFailureTest, WriteOnAKeptConnectionThatClosesIsNotRepeated) {
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH"}) {
    ClosesKeptConnection server;
    MakeClient(OptionsFor(server.endpoint()));
    ASSERT_TRUE(Fetch({})->result->ok());
    const auto reply = Fetch({.method = method});
    EXPECT_EQ(reply->code(), absl::StatusCode::kUnknown) << method;
    EXPECT_EQ(client_->statistics().retries, 0u);
    EXPECT_EQ(server.accepted(), 1);
  }
}

TEST_F(HttpClientFailureTest, ReadIsNotRepeatedOnceAnAnswerHasBegun) {
  ClosesKeptConnection server("HTTP/1.1 200 OK\r\nContent-");
  MakeClient(OptionsFor(server.endpoint()));
  ASSERT_TRUE(Fetch({})->result->ok());
  EXPECT_EQ(Fetch({})->code(), absl::StatusCode::kUnknown);
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(HttpClientFailureTest, SecondAttemptThatCannotConnectIsUnknown) {
  auto server = std::make_unique<ClosesKeptConnection>();
  MakeClient(OptionsFor(server->endpoint()));
  ASSERT_TRUE(Fetch({})->result->ok());
  const auto reply = Send({});
  // The server's end cuts the kept connection and takes the port away.
  server.reset();
  ASSERT_TRUE(RunUntil(io_, [&] { return reply->calls == 1; }));
  EXPECT_EQ(reply->code(), absl::StatusCode::kUnknown) << reply->result->status();
}

TEST_F(HttpClientFailureTest, WriteGoesToANewConnectionWhereTheKeptOneIsKnownToBeClosed) {
  TestServer server([](ServerConnection& connection) {
    connection.ReadRequest();
    connection.Respond(200, "");
    if (connection.index() == 0) return;
    connection.WaitForClose();
  });
  MakeClient(OptionsFor(server.endpoint()));
  ASSERT_TRUE(Fetch({})->result->ok());
  ASSERT_TRUE(RunUntil(io_, [&] { return client_->statistics().open_connections == 0; }));
  const auto reply = Fetch({.method = "POST"});
  EXPECT_TRUE(reply->result->ok()) << reply->result->status();
  EXPECT_EQ(server.accepted(), 2);
}

TEST_F(HttpClientFailureTest, TextBehindAnAnswerEndsTheConnection) {
  TestServer server([](ServerConnection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n");
    connection.WaitForClose();
  });
  MakeClient(OptionsFor(server.endpoint()));
  const auto reply = Fetch({});
  ASSERT_TRUE(reply->result->ok()) << reply->result->status();
  EXPECT_EQ((*reply->result)->body, "ok");
  EXPECT_EQ(client_->statistics().open_connections, 0u);
}

}  // namespace
}  // namespace switchyard::net
