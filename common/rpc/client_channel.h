#pragma once

#include <memory>
#include <string>

namespace grpc {
class Channel;
class ChannelCredentials;
}  // namespace grpc

namespace switchyard::rpc {

struct ChannelOptions {
  // For every target but `unix:`, which is plaintext. Null = plaintext.
  std::shared_ptr<grpc::ChannelCredentials> credentials;
  // Name that the server's certificate must have. Empty = the target's host.
  std::string server_name;
  int max_receive_message_bytes = 4 << 20;
};

// A channel with the same arguments as the servers: no bandwidth probing, 64 KiB of read-ahead,
// metadata up to 32 KiB, keepalive pings every 10 s also without calls, reconnects between 100 ms
// and 2 s. `target` is host:port, unix:/path or dns:///name:port. Connects lazily; each call makes
// connections of its own. Never null. Any thread.
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target,
                                           const ChannelOptions& options = {});

}  // namespace switchyard::rpc
