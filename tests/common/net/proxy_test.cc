#include "common/net/proxy.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <future>
#include <string>

#include "common/net/http_client.h"
#include "tests/common/net/http_client_fixture.h"
#include "tests/common/net/test_certificates.h"
#include "tests/common/net/test_servers.h"

namespace switchyard::net {
namespace {

using net::testing::ClosedPort;
using net::testing::HttpClientFixture;
using net::testing::ServerConnection;
using net::testing::TestAuthority;
using net::testing::TestServer;

// The scripts play the proxy and, once the tunnel stands, the endpoint behind it,
// whose name nobody but the proxy could resolve.
class ProxyTest : public HttpClientFixture {
 protected:
  static HttpClientOptions ThroughProxy(const TestServer& proxy, bool tls) {
    HttpClientOptions options = OptionsFor({"exchange.invalid", 8443, tls});
    options.proxy = ProxyOptions{.host = "127.0.0.1", .port = proxy.port(), .credentials = {}};
    return options;
  }
};

TEST_F(ProxyTest, PlainRequestGoesThroughATunnel) {
  std::promise<std::string> head;
  TestServer proxy([&](ServerConnection& connection) {
    head.set_value(connection.ReadRawHead().value_or(""));
    connection.Write("HTTP/1.1 200 Connection established\r\n\r\n");
    const auto request = connection.ReadRequest();
    if (request) connection.Respond(200, std::string((*request)["Host"]));
    connection.WaitForClose();
  });
  MakeClient(ThroughProxy(proxy, false));
  const auto reply = Fetch({});
  ASSERT_TRUE(reply->result->ok()) << reply->result->status();
  EXPECT_EQ((*reply->result)->body, "exchange.invalid:8443");
  EXPECT_EQ(head.get_future().get(),
            "CONNECT exchange.invalid:8443 HTTP/1.1\r\nHost: exchange.invalid:8443\r\n\r\n");
}

TEST_F(ProxyTest, TlsIsSpokenWithTheEndpointThroughTheTunnel) {
  const TestAuthority authority;
  const auto identity = authority.Issue("DNS:exchange.invalid");
  TestServer proxy([&](ServerConnection& connection) {
    connection.ReadRawHead();
    connection.Write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");  // a length without meaning
    if (!connection.StartTls(identity)) return;
    while (connection.ReadRequest()) connection.Respond(200, connection.server_name());
  });
  HttpClientOptions options = ThroughProxy(proxy, true);
  options.tls = *TlsContext::Create({.ca_file = authority.WriteCaFile()});
  MakeClient(std::move(options));
  const auto reply = Fetch({});
  ASSERT_TRUE(reply->result->ok()) << reply->result->status();
  EXPECT_EQ((*reply->result)->body, "exchange.invalid");
}

TEST_F(ProxyTest, CredentialsAreSentToTheProxyOnly) {
  std::promise<std::string> head;
  std::promise<bool> leaked;
  TestServer proxy([&](ServerConnection& connection) {
    head.set_value(connection.ReadRawHead().value_or(""));
    connection.Write("HTTP/1.1 200 OK\r\n\r\n");
    const auto request = connection.ReadRequest();
    leaked.set_value(request && request->count("Proxy-Authorization") > 0);
    connection.Respond(200, "");
    connection.WaitForClose();
  });
  HttpClientOptions options = ThroughProxy(proxy, false);
  // The example of RFC 7617 section 2.
  options.proxy->credentials = ProxyCredentials{"Aladdin", "open sesame"};
  MakeClient(std::move(options));
  EXPECT_TRUE(Fetch({})->result->ok());
  EXPECT_NE(head.get_future().get().find(
                "\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"),
            std::string::npos);
  EXPECT_FALSE(leaked.get_future().get());
}

TEST_F(ProxyTest, RefusalIsUnavailableAndNamesTheStatusNotTheCredentials) {
  TestServer proxy([](ServerConnection& connection) {
    connection.ReadRawHead();
    connection.Respond(407, "who are you", "Proxy-Authenticate: Basic realm=\"x\"\r\n");
    connection.WaitForClose();
  });
  HttpClientOptions options = ThroughProxy(proxy, false);
  options.proxy->credentials = ProxyCredentials{"user", "hunter2"};
  MakeClient(std::move(options));
  const auto reply = Fetch({.method = "POST"});
  EXPECT_EQ(reply->code(), absl::StatusCode::kUnavailable);
  const std::string text = reply->result->status().ToString();
  EXPECT_NE(text.find("407"), std::string::npos) << text;
  EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
}

TEST_F(ProxyTest, ProxyThatClosesIsUnavailable) {
  TestServer proxy([](ServerConnection& connection) { connection.ReadRawHead(); });
  MakeClient(ThroughProxy(proxy, false));
  EXPECT_EQ(Fetch({.method = "POST"})->code(), absl::StatusCode::kUnavailable);
}

TEST_F(ProxyTest, SilentProxyIsUnavailableAfterTheConnectTimeout) {
  TestServer proxy([](ServerConnection& connection) { connection.WaitForClose(); });
  HttpClientOptions options = ThroughProxy(proxy, false);
  options.connect_timeout = net::testing::kShort;
  MakeClient(std::move(options));
  EXPECT_EQ(Fetch({.method = "POST"})->code(), absl::StatusCode::kUnavailable);
}

TEST_F(ProxyTest, DeadProxyIsUnavailable) {
  HttpClientOptions options = OptionsFor({"exchange.invalid", 8443, false});
  options.proxy = ProxyOptions{.host = "127.0.0.1", .port = ClosedPort(), .credentials = {}};
  MakeClient(std::move(options));
  EXPECT_EQ(Fetch({.method = "POST"})->code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace switchyard::net
