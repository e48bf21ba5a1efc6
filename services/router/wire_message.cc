#include "services/router/wire_message.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message_lite.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <iterator>

namespace switchyard::router {
namespace {

// Bounds of one message, see StreamMarketDataResponse.
constexpr std::size_t kMaxEvents = 64;
constexpr std::size_t kMaxBytes = 256 * 1024;

// Tags of length-delimited fields 1, 2 and 3.
constexpr unsigned char kEventsTag = 0x0A;
constexpr unsigned char kAcknowledgementTag = 0x12;
constexpr unsigned char kHeartbeatTag = 0x1A;

// The reader only reads; its constructor is not const-correct.
class Reader : public grpc::ProtoBufferReader {
 public:
  explicit Reader(const grpc::ByteBuffer& buffer)
      : grpc::ProtoBufferReader(const_cast<grpc::ByteBuffer*>(&buffer)) {}
};

}  // namespace

MessageKind KindOf(const grpc::ByteBuffer& message) {
  Reader reader(message);
  const void* data = nullptr;
  int size = 0;
  while (reader.Next(&data, &size)) {
    if (size == 0) continue;
    switch (*static_cast<const unsigned char*>(data)) {
      case kEventsTag:
        return MessageKind::kEvents;
      case kAcknowledgementTag:
        return MessageKind::kAcknowledgement;
      case kHeartbeatTag:
        return MessageKind::kHeartbeat;
      default:
        return MessageKind::kUnknown;
    }
  }
  return MessageKind::kUnknown;
}

bool Parse(const grpc::ByteBuffer& bytes, google::protobuf::MessageLite* message) {
  Reader reader(bytes);
  return message->ParseFromZeroCopyStream(&reader);
}

grpc::ByteBuffer Serialise(const google::protobuf::MessageLite& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

std::size_t CountEvents(const grpc::ByteBuffer& message) {
  Reader reader(message);
  google::protobuf::io::CodedInputStream input(&reader);
  std::size_t events = 0;
  std::uint32_t length = 0;
  while (input.ReadTag() == kEventsTag && input.ReadVarint32(&length) &&
         input.Skip(static_cast<int>(length))) {
    ++events;
  }
  return events;
}

bool EventBatch::Add(grpc::ByteBuffer& message) {
  const std::size_t size = message.Length();
  if (empty()) {
    only_.Swap(&message);
    bytes_ = size;
    return true;
  }
  Unfold();
  const std::size_t events = CountEvents(message);
  if (events_ + events > kMaxEvents || bytes_ + size > kMaxBytes) return false;
  std::vector<grpc::Slice> slices;
  if (!message.Dump(&slices).ok()) return false;
  std::move(slices.begin(), slices.end(), std::back_inserter(slices_));
  message.Clear();
  events_ += events;
  bytes_ += size;
  return true;
}

bool EventBatch::Add(const stream::EncodedEvent& event) {
  Unfold();
  if (events_ + 1 > kMaxEvents || bytes_ + event.size() > kMaxBytes) return false;
  slices_.emplace_back(event.slice(), grpc::Slice::ADD_REF);
  ++events_;
  bytes_ += event.size();
  return true;
}

void EventBatch::Unfold() {
  if (!only_.Valid()) return;
  events_ = CountEvents(only_);
  only_.Dump(&slices_);
  only_.Clear();
}

grpc::ByteBuffer EventBatch::Take() {
  bytes_ = 0;
  events_ = 0;
  if (only_.Valid()) {
    grpc::ByteBuffer only;
    only.Swap(&only_);
    only_.Clear();
    return only;
  }
  grpc::ByteBuffer joined(slices_.data(), slices_.size());
  slices_.clear();
  return joined;
}

}  // namespace switchyard::router
