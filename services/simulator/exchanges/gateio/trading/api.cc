#include "services/simulator/exchanges/gateio/trading/api.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "common/decimal/decimal.h"
#include "fmt/format.h"
#include "services/simulator/json_writer.h"

namespace switchyard::simulator::gateio {
namespace {

using engine::Refusal;

constexpr std::int64_t kLargestMantissa = 1'000'000'000'000'000;
constexpr std::size_t kLongestText = 28;

struct Words {
  unsigned status;
  const char* label;
  const char* message;
};

Words SpotWords(Refusal refusal) {
  switch (refusal) {
    case Refusal::kPostOnlyTakes:
      return {400, "POC_FILL_IMMEDIATELY",
              "Order would match and take immediately so its cancelled"};
    case Refusal::kTooManyOrders:
      return {400, "TOO_MANY_ORDERS", "Too many open orders"};
    case Refusal::kFinished:
      return {400, "ORDER_CLOSED", "Order already closed"};
    default:
      return {400, "BALANCE_NOT_ENOUGH", "Not enough balance"};
  }
}

Words FuturesWords(Refusal refusal) {
  switch (refusal) {
    case Refusal::kFokUnfillable:
      return {400, "ORDER_FOK", "order cannot be fully filled"};
    case Refusal::kTooManyOrders:
      return {400, "TOO_MANY_ORDERS", "too many open orders"};
    case Refusal::kFinished:
      return {400, "ORDER_FINISHED", "order finished"};
    case Refusal::kIncreasesPosition:
      return {400, "INCREASE_POSITION", "reduce-only order would increase the position"};
    case Refusal::kNoPosition:
      return {400, "POSITION_EMPTY", "empty position"};
    case Refusal::kExceedsPosition:
      return {400, "REDUCE_EXCEEDED", "reduce-only size exceeds the position"};
    case Refusal::kRiskLimit:
      return {400, "RISK_LIMIT_EXCEEDED", "position would exceed the risk limit"};
    case Refusal::kLeverageTooHigh:
      return {400, "LEVERAGE_TOO_HIGH", "leverage is above the maximum"};
    case Refusal::kLeverageTooLow:
      return {400, "LEVERAGE_TOO_LOW", "leverage is below the minimum"};
    case Refusal::kHoldsPosition:
      return {400, "POSITION_HOLDING", "operation forbidden with holding position"};
    case Refusal::kHasOrders:
      return {400, "ORDER_PENDING", "operation forbidden with pending orders"};
    case Refusal::kRemovesTooMuch:
      return {400, "REMOVE_TOO_MUCH", "margin to remove exceeds what is free"};
    case Refusal::kLiquidatesAtOnce:
      return {400, "LIQUIDATE_IMMEDIATELY", "position would be liquidated at once"};
    case Refusal::kCrossMargin:
      return {400, "POSITION_CROSS_MARGIN", "not allowed for a cross margin position"};
    default:
      return {400, "INSUFFICIENT_AVAILABLE", "insufficient available balance"};
  }
}

}  // namespace

ApiResult Success(std::string body, unsigned status) { return {status, std::move(body), {}, {}}; }

ApiResult Failure(unsigned status, std::string_view label, std::string_view message) {
  return {status, {}, std::string(label), std::string(message)};
}

ApiResult BadParameter(std::string_view what) {
  return Failure(400, "INVALID_PARAM_VALUE", fmt::format("Invalid request parameter: {}", what));
}

ApiResult MissingParameter(std::string_view name) {
  return Failure(400, "MISSING_REQUIRED_PARAM",
                 fmt::format("Missing required parameter: {}", name));
}

std::string ErrorBody(const ApiResult& result) {
  std::string body;
  JsonWriter(body)
      .BeginObject()
      .Text("label", result.label)
      .Text(result.detail ? "detail" : "message", result.message)
      .EndObject();
  return body;
}

ApiResult RefusalResult(Product product, const engine::Outcome& outcome, int price_scale) {
  if (product == Product::kFutures && outcome.refusal == Refusal::kPostOnlyTakes) {
    ApiResult result =
        Failure(400, "ORDER_POC_IMMEDIATE",
                fmt::format("order price {} while counter price {}",
                            engine::DecimalText(outcome.price, price_scale),
                            engine::DecimalText(outcome.counter_price, price_scale)));
    result.detail = true;
    return result;
  }
  const Words words =
      product == Product::kSpot ? SpotWords(outcome.refusal) : FuturesWords(outcome.refusal);
  return Failure(words.status, words.label, words.message);
}

std::string TextOf(const Json& parameters, const char* name) {
  const auto found = parameters.find(name);
  if (found == parameters.end()) return {};
  if (found->is_string()) return found->get<std::string>();
  if (found->is_number_integer()) return found->dump();
  if (found->is_boolean()) return found->get<bool>() ? "true" : "false";
  return {};
}

bool FlagOf(const Json& parameters, const char* name) { return TextOf(parameters, name) == "true"; }

std::optional<std::int64_t> IntegerOf(const Json& parameters, const char* name,
                                      std::int64_t fallback, std::int64_t minimum) {
  const std::string text = TextOf(parameters, name);
  if (text.empty()) return fallback;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < minimum) {
    return std::nullopt;
  }
  return value;
}

Reading ReadMantissa(std::string_view text, int scale, std::int64_t& out) {
  const auto parsed = Decimal::ParseLenient(text);
  if (!parsed.ok()) return Reading::kMalformed;
  const auto mantissa = parsed->MantissaAt(scale);
  if (!mantissa.ok()) {
    return parsed->Absolute() >= Decimal::FromInt(kLargestMantissa) ? Reading::kMalformed
                                                                    : Reading::kTooPrecise;
  }
  out = *mantissa;
  return out < kLargestMantissa && out > -kLargestMantissa ? Reading::kRight : Reading::kMalformed;
}

bool IsClientText(std::string_view text) {
  for (const std::string_view own : {"", "-", "api", "apiv4", "apiv4-ws", "web"}) {
    if (text == own) return true;
  }
  if (!text.starts_with("t-") || text.size() > kLongestText + 2) return false;
  return std::all_of(text.begin() + 2, text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '.' || c == '-';
  });
}

bool Window::Take() {
  if (skip > 0) {
    --skip;
    return false;
  }
  if (limit == 0) return false;
  --limit;
  return true;
}

Window WindowOf(const Json& parameters, std::int64_t limit, std::int64_t maximum) {
  const auto asked = IntegerOf(parameters, "limit", limit, 1);
  const auto page = IntegerOf(parameters, "page", 1, 1);
  const auto offset = IntegerOf(parameters, "offset", 0);
  const auto from = IntegerOf(parameters, "from", 0);
  const auto to = IntegerOf(parameters, "to", std::numeric_limits<std::int64_t>::max());
  if (!asked || !page || !offset || !from || !to || *asked > maximum) return {.valid = false};
  return {true, *asked, *offset + (*page - 1) * *asked, *from, *to};
}

std::string FloatSeconds(std::int64_t ns) { return engine::DecimalText(ns / kNsPerMs, 3); }

}  // namespace switchyard::simulator::gateio
