#pragma once

#include <string>

#include "switchyard/common/v1/errors.pb.h"

namespace grpc {
class Status;
}  // namespace grpc

namespace switchyard::clients::cli {

// One line for people: code, reason, message, and the facts that came with them, for instance
// `NOT_FOUND UNKNOWN_INSTRUMENT: no instrument X (exchange=gateio)`.
std::string ErrorText(const grpc::Status& status);
// The same for an item of a scatter or a subscription.
std::string ErrorText(const common::v1::Status& status);

}  // namespace switchyard::clients::cli
