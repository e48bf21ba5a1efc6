#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Client ids as Gate.io takes them (`text`): `t-` and at most 28 bytes of [0-9A-Za-z_.-]. Pure.
// Source: API v4, "Order", text.
namespace switchyard::exchanges::gateio {

// "t-so" + number in base 36 + '-' + as much of client_order_id as there is room for (12 bytes at
// least). The number ends at the first '-', so that no two numbers give the same id.
std::string ToExchangeClientId(std::uint64_t number, std::string_view client_order_id);

// The number of an id made here; nullopt for any other text.
std::optional<std::uint64_t> NumberOfExchangeClientId(std::string_view text);

// Whether an order's `text` was given by the account's owner; Gate.io's own values ("api", "web",
// "liq-...") were not.
bool IsOwnersText(std::string_view text);

}  // namespace switchyard::exchanges::gateio
