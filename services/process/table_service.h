#pragma once

#include <grpcpp/impl/service_type.h>

#include <deque>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/process/service_context.h"

namespace google::protobuf {
class MethodDescriptor;
class ServiceDescriptor;
}  // namespace google::protobuf

namespace grpc {
class ByteBuffer;
}  // namespace grpc

namespace switchyard::process {

// A service of the contract whose RPCs no exchange offers yet: each call has its exchange and
// account checked and is then answered from the capability table. Every request has the fields
// `exchange` and `account`. Made from the descriptor, so that no RPC can be forgotten. gRPC's
// threads; outlives the server.
class TableService final : public grpc::Service {
 public:
  // What `context` refers to must outlive the service.
  // Errors: Internal, the table of an exchange offers an RPC of the service, which has no code
  // here.
  static absl::StatusOr<std::unique_ptr<TableService>> Create(
      const google::protobuf::ServiceDescriptor& service, const ServiceContext& context);

 private:
  using Method = google::protobuf::MethodDescriptor;

  TableService(const google::protobuf::ServiceDescriptor& service, const ServiceContext& context);

  void AddUnary(int index, const Method& method);
  void AddStream(int index, const Method& method);
  // Why the call is turned away; never OK.
  absl::Status Refuse(const Method& method, const grpc::ByteBuffer& request) const;

  const ExchangeClients& clients_;
  OpenStreams& streams_;
  // gRPC keeps pointers to the names: "/package.Service/Method".
  std::deque<std::string> method_names_;
};

}  // namespace switchyard::process
