#include "clients/cli/ladder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "common/status/status.h"

namespace switchyard::clients::cli {
namespace {

constexpr std::int64_t kBarCells = 20;

// Scales at which all levels are printed, so that their points are below one another.
struct Scales {
  int price = 0;
  int quantity = 0;
};

std::string AtScale(const Decimal& value, int scale) {
  // Only ever widens; what would not fit in 38 digits is printed as it is.
  const auto rescaled = value.Rescaled(scale, Rounding::kExact);
  return rescaled.ok() ? rescaled->ToString() : value.ToString();
}

Scales ScalesOf(const Ladder& ladder) {
  Scales scales;
  for (const auto* side : {&ladder.bids, &ladder.asks}) {
    for (const LadderLevel& level : *side) {
      scales.price = std::max(scales.price, level.price.Normalised().scale());
      scales.quantity = std::max(scales.quantity, level.quantity.Normalised().scale());
    }
  }
  return scales;
}

// Cells of a bar: part / whole of kBarCells, at least 1.
std::string Bar(const Decimal& part, const Decimal& whole) {
  std::int64_t cells = 1;
  const auto scaled = Decimal::Multiply(part, Decimal::FromInt(kBarCells));
  if (scaled.ok() && !whole.is_zero()) {
    const auto quotient = Decimal::Divide(*scaled, whole, 0, Rounding::kDown);
    if (quotient.ok()) cells = std::max<std::int64_t>(1, quotient->MantissaAt(0).value_or(1));
  }
  std::string bar;
  for (std::int64_t cell = 0; cell < cells; ++cell) bar += "█";
  return bar;
}

Decimal LargestQuantity(const Ladder& ladder) {
  Decimal largest;
  for (const auto* side : {&ladder.bids, &ladder.asks}) {
    for (const LadderLevel& level : *side) largest = std::max(largest, level.quantity);
  }
  return largest;
}

// Rows of one side, best first, without heading.
void AddRows(const std::vector<LadderLevel>& levels, std::string_view side, const Scales& scales,
             const Decimal& largest, Table& table) {
  Decimal sum;
  for (const LadderLevel& level : levels) {
    sum = Decimal::Add(sum, level.quantity).value_or(sum);
    table.AddRow({std::string(side), AtScale(level.price, scales.price),
                  AtScale(level.quantity, scales.quantity), AtScale(sum, scales.quantity),
                  level.origin, Bar(level.quantity, largest)});
  }
}

std::string SpreadText(const Ladder& ladder, int scale) {
  if (ladder.bids.empty() || ladder.asks.empty()) return "one-sided";
  const Decimal& bid = ladder.bids.front().price;
  const Decimal& ask = ladder.asks.front().price;
  const auto spread = Decimal::Subtract(ask, bid);
  if (!spread.ok()) return "spread ?";
  std::string text = fmt::format("spread {}", AtScale(*spread, scale));
  const auto scaled = Decimal::Multiply(*spread, Decimal::FromInt(10'000));
  if (!ask.is_zero() && scaled.ok()) {
    const auto bps = Decimal::Divide(*scaled, ask, 2, Rounding::kHalfEven);
    if (bps.ok()) text += fmt::format(" ({} bp)", bps->ToString());
  }
  return spread->is_negative() ? text + " crossed" : text;
}

std::string Join(const std::vector<std::string>& parts) {
  return fmt::format("{}", fmt::join(parts, "  "));
}

}  // namespace

std::vector<ScreenLine> RenderLadder(const Ladder& ladder) {
  const Scales scales = ScalesOf(ladder);
  const Decimal largest = LargestQuantity(ladder);
  Table table({"", ">price", ">size", ">sum", "", ""});
  AddRows(ladder.asks, "ask", scales, largest, table);
  AddRows(ladder.bids, "bid", scales, largest, table);
  std::vector<std::string> rows = table.Lines();
  // The table has asks best first, as bids are; on the ladder the best ask is the lowest.
  const auto asks_end = rows.begin() + 1 + static_cast<std::ptrdiff_t>(ladder.asks.size());
  std::reverse(rows.begin() + 1, asks_end);

  std::vector<ScreenLine> lines;
  lines.push_back({fmt::format("{}  {}", ladder.title, ladder.state),
                   ladder.live ? LineStyle::kBold : LineStyle::kWarning});
  if (!ladder.details.empty()) lines.push_back({Join(ladder.details), LineStyle::kDim});
  for (std::size_t index = 0; index < rows.size(); ++index) {
    if (index == ladder.asks.size() + 1) {
      lines.push_back({"     " + SpreadText(ladder, scales.price), LineStyle::kBold});
    }
    LineStyle style = index <= ladder.asks.size() ? LineStyle::kAsk : LineStyle::kBid;
    if (index == 0 || !ladder.live) style = LineStyle::kDim;
    lines.push_back({std::move(rows[index]), style});
  }
  if (ladder.bids.empty()) {
    lines.push_back({"     " + SpreadText(ladder, scales.price), LineStyle::kBold});
  }
  return lines;
}

std::string RenderTop(const Ladder& ladder) {
  const auto best = [](const std::vector<LadderLevel>& side) -> std::string {
    if (side.empty()) return "none";
    const LadderLevel& level = side.front();
    return fmt::format("{} x {}{}{}", level.price.ToString(), level.quantity.ToString(),
                       level.origin.empty() ? "" : " ", level.origin);
  };
  return fmt::format("{}  {}  bid {}  ask {}  {}  {}", ladder.title, ladder.state,
                     best(ladder.bids), best(ladder.asks),
                     SpreadText(ladder, ScalesOf(ladder).price), Join(ladder.details));
}

absl::StatusOr<Ladder> LadderFromLevels(const marketdata::v1::OrderBookLevels& levels) {
  Ladder ladder;
  const auto add = [&levels](const auto& prices, const auto& quantities,
                             std::vector<LadderLevel>& side) -> absl::Status {
    for (int index = 0; index < std::min(prices.size(), quantities.size()); ++index) {
      LadderLevel level;
      SWITCHYARD_ASSIGN_OR_RETURN(
          level.price, Decimal::FromMantissaExponent(prices.Get(index), levels.price_exponent()));
      SWITCHYARD_ASSIGN_OR_RETURN(
          level.quantity,
          Decimal::FromMantissaExponent(quantities.Get(index), levels.quantity_exponent()));
      side.push_back(std::move(level));
    }
    return absl::OkStatus();
  };
  SWITCHYARD_RETURN_IF_ERROR(
      add(levels.bid_price_mantissas(), levels.bid_quantity_mantissas(), ladder.bids));
  SWITCHYARD_RETURN_IF_ERROR(
      add(levels.ask_price_mantissas(), levels.ask_quantity_mantissas(), ladder.asks));
  return ladder;
}

}  // namespace switchyard::clients::cli
