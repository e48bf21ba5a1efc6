#pragma once

#include <cstddef>
#include <cstdint>

#include "services/simulator/transport/http_message.h"

namespace switchyard::simulator {

// What a proxy in front of an exchange answers when the exchange does not: an HTML page of at least
// so many bytes.
inline transport::HttpResponse HtmlPage(unsigned status, std::int64_t bytes) {
  transport::HttpResponse response;
  response.status = status;
  response.content_type = "text/html";
  response.body = "<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1>";
  const auto wanted = static_cast<std::size_t>(bytes);
  if (response.body.size() + 14 < wanted)
    response.body.append(wanted - response.body.size() - 14, ' ');
  response.body += "</body></html>";
  return response;
}

}  // namespace switchyard::simulator
