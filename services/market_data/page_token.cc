#include "services/market_data/page_token.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <array>
#include <memory>

#include "common/crypto/bytes.h"
#include "common/status/status.h"

namespace switchyard::market_data {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kTokenField[] = "page_token";
constexpr char kSizeField[] = "page_size";
constexpr std::size_t kFingerprintBytes = 8;

// FNV-1a, 64 bits: stable, unlike std::hash.
std::uint64_t Hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

std::string Fingerprint(const Message& request) {
  const std::unique_ptr<Message> bound(request.New());
  bound->CopyFrom(request);
  for (const char* name : {kTokenField, kSizeField}) {
    bound->GetReflection()->ClearField(bound.get(), bound->GetDescriptor()->FindFieldByName(name));
  }
  const std::uint64_t hash =
      Hash(bound->GetDescriptor()->full_name() + '\0' + bound->SerializeAsString());
  std::string bytes(kFingerprintBytes, '\0');
  for (std::size_t i = 0; i < kFingerprintBytes; ++i) {
    bytes[i] = static_cast<char>(hash >> (8 * i) & 0xFF);
  }
  return bytes;
}

}  // namespace

std::string MakePageToken(const Message& request, std::string_view position) {
  if (position.empty()) return {};
  return crypto::ToBase64Url(crypto::AsBytes(Fingerprint(request) + std::string(position)));
}

absl::StatusOr<std::string> PagePosition(const Message& request) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(kTokenField);
  const std::string token = request.GetReflection()->GetString(request, field);
  if (token.empty()) return std::string();
  const absl::StatusOr<crypto::Bytes> bytes = crypto::FromBase64Url(token);
  if (bytes.ok() && bytes->size() > kFingerprintBytes) {
    const std::string text(bytes->begin(), bytes->end());
    if (text.substr(0, kFingerprintBytes) == Fingerprint(request)) {
      return text.substr(kFingerprintBytes);
    }
  }
  return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_INVALID_PAGE_TOKEN,
                   "page_token: was not issued for this request", {{"field", kTokenField}});
}

}  // namespace switchyard::market_data
