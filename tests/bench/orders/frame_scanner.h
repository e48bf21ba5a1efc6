#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace switchyard::bench {

// Finds the WebSocket frames in one direction of a connection: first the head of HTTP, then frames,
// masked or not. A connection that does not become a WebSocket is not looked at. One thread.
class FrameScanner {
 public:
  // `begin_ns`: when the frame's first byte came.
  using OnFrame = std::function<void(std::string_view payload, std::int64_t begin_ns)>;

  explicit FrameScanner(OnFrame on_frame) : on_frame_(std::move(on_frame)) {}

  void Feed(std::string_view bytes, std::int64_t now_ns);

 private:
  enum class Phase : std::uint8_t { kHead, kFrames, kOther };

  void LeaveHead();
  // False: the frame is not complete yet.
  bool TakeFrame();

  const OnFrame on_frame_;
  Phase phase_ = Phase::kHead;
  std::string buffer_;         // what is not taken yet
  std::int64_t begin_ns_ = 0;  // when its first byte came
};

}  // namespace switchyard::bench
