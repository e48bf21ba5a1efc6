#pragma once

#include <grpc/slice.h>

#include <cstddef>
#include <utility>

namespace google::protobuf {
class MessageLite;
}  // namespace google::protobuf

namespace switchyard::stream {

// One event, serialised once as a record of field 1 of a stream's response message (tag, length,
// bytes), shared by all its readers: copying counts a reference. Concatenated records are a batch.
// Any thread.
class EncodedEvent {
 public:
  EncodedEvent() : slice_(grpc_empty_slice()) {}
  // `event` becomes one record.
  static EncodedEvent Encode(const google::protobuf::MessageLite& event);

  EncodedEvent(const EncodedEvent& other) : slice_(grpc_slice_ref(other.slice_)) {}
  EncodedEvent(EncodedEvent&& other) noexcept
      : slice_(std::exchange(other.slice_, grpc_empty_slice())) {}
  EncodedEvent& operator=(EncodedEvent other) noexcept {
    std::swap(slice_, other.slice_);
    return *this;
  }
  ~EncodedEvent() { grpc_slice_unref(slice_); }

  std::size_t size() const { return GRPC_SLICE_LENGTH(slice_); }
  bool empty() const { return size() == 0; }
  const unsigned char* data() const { return GRPC_SLICE_START_PTR(slice_); }
  // Borrowed: valid while this object lives.
  const grpc_slice& slice() const { return slice_; }

 private:
  explicit EncodedEvent(grpc_slice slice) : slice_(slice) {}
  grpc_slice slice_;
};

}  // namespace switchyard::stream
