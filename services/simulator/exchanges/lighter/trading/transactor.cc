#include "services/simulator/exchanges/lighter/trading/transactor.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "services/simulator/exchanges/lighter/signatures/refusal.h"

namespace switchyard::simulator::lighter {
namespace {

using signatures::CancelAllMode;
using signatures::CancelAllOrders;
using signatures::CancelOrder;
using signatures::CreateGroupedOrders;
using signatures::CreateOrder;
using signatures::GroupingType;
using signatures::MarginMode;
using signatures::ModifyOrder;
using signatures::RouteType;
using signatures::SelfTradeBehaviour;
using signatures::Transaction;
using signatures::UpdateLeverage;
using signatures::UpdateMargin;

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kDayMs = 86'400'000;
// How far ahead an expiry, or a scheduled cancel-all, may be.
constexpr std::int64_t kSoonestMs = 5 * kMinuteMs;
constexpr std::int64_t kLatestExpiryMs = 30 * kDayMs;
constexpr std::int64_t kLatestCancelMs = 15 * kDayMs;
constexpr std::int64_t kNonceLimit = (std::int64_t{1} << 47) - 1;

Submission Refused(int code, std::string_view message) {
  return {code, std::string(message), {}, {}};
}
Submission Refused(Code code) { return Refused(static_cast<int>(code), MessageOf(code)); }

Submission Refused(const absl::Status& status) {
  const auto refusal = signatures::RefusalOf(status);
  if (!refusal) return Refused(Code::kInternal);
  return Refused(static_cast<int>(*refusal), signatures::MessageOf(*refusal));
}

engine::SelfTrade SelfTradeOf(SelfTradeBehaviour behaviour) {
  switch (behaviour) {
    case SelfTradeBehaviour::kExpireMaker:
      return engine::SelfTrade::kCancelOldest;
    case SelfTradeBehaviour::kExpireTaker:
      return engine::SelfTrade::kCancelNewest;
    // The engine has no "reduce": both go, which leaves the same position.
    case SelfTradeBehaviour::kCancelBoth:
    case SelfTradeBehaviour::kReduce:
      break;
  }
  return engine::SelfTrade::kCancelBoth;
}

engine::Amount AmountOf(std::int64_t units, const AssetRow& asset) {
  return engine::Amount::Of(units, asset.decimals);
}

bool Places(const Transaction& transaction) {
  return std::holds_alternative<CreateOrder>(transaction.body) ||
         std::holds_alternative<CreateGroupedOrders>(transaction.body) ||
         std::holds_alternative<ModifyOrder>(transaction.body);
}

bool Cancels(const Transaction& transaction) {
  return std::holds_alternative<CancelOrder>(transaction.body) ||
         std::holds_alternative<CancelAllOrders>(transaction.body);
}

}  // namespace

Submission Transactor::Submit(const std::vector<RawTransaction>& raw, std::string_view path,
                              std::string_view channel) {
  std::vector<Transaction> transactions;
  const signatures::VerificationContext context = {
      kChainId, [this](std::int64_t account, std::int64_t key) { return keys_.Find(account, key); },
      [this](std::int64_t market) {
        const Listing* const listing = desk_.listings().Find(market);
        return listing != nullptr && listing->is_spot();
      }};
  for (const RawTransaction& one : raw) {
    auto verified = signatures::VerifyTransaction(static_cast<int>(one.type), one.info, context);
    if (!verified.ok()) return Refused(verified.status());
    transactions.push_back(*std::move(verified));
  }
  if (transactions.empty()) return Refused(Code::kInvalidTxInfo);
  const std::string account = std::to_string(transactions.front().account_index);
  if (!limit_.Spend(account, static_cast<std::int64_t>(transactions.size()), SteadyNowNs())) {
    return Refused(Code::kTooManyRequests);
  }
  if (const Code code = CheckNonces(transactions); code != Code::kNone) return Refused(code);
  for (const Transaction& transaction : transactions) {
    if (const Code code = Check(transaction); code != Code::kNone) return Refused(code);
  }
  Submission submission;
  const bool places = std::any_of(transactions.begin(), transactions.end(), Places);
  if (places || std::any_of(transactions.begin(), transactions.end(), Cancels)) {
    const std::string symbol = SymbolOf(transactions);
    submission.fate = faults_.JudgeOrder({"lighter", path, channel, symbol, places});
  }
  for (const Transaction& transaction : transactions) {
    submission.hashes.push_back(transaction.hash);
    if (submission.fate.swallow) continue;
    keys_.FindKey(transaction.account_index, transaction.api_key_index)->nonce =
        transaction.nonce + 1;
    Apply(transaction, submission.fate.parts);
  }
  return submission;
}

Code Transactor::CheckNonces(const std::vector<Transaction>& transactions) {
  const Transaction& first = transactions.front();
  const KeyRing::Key* const key = keys_.FindKey(first.account_index, first.api_key_index);
  if (key == nullptr) return Code::kApiKeyNotFound;
  std::int64_t next = key->nonce;
  for (const Transaction& transaction : transactions) {
    if (transaction.account_index != first.account_index ||
        transaction.api_key_index != first.api_key_index) {
      return Code::kBatchOfManyOwners;
    }
    const bool fits = transaction.attributes.skip_nonce
                          ? transaction.nonce >= next && transaction.nonce < kNonceLimit
                          : transaction.nonce == next;
    if (!fits) {
      return &transaction == &first ? Code::kInvalidNonce : Code::kNonIncreasingNonce;
    }
    next = transaction.nonce + 1;
    if (transaction.expired_at_ms <= desk_.now_ns() / kNsPerMs) return Code::kInvalidTxInfo;
  }
  return Code::kNone;
}

Order* Transactor::ActiveOrder(const Transaction& transaction, std::int64_t market,
                               std::int64_t index) {
  Order* const order = desk_.orders().Find(transaction.account_index, index);
  const bool fits = order != nullptr && order->is_active() && order->listing->id() == market;
  return fits ? order : nullptr;
}

Code Transactor::Check(const Transaction& transaction) {
  const std::int64_t now_ms = desk_.now_ns() / kNsPerMs;
  if (const auto* create = std::get_if<CreateOrder>(&transaction.body)) {
    return CheckOrder(transaction, *create);
  }
  if (const auto* group = std::get_if<CreateGroupedOrders>(&transaction.body)) {
    for (const CreateOrder& order : group->orders) {
      if (const Code code = CheckOrder(transaction, order); code != Code::kNone) return code;
    }
    return Code::kNone;
  }
  if (const auto* cancel = std::get_if<CancelOrder>(&transaction.body)) {
    const bool found = ActiveOrder(transaction, cancel->market_index, cancel->index) != nullptr;
    return found ? Code::kNone : Code::kNotAnActiveLimitOrder;
  }
  if (const auto* modify = std::get_if<ModifyOrder>(&transaction.body)) {
    const bool found = ActiveOrder(transaction, modify->market_index, modify->index) != nullptr;
    return found ? Code::kNone : Code::kNotAnActiveLimitOrder;
  }
  if (const auto* cancel = std::get_if<CancelAllOrders>(&transaction.body)) {
    const std::int64_t ahead = cancel->time_ms - now_ms;
    const bool scheduled = cancel->mode == CancelAllMode::kScheduled;
    const bool bad = scheduled && (ahead < kSoonestMs || ahead > kLatestCancelMs);
    return bad ? Code::kInvalidCancelAllTime : Code::kNone;
  }
  if (const auto* leverage = std::get_if<UpdateLeverage>(&transaction.body)) {
    const Listing* const listing = desk_.listings().Find(leverage->market_index);
    if (listing == nullptr || listing->is_spot()) return Code::kInvalidMarketIndex;
    const bool isolated = leverage->margin_mode == MarginMode::kIsolated;
    return desk_.CheckMargin(transaction.account_index, *listing,
                             {leverage->initial_margin_fraction, isolated});
  }
  if (const auto* margin = std::get_if<UpdateMargin>(&transaction.body)) {
    const Listing* const listing = desk_.listings().Find(margin->market_index);
    return listing == nullptr || listing->is_spot() ? Code::kInvalidMarketIndex : Code::kNone;
  }
  return Move(transaction, true);
}

Code Transactor::CheckOrder(const Transaction& transaction, const CreateOrder& order) {
  if (desk_.listings().Find(order.market_index) == nullptr) return Code::kInvalidMarketIndex;
  const std::int64_t ahead = order.order_expiry_ms - desk_.now_ns() / kNsPerMs;
  if (order.order_expiry_ms != 0 && (ahead < kSoonestMs || ahead > kLatestExpiryMs)) {
    return Code::kInvalidOrderExpiry;
  }
  // A child of a group has no amount of its own.
  if (order.base_amount == 0) return Code::kNone;
  return desk_.Check(Draft(transaction, order, 1));
}

Order Transactor::Draft(const Transaction& transaction, const CreateOrder& order,
                        std::int64_t parts) const {
  Order draft;
  draft.account = transaction.account_index;
  draft.listing = desk_.listings().Find(order.market_index);
  draft.asked = order;
  draft.self_trade = SelfTradeOf(transaction.attributes.self_trade_behaviour);
  draft.lots = order.base_amount;
  draft.price = order.price;
  draft.trigger_price = order.trigger_price;
  draft.nonce = transaction.nonce;
  draft.parts = parts;
  return draft;
}

void Transactor::Apply(const Transaction& transaction, std::int64_t parts) {
  const std::int64_t account = transaction.account_index;
  if (const auto* create = std::get_if<CreateOrder>(&transaction.body)) {
    desk_.Place(Draft(transaction, *create, parts));
  } else if (const auto* group = std::get_if<CreateGroupedOrders>(&transaction.body)) {
    std::vector<Order> drafts;
    for (const CreateOrder& order : group->orders) {
      drafts.push_back(Draft(transaction, order, parts));
    }
    desk_.PlaceGroup(std::move(drafts), group->grouping != GroupingType::kOneCancelsOther);
  } else if (const auto* cancel = std::get_if<CancelOrder>(&transaction.body)) {
    Order* const order = ActiveOrder(transaction, cancel->market_index, cancel->index);
    // Another one of the batch may have ended it.
    if (order != nullptr) desk_.Cancel(*order, OrderStatus::kCanceled);
  } else if (const auto* modify = std::get_if<ModifyOrder>(&transaction.body)) {
    Order* const order = ActiveOrder(transaction, modify->market_index, modify->index);
    if (order != nullptr) static_cast<void>(desk_.Modify(*order, *modify));
  } else if (const auto* cancel_all = std::get_if<CancelAllOrders>(&transaction.body)) {
    CancelAll(transaction, *cancel_all);
  } else if (const auto* leverage = std::get_if<UpdateLeverage>(&transaction.body)) {
    const bool isolated = leverage->margin_mode == MarginMode::kIsolated;
    static_cast<void>(desk_.SetMargin(account, *desk_.listings().Find(leverage->market_index),
                                      {leverage->initial_margin_fraction, isolated}));
  } else if (const auto* margin = std::get_if<UpdateMargin>(&transaction.body)) {
    const engine::Amount amount = engine::Amount::Of(margin->usdc_amount, kQuoteDecimals);
    static_cast<void>(desk_.ChangeMargin(account, *desk_.listings().Find(margin->market_index),
                                         margin->add ? amount : -amount));
  } else {
    static_cast<void>(Move(transaction, false));
  }
}

Code Transactor::Move(const Transaction& transaction, bool check_only) {
  const std::int64_t account = transaction.account_index;
  const auto* const withdraw = std::get_if<signatures::Withdraw>(&transaction.body);
  const auto* const transfer = std::get_if<signatures::Transfer>(&transaction.body);
  if (withdraw == nullptr && transfer == nullptr) return Code::kUnsupportedTxType;
  const AssetRow* const asset =
      FindAsset(withdraw != nullptr ? withdraw->asset_index : transfer->asset_index);
  if (asset == nullptr) return Code::kAssetNotFound;
  const RouteType from = withdraw != nullptr ? withdraw->route : transfer->from_route;
  const engine::Amount amount =
      AmountOf(withdraw != nullptr ? withdraw->amount : transfer->amount, *asset);
  const bool spot = from == RouteType::kSpot;
  if (transfer != nullptr && !desk_.HasAccount(transfer->to_account_index)) {
    return Code::kInvalidToAccount;
  }
  if (check_only) {
    const engine::Amount have = spot ? desk_.ledger().Of(account, asset->symbol).available
                                     : desk_.futures().FiguresOf(account).available;
    if (!spot && asset->id != kUsdcAsset) return Code::kNotEnoughAssetBalance;
    if (have >= amount) return Code::kNone;
    return spot ? Code::kNotEnoughAssetBalance : Code::kNotEnoughCollateral;
  }
  const Code code = desk_.Move(account, *asset, spot, -amount);
  if (code != Code::kNone || transfer == nullptr) return code;
  return desk_.Move(transfer->to_account_index, *asset, transfer->to_route == RouteType::kSpot,
                    amount);
}

void Transactor::CancelAll(const Transaction& transaction, const CancelAllOrders& cancel) {
  switch (cancel.mode) {
    case CancelAllMode::kImmediate: {
      const auto& market = transaction.attributes.cancel_all_market_index;
      const bool one = market && *market != kAllMarkets;
      const Listing* const listing = one ? desk_.listings().Find(*market) : nullptr;
      if (one && listing == nullptr) return;
      return desk_.CancelAll(transaction.account_index, listing, OrderStatus::kCanceled);
    }
    case CancelAllMode::kScheduled:
      scheduled_ms_[transaction.account_index] = cancel.time_ms;
      return;
    case CancelAllMode::kAbortSchedule:
      scheduled_ms_.erase(transaction.account_index);
      return;
  }
}

void Transactor::OnTick() {
  const std::int64_t now_ms = desk_.now_ns() / kNsPerMs;
  for (auto row = scheduled_ms_.begin(); row != scheduled_ms_.end();) {
    if (now_ms < row->second) {
      ++row;
      continue;
    }
    desk_.CancelAll(row->first, nullptr, OrderStatus::kCanceled);
    row = scheduled_ms_.erase(row);
  }
}

std::int64_t Transactor::CancelAllTimeMs(std::int64_t account) const {
  const auto found = scheduled_ms_.find(account);
  return found == scheduled_ms_.end() ? 0 : found->second;
}

std::string Transactor::SymbolOf(const std::vector<Transaction>& transactions) const {
  std::set<std::int64_t> markets;
  for (const Transaction& transaction : transactions) {
    if (const auto* create = std::get_if<CreateOrder>(&transaction.body)) {
      markets.insert(create->market_index);
    } else if (const auto* cancel = std::get_if<CancelOrder>(&transaction.body)) {
      markets.insert(cancel->market_index);
    } else if (const auto* modify = std::get_if<ModifyOrder>(&transaction.body)) {
      markets.insert(modify->market_index);
    } else if (const auto* group = std::get_if<CreateGroupedOrders>(&transaction.body)) {
      for (const CreateOrder& order : group->orders) markets.insert(order.market_index);
    } else {
      return {};
    }
  }
  if (markets.size() != 1) return {};
  const Listing* const listing = desk_.listings().Find(*markets.begin());
  return listing == nullptr ? std::string() : listing->symbol();
}

}  // namespace switchyard::simulator::lighter
