#include "exchanges/lighter/account/account_answer.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "common/status/status.h"
#include "exchanges/lighter/endpoints.h"
#include "exchanges/lighter/rest/answer.h"

namespace switchyard::exchanges::lighter {

RestRequest AccountRequest(std::int64_t account_index) {
  return GetRequest(paths::kAccount, {{"by", "index"}, {"value", std::to_string(account_index)}});
}

absl::StatusOr<AccountAnswer> ReadAccountAnswer(const std::string& body,
                                                std::int64_t account_index) {
  constexpr std::string_view kWhat = "the account";
  SWITCHYARD_ASSIGN_OR_RETURN(const json::Json answer, ParseAnswer(kWhat, body));
  const auto rows = json::RequireArray(answer, "accounts");
  if (!rows.ok()) return Unreadable(kWhat, rows.status());
  for (const json::Json& row : **rows) {
    const auto index = json::RequireInt64(row, "index");
    if (!index.ok()) return Unreadable(kWhat, index.status());
    if (*index == account_index) return AccountAnswer{account_index, row};
  }
  return MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_ACCOUNT,
                   fmt::format("no account {} in the answer", account_index));
}

}  // namespace switchyard::exchanges::lighter
