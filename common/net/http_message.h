#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard::net {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// A request as it goes on the wire: the target (path and query) and the body
// are sent byte for byte, so that a signature over them stays valid. The client
// adds Host, User-Agent and Content-Length where `headers` has none.
struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";
  HttpHeaders headers = {};
  std::string body = {};
};

// A whole answer; any status is an answer.
struct HttpResponse {
  int status = 0;
  HttpHeaders headers = {};
  std::string body = {};

  // The first header of that name, whatever its case; null where there is none.
  const std::string* FindHeader(std::string_view name) const;
};

}  // namespace switchyard::net
