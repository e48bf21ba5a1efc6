#include "tests/integration/contract_client/truth.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "common/decimal/decimal.h"
#include "common/status/status.h"

namespace switchyard::contract_client {
namespace {

// Decimals that a division by 1000 or 1000000 adds.
constexpr int kDivisionDecimals = 6;

struct Units {
  Decimal multiplier;
  bool scales_price = false;
};

absl::StatusOr<Units> UnitsOf(const marketdata::v1::Instrument& instrument) {
  Units units{Decimal::FromInt(1), false};
  if (instrument.multiplier().empty()) return units;
  SWITCHYARD_ASSIGN_OR_RETURN(units.multiplier, Decimal::Parse(instrument.multiplier()));
  const std::string_view symbol = instrument.exchange_symbol();
  units.scales_price =
      units.multiplier >= Decimal::FromInt(1000) &&
      (symbol.starts_with(units.multiplier.ToShortString()) || symbol.starts_with('k'));
  return units;
}

template <typename Side, typename Levels>
absl::StatusOr<std::string> CompareSide(std::string_view name, const Side& side,
                                        const Levels& truth, const Units& units,
                                        std::uint32_t depth) {
  const auto wanted = std::min<std::size_t>(depth, static_cast<std::size_t>(truth.size()));
  if (side.size() != wanted) {
    return fmt::format("{} {} levels, in truth {}", side.size(), name, wanted);
  }
  auto level = side.begin();
  for (std::size_t index = 0; index < wanted; ++index, ++level) {
    const auto& expected = truth.Get(static_cast<int>(index));
    SWITCHYARD_ASSIGN_OR_RETURN(Decimal price, Decimal::Parse(expected.price()));
    SWITCHYARD_ASSIGN_OR_RETURN(Decimal quantity, Decimal::Parse(expected.quantity()));
    SWITCHYARD_ASSIGN_OR_RETURN(quantity, Decimal::Multiply(quantity, units.multiplier));
    if (units.scales_price) {
      SWITCHYARD_ASSIGN_OR_RETURN(
          price, Decimal::Divide(price, units.multiplier, price.scale() + kDivisionDecimals,
                                 Rounding::kExact));
    }
    if (level->first != price || level->second != quantity) {
      return fmt::format("{} {} is {} x {}, in truth {} x {}", name, index, level->first.ToString(),
                         level->second.ToString(), price.ToString(), quantity.ToString());
    }
  }
  return std::string();
}

}  // namespace

absl::StatusOr<std::string> DifferenceFromTruth(const clients::cli::LocalBook& book,
                                                const simulator::v1::GetBookResponse& truth,
                                                const marketdata::v1::Instrument& instrument,
                                                std::uint32_t depth) {
  if (!book.live()) return std::string("the book is not live");
  SWITCHYARD_ASSIGN_OR_RETURN(const Units units, UnitsOf(instrument));
  SWITCHYARD_ASSIGN_OR_RETURN(const std::string bids,
                              CompareSide("bid", book.bids(), truth.bids(), units, depth));
  if (!bids.empty()) return bids;
  return CompareSide("ask", book.asks(), truth.asks(), units, depth);
}

}  // namespace switchyard::contract_client
