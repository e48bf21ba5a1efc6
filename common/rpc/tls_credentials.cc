#include "common/rpc/tls_credentials.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "common/rpc/tls_reloader.h"
#include "common/status/status.h"

namespace switchyard::rpc {
namespace {

constexpr std::uint32_t kDefaultReloadSeconds = 30;
constexpr std::uint32_t kMaxReloadSeconds = 86'400;
// How soon gRPC sees what the reloader has put into its files in memory.
constexpr unsigned kWatchSeconds = 1;

template <typename Config>
absl::StatusOr<std::chrono::seconds> ReloadInterval(const Config& config,
                                                    const std::string& section) {
  const std::uint32_t wanted =
      config.has_reload_seconds() ? config.reload_seconds() : kDefaultReloadSeconds;
  if (wanted == 0 || wanted > kMaxReloadSeconds) {
    return InvalidField(section + ".reload_seconds",
                        fmt::format("{} is not within 1..{}", wanted, kMaxReloadSeconds));
  }
  return std::chrono::seconds(wanted);
}

// gRPC asks for the newest files at each handshake. 1.51's own watcher of files would do so too,
// but would also take files that do not fit each other.
class ServerTls final : public grpc::ServerCredentials {
 public:
  explicit ServerTls(grpc_ssl_client_certificate_request_type clients) : clients_(clients) {}
  ~ServerTls() override {
    reloader_.reset();
    for (const auto& port : ports_) grpc_server_credentials_release(port->credentials);
  }

  absl::Status Start(TlsFiles files, std::chrono::milliseconds interval,
                     metrics::Metrics& metrics) {
    SWITCHYARD_ASSIGN_OR_RETURN(
        reloader_, TlsReloader::Start(std::move(files), interval, metrics,
                                      [this](const TlsMaterial& material) { Offer(material); }));
    return absl::OkStatus();
  }

  // Calls are judged by services/access, with details that a processor could not give.
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  // One address of the server. gRPC keeps what each has been given.
  struct Port {
    ServerTls& tls;
    std::uint64_t taken = 0;
    grpc_server_credentials* credentials = nullptr;
  };

  int AddPortToServer(const std::string& address, grpc_server* server) override {
    Port& port = *ports_.emplace_back(std::make_unique<Port>(Port{*this}));
    port.credentials = grpc_ssl_server_credentials_create_with_options(
        grpc_ssl_server_credentials_create_options_using_config_fetcher(clients_, &Fetch, &port));
    return grpc_server_add_http2_port(server, address.c_str(), port.credentials);
  }

  void Offer(const TlsMaterial& material) {
    const std::lock_guard lock(mutex_);
    ++version_;
    chain_ = material.certificate_chain;
    authorities_ = material.authorities;
    key_ = material.private_key.Copy();
  }

