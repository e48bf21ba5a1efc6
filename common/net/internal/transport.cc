#include "common/net/internal/transport.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <boost/asio/ip/address.hpp>
#include <limits>

#include "common/net/internal/tls_native.h"

namespace switchyard::net::internal {

absl::Status Transport::EnableTls(std::shared_ptr<TlsContext> context, const std::string& host) {
  tls_context_ = std::move(context);
  tls_.emplace(socket_, tls_context_->native().context);
  SSL* ssl = tls_->native_handle();
  ErrorCode not_an_address;
  asio::ip::make_address(host, not_an_address);
  bool done = false;
  if (not_an_address) {
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    done =
        SSL_set1_host(ssl, host.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
  } else {
    // Addresses may not stand in the server name (RFC 6066 section 3).
    done = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  }
  if (!done) {
    return absl::InvalidArgumentError(fmt::format("use {} as TLS server name: refused", host));
  }
  return absl::OkStatus();
}

std::string Transport::DescribeTlsFailure(const ErrorCode& error) {
  const long verdict = SSL_get_verify_result(tls_->native_handle());
  if (verdict == X509_V_OK) return error.message();
  return fmt::format("{}: {}", error.message(), X509_verify_cert_error_string(verdict));
}

std::size_t Transport::ReadBuffered(void* data, std::size_t size) {
  if (!tls_) return 0;
  std::size_t total = 0;
  auto* bytes = static_cast<unsigned char*>(data);
  // The stream feeds OpenSSL through a memory BIO, so that SSL_read only sees
  // what has arrived. An error is left to the stream's next read, to which
  // OpenSSL reports it again.
  while (total < size) {
    ERR_clear_error();
    std::size_t count = 0;
    if (SSL_read_ex(tls_->native_handle(), bytes + total, size - total, &count) != 1) break;
    total += count;
  }
  ERR_clear_error();
  return total;
}

bool Transport::IsStale() {
  if (!socket().is_open()) return true;
  char byte = 0;
  const auto count = ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

void Transport::ShutdownSend() {
  ErrorCode ignored;
  socket().shutdown(TcpSocket::shutdown_send, ignored);
}

void Transport::Close() {
  ErrorCode ignored;
  socket().close(ignored);
}

}  // namespace switchyard::net::internal
