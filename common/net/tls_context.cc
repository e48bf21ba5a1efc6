#include "common/net/tls_context.h"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <boost/system/error_code.hpp>
#include <utility>

#include "absl/status/status.h"
#include "common/net/internal/tls_native.h"

namespace switchyard::net {

absl::StatusOr<std::shared_ptr<TlsContext>> TlsContext::Create(const TlsOptions& options) {
  auto native = std::make_unique<Native>();
  boost::system::error_code error;
  native->context.set_default_verify_paths(error);
  if (error) {
    return absl::InternalError(
        fmt::format("load the system's certificate authorities: {}", error.message()));
  }
  if (!options.ca_file.empty()) {
    native->context.load_verify_file(options.ca_file, error);
    if (error) {
      return absl::InvalidArgumentError(fmt::format("load certificate authorities from {}: {}",
                                                    options.ca_file, error.message()));
    }
  }
  native->context.set_verify_mode(boost::asio::ssl::verify_peer, error);
  SSL_CTX* handle = native->context.native_handle();
  SSL_CTX_set_min_proto_version(handle, TLS1_2_VERSION);
  // Reading must never cause writing: see Transport::ReadBuffered.
  SSL_CTX_set_options(handle, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  return std::shared_ptr<TlsContext>(new TlsContext(std::move(native)));
}

TlsContext::TlsContext(std::unique_ptr<Native> native) : native_(std::move(native)) {}
TlsContext::~TlsContext() = default;

}  // namespace switchyard::net
