#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "common/rpc/client_channel.h"
#include "common/rpc/server.h"
#include "common/rpc/tls_credentials.h"
#include "common/rpc/tls_material.h"
#include "common/rpc/tls_reloader.h"
#include "common/status/status.h"
#include "tests/common/rpc/test_certificates.h"
#include "tests/common/rpc/test_service.h"

namespace switchyard::rpc {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

constexpr char kSection[] = "process.tls";

class TlsTest : public testing::Test {
 protected:
  TlsTest() {
    Write("server", authority_.Sign({.common_name = "server one",
                                     .alternative_names = "DNS:server.local,IP:127.0.0.1"}));
    Write("client",
          authority_.Sign({.common_name = "client one", .alternative_names = "DNS:bot.local"}));
    WriteFile(Path("ca.pem"), authority_.certificate());
  }

  static std::string Path(const std::string& name) {
    return testing::TempDir() + "/" +
           testing::UnitTest::GetInstance()->current_test_info()->name() + "_" + name;
  }
  static void Write(const std::string& name, const TestCertificate& certificate) {
    WriteFile(Path(name + ".pem"), certificate.certificate);
    WriteFile(Path(name + ".key"), certificate.key);
  }

  static config::v1::ServerTlsConfig ServerConfig(bool ask_clients, bool require = false) {
    config::v1::ServerTlsConfig config;
    config.set_certificate_file(Path("server.pem"));
    config.set_private_key_file(Path("server.key"));
    if (ask_clients) config.set_client_ca_file(Path("ca.pem"));
    config.set_require_client_certificate(require);
    config.set_reload_seconds(1);
    return config;
  }
  static config::v1::ClientTlsConfig ClientConfig(const std::string& identity = "") {
    config::v1::ClientTlsConfig config;
    config.set_ca_file(Path("ca.pem"));
    if (!identity.empty()) {
      config.set_certificate_file(Path(identity + ".pem"));
      config.set_private_key_file(Path(identity + ".key"));
    }
    config.set_reload_seconds(1);
    return config;
  }

  void Serve(const config::v1::ServerTlsConfig& config) {
    auto credentials = MakeServerCredentials(config, kSection, metrics_);
    ASSERT_TRUE(credentials.ok()) << credentials.status();
    ServerOptions options;
    // Two addresses: gRPC keeps certificates for each.
    options.listen = {"127.0.0.1:0", "127.0.0.1:0", "unix:" + socket_};
    options.credentials = *credentials;
    auto server = Server::Start(options, {&service_});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  std::string Address(std::size_t index = 0) const {
    return "127.0.0.1:" + std::to_string(server_->ports()[index]);
  }
  std::shared_ptr<grpc::ChannelCredentials> Client(const config::v1::ClientTlsConfig& config) {
    auto credentials = MakeClientCredentials(config, "backend_tls", metrics_);
    EXPECT_TRUE(credentials.ok()) << credentials.status();
    return credentials.ok() ? *credentials : nullptr;
  }
  // What one call over a connection of its own came to, and whom each side saw.
  struct Seen {
    grpc::Status status;
    std::string server_name;
  };
  Seen Call(const std::shared_ptr<grpc::ChannelCredentials>& credentials,
            const std::string& server_name = "", std::size_t address = 0) {
    ChannelOptions options;
    options.credentials = credentials;
    options.server_name = server_name;
    Seen seen;
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + seconds(10));
    const auto stub = status::v1::StatusService::NewStub(MakeChannel(Address(address), options));
    status::v1::GetStatusResponse response;
    seen.status = stub->GetStatus(&context, {}, &response);
    if (const auto auth = context.auth_context()) {
      for (const auto& name : auth->FindPropertyValues("x509_common_name")) {
        seen.server_name = std::string(name.data(), name.size());
      }
    }
    return seen;
  }
  // Until new connections show what is wanted; files are read again every second. Handshakes are
  // what sets the pace.
  Seen CallUntil(const std::shared_ptr<grpc::ChannelCredentials>& credentials,
                 const std::function<bool(const Seen&)>& wanted, std::size_t address = 0) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(20);
    Seen seen = Call(credentials, "", address);
    while (!wanted(seen) && std::chrono::steady_clock::now() < deadline) {
      seen = Call(credentials, "", address);
    }
    return seen;
  }

  const TestAuthority authority_{"authority"};
  // Short: a socket's path has at most 107 bytes.
  const std::string socket_ = "/tmp/tls_test_" + std::to_string(getpid()) + ".sock";
  const TestAuthority stranger_{"stranger"};
  metrics::Metrics metrics_;
  TestService service_;
  std::unique_ptr<Server> server_;
};

