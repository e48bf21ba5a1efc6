#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "services/simulator/exchanges/lighter/signatures/refusal.h"
#include "services/simulator/exchanges/lighter/signatures/schnorr.h"

// Lighter's signed transactions: read, checked and verified. All amounts and prices are the
// exchange's integers (price * 10^price_decimals and so on), all times milliseconds since 1970 UTC.
// Source: lighter.md sections 3.10 and 3.12.
namespace switchyard::simulator::lighter::signatures {

enum class TransactionType : int {
  kChangePubKey = 8,
  kCreateSubAccount = 9,
  kTransfer = 12,
  kWithdraw = 13,
  kCreateOrder = 14,
  kCancelOrder = 15,
  kCancelAllOrders = 16,
  kModifyOrder = 17,
  kMintShares = 18,
  kBurnShares = 19,
  kUpdateLeverage = 20,
  kCreateGroupedOrders = 28,
  kUpdateMargin = 29,
  kUpdateAccountConfig = 41,
  kUpdateAccountAssetConfig = 42,
  kApproveIntegrator = 45,
};

enum class OrderType {
  kLimit = 0,
  kMarket = 1,
  kStopLoss = 2,
  kStopLossLimit = 3,
  kTakeProfit = 4,
  kTakeProfitLimit = 5,
  kTwap = 6,
};
enum class TimeInForce { kImmediateOrCancel = 0, kGoodTillTime = 1, kPostOnly = 2 };
enum class CancelAllMode { kImmediate = 0, kScheduled = 1, kAbortSchedule = 2 };
enum class GroupingType { kOneTriggersOther = 1, kOneCancelsOther = 2, kOneTriggersOco = 3 };
enum class MarginMode { kCross = 0, kIsolated = 1 };
enum class RouteType { kPerps = 0, kSpot = 1 };
enum class SelfTradeBehaviour { kExpireMaker = 0, kExpireTaker = 1, kCancelBoth = 2, kReduce = 3 };

// Whose market, type, prices and flags fit one another; that the market exists, its steps and the
// balance are for the caller to judge.
struct CreateOrder {
  std::int64_t market_index = 0;
  // 0 = none, else below 2^48.
  std::int64_t client_order_index = 0;
  // 0 = the whole position (reduce-only), or what the parent filled (child of a group).
  std::int64_t base_amount = 0;
  // The worst acceptable one where the type is a market order's.
  std::int64_t price = 0;
  bool is_ask = false;
  OrderType type = OrderType::kLimit;
  TimeInForce time_in_force = TimeInForce::kImmediateOrCancel;
  bool reduce_only = false;
  // 0 = none.
  std::int64_t trigger_price = 0;
  // 0 = none.
  std::int64_t order_expiry_ms = 0;
};

// The first of kOneTriggersOther and kOneTriggersOco is the parent.
struct CreateGroupedOrders {
  GroupingType grouping = GroupingType::kOneTriggersOther;
  std::vector<CreateOrder> orders;
};

struct CancelOrder {
  std::int64_t market_index = 0;
  // Below 2^48 a client's index, else the exchange's.
  std::int64_t index = 0;
};

// Of all markets, unless Attributes::cancel_all_market_index names one (kImmediate only).
struct CancelAllOrders {
  CancelAllMode mode = CancelAllMode::kImmediate;
  // Of kScheduled, else 0.
  std::int64_t time_ms = 0;
};

struct ModifyOrder {
  std::int64_t market_index = 0;
  // As in CancelOrder.
  std::int64_t index = 0;
  // 0 only makes sense where it did when the order was made: for the caller to judge.
  std::int64_t base_amount = 0;
  std::int64_t price = 0;
  std::int64_t trigger_price = 0;
};

struct UpdateLeverage {
  std::int64_t market_index = 0;
  // In 1e-4: 10000 / leverage.
  std::int64_t initial_margin_fraction = 0;
  MarginMode margin_mode = MarginMode::kCross;
};

struct UpdateMargin {
  std::int64_t market_index = 0;
  // In 1e-6 USDC.
  std::int64_t usdc_amount = 0;
  // Otherwise it is taken from the position.
  bool add = false;
};

struct Transfer {
  std::int64_t to_account_index = 0;
  std::int64_t asset_index = 0;
  RouteType from_route = RouteType::kPerps;
  RouteType to_route = RouteType::kPerps;
  std::int64_t amount = 0;
  // In 1e-6 USDC.
  std::int64_t usdc_fee = 0;
  // 32 bytes; not signed by the API key.
  std::string memo;
  // As sent; "" where there is none. It is not verified here.
  std::string l1_signature;
};

struct Withdraw {
  std::int64_t asset_index = 0;
  RouteType route = RouteType::kPerps;
  std::int64_t amount = 0;
};

// Signed by the new key itself, so the signature says nothing about the account: `l1_signature`,
// which is not verified here, does.
struct ChangePubKey {
  PublicKey new_key;
  std::string l1_signature;
};

struct CreateSubAccount {};

// Minted or, by type, burnt.
struct PoolShares {
  std::int64_t public_pool_index = 0;
  std::int64_t share_amount = 0;
};

struct UpdateAccountConfig {
  // Otherwise classic.
  bool unified = false;
};

struct UpdateAccountAssetConfig {
  std::int64_t asset_index = 0;
  std::int64_t asset_margin_mode = 0;
};

// Fees in 1e-6.
struct ApproveIntegrator {
  std::int64_t integrator_account_index = 0;
  std::int64_t max_perps_taker_fee = 0;
  std::int64_t max_perps_maker_fee = 0;
  std::int64_t max_spot_taker_fee = 0;
  std::int64_t max_spot_maker_fee = 0;
  std::int64_t approval_expiry_ms = 0;
  // As in Transfer.
  std::string l1_signature;
};

using TransactionBody =
    std::variant<CreateOrder, CreateGroupedOrders, CancelOrder, CancelAllOrders, ModifyOrder,
                 UpdateLeverage, UpdateMargin, Transfer, Withdraw, ChangePubKey, CreateSubAccount,
                 PoolShares, UpdateAccountConfig, UpdateAccountAssetConfig, ApproveIntegrator>;

struct Attributes {
  // 0 = none. Fees in 1e-6.
  std::int64_t integrator_account_index = 0;
  std::int64_t integrator_taker_fee = 0;
  std::int64_t integrator_maker_fee = 0;
  // Any nonce above the last one will do.
  bool skip_nonce = false;
  std::optional<std::int64_t> cancel_all_market_index;
  SelfTradeBehaviour self_trade_behaviour = SelfTradeBehaviour::kExpireMaker;
  // Orders of one master account count as one's own, not those of one account alone.
  bool self_trade_by_master_account = false;
  // 0 = none.
  std::int64_t order_version = 0;
};

struct Transaction {
  TransactionType type = TransactionType::kCreateOrder;
  // The account that pays, where there are two.
  std::int64_t account_index = 0;
  // 255 = every key of the account, of CancelAllOrders alone.
  std::int64_t api_key_index = 0;
  std::int64_t nonce = 0;
  // The sequencer does not execute it later.
  std::int64_t expired_at_ms = 0;
  Attributes attributes;
  TransactionBody body;
  // What was signed, and the exchange's tx_hash: 80 lower-case hex digits.
  std::string hash;
};

// The key registered for (account index, API key index). Its error is handed on as it is: Refuse
// with kApiKeyNotFound where there is none.
using KeyLookup = std::function<absl::StatusOr<PublicKey>(std::int64_t, std::int64_t)>;

struct VerificationContext {
  // 304 mainnet, 300 testnet, 466324 Robinhood Chain.
  std::int64_t chain_id = 0;
  KeyLookup keys;
  // Whether a market (by index) is a spot market: the number alone does not say it.
  std::function<bool(std::int64_t)> is_spot;
};

// Reads `tx_info`, the JSON object of a transaction, and checks in this order: the form (every key
// there, none twice, none unknown, integers written as such), ranges and what has to fit together,
// the signature. Rules that need the clock (order expiries, cancel-all time, expired_at_ms), the
// nonce's continuity, the market and the account are for the caller. `L1Sig` and `L2TxAttributes`
// may be left out, as older signers do.
// Stricter than the exchange may be: unknown and repeated keys are refused, so that a misspelt key
// shows. A key change to zero (revocation) is refused too: which key signs it is not established.
// Errors: of Refuse, and those of `context.keys`.
absl::StatusOr<Transaction> VerifyTransaction(int tx_type, std::string_view tx_info,
                                              const VerificationContext& context);

}  // namespace switchyard::simulator::lighter::signatures
