#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"
#include "switchyard/order/v1/order_service.pb.h"

// What single fields of order requests must look like. Pure; any thread.
// Errors of all: InvalidArgument, INVALID_FIELD, with the field's name.
namespace switchyard::order::risk {

inline constexpr std::size_t kMaxIdLength = 36;         // client_order_id, request_id, group_id
inline constexpr std::size_t kMaxSessionIdLength = 64;  // session_id

// 1 to `max_length` of [A-Za-z0-9_-].
absl::Status CheckId(std::string_view field, std::string_view id,
                     std::size_t max_length = kMaxIdLength);

// One of both ids is given in its form, and the symbol with an exchange_order_id. `field` is the
// name of the field that holds the key.
absl::Status CheckOrderKey(std::string_view field, const v1::OrderKey& key);

// A decimal of the contract's form (no exponent, at most 38 digits), greater than 0.
absl::StatusOr<Decimal> ParsePositive(std::string_view field, std::string_view text);

}  // namespace switchyard::order::risk
