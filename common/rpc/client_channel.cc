#include "common/rpc/client_channel.h"

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include "common/rpc/channel_arguments.h"

namespace switchyard::rpc {
namespace {

constexpr int kKeepaliveMs = 10'000;
constexpr int kKeepaliveTimeoutMs = 5'000;
constexpr int kFirstBackoffMs = 100;
constexpr int kLongestBackoffMs = 2'000;
// A `dns:///` name is asked for again when its connection is lost, at most so often. A restarted
// backend may have another address; gRPC's own 30 s would keep it out of reach for as long.
constexpr int kDnsIntervalMs = 1'000;

}  // namespace

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target,
                                           const ChannelOptions& options) {
  grpc::ChannelArguments arguments;
  SetSharedArguments([&](const char* name, int value) { arguments.SetInt(name, value); });
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstBackoffMs);
  // In gRPC this is the least time given to one attempt, not a delay.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kLongestBackoffMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLongestBackoffMs);
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, kDnsIntervalMs);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // Nothing repeats a call behind our back, nor lets a DNS record ask for it.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetMaxReceiveMessageSize(options.max_receive_message_bytes);
  if (!options.server_name.empty()) arguments.SetSslTargetNameOverride(options.server_name);
  const bool plaintext = options.credentials == nullptr || target.starts_with("unix:");
  return grpc::CreateCustomChannel(
      target, plaintext ? grpc::InsecureChannelCredentials() : options.credentials, arguments);
}

}  // namespace switchyard::rpc
