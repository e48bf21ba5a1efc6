#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/sync_stream.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "tests/clients/fake/stop_signal.h"

namespace switchyard::clients::fake {

// What a scripted stream may do. Lives while its call does.
template <typename Response>
class StreamScript {
 public:
  StreamScript(grpc::ServerContext& context, grpc::ServerWriter<Response>& writer,
               const StopSignal& stopping, int attempt)
      : context_(context), writer_(writer), stopping_(stopping), attempt_(attempt) {}

  // 0 for the first stream of this method, 1 for the next, ...
  int attempt() const { return attempt_; }
  // False when the client is gone.
  bool Write(const Response& response) { return writer_.Write(response); }
  // Returns when the client or the server ends it.
  void HoldOpen() {
    while (Pause(kLookMs)) {
    }
  }
  // As HoldOpen, but at most this long. True while both are there.
  bool Pause(int milliseconds) {
    for (int left = milliseconds; left > 0; left -= kLookMs) {
      const std::chrono::milliseconds slice(std::min(left, kLookMs));
      if (context_.IsCancelled() || stopping_.WaitFor(slice)) return false;
    }
    return !context_.IsCancelled();
  }

 private:
  // Nothing tells a blocking call that its client has gone: it looks this often.
  static constexpr int kLookMs = 5;

  grpc::ServerContext& context_;
  grpc::ServerWriter<Response>& writer_;
  const StopSignal& stopping_;
  int attempt_;
};

// The first message of a stream: every topic accepted.
template <typename Response>
Response AcknowledgeAll(int topics, int heartbeat_interval_ms) {
  Response response;
  auto& acknowledgement = *response.mutable_acknowledgement();
  acknowledgement.set_heartbeat_interval_ms(static_cast<std::uint32_t>(heartbeat_interval_ms));
  for (int index = 0; index < topics; ++index) {
    auto& result = *acknowledgement.add_results();
    result.set_index(static_cast<std::uint32_t>(index));
    result.mutable_status();
  }
  return response;
}

// A message of one event.
template <typename Response, typename Event>
Response OneEvent(const Event& event) {
  Response response;
  *response.add_events() = event;
  return response;
}

}  // namespace switchyard::clients::fake