TEST_F(TlsTest, ClientsWithoutCertificatePassWhereNoneIsRequired) {
  Serve(ServerConfig(/*ask_clients=*/true));
  const Seen seen = Call(Client(ClientConfig()));
  EXPECT_TRUE(seen.status.ok()) << seen.status.error_message();
  EXPECT_EQ(seen.server_name, "server one");
  EXPECT_TRUE(Call(Client(ClientConfig()), "", 1).status.ok()) << "second address";
}

TEST_F(TlsTest, RequiredCertificatesMustComeFromTheAuthorityAndLast) {
  Serve(ServerConfig(/*ask_clients=*/true, /*require=*/true));
  Write("foreign", stranger_.Sign({.common_name = "client one", .alternative_names = ""}));
  EXPECT_TRUE(Call(Client(ClientConfig("client"))).status.ok());
  EXPECT_EQ(Call(Client(ClientConfig())).status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Call(Client(ClientConfig("foreign"))).status.error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, ForeignCertificatesAreRefusedAlsoWhereNoneIsRequired) {
  Serve(ServerConfig(/*ask_clients=*/true));
  Write("foreign", stranger_.Sign({.common_name = "client one", .alternative_names = ""}));
  EXPECT_EQ(Call(Client(ClientConfig("foreign"))).status.error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, PlaintextClientsAreRefusedButOnUnixSockets) {
  Serve(ServerConfig(/*ask_clients=*/false));
  EXPECT_EQ(Call(nullptr).status.error_code(), grpc::StatusCode::UNAVAILABLE);
  ChannelOptions options;
  options.credentials = Client(ClientConfig());
  EXPECT_TRUE(CallGetStatus(MakeChannel("unix:" + socket_, options)).ok());
}

TEST_F(TlsTest, TheServersNameIsChecked) {
  Serve(ServerConfig(/*ask_clients=*/false));
  const auto credentials = Client(ClientConfig());
  EXPECT_TRUE(Call(credentials, "server.local").status.ok());
  const Seen wrong = Call(credentials, "other.local");
  EXPECT_EQ(wrong.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(wrong.status.error_message(), HasSubstr("Hostname"));
}

TEST_F(TlsTest, ServersOfAnotherAuthorityAreRefused) {
  Serve(ServerConfig(/*ask_clients=*/false));
  WriteFile(Path("ca.pem"), stranger_.certificate());
  EXPECT_EQ(Call(Client(ClientConfig())).status.error_code(), grpc::StatusCode::UNAVAILABLE);
  config::v1::ClientTlsConfig of_system = ClientConfig();
  of_system.clear_ca_file();
  EXPECT_EQ(Call(Client(of_system)).status.error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, NewConnectionsShowTheServersNewCertificateAtEveryAddress) {
  Serve(ServerConfig(/*ask_clients=*/false));
  const auto credentials = Client(ClientConfig());
  const auto kept = MakeChannel(Address(), {.credentials = credentials, .server_name = ""});
  ASSERT_TRUE(CallGetStatus(kept).ok());
  Write("server", authority_.Sign({.common_name = "server two",
                                   .alternative_names = "DNS:server.local,IP:127.0.0.1"}));
  const auto is_new = [](const Seen& seen) { return seen.server_name == "server two"; };
  EXPECT_EQ(CallUntil(credentials, is_new, 0).server_name, "server two");
  EXPECT_EQ(CallUntil(credentials, is_new, 1).server_name, "server two");
  EXPECT_TRUE(CallGetStatus(kept).ok());
  EXPECT_THAT(metrics_.Expose(), HasSubstr("switchyard_tls_reloads_total{outcome=\"changed\","
                                           "section=\"process.tls\"} 1"));
}

TEST_F(TlsTest, TheOldPairStaysWhileFilesDoNotFit) {
  Serve(ServerConfig(/*ask_clients=*/false));
  const auto credentials = Client(ClientConfig());
  const TestCertificate next =
      authority_.Sign({.common_name = "server two", .alternative_names = "IP:127.0.0.1"});
  WriteFile(Path("server.pem"), next.certificate);
  const auto refused = [this](const Seen& /*seen*/) {
    return metrics_.Expose().find("outcome=\"failed\",section=\"process.tls\"} 0") ==
           std::string::npos;
  };
  ASSERT_TRUE(refused(CallUntil(credentials, refused)));
  EXPECT_EQ(Call(credentials).server_name, "server one");
  WriteFile(Path("server.key"), next.key);
  const auto is_new = [](const Seen& seen) { return seen.server_name == "server two"; };
  EXPECT_EQ(CallUntil(credentials, is_new).server_name, "server two");
}

TEST_F(TlsTest, NewConnectionsShowTheClientsNewCertificateAndTrustTheNewAuthority) {
  Serve(ServerConfig(/*ask_clients=*/true, /*require=*/true));
  const auto credentials = Client(ClientConfig("client"));
  ASSERT_TRUE(Call(credentials).status.ok());
  // The client changes to a certificate that the server refuses, which shows that it is used.
  Write("client", stranger_.Sign({.common_name = "client two", .alternative_names = ""}));
  const auto refused = [](const Seen& seen) { return !seen.status.ok(); };
  EXPECT_FALSE(CallUntil(credentials, refused).status.ok());
  Write("client", authority_.Sign({.common_name = "client three", .alternative_names = ""}));
  const auto taken = [](const Seen& seen) { return seen.status.ok(); };
  EXPECT_TRUE(CallUntil(credentials, taken).status.ok());
  WriteFile(Path("ca.pem"), stranger_.certificate());
  EXPECT_FALSE(CallUntil(credentials, refused).status.ok());
}

struct BadFiles {
  std::string name;
  std::string told;
  std::function<void(config::v1::ServerTlsConfig&)> spoil;
};

class BadTlsTest : public TlsTest, public testing::WithParamInterface<BadFiles> {
 protected:
  static std::string Path(const std::string& name) { return testing::TempDir() + "/bad_" + name; }
};

TEST_P(BadTlsTest, IsNamedAtTheStart) {
  const TestCertificate good = authority_.Sign({.common_name = "server", .alternative_names = ""});
  WriteFile(Path("server.pem"), good.certificate);
  WriteFile(Path("server.key"), good.key);
  WriteFile(Path("other.key"), authority_.Sign({.common_name = "o", .alternative_names = ""}).key);
  WriteFile(Path("text"), "no pem");
  WriteFile(Path("ended.pem"),
            authority_.Sign({.common_name = "e", .alternative_names = "", .ends_in_seconds = -60})
                .certificate);
  config::v1::ServerTlsConfig config;
  config.set_certificate_file(Path("server.pem"));
  config.set_private_key_file(Path("server.key"));
  GetParam().spoil(config);
  const absl::Status status = MakeServerCredentials(config, kSection, metrics_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().told));
}

std::string Bad(const std::string& name) { return testing::TempDir() + "/bad_" + name; }

INSTANTIATE_TEST_SUITE_P(
    Files, BadTlsTest,
    testing::Values(BadFiles{"no_certificate", "process.tls.certificate_file",
                             [](auto& config) { config.clear_certificate_file(); }},
                    BadFiles{"no_key", "process.tls.private_key_file",
                             [](auto& config) { config.clear_private_key_file(); }},
                    BadFiles{"missing_file", "cannot be read: No such file",
                             [](auto& config) { config.set_certificate_file(Bad("none")); }},
                    BadFiles{"no_pem", "holds no PEM certificates",
                             [](auto& config) { config.set_certificate_file(Bad("text")); }},
                    BadFiles{"no_pem_key", "holds no PEM private key",
                             [](auto& config) { config.set_private_key_file(Bad("text")); }},
                    BadFiles{"other_key", "is not the key of",
                             [](auto& config) { config.set_private_key_file(Bad("other.key")); }},
                    BadFiles{"ended", "ended at",
                             [](auto& config) { config.set_certificate_file(Bad("ended.pem")); }},
                    BadFiles{"no_authority", "process.tls.client_ca_file",
                             [](auto& config) { config.set_require_client_certificate(true); }},
                    BadFiles{"bad_authority", "process.tls.client_ca_file",
                             [](auto& config) { config.set_client_ca_file(Bad("text")); }},
                    BadFiles{"no_interval", "process.tls.reload_seconds",
                             [](auto& config) { config.set_reload_seconds(0); }}),
    [](const auto& info) { return info.param.name; });

TEST_F(TlsTest, AClientsCertificateNeedsItsKey) {
  config::v1::ClientTlsConfig config = ClientConfig("client");
  config.clear_private_key_file();
  const absl::Status status = MakeClientCredentials(config, "backend_tls", metrics_).status();
  EXPECT_EQ(MetadataOf(status)["field"], "backend_tls.private_key_file");
}

}  // namespace
}  // namespace switchyard::rpc
