#include "common/net/internal/frame_scanner.h"

#include <algorithm>

namespace switchyard::net::internal {
namespace {

constexpr std::uint8_t kFinBit = 0x80;
constexpr std::uint8_t kReservedBits = 0x30;  // RSV1 is permessage-deflate's
constexpr std::uint8_t kControlBit = 0x08;
constexpr std::uint8_t kOpcodeBits = 0x0f;
constexpr std::uint8_t kMaskBit = 0x80;
constexpr std::uint8_t kLengthBits = 0x7f;
constexpr std::uint8_t kLength16 = 126;
constexpr std::uint8_t kLength64 = 127;

// Continuation, text, binary; close, ping, pong.
constexpr bool IsKnownOpcode(std::uint8_t opcode) {
  return opcode <= 0x2 || (opcode >= 0x8 && opcode <= 0xa);
}

std::size_t HeaderBytes(std::uint8_t second_byte) {
  const std::uint8_t length = second_byte & kLengthBits;
  const std::size_t length_bytes = length == kLength16 ? 2 : length == kLength64 ? 8 : 0;
  const std::size_t mask_bytes = (second_byte & kMaskBit) != 0 ? 4 : 0;
  return 2 + length_bytes + mask_bytes;
}

}  // namespace

void FrameScanner::Scan(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    if (payload_left_ > 0) {
      const std::size_t skipped =
          static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, bytes.size()));
      payload_left_ -= skipped;
      bytes = bytes.subspan(skipped);
      if (payload_left_ == 0) OnFrameEnd();
      continue;
    }
    header_[header_size_++] = bytes.front();
    bytes = bytes.subspan(1);
    if (header_size_ == kMinHeaderBytes) header_wanted_ = HeaderBytes(header_[1]);
    if (header_size_ < header_wanted_) continue;
    OnHeader();
    if (payload_left_ == 0) OnFrameEnd();
  }
}

void FrameScanner::OnHeader() {
  const std::uint8_t length = header_[1] & kLengthBits;
  payload_left_ = length;
  if (length == kLength16 || length == kLength64) {
    payload_left_ = 0;
    const std::size_t length_bytes = length == kLength16 ? 2 : 8;
    for (std::size_t i = 0; i < length_bytes; ++i) {
      payload_left_ = payload_left_ << 8 | header_[2 + i];
    }
  }
  // A server never masks (RFC 6455 section 5.1).
  if (!IsKnownOpcode(header_[0] & kOpcodeBits) || (header_[0] & kReservedBits) != 0 ||
      (header_[1] & kMaskBit) != 0) {
    is_broken_ = true;
  }
  if ((header_[0] & kControlBit) != 0) {
    if (delivered_ > last_control_) first_control_ = complete_;
    last_control_ = complete_;
  }
}

void FrameScanner::OnFrameEnd() {
  const bool is_last_of_message = (header_[0] & kControlBit) == 0 && (header_[0] & kFinBit) != 0;
  if (is_last_of_message) ++complete_;
  header_size_ = 0;
  header_wanted_ = kMinHeaderBytes;
}

}  // namespace switchyard::net::internal
