#include "services/simulator/engine/amount.h"

#include "common/decimal/decimal.h"

namespace switchyard::simulator::engine {
namespace {

constexpr std::int64_t kLimit = 1'000'000'000'000'000;

}  // namespace

std::optional<Amount> Amount::Parse(std::string_view text) {
  const auto parsed = Decimal::ParseLenient(text);
  if (!parsed.ok() || parsed->Absolute() >= Decimal::FromInt(kLimit)) return std::nullopt;
  const auto scaled = parsed->Rescaled(kScale, Rounding::kExact);
  if (!scaled.ok()) return std::nullopt;
  return FromUnits(scaled->mantissa());
}

std::string QuotientText(Amount dividend, Amount divisor, int decimals) {
  if (divisor.is_zero()) return "0";
  // Long division, so that nothing overflows.
  const bool negative = dividend.is_negative() != divisor.is_negative();
  Int128 rest = dividend.is_negative() ? -dividend.units() : dividend.units();
  const Int128 by = divisor.is_negative() ? -divisor.units() : divisor.units();
  Int128 quotient = rest / by;
  rest %= by;
  int scale = 0;
  for (; scale < decimals && rest != 0; ++scale) {
    // `rest` is below `by`, which is below 10^37 for all amounts in use.
    rest *= 10;
    quotient = quotient * 10 + rest / by;
    rest %= by;
  }
  return DecimalText(negative ? -quotient : quotient, scale);
}

}  // namespace switchyard::simulator::engine
