#include "exchanges/lighter/order/order_words.h"

#include <fmt/format.h>

#include "common/status/status.h"

namespace switchyard::exchanges::lighter {
namespace {

namespace v1 = order::v1;

struct StatusRow {
  std::string_view word;  // its place is its number
  StatusMeaning meaning;
};

constexpr StatusRow kStatuses[] = {
    {"in-progress", {v1::ORDER_STATE_OPEN, v1::FINISH_REASON_UNSPECIFIED}},
    {"pending", {v1::ORDER_STATE_OPEN, v1::FINISH_REASON_UNSPECIFIED}},
    {"open", {v1::ORDER_STATE_OPEN, v1::FINISH_REASON_UNSPECIFIED}},
    {"filled", {v1::ORDER_STATE_FILLED, v1::FINISH_REASON_FILLED}},
    {"canceled", {v1::ORDER_STATE_CANCELED, v1::FINISH_REASON_CLIENT_CANCEL}},
    {"canceled-post-only", {v1::ORDER_STATE_CANCELED, v1::FINISH_REASON_POST_ONLY_WOULD_CROSS}},
    {"canceled-reduce-only", {v1::ORDER_STATE_CANCELED, v1::FINISH_REASON_REDUCE_ONLY}},
    {"canceled-position-not-allowed", {v1::ORDER_STATE_CANCELED, v1::FINISH_REASON_POSITION_LIMIT}},
    {"canceled-margin-not-allowed",
     {v1::ORDER_STATE_CANCELED, v1::FINISH_REASON_INSUFFICIENT_FUNDS}},
    {"canceled-too-much-slippage", {v1::ORDER_STATE_CANCELED, v1::FINISH_REASON_PRICE_PROTECTION}},
    {"canceled-not-enough-liquidity",
     {v1::ORDER_STATE_CANCELED, v1::FINISH_REASON_INSUFFICIENT_LIQUIDITY}},
    {"canceled-self-trade", {v1::ORDER_STATE_CANCELED, v1::FINISH_REASON_SELF_TRADE}},
    {"canceled-expired", {v1::ORDER_STATE_EXPIRED, v1::FINISH_REASON_TIME_EXPIRED}},
    {"canceled-oco", {v1::ORDER_STATE_CANCELED, v1::FINISH_REASON_ONE_CANCELS_OTHER}},
    {"canceled-child", {v1::ORDER_STATE_CANCELED, v1::FINISH_REASON_PARENT_ENDED}},
    {"canceled-liquidation", {v1::ORDER_STATE_CANCELED, v1::FINISH_REASON_LIQUIDATION}},
    {"canceled-invalid-balance", {v1::ORDER_STATE_CANCELED, v1::FINISH_REASON_INSUFFICIENT_FUNDS}},
};

}  // namespace

absl::StatusOr<StatusMeaning> ToStatusMeaning(std::string_view status) {
  for (const StatusRow& row : kStatuses) {
    if (row.word == status) return row.meaning;
  }
  if (status.starts_with("canceled")) {
    return StatusMeaning{v1::ORDER_STATE_CANCELED, v1::FINISH_REASON_UNRECOGNISED};
  }
  return MakeError(absl::StatusCode::kInternal, common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE,
                   fmt::format("cannot read an order: status '{}'", status));
}

std::string_view StatusWord(std::int64_t number) {
  if (number < 0 || number >= static_cast<std::int64_t>(std::size(kStatuses))) return {};
  return kStatuses[number].word;
}

v1::OrderType ToOrderType(std::string_view word) {
  if (word == "limit") return v1::ORDER_TYPE_LIMIT;
  if (word == "market") return v1::ORDER_TYPE_MARKET;
  if (word == "stop-loss") return v1::ORDER_TYPE_STOP_MARKET;
  if (word == "stop-loss-limit") return v1::ORDER_TYPE_STOP_LIMIT;
  if (word == "take-profit") return v1::ORDER_TYPE_TAKE_PROFIT_MARKET;
  if (word == "take-profit-limit") return v1::ORDER_TYPE_TAKE_PROFIT_LIMIT;
  return v1::ORDER_TYPE_UNRECOGNISED;
}

bool IsConditional(v1::OrderType type) {
  return type == v1::ORDER_TYPE_STOP_MARKET || type == v1::ORDER_TYPE_STOP_LIMIT ||
         type == v1::ORDER_TYPE_TAKE_PROFIT_MARKET || type == v1::ORDER_TYPE_TAKE_PROFIT_LIMIT;
}

bool IsMarket(v1::OrderType type) {
  return type == v1::ORDER_TYPE_MARKET || type == v1::ORDER_TYPE_STOP_MARKET ||
         type == v1::ORDER_TYPE_TAKE_PROFIT_MARKET;
}

LifeMeaning ToLife(std::string_view word) {
  if (word == "good-till-time") return {v1::TIME_IN_FORCE_GTD, false};
  if (word == "immediate-or-cancel") return {v1::TIME_IN_FORCE_IOC, false};
  if (word == "post-only") return {v1::TIME_IN_FORCE_GTD, true};
  return {};
}

v1::TriggerState ToTriggerState(v1::OrderType type, std::string_view status,
                                std::string_view trigger_status) {
  if (!IsConditional(type)) return v1::TRIGGER_STATE_UNSPECIFIED;
  const bool acted = status == "open" || status == "filled" || status == "in-progress";
  return acted || trigger_status == "ready" ? v1::TRIGGER_STATE_TRIGGERED
                                            : v1::TRIGGER_STATE_WAITING;
}

v1::FillKind ToFillKind(std::string_view trade_type) {
  if (trade_type == "trade") return v1::FILL_KIND_TRADE;
  if (trade_type == "liquidation") return v1::FILL_KIND_LIQUIDATION;
  if (trade_type == "deleverage") return v1::FILL_KIND_AUTO_DELEVERAGING;
  if (trade_type == "market-settlement") return v1::FILL_KIND_SETTLEMENT;
  return v1::FILL_KIND_UNRECOGNISED;
}

signing::OrderType ToWire(v1::OrderType type) {
  switch (type) {
    case v1::ORDER_TYPE_MARKET:
      return signing::OrderType::kMarket;
    case v1::ORDER_TYPE_STOP_MARKET:
      return signing::OrderType::kStopLoss;
    case v1::ORDER_TYPE_STOP_LIMIT:
      return signing::OrderType::kStopLossLimit;
    case v1::ORDER_TYPE_TAKE_PROFIT_MARKET:
      return signing::OrderType::kTakeProfit;
    case v1::ORDER_TYPE_TAKE_PROFIT_LIMIT:
      return signing::OrderType::kTakeProfitLimit;
    default:
      return signing::OrderType::kLimit;
  }
}

TimeNs TimeByMagnitude(std::int64_t stamp) {
  constexpr std::int64_t kFirstMillis = 100'000'000'000;      // year 5138 in seconds
  constexpr std::int64_t kFirstMicros = 100'000'000'000'000;  // the same in milliseconds
  constexpr std::int64_t kTooLarge = 9'000'000'000'000'000;   // the year 2255 in microseconds
  if (stamp <= 0 || stamp >= kTooLarge) return {};
  if (stamp >= kFirstMicros) return TimeNs::FromMicros(stamp);
  return stamp >= kFirstMillis ? TimeNs::FromMillis(stamp) : TimeNs::FromSeconds(stamp);
}

}  // namespace switchyard::exchanges::lighter
