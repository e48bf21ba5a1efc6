#pragma once

#include <cstdint>
#include <string>
#include <tuple>

#include "exchanges/lighter/signing/transactions/fields.h"

// Transactions about leverage, margin, money, keys and settings, spelt as the exchange spells them:
// amounts are integers in the asset's smallest unit (USDC: 1e-6), times milliseconds since 1970. No
// logic. Source: reference 3.10.
namespace switchyard::exchanges::lighter::signing {

enum class MarginMode : std::uint8_t { kCross = 0, kIsolated = 1 };
enum class MarginDirection : std::uint8_t { kRemove = 0, kAdd = 1 };
enum class Route : std::uint8_t { kPerps = 0, kSpot = 1 };
enum class TradingMode : std::uint8_t { kClassic = 0, kUnified = 1 };

struct UpdateLeverage {
  static constexpr std::uint8_t kType = 20;
  std::int64_t account_index = 0;
  std::int64_t api_key_index = 0;
  std::int64_t market_index = 0;
  std::int64_t initial_margin_fraction = 0;  // 1e-4: 500 is 20x
  MarginMode margin_mode = MarginMode::kCross;

  static constexpr auto Fields() {
    return std::make_tuple(
        Number("AccountIndex", &UpdateLeverage::account_index, &bounds::kFromAccount),
        Number("ApiKeyIndex", &UpdateLeverage::api_key_index, &bounds::kApiKey),
        Number("MarketIndex", &UpdateLeverage::market_index, &bounds::kMarket),
        Number("InitialMarginFraction", &UpdateLeverage::initial_margin_fraction,
               &bounds::kMarginFraction),
        Number("MarginMode", &UpdateLeverage::margin_mode, &bounds::kMarginMode));
  }
};

struct UpdateMargin {
  static constexpr std::uint8_t kType = 29;
  std::int64_t account_index = 0;
  std::int64_t api_key_index = 0;
  std::int64_t market_index = 0;
  std::int64_t usdc_amount = 0;
  MarginDirection direction = MarginDirection::kAdd;

  static constexpr auto Fields() {
    return std::make_tuple(
        Number("AccountIndex", &UpdateMargin::account_index, &bounds::kFromAccount),
        Number("ApiKeyIndex", &UpdateMargin::api_key_index, &bounds::kApiKey),
        Number("MarketIndex", &UpdateMargin::market_index, &bounds::kMarket),
        AmountField<UpdateMargin>{"USDCAmount", &UpdateMargin::usdc_amount,
                                  &bounds::kTransferAmount},
        Number("Direction", &UpdateMargin::direction, &bounds::kMarginDirection));
  }
};

// To another owner it also needs `l1_sig`, an Ethereum signature of l1_text.h's TransferText.
struct Transfer {
  static constexpr std::uint8_t kType = 12;
  std::int64_t from_account_index = 0;
  std::int64_t api_key_index = 0;
  std::int64_t to_account_index = 0;
  std::int64_t asset_index = 0;
  Route from_route = Route::kPerps;
  Route to_route = Route::kPerps;
  std::int64_t amount = 0;
  std::int64_t usdc_fee = 0;
  Memo memo{};
  std::string l1_sig;  // "0x" and 130 digits, or empty

  static constexpr auto Fields() {
    return std::make_tuple(
        Number("FromAccountIndex", &Transfer::from_account_index, &bounds::kFromAccount),
        Number("ApiKeyIndex", &Transfer::api_key_index, &bounds::kApiKey),
        Number("ToAccountIndex", &Transfer::to_account_index, &bounds::kToAccount),
        Number("AssetIndex", &Transfer::asset_index, &bounds::kAsset),
        Number("FromRouteType", &Transfer::from_route, &bounds::kRoute),
        Number("ToRouteType", &Transfer::to_route, &bounds::kRoute),
        AmountField<Transfer>{"Amount", &Transfer::amount, &bounds::kTransferAmount},
        AmountField<Transfer>{"USDCFee", &Transfer::usdc_fee, &bounds::kTransferFee},
        MemoField<Transfer>{"Memo", &Transfer::memo});
  }
  // What follows Sig.
  static constexpr auto Tail() {
    return std::make_tuple(TextField<Transfer>{"L1Sig", &Transfer::l1_sig});
  }
};

struct Withdraw {
  static constexpr std::uint8_t kType = 13;
  std::int64_t from_account_index = 0;
  std::int64_t api_key_index = 0;
  std::int64_t asset_index = 0;
  Route route = Route::kPerps;
  std::int64_t amount = 0;

