#include "services/router/upstream_reader.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/impl/codegen/rpc_method.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/client_callback.h>

#include <atomic>
#include <utility>

namespace switchyard::router {
namespace {

class Reader final : public UpstreamReader,
                     public grpc::ClientReadReactor<grpc::ByteBuffer>,
                     public std::enable_shared_from_this<Reader> {
 public:
  Reader(BackendConnection& connection, const UpstreamRequest& request,
         std::shared_ptr<UpstreamListener> listener)
      : connection_(connection.shared_from_this()),
        tag_(request.tag),
        listener_(std::move(listener)) {
    for (const auto& [name, value] : request.metadata) context_.AddMetadata(name, value);
    if (request.deadline != std::chrono::system_clock::time_point::max()) {
      context_.set_deadline(request.deadline);
    }
  }

  void Open(const std::string& method_path, const grpc::ByteBuffer& message) {
    self_ = shared_from_this();
    const grpc::internal::RpcMethod method(method_path.c_str(),
                                           grpc::internal::RpcMethod::SERVER_STREAMING);
    grpc::internal::ClientCallbackReaderFactory<grpc::ByteBuffer>::Create(
        connection_->channel().get(), method, &context_, &message, this);
    // Reads are asked for outside of gRPC's own callbacks; the hold keeps the call until the last
    // of them has failed.
    AddHold();
    StartRead(&message_);
    opened_.store(true, std::memory_order_release);
    StartCall();
  }

  void Next() override { StartRead(&message_); }
  void Cancel() override { context_.TryCancel(); }
  std::size_t tag() const override { return tag_; }

  void OnReadDone(bool ok) override {
    opened_.load(std::memory_order_acquire);
    if (ok) {
      listener_->OnUpstreamMessage(*this, message_);
    } else {
      RemoveHold();
    }
  }

  void OnDone(const grpc::Status& status) override {
    const bool may_have_reached = MayHaveReachedBackend(context_, status);
    if (!may_have_reached) connection_->FailureSeen(status.error_message());
    const std::shared_ptr<Reader> self = std::move(self_);
    const std::shared_ptr<UpstreamListener> listener = std::move(listener_);
    listener->OnUpstreamEnd(*this, status, may_have_reached);
  }

 private:
  // Shared: a cancelled call may end after the router has gone.
  const std::shared_ptr<BackendConnection> connection_;
  const std::size_t tag_;
  std::shared_ptr<UpstreamListener> listener_;
  // gRPC's own reference, until OnDone.
  std::shared_ptr<Reader> self_;
  // Orders what Open wrote before what callbacks read, where the thread sanitizer can see it.
  std::atomic<bool> opened_{false};
  grpc::ClientContext context_;
  grpc::ByteBuffer message_;
};

}  // namespace

std::shared_ptr<UpstreamReader> UpstreamReader::Start(BackendConnection& connection,
                                                      const UpstreamRequest& request,
                                                      const grpc::ByteBuffer& message,
                                                      std::shared_ptr<UpstreamListener> listener) {
  auto reader = std::make_shared<Reader>(connection, request, std::move(listener));
  reader->Open(request.method_path, message);
  return reader;
}

}  // namespace switchyard::router
