#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/time/time.h"

namespace switchyard::clients::cli {

// A new client_order_id or request_id: "yard-", the milliseconds and 64 random bits, in hex. The
// contract's form (1 to 36 of [A-Za-z0-9_-]), different for every command of every user.
std::string MakeCommandId(TimeNs now, std::uint64_t random);

// Whether the contract takes it as an id.
bool IsCommandId(std::string_view text);

// 64 bits from the machine. Any thread.
std::uint64_t MachineRandom();

}  // namespace switchyard::clients::cli
