#pragma once

#include <memory>

namespace grpc::experimental {
class ServerInterceptorFactoryInterface;
}  // namespace grpc::experimental

namespace switchyard::access {

class Gate;

// Tells the gate how each order command was answered, and leaves nobody but the gate's callers
// anything to read from reflection: others get its errors, and UNAUTHENTICATED at its end. Streams
// of the contract have none, so that their messages cost nothing more. `gate` must outlive the
// server.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeInterceptors(Gate& gate);

}  // namespace switchyard::access
