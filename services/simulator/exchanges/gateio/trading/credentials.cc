#include "services/simulator/exchanges/gateio/trading/credentials.h"

#include <array>

namespace switchyard::simulator::gateio {
namespace {

constexpr std::array kKeys = {
    ApiKey{"main", "simulator-key-0001", "simulator-secret-0001", 10'000'001, Access::kWrite,
           Access::kWrite, Access::kWrite, Access::kWrite},
    ApiKey{"second", "simulator-key-0002", "simulator-secret-0002", 10'000'002, Access::kWrite,
           Access::kWrite, Access::kWrite, Access::kWrite},
    ApiKey{"read_only", "simulator-key-0003", "simulator-secret-0003", 10'000'001, Access::kRead,
           Access::kRead, Access::kRead, Access::kNone},
};

}  // namespace

Access ApiKey::AccessTo(Group group) const {
  switch (group) {
    case Group::kSpot:
      return spot;
    case Group::kFutures:
      return futures;
    case Group::kWallet:
      return wallet;
    case Group::kWithdrawal:
      return withdrawal;
    case Group::kAccount:
      return Access::kRead;
  }
  return Access::kNone;
}

std::span<const ApiKey> SeededKeys() { return kKeys; }

const ApiKey* FindKey(std::string_view key) {
  for (const ApiKey& row : kKeys) {
    if (row.key == key) return &row;
  }
  return nullptr;
}

}  // namespace switchyard::simulator::gateio
