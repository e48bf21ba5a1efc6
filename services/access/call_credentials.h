#pragma once

#include <string>

#include "services/access/principals.h"

namespace grpc {
class ServerContextBase;
}  // namespace grpc

// What a call's connection and metadata show of its caller. Any thread, while the call lives.
namespace switchyard::access {

Transport TransportOf(const grpc::ServerContextBase& context);
Credentials CredentialsOf(const grpc::ServerContextBase& context);

// The peer without its port: "ipv4:127.0.0.1:4711" -> "ipv4:127.0.0.1".
std::string AddressOf(const std::string& peer);

}  // namespace switchyard::access
