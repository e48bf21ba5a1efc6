#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>

#include "common/net/http_client.h"
#include "common/net/tls_context.h"
#include "tests/common/net/http_client_fixture.h"
#include "tests/common/net/test_certificates.h"
#include "tests/common/net/test_servers.h"

namespace switchyard::net {
namespace {

using namespace std::chrono_literals;
using net::testing::HttpClientFixture;
using net::testing::ServerConnection;
using net::testing::TestAuthority;
using net::testing::TestServer;
using net::testing::TlsIdentity;

TestServer::Script ServeTls(const TlsIdentity& identity) {
  return [identity](ServerConnection& connection) {
    if (!connection.StartTls(identity)) return;
    while (connection.ReadRequest()) connection.Respond(200, connection.server_name());
  };
}

class TlsTest : public HttpClientFixture {
 protected:
  // Asks a server that shows `identity` and is called `host`.
  void Ask(const TlsIdentity& identity, const std::string& host, const std::string& ca_file) {
    server_ = std::make_unique<TestServer>(ServeTls(identity));
    HttpClientOptions options = OptionsFor(server_->endpoint(true, host));
    auto tls = TlsContext::Create({.ca_file = ca_file});
    ASSERT_TRUE(tls.ok()) << tls.status();
    options.tls = *std::move(tls);
    MakeClient(std::move(options));
    reply_ = Fetch({.method = "POST"});
  }

  void ExpectRefused(const std::string& reason) {
    ASSERT_EQ(reply_->code(), absl::StatusCode::kUnavailable) << reply_->result->status();
    EXPECT_NE(reply_->result->status().ToString().find(reason), std::string::npos)
        << reply_->result->status();
  }

  TestAuthority authority_;
  std::unique_ptr<TestServer> server_;
  std::shared_ptr<net::testing::Reply> reply_;
};

TEST_F(TlsTest, KnownAuthorityAndNameAreAcceptedAndTheNameIsSent) {
  Ask(authority_.Issue("DNS:localhost"), "localhost", authority_.WriteCaFile());
  ASSERT_TRUE(reply_->result->ok()) << reply_->result->status();
  EXPECT_EQ((*reply_->result)->body, "localhost");
  EXPECT_TRUE(Fetch({})->result->ok());
  EXPECT_EQ(server_->accepted(), 1);
}

TEST_F(TlsTest, AddressIsAcceptedWhereTheCertificateNamesIt) {
  Ask(authority_.Issue("IP:127.0.0.1"), "127.0.0.1", authority_.WriteCaFile());
  ASSERT_TRUE(reply_->result->ok()) << reply_->result->status();
  EXPECT_EQ((*reply_->result)->body, "") << "addresses are not sent as server name";
}

TEST_F(TlsTest, WrongHostNameIsRefused) {
  Ask(authority_.Issue("DNS:other.example"), "localhost", authority_.WriteCaFile());
  ExpectRefused("hostname mismatch");
}

TEST_F(TlsTest, WrongAddressIsRefused) {
  Ask(authority_.Issue("IP:127.0.0.2"), "127.0.0.1", authority_.WriteCaFile());
  ExpectRefused("IP address mismatch");
}

TEST_F(TlsTest, UnknownAuthorityIsRefused) {
  Ask(authority_.Issue("DNS:localhost"), "localhost", TestAuthority().WriteCaFile());
  ExpectRefused("certificate");
}

TEST_F(TlsTest, SystemAuthoritiesAloneDoNotAcceptIt) {
  Ask(authority_.Issue("DNS:localhost"), "localhost", "");
  ExpectRefused("certificate");
}

TEST_F(TlsTest, ExpiredCertificateIsRefused) {
  Ask(authority_.Issue("DNS:localhost", -1h), "localhost", authority_.WriteCaFile());
  ExpectRefused("certificate has expired");
}

TEST_F(TlsTest, PlainServerIsRefused) {
  TestServer server([](ServerConnection& connection) { connection.Write("HTTP/1.1 200 OK\r\n"); });
  HttpClientOptions options = OptionsFor(server.endpoint(true, "localhost"));
  options.tls = *TlsContext::Create({});
  MakeClient(std::move(options));
  EXPECT_EQ(Fetch({.method = "POST"})->code(), absl::StatusCode::kUnavailable);
}

TEST_F(TlsTest, CutWithoutCloseNotifyIsNotTakenForTheEndOfABody) {
  const TlsIdentity identity = authority_.Issue("DNS:localhost");
  TestServer server([identity](ServerConnection& connection) {
    if (!connection.StartTls(identity)) return;
    connection.ReadRequest();
    connection.Write("HTTP/1.1 200 OK\r\n\r\nperhaps not all of it");
  });
  HttpClientOptions options = OptionsFor(server.endpoint(true, "localhost"));
  options.tls = *TlsContext::Create({.ca_file = authority_.WriteCaFile()});
  MakeClient(std::move(options));
  EXPECT_EQ(Fetch({.method = "POST"})->code(), absl::StatusCode::kUnknown);
}

TEST(TlsContextTest, MissingCaFileIsInvalidArgument) {
  EXPECT_EQ(TlsContext::Create({.ca_file = "/nowhere/ca.pem"}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(TlsContextTest, CaFileWithoutCertificateIsInvalidArgument) {
  const std::string path = ::testing::TempDir() + "/empty.pem";
  std::ofstream(path) << "nothing\n";
  EXPECT_EQ(TlsContext::Create({.ca_file = path}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace switchyard::net
