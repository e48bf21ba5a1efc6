#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/net/http_message.h"
#include "common/retry/rate_limiter.h"
#include "common/time/time.h"

namespace switchyard::exchanges::gateio {

// A request before it is put on the wire: the query is kept unencoded, because that is what gets
// signed.
struct RestRequest {
  std::string_view method = "GET";
  std::string path;  // below kApiPath
  std::vector<std::pair<std::string_view, std::string>> query;
  std::string body;
  // The limit that it counts against, by name.
  std::string_view limit;
  // kUrgent: the recovery of a book, which has a share of its limit of its own.
  retry::Priority priority = retry::Priority::kNormal;
};

// GET `path`, counted against the limit of that name, which is a constant.
inline RestRequest GetRequest(std::string_view path) {
  RestRequest request;
  request.path = path;
  request.limit = path;
  return request;
}

// "a=1&b=2" as it is signed, and percent-encoded as it stands in the URL.
std::string PlainQuery(const RestRequest& request);
std::string EncodedQuery(const RestRequest& request);

// With the headers that every request carries (JSON, decimal sizes); not signed.
net::HttpRequest ToHttpRequest(const RestRequest& request);

// Defines the limits of all public endpoints, each `share_percent` of Gate.io's 200 in 10 s per
// endpoint and address; names are the endpoints' paths. Those of order books are shared out: half
// is for the recovery of books, a tenth for everybody else. Source: API v4, "Rate limits".
absl::Status DefinePublicLimits(retry::RateLimiter& limiter, int share_percent);

// What an answer's X-Gate-RateLimit-* headers say. `now` is the wall clock, `steady` the steady one
// at the same moment.
retry::Reported ReportedLimit(const net::HttpResponse& response, TimeNs now,
                              std::chrono::nanoseconds steady);

}  // namespace switchyard::exchanges::gateio
