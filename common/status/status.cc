#include "common/status/status.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "absl/strings/cord.h"
#include "common/status/text.h"
#include "google/rpc/error_details.pb.h"

namespace switchyard {
namespace {

constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kRetryInfoUrl[] = "type.googleapis.com/google.rpc.RetryInfo";
constexpr char kDomain[] = "switchyard";
constexpr std::string_view kReasonPrefix = "ERROR_REASON_";
// Longest message of a status; longer ones are cut (design: a large trailer kills its connection).
constexpr std::size_t kMaxMessageBytes = 512;
// An exchange may answer with a whole page.
constexpr std::size_t kMaxMetadataValueBytes = 256;

template <typename Message>
std::optional<Message> ReadPayload(const absl::Status& status, const char* url) {
  const auto payload = status.GetPayload(url);
  Message message;
  if (!payload || !message.ParseFromString(std::string(*payload))) return std::nullopt;
  return message;
}

google::rpc::ErrorInfo InfoOf(const absl::Status& status) {
  auto info = ReadPayload<google::rpc::ErrorInfo>(status, kErrorInfoUrl);
  if (info) return *std::move(info);
  google::rpc::ErrorInfo empty;
  empty.set_domain(kDomain);
  return empty;
}

// With the metadata in order: equal errors are equal bytes, and absl::Status compares bytes.
void SetInfo(const google::rpc::ErrorInfo& info, absl::Status& status) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream text(&bytes);
    google::protobuf::io::CodedOutputStream out(&text);
    out.SetSerializationDeterministic(true);
    info.SerializeToCodedStream(&out);
  }
  status.SetPayload(kErrorInfoUrl, absl::Cord(bytes));
}

void SetEntry(std::string_view key, std::string_view value, google::rpc::ErrorInfo& info) {
  (*info.mutable_metadata())[std::string(key)] = SafeText(value, kMaxMetadataValueBytes);
}

ErrorReason ParseReason(std::string_view name) {
  ErrorReason reason = common::v1::ERROR_REASON_UNSPECIFIED;
  common::v1::ErrorReason_Parse(std::string(kReasonPrefix) + std::string(name), &reason);
  return reason;
}

}  // namespace

std::string ReasonName(ErrorReason reason) {
  const std::string& name = common::v1::ErrorReason_Name(reason);
  return name.empty() ? "UNSPECIFIED" : name.substr(kReasonPrefix.size());
}

absl::Status MakeError(absl::StatusCode code, ErrorReason reason, std::string_view message,
                       const ErrorMetadata& metadata) {
  absl::Status status(code, std::string(message));
  google::rpc::ErrorInfo info;
  info.set_reason(ReasonName(reason));
  info.set_domain(kDomain);
  for (const auto& [key, value] : metadata) SetEntry(key, value, info);
  SetInfo(info, status);
  return status;
}

absl::Status WithRetryAfter(absl::Status status, std::chrono::nanoseconds delay) {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(delay.count() / 1'000'000'000);
  retry.mutable_retry_delay()->set_nanos(static_cast<int>(delay.count() % 1'000'000'000));
  status.SetPayload(kRetryInfoUrl, absl::Cord(retry.SerializeAsString()));
  return status;
}

absl::Status WithMetadata(absl::Status status, std::string_view key, std::string_view value) {
  google::rpc::ErrorInfo info = InfoOf(status);
  if (info.reason().empty()) info.set_reason(ReasonName(common::v1::ERROR_REASON_UNSPECIFIED));
  SetEntry(key, value, info);
  SetInfo(info, status);
  return status;
}

ErrorReason ReasonOf(const absl::Status& status) { return ParseReason(InfoOf(status).reason()); }

ErrorMetadata MetadataOf(const absl::Status& status) {
  const google::rpc::ErrorInfo info = InfoOf(status);
  return ErrorMetadata(info.metadata().begin(), info.metadata().end());
}

std::optional<std::chrono::nanoseconds> RetryAfterOf(const absl::Status& status) {
  const auto retry = ReadPayload<google::rpc::RetryInfo>(status, kRetryInfoUrl);
  if (!retry) return std::nullopt;
  return std::chrono::seconds(retry->retry_delay().seconds()) +
         std::chrono::nanoseconds(retry->retry_delay().nanos());
}

absl::Status InvalidField(std::string_view field, std::string_view why) {
  return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_INVALID_FIELD,
                   fmt::format("{}: {}", field, why), {{"field", std::string(field)}});
}

absl::Status NotInCapabilities(std::string_view exchange, std::string_view what) {
  return MakeError(absl::StatusCode::kUnimplemented, common::v1::ERROR_REASON_NOT_IN_CAPABILITIES,
                   fmt::format("{} does not offer {}", exchange, what),
                   {{"exchange", std::string(exchange)}});
}

common::v1::Status ToProto(const absl::Status& status) {
  common::v1::Status proto;
  if (status.ok()) return proto;
  proto.set_code(static_cast<std::uint32_t>(status.code()));
  proto.set_message(SafeText(std::string(status.message()), kMaxMessageBytes));
  proto.set_reason(ReasonOf(status));
  for (const auto& [key, value] : MetadataOf(status)) (*proto.mutable_metadata())[key] = value;
  if (const auto delay = RetryAfterOf(status)) proto.set_retry_after_ns(delay->count());
  return proto;
}

absl::Status FromProto(const common::v1::Status& proto) {
  if (proto.code() == 0) return absl::OkStatus();
  const auto code =
      proto.code() <= 16 ? static_cast<absl::StatusCode>(proto.code()) : absl::StatusCode::kUnknown;
  absl::Status status = MakeError(code, proto.reason(), proto.message(),
                                  ErrorMetadata(proto.metadata().begin(), proto.metadata().end()));
  if (proto.retry_after_ns() > 0) {
    status = WithRetryAfter(std::move(status), std::chrono::nanoseconds(proto.retry_after_ns()));
  }
  return status;
}

}  // namespace switchyard
