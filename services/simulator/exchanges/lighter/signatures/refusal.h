#pragma once

#include <optional>
#include <string_view>

#include "absl/status/status.h"

namespace switchyard::simulator::lighter::signatures {

// The codes with which Lighter refuses a transaction that is wrong in itself, whatever the state of
// its account and of the books.
// Source: lighter/error_codes.json; which check answers which code is inferred from the names.
enum class Refusal : int {
  kInvalidAccountIndex = 21102,
  kInvalidNonce = 21104,
  kInvalidToAccount = 21106,
  kInvalidPublicKey = 21108,
  kApiKeyNotFound = 21109,
  kInvalidApiKeyIndex = 21110,
  kInvalidInitialMarginFraction = 21113,
  kWithdrawalAmountTooLow = 21116,
  kWithdrawalAmountTooHigh = 21117,
  kTransferAmountTooLow = 21118,
  kTransferAmountTooHigh = 21119,
  kInvalidSignature = 21120,
  kInvalidRouteType = 21124,
  kInvalidFee = 21134,
  kInvalidPublicPoolIndex = 21200,
  kInvalidMintShareAmount = 21209,
  kInvalidBurnShareAmount = 21210,
  kInvalidAssetAmount = 21300,
  kInvalidTxInfo = 21501,
  kUnsupportedTxType = 21505,
  kInvalidMarketIndex = 21602,
  kInvalidMarginMode = 21613,
  kInvalidUpdateMarginDirection = 21615,
  kInvalidOrderTypeForMarket = 21618,
  kInvalidOrderIndex = 21700,
  kInvalidBaseAmount = 21701,
  kInvalidPrice = 21702,
  kInvalidIsAsk = 21703,
  kInvalidOrderType = 21704,
  kInvalidOrderTimeInForce = 21705,
  kInvalidOrderExpiry = 21711,
  kInvalidCancelAllTimeInForce = 21713,
  kInvalidCancelAllTime = 21714,
  kInvalidClientOrderIndex = 21727,
  kInvalidOrderTriggerPrice = 21729,
  kInvalidReduceOnlyMode = 21740,
  kInvalidGroupingType = 21741,
  kInvalidOrderGroupSize = 21742,
  kInvalidOrderInfo = 21743,
  kInvalidAssetIndex = 21801,
  kInvalidAssetMarginMode = 21802,
};

// The exchange's own text of a refusal.
std::string_view MessageOf(Refusal refusal);

// A status that carries the refusal; its message is the exchange's and, for people, `detail`.
// Unauthenticated (signature, keys), Unimplemented (transaction type) or InvalidArgument.
absl::Status Refuse(Refusal refusal, std::string_view detail);

// Nothing where the status is not of Refuse.
std::optional<Refusal> RefusalOf(const absl::Status& status);

}  // namespace switchyard::simulator::lighter::signatures
