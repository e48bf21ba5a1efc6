#include "exchanges/lighter/rest/rest_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace switchyard::exchanges::lighter {
namespace {

// RFC 3986, "unreserved".
bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string Encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (IsUnreserved(c)) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace

RestRequest GetRequest(std::string_view path,
                       std::vector<std::pair<std::string_view, std::string>> query) {
  RestRequest request;
  request.path = path;
  request.query = std::move(query);
  return request;
}

std::string EncodeForm(const std::vector<std::pair<std::string_view, std::string>>& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out += '&';
    out += name;
    out += '=';
    out += Encode(value);
  }
  return out;
}

net::HttpRequest ToHttpRequest(const RestRequest& request) {
  net::HttpRequest http;
  http.method = request.method;
  http.target = request.path;
  if (!request.query.empty()) http.target += '?' + EncodeForm(request.query);
  http.headers = {{"Accept", "application/json"}};
  return http;
}

std::int64_t RestPermits(int requests_per_minute, int share_percent) {
  return std::max<std::int64_t>(1, std::int64_t{requests_per_minute} * share_percent / 100);
}

absl::Status DefineRestLimit(retry::RateLimiter& limiter, int requests_per_minute,
                             int share_percent) {
  retry::Limit limit;
  limit.permits = RestPermits(requests_per_minute, share_percent);
  limit.window = std::chrono::minutes(1);
  limit.reserve = limit.permits / 4;
  limit.normal_reserve = limit.permits / 4;
  return limiter.Define(kRestLimit, limit);
}

}  // namespace switchyard::exchanges::lighter
