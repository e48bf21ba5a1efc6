#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "services/simulator/engine/client_order.h"

namespace switchyard::simulator::gateio {

// What a key may do in one group of calls.
enum class Access : std::uint8_t { kNone, kRead, kWrite };

// Groups of calls that a key's permissions name.
enum class Group : std::uint8_t { kSpot, kFutures, kWallet, kWithdrawal, kAccount };

// A key of a seeded account. Fixed and worthless; the same in every run, so that examples can name
// them.
struct ApiKey {
  std::string_view name;  // in the endpoints file
  std::string_view key;
  std::string_view secret;
  engine::UserId user;
  Access spot;
  Access futures;
  Access wallet;
  Access withdrawal;

  Access AccessTo(Group group) const;
};

// The first one is what the endpoints file gives as `credentials`.
std::span<const ApiKey> SeededKeys();
// Null: no such key.
const ApiKey* FindKey(std::string_view key);

}  // namespace switchyard::simulator::gateio
