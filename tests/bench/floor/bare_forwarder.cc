#include "tests/bench/floor/bare_forwarder.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/client_callback.h>

#include <mutex>
#include <utility>

#include "common/rpc/client_channel.h"

namespace switchyard::bench {
namespace {

constexpr char kMethod[] = "/switchyard.marketdata.v1.MarketDataService/StreamMarketData";

// Both sides of one stream; each side's reactor holds it until gRPC is done with that side.
class Forwarding : public std::enable_shared_from_this<Forwarding> {
 public:
  explicit Forwarding(const grpc::ByteBuffer& request) : request_(request) {}

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Start(grpc::GenericStub& stub) {
    auto* const downstream = new Downstream(shared_from_this());
    auto* const upstream = new Upstream(shared_from_this());
    downstream_ = downstream;
    upstream_ = upstream;
    downstream->StartSendInitialMetadata();
    stub.PrepareBidiStreamingCall(&context_, kMethod, {}, upstream);
    upstream->StartWriteLast(&request_, {});
    upstream->StartRead(&read_);
    upstream->StartCall();
    return downstream;
  }

 private:
  class Downstream final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
   public:
    explicit Downstream(std::shared_ptr<Forwarding> owner) : owner_(std::move(owner)) {}
    void OnWriteDone(bool ok) override { owner_->OnWritten(ok); }
    void OnCancel() override { owner_->End(/*upstream_done=*/false); }
    void OnDone() override { delete this; }

   private:
    const std::shared_ptr<Forwarding> owner_;
  };
  class Upstream final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
   public:
    explicit Upstream(std::shared_ptr<Forwarding> owner) : owner_(std::move(owner)) {}
    void OnReadDone(bool ok) override { owner_->OnRead(ok); }
    void OnDone(const grpc::Status&) override {
      owner_->End(/*upstream_done=*/true);
      delete this;
    }

   private:
    const std::shared_ptr<Forwarding> owner_;
  };

  void OnRead(bool ok) {
    const std::lock_guard lock(mutex_);
    if (!ok) return;  // OnDone follows
    if (finished_) return upstream_->StartRead(&read_);
    waiting_ = true;
    if (!writing_) PassLocked();
  }

  void OnWritten(bool ok) {
    {
      const std::lock_guard lock(mutex_);
      writing_ = false;
      if (ok && waiting_ && !finished_) PassLocked();
    }
    if (!ok) End(/*upstream_done=*/false);
  }

  void PassLocked() {
    written_.Swap(&read_);
    waiting_ = false;
    writing_ = true;
    downstream_->StartWrite(&written_);
    read_.Clear();
    upstream_->StartRead(&read_);
  }

  void End(bool upstream_done) {
    const std::lock_guard lock(mutex_);
    if (std::exchange(finished_, true)) return;
    if (!upstream_done) context_.TryCancel();
    // The end is learnt by reading.
    if (std::exchange(waiting_, false) && !upstream_done) upstream_->StartRead(&read_);
    downstream_->Finish(grpc::Status::OK);
  }

  grpc::ClientContext context_;
  grpc::ByteBuffer request_;
  std::mutex mutex_;
  Downstream* downstream_ = nullptr;
  Upstream* upstream_ = nullptr;
  grpc::ByteBuffer read_, written_;
  bool waiting_ = false;  // read_ holds a message that is not passed on yet
  bool writing_ = false;
  bool finished_ = false;
};

}  // namespace

BareForwarder::BareForwarder(const std::string& upstream)
    : channel_(rpc::MakeChannel(upstream)), stub_(channel_) {}

grpc::ServerWriteReactor<grpc::ByteBuffer>* BareForwarder::StreamMarketData(
    grpc::CallbackServerContext* /*context*/, const grpc::ByteBuffer* request) {
  return std::make_shared<Forwarding>(*request)->Start(stub_);
}

}  // namespace switchyard::bench
