#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/simulator/delivery.h"
#include "services/simulator/transport/socket.h"
#include "switchyard/simulator/v1/simulator_service.pb.h"

namespace switchyard::simulator::gateio {

// A subscribe or unsubscribe of a private channel, as it came.
struct PrivateRequest {
  std::string channel;
  std::string event;
  std::int64_t time_s = 0;
  bool has_auth = false;
  std::string method;
  std::string key;
  std::string sign;
  std::vector<std::string> arguments;
};

// An error of the WebSocket: code and text.
struct SocketError {
  int code;
  std::string message;
};

// The private half of one socket. I/O thread only.
class PrivateSession {
 public:
  virtual ~PrivateSession() = default;
  // Empty: done, and to be acknowledged.
  virtual std::optional<SocketError> OnRequest(const PrivateRequest& request) = 0;
  // A frame of the WebSocket API. `text` is the whole frame, which is valid JSON.
  virtual void OnApi(std::string_view channel, std::string_view text) = 0;
};

// What keeps account of a product's subscriptions.
class SubscriptionKeeper {
 public:
  virtual ~SubscriptionKeeper() = default;
  virtual void Attach(Subscription& subscription) = 0;
  virtual void Detach(Subscription& subscription) = 0;
  virtual Delivery& delivery() = 0;
};

// The private half of a product: its sockets', and what commands ask of its accounts. I/O thread
// only.
class PrivateSide {
 public:
  virtual ~PrivateSide() = default;
  // As simulator::Exchange says of them.
  virtual absl::StatusOr<v1::ListClientOrdersResponse> ClientOrders(
      const v1::ListClientOrdersRequest& request) = 0;
  virtual absl::StatusOr<v1::ListClientFillsResponse> ClientFills(
      const v1::ListClientFillsRequest& request) = 0;
  virtual absl::Status PayFunding(const std::string& symbol) = 0;
  virtual absl::StatusOr<std::uint64_t> StrikeAccounts(const v1::Fault& fault) = 0;

  virtual std::unique_ptr<PrivateSession> Open(transport::Socket& socket,
                                               SubscriptionKeeper& keeper,
                                               const std::string& connection_id,
                                               bool decimal_sizes) = 0;
  // Full names of its channels, those of the WebSocket API too.
  virtual bool HasChannel(std::string_view channel) const = 0;
};

}  // namespace switchyard::simulator::gateio
