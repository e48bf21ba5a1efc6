#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard::simulator::transport {

using Header = std::pair<std::string, std::string>;

// A request as it came: path percent-decoded, query split and percent-decoded, in order. The raw
// path and the query as one text are what signatures are made of.
struct HttpRequest {
  std::string method;
  std::string path;
  std::vector<Header> query;
  // What is before the '?', not decoded; what is after it, decoded as a whole.
  std::string raw_path;
  std::string query_text;
  std::vector<Header> headers;
  std::string body;
  std::string remote_address;  // without port

  // Value of a query parameter; empty = absent or empty.
  std::string_view Parameter(std::string_view name) const;
  // Value of a header, whatever its case; empty = absent or empty.
  std::string_view HeaderValue(std::string_view name) const;
};

// `cut`: the connection ends without an answer.
struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::vector<Header> headers;
  std::string body;
  bool cut = false;
};

using Reply = std::function<void(HttpResponse)>;

// Splits and decodes a request target into the request. A '%' that is no escape stays as it is.
void SplitTarget(std::string_view target, HttpRequest& request);

}  // namespace switchyard::simulator::transport