  static constexpr auto Fields() {
    return std::make_tuple(
        Number("FromAccountIndex", &Withdraw::from_account_index, &bounds::kFromAccount),
        Number("ApiKeyIndex", &Withdraw::api_key_index, &bounds::kApiKey),
        Number("AssetIndex", &Withdraw::asset_index, &bounds::kAsset),
        Number("RouteType", &Withdraw::route, &bounds::kRoute),
        AmountField<Withdraw>{"Amount", &Withdraw::amount, &bounds::kWithdrawalAmount});
  }
};

// Signed by the new key itself; zeros instead of a key revoke the index. Needs `l1_sig`, an
// Ethereum signature of l1_text.h's ChangePubKeyText.
struct ChangePubKey {
  static constexpr std::uint8_t kType = 8;
  std::int64_t account_index = 0;
  std::int64_t api_key_index = 0;
  Bytes40 pub_key{};
  std::string l1_sig;  // "0x" and 130 digits, or empty

  static constexpr auto Fields() {
    return std::make_tuple(
        Number("AccountIndex", &ChangePubKey::account_index, &bounds::kFromAccount),
        Number("ApiKeyIndex", &ChangePubKey::api_key_index, &bounds::kApiKey),
        KeyField<ChangePubKey>{"PubKey", &ChangePubKey::pub_key},
        TextField<ChangePubKey>{"L1Sig", &ChangePubKey::l1_sig});
  }
};

struct CreateSubAccount {
  static constexpr std::uint8_t kType = 9;
  std::int64_t account_index = 0;  // the master account
  std::int64_t api_key_index = 0;

  static constexpr auto Fields() {
    return std::make_tuple(
        Number("AccountIndex", &CreateSubAccount::account_index, &bounds::kMasterAccount),
        Number("ApiKeyIndex", &CreateSubAccount::api_key_index, &bounds::kApiKey));
  }
};

// Fees in 1e-6. Across owners it also needs `l1_sig`, an Ethereum signature of l1_text.h's
// ApproveIntegratorText.
struct ApproveIntegrator {
  static constexpr std::uint8_t kType = 45;
  std::int64_t account_index = 0;
  std::int64_t api_key_index = 0;
  std::int64_t integrator_account_index = 0;
  std::int64_t max_perps_taker_fee = 0;
  std::int64_t max_perps_maker_fee = 0;
  std::int64_t max_spot_taker_fee = 0;
  std::int64_t max_spot_maker_fee = 0;
  std::int64_t approval_expiry = 0;  // 0: revokes, with fees of zero
  std::string l1_sig;                // "0x" and 130 digits, or empty

  static constexpr auto Fields() {
    using This = ApproveIntegrator;
    return std::make_tuple(
        Number("AccountIndex", &This::account_index, &bounds::kAccount),
        Number("ApiKeyIndex", &This::api_key_index, &bounds::kApiKey),
        Number("IntegratorAccountIndex", &This::integrator_account_index, &bounds::kIntegrator),
        Number("MaxPerpsTakerFee", &This::max_perps_taker_fee, &bounds::kMarketFee),
        Number("MaxPerpsMakerFee", &This::max_perps_maker_fee, &bounds::kMarketFee),
        Number("MaxSpotTakerFee", &This::max_spot_taker_fee, &bounds::kMarketFee),
        Number("MaxSpotMakerFee", &This::max_spot_maker_fee, &bounds::kMarketFee),
        Number("ApprovalExpiry", &This::approval_expiry, &bounds::kApprovalExpiry));
  }
  // What follows Sig.
  static constexpr auto Tail() {
    return std::make_tuple(TextField<ApproveIntegrator>{"L1Sig", &ApproveIntegrator::l1_sig});
  }
};

struct UpdateAccountConfig {
  static constexpr std::uint8_t kType = 41;
  std::int64_t account_index = 0;
  std::int64_t api_key_index = 0;
  TradingMode trading_mode = TradingMode::kClassic;

  static constexpr auto Fields() {
    return std::make_tuple(
        Number("AccountIndex", &UpdateAccountConfig::account_index, &bounds::kFromAccount),
        Number("ApiKeyIndex", &UpdateAccountConfig::api_key_index, &bounds::kApiKey),
        Number("AccountTradingMode", &UpdateAccountConfig::trading_mode, &bounds::kTradingMode));
  }
};

struct UpdateAccountAssetConfig {
  static constexpr std::uint8_t kType = 42;
  std::int64_t account_index = 0;
  std::int64_t api_key_index = 0;
  std::int64_t asset_index = 0;
  std::uint8_t asset_margin_mode = 0;  // 1: the asset is margin

  static constexpr auto Fields() {
    using This = UpdateAccountAssetConfig;
    return std::make_tuple(
        Number("AccountIndex", &This::account_index, &bounds::kFromAccount),
        Number("ApiKeyIndex", &This::api_key_index, &bounds::kApiKey),
        Number("AssetIndex", &This::asset_index, &bounds::kAsset),
        Number("AssetMarginMode", &This::asset_margin_mode, &bounds::kMarginMode));
  }
};

}  // namespace switchyard::exchanges::lighter::signing
