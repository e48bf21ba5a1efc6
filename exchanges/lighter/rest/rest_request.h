#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/net/http_message.h"
#include "common/retry/rate_limiter.h"

namespace switchyard::exchanges::lighter {

// The one limit of all requests of an address: a standard account's requests are not weighted.
// Source: lighter.md, section 1.4.
inline constexpr std::string_view kRestLimit = "rest";

// A request before it is put on the wire.
struct RestRequest {
  std::string_view method = "GET";
  std::string path;  // from the host on
  std::vector<std::pair<std::string_view, std::string>> query;
  // kUrgent: checks of silent streams, which have a share of the limit of their own.
  retry::Priority priority = retry::Priority::kNormal;
};

RestRequest GetRequest(std::string_view path,
                       std::vector<std::pair<std::string_view, std::string>> query = {});

net::HttpRequest ToHttpRequest(const RestRequest& request);

// "a=1&b=2", percent-encoded: a query, or the body of a form.
std::string EncodeForm(const std::vector<std::pair<std::string_view, std::string>>& fields);

// Requests a minute: `share_percent` of `requests_per_minute`; at least 1.
std::int64_t RestPermits(int requests_per_minute, int share_percent);
// Defines kRestLimit: RestPermits, of which neither readers nor checks of silent streams can take
// more than three quarters from the others.
absl::Status DefineRestLimit(retry::RateLimiter& limiter, int requests_per_minute,
                             int share_percent);

}  // namespace switchyard::exchanges::lighter
