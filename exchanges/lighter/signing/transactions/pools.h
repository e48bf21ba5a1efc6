#pragma once

#include <cstdint>
#include <tuple>

#include "exchanges/lighter/signing/transactions/fields.h"

// Transactions about public and staking pools, spelt as the exchange spells them. No logic.
// Source: reference 3.10.
namespace switchyard::exchanges::lighter::signing {

struct MintShares {
  static constexpr std::uint8_t kType = 18;
  std::int64_t account_index = 0;
  std::int64_t api_key_index = 0;
  std::int64_t public_pool_index = 0;
  std::int64_t share_amount = 0;

  static constexpr auto Fields() {
    return std::make_tuple(
        Number("AccountIndex", &MintShares::account_index, &bounds::kFromAccount),
        Number("ApiKeyIndex", &MintShares::api_key_index, &bounds::kApiKey),
        Number("PublicPoolIndex", &MintShares::public_pool_index, &bounds::kPublicPool),
        Number("ShareAmount", &MintShares::share_amount, &bounds::kMintedShares));
  }
};

struct BurnShares {
  static constexpr std::uint8_t kType = 19;
  std::int64_t account_index = 0;
  std::int64_t api_key_index = 0;
  std::int64_t public_pool_index = 0;
  std::int64_t share_amount = 0;

  static constexpr auto Fields() {
    return std::make_tuple(
        Number("AccountIndex", &BurnShares::account_index, &bounds::kFromAccount),
        Number("ApiKeyIndex", &BurnShares::api_key_index, &bounds::kApiKey),
        Number("PublicPoolIndex", &BurnShares::public_pool_index, &bounds::kPublicPool),
        Number("ShareAmount", &BurnShares::share_amount, &bounds::kBurntShares));
  }
};

struct StakeAssets {
  static constexpr std::uint8_t kType = 35;
  std::int64_t account_index = 0;
  std::int64_t api_key_index = 0;
  std::int64_t staking_pool_index = 0;
  std::int64_t share_amount = 0;

  static constexpr auto Fields() {
    return std::make_tuple(
        Number("AccountIndex", &StakeAssets::account_index, &bounds::kFromAccount),
        Number("ApiKeyIndex", &StakeAssets::api_key_index, &bounds::kApiKey),
        Number("StakingPoolIndex", &StakeAssets::staking_pool_index, &bounds::kStakingPool),
        Number("ShareAmount", &StakeAssets::share_amount, &bounds::kStakedShares));
  }
};

struct UnstakeAssets {
  static constexpr std::uint8_t kType = 36;
  std::int64_t account_index = 0;
  std::int64_t api_key_index = 0;
  std::int64_t staking_pool_index = 0;
  std::int64_t share_amount = 0;

  static constexpr auto Fields() {
    return std::make_tuple(
        Number("AccountIndex", &UnstakeAssets::account_index, &bounds::kFromAccount),
        Number("ApiKeyIndex", &UnstakeAssets::api_key_index, &bounds::kApiKey),
        Number("StakingPoolIndex", &UnstakeAssets::staking_pool_index, &bounds::kPublicPool),
        Number("ShareAmount", &UnstakeAssets::share_amount, &bounds::kUnstakedShares));
  }
};

// The operator's fee in 1e-6, its least share in 1e-4.
struct CreatePublicPool {
  static constexpr std::uint8_t kType = 10;
  std::int64_t account_index = 0;
  std::int64_t api_key_index = 0;
  std::int64_t operator_fee = 0;
  std::int64_t initial_total_shares = 0;
  std::int64_t min_operator_share_rate = 0;

  static constexpr auto Fields() {
    using This = CreatePublicPool;
    return std::make_tuple(
        Number("AccountIndex", &This::account_index, &bounds::kMasterAccount),
        Number("ApiKeyIndex", &This::api_key_index, &bounds::kApiKey),
        Number("OperatorFee", &This::operator_fee, &bounds::kOperatorFee),
        Number("InitialTotalShares", &This::initial_total_shares, &bounds::kInitialShares),
        Number("MinOperatorShareRate", &This::min_operator_share_rate,
               &bounds::kOperatorShareRate));
  }
};

struct UpdatePublicPool {
  static constexpr std::uint8_t kType = 11;
  std::int64_t account_index = 0;
  std::int64_t api_key_index = 0;
  std::int64_t public_pool_index = 0;
  std::uint8_t status = 0;
  std::int64_t operator_fee = 0;
  std::int64_t min_operator_share_rate = 0;

  static constexpr auto Fields() {
    using This = UpdatePublicPool;
    return std::make_tuple(
        Number("AccountIndex", &This::account_index, &bounds::kAccount),
        Number("ApiKeyIndex", &This::api_key_index, &bounds::kApiKey),
        Number("PublicPoolIndex", &This::public_pool_index, &bounds::kAnyPublicPool),
        Number("Status", &This::status, &bounds::kPoolStatus),
        Number("OperatorFee", &This::operator_fee, &bounds::kOperatorFee),
        Number("MinOperatorShareRate", &This::min_operator_share_rate,
               &bounds::kOperatorShareRate));
  }
};

}  // namespace switchyard::exchanges::lighter::signing
