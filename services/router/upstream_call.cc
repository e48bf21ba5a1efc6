#include "services/router/upstream_call.h"

#include <fmt/format.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/server_context.h>

#include <array>
#include <string>
#include <string_view>

#include "common/status/grpc_status.h"
#include "common/status/status.h"

namespace switchyard::router {
namespace {

constexpr std::array<std::string_view, 2> kAllowedMetadata = {"traceparent", "x-request-id"};
constexpr std::size_t kMaxMetadataBytes = 2048;
// Bounds of a trailer, see common/status/grpc_status.h.
constexpr std::size_t kMaxMessageBytes = 512;
constexpr std::size_t kMaxDetailBytes = 2048;

// Codes that say nothing about whether the call took effect.
bool SaysNothingOfOutcome(grpc::StatusCode code) {
  return code == grpc::StatusCode::UNAVAILABLE || code == grpc::StatusCode::CANCELLED ||
         code == grpc::StatusCode::INTERNAL || code == grpc::StatusCode::DEADLINE_EXCEEDED;
}

// The order service's own word that the exchange never got the command.
bool SaysNothingWasSent(const grpc::Status& status) {
  if (status.error_code() != grpc::StatusCode::UNAVAILABLE) return false;
  const ErrorReason reason = ReasonOf(FromGrpcStatus(status));
  return reason == common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE ||
         reason == common::v1::ERROR_REASON_SHUTTING_DOWN;
}

grpc::Status OutcomeUnknown(const grpc::Status& upstream, const ForwardedMethod& method,
                            const Backend& backend) {
  return ToGrpcStatus(MakeError(
      absl::StatusCode::kUnknown, common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN,
      fmt::format("{} was sent to the {} backend of {} and not answered ({}): it may have taken "
                  "effect; do not retry, ask for its state",
                  method.short_name, backend.component(), backend.exchange(),
                  upstream.error_message()),
      {{"exchange", backend.exchange()}}));
}

}  // namespace

ForwardedMetadata AllowedMetadata(const grpc::CallbackServerContext& client,
                                  const access::Gate& gate) {
  ForwardedMetadata allowed;
  if (const access::Caller caller = gate.CallerOf(client); !caller.name().empty()) {
    allowed.emplace_back(access::kPrincipalHeader, caller.name());
  }
  std::size_t bytes = 0;
  for (const std::string_view name : kAllowedMetadata) {
    const auto entry = client.client_metadata().find(grpc::string_ref(name.data(), name.size()));
    if (entry == client.client_metadata().end()) continue;
    bytes += name.size() + entry->second.size();
    if (bytes > kMaxMetadataBytes) break;
    allowed.emplace_back(name, std::string(entry->second.data(), entry->second.size()));
  }
  return allowed;
}

void CopyDeadline(const grpc::CallbackServerContext& from, std::chrono::milliseconds fallback,
                  grpc::ClientContext& to) {
  const auto given = from.deadline();
  to.set_deadline(given == std::chrono::system_clock::time_point::max()
                      ? std::chrono::system_clock::now() + fallback
                      : given);
}

bool MayHaveReachedBackend(const grpc::ClientContext& context, const grpc::Status& status) {
  if (status.ok()) return true;
  // What gRPC itself ends, by deadline or cancellation, has its peer taken away, sent or not (seen
  // with gRPC 1.51).
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
      status.error_code() == grpc::StatusCode::CANCELLED) {
    return true;
  }
  // A call takes its peer from the transport in the step before the transport sees its first byte.
  // Until then the peer is the channel's target, which BackendConnection spells differently:
  // `dns:///host:port` or `unix:///path` against `ipv4:address:port` or `unix:/path`. Where an
  // operator configures a target that looks like a peer, the answer is the careful one.
  const std::string peer = context.peer();
  const auto begins = [&peer](std::string_view prefix) { return peer.starts_with(prefix); };
  return begins("ipv4:") || begins("ipv6:") || (begins("unix:") && !begins("unix:///"));
}

bool IsFinalRefusal(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::NOT_FOUND:
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::UNIMPLEMENTED:
      return true;
    default:
      return false;
  }
}

grpc::Status ClientStatus(const grpc::Status& upstream, const ForwardedMethod& method,
                          const Backend& backend, bool may_have_reached) {
  if (upstream.ok()) return upstream;
  if (!may_have_reached && SaysNothingOfOutcome(upstream.error_code())) {
    return ToGrpcStatus(BackendUnavailable(backend, upstream.error_message()));
  }
  if (method.has_effects && SaysNothingOfOutcome(upstream.error_code()) &&
      !SaysNothingWasSent(upstream)) {
    return OutcomeUnknown(upstream, method, backend);
  }
  if (upstream.error_code() == grpc::StatusCode::UNAVAILABLE && upstream.error_details().empty()) {
    // Made by the transport: a service always says why.
    return ToGrpcStatus(BackendUnavailable(backend, upstream.error_message()));
  }
  if (upstream.error_message().size() <= kMaxMessageBytes &&
      upstream.error_details().size() <= kMaxDetailBytes) {
    return upstream;
  }
  return ToGrpcStatus(FromGrpcStatus(upstream));
}

}  // namespace switchyard::router
