#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/services/simulator/harness.h"

namespace switchyard::simulator::testing {

// What the test signs with; the simulator's own code is not used.
std::string HmacSha512Hex(const std::string& secret, const std::string& text);
std::string Sha512Hex(const std::string& text);
std::int64_t NowS();

// A client with a key, over REST and sockets.
class Trader {
 public:
  Trader(Harness& harness, std::string key, std::string secret)
      : harness_(harness), key_(std::move(key)), secret_(std::move(secret)) {}

  // `target` is what follows "/api/v4".
  HttpAnswer Call(const std::string& method, const std::string& target, const Json& body = {},
                  std::int64_t time_s = NowS(),
                  std::chrono::milliseconds timeout = std::chrono::seconds(10)) const;
  // The answer's JSON; expects the status.
  Json Ask(const std::string& method, const std::string& target, const Json& body = {},
           unsigned status = 200) const;
  // Label of a refusal.
  std::string Refusal(const std::string& method, const std::string& target, const Json& body = {},
                      unsigned status = 400) const;

  // A subscribe frame, signed.
  std::string Subscribe(const std::string& channel, const std::vector<std::string>& payload,
                        const std::string& event = "subscribe") const;
  // A frame of the WebSocket API; a login signs itself.
  std::string Api(const std::string& channel, const Json& parameters,
                  const std::string& request_id = "r1") const;

  Harness& harness() const { return harness_; }

 private:
  Harness& harness_;
  const std::string key_;
  const std::string secret_;
};

// The next frame of a channel that has a result; others are passed over. Null: none came.
Json NextOf(TestSocket& socket, const std::string& channel);

}  // namespace switchyard::simulator::testing
