#include "services/router/finished_writer.h"

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "common/status/grpc_status.h"

namespace switchyard::router {
namespace {

class Writer final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  explicit Writer(const absl::Status& status) { Finish(ToGrpcStatus(status)); }
  void OnDone() override { delete this; }
};

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* FinishedWriter(const absl::Status& status) {
  return new Writer(status);
}

}  // namespace switchyard::router
