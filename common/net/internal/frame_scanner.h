#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace switchyard::net::internal {

// Follows the frame boundaries of a WebSocket byte stream that somebody else
// decodes, to know what the receive buffer holds: how many whole messages, and
// whether one can be had without anything else happening.
// Source: RFC 6455 section 5.2.
class FrameScanner {
 public:
  // The next bytes of the stream, cut anywhere.
  void Scan(std::span<const std::uint8_t> bytes);

  // The decoder has delivered one more message.
  void MarkDelivered() { ++delivered_; }

  // Whether the next message has been scanned to its last byte and no control
  // frame, nor anything that breaks the protocol, stands before that.
  bool IsNextMessageReady() const {
    return delivered_ < complete_ && !is_broken_ &&
           (delivered_ < first_control_ || delivered_ > last_control_);
  }

  // Messages scanned to their last byte and not delivered.
  std::uint64_t pending_messages() const {
    return static_cast<std::uint64_t>(complete_ - delivered_);
  }

 private:
  static constexpr std::size_t kMinHeaderBytes = 2;
  static constexpr std::size_t kMaxHeaderBytes = 14;
  static constexpr std::int64_t kNone = -1;

  void OnHeader();
  void OnFrameEnd();

  std::array<std::uint8_t, kMaxHeaderBytes> header_{};
  std::size_t header_size_ = 0;
  std::size_t header_wanted_ = kMinHeaderBytes;
  std::uint64_t payload_left_ = 0;
  std::int64_t complete_ = 0;
  std::int64_t delivered_ = 0;
  // Control frames, by the number of messages complete before them: the first
  // and the last of those that may be undelivered. Between the two every message
  // counts as not ready, which is safe and rare.
  std::int64_t first_control_ = kNone;
  std::int64_t last_control_ = kNone;
  bool is_broken_ = false;
};

}  // namespace switchyard::net::internal
