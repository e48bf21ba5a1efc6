#pragma once

#include <string>

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace switchyard::order {

// Tells whether two requests under one key ask for the same: a digest of the message's type and
// fields. Stable across processes and versions as long as its fields are. Never empty. Pure.
std::string BodyHash(const google::protobuf::Message& message);

}  // namespace switchyard::order
