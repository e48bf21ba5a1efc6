#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/sync_stream.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

namespace switchyard::clients::fake {

// What a scripted stream may do. Lives while its call does.
template <typename Response>
class StreamScript {
 public:
  StreamScript(grpc::ServerContext& context, grpc::ServerWriter<Response>& writer,
               const std::atomic<bool>& stopping, int attempt)
      : context_(context), writer_(writer), stopping_(stopping), attempt_(attempt) {}

  // 0 for the first stream of this method, 1 for the next, ...
  int attempt() const { return attempt_; }
  // False when the client is gone.
  bool Write(const Response& response) { return writer_.Write(response); }
  // Returns when the client or the server ends it.
  void HoldOpen() {
    while (Pause(kPollMs)) {
    }
  }
  // As HoldOpen, but at most about this long. True while both are there.
  bool Pause(int milliseconds) {
    for (int waited = 0; waited < milliseconds; waited += kPollMs) {
      if (context_.IsCancelled() || stopping_) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(kPollMs));
    }
    return !context_.IsCancelled() && !stopping_;
  }

 private:
  static constexpr int kPollMs = 5;

  grpc::ServerContext& context_;
  grpc::ServerWriter<Response>& writer_;
  const std::atomic<bool>& stopping_;
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
