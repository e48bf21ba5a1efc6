#pragma once

#include <cstdint>
#include <map>

#include "absl/status/status.h"
#include "exchanges/lighter/signing/field/quintic.h"

// What any transaction may carry beside its own fields. Source: reference 3.10.
namespace switchyard::exchanges::lighter::signing {

enum class AttributeType : std::uint8_t {
  kIntegratorAccount = 1,
  kIntegratorTakerFee = 2,  // 1e-6
  kIntegratorMakerFee = 3,  // 1e-6
  // 1: the nonce may be any above the last one.
  kSkipNonce = 4,
  // The one market whose orders are cancelled; 255 is none, so that 0 is a market.
  kCancelAllMarket = 5,
  // 0 expires the maker, 1 the taker, 2 both, 3 reduces.
  kSelfTradeBehavior = 6,
  // 0: the same account, 1: the same master account.
  kSelfTradeEquality = 7,
  // A modification needs a higher one than the order has.
  kOrderVersion = 8,
};

// In ascending order of types: the order in which they are hashed and written.
using Attributes = std::map<AttributeType, std::int64_t>;

// Whether hashing leaves the attribute out. Unknown types: false.
bool IsNil(AttributeType type, std::int64_t value);

// At most four, of known types, in their ranges, without the combinations that the exchange
// refuses. Errors: InvalidArgument, in the words of the exchange's client library.
absl::Status ValidateAttributes(const Attributes& attributes);

// The hash of the attributes that are not nil, of which there are at most four.
Fp5 HashAttributes(const Attributes& attributes);

// The hash that is signed: `transaction_hash` itself where all attributes are nil.
Fp5 CombineWithAttributes(const Fp5& transaction_hash, const Attributes& attributes);

}  // namespace switchyard::exchanges::lighter::signing
