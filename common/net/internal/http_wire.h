#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/net/endpoint.h"
#include "common/net/http_message.h"

namespace switchyard::net::internal {

// Checks that no header can smuggle in another line.
// Errors: InvalidArgument, with the header's name.
absl::Status ValidateHeaders(const HttpHeaders& headers);

// Errors: InvalidArgument, a target that would break the request line.
absl::Status ValidateTarget(std::string_view target);

bool HasHeader(const HttpHeaders& headers, std::string_view name);

// The request as it goes on the wire, with Host, User-Agent and Content-Length
// added where missing. The target and the body are not touched.
// Errors: InvalidArgument, naming the part that cannot be sent.
// Source: RFC 9112 sections 3 and 6.
absl::StatusOr<std::string> SerializeRequest(const HttpRequest& request, const Endpoint& endpoint,
                                             std::string_view user_agent);

}  // namespace switchyard::net::internal
