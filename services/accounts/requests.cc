#include "services/accounts/requests.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>

#include "common/exchange/market_data_proto.h"
#include "common/status/status.h"

namespace switchyard::accounts {
namespace {

constexpr std::size_t kLongestRequestId = 36;

bool IsIdCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

}  // namespace

absl::Status CheckRequestId(std::string_view field, std::string_view id) {
  if (id.empty()) return InvalidField(field, "is required");
  if (id.size() > kLongestRequestId || !std::all_of(id.begin(), id.end(), &IsIdCharacter)) {
    return InvalidField(field, "must be 1 to 36 of [A-Za-z0-9_-]");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::chrono::nanoseconds> ParseMaxAge(std::int64_t max_age_ns) {
  if (max_age_ns < 0) return InvalidField("max_age_ns", "is negative");
  return std::chrono::nanoseconds(max_age_ns);
}

absl::StatusOr<Decimal> ParsePositive(std::string_view field, std::string_view text) {
  const absl::StatusOr<Decimal> parsed = Decimal::Parse(text);
  if (!parsed.ok()) return InvalidField(field, std::string(parsed.status().message()));
  if (parsed->is_negative() || parsed->is_zero()) return InvalidField(field, "must be more than 0");
  return *parsed;
}

std::string FingerprintOf(const google::protobuf::Message& request, std::string_view account) {
  const std::unique_ptr<google::protobuf::Message> named(request.New());
  named->CopyFrom(request);
  named->GetReflection()->SetString(named.get(), named->GetDescriptor()->FindFieldByName("account"),
                                    std::string(account));
  return named->GetDescriptor()->full_name() + '\0' + named->SerializeAsString();
}

absl::Status ErrorOf(exchange::CommandFate fate, const absl::Status& status,
                     std::string_view command) {
  if (fate == exchange::CommandFate::kUnknown &&
      (status.code() != absl::StatusCode::kUnknown ||
       ReasonOf(status) != common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN)) {
    return MakeError(absl::StatusCode::kUnknown, common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN,
                     fmt::format("{}: sent, and no answer settles it: {}", command,
                                 std::string(status.message())),
                     MetadataOf(status));
  }
  if (!status.ok()) return status;
  return absl::InternalError(fmt::format("{}: failed without saying why", command));
}

void FillFreshness(model::Source source, std::chrono::nanoseconds age,
                   common::v1::Freshness& message) {
  message.set_source(exchange::ToProto(source));
  message.set_age_ns(std::max<std::int64_t>(age.count(), 0));
}

}  // namespace switchyard::accounts