  // On gRPC's threads.
  static grpc_ssl_certificate_config_reload_status Fetch(
      void* asking, grpc_ssl_server_certificate_config** config) {
    auto& port = *static_cast<Port*>(asking);
    ServerTls& tls = port.tls;
    const std::lock_guard lock(tls.mutex_);
    if (port.taken == tls.version_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    port.taken = tls.version_;
    // Zero-terminated, for C; wiped once gRPC has its own copy.
    std::string key(tls.key_.Reveal());
    const grpc_ssl_pem_key_cert_pair pair = {key.c_str(), tls.chain_.c_str()};
    // gRPC 1.51 insists on authorities also where it asks no client for a certificate.
    const std::string& authorities = tls.authorities_.empty() ? tls.chain_ : tls.authorities_;
    *config = grpc_ssl_server_certificate_config_create(authorities.c_str(), &pair, 1);
    config::WipeString(key);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  const grpc_ssl_client_certificate_request_type clients_;
  std::vector<std::unique_ptr<Port>> ports_;  // grows before the server starts

  std::mutex mutex_;  // guards what follows
  std::uint64_t version_ = 0;
  std::string chain_;
  std::string authorities_;
  config::Secret key_;

  std::unique_ptr<TlsReloader> reloader_;
};

// A file without a name that keeps its path while its content is replaced as a whole. gRPC 1.51 has
// no other way to give a channel new certificates; this one never reaches a disk.
class MemoryFile {
 public:
  MemoryFile() : descriptor_(memfd_create("switchyard_tls", MFD_CLOEXEC)) {}
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  std::string path() const { return fmt::format("/proc/self/fd/{}", descriptor_); }

  // Who opened it before reads the old content to its end.
  bool Replace(std::string_view content) {
    const int fresh = memfd_create("switchyard_tls", MFD_CLOEXEC);
    if (fresh < 0 || descriptor_ < 0) return false;
    bool written = true;
    while (written && !content.empty()) {
      const ssize_t count = write(fresh, content.data(), content.size());
      written = count > 0;
      if (written) content.remove_prefix(static_cast<std::size_t>(count));
    }
    written = written && dup3(fresh, descriptor_, O_CLOEXEC) >= 0;
    close(fresh);
    return written;
  }

 private:
  const int descriptor_;
};

// The credentials and what keeps their files new.
struct ClientTls {
  MemoryFile identity;  // chain and key together, so that they always fit
  MemoryFile authorities;
  bool written = true;  // of the first content
  std::shared_ptr<grpc::ChannelCredentials> credentials;
  std::unique_ptr<TlsReloader> reloader;

  void Offer(const TlsMaterial& material) {
    std::string both =
        material.certificate_chain + "\n" + std::string(material.private_key.Reveal());
    written = identity.Replace(both) && authorities.Replace(material.authorities);
    config::WipeString(both);
  }
};

std::shared_ptr<grpc::ChannelCredentials> Watch(const ClientTls& tls, const TlsFiles& files) {
  const std::string identity = files.certificate_file.empty() ? "" : tls.identity.path();
  const std::string authorities = files.authority_file.empty() ? "" : tls.authorities.path();
  grpc::experimental::TlsChannelCredentialsOptions options;
  if (!identity.empty() || !authorities.empty()) {
    options.set_certificate_provider(
        std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
            identity, identity, authorities, kWatchSeconds));
  }
  if (!identity.empty()) options.watch_identity_key_cert_pairs();
  if (!authorities.empty()) options.watch_root_certs();
  options.set_certificate_verifier(
      std::make_shared<grpc::experimental::HostNameCertificateVerifier>());
  return grpc::experimental::TlsCredentials(options);
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const config::v1::ServerTlsConfig& config, const std::string& section,
    metrics::Metrics& metrics) {
  SWITCHYARD_ASSIGN_OR_RETURN(const auto interval, ReloadInterval(config, section));
  if (config.certificate_file().empty()) {
    return InvalidField(section + ".certificate_file", "required");
  }
  if (config.private_key_file().empty()) {
    return InvalidField(section + ".private_key_file", "required");
  }
  if (config.require_client_certificate() && config.client_ca_file().empty()) {
    return InvalidField(section + ".client_ca_file", "required with require_client_certificate");
  }
  auto clients = GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
  if (config.require_client_certificate()) {
    clients = GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  } else if (!config.client_ca_file().empty()) {
    // Who has none may come with a token; one by another authority is refused.
    clients = GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  const auto tls = std::make_shared<ServerTls>(clients);
  const absl::Status started = tls->Start({.certificate_file = config.certificate_file(),
                                           .private_key_file = config.private_key_file(),
                                           .authority_file = config.client_ca_file(),
                                           .section = section,
                                           .authority_field = "client_ca_file"},
                                          interval, metrics);
  if (!started.ok()) return started;
  return tls;
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeClientCredentials(
    const config::v1::ClientTlsConfig& config, const std::string& section,
    metrics::Metrics& metrics) {
  SWITCHYARD_ASSIGN_OR_RETURN(const auto interval, ReloadInterval(config, section));
  if (config.certificate_file().empty() != config.private_key_file().empty()) {
    const bool lacks_key = config.private_key_file().empty();
    return InvalidField(
        section + (lacks_key ? ".private_key_file" : ".certificate_file"),
        fmt::format("required with {}", lacks_key ? "certificate_file" : "private_key_file"));
  }
  const TlsFiles files = {.certificate_file = config.certificate_file(),
                          .private_key_file = config.private_key_file(),
                          .authority_file = config.ca_file(),
                          .section = section,
                          .authority_field = "ca_file"};
  const auto tls = std::make_shared<ClientTls>();
  SWITCHYARD_ASSIGN_OR_RETURN(
      tls->reloader,
      TlsReloader::Start(files, interval, metrics,
                         [tls = tls.get()](const TlsMaterial& material) { tls->Offer(material); }));
  if (!tls->written) return absl::InternalError("cannot hold TLS files in memory");
  tls->credentials = Watch(*tls, files);
  return std::shared_ptr<grpc::ChannelCredentials>(tls, tls->credentials.get());
}

}  // namespace switchyard::rpc
