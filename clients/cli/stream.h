#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "clients/cli/session.h"
#include "switchyard/common/v1/values.pb.h"

namespace switchyard::clients::cli {

enum class Next {
  kContinue,
  kStop,    // enough
  kReopen,  // continuity is lost: a new stream begins with fresh snapshots
};

// Hears one stream, reopened streams included. Called on the thread that follows it.
template <typename Response>
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  virtual Next OnMessage(const Response& response) = 0;
  // About ten times a second: time to redraw.
  virtual void OnTick() {}
  // The stream is lost and will be opened again.
  virtual void OnInterrupted(std::string_view why) = 0;
  // Whether a stream that had begun and ended so is opened again.
  virtual bool Reopens(const grpc::Status& status) const {
    return status.ok() || status.error_code() == grpc::StatusCode::UNAVAILABLE;
  }
};

template <typename Response>
using OpenStream = std::function<std::unique_ptr<grpc::ClientAsyncReader<Response>>(
    grpc::ClientContext*, grpc::CompletionQueue*, void* tag)>;

// How one stream came to its end.
struct StreamEnd {
  Next wanted = Next::kContinue;  // what the handler said last
  bool acknowledged = false;
  bool silent = false;  // nothing came for three heartbeats (or, before the first, the timeout)
  grpc::Status status;
};

// The first subscription that was refused; null = none.
inline const common::v1::Status* RefusalIn(
    const common::v1::StreamAcknowledgement& acknowledgement) {
  for (const auto& result : acknowledgement.results()) {
    if (result.status().code() != 0) return &result.status();
  }
  return nullptr;
}

inline constexpr std::chrono::milliseconds kTickInterval{100};
inline constexpr std::chrono::milliseconds kReopenDelay{500};
// Missed heartbeats after which a stream counts as dead, however alive its connection looks.
inline constexpr int kMissedHeartbeats = 3;

// Reads one stream to its end, in the calling thread.
template <typename Response>
StreamEnd ReadStream(Session& session, const OpenStream<Response>& open,
                     StreamHandler<Response>& handler) {
  using SteadyClock = std::chrono::steady_clock;
  enum Step : std::intptr_t { kOpened = 1, kRead, kFinished };
  const auto tag_of = [](Step step) { return reinterpret_cast<void*>(step); };

  StreamEnd end;
  Response response;
  grpc::ClientContext context;
  session.Authorize(context);
  grpc::CompletionQueue queue;
  const Cancellation::Scope scope(session.environment().cancellation, context);
  const auto reader = open(&context, &queue, tag_of(kOpened));
  std::chrono::milliseconds silence_limit = session.line().timeout;
  auto last_message = SteadyClock::now();
  auto last_tick = last_message;

  for (void* tag = nullptr; tag != tag_of(kFinished);) {
    bool ok = false;
    const auto got = queue.AsyncNext(&tag, &ok, std::chrono::system_clock::now() + kTickInterval);
    const auto now = SteadyClock::now();
    if (now - last_tick >= kTickInterval) {
      last_tick = now;
      handler.OnTick();
    }
    if (got != grpc::CompletionQueue::GOT_EVENT) {
      if (now - last_message > silence_limit && !end.silent) {
        end.silent = true;
        context.TryCancel();
      }
      continue;
    }
    if (tag == tag_of(kFinished)) break;
    if (!ok) {
      reader->Finish(&end.status, tag_of(kFinished));
      continue;
    }
    if (tag == tag_of(kRead)) {
      last_message = now;
      if (response.has_acknowledgement()) {
        end.acknowledged = true;
        silence_limit = kMissedHeartbeats * std::chrono::milliseconds(
                                                response.acknowledgement().heartbeat_interval_ms());
      }
      // What still comes between the wish to stop and the end is not shown.
      if (end.wanted == Next::kContinue) end.wanted = handler.OnMessage(response);
      if (end.wanted != Next::kContinue) context.TryCancel();
    }
    reader->Read(&response, tag_of(kRead));
  }
  queue.Shutdown();
  // gRPC wants a queue drained before it goes; nothing is in it.
  void* left = nullptr;
  bool ok = false;
  while (queue.Next(&left, &ok)) {
  }
  return end;
}

// Follows a stream until the handler has enough, the user stops it or an error ends it for good.
// Opens it again when it is lost after it had begun: to fail at once is the answer to a wrong
// address, not to a router that restarts.
template <typename Response>
grpc::Status FollowStream(Session& session, const OpenStream<Response>& open,
                          StreamHandler<Response>& handler) {
  bool begun = false;
  Cancellation& cancellation = session.environment().cancellation;
  while (true) {
    const StreamEnd end = ReadStream(session, open, handler);
    begun = begun || end.acknowledged;
    if (end.wanted == Next::kStop || cancellation.stopped()) return grpc::Status::OK;
    if (end.wanted != Next::kReopen) {
      if (!begun && end.silent) {
        return {grpc::StatusCode::DEADLINE_EXCEEDED,
                "no sign of life from " + session.line().router};
      }
      if (!begun || !(end.silent || handler.Reopens(end.status))) return end.status;
      handler.OnInterrupted(end.silent ? "three heartbeats missed" : end.status.error_message());
    }
    if (cancellation.WaitFor(kReopenDelay)) return grpc::Status::OK;
  }
}

}  // namespace switchyard::clients::cli
