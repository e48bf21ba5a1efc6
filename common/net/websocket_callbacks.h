#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "common/net/http_message.h"

namespace switchyard::net {

// Readable bytes behind every message, as simdjson wants them.
inline constexpr std::size_t kMessagePadding = 64;
// Bounds of one batch.
inline constexpr int kMaxBatchMessages = 64;
inline constexpr std::chrono::microseconds kMaxBatchTime{200};
// Close code of a connection that ended without a close frame.
inline constexpr int kAbnormalClosure = 1006;

// How a WebSocketClient tells its owner what happened: plain function pointers,
// so that a message costs one indirect call. All are required and run on the
// client's thread. Each of them may destroy the client.
struct WebSocketCallbacks {
  void* context = nullptr;

  void (*on_open)(void* context) = nullptr;

  // One whole message. `message` is valid during the call only; at least
  // kMessagePadding readable bytes of unspecified content lie behind it.
  // `receive_time_ns` is the wall clock (ns since 1970 UTC), taken once when the
  // socket was read: messages of the same read share it.
  void (*on_message)(void* context, std::string_view message, bool binary,
                     std::int64_t receive_time_ns) = nullptr;

  // Follows the last message of a batch: of those that were already received
  // together, at most kMaxBatchMessages or kMaxBatchTime long.
  void (*on_batch_end)(void* context) = nullptr;

  // Exactly once for each Connect(), never from within a call of the client. `why` is
  // OK after Close() and the peer's answer to it, else Unavailable.
  // `close_code` is the peer's (RFC 6455 section 7.4): 1005 where its close frame
  // had none, kAbnormalClosure where there was no close frame. `http_status` and
  // `refusal` tell of a handshake that the server answered with something else
  // than an upgrade (429 with Retry-After, for instance); else 0 and null.
  // `refusal` is valid during the call only.
  void (*on_close)(void* context, const absl::Status& why, int close_code, int http_status,
                   const HttpResponse* refusal) = nullptr;
};

// Callbacks that call T's members of the same meaning:
//   void OnOpen();
//   void OnMessage(std::string_view message, bool binary, std::int64_t receive_time_ns);
//   void OnBatchEnd();
//   void OnClose(const absl::Status& why, int close_code, int http_status,
//                const HttpResponse* refusal);
// `target` must outlive the client.
template <typename T>
WebSocketCallbacks CallbacksFor(T* target) {
  return {
      .context = target,
      .on_open = [](void* context) { static_cast<T*>(context)->OnOpen(); },
      .on_message =
          [](void* context, std::string_view message, bool binary, std::int64_t receive_time_ns) {
            static_cast<T*>(context)->OnMessage(message, binary, receive_time_ns);
          },
      .on_batch_end = [](void* context) { static_cast<T*>(context)->OnBatchEnd(); },
      .on_close =
          [](void* context, const absl::Status& why, int close_code, int http_status,
             const HttpResponse* refusal) {
            static_cast<T*>(context)->OnClose(why, close_code, http_status, refusal);
          },
  };
}

}  // namespace switchyard::net
