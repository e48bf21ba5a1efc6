#include "common/net/http_client.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/read.hpp>
#include <functional>
#include <string>
#include <vector>

#include "tests/common/net/http_client_fixture.h"
#include "tests/common/net/test_servers.h"

namespace switchyard::net {
namespace {

using namespace std::chrono_literals;
using net::testing::Gate;
using net::testing::HttpClientFixture;
using net::testing::Reply;
using net::testing::RunReady;
using net::testing::RunUntil;
using net::testing::ServerConnection;
using net::testing::TestServer;

// Answers every request with its method, target and body, until the client closes.
void Echo(ServerConnection& connection) {
  while (const auto request = connection.ReadRequest()) {
    connection.Respond(200, fmt::format("{} {} {}", std::string(request->method_string()),
                                        std::string(request->target()), request->body()));
  }
}

class HttpClientTest : public HttpClientFixture {};

TEST_F(HttpClientTest, ReturnsStatusHeadersAndBody) {
  TestServer server([](ServerConnection& connection) {
    connection.ReadRequest();
    connection.Respond(201, "made", "X-Limit: 10\r\n");
    connection.WaitForClose();
  });
  MakeClient(OptionsFor(server.endpoint()));
  const auto reply = Fetch({.method = "POST", .target = "/orders", .body = "x"});
  ASSERT_TRUE(reply->result->ok()) << reply->result->status();
  const HttpResponse& response = **reply->result;
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, "made");
  ASSERT_NE(response.FindHeader("x-limit"), nullptr);
  EXPECT_EQ(*response.FindHeader("x-limit"), "10");
}

TEST_F(HttpClientTest, AnyStatusIsAResponse) {
  TestServer server([](ServerConnection& connection) {
    for (const int status : {302, 404, 429, 503}) {
      connection.ReadRequest();
      connection.Respond(status, "");
    }
    connection.WaitForClose();
  });
  MakeClient(OptionsFor(server.endpoint()));
  for (const int status : {302, 404, 429, 503}) {
    const auto reply = Fetch({});
    ASSERT_TRUE(reply->result->ok()) << reply->result->status();
    EXPECT_EQ((*reply->result)->status, status);
  }
}

TEST_F(HttpClientTest, KeepsTheConnectionForTheNextRequest) {
  TestServer server(Echo);
  MakeClient(OptionsFor(server.endpoint()));
  for (int i = 0; i < 5; ++i) {
    const auto reply = Fetch({.target = fmt::format("/{}", i)});
    ASSERT_TRUE(reply->result->ok()) << reply->result->status();
    EXPECT_EQ((*reply->result)->body, fmt::format("GET /{} ", i));
  }
  EXPECT_EQ(server.accepted(), 1);
  EXPECT_EQ(client_->statistics().connects, 1u);
  EXPECT_EQ(client_->statistics().responses, 5u);
  EXPECT_EQ(client_->statistics().idle_connections, 1u);
}

TEST_F(HttpClientTest, ConnectionCloseIsHonoured) {
  TestServer server([](ServerConnection& connection) {
    connection.ReadRequest();
    connection.Respond(200, "last", "Connection: close\r\n");
    connection.WaitForClose();
  });
  MakeClient(OptionsFor(server.endpoint()));
  EXPECT_TRUE(Fetch({.method = "POST"})->result->ok());
  EXPECT_EQ(client_->statistics().open_connections, 0u);
  EXPECT_TRUE(Fetch({.method = "POST"})->result->ok());
  EXPECT_EQ(server.accepted(), 2);
}

TEST_F(HttpClientTest, OpensNoMoreConnectionsThanAllowed) {
  Gate gate;
  std::atomic<int> waiting{0};
  TestServer server([&](ServerConnection& connection) {
    while (connection.ReadRequest()) {
      ++waiting;
      gate.Wait();
      connection.Respond(200, "");
    }
  });
  HttpClientOptions options = OptionsFor(server.endpoint());
  options.max_connections = 2;
  MakeClient(std::move(options));
  std::vector<std::shared_ptr<Reply>> replies;
  for (int i = 0; i < 6; ++i) replies.push_back(Send({}));
  ASSERT_TRUE(RunUntil(io_, [&] { return waiting == 2; }));
  EXPECT_EQ(client_->statistics().open_connections, 2u);
  EXPECT_EQ(client_->statistics().queued, 4u);
  gate.Open();
  for (const auto& reply : replies) {
    ASSERT_TRUE(RunUntil(io_, [&] { return reply->calls == 1; }));
    EXPECT_TRUE(reply->result->ok()) << reply->result->status();
  }
  EXPECT_EQ(server.accepted(), 2);
}

TEST_F(HttpClientTest, ServesTheQueueInOrder) {
  TestServer server(Echo);
  HttpClientOptions options = OptionsFor(server.endpoint());
  options.max_connections = 1;
  MakeClient(std::move(options));
  std::vector<std::string> order;
  for (int i = 0; i < 4; ++i) {
    client_->Send({.target = fmt::format("/{}", i)}, 10s,
                  [&order](const absl::StatusOr<HttpResponse>& response) {
                    order.push_back(response.ok() ? response->body : "error");
                  });
  }
  ASSERT_TRUE(RunUntil(io_, [&] { return order.size() == 4; }));
  EXPECT_EQ(order, (std::vector<std::string>{"GET /0 ", "GET /1 ", "GET /2 ", "GET /3 "}));
}

TEST_F(HttpClientTest, FullQueueRefusesWithoutSending) {
  Gate gate;
  TestServer server([&](ServerConnection& connection) {
    while (connection.ReadRequest()) {
      gate.Wait();
      connection.Respond(200, "");
    }
  });
  HttpClientOptions options = OptionsFor(server.endpoint());
  options.max_connections = 1;
  options.max_queued = 1;
  MakeClient(std::move(options));
  const auto first = Send({});
  const auto second = Send({});
  const auto third = Send({});
  EXPECT_EQ(third->calls, 0) << "the completion comes after Send";
  ASSERT_TRUE(RunUntil(io_, [&] { return third->calls == 1; }));
  EXPECT_EQ(third->code(), absl::StatusCode::kResourceExhausted);
  gate.Open();
  ASSERT_TRUE(RunUntil(io_, [&] { return first->calls == 1 && second->calls == 1; }));
  EXPECT_TRUE(first->result->ok());
  EXPECT_TRUE(second->result->ok());
}

TEST_F(HttpClientTest, ReadsChunkedAnswers) {
  TestServer server([](ServerConnection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n");
    connection.Write("6;x=y\r\npedia \r\n0\r\nTrailer: t\r\n\r\n");
    connection.ReadRequest();
    connection.Respond(200, "next");
    connection.WaitForClose();
  });
  MakeClient(OptionsFor(server.endpoint()));
  const auto reply = Fetch({});
  ASSERT_TRUE(reply->result->ok()) << reply->result->status();
  EXPECT_EQ((*reply->result)->body, "Wikipedia ");
  EXPECT_EQ((*Fetch({})->result)->body, "next");
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(HttpClientTest, ReadsABodyThatEndsWithTheConnection) {
  TestServer server([](ServerConnection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 200 OK\r\n\r\nall of it");
  });
  MakeClient(OptionsFor(server.endpoint()));
  const auto reply = Fetch({});
  ASSERT_TRUE(reply->result->ok()) << reply->result->status();
  EXPECT_EQ((*reply->result)->body, "all of it");
}

TEST_F(HttpClientTest, AnswersWithoutBodyLeaveTheConnectionInStep) {
  TestServer server([](ServerConnection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");  // to HEAD
    connection.ReadRequest();
    connection.Write("HTTP/1.1 204 No Content\r\n\r\n");
    connection.ReadRequest();
    connection.Write("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
    connection.ReadRequest();
    connection.Respond(200, "body");
    connection.WaitForClose();
  });
  MakeClient(OptionsFor(server.endpoint()));
  EXPECT_EQ((*Fetch({.method = "HEAD"})->result)->status, 200);
  EXPECT_EQ((*Fetch({.method = "DELETE"})->result)->status, 204);
  EXPECT_EQ((*Fetch({})->result)->status, 304);
  EXPECT_EQ((*Fetch({})->result)->body, "body");
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(HttpClientTest, SkipsInterimAnswers) {
  TestServer server([](ServerConnection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
    connection.Respond(200, "real");
    connection.WaitForClose();
  });
  MakeClient(OptionsFor(server.endpoint()));
  const auto reply = Fetch({});
  ASSERT_TRUE(reply->result->ok()) << reply->result->status();
  EXPECT_EQ((*reply->result)->status, 200);
  EXPECT_EQ((*reply->result)->body, "real");
}

TEST_F(HttpClientTest, ReadsAnErrorPageOf50Kilobytes) {
  const std::string page = "<html>" + std::string(50 * 1024, 'x') + "</html>";
  TestServer server([&](ServerConnection& connection) {
    connection.ReadRequest();
    connection.Respond(502, page, "Content-Type: text/html\r\n");
    connection.WaitForClose();
  });
  MakeClient(OptionsFor(server.endpoint()));
  const auto reply = Fetch({.method = "POST"});
  ASSERT_TRUE(reply->result->ok()) << reply->result->status();
  EXPECT_EQ((*reply->result)->status, 502);
  EXPECT_EQ((*reply->result)->body, page);
}

TEST_F(HttpClientTest, SendsAndReceivesMegabytes) {
  TestServer server([](ServerConnection& connection) {
    const auto raw_head = connection.ReadRawHead();
    if (!raw_head) return;
    const std::size_t have = raw_head->size() - raw_head->find("\r\n\r\n") - 4;
    std::vector<char> body((4 << 20) - have);
    boost::asio::read(connection, boost::asio::buffer(body));
    connection.Respond(200, std::string(4 << 20, 'r'));
    connection.WaitForClose();
  });
  MakeClient(OptionsFor(server.endpoint()));
  const auto reply = Fetch({.method = "POST", .body = std::string(4 << 20, 'q')});
  ASSERT_TRUE(reply->result->ok()) << reply->result->status();
  EXPECT_EQ((*reply->result)->body.size(), std::size_t{4} << 20);
}

TEST_F(HttpClientTest, ClosesIdleConnections) {
  TestServer server(Echo);
  HttpClientOptions options = OptionsFor(server.endpoint());
  options.idle_timeout = net::testing::kShort;
  MakeClient(std::move(options));
  EXPECT_TRUE(Fetch({})->result->ok());
  EXPECT_EQ(client_->statistics().idle_connections, 1u);
  EXPECT_TRUE(RunUntil(io_, [&] { return client_->statistics().open_connections == 0; }));
}

TEST_F(HttpClientTest, DropsAnIdleConnectionThatTheServerCloses) {
  Gate gate;
  TestServer server([&](ServerConnection& connection) {
    connection.ReadRequest();
    connection.Respond(200, "");
    gate.Wait();
  });
  MakeClient(OptionsFor(server.endpoint()));
  EXPECT_TRUE(Fetch({})->result->ok());
  gate.Open();
  EXPECT_TRUE(RunUntil(io_, [&] { return client_->statistics().open_connections == 0; }));
}

TEST_F(HttpClientTest, ResolvesNames) {
  TestServer server(Echo);
  MakeClient(OptionsFor(server.endpoint(false, "localhost")));
  const auto reply = Fetch({.target = "/x"});
  ASSERT_TRUE(reply->result->ok()) << reply->result->status();
  EXPECT_EQ((*reply->result)->body, "GET /x ");
}

TEST_F(HttpClientTest, CompletionMaySendTheNextRequest) {
  TestServer server(Echo);
  MakeClient(OptionsFor(server.endpoint()));
  int answers = 0;
  std::function<void(absl::StatusOr<HttpResponse>)> next;
  next = [&](const absl::StatusOr<HttpResponse>& response) {
    ASSERT_TRUE(response.ok()) << response.status();
    if (++answers < 10) client_->Send({}, 10s, next);
  };
  client_->Send({}, 10s, next);
  EXPECT_TRUE(RunUntil(io_, [&] { return answers == 10; }));
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(HttpClientTest, CompletionMayDestroyTheClient) {
  TestServer server(Echo);
  MakeClient(OptionsFor(server.endpoint()));
  bool is_done = false;
  client_->Send({}, 10s, [&](const absl::StatusOr<HttpResponse>&) {
    client_.reset();
    is_done = true;
  });
  EXPECT_TRUE(RunUntil(io_, [&] { return is_done; }));
  RunReady(io_);
  EXPECT_EQ(client_, nullptr);
}

TEST_F(HttpClientTest, CloseCancelsEveryRequestOnceAndLater) {
  std::atomic<int> received{0};
  TestServer server([&](ServerConnection& connection) {
    if (connection.ReadRequest()) ++received;
    connection.WaitForClose();
  });
  HttpClientOptions options = OptionsFor(server.endpoint());
  options.max_connections = 1;
  MakeClient(std::move(options));
  const auto sent = Send({.method = "POST"});
  const auto queued = Send({});
  ASSERT_TRUE(RunUntil(io_, [&] { return received == 1; }));
  client_->Close();
  const auto late = Send({});
  EXPECT_EQ(sent->calls + queued->calls + late->calls, 0);
  ASSERT_TRUE(RunUntil(io_, [&] { return late->calls == 1; }));
  RunReady(io_);
  for (const auto& reply : {sent, queued, late}) {
    EXPECT_EQ(reply->calls, 1);
    EXPECT_EQ(reply->code(), absl::StatusCode::kCancelled);
  }
}

TEST_F(HttpClientTest, DestructionCancelsEveryRequestOnceAndLater) {
  TestServer server([](ServerConnection& connection) { connection.WaitForClose(); });
  MakeClient(OptionsFor(server.endpoint()));
  const auto connecting = Send({});
  client_.reset();
  EXPECT_EQ(connecting->calls, 0);
  ASSERT_TRUE(RunUntil(io_, [&] { return connecting->calls == 1; }));
  RunReady(io_);
  EXPECT_EQ(connecting->calls, 1);
  EXPECT_EQ(connecting->code(), absl::StatusCode::kCancelled);
}

struct BadOptions {
  std::string name;
  std::function<void(HttpClientOptions&)> spoil;
};

class HttpClientOptionsTest : public ::testing::TestWithParam<BadOptions> {};

TEST_P(HttpClientOptionsTest, AreRefused) {
  boost::asio::io_context io;
  HttpClientOptions options;
  options.endpoint = {"localhost", 80, false};
  ASSERT_TRUE(HttpClient::Create(io, options).ok());
  GetParam().spoil(options);
  EXPECT_EQ(HttpClient::Create(io, options).status().code(), absl::StatusCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(
    Options, HttpClientOptionsTest,
    ::testing::Values(
        BadOptions{"no_host", [](HttpClientOptions& o) { o.endpoint.host.clear(); }},
        BadOptions{"no_port", [](HttpClientOptions& o) { o.endpoint.port = 0; }},
        BadOptions{"no_tls_context", [](HttpClientOptions& o) { o.endpoint.tls = true; }},
        BadOptions{"no_proxy_host", [](HttpClientOptions& o) { o.proxy = ProxyOptions{}; }},
        BadOptions{"no_connections", [](HttpClientOptions& o) { o.max_connections = 0; }},
        BadOptions{"no_body", [](HttpClientOptions& o) { o.max_body_bytes = 0; }},
        BadOptions{"no_connect_timeout", [](HttpClientOptions& o) { o.connect_timeout = 0s; }},
        BadOptions{"no_idle_timeout", [](HttpClientOptions& o) { o.idle_timeout = 0s; }},
        BadOptions{"agent_with_line_break",
                   [](HttpClientOptions& o) { o.user_agent = "a\r\nb: c"; }}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard::net
