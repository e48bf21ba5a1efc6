#include "services/access/routing_fields.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "common/status/status.h"

namespace switchyard::access {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr int kExchangeField = 1;
constexpr int kAccountField = 2;
// No exchange id or account name is longer; a larger one is not even copied.
constexpr std::uint32_t kMaxValueBytes = 256;

absl::Status Malformed(std::string_view what) {
  return InvalidField("request", fmt::format("not a protobuf message: {}", what));
}

// One routing field, as often as it occurs.
class Field {
 public:
  explicit Field(std::string_view name) : name_(name) {}

  absl::Status Read(std::uint32_t tag, CodedInputStream& input) {
    if (WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      return Malformed(fmt::format("field `{}` is not a string", name_));
    }
    if (seen_) {
      return MakeError(
          absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_DUPLICATE_ROUTING_FIELD,
          fmt::format("the request holds field `{}` more than once", name_), {{"field", name_}});
    }
    seen_ = true;
    std::uint32_t length = 0;
    if (!input.ReadVarint32(&length)) return Malformed(fmt::format("`{}` is cut off", name_));
    if (length > kMaxValueBytes) {
      return InvalidField(name_, fmt::format("longer than {} bytes", kMaxValueBytes));
    }
    if (!input.ReadString(&value_, static_cast<int>(length))) {
      return Malformed(fmt::format("`{}` is cut off", name_));
    }
    return absl::OkStatus();
  }

  std::string Take() { return std::move(value_); }
  // So that it can be shown in errors as it is.
  bool is_printable() const {
    return std::all_of(value_.begin(), value_.end(),
                       [](char character) { return character > ' ' && character < 0x7F; });
  }

 private:
  std::string name_;
  std::string value_;
  bool seen_ = false;
};

}  // namespace

absl::StatusOr<RoutingFields> ReadRoutingFields(const grpc::ByteBuffer& request,
                                                RoutedBy routed_by) {
  // The reader only reads; its constructor is not const-correct.
  grpc::ProtoBufferReader reader(const_cast<grpc::ByteBuffer*>(&request));
  CodedInputStream input(&reader);
  Field exchange("exchange");
  Field account("account");
  while (const std::uint32_t tag = input.ReadTag()) {
    const int number = WireFormatLite::GetTagFieldNumber(tag);
    if (number == kExchangeField) {
      SWITCHYARD_RETURN_IF_ERROR(exchange.Read(tag, input));
    } else if (number == kAccountField && routed_by == RoutedBy::kExchangeAndAccount) {
      SWITCHYARD_RETURN_IF_ERROR(account.Read(tag, input));
    } else if (number == 0 || !WireFormatLite::SkipField(&input, tag)) {
      return Malformed(fmt::format("field {} is cut off or has no valid type", number));
    }
  }
  // ReadTag answers 0 at the end and also for a tag that is 0 or cut off.
  if (!input.ConsumedEntireMessage()) return Malformed("a tag is cut off or 0");
  if (!exchange.is_printable()) return InvalidField("exchange", "not an exchange id");
  return RoutingFields{exchange.Take(), account.Take()};
}

absl::StatusOr<RoutingFields> ScanRoutingFields(const grpc::ByteBuffer& request,
                                                RoutedBy routed_by) {
  SWITCHYARD_ASSIGN_OR_RETURN(RoutingFields fields, ReadRoutingFields(request, routed_by));
  if (fields.exchange.empty()) return InvalidField("exchange", "required");
  return fields;
}

}  // namespace switchyard::access
