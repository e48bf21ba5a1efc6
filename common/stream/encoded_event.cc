#include "common/stream/encoded_event.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message_lite.h>

namespace switchyard::stream {

EncodedEvent EncodedEvent::Encode(const google::protobuf::MessageLite& event) {
  using google::protobuf::io::CodedOutputStream;
  constexpr unsigned char kFieldOneLengthDelimited = 0x0A;
  const std::size_t body = event.ByteSizeLong();
  const std::size_t total =
      1 + CodedOutputStream::VarintSize32(static_cast<std::uint32_t>(body)) + body;
  const grpc_slice slice = grpc_slice_malloc(total);
  auto* at = const_cast<unsigned char*>(GRPC_SLICE_START_PTR(slice));
  *at++ = kFieldOneLengthDelimited;
  at = CodedOutputStream::WriteVarint32ToArray(static_cast<std::uint32_t>(body), at);
  event.SerializeWithCachedSizesToArray(at);
  return EncodedEvent(slice);
}

}  // namespace switchyard::stream
