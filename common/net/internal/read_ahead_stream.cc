#include "common/net/internal/read_ahead_stream.h"

#include <chrono>
#include <span>
#include <string_view>

namespace switchyard::net::internal {
namespace {

constexpr std::string_view kHeaderEnd = "\r\n\r\n";

std::int64_t WallClockNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

void ReadAheadStream::OnFilled(std::size_t size) {
  size += transport_->ReadBuffered(storage_.data() + size, kCapacity - size);
  last_read_time_ns_ = WallClockNs();
  bytes_received_ += size;
  begin_ = 0;
  end_ = size;
  barrier_ = end_;
  std::size_t frames_begin = 0;
  if (is_in_handshake_) {
    frames_begin = FindHeaderEnd();
    barrier_ = frames_begin;
  }
  scanner_.Scan(std::span(storage_).subspan(frames_begin, end_ - frames_begin));
}

std::size_t ReadAheadStream::FindHeaderEnd() {
  for (std::size_t i = 0; i < end_; ++i) {
    const char c = static_cast<char>(storage_[i]);
    if (c == kHeaderEnd[matched_of_header_end_]) {
      ++matched_of_header_end_;
    } else {
      matched_of_header_end_ = c == kHeaderEnd.front() ? 1 : 0;
    }
    if (matched_of_header_end_ == kHeaderEnd.size()) {
      is_in_handshake_ = false;
      return i + 1;
    }
  }
  return end_;
}

}  // namespace switchyard::net::internal
