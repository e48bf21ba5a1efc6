#include "common/status/grpc_status.h"

#include <grpcpp/support/status.h>

#include <string>

#include "absl/strings/cord.h"
#include "common/status/text.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace switchyard {
namespace {

constexpr std::size_t kMaxMessageBytes = 512;
constexpr std::size_t kMaxDetailBytes = 2048;
constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";

// Drops the longest metadata entry of the details' ErrorInfo, which comes first; false where there
// is none.
bool DropLongestEntry(google::rpc::Status& details) {
  google::rpc::ErrorInfo info;
  if (details.details_size() == 0 || details.details(0).type_url() != kErrorInfoUrl ||
      !info.ParseFromString(details.details(0).value()) || info.metadata().empty()) {
    return false;
  }
  const auto size = [](const auto& entry) { return entry.first.size() + entry.second.size(); };
  auto longest = info.metadata().begin();
  for (auto entry = longest; entry != info.metadata().end(); ++entry) {
    if (size(*entry) > size(*longest)) longest = entry;
  }
  const std::string key = longest->first;
  info.mutable_metadata()->erase(key);
  details.mutable_details(0)->set_value(info.SerializeAsString());
  return true;
}

// What a client can best do without goes first: the copy of the message, metadata, then whole
// details. The reason goes last, for clients decide by it.
void Shrink(google::rpc::Status& details) {
  if (details.ByteSizeLong() > kMaxDetailBytes) details.clear_message();
  while (details.ByteSizeLong() > kMaxDetailBytes) {
    if (!DropLongestEntry(details)) details.mutable_details()->RemoveLast();
  }
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const std::string message = SafeText(std::string(status.message()), kMaxMessageBytes);
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(message);
  status.ForEachPayload([&details](auto url, const absl::Cord& payload) {
    auto* any = details.add_details();
    any->set_type_url(std::string(url));
    any->set_value(std::string(payload));
    if (any->type_url() == kErrorInfoUrl) {
      details.mutable_details()->SwapElements(0, details.details_size() - 1);
    }
  });
  Shrink(details);
  // absl and gRPC number their codes alike; a test pins it.
  return {static_cast<grpc::StatusCode>(status.code()), message, details.SerializeAsString()};
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status details;
  if (details.ParseFromString(status.error_details())) {
    for (const auto& any : details.details()) {
      result.SetPayload(any.type_url(), absl::Cord(any.value()));
    }
  }
  return result;
}

}  // namespace switchyard
