#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace switchyard::simulator::gateio {

// Gate.io's three signatures, made anew here: that they are not the client's code is the point.
// Source: gateio.md sections 2, 7 and 11. All are lower-case hex of HMAC-SHA512.

// What a REST request is signed with. `query` is the URL's, not percent-encoded, without '?'.
struct RestText {
  std::string_view method;
  std::string_view path;
  std::string_view query;
  std::string_view body;
  std::string_view timestamp;
};
std::string SignRest(std::string_view secret, const RestText& text);

// A private subscribe or unsubscribe.
std::string SignSubscribe(std::string_view secret, std::string_view channel, std::string_view event,
                          std::int64_t time_s);

// A frame of the WebSocket API; `parameters` is req_param as it came, byte for byte.
std::string SignApi(std::string_view secret, std::string_view channel, std::string_view parameters,
                    std::string_view timestamp);

// Compares in constant time.
bool SignaturesMatch(std::string_view one, std::string_view other);

// The value at a path of object members in a JSON text, byte for byte; empty = there is none. The
// text must be valid JSON.
std::string_view RawMember(std::string_view json, std::string_view outer, std::string_view inner);

}  // namespace switchyard::simulator::gateio
