#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/stream/encoded_event.h"
#include "common/time/time.h"
#include "services/router/backends.h"
#include "switchyard/router/v1/private_events.pb.h"
#include "switchyard/router/v1/router_service.pb.h"

namespace grpc {
class ByteBuffer;
}  // namespace grpc

namespace switchyard::router {

// What distinguishes the channels of private streams.
struct PrivateChannelTraits {
  // "order", "position" or "account".
  const char* component;
  // As capabilities name it: "OrderService/StreamOrderEvents".
  const char* rpc;
  // The method's full path.
  std::string path;
  // A log never skips a row; a state topic may be replaced by a fresh snapshot.
  bool is_log;
};

// UNSPECIFIED is ORDERS. Errors: InvalidArgument, an unknown channel.
absl::StatusOr<const PrivateChannelTraits*> TraitsOf(v1::PrivateChannel channel);

// One message of a service's stream, for the router's own.
struct PrivateMessage {
  bool is_acknowledgement = false;
  // Of the acknowledgement: OK, or why the subscription is refused.
  absl::Status refusal;
  // Of the acknowledgement: 0 = the service sends no heartbeats.
  std::chrono::milliseconds heartbeat_interval{0};
  struct Event {
    stream::EncodedEvent encoded;  // a PrivateEvent
    bool is_snapshot = false;
  };
  std::vector<Event> events;
};

// One subscription of a private stream: translates between the service's messages and the router's,
// and remembers where its log stands. No I/O; guarded by its stream's lock.
class PrivateTopic {
 public:
  PrivateTopic(const v1::PrivateSubscription& subscription, const PrivateChannelTraits& traits)
      : subscription_(subscription), traits_(traits) {}

  const v1::PrivateSubscription& subscription() const { return subscription_; }
  const PrivateChannelTraits& traits() const { return traits_; }

  // The service's request: a log goes on after the last row that was passed on.
  grpc::ByteBuffer MakeRequest(const v1::StreamPrivateEventsRequest& client_request) const;

  // Errors: Internal, not a message of the channel, or an acknowledgement without a result.
  absl::StatusOr<PrivateMessage> Read(const grpc::ByteBuffer& message);

  // State topics: what is told when the backend is lost or refuses.
  stream::EncodedEvent StaleEvent(common::v1::StaleReason reason, TimeNs now) const;
  // Log topics without a known position: rows between the two times may be missing.
  stream::EncodedEvent GapEvent(TimeNs from, TimeNs to) const;
  // A log that can go on without a hole.
  bool can_resume() const { return subscription_.has_resume_from(); }

 private:
  // Its resume_from moves on with the log.
  v1::PrivateSubscription subscription_;
  const PrivateChannelTraits& traits_;
};

}  // namespace switchyard::router
