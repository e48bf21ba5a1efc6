#include "tests/bench/orders/frame_scanner.h"

#include <cstddef>

namespace switchyard::bench {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";

std::uint64_t BigEndian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

}  // namespace

void FrameScanner::Feed(std::string_view bytes, std::int64_t now_ns) {
  if (phase_ == Phase::kOther) return;
  if (buffer_.empty()) begin_ns_ = now_ns;
  buffer_.append(bytes);
  if (phase_ == Phase::kHead) LeaveHead();
  while (phase_ == Phase::kFrames && TakeFrame()) begin_ns_ = now_ns;
}

void FrameScanner::LeaveHead() {
  const std::size_t end = buffer_.find(kHeadEnd);
  if (end == std::string::npos) return;
  const std::string_view head = std::string_view(buffer_).substr(0, end);
  const bool upgrades = head.find("Upgrade: websocket") != std::string_view::npos ||
                        head.find("upgrade: websocket") != std::string_view::npos;
  phase_ = upgrades ? Phase::kFrames : Phase::kOther;
  buffer_.erase(0, end + kHeadEnd.size());
}

// RFC 6455, section 5.2.
bool FrameScanner::TakeFrame() {
  const std::string_view bytes = buffer_;
  if (bytes.size() < 2) return false;
  const bool masked = (bytes[1] & 0x80) != 0;
  std::uint64_t length = bytes[1] & 0x7F;
  std::size_t at = 2;
  if (length >= 126) {
    const std::size_t width = length == 126 ? 2 : 8;
    if (bytes.size() < at + width) return false;
    length = BigEndian(bytes.substr(at, width));
    at += width;
  }
  const std::size_t mask_at = at;
  if (masked) at += 4;
  if (bytes.size() < at + length) return false;
  std::string payload(bytes.substr(at, length));
  for (std::size_t i = 0; masked && i < payload.size(); ++i) {
    payload[i] = static_cast<char>(payload[i] ^ bytes[mask_at + i % 4]);
  }
  on_frame_(payload, begin_ns_);
  buffer_.erase(0, at + length);
  return true;
}

}  // namespace switchyard::bench
