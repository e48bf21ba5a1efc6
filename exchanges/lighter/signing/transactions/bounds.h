#pragma once

#include <cstdint>
#include <string_view>

// The ranges of transaction fields, with the words in which the exchange's client library refuses
// what lies outside. Source: reference 3.10, and lighter-go 17f2d60, types/txtypes (constants.go
// and errors.go).
namespace switchyard::exchanges::lighter::signing {

struct Bounds {
  std::int64_t low;
  std::int64_t high;
  std::string_view too_low;
  std::string_view too_high;
};

// For fields that are refused in the same words on either side.
constexpr Bounds Within(std::int64_t low, std::int64_t high, std::string_view refusal) {
  return {low, high, refusal, refusal};
}

namespace bounds {

inline constexpr std::int64_t kMax48 = (std::int64_t{1} << 48) - 1;
inline constexpr std::int64_t kMax60 = (std::int64_t{1} << 60) - 1;
inline constexpr std::int64_t kMax63 = INT64_MAX;
inline constexpr std::int64_t kMaxAccount = kMax48 - 1;
// Sub-accounts and pools are numbered from here to kMaxAccount.
inline constexpr std::int64_t kFirstSubAccount = std::int64_t{1} << 47;
inline constexpr std::int64_t kMaxPrice = 0xffff'ffff;
inline constexpr std::int64_t kFeeTick = 1'000'000;
inline constexpr std::int64_t kMaxApiKey = 254;
// In a cancellation of all orders: those of all keys.
inline constexpr std::int64_t kAllApiKeys = 255;
// "No market", in cancellations of all orders: those of all markets.
inline constexpr std::int64_t kNoMarket = 255;
inline constexpr std::int64_t kMaxMarket = 32767;

inline constexpr Bounds kAccount = {-1, kMaxAccount, "AccountIndex should not be less than -1",
                                    "AccountIndex should not be larger than 281474976710654"};
inline constexpr Bounds kFromAccount = {
    -1, kMaxAccount, "FromAccountIndex should not be less than -1",
    "FromAccountIndex should not be larger than 281474976710654"};
inline constexpr Bounds kMasterAccount = {
    -1, kFirstSubAccount - 1, "FromAccountIndex should not be less than -1",
    "FromAccountIndex should not be larger than 281474976710654"};
inline constexpr Bounds kToAccount = {-1, kMaxAccount, "ToAccountIndex should not be less than -1",
                                      "ToAccountIndex should not be larger than 281474976710654"};
inline constexpr Bounds kIntegrator = {
    -1, kMaxAccount, "IntegratorAccountIndex should not be less than -1",
    "IntegratorAccountIndex should not be larger than 281474976710654"};
inline constexpr Bounds kPublicPool = {kFirstSubAccount, kMaxAccount,
                                       "PublicPoolIndex should not be less than -1",
                                       "PublicPoolIndex should not be larger than 281474976710654"};
inline constexpr Bounds kAnyPublicPool = {
    -1, kMaxAccount, "PublicPoolIndex should not be less than -1",
    "PublicPoolIndex should not be larger than 281474976710654"};
inline constexpr Bounds kStakingPool = {
    kFirstSubAccount, kMaxAccount, "StakingPoolIndex should not be less than 140737488355328",
    "StakingPoolIndex should not be larger than 281474976710654"};
inline constexpr Bounds kApiKey = {0, kMaxApiKey, "ApiKeyIndex should not be less than 0",
                                   "ApiKeyIndex should not be larger than 254"};
inline constexpr Bounds kApiKeyOrAll = {0, kAllApiKeys, kApiKey.too_low, kApiKey.too_high};
// The newer library's range: perpetuals and spot markets are told apart by their metadata.
inline constexpr Bounds kMarket = Within(0, kMaxMarket, "MarketIndex is not valid");

inline constexpr Bounds kClientOrder = {
    0, kMax48, "ClientOrderIndex should not be less than 1",
    "ClientOrderIndex should not be larger than 281474976710655"};
inline constexpr Bounds kCancelledOrder = {
    1, kMax60, "OrderIndex should not be less than 281474976710656",
    "OrderIndex should not be larger than 1152921504606846975"};
inline constexpr Bounds kModifiedOrder = {1, kMax60, kClientOrder.too_low, kClientOrder.too_high};
inline constexpr Bounds kBaseAmount = {0, kMax48, "BaseAmount should not be less than 1",
                                       "BaseAmount should not be larger than 281474976710655"};
inline constexpr Bounds kPrice = {1, kMaxPrice, "OrderPrice should not be less than 1",
                                  "OrderPrice should not be larger than 4294967295"};
inline constexpr Bounds kTriggerPrice = Within(0, kMaxPrice, "TriggerPrice is invalid");
inline constexpr Bounds kIsAsk = Within(0, 1, "IsAsk should be 0 or 1");
inline constexpr Bounds kTimeInForce = Within(0, 2, "OrderTimeInForce is not valid");
inline constexpr Bounds kReduceOnly = Within(0, 1, "ReduceOnly is invalid");
inline constexpr Bounds kOrderExpiry = Within(0, kMax63, "OrderExpiry is invalid");

inline constexpr Bounds kMarginFraction = {1, 10'000,
                                           "InitialMarginFraction should not be less than 0",
                                           "InitialMarginFraction should not be larger than 10000"};
inline constexpr Bounds kMarginMode = Within(0, 1, "MarginMode is not valid");
inline constexpr Bounds kMarginDirection = Within(0, 1, "Margin movement direction is not valid");
inline constexpr Bounds kAsset = {1, 62, "AssetIndex should not be less than 1",
                                  "AssetIndex should not be larger than 62"};
inline constexpr Bounds kRoute = Within(0, 1, "RouteType is invalid");
inline constexpr Bounds kTransferAmount = {
    1, kMax60, "TransferAmount should be larger than 1",
    "TransferAmount should not be larger than 1152921504606846975"};
inline constexpr Bounds kTransferFee = {
    0, kMax60, "TransferFee should not be negative",
    "TransferFee should not be larger than 1152921504606846975"};
inline constexpr Bounds kWithdrawalAmount = {
    1, kMax60, "WithdrawalAmount should be larger than 1",
    "WithdrawalAmount should not be larger than 1152921504606846975"};
inline constexpr Bounds kTradingMode = Within(0, 1, "AccountTradingMode is invalid");
inline constexpr Bounds kMarketFee = {0, kFeeTick, "MarketFee should not be less than 0",
                                      "MarketFee should not be larger than 1000000"};
inline constexpr Bounds kApprovalExpiry = Within(0, kMax48, "ApprovalExpiry is invalid");

inline constexpr Bounds kMintedShares = {
    1, kMax60, "PoolMintShareAmount should be larger than 1",
    "PoolMintShareAmount should not be larger than 1152921504606846975"};
inline constexpr Bounds kBurntShares = {
    1, kMax60, "PoolBurnShareAmount should be larger than 1",
    "PoolBurnShareAmount should not be larger than 1152921504606846975"};
inline constexpr Bounds kStakedShares = {
    1, kMax60, "StakeAssetsAmount should be larger than 1",
    "StakeAssetsAmount should not be larger than 1152921504606846975"};
inline constexpr Bounds kUnstakedShares = {
    1, kMax60, "UnstakeAssetsAmount should be larger than 1",
    "UnstakeAssetsAmount should not be larger than 1152921504606846975"};
inline constexpr Bounds kOperatorFee =
    Within(0, kFeeTick, "PoolOperatorFee should be larger than 0 and not larger than 1000000");
inline constexpr Bounds kInitialShares = {
    1, 1'000'000'000'000, "PoolInitialTotalShares should be larger than 1000000",
    "PoolInitialTotalShares should not be larger than 1000000000000"};
inline constexpr Bounds kOperatorShareRate = {
    0, 10'000, "PoolMinOperatorShareRate should be larger than 0",
    "PoolMinOperatorShareRate should not be larger than 10000"};
inline constexpr Bounds kPoolStatus = Within(0, 1, "PoolStatus should be either 0 or 1");

inline constexpr Bounds kNonce = Within(0, kMax63, "AccountNonce should not be less than 0");
inline constexpr Bounds kExpiredAt = Within(0, kMax48, "ExpiredAt is invalid");

}  // namespace bounds
}  // namespace switchyard::exchanges::lighter::signing
