#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Client order indexes: numbers of 48 bits, unique over all markets of an account (a duplicate is
// refused with 21728). Pure. Source: protocol reference 3.10 and 6.4.
namespace switchyard::exchanges::lighter {

// The index of the order with this number of the journal, as decimal text. There is no room for
// the client's own id. Ours begin at 0xE7 in the highest of the six bytes: other programs of the
// account's owner count from 1 or take milliseconds, which stay below, so that no order of theirs
// is taken for ours. Different for every number below 2^44.
std::string OrderClientIndex(std::uint64_t number);

// The number that an index made by OrderClientIndex holds. Nullopt for other text, and for indexes
// below those of ours.
std::optional<std::uint64_t> NumberOfClientIndex(std::string_view text);

// The index of an order that closes a position, by the request's id: equal for equal ids. Begins at
// 0xE6, followed by 40 bits of the id's SHA-256.
std::string CloseClientIndex(std::string_view request_id);

// The index that a text made here stands for. Nullopt for other text.
std::optional<std::int64_t> ClientIndexOf(std::string_view text);
// The exchange's own index of an order, below 2^60. Nullopt for other text.
std::optional<std::int64_t> OrderIndexOf(std::string_view text);

}  // namespace switchyard::exchanges::lighter
