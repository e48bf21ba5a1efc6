#include "services/router/stream_forwarder.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "common/status/grpc_status.h"
#include "services/router/finished_writer.h"
#include "services/router/upstream_call.h"
#include "services/router/upstream_reader.h"

namespace switchyard::router {
namespace {

class ForwardedStream final : public LiveStream,
                              public UpstreamListener,
                              public std::enable_shared_from_this<ForwardedStream> {
 public:
  ForwardedStream(const ServedMethod& served, const Backend& backend, const StreamContext& context)
      : served_(served), backend_(backend), context_(context) {}

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Start(const grpc::CallbackServerContext& client,
                                                    const grpc::ByteBuffer& request);

  void Tick(std::chrono::nanoseconds) override {}
  void Finish(const absl::Status& status) override {
    const std::lock_guard lock(mutex_);
    FinishLocked(ToGrpcStatus(status));
  }

  void OnUpstreamMessage(UpstreamReader& reader, grpc::ByteBuffer& message) override;
  void OnUpstreamEnd(UpstreamReader& reader, const grpc::Status& status,
                     bool may_have_reached) override;

 private:
  class Reactor;

  void FinishLocked(const grpc::Status& status);
  void OnWriteDone(bool ok);
  void OnEnd();

  const ServedMethod& served_;
  const Backend& backend_;
  const StreamContext context_;

  std::mutex mutex_;
  Reactor* reactor_ = nullptr;              // null before Start and once the call is over
  std::shared_ptr<UpstreamReader> reader_;  // null before Start and once the upstream has ended
  bool writing_ = false;                    // no read is under way meanwhile
  bool finished_ = false;
  std::optional<grpc::Status> early_finish_;
  int code_ = 0;
};

// Passes gRPC's calls on to the stream and keeps it alive until the call is over.
class ForwardedStream::Reactor final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  explicit Reactor(std::shared_ptr<ForwardedStream> stream) : stream_(std::move(stream)) {}

  void Write(grpc::ByteBuffer& message) {
    // Must live until OnWriteDone.
    message_.Swap(&message);
    StartWrite(&message_);
  }

  void OnWriteDone(bool ok) override { stream_->OnWriteDone(ok); }
  void OnCancel() override { stream_->Finish(absl::CancelledError("cancelled by the client")); }
  void OnDone() override {
    // First: its lock orders the other callbacks, which have taken it too, before the deletion.
    stream_->OnEnd();
    delete this;
  }

 private:
  std::shared_ptr<ForwardedStream> stream_;
  grpc::ByteBuffer message_;
};

grpc::ServerWriteReactor<grpc::ByteBuffer>* ForwardedStream::Start(
    const grpc::CallbackServerContext& client, const grpc::ByteBuffer& request) {
  context_.metrics.open_streams.Add(1);
  const std::lock_guard lock(mutex_);
  reactor_ = new Reactor(shared_from_this());
  reactor_->StartSendInitialMetadata();
  if (early_finish_) {
    reactor_->Finish(*early_finish_);
    return reactor_;
  }
  reader_ = UpstreamReader::Start(
      backend_.Pick(),
      {served_.method.path, AllowedMetadata(client, context_.gate), client.deadline()}, request,
      shared_from_this());
  return reactor_;
}

void ForwardedStream::OnUpstreamMessage(UpstreamReader& reader, grpc::ByteBuffer& message) {
  const std::lock_guard lock(mutex_);
  if (finished_) {
    // Cancelled: read on to the end.
    reader.Next();
    return;
  }
  context_.metrics.forwarded_messages.Increment();
  context_.metrics.forwarded_bytes.Increment(message.Length());
  writing_ = true;
  reactor_->Write(message);
}

void ForwardedStream::OnWriteDone(bool ok) {
  const std::lock_guard lock(mutex_);
  writing_ = false;
  if (!ok) FinishLocked(grpc::Status(grpc::StatusCode::CANCELLED, "the client is gone"));
  if (reader_) reader_->Next();
}

void ForwardedStream::OnUpstreamEnd(UpstreamReader&, const grpc::Status& status,
                                    bool may_have_reached) {
  const std::lock_guard lock(mutex_);
  reader_.reset();
  FinishLocked(ClientStatus(status, served_.method, backend_, may_have_reached));
}

void ForwardedStream::FinishLocked(const grpc::Status& status) {
  if (finished_) return;
  finished_ = true;
  code_ = status.error_code();
  // Where a write is under way, its end asks for the read that learns of the upstream's end.
  if (reader_) reader_->Cancel();
  if (reactor_ != nullptr) {
    reactor_->Finish(status);
  } else {
    early_finish_ = status;
  }
}

void ForwardedStream::OnEnd() {
  {
    const std::lock_guard lock(mutex_);
    reactor_ = nullptr;
  }
  context_.metrics.open_streams.Add(-1);
  served_.metrics.CountEnd(code_);
}

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* ForwardStream(const ServedMethod& served,
                                                          const StreamContext& context,
                                                          const grpc::CallbackServerContext& client,
                                                          const grpc::ByteBuffer& request) {
  const absl::StatusOr<const Backend*> backend = Route(served, request);
  if (!backend.ok()) {
    served.metrics.CountEnd(static_cast<int>(backend.status().code()));
    return FinishedWriter(backend.status());
  }
  const auto stream = std::make_shared<ForwardedStream>(served, **backend, context);
  context.registry.Add(stream);
  return stream->Start(client, request);
}

}  // namespace switchyard::router
