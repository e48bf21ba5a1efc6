#include "exchanges/gateio/order/order_words.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "common/status/status.h"
#include "exchanges/gateio/utils/converters.h"

namespace switchyard::exchanges::gateio {
namespace {

namespace v1 = order::v1;

struct ReasonRow {
  std::string_view word;
  v1::FinishReason reason;
};

// Source: API v4, "Order", finish_as (spot).
constexpr ReasonRow kSpotReasons[] = {
    {"open", v1::FINISH_REASON_UNSPECIFIED},
    {"filled", v1::FINISH_REASON_FILLED},
    {"cancelled", v1::FINISH_REASON_CLIENT_CANCEL},
    {"liquidate_cancelled", v1::FINISH_REASON_LIQUIDATION},
    {"small", v1::FINISH_REASON_REMAINDER_TOO_SMALL},
    {"depth_not_enough", v1::FINISH_REASON_INSUFFICIENT_LIQUIDITY},
    {"trader_not_enough", v1::FINISH_REASON_INSUFFICIENT_LIQUIDITY},
    {"ioc", v1::FINISH_REASON_IOC_REMAINDER},
    {"poc", v1::FINISH_REASON_POST_ONLY_WOULD_CROSS},
    {"fok", v1::FINISH_REASON_FOK_NOT_FILLED},
    {"stp", v1::FINISH_REASON_SELF_TRADE},
    {"price_protect_cancelled", v1::FINISH_REASON_PRICE_PROTECTION},
};

// Source: API v4, "FuturesOrder", finish_as; Futures WebSocket v4, orders (the first two).
constexpr ReasonRow kFuturesReasons[] = {
    {"_new", v1::FINISH_REASON_UNSPECIFIED},
    {"_update", v1::FINISH_REASON_UNSPECIFIED},
    {"filled", v1::FINISH_REASON_FILLED},
    {"cancelled", v1::FINISH_REASON_CLIENT_CANCEL},
    {"liquidated", v1::FINISH_REASON_LIQUIDATION},
    {"ioc", v1::FINISH_REASON_IOC_REMAINDER},
    {"auto_deleveraged", v1::FINISH_REASON_AUTO_DELEVERAGING},
    {"reduce_only", v1::FINISH_REASON_REDUCE_ONLY},
    {"position_closed", v1::FINISH_REASON_POSITION_CLOSED},
    {"reduce_out", v1::FINISH_REASON_REDUCE_ONLY},
    {"stp", v1::FINISH_REASON_SELF_TRADE},
};

bool IsStop(v1::OrderType type) {
  return type == v1::ORDER_TYPE_STOP_MARKET || type == v1::ORDER_TYPE_STOP_LIMIT;
}

}  // namespace

TimeInForceWord ToTimeInForce(std::string_view word) {
  if (word == "gtc") return {v1::TIME_IN_FORCE_GTC, false};
  if (word == "ioc") return {v1::TIME_IN_FORCE_IOC, false};
  if (word == "fok") return {v1::TIME_IN_FORCE_FOK, false};
  if (word == "poc") return {v1::TIME_IN_FORCE_GTC, true};
  return {v1::TIME_IN_FORCE_UNRECOGNISED, false};
}

std::string_view TimeInForceText(v1::TimeInForce time_in_force, bool post_only) {
  switch (time_in_force) {
    case v1::TIME_IN_FORCE_UNSPECIFIED:
    case v1::TIME_IN_FORCE_GTC:
      return post_only ? "poc" : "gtc";
    case v1::TIME_IN_FORCE_IOC:
      return post_only ? "" : "ioc";
    case v1::TIME_IN_FORCE_FOK:
      return post_only ? "" : "fok";
    default:
      return "";
  }
}

v1::SelfTradePrevention ToSelfTradePrevention(std::string_view word) {
  if (word.empty() || word == "-") return v1::SELF_TRADE_PREVENTION_UNSPECIFIED;
  if (word == "cn") return v1::SELF_TRADE_PREVENTION_CANCEL_TAKER;
  if (word == "co") return v1::SELF_TRADE_PREVENTION_CANCEL_MAKER;
  if (word == "cb") return v1::SELF_TRADE_PREVENTION_CANCEL_BOTH;
  return v1::SELF_TRADE_PREVENTION_UNRECOGNISED;
}

std::string_view SelfTradePreventionText(v1::SelfTradePrevention rule) {
  switch (rule) {
    case v1::SELF_TRADE_PREVENTION_CANCEL_TAKER:
      return "cn";
    case v1::SELF_TRADE_PREVENTION_CANCEL_MAKER:
      return "co";
    case v1::SELF_TRADE_PREVENTION_CANCEL_BOTH:
      return "cb";
    default:
      return "";
  }
}

absl::StatusOr<common::v1::Side> ToOrderSide(std::string_view word) {
  SWITCHYARD_ASSIGN_OR_RETURN(const model::Side side, ToSide(word));
  return side == model::Side::kBuy ? common::v1::SIDE_BUY : common::v1::SIDE_SELL;
}

std::string_view SideText(common::v1::Side side) {
  switch (side) {
    case common::v1::SIDE_BUY:
      return "buy";
    case common::v1::SIDE_SELL:
      return "sell";
    default:
      return "";
  }
}

common::v1::Side OppositeOf(common::v1::Side side) {
  switch (side) {
    case common::v1::SIDE_BUY:
      return common::v1::SIDE_SELL;
    case common::v1::SIDE_SELL:
      return common::v1::SIDE_BUY;
    default:
      return common::v1::SIDE_UNSPECIFIED;
  }
}

v1::OrderType ToSpotOrderType(std::string_view word) {
  if (word == "limit") return v1::ORDER_TYPE_LIMIT;
  if (word == "market") return v1::ORDER_TYPE_MARKET;
  return v1::ORDER_TYPE_UNRECOGNISED;
}

v1::LiquidityRole ToRole(std::string_view word) {
  if (word == "maker") return v1::LIQUIDITY_ROLE_MAKER;
  if (word == "taker") return v1::LIQUIDITY_ROLE_TAKER;
  return v1::LIQUIDITY_ROLE_UNSPECIFIED;
}

bool WaitsForRise(v1::OrderType type, common::v1::Side side) {
  const bool buys = side == common::v1::SIDE_BUY;
  return IsStop(type) ? buys : !buys;
}

v1::OrderType ConditionalType(bool waits_for_rise, common::v1::Side side, bool has_price) {
  const bool stops = waits_for_rise == (side == common::v1::SIDE_BUY);
  if (stops) return has_price ? v1::ORDER_TYPE_STOP_LIMIT : v1::ORDER_TYPE_STOP_MARKET;
  return has_price ? v1::ORDER_TYPE_TAKE_PROFIT_LIMIT : v1::ORDER_TYPE_TAKE_PROFIT_MARKET;
}

v1::TriggerReference ToTriggerReference(std::string_view price_type) {
  if (price_type == "0") return v1::TRIGGER_REFERENCE_LAST;
  if (price_type == "1") return v1::TRIGGER_REFERENCE_MARK;
  if (price_type == "2") return v1::TRIGGER_REFERENCE_INDEX;
  return v1::TRIGGER_REFERENCE_UNRECOGNISED;
}

std::optional<int> PriceTypeOf(v1::TriggerReference reference) {
  switch (reference) {
    case v1::TRIGGER_REFERENCE_UNSPECIFIED:
    case v1::TRIGGER_REFERENCE_LAST:
      return 0;
    case v1::TRIGGER_REFERENCE_MARK:
      return 1;
    case v1::TRIGGER_REFERENCE_INDEX:
      return 2;
    default:
      return std::nullopt;
  }
}

v1::FinishReason ToFinishReason(Product product, std::string_view finish_as) {
  if (product == Product::kSpot) {
    for (const auto& [word, reason] : kSpotReasons) {
      if (word == finish_as) return reason;
    }
  } else {
    if (finish_as.empty()) return v1::FINISH_REASON_UNSPECIFIED;
    for (const auto& [word, reason] : kFuturesReasons) {
      if (word == finish_as) return reason;
    }
  }
  return v1::FINISH_REASON_UNRECOGNISED;
}

v1::OrderState FinishedState(v1::FinishReason reason) {
  switch (reason) {
    case v1::FINISH_REASON_FILLED:
      return v1::ORDER_STATE_FILLED;
    case v1::FINISH_REASON_IOC_REMAINDER:
    case v1::FINISH_REASON_FOK_NOT_FILLED:
    case v1::FINISH_REASON_TIME_EXPIRED:
      return v1::ORDER_STATE_EXPIRED;
    default:
      return v1::ORDER_STATE_CANCELED;
  }
}

v1::FillKind FillKindOfText(std::string_view text) {
  if (text == "auto_deleveraging") return v1::FILL_KIND_AUTO_DELEVERAGING;
  if (text == "clear") return v1::FILL_KIND_SETTLEMENT;
  if (text == "liquidation" || text == "liquidate" || text == "pm_liquidate" ||
      text == "comb_margin_liquidate" || text == "scm_liquidate" || text == "insurance" ||
      text.starts_with("liq-") || text.starts_with("hedge-liq-")) {
    return v1::FILL_KIND_LIQUIDATION;
  }
  return v1::FILL_KIND_TRADE;
}

TimeNs TimeByMagnitude(std::string_view text) {
  constexpr std::int64_t kFirstMillis = 100'000'000'000;
  constexpr std::int64_t kFirstMicros = 100'000'000'000'000;
  std::int64_t whole = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (error != std::errc() || whole <= 0) return {};
  if (whole >= kFirstMicros) {
    return whole < kFirstMicros * 1'000 ? TimeNs::FromMicros(whole) : TimeNs();
  }
  const auto time = whole >= kFirstMillis ? TimeFromMillis(text) : TimeFromSeconds(text);
  return time.value_or(TimeNs());
}

}  // namespace switchyard::exchanges::gateio
