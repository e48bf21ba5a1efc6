#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "services/simulator/clock.h"
#include "services/simulator/exchanges/gateio/trading/api.h"
#include "services/simulator/exchanges/gateio/trading/credentials.h"
#include "services/simulator/transport/http_message.h"

namespace switchyard::simulator::gateio {

// Verifies who asks. Each function returns the key, or null with `error` set. Source: gateio.md
// sections 2, 7 and 11.
class Authenticator {
 public:
  // How far a client's time may be from the exchange's.
  static constexpr std::int64_t kMaximumDifferenceS = 60;

  // `clock` must outlive it.
  explicit Authenticator(const ExchangeClock& clock) : clock_(clock) {}

  const ApiKey* Rest(const transport::HttpRequest& request, ApiResult& error) const;
  // A frame of the WebSocket API with `parameters` as they came; a login may have signed none.
  struct ApiFrame {
    std::string_view channel;
    std::string_view key;
    std::string_view signature;
    std::string_view timestamp;
    std::string_view parameters;
    bool login = false;
  };
  const ApiKey* Api(const ApiFrame& frame, ApiResult& error) const;
  // A private subscribe; its time has been checked.
  struct SubscribeFrame {
    std::string_view channel;
    std::string_view event;
    std::int64_t time_s = 0;
    std::string_view method;
    std::string_view key;
    std::string_view signature;
  };
  const ApiKey* Subscribe(const SubscribeFrame& frame, ApiResult& error) const;

  // Refuses what a key may not do.
  static ApiResult CheckAccess(const ApiKey& key, Group group, bool writes);

 private:
  bool IsNow(std::string_view timestamp) const;

  const ExchangeClock& clock_;
};

}  // namespace switchyard::simulator::gateio
