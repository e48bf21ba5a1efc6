#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "services/router/backends.h"
#include "services/router/upstream_call.h"

namespace grpc {
class ByteBuffer;
class Status;
}  // namespace grpc

namespace switchyard::router {

class UpstreamReader;

// Whoever reads an upstream stream. Called on gRPC's threads, one call at a time for each reader.
class UpstreamListener {
 public:
  virtual ~UpstreamListener() = default;
  // One message; take it by swapping. The next one comes only after UpstreamReader::Next.
  virtual void OnUpstreamMessage(UpstreamReader& reader, grpc::ByteBuffer& message) = 0;
  // The last call. `may_have_reached` is false when there was no connection.
  virtual void OnUpstreamEnd(UpstreamReader& reader, const grpc::Status& status,
                             bool may_have_reached) = 0;
};

struct UpstreamRequest {
  // Of a server-streaming method. Lives as long as the router.
  const std::string& method_path;
  const ForwardedMetadata& metadata;
  // time_point::max() = none.
  std::chrono::system_clock::time_point deadline;
  // Given back by UpstreamReader::tag(), for listeners with several readers.
  std::size_t tag = 0;
};

// One server-streaming call to a backend, read one message at a time and only on demand: what is
// not asked for stays with the backend, by HTTP/2 flow control. Keeps itself and its listener alive
// until OnUpstreamEnd has returned.
class UpstreamReader {
 public:
  // Fails fast (by OnUpstreamEnd) when the connection is not ready. The first message is asked for.
  static std::shared_ptr<UpstreamReader> Start(BackendConnection& connection,
                                               const UpstreamRequest& request,
                                               const grpc::ByteBuffer& message,
                                               std::shared_ptr<UpstreamListener> listener);
  virtual ~UpstreamReader() = default;

  // Asks for the next message. Once after each OnUpstreamMessage, also after Cancel: the end is
  // learnt by reading. May be called from any thread, with the listener's lock held.
  virtual void Next() = 0;
  // The call ends soon. Idempotent; may be called with the listener's lock held.
  virtual void Cancel() = 0;
  virtual std::size_t tag() const = 0;
};

}  // namespace switchyard::router
