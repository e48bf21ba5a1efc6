#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/stream/encoded_event.h"

namespace google::protobuf {
class MessageLite;
}  // namespace google::protobuf

// Stream messages as bytes: just enough of their form to pass them on. Any thread.
namespace switchyard::router {

// Which one field a stream message holds; every stream of the contract numbers them alike.
enum class MessageKind { kEvents, kAcknowledgement, kHeartbeat, kUnknown };

// From the first tag alone.
MessageKind KindOf(const grpc::ByteBuffer& message);

// False when the bytes are no such message.
bool Parse(const grpc::ByteBuffer& bytes, google::protobuf::MessageLite* message);
grpc::ByteBuffer Serialise(const google::protobuf::MessageLite& message);

// Number of events of a message of kind kEvents.
std::size_t CountEvents(const grpc::ByteBuffer& message);

// Joins messages of kind kEvents into one: their records follow one another, and nothing is copied.
// Keeps the contract's bounds of a message (64 events, 256 KiB); the first one is taken as it is.
class EventBatch {
 public:
  // Takes the message (and leaves it empty) if it fits.
  bool Add(grpc::ByteBuffer& message);
  bool Add(const stream::EncodedEvent& event);

  bool empty() const { return bytes_ == 0; }
  std::size_t bytes() const { return bytes_; }
  grpc::ByteBuffer Take();

 private:
  // From the one message of the common case to a list of slices.
  void Unfold();

  grpc::ByteBuffer only_;  // the first message, while it is alone
  std::vector<grpc::Slice> slices_;
  std::size_t events_ = 0;  // of slices_
  std::size_t bytes_ = 0;
};

}  // namespace switchyard::router
