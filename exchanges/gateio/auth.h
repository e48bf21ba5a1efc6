#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/crypto/hmac.h"
#include "common/net/http_message.h"
#include "common/time/time.h"
#include "exchanges/gateio/channels.h"

// How Gate.io's requests are signed: HMAC-SHA512 over a text, in lower-case hex. Seconds of Unix
// time, which have to be within 60 s of the exchange's clock.
namespace switchyard::exchanges::gateio {

// What is signed. `path` begins with /api/v4; `query` is as on the URL but not percent-encoded,
// without '?'; `body` is what is sent, byte for byte.
// Source: API v4, "Authentication".
std::string RestSigningText(std::string_view method, std::string_view path, std::string_view query,
                            std::string_view body, std::int64_t seconds);
// Of a private subscribe or unsubscribe; `seconds` is the frame's own `time`.
// Source: Spot WebSocket v4, "Authentication".
std::string ChannelSigningText(std::string_view channel, std::string_view event,
                               std::int64_t seconds);
// Of a request of the WebSocket API; `req_param` is that field's JSON as sent, empty for a login.
// Source: Spot WebSocket v4, "WebSocket API, login".
std::string ApiSigningText(std::string_view channel, std::string_view req_param,
                           std::int64_t seconds);

// One API key. Pure apart from its arguments; any thread. The secret is wiped with it and is never
// shown.
class Auth {
 public:
  Auth(std::string_view api_key, std::string_view secret) : api_key_(api_key), key_(secret) {}

  // Puts KEY, Timestamp and SIGN on a request, in place of earlier ones. `now` is the exchange's
  // clock. Errors: InvalidArgument (a query that is not percent-encoding).
  absl::Status Sign(TimeNs now, net::HttpRequest& request) const;

  // The signature of one text.
  std::string Signature(std::string_view text) const;

  // The `auth` object of a private subscribe or unsubscribe frame with `time` = `now` in seconds.
  std::string ChannelAuth(std::string_view channel, std::string_view event, TimeNs now) const;
  // The frame that logs a connection in to the WebSocket API.
  std::string LoginFrame(Product product, std::string_view request_id, TimeNs now) const;

 private:
  std::string api_key_;
  crypto::HmacSha512Key key_;
};

}  // namespace switchyard::exchanges::gateio
