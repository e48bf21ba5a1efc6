#include "services/order/risk/position_audit.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/status/status.h"

namespace switchyard::order::risk {
namespace {

// The first line of what is saved, so that it is never empty; then "size symbol", one a line.
constexpr std::string_view kHeader = "net\n";
// Instead of a size that was not certain.
constexpr std::string_view kUncertain = "?";

}  // namespace

absl::Status PositionAudit::Restore(std::string_view saved) {
  const absl::Status damaged = absl::DataLossError("journal: the positions do not parse");
  if (!saved.starts_with(kHeader)) return damaged;
  saved.remove_prefix(kHeader.size());
  while (!saved.empty()) {
    const std::size_t space = saved.find(' ');
    const std::size_t end = saved.find('\n');
    if (end == std::string_view::npos || space >= end) return damaged;
    Market& market = markets_[std::string(saved.substr(space + 1, end - space - 1))];
    if (const std::string_view text = saved.substr(0, space); text != kUncertain) {
      SWITCHYARD_ASSIGN_OR_RETURN(market.offset, Decimal::Parse(std::string(text)));
    }
    saved.remove_prefix(end + 1);
  }
  begun_ = true;
  return absl::OkStatus();
}

std::optional<std::string> PositionAudit::Save() const {
  if (!begun_) return std::nullopt;
  std::string saved(kHeader);
  for (const auto& [symbol, market] : markets_) {
    // Left out is flat.
    const absl::StatusOr<Decimal> size =
        market.offset ? Decimal::Add(*market.offset, market.filled)
                      : absl::StatusOr<Decimal>(absl::UnavailableError("not certain"));
    if (size.ok() && size->is_zero()) continue;
    saved += fmt::format(
        "{} {}\n", size.ok() ? size->Normalised().ToString() : std::string(kUncertain), symbol);
  }
  return saved;
}

PositionAudit::Market& PositionAudit::Find(std::string_view symbol) {
  const auto [found, is_new] = markets_.try_emplace(std::string(symbol));
  if (is_new && begun_) found->second.offset = Decimal();
  return found->second;
}

void PositionAudit::AddFill(std::string_view symbol, const Decimal& quantity) {
  Market& market = Find(symbol);
  const absl::StatusOr<Decimal> filled = Decimal::Add(market.filled, quantity);
  if (filled.ok()) {
    market.filled = filled->Normalised();
  } else {
    market.offset.reset();  // beyond 38 digits nothing can be compared
  }
}

void PositionAudit::Explain(std::string_view symbol) {
  Market& market = Find(symbol);
  market.offset.reset();
  market.times = 0;
}

std::vector<PositionAudit::Mismatch> PositionAudit::Compare(const Sizes& sizes,
                                                            const Symbols& unsettled) {
  for (const auto& [symbol, size] : sizes) Find(symbol);
  std::vector<Mismatch> mismatches;
  for (auto& [symbol, market] : markets_) {
    if (unsettled.contains(symbol)) {
      market.seen.reset();
      continue;
    }
    const auto told = sizes.find(symbol);
    const Decimal size = told == sizes.end() ? Decimal() : told->second;
    const absl::StatusOr<Decimal> offset = Decimal::Subtract(size, market.filled);
    if (!offset.ok()) continue;
    market.times = market.seen == *offset ? market.times + 1 : 1;
    market.seen = *offset;
    if (market.times < kCertain || market.offset == *offset) continue;
    if (market.offset.has_value()) {
      const Decimal expected = Decimal::Add(*market.offset, market.filled).value_or(Decimal());
      mismatches.push_back({symbol, expected.Normalised(), size});
    }
    market.offset = *offset;
  }
  if (++comparisons_ >= kCertain) begun_ = true;
  return mismatches;
}

bool PositionAudit::wants_comparison() const {
  return !begun_ || std::any_of(markets_.begin(), markets_.end(), [](const auto& market) {
    return market.second.seen.has_value() && market.second.offset != market.second.seen;
  });
}

}  // namespace switchyard::order::risk
