#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <memory>
#include <string>

#include "tests/bench/floor/bare_service.h"

namespace switchyard::bench {

// What a router cannot be faster than: one upstream call per client's stream, whose messages are
// passed on as they are, the next being read while one is written.
class BareForwarder final : public BareMarketData {
 public:
  explicit BareForwarder(const std::string& upstream);

  grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamMarketData(
      grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) override;

 private:
  std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
};

}  // namespace switchyard::bench
