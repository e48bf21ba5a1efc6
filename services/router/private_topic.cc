#include "services/router/private_topic.h"

#include <grpcpp/support/byte_buffer.h>

#include <utility>

#include "common/status/status.h"
#include "services/router/silence_watch.h"
#include "services/router/wire_message.h"
#include "switchyard/account/v1/account_service.pb.h"
#include "switchyard/order/v1/order_service.pb.h"
#include "switchyard/position/v1/position_service.pb.h"

namespace switchyard::router {
namespace {

using account::v1::StreamAccountRequest;
using account::v1::StreamAccountResponse;
using order::v1::StreamOrderEventsRequest;
using order::v1::StreamOrderEventsResponse;
using position::v1::StreamPositionsRequest;
using position::v1::StreamPositionsResponse;

void Wrap(order::v1::OrderEvent* event, v1::PrivateEvent* wrapped) {
  wrapped->mutable_order()->Swap(event);
}
void Wrap(position::v1::PositionEvent* event, v1::PrivateEvent* wrapped) {
  wrapped->mutable_position()->Swap(event);
}
void Wrap(account::v1::AccountEvent* event, v1::PrivateEvent* wrapped) {
  wrapped->mutable_account()->Swap(event);
}

bool IsSnapshot(const order::v1::OrderEvent&) { return false; }
template <typename StateEvent>
bool IsSnapshot(const StateEvent& event) {
  return event.kind() == common::v1::STATE_EVENT_KIND_SNAPSHOT;
}

// `on_event` sees each event before it is wrapped.
template <typename Response, typename OnEvent>
absl::StatusOr<PrivateMessage> ReadAs(const grpc::ByteBuffer& bytes, OnEvent on_event) {
  Response response;
  if (!Parse(bytes, &response)) return absl::InternalError("a stream message cannot be parsed");
  PrivateMessage message;
  if (response.has_acknowledgement()) {
    const common::v1::StreamAcknowledgement& acknowledgement = response.acknowledgement();
    if (acknowledgement.results().empty()) {
      return absl::InternalError("an acknowledgement without a result");
    }
    message.is_acknowledgement = true;
    message.refusal = FromProto(acknowledgement.results(0).status());
    message.heartbeat_interval = std::chrono::milliseconds(acknowledgement.heartbeat_interval_ms());
  }
  for (auto& event : *response.mutable_events()) {
    on_event(event);
    const bool is_snapshot = IsSnapshot(event);
    v1::PrivateEvent wrapped;
    Wrap(&event, &wrapped);
    message.events.push_back({stream::EncodedEvent::Encode(wrapped), is_snapshot});
  }
  return message;
}

template <typename Request>
Request RequestFor(const v1::PrivateSubscription& subscription,
                   const v1::StreamPrivateEventsRequest& client_request) {
  Request request;
  request.set_exchange(subscription.exchange());
  request.set_account(subscription.account());
  request.set_heartbeat_interval_ms(
      SilenceWatch::HeartbeatMsToAskFor(client_request.heartbeat_interval_ms()));
  return request;
}

template <typename StateEvent>
stream::EncodedEvent Stale(const v1::PrivateSubscription& subscription,
                           common::v1::StaleReason reason, TimeNs now) {
  StateEvent event;
  event.set_exchange(subscription.exchange());
  event.set_account(subscription.account());
  event.set_kind(common::v1::STATE_EVENT_KIND_STALE);
  event.set_reason(reason);
  event.set_publish_time_ns(now.value);
  v1::PrivateEvent wrapped;
  Wrap(&event, &wrapped);
  return stream::EncodedEvent::Encode(wrapped);
}

}  // namespace

absl::StatusOr<const PrivateChannelTraits*> TraitsOf(v1::PrivateChannel channel) {
  static const auto& orders = *new PrivateChannelTraits{
      "order", "OrderService/StreamOrderEvents",
      "/switchyard.order.v1.OrderService/StreamOrderEvents", /*is_log=*/true};
  static const auto& positions = *new PrivateChannelTraits{
      "position", "PositionService/StreamPositions",
      "/switchyard.position.v1.PositionService/StreamPositions", /*is_log=*/false};
  static const auto& account = *new PrivateChannelTraits{
      "account", "AccountService/StreamAccount",
      "/switchyard.account.v1.AccountService/StreamAccount", /*is_log=*/false};
  switch (channel) {
    case v1::PRIVATE_CHANNEL_UNSPECIFIED:
    case v1::PRIVATE_CHANNEL_ORDERS:
      return &orders;
    case v1::PRIVATE_CHANNEL_POSITIONS:
      return &positions;
    case v1::PRIVATE_CHANNEL_ACCOUNT:
      return &account;
    default:
      return InvalidField("channel", "unknown");
  }
}

grpc::ByteBuffer PrivateTopic::MakeRequest(
    const v1::StreamPrivateEventsRequest& client_request) const {
  if (traits_.is_log) {
    auto request = RequestFor<StreamOrderEventsRequest>(subscription_, client_request);
    request.set_session_id(client_request.session_id());
    if (subscription_.has_resume_from()) {
      *request.mutable_resume_from() = subscription_.resume_from();
    }
    return Serialise(request);
  }
  if (subscription_.channel() == v1::PRIVATE_CHANNEL_POSITIONS) {
    auto request = RequestFor<StreamPositionsRequest>(subscription_, client_request);
    request.set_slow_reader_policy(client_request.slow_reader_policy());
    return Serialise(request);
  }
  auto request = RequestFor<StreamAccountRequest>(subscription_, client_request);
  request.set_slow_reader_policy(client_request.slow_reader_policy());
  return Serialise(request);
}

absl::StatusOr<PrivateMessage> PrivateTopic::Read(const grpc::ByteBuffer& message) {
  if (traits_.is_log) {
    return ReadAs<StreamOrderEventsResponse>(message, [this](const order::v1::OrderEvent& event) {
      subscription_.mutable_resume_from()->set_epoch(event.epoch());
      subscription_.mutable_resume_from()->set_sequence(event.sequence());
    });
  }
  const auto ignore = [](const auto&) {};
  if (subscription_.channel() == v1::PRIVATE_CHANNEL_POSITIONS) {
    return ReadAs<StreamPositionsResponse>(message, ignore);
  }
  return ReadAs<StreamAccountResponse>(message, ignore);
}

stream::EncodedEvent PrivateTopic::StaleEvent(common::v1::StaleReason reason, TimeNs now) const {
  return subscription_.channel() == v1::PRIVATE_CHANNEL_POSITIONS
             ? Stale<position::v1::PositionEvent>(subscription_, reason, now)
             : Stale<account::v1::AccountEvent>(subscription_, reason, now);
}

stream::EncodedEvent PrivateTopic::GapEvent(TimeNs from, TimeNs to) const {
  order::v1::OrderEvent event;
  event.set_exchange(subscription_.exchange());
  event.set_account(subscription_.account());
  event.set_publish_time_ns(to.value);
  event.mutable_gap()->set_reason(common::v1::STALE_REASON_BACKEND_LOST);
  event.mutable_gap()->set_from_time_ns(from.value);
  event.mutable_gap()->set_to_time_ns(to.value);
  v1::PrivateEvent wrapped;
  Wrap(&event, &wrapped);
  return stream::EncodedEvent::Encode(wrapped);
}

}  // namespace switchyard::router
