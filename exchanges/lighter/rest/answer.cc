#include "exchanges/lighter/rest/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/status/status.h"
#include "exchanges/lighter/errors.h"

namespace switchyard::exchanges::lighter {

absl::Status Unreadable(std::string_view what, const absl::Status& cause) {
  return MakeError(
      absl::StatusCode::kInternal, common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE,
      fmt::format("cannot read the answer to {}: {}", what, std::string(cause.message())));
}

absl::StatusOr<json::Json> ParseAnswer(std::string_view what, const std::string& body) {
  absl::StatusOr<json::Json> parsed = json::Parse(body);
  if (!parsed.ok()) return Unreadable(what, parsed.status());
  if (!parsed->is_object()) return Unreadable(what, absl::InternalError("no object"));
  const auto code = json::OptionalInt64(*parsed, "code");
  if (!code.ok()) return Unreadable(what, code.status());
  if (code->value_or(kOk) != kOk) return FromCode(what, **code, TextOf(*parsed, "message"));
  return parsed;
}

std::string TextOf(const json::Json& object, const char* field) {
  if (!object.is_object()) return {};
  const auto found = object.find(field);
  if (found == object.end()) return {};
  absl::StatusOr<std::string> text = json::RequireText(*found, "");
  return text.ok() ? *std::move(text) : std::string();
}

std::uint32_t PageSize(std::uint32_t asked, std::uint32_t most) {
  constexpr std::uint32_t kUsualPage = 100;
  return std::min(asked == 0 ? kUsualPage : asked, most);
}

}  // namespace switchyard::exchanges::lighter
