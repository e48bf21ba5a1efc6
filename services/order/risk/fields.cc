#include "services/order/risk/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "common/status/status.h"

namespace switchyard::order::risk {
namespace {

bool IsIdCharacter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

}  // namespace

absl::Status CheckId(std::string_view field, std::string_view id, std::size_t max_length) {
  if (id.empty()) return InvalidField(field, "is required");
  if (id.size() > max_length || !std::ranges::all_of(id, IsIdCharacter)) {
    return InvalidField(field, fmt::format("must be 1 to {} of [A-Za-z0-9_-]", max_length));
  }
  return absl::OkStatus();
}

absl::Status CheckOrderKey(std::string_view field, const v1::OrderKey& key) {
  switch (key.id_case()) {
    case v1::OrderKey::kClientOrderId:
      return CheckId(fmt::format("{}.client_order_id", field), key.client_order_id());
    case v1::OrderKey::kExchangeOrderId:
      if (key.exchange_order_id().empty()) {
        return InvalidField(fmt::format("{}.exchange_order_id", field), "is required");
      }
      if (key.symbol().empty()) {
        return InvalidField(fmt::format("{}.symbol", field),
                            "is required with an exchange_order_id");
      }
      return absl::OkStatus();
    case v1::OrderKey::ID_NOT_SET:
      break;
  }
  return InvalidField(field, "needs a client_order_id or an exchange_order_id");
}

absl::StatusOr<Decimal> ParsePositive(std::string_view field, std::string_view text) {
  const absl::StatusOr<Decimal> parsed = Decimal::Parse(text);
  if (!parsed.ok()) return InvalidField(field, std::string(parsed.status().message()));
  if (parsed->is_negative() || parsed->is_zero()) {
    return InvalidField(field, "must be greater than 0");
  }
  return *parsed;
}

}  // namespace switchyard::order::risk
