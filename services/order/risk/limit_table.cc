#include "services/order/risk/limit_table.h"

#include <fmt/format.h>

#include <string>

#include "common/status/status.h"
#include "services/order/risk/fields.h"

namespace switchyard::order::risk {
namespace {

constexpr std::string_view kStandardCollar = "0.05";
constexpr std::uint32_t kStandardInputAgeMs = 5'000;
constexpr std::string_view kBlock = "BLOCK";
constexpr std::string_view kReport = "REPORT";

absl::Status ReadLimit(const std::string& field, const std::string& text,
                       std::optional<Decimal>& limit) {
  if (text.empty()) return absl::OkStatus();
  SWITCHYARD_ASSIGN_OR_RETURN(limit, ParsePositive(field, text));
  return absl::OkStatus();
}

absl::StatusOr<SymbolLimits> ReadSymbol(const std::string& path,
                                        const config::v1::SymbolRiskConfig& config) {
  SymbolLimits limits;
  SWITCHYARD_RETURN_IF_ERROR(
      ReadLimit(path + ".max_order_quantity", config.max_order_quantity(), limits.order_quantity));
  SWITCHYARD_RETURN_IF_ERROR(
      ReadLimit(path + ".max_order_notional", config.max_order_notional(), limits.order_notional));
  SWITCHYARD_RETURN_IF_ERROR(ReadLimit(path + ".max_position_quantity",
                                       config.max_position_quantity(), limits.position_quantity));
  SWITCHYARD_RETURN_IF_ERROR(ReadLimit(path + ".max_position_notional",
                                       config.max_position_notional(), limits.position_notional));
  return limits;
}

}  // namespace

const SymbolLimits& LimitTable::Of(std::string_view symbol) const {
  const auto found = symbols.find(symbol);
  return found == symbols.end() ? others : found->second;
}

absl::StatusOr<LimitTable> ParseLimits(const config::v1::AccountConfig& account) {
  const config::v1::RiskConfig& risk = account.risk();
  LimitTable table;
  bool has_others = false;
  for (int i = 0; i < risk.symbols_size(); ++i) {
    const std::string path = fmt::format("risk.symbols[{}]", i);
    const std::string& symbol = risk.symbols(i).symbol();
    SWITCHYARD_ASSIGN_OR_RETURN(const SymbolLimits limits, ReadSymbol(path, risk.symbols(i)));
    if (symbol.empty() ? has_others : table.symbols.contains(symbol)) {
      return InvalidField(path + ".symbol", fmt::format("'{}' has an entry already", symbol));
    }
    if (symbol.empty()) {
      has_others = true;
      table.others = limits;
    } else {
      table.symbols[symbol] = limits;
    }
  }
  table.max_open_orders = risk.max_open_orders();
  table.max_orders_per_second = risk.max_orders_per_second();
  const std::string collar =
      risk.price_collar().empty() ? std::string(kStandardCollar) : risk.price_collar();
  SWITCHYARD_ASSIGN_OR_RETURN(table.price_collar, ParsePositive("risk.price_collar", collar));
  table.collar_on_limit_prices = account.has_risk();
  const std::uint32_t age_ms =
      risk.has_max_input_age_ms() ? risk.max_input_age_ms() : kStandardInputAgeMs;
  if (age_ms == 0) return InvalidField("risk.max_input_age_ms", "must not be 0");
  table.max_input_age = std::chrono::milliseconds(age_ms);
  const std::string& mismatch = risk.on_position_mismatch();
  if (!mismatch.empty() && mismatch != kBlock && mismatch != kReport) {
    return InvalidField("risk.on_position_mismatch",
                        fmt::format("'{}' is neither {} nor {}", mismatch, kBlock, kReport));
  }
  table.block_on_position_mismatch = mismatch == kBlock;
  return table;
}

}  // namespace switchyard::order::risk
