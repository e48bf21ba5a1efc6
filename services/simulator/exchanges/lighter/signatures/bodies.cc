#include "services/simulator/exchanges/lighter/signatures/bodies.h"

#include <algorithm>

#include "common/crypto/bytes.h"
#include "services/simulator/exchanges/lighter/signatures/poseidon2.h"
#include "services/simulator/exchanges/lighter/signatures/ranges.h"

// The members of an initialiser list are read in the order in which they stand: the order of
// hashing.
namespace switchyard::simulator::lighter::signatures {
namespace {

constexpr std::size_t kMaxGroupSize = 3;
constexpr std::size_t kMemoSize = 32;

std::int64_t TakeMarket(FieldReader& fields) {
  const std::int64_t index = fields.Take("MarketIndex", ranges::kMarket);
  if (index == ranges::kAllMarkets) fields.Fail(Refusal::kInvalidMarketIndex, "255 is all markets");
  return index;
}

CreateOrder ReadOrder(FieldReader& fields) {
  return {
      .market_index = TakeMarket(fields),
      .client_order_index = fields.Take("ClientOrderIndex", ranges::kClientOrderIndex),
      .base_amount = fields.Take("BaseAmount", ranges::kBaseAmount),
      .price = fields.Take("Price", ranges::kPrice),
      .is_ask = fields.TakeFlag("IsAsk", Refusal::kInvalidIsAsk),
      .type = fields.TakeAs<OrderType>("Type", ranges::kOrderType),
      .time_in_force = fields.TakeAs<TimeInForce>("TimeInForce", ranges::kTimeInForce),
      .reduce_only = fields.TakeFlag("ReduceOnly", Refusal::kInvalidReduceOnlyMode),
      .trigger_price = fields.Take("TriggerPrice", ranges::kTriggerPrice),
      .order_expiry_ms = fields.Take("OrderExpiry", ranges::kOrderExpiry),
  };
}

CreateGroupedOrders ReadGroup(FieldReader& fields) {
  CreateGroupedOrders group;
  group.grouping = fields.TakeAs<GroupingType>("GroupingType", ranges::kGrouping);
  const Json* const orders = fields.Need("Orders");
  if (orders == nullptr) return group;
  if (!orders->is_array()) {
    fields.Fail(Refusal::kInvalidTxInfo, "Orders is not an array");
    return group;
  }
  if (orders->empty() || orders->size() > kMaxGroupSize) {
    fields.Fail(Refusal::kInvalidOrderGroupSize, "not 2 or 3 orders");
    return group;
  }
  Hash4 hash{};
  for (const Json& object : *orders) {
    if (!object.is_object()) {
      fields.Fail(Refusal::kInvalidTxInfo, "an order is not an object");
      return group;
    }
    FieldReader order_fields(object);
    group.orders.push_back(ReadOrder(order_fields));
    order_fields.RefuseUnknownKeys();
    if (!order_fields.status().ok()) {
      fields.Fail(order_fields.status());
      return group;
    }
    const Hash4 order_hash = HashTo4(order_fields.elements());
    hash = group.orders.size() == 1 ? order_hash : HashPair(hash, order_hash);
  }
  for (const Element element : hash) fields.AppendElement(element);
  return group;
}

CancelAllOrders ReadCancelAll(FieldReader& fields) {
  const CancelAllOrders cancel = {
      .mode = fields.TakeAs<CancelAllMode>("TimeInForce", ranges::kCancelAllMode),
      .time_ms = fields.Take("Time", ranges::kCancelAllTime),
  };
  if ((cancel.mode == CancelAllMode::kScheduled) != (cancel.time_ms != 0)) {
    fields.Fail(Refusal::kInvalidCancelAllTime, "a time goes with a schedule, and only with one");
  }
  return cancel;
}

// An amount with refusals of its own at both ends.
std::int64_t TakeAmount(FieldReader& fields, Refusal too_low, Refusal too_high) {
  const std::int64_t amount = fields.TakeSplit("Amount", ranges::kAmount);
  if (amount < 1) fields.Fail(too_low, "Amount is not positive");
  if (amount > ranges::kMax60) fields.Fail(too_high, "Amount is not below 2^60");
  return amount;
}

// An array of 32 numbers, each a byte.
std::string ReadMemo(FieldReader& fields) {
  const Json* const memo = fields.Need("Memo");
  if (memo == nullptr) return "";
  const auto is_byte = [](const Json& number) {
    return number.is_number_unsigned() && number.get<std::uint64_t>() <= 0xff;
  };
  if (!memo->is_array() || memo->size() != kMemoSize ||
      !std::all_of(memo->begin(), memo->end(), is_byte)) {
    fields.Fail(Refusal::kInvalidTxInfo, "Memo is not an array of 32 bytes");
    return "";
  }
  std::string bytes;
  for (const Json& number : *memo) bytes.push_back(static_cast<char>(number.get<std::uint8_t>()));
  return bytes;
}

Transfer ReadTransfer(FieldReader& fields) {
  return {
      .to_account_index = fields.Take("ToAccountIndex", ranges::kToAccount),
      .asset_index = fields.Take("AssetIndex", ranges::kAsset),
      .from_route = fields.TakeAs<RouteType>("FromRouteType", ranges::kRoute),
      .to_route = fields.TakeAs<RouteType>("ToRouteType", ranges::kRoute),
      .amount = TakeAmount(fields, Refusal::kTransferAmountTooLow, Refusal::kTransferAmountTooHigh),
      .usdc_fee = fields.TakeSplit("USDCFee", ranges::kUsdcFee),
      .memo = ReadMemo(fields),
      .l1_signature = fields.OptionalText("L1Sig"),
  };
}

absl::StatusOr<TransactionBody> ReadChangePubKey(FieldReader& fields) {
  const Json* const text = fields.Need("PubKey");
  if (text == nullptr) return fields.status();
  if (!text->is_string()) return Refuse(Refusal::kInvalidTxInfo, "PubKey is not a text");
  const absl::StatusOr<crypto::Bytes> bytes = crypto::FromBase64(text->get<std::string>());
  if (!bytes.ok()) return Refuse(Refusal::kInvalidTxInfo, "PubKey is not base64");
  const absl::StatusOr<PublicKey> key = PublicKey::FromBytes(*bytes);
  if (!key.ok()) {
    return Refuse(Refusal::kInvalidPublicKey, std::string(key.status().message()));
  }
  for (const Element limb : key->encoded().limbs) fields.AppendElement(limb);
  return ChangePubKey{.new_key = *key, .l1_signature = fields.OptionalText("L1Sig")};
}

PoolShares ReadShares(FieldReader& fields, const Range& amount) {
  return {.public_pool_index = fields.Take("PublicPoolIndex", ranges::kPool),
          .share_amount = fields.Take("ShareAmount", amount)};
}

ApproveIntegrator ReadApproval(FieldReader& fields) {
  return {
      .integrator_account_index = fields.Take("IntegratorAccountIndex", ranges::kIntegrator),
      .max_perps_taker_fee = fields.Take("MaxPerpsTakerFee", ranges::kIntegratorFee),
      .max_perps_maker_fee = fields.Take("MaxPerpsMakerFee", ranges::kIntegratorFee),
      .max_spot_taker_fee = fields.Take("MaxSpotTakerFee", ranges::kIntegratorFee),
      .max_spot_maker_fee = fields.Take("MaxSpotMakerFee", ranges::kIntegratorFee),
      .approval_expiry_ms = fields.Take("ApprovalExpiry", ranges::kApprovalExpiry),
      .l1_signature = fields.OptionalText("L1Sig"),
  };
}

// Those that move no order.
absl::StatusOr<TransactionBody> ReadAccountBody(TransactionType type, FieldReader& fields) {
  switch (type) {
    case TransactionType::kTransfer:
      return ReadTransfer(fields);
    case TransactionType::kWithdraw:
      return Withdraw{.asset_index = fields.Take("AssetIndex", ranges::kAsset),
                      .route = fields.TakeAs<RouteType>("RouteType", ranges::kRoute),
                      .amount = TakeAmount(fields, Refusal::kWithdrawalAmountTooLow,
                                           Refusal::kWithdrawalAmountTooHigh)};
    case TransactionType::kChangePubKey:
      return ReadChangePubKey(fields);
    case TransactionType::kCreateSubAccount:
      return CreateSubAccount();
    case TransactionType::kMintShares:
      return ReadShares(fields, ranges::kMintAmount);
    case TransactionType::kBurnShares:
      return ReadShares(fields, ranges::kBurnAmount);
    case TransactionType::kUpdateAccountConfig:
      return UpdateAccountConfig{
          .unified = fields.TakeFlag("AccountTradingMode", Refusal::kInvalidTxInfo)};
    case TransactionType::kUpdateAccountAssetConfig:
      return UpdateAccountAssetConfig{
          .asset_index = fields.Take("AssetIndex", ranges::kAsset),
          .asset_margin_mode = fields.Take("AssetMarginMode", ranges::kAssetMarginMode)};
    case TransactionType::kApproveIntegrator:
      return ReadApproval(fields);
    default:
      return Refuse(Refusal::kUnsupportedTxType, std::to_string(static_cast<int>(type)));
  }
}

absl::StatusOr<TransactionBody> ReadAnyBody(TransactionType type, FieldReader& fields) {
  switch (type) {
    case TransactionType::kCreateOrder:
      return ReadOrder(fields);
    case TransactionType::kCreateGroupedOrders:
      return ReadGroup(fields);
    case TransactionType::kCancelOrder:
      return CancelOrder{.market_index = TakeMarket(fields),
                         .index = fields.Take("Index", ranges::kOrderIndex)};
    case TransactionType::kCancelAllOrders:
      return ReadCancelAll(fields);
    case TransactionType::kModifyOrder:
      return ModifyOrder{.market_index = TakeMarket(fields),
                         .index = fields.Take("Index", ranges::kOrderIndex),
                         .base_amount = fields.Take("BaseAmount", ranges::kBaseAmount),
                         .price = fields.Take("Price", ranges::kPrice),
                         .trigger_price = fields.Take("TriggerPrice", ranges::kTriggerPrice)};
    case TransactionType::kUpdateLeverage:
      return UpdateLeverage{
          .market_index = TakeMarket(fields),
          .initial_margin_fraction = fields.Take("InitialMarginFraction", ranges::kMarginFraction),
          .margin_mode = fields.TakeAs<MarginMode>("MarginMode", ranges::kMarginMode)};
    case TransactionType::kUpdateMargin:
      return UpdateMargin{
          .market_index = TakeMarket(fields),
          .usdc_amount = fields.TakeSplit("USDCAmount", ranges::kUsdcAmount),
          .add = fields.TakeFlag("Direction", Refusal::kInvalidUpdateMarginDirection)};
    default:
      return ReadAccountBody(type, fields);
  }
}

}  // namespace

absl::StatusOr<TransactionBody> ReadBody(TransactionType type, FieldReader& fields) {
  absl::StatusOr<TransactionBody> body = ReadAnyBody(type, fields);
  if (body.ok() && !fields.status().ok()) return fields.status();
  return body;
}

}  // namespace switchyard::simulator::lighter::signatures
