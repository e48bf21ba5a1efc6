#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace switchyard::simulator::transport {

// A text frame, serialised once and shared by every socket that it goes to.
using Frame = std::shared_ptr<const std::string>;

// One accepted WebSocket. I/O thread only.
class Socket {
 public:
  virtual ~Socket() = default;
  // Queues a text frame. A client that leaves more than kMaximumQueuedBytes unread is cut off.
  virtual void Send(Frame frame) = 0;
  // Sends a close frame with this code after what is queued; 0 = cuts the TCP connection at once.
  virtual void Close(std::uint16_t code) = 0;
  // Bytes given to Send and not yet to the kernel.
  virtual std::size_t queued_bytes() const = 0;

  static constexpr std::size_t kMaximumQueuedBytes = 64 << 20;
};

// What an exchange does with one WebSocket. Destroyed when the socket is gone; the socket outlives
// it.
class SocketHandler {
 public:
  virtual ~SocketHandler() = default;
  virtual void OnText(std::string_view text) = 0;
};

}  // namespace switchyard::simulator::transport
