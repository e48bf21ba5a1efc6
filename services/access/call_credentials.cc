#include "services/access/call_credentials.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/server_context.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

namespace switchyard::access {
namespace {

constexpr char kAuthorization[] = "authorization";
// gRPC's word for a peer without an address.
constexpr char kNoPeer[] = "unknown";

std::string ToText(const grpc::string_ref& text) { return {text.data(), text.size()}; }

std::vector<std::string> Property(const grpc::AuthContext& auth, const char* name) {
  std::vector<std::string> values;
  for (const grpc::string_ref& value : auth.FindPropertyValues(name)) {
    values.push_back(ToText(value));
  }
  return values;
}

std::vector<std::string> Header(const grpc::ServerContextBase& context, const char* name) {
  std::vector<std::string> values;
  const auto [first, last] = context.client_metadata().equal_range(name);
  for (auto entry = first; entry != last; ++entry) values.push_back(ToText(entry->second));
  return values;
}

// Empty unless the certificate was verified.
std::vector<std::string> CertificateNames(const grpc::AuthContext& auth) {
  if (!auth.IsPeerAuthenticated()) return {};
  std::vector<std::string> names = Property(auth, GRPC_PEER_DNS_PROPERTY_NAME);
  for (std::string& uri : Property(auth, GRPC_PEER_URI_PROPERTY_NAME)) {
    names.push_back(std::move(uri));
  }
  return names.empty() ? Property(auth, GRPC_X509_CN_PROPERTY_NAME) : names;
}

}  // namespace

Transport TransportOf(const grpc::ServerContextBase& context) {
  const std::string peer = context.peer();
  if (peer.starts_with("unix:")) return Transport::kUnixSocket;
  const std::shared_ptr<const grpc::AuthContext> auth = context.auth_context();
  if (auth == nullptr) return Transport::kPlaintext;
  const std::vector<std::string> types =
      Property(*auth, GRPC_TRANSPORT_SECURITY_TYPE_PROPERTY_NAME);
  // Every socket has an address and goes through a handshake, also in plaintext, that says so; a
  // channel inside the process has and does neither (seen with gRPC 1.51).
  if (types.empty() && peer == kNoPeer) return Transport::kInProcess;
  const bool is_tls = std::any_of(types.begin(), types.end(), [](const std::string& type) {
    return type == "ssl" || type == "tls";
  });
  return is_tls ? Transport::kTls : Transport::kPlaintext;
}

Credentials CredentialsOf(const grpc::ServerContextBase& context) {
  Credentials credentials;
  credentials.transport = TransportOf(context);
  if (credentials.transport == Transport::kTls) {
    credentials.certificate_names = CertificateNames(*context.auth_context());
  }
  credentials.authorization = Header(context, kAuthorization);
  credentials.forwarded_principal = Header(context, kPrincipalHeader);
  return credentials;
}

std::string AddressOf(const std::string& peer) {
  if (!peer.starts_with("ipv4:") && !peer.starts_with("ipv6:")) return peer;
  return peer.substr(0, peer.rfind(':'));
}

}  // namespace switchyard::access
