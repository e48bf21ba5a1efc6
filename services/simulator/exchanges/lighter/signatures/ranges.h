#pragma once

#include <cstdint>

#include "services/simulator/exchanges/lighter/signatures/field_reader.h"

// What each number of a transaction may be.
// Source: lighter.md section 3.10, "Bounds" and "Enums"; those of assets are the width that the
// exchange's library gives them.
namespace switchyard::simulator::lighter::signatures::ranges {

inline constexpr std::int64_t kMax32 = (std::int64_t{1} << 32) - 1;
inline constexpr std::int64_t kMax48 = (std::int64_t{1} << 48) - 1;
inline constexpr std::int64_t kMax60 = (std::int64_t{1} << 60) - 1;
inline constexpr std::int64_t kMax63 = INT64_MAX;
inline constexpr std::int64_t kMaxAccount = kMax48 - 1;
inline constexpr std::int64_t kMaxFee = 1'000'000;
inline constexpr std::int64_t kMaxAsset = 32767;
// In place of a market: all of them.
inline constexpr std::int64_t kAllMarkets = 255;

inline constexpr Range kNonce{0, kMax63, Refusal::kInvalidNonce};
inline constexpr Range kExpiredAt{0, kMax48, Refusal::kInvalidTxInfo};
inline constexpr Range kAccount{-1, kMaxAccount, Refusal::kInvalidAccountIndex};
inline constexpr Range kToAccount{-1, kMaxAccount, Refusal::kInvalidToAccount};
inline constexpr Range kApiKey{0, 254, Refusal::kInvalidApiKeyIndex};
// And 255: all keys.
inline constexpr Range kApiKeyOrAll{0, 255, Refusal::kInvalidApiKeyIndex};

inline constexpr Range kMarket{0, 32767, Refusal::kInvalidMarketIndex};
inline constexpr Range kClientOrderIndex{0, kMax48, Refusal::kInvalidClientOrderIndex};
inline constexpr Range kOrderIndex{1, kMax60, Refusal::kInvalidOrderIndex};
inline constexpr Range kBaseAmount{0, kMax48, Refusal::kInvalidBaseAmount};
inline constexpr Range kPrice{1, kMax32, Refusal::kInvalidPrice};
inline constexpr Range kTriggerPrice{0, kMax32, Refusal::kInvalidOrderTriggerPrice};
inline constexpr Range kOrderType{0, 6, Refusal::kInvalidOrderType};
inline constexpr Range kTimeInForce{0, 2, Refusal::kInvalidOrderTimeInForce};
inline constexpr Range kOrderExpiry{0, kMax48, Refusal::kInvalidOrderExpiry};
inline constexpr Range kCancelAllMode{0, 2, Refusal::kInvalidCancelAllTimeInForce};
inline constexpr Range kCancelAllTime{0, kMax48, Refusal::kInvalidCancelAllTime};
inline constexpr Range kGrouping{1, 3, Refusal::kInvalidGroupingType};

inline constexpr Range kMarginFraction{1, 10'000, Refusal::kInvalidInitialMarginFraction};
inline constexpr Range kMarginMode{0, 1, Refusal::kInvalidMarginMode};
inline constexpr Range kUsdcAmount{1, kMax60, Refusal::kInvalidAssetAmount};
inline constexpr Range kAsset{0, kMaxAsset, Refusal::kInvalidAssetIndex};
inline constexpr Range kRoute{0, 1, Refusal::kInvalidRouteType};
// The amount's ends have refusals of their own, so the reader lets all through.
inline constexpr Range kAmount{INT64_MIN, kMax63, Refusal::kInvalidAssetAmount};
inline constexpr Range kUsdcFee{0, kMax60, Refusal::kInvalidFee};
inline constexpr Range kPool{0, kMaxAccount, Refusal::kInvalidPublicPoolIndex};
inline constexpr Range kMintAmount{1, kMax60, Refusal::kInvalidMintShareAmount};
inline constexpr Range kBurnAmount{1, kMax60, Refusal::kInvalidBurnShareAmount};
inline constexpr Range kAssetMarginMode{0, 1, Refusal::kInvalidAssetMarginMode};
inline constexpr Range kIntegrator{0, kMaxAccount, Refusal::kInvalidAccountIndex};
inline constexpr Range kIntegratorFee{0, kMaxFee, Refusal::kInvalidFee};
inline constexpr Range kApprovalExpiry{0, kMax48, Refusal::kInvalidTxInfo};

}  // namespace switchyard::simulator::lighter::signatures::ranges
