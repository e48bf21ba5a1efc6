#include "tests/common/rpc/test_service.h"

#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <utility>
#include <vector>

namespace switchyard::rpc {
namespace {

// Long for a loaded machine; a healthy call takes milliseconds.
constexpr std::chrono::seconds kDeadline(20);

class StreamReactor final : public grpc::ServerWriteReactor<status::v1::WatchStatusResponse> {
 public:
  StreamReactor(int messages, std::atomic<int>& done) : left_(messages), done_(done) { Next(); }

  void OnWriteDone(bool ok) override {
    if (ok) Next();
  }
  void OnCancel() override { Finish(grpc::Status::CANCELLED); }
  void OnDone() override {
    ++done_;
    delete this;
  }

 private:
  void Next() {
    if (left_ == 0) return;
    --left_;
    StartWrite(&message_);
  }

  status::v1::WatchStatusResponse message_;
  int left_;
  std::atomic<int>& done_;
};

}  // namespace

grpc::ServerUnaryReactor* TestService::GetStatus(grpc::CallbackServerContext* context,
                                                 const status::v1::GetStatusRequest*,
                                                 status::v1::GetStatusResponse*) {
  last_peer = context->peer();
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  if (hold) {
    hold(reactor);
  } else {
    reactor->Finish(answer);
  }
  return reactor;
}

grpc::ServerWriteReactor<status::v1::WatchStatusResponse>* TestService::WatchStatus(
    grpc::CallbackServerContext*, const status::v1::WatchStatusRequest*) {
  return new StreamReactor(messages_per_stream, streams_done);  // deletes itself
}

grpc::Status CallGetStatus(const std::shared_ptr<grpc::Channel>& channel,
                           const std::function<void(grpc::ClientContext&)>& prepare) {
  const auto stub = status::v1::StatusService::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kDeadline);
  prepare(context);
  status::v1::GetStatusResponse response;
  return stub->GetStatus(&context, {}, &response);
}

grpc::Status CallRaw(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                     const std::string& request, std::string* response) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kDeadline);
  const grpc::Slice slice(request);
  const grpc::ByteBuffer request_bytes(&slice, 1);
  grpc::ByteBuffer response_bytes;
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, method, grpc::StubOptions(), &request_bytes, &response_bytes,
                 [&done](grpc::Status status) { done.set_value(std::move(status)); });
  const grpc::Status status = done.get_future().get();
  std::vector<grpc::Slice> slices;
  if (status.ok()) response_bytes.Dump(&slices).ok();
  response->clear();
  for (const grpc::Slice& part : slices) {
    response->append(reinterpret_cast<const char*>(part.begin()), part.size());
  }
  return status;
}

}  // namespace switchyard::rpc
